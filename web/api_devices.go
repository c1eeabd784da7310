package web

import (
	"log/slog"
	"net/http"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/devices"
)

// The devicesAPI lets commands at the machine say who may come in from the shop's network.
type devicesAPI struct {
	door    *door
	list    *devices.List // nil: nobody may
	network Network       // nil: there is none
	log     *slog.Logger
}

func (x *devicesAPI) routes(handle register) {
	handle("GET /v1/lan", x.getLAN)
	handle("GET /v1/lan/authority", certificate(x.network))
	handle("POST /v1/lan/authority", x.postAuthority)
	handle("POST /v1/devices", x.postDevice)
	handle("DELETE /v1/devices/{id}", x.deleteDevice)
}

func (x *devicesAPI) getLAN(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, lanOf(x.list, x.network, x.door.allow))
}

// postDevice makes a code that pairs a browser, or takes a program in.
func (x *devicesAPI) postDevice(w http.ResponseWriter, r *http.Request) {
	var d api.Device
	if err := decodeBody(r, &d); err != nil {
		fail(w, http.StatusUnprocessableEntity, bodyProblem(err))
		return
	}
	if !x.door.supervised(w, r) {
		return
	}
	d = api.Device{Name: d.Name, Program: d.Program, Rights: d.Rights}
	var made api.NewDevice
	err := errNoNetwork
	switch {
	case x.list == nil:
	case d.Program:
		var token string
		if d, token, err = x.list.Add(d); err == nil {
			made = api.NewDevice{Device: &d, Token: token}
			x.log.Warn("a program was given a token", "program", d.Name, "rights", d.Rights)
		}
	default:
		made.Pairing, err = pairing(x.list, x.network, d)
	}
	if err != nil {
		status, p := deviceProblem(r, x.log, err)
		fail(w, status, p)
		return
	}
	reply(w, http.StatusCreated, made)
}

// deleteDevice takes one out by its id or name. It needs no PIN: who finds that a tablet is gone need not look for a supervisor.
func (x *devicesAPI) deleteDevice(w http.ResponseWriter, r *http.Request) {
	err := devices.ErrNone
	var gone api.Device
	if x.list != nil {
		gone, err = x.list.Revoke(r.PathValue("id"))
	}
	if err != nil {
		status, p := deviceProblem(r, x.log, err)
		fail(w, status, p)
		return
	}
	x.log.Warn("a device was revoked", "device", gone.Name)
	reply(w, http.StatusOK, gone)
}

// postAuthority makes the own authority anew.
func (x *devicesAPI) postAuthority(w http.ResponseWriter, r *http.Request) {
	if !x.door.supervised(w, r) {
		return
	}
	err := errNoNetwork
	if x.network != nil {
		err = x.network.NewAuthority()
	}
	if err != nil {
		status, p := deviceProblem(r, x.log, err)
		fail(w, status, p)
		return
	}
	reply(w, http.StatusOK, lanOf(x.list, x.network, x.door.allow))
}
