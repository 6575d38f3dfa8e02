package metrics_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"attune/metrics"
)

// The README and the help text name every value of the closed label sets.
func TestClosedSetsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, rest, ok := strings.Cut(strings.TrimPrefix(line, "| "), " |"); ok {
			rows[name] = rest
		}
	}
	free := []string{"rule", "ask", "touchpoint", "feeling", "proxy", "profile", "desk", "op", "digest", "version", "goversion", "code"}
	reg := prometheus.NewRegistry()
	exercise(metrics.New(reg))
	for _, f := range gather(t, reg) {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if slices.Contains(free, l.GetName()) {
					continue
				}
				if !strings.Contains(rows[f.GetName()], "`"+l.GetValue()+"`") {
					t.Errorf("%s: README does not name %s=%q", f.GetName(), l.GetName(), l.GetValue())
				}
				if !strings.Contains(f.GetHelp(), l.GetValue()) {
					t.Errorf("%s: the help text does not name %s=%q", f.GetName(), l.GetName(), l.GetValue())
				}
			}
		}
	}
}

func TestLint(t *testing.T) {
	reg := prometheus.NewRegistry()
	exercise(metrics.New(reg))
	problems, err := testutil.GatherAndLint(reg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, name := range []string{"go_goroutines", "process_cpu_seconds_total"} {
		if n, err := testutil.GatherAndCount(reg, name); err != nil || n != 1 {
			t.Errorf("%s: %d series, error %v", name, n, err)
		}
	}
}

func TestClosedSetsStartAtZero(t *testing.T) {
	reg := prometheus.NewRegistry()
	metrics.New(reg)
	for name, want := range map[string]int{
		"attune_messages_total": 10, "attune_upgrades_total": 10, "attune_floor_changes_total": 4, "attune_promises_total": 4, "attune_silence_total": 8,
		"attune_fail_open_total": 8, "attune_wire_unread_total": 7, "attune_http_requests_total": 11, "attune_session_score": 3, "attune_rules_reloads_total": 2,
		"attune_added_latency_seconds": 2, "attune_stream_held_seconds": 4, "attune_degraded": 1, "attune_signals_total": 0,
	} {
		if n, err := testutil.GatherAndCount(reg, name); err != nil || n != want {
			t.Errorf("%s: %d series before anything happened, want %d (error %v)", name, n, want, err)
		}
	}
}

func TestCounting(t *testing.T) {
	tests := []struct {
		name, metric string
		do           func(m *metrics.Metrics)
		want         string
	}{
		{"upgrade", "attune_upgrades_total", func(m *metrics.Metrics) { m.Upgrade(metrics.UpgradeOrigin) }, `result=origin`},
		{"message", "attune_messages_total", func(m *metrics.Metrics) { m.Messages[metrics.Down][metrics.Bot].Inc() }, `direction=downstream role=bot`},
		{"close by number", "attune_closes_total", func(m *metrics.Metrics) { m.Close(1009, metrics.SideAttune) }, `code=1009 side=attune`},
		{"close of a library", "attune_closes_total", func(m *metrics.Metrics) { m.Close(3008, metrics.SideBackend) }, `code=3xxx side=backend`},
		{"close of an application", "attune_closes_total", func(m *metrics.Metrics) { m.Close(4711, metrics.SideWidget) }, `code=4xxx side=widget`},
		{"close with a code nobody may send", "attune_closes_total", func(m *metrics.Metrics) { m.Close(1004, metrics.SideWidget) }, `code=other side=widget`},
		{"signal", "attune_signals_total", func(m *metrics.Metrics) { m.Rule("thanks").Signal().Inc() }, `rule=thanks`},
		{"decision", "attune_decisions_total", func(m *metrics.Metrics) { m.Rule("two-failures").Decision(metrics.Offer).Inc() }, `decision=offer rule=two-failures`},
		{"rewrite", "attune_rewrites_total", func(m *metrics.Metrics) { m.Rule("refusal").Rewrite(metrics.RewriteFacts).Inc() }, `outcome=facts rule=refusal`},
		{"ask", "attune_asks_total", func(m *metrics.Metrics) { m.Ask("connect").Inc(metrics.AskDeclined) }, `ask=connect outcome=declined`},
		{"floor", "attune_floor_changes_total", func(m *metrics.Metrics) { m.Floor(metrics.FloorAgent) }, `to=agent`},
		{"handoff", "attune_handoffs_total", func(m *metrics.Metrics) { m.Desk("support").Handoff(metrics.HandoffAbandoned) }, `desk=support state=abandoned`},
		{"delivery", "attune_deliveries_total", func(m *metrics.Metrics) { m.Courier("help").Delivery(metrics.DeliveryDead) }, `desk=help outcome=dead`},
		{"promise", "attune_promises_total", func(m *metrics.Metrics) { m.Promise(metrics.PromiseBroken) }, `outcome=broken`},
		{"backend back", "attune_backend_reconnects_total", func(m *metrics.Metrics) { m.Profile("json").Rejoin(metrics.RejoinOK) }, `profile=json result=ok`},
		{"late frame", "attune_late_frames_dropped_total", func(m *metrics.Metrics) { m.Profile("json").LateDropped.Inc() }, `profile=json`},
		{"fail open", "attune_fail_open_total", func(m *metrics.Metrics) { m.FailOpen(metrics.FailFloor) }, `reason=floor`},
		{"HTTP request", "attune_http_requests_total", func(m *metrics.Metrics) { m.Request(metrics.RequestAnswered) }, `result=answered`},
		{"unread", "attune_wire_unread_total", func(m *metrics.Metrics) { m.Unread(metrics.UnreadBinary) }, `reason=binary`},
		{"opened", "attune_sessions_opened_total", func(m *metrics.Metrics) { m.Opened(metrics.OpenedUnbound) }, `outcome=unbound`},
		{"store error", "attune_store_errors_total", func(m *metrics.Metrics) { m.Store("flush").Errors.Inc() }, `op=flush`},
		{"good reload", "attune_rules_reloads_total", func(m *metrics.Metrics) { m.Reloaded(true, time.Unix(7, 0)) }, `result=ok`},
		{"bad reload", "attune_rules_reloads_total", func(m *metrics.Metrics) { m.Reloaded(false, time.Unix(7, 0)) }, `result=error`},
		{"touchpoint", "attune_touchpoint_sessions_total", func(m *metrics.Metrics) { m.Touchpoint("billing").Ended() }, `touchpoint=billing`},
		{"answer", "attune_touchpoint_answers_total", func(m *metrics.Metrics) { m.Touchpoint("billing").Answer(metrics.AnswerNo) }, `outcome=no touchpoint=billing`},
		{"feeling", "attune_touchpoint_feelings_total", func(m *metrics.Metrics) { m.Touchpoint("billing").Feeling("calm", true) }, `feeling=calm outcome=yes touchpoint=billing`},
		{"proxy", "attune_touchpoint_proxies_total", func(m *metrics.Metrics) { m.Touchpoint("billing").Proxy("restated-facts", false) }, `outcome=no proxy=restated-facts touchpoint=billing`},
		{"panic", "attune_panics_total", (*metrics.Metrics).Panic, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			tt.do(metrics.New(reg))
			if got := nonZero(t, reg, tt.metric); !slices.Equal(got, []string{tt.want}) {
				t.Errorf("%s: counted %q, want 1 at %q", tt.metric, got, tt.want)
			}
		})
	}
}

func TestObserving(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := metrics.New(reg)
	exercise(m)
	seen := 0
	for _, f := range gather(t, reg) {
		if f.GetType() != dto.MetricType_HISTOGRAM || !strings.HasPrefix(f.GetName(), "attune_") {
			continue
		}
		seen++
		for _, s := range f.GetMetric() {
			h := s.GetHistogram()
			if len(h.GetBucket()) == 0 {
				t.Errorf("%s: no classic buckets", f.GetName())
			}
			if h.GetSampleCount() > 0 && len(h.GetPositiveSpan()) == 0 {
				t.Errorf("%s: no native buckets", f.GetName())
			}
		}
	}
	if want := 8; seen != want {
		t.Errorf("%d histograms, want %d", seen, want)
	}
}

func TestRulesInForce(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := metrics.New(reg)
	m.Rules(metrics.Active, "aaa")
	m.Rules(metrics.Shadow, "bbb")
	m.Rules(metrics.Active, "ccc")
	if got, want := nonZero(t, reg, "attune_rules_info"), []string{"digest=bbb slot=shadow", "digest=ccc slot=active"}; !slices.Equal(got, want) {
		t.Errorf("after a change: %q, want %q", got, want)
	}
	m.Rules(metrics.Shadow, "")
	if got, want := nonZero(t, reg, "attune_rules_info"), []string{"digest=ccc slot=active"}; !slices.Equal(got, want) {
		t.Errorf("after emptying shadow: %q, want %q", got, want)
	}
}

func TestAimsOfTheRulesInForce(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := metrics.New(reg)
	m.Aims([]metrics.Aim{{Touchpoint: "old", Target: 0.5}})
	m.Aims([]metrics.Aim{{
		Touchpoint: "billing", Target: 1, Feelings: []string{"calm"},
		Proxies: []metrics.ProxyAim{{Name: "restated-facts", AtMost: true, Share: 1}, {Name: "way-out-by-failure-2", Share: 1}},
	}})
	if got, want := nonZero(t, reg, "attune_touchpoint_target_ratio"), []string{"touchpoint=billing"}; !slices.Equal(got, want) {
		t.Errorf("targets %q, want %q", got, want)
	}
	want := []string{"bound=least proxy=way-out-by-failure-2 touchpoint=billing", "bound=most proxy=restated-facts touchpoint=billing"}
	if got := nonZero(t, reg, "attune_touchpoint_proxy_target_ratio"); !slices.Equal(got, want) {
		t.Errorf("targets of proxies %q, want %q", got, want)
	}
	for name, want := range map[string]int{"attune_touchpoint_feelings_total": 2, "attune_touchpoint_proxies_total": 4, "attune_touchpoint_answers_total": 8} {
		if n, err := testutil.GatherAndCount(reg, name); err != nil || n != want {
			t.Errorf("%s: %d series before anything happened, want %d (error %v)", name, n, want, err)
		}
	}
}

func TestStoreMode(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := metrics.New(reg)
	m.StoreMode("embedded")
	m.StoreMode("single")
	if got, want := nonZero(t, reg, "attune_store_info"), []string{"mode=single"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Rule sets come and go; their ids must not fill the memory of a scraper.
func TestIDsAreCapped(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := metrics.New(reg)
	for i := range metrics.MaxIDs + 50 {
		m.Rule(fmt.Sprintf("rule-%d", i)).Signal().Inc()
	}
	if n, err := testutil.GatherAndCount(reg, "attune_signals_total"); err != nil || n != metrics.MaxIDs+1 {
		t.Errorf("%d series, want %d (error %v)", n, metrics.MaxIDs+1, err)
	}
	if got := testutil.ToFloat64(m.Rule("yet-another").Signal()); got != 50 {
		t.Errorf("%q counts %v, want 50", metrics.OtherID, got)
	}
	if got := testutil.ToFloat64(m.Rule("rule-3").Signal()); got != 1 {
		t.Errorf("an id from before the cap counts %v, want 1", got)
	}
}

func TestFires(t *testing.T) {
	m := metrics.New(nil)
	m.Rule("refusal").Rewrite(metrics.RewriteApplied).Inc()
	m.Rule("refusal").Rewrite(metrics.RewriteFacts).Inc()
	m.Rule("refusal").Signal().Add(2)
	m.Rule("refusal").Decision(metrics.Offer).Inc()
	if got := m.Fires("refusal"); got != 4 {
		t.Errorf("fired %v times, want 4", got)
	}
	if got := m.Fires("never"); got != 0 {
		t.Errorf("a rule that never fired did %v times", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	m := metrics.New(nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				m.Rule(fmt.Sprint("r", i%10)).Signal().Inc()
				m.Messages[metrics.Up][metrics.Customer].Inc()
			}
		})
	}
	wg.Wait()
	if got := testutil.ToFloat64(m.Rule("r3").Signal()); got != 160 {
		t.Errorf("rule counted %v times, want 160", got)
	}
	if got := testutil.ToFloat64(m.Messages[metrics.Up][metrics.Customer]); got != 1600 {
		t.Errorf("messages counted %v times, want 1600", got)
	}
}

func TestNoAllocationPerMessage(t *testing.T) {
	m := metrics.New(nil)
	m.Rule("x").Signal()
	m.AddedLatency[metrics.Down].Observe(0.000_1)
	if n := testing.AllocsPerRun(100, func() {
		m.Messages[metrics.Down][metrics.Bot].Inc()
		m.AddedLatency[metrics.Down].Observe(0.000_1)
		m.Rule("x").Signal().Inc()
		m.FailOpen(metrics.FailWire)
	}); n != 0 {
		t.Errorf("%v allocations for one message, want 0", n)
	}
}

func TestParse(t *testing.T) {
	for i := metrics.RewriteApplied; i <= metrics.RewriteSpent; i++ {
		if got, ok := metrics.ParseRewrite(i.String()); !ok || got != i {
			t.Errorf("ParseRewrite(%q) = %v, %v", i.String(), got, ok)
		}
	}
	for i := metrics.HandoffRequested; i <= metrics.HandoffFailed; i++ {
		if got, ok := metrics.ParseHandoff(i.String()); !ok || got != i {
			t.Errorf("ParseHandoff(%q) = %v, %v", i.String(), got, ok)
		}
	}
	if _, ok := metrics.ParseRewrite("nonsense"); ok {
		t.Error("ParseRewrite accepts nonsense")
	}
	if _, ok := metrics.ParseHandoff(""); ok {
		t.Error("ParseHandoff accepts the empty string")
	}
	if up, down := metrics.Up.String(), metrics.Down.String(); up != "upstream" || down != "downstream" {
		t.Errorf("the directions read %q and %q", up, down)
	}
	if got := metrics.Role(99).String(); got != "other" {
		t.Errorf("a role outside the set reads %q", got)
	}
}

func BenchmarkMessage(b *testing.B) {
	m := metrics.New(nil)
	b.ReportAllocs()
	for b.Loop() {
		m.Messages[metrics.Down][metrics.Bot].Inc()
		m.AddedLatency[metrics.Down].Observe(0.000_04)
		m.Rule("bot-fallback").Signal().Inc()
	}
}

// exercise counts everything at least once.
func exercise(m *metrics.Metrics) {
	m.Upgrade(metrics.UpgradeOK)
	m.Aims([]metrics.Aim{{Touchpoint: "billing", Target: 0.8, Feelings: []string{"calm"}, Proxies: []metrics.ProxyAim{{Name: "a", AtMost: true, Share: 0.1}, {Name: "b", Share: 0.9}}}})
	m.Close(1000, metrics.SideWidget)
	m.AddedLatency[metrics.Up].Observe(0.000_3)
	m.Ended(metrics.EndedWithAgent, 7)
	m.Rules(metrics.Active, "abc")
	m.Rules(metrics.Shadow, "abd")
	m.Rules(metrics.Canary, "abe")
	m.StoreMode("embedded")
	m.Courier("help").Seconds.Observe(0.2)
	p := m.Profile("json")
	p.Sessions.Inc()
	p.Bridges.Inc()
	p.Dial.Observe(0.01)
	p.Reply.Observe(0.5)
	p.LateDropped.Inc()
	r := m.Rule("x")
	r.Signal().Inc()
	for d := metrics.Offer; d <= metrics.Crisis; d++ {
		r.Decision(d).Inc()
	}
	for o := metrics.RewriteApplied; o <= metrics.RewriteSpent; o++ {
		r.Rewrite(o).Inc()
	}
	for at := metrics.Active; at <= metrics.Canary; at++ {
		r := m.Slot(at).Rule("x")
		r.Signal().Inc()
		r.Decision(metrics.Offer).Inc()
		r.Rewrite(metrics.RewriteApplied).Inc()
	}
	m.Ask("connect").Inc(metrics.AskOpened)
	d := m.Desk("support")
	d.Depth.Set(1)
	d.OldestWait.Set(2)
	d.Handoff(metrics.HandoffQueued)
	d.Waited(metrics.WaitAbandoned, 30)
	s := m.Store("flush")
	s.Seconds.Observe(0.001)
	s.Errors.Inc()
}

// collectors lists what New registers under our name, as "name|type|labels",
// sorted.
func collectors() []string {
	var rec recorder
	metrics.New(&rec)
	slices.Sort(rec)
	return rec
}

// recorder is a registerer that only reads what it is given.
type recorder []string

var desc = regexp.MustCompile(`fqName: "(attune_[a-z_]+)".*variableLabels: \{([a-z_,]*)\}`)

func (r *recorder) Register(c prometheus.Collector) error { r.MustRegister(c); return nil }
func (r *recorder) Unregister(prometheus.Collector) bool  { return false }
func (r *recorder) MustRegister(cs ...prometheus.Collector) {
	for _, c := range cs {
		var kind string
		switch c.(type) {
		case *prometheus.CounterVec:
			kind = "counter"
		case *prometheus.GaugeVec:
			kind = "gauge"
		case *prometheus.HistogramVec:
			kind = "histogram"
		}
		ch := make(chan *prometheus.Desc, 1000)
		c.Describe(ch)
		close(ch)
		for d := range ch {
			if f := desc.FindStringSubmatch(d.String()); f != nil {
				labels := f[2]
				if labels == "" {
					labels = "-"
				}
				*r = append(*r, f[1]+"|"+kind+"|"+labels)
			}
		}
	}
}

func gather(t *testing.T, reg *prometheus.Registry) []*dto.MetricFamily {
	t.Helper()
	all, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	ours := all[:0]
	for _, f := range all {
		if strings.HasPrefix(f.GetName(), "attune_") {
			ours = append(ours, f)
		}
	}
	if len(ours) == 0 {
		t.Fatal("nothing of ours was gathered")
	}
	return ours
}

// nonZero lists the label sets of a metric's series whose value is 1, and
// fails on any other value but 0.
func nonZero(t *testing.T, reg *prometheus.Registry, name string) []string {
	t.Helper()
	var got []string
	for _, f := range gather(t, reg) {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			v := m.GetCounter().GetValue() + m.GetGauge().GetValue()
			if v == 0 {
				continue
			}
			if math.Abs(v-1) > 1e-9 {
				t.Errorf("%s: %v, want 1", name, v)
			}
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			got = append(got, strings.Join(labels, " "))
		}
	}
	slices.Sort(got)
	return got
}
