package lab

import "time"

// HourLoad is what one hour of the day brings, over all days of the recordings.
type HourLoad struct {
	// Hour is from 0 to 23, in the zone that the recordings are written in.
	Hour int `json:"hour"`
	// Dialogues began in it.
	Dialogues int `json:"dialogues"`
	// Offers and Persons count the dialogues that were offered or given a person, by the turn of that.
	Before Load `json:"before"`
	After  Load `json:"after"`
}

// Load is what reaches agents under one set.
type Load struct {
	Offers  int `json:"offers"`
	Persons int `json:"persons"`
}

func (l *Load) add(level, n int) {
	switch level {
	case offered:
		l.Offers += n
	case person:
		l.Persons += n
	}
}

// hours counts by the hour, as far as times are recorded.
type hours struct {
	of      [24]HourLoad
	timed   int // dialogues whose turns have times
	seen    map[int64]*[2]int
	busiest [2]int
}

// add counts a dialogue by the times of its turns.
func (h *hours) add(d *Dialogue, was, is *ending) {
	if len(d.Turns) == 0 || d.Turns[0].At.IsZero() {
		return
	}
	if h.seen == nil {
		h.seen = map[int64]*[2]int{}
	}
	h.timed++
	begin := d.Turns[0].At
	h.of[begin.Hour()].Dialogues++
	h.calendar(begin)
	for i, e := range [...]*ending{was, is} {
		at := d.Turns[e.turn].At
		if e.level == nothing || at.IsZero() {
			continue
		}
		x := &h.of[at.Hour()]
		load := &x.Before
		if i == 1 {
			load = &x.After
		}
		load.add(e.level, 1)
		if c := h.calendar(at); e.level == person {
			c[i]++
			h.busiest[i] = max(h.busiest[i], c[i])
		}
	}
}

// calendar is the hour of a calendar that a time lies in: how many people it took under each set.
func (h *hours) calendar(at time.Time) *[2]int {
	hour := at.Unix() / 3600
	c, ok := h.seen[hour]
	if !ok {
		c = &[2]int{}
		h.seen[hour] = c
	}
	return c
}
