package proxy

import "time"

// instant is a moment of this process: nanoseconds, on the clock that never
// jumps, since it began. The zero instant is none. A bridge at rest keeps many of
// them, for which a time.Time would take three times the room.
type instant int64

// began is a moment before all that are kept.
var began = time.Now().Add(-time.Second)

func instantOf(t time.Time) instant {
	if t.IsZero() {
		return 0
	}
	return instant(t.Sub(began))
}

// time is the moment as a time, the zero time for none.
func (i instant) time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return began.Add(time.Duration(i))
}

// after is a moment so much later.
func (i instant) after(d time.Duration) time.Time { return i.time().Add(d) }

// ago is how much time has passed since then.
func (i instant) ago(now time.Time) time.Duration { return now.Sub(i.time()) }
