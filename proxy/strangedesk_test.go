package proxy_test

import (
	"strings"
	"testing"

	"attune/proxy/console"
	"attune/proxy/proxytest"
)

// TestDesksThatTheFileDoesNotHave: rules, the shipped ones for example, name desks that
// a file of one's own may not have. Whoever is handed over to one of them must not wait
// where nobody looks, nor be told that nobody is there.
func TestDesksThatTheFileDoesNotHave(t *testing.T) {
	rule := strings.Replace(people, "    feels: [dominated]", "    desk: urgent\n    feels: [dominated]", 1)
	for _, tt := range []struct {
		name, file, desk, told string
	}{
		{"the only one answers", "helpdesk: {kind: console}", "helpdesk", `"desks":"urgent","default":"helpdesk"`},
		{"the default one answers", "helpdesk: {kind: console}\nsales: {kind: console, default: true}", "sales", `"desks":"urgent","default":"sales"`},
		{"of several none is the default: the console", "helpdesk: {kind: console}\nsales: {kind: console}", "console", `"desks":"urgent","default":"console"`},
		{"it is there", "urgent: {kind: console}\nsales: {kind: console, default: true}", "urgent", ""},
		{"without a file every name is one", "", "urgent", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			options := []option{pack(t, rule)}
			if tt.file != "" {
				options = append(options, desks(t, tt.file))
			}
			h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), options...)
			handOver(t, h, h.widget(proxytest.WidgetConfig{})) // and is not told that the desk is closed
			list := waitsFor(t, h, "one that waits", func(l []console.Summary) bool { return len(l) == 1 })
			if list[0].Desk != tt.desk || list[0].Callback {
				t.Errorf("waits as %+v", list[0])
			}
			const warning = "rules name desks that ATTUNE_DESKS does not have"
			if log := h.logged(); strings.Count(log, warning) != strings.Count(tt.told, "desks") || !strings.Contains(log, tt.told) {
				t.Errorf("the log does not say %q once:\n%s", tt.told, log)
			}
		})
	}
}
