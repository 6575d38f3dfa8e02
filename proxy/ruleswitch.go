package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"attune/metrics"
	"attune/proxy/session"
	"attune/rules"
)

// offKey is where the nodes keep in Redis which rules are switched off: a hash
// of rule ids to who did it. It has no TTL: a rule that is off stays off until
// somebody switches it on.
const offKey = "attune:rules:off"

// kindRules is the event that says that offKey has changed.
const kindRules = "rules"

// ruleSwitches are the kill switches of rules: what operators switched off at
// run time, over and above what the packs say, in every set. Server.reloading guards all but syncing.
type ruleSwitches struct {
	base  [slotCount]*rules.Set // as they were loaded, by metrics.Slot
	share float64               // of the canary
	off   map[string]string     // rule id -> who switched it off
	// unstored are changes that Redis does not have yet; "" = switched on.
	unstored map[string]string
	strange  string // desks that were told of: rules name them, the file of desks does not

	// syncing keeps what was read of Redis first from coming into force last.
	// Whoever needs both takes it before reloading.
	syncing sync.Mutex
}

// enforce puts the loaded sets in force, without what is switched off, and
// returns the active one. reloading is held.
func (s *Server) enforce() *rules.Set {
	off := slices.Sorted(maps.Keys(s.switches.off))
	now := &inForce{share: s.switches.share}
	for slot, base := range s.switches.base {
		if base != nil {
			now.sets[slot] = base.Without(off...)
		}
	}
	s.rules.Store(now)
	s.tellStrangeDesks(now)
	for slot, set := range now.sets { // behind it: what the metrics show is in force
		digest := ""
		if set != nil {
			digest = set.Digest()
		}
		s.metrics.Rules(metrics.Slot(slot), digest) //nolint:gosec // there are three slots
	}
	known := 0
	for _, id := range s.switches.ids() {
		if _, off := s.switches.off[id]; off {
			known++
		}
	}
	s.metrics.RulesOff(known)
	// From 0 on, since the first time that a counter is seen is no growth: a crisis may come once in a node's life.
	now.sets[metrics.Active].Decides(func(rule string, d rules.Decision) { s.metrics.Rule(rule).Decision(decisionOf(d)) })
	return now.sets[metrics.Active]
}

// ids are those of the rules of all sets, sorted.
func (w *ruleSwitches) ids() []string {
	var ids []string
	for _, set := range w.base {
		if set == nil {
			continue
		}
		for _, r := range set.Rules() {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// switchRule switches a rule off for by, or on when by is "". That is in force
// here at once; stored tells whether the other nodes know, who else follow when
// the store answers again. known is false for an id that no rule has.
func (s *Server) switchRule(ctx context.Context, id, by string) (known, stored bool) {
	s.reloading.Lock()
	if _, known = slices.BinarySearch(s.switches.ids(), id); known {
		s.switches.unstored[id] = by
		s.overlay(s.switches.off)
		s.enforce()
	}
	s.reloading.Unlock()
	if !known {
		return false, false
	}
	return true, s.storeSwitches(ctx) == nil
}

// overlay lays what is not stored yet over switches.
func (s *Server) overlay(off map[string]string) {
	for id, by := range s.switches.unstored {
		if by == "" {
			delete(off, id)
		} else {
			off[id] = by
		}
	}
	s.switches.off = off
}

// storeSwitches writes what Redis does not have yet and tells the other nodes.
func (s *Server) storeSwitches(ctx context.Context) error {
	s.reloading.Lock()
	changes := maps.Clone(s.switches.unstored)
	s.reloading.Unlock()
	if len(changes) == 0 {
		return nil
	}
	pipe := s.cfg.Store.Client().Pipeline()
	for id, by := range changes {
		if by == "" {
			pipe.HDel(ctx, offKey, id)
		} else {
			pipe.HSet(ctx, offKey, id, by)
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("store the switches of rules: %w", err)
	}
	s.reloading.Lock()
	for id, by := range changes {
		if s.switches.unstored[id] == by {
			delete(s.switches.unstored, id)
		}
	}
	s.reloading.Unlock()
	return s.cfg.Store.Publish(ctx, session.Event{Kind: kindRules})
}

// syncSwitches does as the nodes have agreed in Redis: when they say that
// something has changed, and with every mend, since events may be missed.
func (s *Server) syncSwitches() {
	s.switches.syncing.Lock()
	defer s.switches.syncing.Unlock()
	ctx, cancel := s.within(context.Background(), storeWait)
	defer cancel()
	if s.storeSwitches(ctx) != nil {
		return // the next look brings it along
	}
	off, err := s.cfg.Store.Client().HGetAll(ctx, offKey).Result()
	if err != nil {
		return // what is in force stays; there is a look every few seconds
	}
	s.reloading.Lock()
	defer s.reloading.Unlock()
	before := s.switches.off
	s.overlay(off)
	if maps.Equal(before, s.switches.off) {
		return
	}
	set := s.enforce()
	s.log.Info("switched rules as on the other nodes", "off", len(s.switches.off), "digest", set.Digest())
}

// ruleState is one rule as GET /-/rules shows it.
type ruleState struct {
	ID     string  `json:"id"`
	Kind   string  `json:"kind"`
	Pack   string  `json:"pack"`
	Locale string  `json:"locale"`
	Mode   string  `json:"mode"`
	Off    bool    `json:"off"`
	By     string  `json:"by,omitempty"`
	Fires  float64 `json:"fires"`
	What   string  `json:"what"`
}

// listRules answers with every rule of the active set and its switch, and with
// those that only another set has.
func (s *Server) listRules(w http.ResponseWriter, _ *http.Request) {
	s.reloading.Lock()
	base, off := s.switches.base, maps.Clone(s.switches.off)
	s.reloading.Unlock()
	body := struct {
		Digest string      `json:"digest"`
		Rules  []ruleState `json:"rules"`
	}{s.Rules().Digest(), []ruleState{}}
	type name struct{ id, kind, pack, locale string }
	listed := map[name]bool{}
	for _, set := range base {
		if set == nil {
			continue
		}
		for _, r := range set.Rules() {
			n := name{r.ID, r.Kind, r.Pack, r.Locale}
			if listed[n] {
				continue
			}
			listed[n] = true
			by, isOff := off[r.ID]
			body.Rules = append(body.Rules, ruleState{
				ID: r.ID, Kind: r.Kind, Pack: r.Pack, Locale: r.Locale, Mode: r.Mode, Off: isOff, By: by,
				Fires: s.metrics.Fires(r.ID), What: r.What,
			})
		}
	}
	writeJSON(w, http.StatusOK, body)
}

// ruleSwitch answers POST /-/rules/{id}/off and on.
func (s *Server) ruleSwitch(off bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, who, by := r.PathValue("id"), s.asker(r), ""
		if off {
			by = who
		}
		ctx, cancel := s.within(r.Context(), storeWait)
		defer cancel()
		known, stored := s.switchRule(ctx, id, by)
		if !known {
			answer(w, http.StatusNotFound, "no rule has this id; GET /-/rules lists them")
			return
		}
		s.log.Warn("rule switched", "rule", id, "off", off, "by", who, "stored", stored)
		writeJSON(w, http.StatusOK, struct {
			Rule   string `json:"rule"`
			Off    bool   `json:"off"`
			Digest string `json:"digest"`
			// AllNodes tells that the other nodes follow; else they do once the store answers.
			AllNodes bool `json:"all_nodes"`
		}{id, off, s.Rules().Digest(), stored})
	}
}

// asker names who sends a request: the holder of its token, else its address.
func (s *Server) asker(r *http.Request) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && s.cfg.Who != nil {
		if name := s.cfg.Who(token); name != "" {
			return name
		}
	}
	return "address " + r.RemoteAddr
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
