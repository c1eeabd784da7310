// Package config reads the one TOML file of receiptd, strictly: an unknown key or a value out of range is an error that
// shows the line. What the set-up page wrote lies above the file, environment variables (RECEIPTD_SECTION_KEY) above that, flags above all.
//
// It owns no state and starts no goroutines.
package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // shop.timezone is known on every system, Windows too

	"github.com/pelletier/go-toml/v2"
)

// Config is the whole configuration with its defaults filled in.
type Config struct {
	Spool     Spool     `toml:"spool"`
	Data      Data      `toml:"data"`
	HTTP      HTTP      `toml:"http"`
	Shop      Shop      `toml:"shop"`
	Templates Templates `toml:"templates"`
	Journal   Journal   `toml:"journal"`
	Slip      Slip      `toml:"slip"`
	Money     []Money   `toml:"money"`
	Guard     Guard     `toml:"guard"`
	Watch     Watch     `toml:"watch"`
	Archive   Archive   `toml:"archive"`
	Notify    []Notify  `toml:"notify"`
	Fleet     Fleet     `toml:"fleet"`
	Log       Log       `toml:"log"`
	Printers  []Printer `toml:"printer"`
	Routes    []Route   `toml:"route"`
	Captures  []Capture `toml:"capture"`

	// Path is the file this was read from; empty for none.
	Path string `toml:"-"`
	// Origins says where each value came from: "default", "file:LINE", "setup:LINE" (of SetUp.Path) or "env NAME".
	Origins map[string]string `toml:"-"`
	// Remarks are what is odd about it and no mistake: variables of the environment that nobody reads.
	Remarks []Problem `toml:"-"`
	// SetUp is what the set-up page wrote.
	SetUp SetUp `toml:"-"`
}

// Spool is the drop folder.
type Spool struct {
	Dir    string   `toml:"dir"`
	Settle Duration `toml:"settle"` // how long an incomplete file may stay unchanged before it is answered
	Rescan Duration `toml:"rescan"` // how often the folder is looked through, for missed events
	Allow  []string `toml:"allow"`  // commands allowed from the drop folder beside the ordinary ones
}

// Data is where the journal lives.
type Data struct {
	Dir string `toml:"dir"`
}

// HTTP is the counter page and the API.
type HTTP struct {
	Listen    Strings  `toml:"listen"`     // host:port, one or several; loopback
	LAN       bool     `toml:"lan"`        // the page is on the shop's network too, encrypted
	LANListen Strings  `toml:"lan_listen"` // host:port, one or several; no host: all addresses
	LANNames  []string `toml:"lan_names"`  // further names, addresses and networks of this machine
	LANAllow  []string `toml:"lan_allow"`  // settle, archive, reversal, cancel_waiting, setup, pin: with the PIN from the network too; "ACTION:DEVICE" for one device
	CertFile  string   `toml:"cert_file"`  // empty: an own authority
	KeyFile   string   `toml:"key_file"`
}

// Shop holds what is true for the whole shop.
type Shop struct {
	Locale   string `toml:"locale"`   // zh-CN or en
	Timezone string `toml:"timezone"` // Asia/Shanghai: for times that end in Z; empty: they stay UTC
}

// Zone gives the shop's clock, nil when none is configured.
func (s Shop) Zone() *time.Location {
	if s.Timezone == "" {
		return nil
	}
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return nil // check refused it
	}
	return zone
}

// Templates names the folder of overriding templates.
type Templates struct {
	Dir string `toml:"dir"`
}

// Journal says how long slips are kept.
type Journal struct {
	RetentionMonths int `toml:"retention_months"` // 6-120
	DocumentDays    int `toml:"document_days"`    // orders and documents hold addresses: 1-366
}

// Slip says what slips show.
type Slip struct {
	MaskPolicy  string              `toml:"mask_policy"`  // unionpay_6_4, last4, last5_no_expiry
	PrintExpiry string              `toml:"print_expiry"` // never, merchant_only, both
	Copies      map[string][]string `toml:"copies"`       // by kind
	Negative    []string            `toml:"negative"`     // whose amounts are written below zero: void, refund
	Hotline     string              `toml:"hotline"`      // a number to call
	Footer      []string            `toml:"footer"`       // lines at the end
	Logo        string              `toml:"logo"`         // a PNG or JPEG file, or NUMBER,WIDTH,HEIGHT of one in the printer's memory
}

// Money is how amounts are written on slips; the first section that serves a slip and a currency counts. An empty key serves all.
type Money struct {
	Locale   string `toml:"locale"`   // zh-CN, en, de: of the slip
	Currency string `toml:"currency"` // EUR: of the amount
	Group    string `toml:"group"`    // between groups of three digits: "", ",", ".", "'", " "
	Decimal  string `toml:"decimal"`  // "", ".", ","; empty: "."
}

// Guard says what the card guard may believe the shop about.
type Guard struct {
	Trust []string `toml:"trust"` // types of blocks whose codes hold no card numbers: qr, barcode
}

// Watch says when something has taken too long. 0 and "" are never.
type Watch struct {
	Printer     Duration `toml:"printer"` // a printer that is not ready
	Transaction Duration `toml:"transaction"`
	Reversal    Duration `toml:"reversal"`
	Settlement  Duration `toml:"settlement"`
	Order       Duration `toml:"order"` // its slips must be out within this
	Document    Duration `toml:"document"`
	SettledBy   string   `toml:"settled_by"`  // 23:30: batches must be settled by this time of day
	MinFreeMB   int      `toml:"min_free_mb"` // room on the journal's disk below which somebody is told: 100-1000000; 0: once it is full
}

// Archive keeps each slip that came out as a file.
type Archive struct {
	On        bool `toml:"on"`
	Months    int  `toml:"months"`      // that a file is kept: 1-120
	MinFreeMB int  `toml:"min_free_mb"` // of the disk that it leaves free: 200-1000000
}

// Notify is one receiver of messages.
type Notify struct {
	Name       string   `toml:"name"`
	Form       string   `toml:"form"` // json, wecom, dingtalk, feishu, slack
	URL        Key      `toml:"url"`
	URLFile    string   `toml:"url_file"`
	Secret     Key      `toml:"secret"`
	SecretFile string   `toml:"secret_file"`
	CAFile     string   `toml:"ca_file"`
	Private    []string `toml:"private"` // private addresses and networks that it may be at
	Events     []string `toml:"events"`  // what it is told; empty: everything
	Share      []string `toml:"share"`   // amount
	From       string   `toml:"from"`    // who tells: the shop's name
}

// Fleet is the centre of a chain, to which the shop is connected. Without a broker there is none, and not one packet.
type Fleet struct {
	Broker string   `toml:"broker"` // tls://HOST:8883, wss://HOST/mqtt
	CA     string   `toml:"ca"`     // certificates that the broker's is signed with; empty: the system's
	Cert   string   `toml:"cert"`   // the shop's own; its name is the shop's
	Key    string   `toml:"key"`
	Tenant string   `toml:"tenant"` // whose shop it is
	Shop   string   `toml:"shop"`
	Allow  []string `toml:"allow"` // what the centre may do: reprint, move, resolve, settlement, archive
	Share  []string `toml:"share"` // amount
}

// On tells whether the shop belongs to a fleet.
func (f *Fleet) On() bool { return f.Broker != "" }

// Log says what is logged and where.
type Log struct {
	Level    string `toml:"level"`  // debug, info, warn, error
	Format   string `toml:"format"` // text or json
	File     string `toml:"file"`   // empty: standard error
	MaxMB    int    `toml:"max_mb"`
	MaxFiles int    `toml:"max_files"`
}

// Printer is one printer.
type Printer struct {
	Name        string   `toml:"name"`
	Label       string   `toml:"label"` // what people call it: 厨房; empty: its name
	Device      string   `toml:"device"`
	Profile     string   `toml:"profile"`
	OnPaperOut  string   `toml:"on_paper_out"` // "", restart, resume; empty: the profile's
	Proof       string   `toml:"proof"`        // auto, A, B, C, D
	Width       int      `toml:"width"`        // cells; 0: the profile's
	Font        string   `toml:"font"`         // a TTF, OTF or TTC file for what the printer lacks; Arabic and Hebrew are joined by its rules
	Feed        int      `toml:"feed"`         // dots from head to tear bar, of a printer without a cutter; 0: the profile's
	Select      bool     `toml:"select"`       // ESC = 1 before each slip, also where the profile does not say so
	SelectAfter int      `toml:"select_after"` // 2, 3: ESC = 2 or 3 behind each slip; 0: nothing
	Identity    string   `toml:"identity"`     // mac:..., usb:..., serial:...: nothing goes to another device
	Failover    string   `toml:"failover"`     // another printer, before the first byte only
	CopyPause   Duration `toml:"copy_pause"`   // between two copies of one job on a printer without a cutter
	StaleAfter  Duration `toml:"stale_after"`  // 0: by kind
	DrawerPin   int      `toml:"drawer_pin"`   // 2, 5: of the connector of the cash drawer on it; 0: the profile's
	DrawerOn    Duration `toml:"drawer_on"`    // how long the pulse is on; 0: the profile's
	DrawerOff   Duration `toml:"drawer_off"`   // and off behind that; 0: the profile's
	IdleClose   Duration `toml:"idle_close"`   // gives a shared network printer back; 0: never
}

// Route sends what matches to a printer; the first match wins. An empty key matches all.
type Route struct {
	Kind       string `toml:"kind"`
	Copy       string `toml:"copy"`
	Station    string `toml:"station"`
	Counter    string `toml:"counter"`
	TerminalNo string `toml:"terminal_no"`
	Printer    string `toml:"printer"`
}

// Capture is a port that takes the place of a printer, for software that cannot be changed.
type Capture struct {
	Name    string   `toml:"name"`
	Listen  string   `toml:"listen"`  // tcp://127.0.0.1:9100; fifo:///PATH, pty:///PATH, serial:///dev/ttyS1?baud=9600
	Group   string   `toml:"group"`   // of a fifo or pty: who may write to it; empty: receiptd's own group
	Allow   []string `toml:"allow"`   // addresses and networks that may print beside this machine
	Printer string   `toml:"printer"` // where its slips go
	End     string   `toml:"end"`     // cut, close, idle: when a slip is whole; empty: cut
	Drawer  string   `toml:"drawer"`  // pass, ask, never: what becomes of its pulses for the cash drawer; empty: ask
	Idle    Duration `toml:"idle"`    // of end = "idle": silent for so long; 0: 2 s
	Rules   string   `toml:"rules"`   // a file, or the name of rules that are shipped: they read facts off its slips; empty: none
	Settle  string   `toml:"settle"`  // ask, auto, never: what a settlement slip that rules know does; empty: ask
	Kind    string   `toml:"kind"`    // document, order: what a slip is of which no rule says it; empty: document
}

// Default is the configuration of an empty file.
func Default() *Config {
	return &Config{
		Spool:     Spool{Dir: folder("/var/spool/receiptd", "spool"), Settle: Duration(30 * time.Second), Rescan: Duration(2 * time.Second)},
		Data:      Data{Dir: folder("/var/lib/receiptd", "data")},
		HTTP:      HTTP{Listen: Strings{"127.0.0.1:9180", "[::1]:9180"}, LANListen: Strings{":9443"}},
		Shop:      Shop{Locale: "zh-CN"},
		Templates: Templates{Dir: folder("/etc/receiptd/templates", "templates")},
		Journal:   Journal{RetentionMonths: 24, DocumentDays: 30},
		Slip:      Slip{MaskPolicy: "unionpay_6_4", PrintExpiry: "never"},
		Archive:   Archive{Months: 24, MinFreeMB: 512},
		Watch:     Watch{Printer: Duration(time.Minute), MinFreeMB: 512},
		Log:       Log{Level: "info", Format: "text", MaxMB: 10, MaxFiles: 5},
	}
}

// printerDefaults fills what the [[printer]] sections of the document left out. A time of 0 may be meant.
func printerDefaults(printers []Printer, document []byte) error {
	var written struct {
		Printers []struct {
			CopyPause *Duration `toml:"copy_pause"`
			IdleClose *Duration `toml:"idle_close"`
		} `toml:"printer"`
	}
	if err := toml.Unmarshal(document, &written); err != nil {
		return fmt.Errorf("read the printers' sections: %w", err)
	}
	for i := range written.Printers {
		p := &printers[i]
		if p.Profile == "" {
			p.Profile = "generic-80"
		}
		if p.Proof == "" {
			p.Proof = "auto"
		}
		if written.Printers[i].IdleClose == nil && strings.HasPrefix(p.Device, "tcp:") { // nobody else waits for another link
			p.IdleClose = Duration(2 * time.Second)
		}
		if written.Printers[i].CopyPause == nil {
			p.CopyPause = Duration(2 * time.Second)
		}
	}
	return nil
}

// KnowsStation reports whether a route names the station.
func (c *Config) KnowsStation(station string) bool {
	return slices.ContainsFunc(c.Routes, func(r Route) bool { return r.Station == station })
}

// PrinterLabel is what people call a printer: its label, or its name where it has none or is not configured.
func (c *Config) PrinterLabel(name string) string {
	for i := range c.Printers {
		if c.Printers[i].Name == name {
			return cmp.Or(c.Printers[i].Label, name)
		}
	}
	return name
}

// printerNames are the names of all printers.
func (c *Config) printerNames() []string {
	names := make([]string, len(c.Printers))
	for i := range c.Printers {
		names[i] = c.Printers[i].Name
	}
	return names
}

// PrinterFor gives the printer that a copy goes to: the job's own wish if it names a configured printer, else the first
// matching route, else the first printer. A station's ticket ("kitchen@bar") goes where a route names the station, whatever the job wishes,
// and like any kitchen copy where none does. It is empty only when there is no printer at all.
func (c *Config) PrinterFor(wish, kind, copyName, counter, terminal string) string {
	copyName, station, _ := strings.Cut(copyName, "@")
	match := func(key, value string) bool { return key == "" || key == value }
	routed := func(station string) string {
		for _, r := range c.Routes {
			if r.Station == station && match(r.Kind, kind) && match(r.Copy, copyName) && match(r.Counter, counter) && match(r.TerminalNo, terminal) {
				return r.Printer
			}
		}
		return ""
	}
	if station != "" {
		if name := routed(station); name != "" {
			return name
		}
	}
	for _, p := range c.Printers {
		if p.Name == wish {
			return wish
		}
	}
	if name := routed(""); name != "" {
		return name
	}
	if len(c.Printers) > 0 {
		return c.Printers[0].Name
	}
	return ""
}
