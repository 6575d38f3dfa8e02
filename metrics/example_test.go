package metrics_test

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"attune/metrics"
)

func ExampleNew() {
	m := metrics.New(prometheus.NewRegistry())

	m.Messages[metrics.Down][metrics.Bot].Inc()
	m.Rule("bot-fallback").Signal().Inc()
	m.Rule("refusal").Rewrite(metrics.RewriteApplied).Inc()

	fmt.Println(testutil.ToFloat64(m.Messages[metrics.Down][metrics.Bot]))
	fmt.Println(testutil.ToFloat64(m.Rule("bot-fallback").Signal()))
	// Output:
	// 1
	// 1
}
