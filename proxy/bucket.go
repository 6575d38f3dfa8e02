package proxy

import "time"

// bucket is a token bucket that is handed the time. The zero value, and one of
// rate 0, lets everything through.
type bucket struct {
	rate, burst, tokens float64
	at                  instant
}

// newBucket returns a full bucket: rate messages a second, burst at once.
func newBucket(rate, burst int, now time.Time) bucket {
	return bucket{rate: float64(rate), burst: float64(max(burst, rate)), tokens: float64(max(burst, rate)), at: instantOf(now)}
}

// take takes one token, if there is one.
func (b *bucket) take(now time.Time) bool {
	if b.rate == 0 {
		return true
	}
	b.tokens = min(b.burst, b.tokens+b.at.ago(now).Seconds()*b.rate)
	b.at = instantOf(now)
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
