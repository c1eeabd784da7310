package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// A meter counts what the journal's feed tells since the daemon began, and reads how things stand when it is asked. No
// label holds anything of a customer.
type meter struct {
	http.Handler
	journal  *queue.Journal
	jobs     *queue.Jobs
	waiting  *queue.Waiting
	printers Printers
	version  string
	notifier Notifier // nil: there is none; set before anybody asks
	archive  Archive  // the same
	centre   Centre   // the same

	counted   *prometheus.CounterVec
	rejects   *prometheus.CounterVec
	copies    *prometheus.CounterVec
	reprints  *prometheus.CounterVec
	uncertain prometheus.Counter
	alarms    prometheus.Counter
	commit    prometheus.Histogram
	wire      prometheus.Histogram

	committed time.Time            // of the latest commit that was measured
	taken     map[string]time.Time // jobs whose first byte has not left, by id
}

// takenKept bounds the memory for jobs that wait for a printer; what is beyond it is not in the histogram.
const takenKept = 10000

// What is read when somebody asks.
var (
	waitingDesc = prometheus.NewDesc("receiptd_copies_waiting", "Copies that have not come out, or are not known to have.", []string{"printer", "state", "reason"}, nil)
	ageDesc     = prometheus.NewDesc("receiptd_queue_age_seconds", "Age of the oldest copy that waits for this printer.", []string{"printer"}, nil)
	paperDesc   = prometheus.NewDesc("receiptd_paper_out_seconds_total", "Time this printer was without paper since the daemon began.", []string{"printer"}, nil)
	printerDesc = prometheus.NewDesc("receiptd_printer_state", "1 for the state a printer is in.", []string{"printer", "state", "reason"}, nil)
	sinceDesc   = prometheus.NewDesc("receiptd_printer_state_since_seconds", "When the printer came into its state, in Unix time.", []string{"printer"}, nil)
	tierDesc    = prometheus.NewDesc("receiptd_printer_tier", "1 for the tier of proof a printer works on, A to D.", []string{"printer", "tier"}, nil)
	provenDesc  = prometheus.NewDesc("receiptd_printer_last_proof_seconds", "When the printer last proved a slip, in Unix time.", []string{"printer"}, nil)
	pendingDesc = prometheus.NewDesc("receiptd_reversals_standing", "Reversals that are pending or failed and that nobody resolved.", []string{"status"}, nil)
	lostDesc    = prometheus.NewDesc("receiptd_journal_lost", "1 while nobody has acknowledged that the journal lost records.", nil, nil)
	fullDesc    = prometheus.NewDesc("receiptd_journal_disk_full", "1 while the journal lives on its ballast and takes no new jobs.", nil, nil)
	overdueDesc = prometheus.NewDesc("receiptd_overdue", "Slips that are not out within the time that was asked for.", []string{"printer"}, nil)
	untoldDesc  = prometheus.NewDesc("receiptd_notify_pending", "Messages that a receiver has not been told.", []string{"receiver"}, nil)
	failingDesc = prometheus.NewDesc("receiptd_notify_failing", "1 while a receiver takes no messages, by why.", []string{"receiver", "code"}, nil)
	givenUpDesc = prometheus.NewDesc("receiptd_notify_given_up_total", "Messages that a receiver did not take for a day.", []string{"receiver"}, nil)
	filedDesc   = prometheus.NewDesc("receiptd_archive_filed_total", "Slips that were filed in the archive since the daemon began.", nil, nil)
	stoppedDesc = prometheus.NewDesc("receiptd_archive_stopped", "1 while slips are not filed although they should be, by why.", []string{"code"}, nil)
	infoDesc    = prometheus.NewDesc("receiptd_build_info", "1, with the version.", []string{"version"}, nil)
)

func newMeter(q *queue.Queue, printers Printers, version string) *meter {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
	}
	m := &meter{journal: q.Journal, jobs: q.Jobs, waiting: q.Waiting, printers: printers, version: version, taken: map[string]time.Time{},
		counted:   counter("receiptd_jobs_total", "Jobs and commands by kind and outcome; a rejected one has no kind.", "kind", "outcome"),
		rejects:   counter("receiptd_rejects_total", "Errors of rejected jobs by code.", "code"),
		copies:    counter("receiptd_copies_total", "Changes of copies by the state they came into and what proved it.", "state", "proof"),
		reprints:  counter("receiptd_reprints_total", "Reprints that people or programs asked for and got, by command.", "command"),
		uncertain: counter("receiptd_uncertain_total", "Copies of which it was not known whether they came out.").WithLabelValues(),
		alarms:    counter("receiptd_alarms_total", "Things a person should have looked at.").WithLabelValues(),
		commit: histogram("receiptd_commit_seconds", "From the beginning of a write to the journal until it is on disk and told.",
			[]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5}),
		wire: histogram("receiptd_drop_to_wire_seconds", "From a job's acceptance until the first of its copies begins to be sent.",
			[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300, 1800}),
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.Handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return m
}

func (m *meter) counters() []prometheus.Collector {
	return []prometheus.Collector{m.counted, m.rejects, m.copies, m.reprints, m.uncertain, m.alarms, m.commit, m.wire}
}

// Describe names what is measured.
func (m *meter) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range m.counters() {
		c.Describe(ch)
	}
	for _, d := range []*prometheus.Desc{waitingDesc, ageDesc, paperDesc, printerDesc, sinceDesc, tierDesc, provenDesc, pendingDesc, fullDesc, lostDesc, overdueDesc, untoldDesc, failingDesc, givenUpDesc, filedDesc, stoppedDesc, infoDesc, fleetUpDesc, fleetBehindDesc, fleetJobsDesc} {
		ch <- d
	}
}

// Collect gives the numbers. What the journal cannot tell now is left out.
func (m *meter) Collect(ch chan<- prometheus.Metric) {
	for _, c := range m.counters() {
		c.Collect(ch)
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	collectFleet(m.centre, ch)
	for _, p := range m.printers.Printers() {
		gauge(printerDesc, 1, p.Name, string(p.State), string(p.Reason))
		gauge(sinceDesc, float64(p.Since.Unix()), p.Name)
		if p.Tier != "" {
			gauge(tierDesc, 1, p.Name, string(p.Tier))
		}
		if !p.LastProof.IsZero() {
			gauge(provenDesc, float64(p.LastProof.Unix()), p.Name)
		}
		ch <- prometheus.MustNewConstMetric(paperDesc, prometheus.CounterValue, p.PaperOut, p.Name)
	}
	full, lost := 0.0, 0.0
	if m.journal.DiskFull() {
		full = 1
	}
	if _, ok := m.journal.Loss(); ok {
		lost = 1
	}
	gauge(fullDesc, full)
	gauge(lostDesc, lost)
	gauge(infoDesc, 1, m.version)
	ctx, cancel := context.WithTimeout(context.Background(), checkTime)
	defer cancel()
	if out, err := m.waiting.Outstanding(ctx); err == nil {
		ages := map[string]float64{}
		for _, o := range out {
			gauge(waitingDesc, float64(o.Count), o.Printer, string(o.State), string(o.Reason))
			if o.State != queue.Uncertain {
				ages[o.Printer] = max(ages[o.Printer], time.Since(o.Oldest).Seconds())
			}
		}
		for name, age := range ages {
			gauge(ageDesc, age, name)
		}
	}
	if late, err := m.waiting.CountOverdue(ctx); err == nil {
		for printer, n := range late {
			gauge(overdueDesc, float64(n), printer)
		}
	}
	m.collectReceivers(ctx, ch)
	m.collectArchive(ch)
	if list, err := m.jobs.Reversals(ctx, false); err == nil {
		n := map[vocabulary.ReversalStatus]float64{vocabulary.ReversalPending: 0, vocabulary.ReversalFailed: 0}
		for _, r := range list {
			n[r.Status]++
		}
		for status, v := range n {
			gauge(pendingDesc, v, string(status))
		}
	}
}

// collectReceivers tells how it stands with the receivers of messages.
func (m *meter) collectReceivers(ctx context.Context, ch chan<- prometheus.Metric) {
	if m.notifier == nil {
		return
	}
	list, err := m.notifier.Receivers(ctx)
	if err != nil {
		return
	}
	for _, r := range list {
		ch <- prometheus.MustNewConstMetric(untoldDesc, prometheus.GaugeValue, float64(r.Pending), r.Name)
		ch <- prometheus.MustNewConstMetric(givenUpDesc, prometheus.CounterValue, float64(r.GivenUp), r.Name)
		if r.Failure != "" {
			ch <- prometheus.MustNewConstMetric(failingDesc, prometheus.GaugeValue, 1, r.Name, r.Failure)
		}
	}
}

// collectArchive tells how it stands with the archive, where there is one.
func (m *meter) collectArchive(ch chan<- prometheus.Metric) {
	if m.archive == nil {
		return
	}
	st, err := m.archive.Status()
	if err != nil || !st.On {
		return
	}
	ch <- prometheus.MustNewConstMetric(filedDesc, prometheus.CounterValue, float64(st.Filed))
	if st.Stopped != "" {
		ch <- prometheus.MustNewConstMetric(stoppedDesc, prometheus.GaugeValue, 1, st.Stopped)
	}
}

// event counts one event of the feed.
func (m *meter) event(ctx context.Context, e queue.Event) {
	if !e.At.Equal(m.committed) { // events of one commit share their time
		m.committed = e.At
		m.commit.Observe(time.Since(e.At).Seconds())
	}
	switch e.Type {
	case queue.EventAccepted:
		m.accepted(ctx, e)
	case queue.EventAnswered:
		outcome, _, _ := strings.Cut(e.Detail, " ")
		m.counted.WithLabelValues(m.kind(ctx, e), outcome).Inc()
	case queue.EventConflict:
		m.counted.WithLabelValues(m.kind(ctx, e), string(queue.Conflict)).Inc()
	case queue.EventRejected:
		m.counted.WithLabelValues("", string(queue.Rejected)).Inc()
		for code := range strings.FieldsSeq(e.Detail) {
			m.rejects.WithLabelValues(code).Inc()
		}
	case queue.EventAlarm:
		m.alarms.Inc()
	case queue.EventCopy:
		m.copied(e)
	}
}

func (m *meter) accepted(ctx context.Context, e queue.Event) {
	story, err := m.jobs.Show(ctx, e.JobID)
	if err != nil {
		return // it has gone between
	}
	m.counted.WithLabelValues(string(story.Summary.Kind), string(queue.Accepted)).Inc()
	first := map[job.CopyName]bool{} // those asked for later tell of themselves
	for _, c := range story.Summary.Copies {
		first[c.Name()] = true
	}
	m.copies.WithLabelValues(string(queue.Queued), string(queue.ProofNone)).Add(float64(len(first)))
	if name := story.Summary.Type; story.Summary.Kind == job.KindCommand && (strings.HasPrefix(name, "reprint_") || name == string(job.ArchiveCopy)) {
		m.reprints.WithLabelValues(name).Inc()
	}
	if len(m.taken) < takenKept {
		m.taken[e.JobID] = e.At
	}
}

// kind gives the kind of the job an event is about, "" when it is not kept.
func (m *meter) kind(ctx context.Context, e queue.Event) string {
	story, err := m.jobs.Show(ctx, e.JobID)
	if err != nil {
		return ""
	}
	return string(story.Summary.Kind)
}

func (m *meter) copied(e queue.Event) {
	proof := queue.ProofNone
	switch e.State {
	case queue.Sending:
		if at, ok := m.taken[e.Request]; ok {
			m.wire.Observe(e.At.Sub(at).Seconds())
			delete(m.taken, e.Request)
		}
	case queue.Printed:
		proof = queue.ProofPrinted
		if strings.HasPrefix(e.Detail, "by ") {
			proof = queue.ProofPerson
		}
	case queue.Processed:
		proof = queue.ProofProcessed
	case queue.Sent:
		proof = queue.ProofSent
	case queue.Uncertain:
		m.uncertain.Inc()
	case queue.Cancelled:
		delete(m.taken, e.Request)
	}
	m.copies.WithLabelValues(string(e.State), string(proof)).Inc()
}
