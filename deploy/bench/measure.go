package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"attune/deploy/bench/load"
	"attune/deploy/bench/proc"
	"attune/deploy/bench/stage"
	"attune/deploy/bench/talk"
)

// Measurement is one proxy in one scenario of one round. Figures that the
// scenario or the proxy does not have are 0.
type Measurement struct {
	Round    int    `json:"round"` // from 0
	Scenario string `json:"scenario"`
	Proxy    string `json:"proxy"`

	Load       load.Result     `json:"load,omitzero"`
	Handshakes load.Handshakes `json:"handshakes"`
	// CPU is the proxy's processor time for one message and its reply, or for
	// one handshake in idle, in microseconds.
	CPU float64 `json:"cpu_us"`
	// Base is the proxy's memory in bytes before the first session; Opened, Used
	// and Talked are what a session adds when it was opened, after one message,
	// and, for Attune, after `talks` of them.
	Base   int64   `json:"base_bytes,omitempty"`
	Opened float64 `json:"opened_bytes,omitempty"`
	Used   float64 `json:"used_bytes,omitempty"`
	Talked float64 `json:"talked_bytes,omitempty"`
	// Socket is what the kernel's small objects grew by a socket, whoever's.
	Socket float64 `json:"socket_bytes,omitempty"`

	Redis Redis `json:"redis,omitzero"`
}

// Redis is what Attune asked of it.
type Redis struct {
	CPU     float64 `json:"cpu_us"`  // microseconds a message
	Calls   float64 `json:"calls"`   // commands a message, those inside scripts included
	Scripts float64 `json:"scripts"` // calls of scripts a message
	// Bytes is what a session of `talks` messages takes.
	Bytes float64 `json:"bytes,omitempty"`
}

// bench measures on a stage.
type bench struct {
	settings
	stage *stage.Stage
	runs  int // for names of conversations
}

func (b *bench) script() talk.Script { return talk.Script{Stiff: b.Stiff} }

// moment is what was used up to a moment.
type moment struct {
	cpu, redis time.Duration
	store      stored
}

// watch reads moments of a show.
type watch struct {
	show    *stage.Show
	client  *redis.Client // nil without Redis
	moments []moment
	err     error
}

func newWatch(show *stage.Show) *watch {
	w := &watch{show: show}
	if show.RedisAddress != "" {
		w.client = redis.NewClient(&redis.Options{Addr: show.RedisAddress})
	}
	return w
}

func (w *watch) close() {
	if w.client != nil {
		_ = w.client.Close()
	}
}

// look takes note of a moment.
func (w *watch) look(ctx context.Context) {
	var m moment
	proxy, err := proc.Take(proc.Root, w.show.Proxy, false)
	m.cpu = proxy.CPU
	if err == nil && w.client != nil {
		var server proc.Sample
		server, err = proc.Take(proc.Root, w.show.Redis, false)
		m.redis = server.CPU
		if err == nil {
			m.store, err = store(ctx, w.client)
		}
	}
	w.moments = append(w.moments, m)
	w.err = errors.Join(w.err, err)
}

// per divides what was used between the first two moments by n.
func (w *watch) per(n int) (cpu float64, r Redis) {
	if len(w.moments) < 2 || n == 0 {
		return 0, r
	}
	a, z, by := w.moments[0], w.moments[1], float64(n)
	r = Redis{
		CPU: micros(z.redis-a.redis) / by, Calls: float64(z.store.calls-a.store.calls) / by,
		Scripts: float64(z.store.scripts-a.store.scripts) / by,
	}
	return micros(z.cpu-a.cpu) / by, r
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// dial opens a crowd in front of a show.
func (b *bench) dial(ctx context.Context, show *stage.Show, widgets int) (*load.Crowd, error) {
	b.runs++
	return load.Dial(ctx, load.Config{Address: show.Address, Widgets: widgets, Run: "r" + strconv.Itoa(b.runs), Script: b.script()})
}

// measure loads a show with messages.
func (b *bench) measure(ctx context.Context, show *stage.Show, sc scenario) (Measurement, error) {
	m := Measurement{Scenario: sc.name, Proxy: show.Name}
	before, err := judged(ctx, show)
	if err != nil {
		return m, err
	}
	crowd, err := b.dial(ctx, show, sc.widgets)
	if err != nil {
		return m, err
	}
	defer crowd.Close()
	m.Handshakes = crowd.Handshakes
	w := newWatch(show)
	defer w.close()
	window := load.Window{Warm: b.Warm, Length: b.Window, Edge: func() { w.look(ctx) }}
	if sc.rate > 0 {
		m.Load, err = crowd.Open(ctx, sc.rate, window)
	} else {
		m.Load, err = crowd.Closed(ctx, window)
	}
	if err = errors.Join(err, w.err); err != nil {
		return m, err
	}
	m.CPU, m.Redis = w.per(m.Load.Messages)
	return m, b.everythingOn(ctx, show, before, m.Load)
}

// idle opens many sessions of a show that is fresh, and looks at what they
// take.
func (b *bench) idle(ctx context.Context, show *stage.Show) (Measurement, error) {
	m := Measurement{Scenario: "idle", Proxy: show.Name}
	w := newWatch(show)
	defer w.close()
	if err := b.settle(ctx, show); err != nil {
		return m, err
	}
	slab, err := proc.Slab(proc.Root)
	if err != nil {
		return m, err
	}
	base, err := proc.Take(proc.Root, show.Proxy, true)
	if err != nil {
		return m, err
	}
	m.Base = base.PSS
	// grown is what a session has added to the proxy's memory.
	grown := func() (float64, error) {
		pause(ctx, b.Hold)
		s, err := proc.Take(proc.Root, show.Proxy, true)
		return float64(s.PSS-base.PSS) / float64(b.Sessions), err
	}
	w.look(ctx)
	crowd, err := b.dial(ctx, show, b.Sessions)
	if err != nil {
		return m, err
	}
	defer crowd.Close()
	w.look(ctx)
	m.Handshakes = crowd.Handshakes
	m.CPU, _ = w.per(b.Sessions)
	if m.Opened, err = grown(); err != nil {
		return m, err
	}
	slabOpen, err := proc.Slab(proc.Root)
	if err != nil {
		return m, err
	}
	m.Socket = float64(slabOpen-slab) / float64(b.Sessions*sockets(show))
	if err := crowd.Exchange(ctx, 1); err != nil {
		return m, err
	}
	if m.Used, err = grown(); err != nil || w.client == nil {
		return m, errors.Join(err, w.err)
	}
	if err := crowd.Exchange(ctx, talks-1); err != nil {
		return m, err
	}
	pause(ctx, 2*time.Second) // the flush comes within one
	if m.Talked, err = grown(); err != nil {
		return m, err
	}
	w.look(ctx)
	m.Redis.Bytes = float64(w.moments[2].store.memory-w.moments[0].store.memory) / float64(b.Sessions)
	return m, w.err
}

// settle waits until a proxy has all it needs without sessions. Attune drops
// what it needed to read its rules, which would otherwise be memory that the
// first sessions seem not to need.
func (b *bench) settle(ctx context.Context, show *stage.Show) error {
	if show.Admin != "" {
		if _, err := get(ctx, "http://"+show.Admin+"/debug/pprof/heap?gc=1"); err != nil {
			return err
		}
	}
	pause(ctx, b.Hold)
	return nil
}

// sockets is how many ends of connections a session of a show has, both peers'
// included.
func sockets(show *stage.Show) int {
	if show.Name == "direct" {
		return 2
	}
	return 4
}

// judgedSeries counts the utterances that were read and judged.
const judgedSeries = `attune_messages_total{direction="upstream",role="customer"}`

// judged is how many utterances Attune has judged; 0 for others. That it let
// messages pass without is an error.
func judged(ctx context.Context, show *stage.Show) (int, error) {
	if show.Admin == "" {
		return 0, nil
	}
	metrics, err := scrape(ctx, show.Admin)
	if err != nil {
		return 0, err
	}
	for name, value := range metrics {
		if strings.HasPrefix(name, "attune_fail_open_total{") && value > 0 {
			return 0, fmt.Errorf("%s is %v: messages went by the rules", name, value)
		}
	}
	return int(metrics[judgedSeries]), nil
}

// everythingOn checks that Attune has judged every utterance and reworded every
// reply that called for it, and that others have changed none. Otherwise the
// figures are of something else.
func (b *bench) everythingOn(ctx context.Context, show *stage.Show, before int, r load.Result) error {
	want := 0
	if show.Name == "attune" {
		after, err := judged(ctx, show)
		if err != nil {
			return err
		}
		if after-before < r.Sent {
			return fmt.Errorf("attune judged %d of %d utterances", after-before, r.Sent)
		}
		want = int(math.Floor(0.95 * b.Stiff * float64(r.Sent)))
	}
	if r.Reworded < want || want == 0 && r.Reworded > 0 {
		return fmt.Errorf("%s reworded %d of %d replies, want %d or more", show.Name, r.Reworded, r.Sent, want)
	}
	return nil
}

// get reads an address of Attune's admin listener.
func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: %s", url, resp.Status)
	}
	return data, nil
}

// scrape reads the series of a /metrics.
func scrape(ctx context.Context, admin string) (map[string]float64, error) {
	data, err := get(ctx, "http://"+admin+"/metrics")
	if err != nil {
		return nil, err
	}
	series := map[string]float64{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		space := strings.LastIndexByte(line, ' ')
		if space < 0 || line[0] == '#' {
			continue
		}
		if n, err := strconv.ParseFloat(line[space+1:], 64); err == nil {
			series[line[:space]] = n
		}
	}
	return series, nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
