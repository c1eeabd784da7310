package site

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/hub/store"
)

// A meter reads how the hub is when it is asked. It has no label for a shop: there may be thousands.
type meter struct{ shops *shops }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("receiptd_hub_"+name, help, labels, nil)
}

var (
	connectedDesc = desc("connected", "1 while the hub is at its broker.")
	storeDesc     = desc("store_ok", "1 while the hub's store takes what comes.")
	shopsDesc     = desc("shops", "Shops by how they are: bad, warn, off, ok.", "level")
	openDesc      = desc("jobs", "Jobs in the outbox by state.", "state")
	oldestDesc    = desc("oldest_open_seconds", "Age of the oldest job that no shop has answered for; 0: none.")
	sentDesc      = desc("jobs_sent_total", "Jobs that left, each time counted.")
	againDesc     = desc("jobs_sent_again_total", "Jobs that left once more, for want of an answer.")
	doneDesc      = desc("jobs_answered_total", "Jobs that got their shop's answer.")
	expiredDesc   = desc("jobs_expired_unsent_total", "Jobs whose time was over before they could leave.")
	eventsDesc    = desc("events_total", "Events stored.")
	repeatedDesc  = desc("events_repeated_total", "Events that were stored already.")
	holesDesc     = desc("events_holes_total", "Events that came before one that was missing, and were asked for again.")
	strangeDesc   = desc("messages_strange_total", "Messages that were none of a shop.")
	leftOutDesc   = desc("messages_left_out_total", "Messages of shops that could never be stored; the log names them.")
	commandsDesc  = desc("commands_sent_total", "Commands that left, each time counted.")
)

// Describe tells what there is.
func (m meter) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, ch) }

// Collect reads.
func (m meter) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	st, err := m.shops.status(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(shopsDesc, err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v int64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v))
	}
	yes := map[bool]float64{true: 1}
	gauge(connectedDesc, yes[st.Connected])
	gauge(storeDesc, yes[st.Store == nil])
	for _, level := range levels {
		gauge(shopsDesc, float64(st.Shops[level]), level)
	}
	for _, state := range store.JobStates() {
		gauge(openDesc, float64(st.Jobs[string(state)]), string(state))
	}
	age := 0.0
	if !st.Oldest.IsZero() {
		age = m.shops.now().Sub(st.Oldest).Seconds()
	}
	gauge(oldestDesc, age)
	counter(sentDesc, st.Sent)
	counter(againDesc, st.Again)
	counter(doneDesc, st.Done)
	counter(expiredDesc, st.Expired)
	counter(eventsDesc, st.Events)
	counter(repeatedDesc, st.Repeated)
	counter(holesDesc, st.Holes)
	counter(strangeDesc, st.Strange)
	counter(leftOutDesc, st.LeftOut)
	counter(commandsDesc, st.Commands)
}

func (p *programs) metrics() http.HandlerFunc {
	r := prometheus.NewRegistry()
	r.MustRegister(meter{p.shops}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	h := promhttp.HandlerFor(r, promhttp.HandlerOpts{})
	return func(w http.ResponseWriter, r *http.Request) {
		if r.TLS != nil { // numbers of the business are for nobody else
			p.keys.allowed(api.RightLook, h.ServeHTTP)(w, r)
			return
		}
		h.ServeHTTP(w, r)
	}
}
