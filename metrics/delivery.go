package metrics

import "github.com/prometheus/client_golang/prometheus"

// Delivery is what became of an attempt to tell a desk something, or of the mail
// as a whole.
type Delivery uint8

// The outcomes of deliveries.
const (
	DeliveryOK     Delivery = iota // the receiver took it
	DeliveryFailed                 // an attempt failed, and there may be another
	DeliveryDead                   // there will be no other: it is a dead letter
)

var deliveries = [...]string{DeliveryOK: "ok", DeliveryFailed: "failed", DeliveryDead: "dead"}

// String returns the label value: "ok", "failed" or "dead".
func (d Delivery) String() string { return name(deliveries[:], d) }

// Courier counts what one desk of another system is told.
type Courier struct {
	Seconds prometheus.Observer // of one attempt

	outcomes [len(deliveries)]prometheus.Counter
}

// Courier returns the handles of a desk, always the same for an id.
func (m *Metrics) Courier(desk string) *Courier { return m.couriers.get(desk) }

// Delivery counts an attempt, or a mail that is given up.
func (c *Courier) Delivery(d Delivery) { c.outcomes[d].Inc() }

func (b builder) couriers() func(string) *Courier {
	outcomes := b.counters("attune_deliveries_total", "Attempts to tell a desk of another system something, by desk and outcome ("+list(deliveries[:])+": mail that is not tried any more).", "desk", "outcome")
	seconds := b.histograms("attune_delivery_seconds", "Seconds that attempts to tell a desk something took, by desk.", dialBuckets, "desk")
	return func(desk string) *Courier {
		c := &Courier{Seconds: seconds.WithLabelValues(desk)}
		for i, v := range deliveries {
			c.outcomes[i] = outcomes.WithLabelValues(desk, v)
		}
		return c
	}
}
