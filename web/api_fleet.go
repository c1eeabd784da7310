package web

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/receiptd/receiptd/api"
)

// A Centre tells how the shop's connection to its fleet is; ok is false where there is none. The daemon fills it.
type Centre interface{ Fleet() (f api.Fleet, ok bool) }

// The fleetAPI tells of the connection to the fleet.
type fleetAPI struct{ centre Centre }

func (x *fleetAPI) routes(handle register) { handle("GET /v1/fleet", x.getFleet) }

func (x *fleetAPI) getFleet(w http.ResponseWriter, _ *http.Request) {
	f := api.Fleet{}
	if x.centre != nil {
		f, f.On = x.centre.Fleet()
	}
	reply(w, http.StatusOK, f)
}

var (
	fleetUpDesc     = prometheus.NewDesc("receiptd_fleet_connected", "1 while the shop is connected to its fleet's broker, by why it is not.", []string{"code"}, nil)
	fleetBehindDesc = prometheus.NewDesc("receiptd_fleet_behind", "Numbers of events that the slowest centre has not stored.", nil, nil)
	fleetJobsDesc   = prometheus.NewDesc("receiptd_fleet_jobs_total", "Jobs of the fleet by what became of them.", []string{"outcome"}, nil)
)

// collectFleet gives the numbers of the connection, none where there is no fleet.
func collectFleet(centre Centre, ch chan<- prometheus.Metric) {
	if centre == nil {
		return
	}
	f, ok := centre.Fleet()
	if !ok {
		return
	}
	up := 0.0
	if f.Connected {
		up = 1
	}
	ch <- prometheus.MustNewConstMetric(fleetUpDesc, prometheus.GaugeValue, up, f.Failure)
	ch <- prometheus.MustNewConstMetric(fleetBehindDesc, prometheus.GaugeValue, float64(f.Behind))
	for outcome, n := range map[string]int64{"accepted": f.Jobs, "duplicate": f.Repeated, "expired": f.Expired, "rejected": f.Rejected} {
		ch <- prometheus.MustNewConstMetric(fleetJobsDesc, prometheus.CounterValue, float64(n), outcome)
	}
}
