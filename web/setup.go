package web

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// SetUp is what the set-up page asks the daemon for.
type SetUp interface {
	// Setup gives what is configured, and by whom.
	Setup() (api.Setup, error)
	// PlanSetup tells what a change comes to, and writes nothing.
	PlanSetup(change api.SetupChange) (api.SetupPlan, error)
	// ApplySetup writes a change and takes it into use. Its error is api.ErrSetupChanged when the person saw another version.
	ApplySetup(ctx context.Context, change api.SetupChange) (api.SetupPlan, error)
	// Profiles lists the models that a printer may name.
	Profiles() []api.Profile
	// Find looks for printers: on this machine, or in its own networks. It prints nothing.
	Find(ctx context.Context, network bool) ([]api.Found, error)
}

// A setupPage is where printers, routes and the shop's language are set up: what is wanted is shown as a difference first, and written
// when a person says so, with the supervisor's PIN once one is set.
type setupPage struct {
	frame    *frame
	door     *door
	setup    SetUp
	printers Printers
	log      *slog.Logger
}

func (x *setupPage) routes(paired register) {
	paired("GET /setup", x.page)
	paired("POST /do/setup/find", x.find)
	paired("POST /do/setup/plan", x.plan)
	paired("POST /do/setup/apply", x.apply)
	paired("POST /do/setup/probe", x.probe)
}

// setupBody is the page.
type setupBody struct {
	Setup    api.Setup
	Status   map[string]api.Printer // by name
	Profiles []api.Profile
	Edit     api.SetupPrinter // in the form
	New      bool
	PinSet   bool   // the PIN is asked for
	Done     string // what was done: applied, later, test
	Found    []api.Found
	Searched string // "", local, network
}

func (x *setupPage) page(w http.ResponseWriter, r *http.Request) { x.show(w, r, nil, "") }

// show writes the page with what a search found.
func (x *setupPage) show(w http.ResponseWriter, r *http.Request, found []api.Found, searched string) {
	v := x.frame.view(r, "setup", "setup")
	v.Path = "/setup"
	s, err := x.setup.Setup()
	if err != nil {
		x.frame.broken(w, r, err)
		return
	}
	b := setupBody{Setup: s, Status: map[string]api.Printer{}, Profiles: x.setup.Profiles(), PinSet: !x.free(), Done: cmp.Or(r.URL.Query().Get("done"), r.URL.Query().Get("asked")), Found: found, Searched: searched}
	for _, p := range x.printers.Printers() {
		b.Status[p.Name] = p
	}
	b.Edit, b.New = edited(s, r.URL.Query())
	v.Body = b
	x.frame.show(w, r, http.StatusOK, v)
}

// edited is what the printer's form begins with: the printer that the address names, with the values that it names.
func edited(s api.Setup, q url.Values) (p api.SetupPrinter, isNew bool) {
	name := q.Get("edit")
	isNew = true
	for _, x := range s.Printers {
		if x.Name == name {
			p, isNew = x, false
		}
	}
	if isNew {
		p = api.SetupPrinter{Name: freeName(s), Profile: "generic-80"}
	}
	for key, to := range map[string]*string{"name": &p.Name, "label": &p.Label, "device": &p.Device, "profile": &p.Profile, "identity": &p.Identity} {
		if q.Has(key) && (isNew || key != "name") {
			*to = q.Get(key)
		}
	}
	return p, isNew
}

// freeName is a name that no printer has yet.
func freeName(s api.Setup) string {
	for _, name := range []string{"front", "kitchen", "bar", "back", "printer5", "printer6", "printer7", "printer8", "printer9"} {
		taken := false
		for _, p := range s.Printers {
			taken = taken || p.Name == name
		}
		if !taken {
			return name
		}
	}
	return ""
}

// find searches. A search of the network touches other machines, so it wants the PIN.
func (x *setupPage) find(w http.ResponseWriter, r *http.Request) {
	network := r.PostFormValue("where") == "network"
	searched := "local"
	if network {
		searched = "network"
		if !x.permitted(w, r) {
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), findTime)
	defer cancel()
	found, err := x.setup.Find(ctx, network)
	if err != nil {
		x.frame.broken(w, r, err)
		return
	}
	x.show(w, r, found, searched)
}

// findTime bounds a search.
const findTime = 40 * time.Second

// permitted checks the form's PIN, unless none is asked for. When it is not right, that is shown here.
func (x *setupPage) permitted(w http.ResponseWriter, r *http.Request) bool {
	return x.free() || x.frame.supervised(w, r)
}

// free tells whether no PIN is asked for: at the machine, before one is set.
func (x *setupPage) free() bool { return !x.door.lan && !x.door.pins.Exists() }

// setupFields are those of a change, as its form sends them.
var setupFields = []string{"version", "what", "name", "label", "device", "profile", "identity", "locale", "timezone"}

// changeOf reads a form.
func changeOf(r *http.Request) api.SetupChange {
	value := func(key string) string { return strings.TrimSpace(r.PostFormValue(key)) }
	c := api.SetupChange{Version: value("version")}
	switch value("what") {
	case "printer":
		c.Printer = &api.SetupPrinter{Name: value("name"), Label: value("label"), Device: value("device"), Profile: value("profile"), Identity: value("identity")}
	case "remove":
		c.Remove = value("name")
	case "routes":
		c.Routes = map[string]string{}
		for key, v := range r.PostForm {
			if kind, ok := strings.CutPrefix(key, "route."); ok && len(v) == 1 {
				c.Routes[kind] = v[0]
			}
		}
	case "shop":
		locale, zone := value("locale"), value("timezone")
		c.Locale, c.Timezone = &locale, &zone
	case "undo":
		c.Undo = true
	}
	return c
}

// planBody is a change before it is made.
type planBody struct {
	Plan   api.SetupPlan
	Wrong  *job.Problem // why it was not made; nil: nobody asked for it yet
	Fields []field      // of the form that makes it
	Back   string
	PinSet bool
}

type field struct{ Name, Value string }

// plan shows the difference that a change would make.
func (x *setupPage) plan(w http.ResponseWriter, r *http.Request) {
	plan, err := x.setup.PlanSetup(changeOf(r))
	if err != nil || len(plan.Problems) > 0 || len(plan.Differences) == 0 {
		x.refused(w, r, plan, err)
		return
	}
	x.ask(w, r, http.StatusOK, plan, nil)
}

// ask shows a difference and the form that makes it, with what was wrong about the PIN.
func (x *setupPage) ask(w http.ResponseWriter, r *http.Request, status int, plan api.SetupPlan, wrong *job.Problem) {
	v := x.frame.view(r, "setup-plan", "setup.plan")
	v.Path = "/setup"
	b := planBody{Plan: plan, Wrong: wrong, Back: backToForm(r), PinSet: !x.free()}
	for _, name := range setupFields {
		if r.PostForm.Has(name) {
			b.Fields = append(b.Fields, field{name, r.PostFormValue(name)})
		}
	}
	for _, route := range changedRoutes(r) {
		b.Fields = append(b.Fields, field{route, r.PostFormValue(route)})
	}
	v.Body = b
	x.frame.show(w, r, status, v)
}

func changedRoutes(r *http.Request) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(r.PostForm)) {
		if strings.HasPrefix(key, "route.") {
			out = append(out, key)
		}
	}
	return out
}

// backToForm leads back to the form with what was typed.
func backToForm(r *http.Request) string {
	if r.PostFormValue("what") != "printer" {
		return "/setup"
	}
	q := url.Values{}
	for _, key := range []string{"name", "label", "device", "profile", "identity"} {
		q.Set(key, r.PostFormValue(key))
	}
	q.Set("edit", r.PostFormValue("name"))
	return "/setup?" + q.Encode()
}

// refused says why a change is not made.
func (x *setupPage) refused(w http.ResponseWriter, r *http.Request, plan api.SetupPlan, err error) {
	switch {
	case errors.Is(err, api.ErrSetupChanged):
		p := problem("setup_changed", "设置刚被别人改过。", "Somebody else changed the set-up meanwhile.", "看看现在的设置，再改一次。", "Look at it as it is now, then change it again.")
		x.frame.notice(w, r, http.StatusConflict, notice{Title: words["refused"], Problems: []job.Problem{p}, Back: "/setup"})
	case err != nil:
		x.frame.broken(w, r, err)
	case len(plan.Problems) > 0:
		x.frame.notice(w, r, http.StatusUnprocessableEntity, notice{Title: words["refused"], Problems: plan.Problems, Back: backToForm(r)})
	default:
		x.frame.notice(w, r, http.StatusOK, notice{Title: words["setup.same"], Back: backToForm(r)})
	}
}

// Pick leads to the printer's form, filled with what a search found.
func (v *view) Pick(f api.Found) string {
	q := url.Values{"device": {f.Device}, "identity": {f.Identity}}
	if f.Profile != "" {
		q.Set("profile", f.Profile)
	}
	return "/setup?" + q.Encode() + "#form"
}

// SetupKey names a value that changes: printer.front.device.
func (v *view) SetupKey(key string) string {
	section, rest, _ := strings.Cut(key, ".")
	at := strings.LastIndexByte(rest, '.')
	names := map[string]job.Text{"label": words["setup.key.label"], "device": words["printer.device"], "profile": words["printer.model"], "identity": words["setup.identity"],
		"locale": words["setup.locale"], "timezone": words["setup.timezone"]}
	word := func(code string) string {
		if text := v.Text(names[code]); text != "" {
			return text
		}
		return code
	}
	switch {
	case section == "route":
		var parts []string
		for code := range strings.SplitSeq(rest, ".") {
			for _, kind := range []vocabulary.Kind{vocabulary.KindJob, vocabulary.KindCopy} {
				if text := v.Text(value(kind, code)); text != "" {
					code = text
				}
			}
			parts = append(parts, code)
		}
		return v.T("setup.route") + " · " + strings.Join(parts, " · ")
	case at >= 0:
		return v.T("printer") + " " + rest[:at] + " · " + word(rest[at+1:])
	}
	return word(rest)
}

// apply makes a change.
func (x *setupPage) apply(w http.ResponseWriter, r *http.Request) {
	if !x.free() {
		p, err := x.door.checkPin(r.PostFormValue("pin"))
		if err != nil {
			x.frame.broken(w, r, err)
			return
		}
		if p.Code != "" { // the difference once more: nobody has to type it anew
			plan, err := x.setup.PlanSetup(changeOf(r))
			if err != nil || len(plan.Problems) > 0 || len(plan.Differences) == 0 {
				x.refused(w, r, plan, err)
				return
			}
			x.ask(w, r, http.StatusForbidden, plan, &p)
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), applyTime)
	defer cancel()
	plan, err := x.setup.ApplySetup(ctx, changeOf(r))
	if err != nil || len(plan.Problems) > 0 || len(plan.Differences) == 0 {
		x.refused(w, r, plan, err)
		return
	}
	for _, d := range plan.Differences {
		x.log.Warn("the set-up was changed on the page", "key", d.Key, "before", d.Before, "after", d.After, "operator", who(r))
	}
	done := "applied"
	if plan.Later {
		done = "later"
	}
	http.Redirect(w, r, "/setup?done="+done, http.StatusSeeOther)
}

// applyTime is how long a person waits for a change to be in force: a slip on the wire is let out first.
const applyTime = 8 * time.Second

// probe measures what a printer proves, and says so.
func (x *setupPage) probe(w http.ResponseWriter, r *http.Request) {
	t, ok := x.printers.(Tester)
	if x.door.lan && !x.permitted(w, r) {
		return
	}
	if !ok {
		x.frame.broken(w, r, api.ErrNoPrinter)
		return
	}
	result, err := t.Probe(r.Context(), r.PostFormValue("printer"), false, func(string) {})
	switch {
	case errors.Is(err, api.ErrNoPrinter):
		x.frame.broken(w, r, err)
	case err != nil:
		x.frame.notice(w, r, http.StatusConflict, notice{Title: words["refused"], Problems: []job.Problem{printerProblem(err)}, Back: "/setup"})
	default:
		v := x.frame.view(r, "setup", "setup")
		text := v.Tier(api.Printer{Tier: result.Tier, Early: result.Early})
		x.frame.notice(w, r, http.StatusOK, notice{Title: words["setup.probed"], Warnings: []job.Problem{{Message: job.Text{Zh: text.Zh + "（" + string(result.Tier) + "）", En: text.En + " (" + string(result.Tier) + ")"}}}, Back: "/setup"})
	}
}
