package fleet

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/pause"
	"github.com/receiptd/receiptd/vocabulary"
)

// takeJobs takes one job after the other, in the order in which the broker gives them.
func (c *Client) takeJobs(ctx context.Context, conn *mqtt.Conn) {
	for {
		select {
		case m := <-c.jobs:
			if !m.Gone() { // else the broker sends it again
				c.takeJob(ctx, conn, m)
			}
		case <-ctx.Done():
			return
		}
	}
}

// takeJob is the law of what comes in: the journal's disk, then the event that says so, then the acknowledgement. What fails is not
// acknowledged, and comes again with the next connection.
func (c *Client) takeJob(ctx context.Context, conn *mqtt.Conn, m *mqtt.Message) {
	take := c.o.Door.Accept
	if m.Late() || m.Property(wire.PropertyExpired) != "" {
		take = c.o.Door.Expire
	}
	var a wire.Answer
	for rest := 250 * time.Millisecond; ; rest = min(2*rest, 10*time.Second) {
		var err error
		if a, err = take(ctx, m.Payload); err == nil {
			break
		}
		if ctx.Err() != nil {
			return
		}
		c.o.Logger.Warn("a job of the fleet cannot be taken for now; the broker keeps it", "err", err)
		if pause.For(ctx, rest); m.Late() {
			take = c.o.Door.Expire
		}
	}
	c.counted(&a)
	if err := c.pump.await(ctx, c.o.Outbox.Last()); err != nil {
		return
	}
	if err := c.reply(ctx, conn, m, wire.Encode(a)); err != nil {
		return
	}
	m.Ack()
}

func (c *Client) counted(a *wire.Answer) {
	c.count(func(n *Counts) {
		switch a.Outcome {
		case vocabulary.OutcomeAccepted:
			n.Jobs++
		case vocabulary.OutcomeDuplicate:
			n.Repeated++
		case vocabulary.OutcomeExpired:
			n.Expired++
		default:
			n.Rejected++
		}
	})
}

// reply answers where the message wants it, as far as that is a reply topic of this shop. Nobody may make a shop publish elsewhere.
func (c *Client) reply(ctx context.Context, conn *mqtt.Conn, m *mqtt.Message, payload []byte) error {
	if _, ok := c.o.Place.CentreOf(m.Response); !ok {
		return nil
	}
	return conn.Send(ctx, mqtt.Out{Topic: m.Response, Payload: payload, Correlation: m.Correlation, Expiry: wire.JobExpiry})
}

// commandsAtOnce bounds how many commands are done at the same time: a probe takes half a minute.
const commandsAtOnce = 4

// takeCommands does what the centres ask.
func (c *Client) takeCommands(ctx context.Context, conn *mqtt.Conn) {
	var running sync.WaitGroup
	defer running.Wait()
	places := make(chan struct{}, commandsAtOnce)
	for {
		select {
		case m := <-c.cmds:
			select {
			case places <- struct{}{}:
			case <-ctx.Done():
				return
			}
			running.Go(func() {
				defer func() { <-places }()
				c.takeCommand(ctx, conn, m)
			})
		case <-ctx.Done():
			return
		}
	}
}

func (c *Client) takeCommand(ctx context.Context, conn *mqtt.Conn, m *mqtt.Message) {
	centre, ok := c.o.Place.CentreOf(m.Response)
	if !ok || m.Late() || m.Gone() || len(m.Payload) > 16<<10 {
		return // nobody waits for it
	}
	r, ok := c.do(ctx, centre, m.Payload)
	if !ok {
		return
	}
	c.count(func(n *Counts) { n.Commands++ })
	if err := conn.Send(ctx, mqtt.Out{Topic: m.Response, Payload: wire.Encode(r), Correlation: m.Correlation, Expiry: wire.CommandExpiry}); err != nil && ctx.Err() == nil {
		c.o.Logger.Warn("a command of the fleet was done and could not be answered", "err", err)
	}
}

// do gives the reply to a command; ok is false for a copy of one that is being done, which will be answered.
func (c *Client) do(ctx context.Context, centre string, payload []byte) (r wire.Reply, ok bool) {
	cmd, refused := c.permitted(centre, payload)
	if refused != nil {
		return *refused, true
	}
	switch cmd.Cmd {
	case wire.CmdStatus:
		s, err := c.state(ctx)
		if err != nil {
			return refuse(cmd.CmdID, "internal", "现在读不到状态。", "The state cannot be read now.", "过一会儿再试。", "Try again in a moment."), true
		}
		return wire.Reply{CmdID: cmd.CmdID, OK: true, State: &s}, true
	case wire.CmdFind, wire.CmdSettleInfo: // they change nothing
		r = c.o.Shop.Do(ctx, centre, cmd)
		r.CmdID = cmd.CmdID
		return r, true
	}
	mine, known := c.once.begin(centre, cmd.CmdID, payload, time.Now())
	if mine == nil {
		if known == nil {
			return r, false
		}
		return *known, true
	}
	r = c.o.Shop.Do(ctx, centre, cmd)
	r.CmdID = cmd.CmdID
	if !r.OK && (ctx.Err() != nil || r.Problem != nil && r.Problem.Code == "internal") { // it was not done
		c.once.forget(mine)
	} else {
		kept := r
		c.once.end(mine, &kept, time.Now())
	}
	return r, true
}

// permitted reads a command, and refuses what cannot be read and what the centre may not do.
func (c *Client) permitted(centre string, payload []byte) (cmd wire.Command, refused *wire.Reply) {
	no := func(r wire.Reply) (wire.Command, *wire.Reply) { return cmd, &r }
	if err := json.Unmarshal(payload, &cmd); err != nil {
		return no(refuse("", "invalid", "命令读不懂。", "The command cannot be read.", "按 docs/fleet.md 里的格式发。", "Send it as docs/fleet.md says."))
	}
	if !goodID(cmd.CmdID) {
		return no(refuse("", "invalid", "命令没有可用的 cmd_id。", "The command has no cmd_id that can be used.", "cmd_id 用 1 到 48 个字母、数字、点、横线。", "Use 1 to 48 letters, digits, dots and dashes as its cmd_id."))
	}
	need, known := wire.NeedOf(cmd.Cmd)
	if !known {
		return no(refuse(cmd.CmdID, "unknown_command", "这家店不认识这个命令。", "This shop does not know this command.", "看 docs/fleet.md 里的命令表，或给这家店升级。", "See the table of commands in docs/fleet.md, or upgrade this shop."))
	}
	if !Allowed(c.o.Allow, need) {
		c.count(func(n *Counts) { n.Denied++ })
		c.o.Logger.Warn("a centre asked for what it may not do", "centre", centre, "cmd", cmd.Cmd)
		return no(refuse(cmd.CmdID, "not_permitted", "这家店没有允许总部做这件事。", "This shop does not allow its centre to do this.",
			`在这家店的 receiptd.toml 里，[fleet] allow 加上 "`+need+`"。`, `Add "`+need+`" to [fleet] allow in this shop's receiptd.toml.`))
	}
	return cmd, nil
}

// goodID tells whether an id can be a part of a job_id.
func goodID(id string) bool {
	return id != "" && len(id) <= 48 && wire.Identifier(id) == id && !strings.ContainsAny(id, ":#@~")
}

func refuse(id, code, zh, en, fixZh, fixEn string) wire.Reply {
	return wire.Reply{CmdID: id, Problem: &wire.Problem{Code: code, Message: vocabulary.Text{Zh: zh, En: en}, Fix: vocabulary.Text{Zh: fixZh, En: fixEn}}}
}
