package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/receiptd/receiptd/job"
)

// A Story is everything the journal knows about one job.
type Story struct {
	Summary Summary         `json:"summary"`
	Answer  Answer          `json:"answer"`
	Lines   []Line          `json:"lines"`
	Job     json.RawMessage `json:"job,omitempty"` // sanitised; empty when retention took it
}

// A Line is one thing that happened, in words.
type Line struct {
	At    time.Time `json:"at"`
	Text  job.Text  `json:"text"`
	Event Event     `json:"event"`
}

// Show tells a job's whole story, other contents that came under its id included. Error: ErrNotFound.
func (q *Queue) Show(ctx context.Context, jobID string) (Story, error) {
	s := q.reader(ctx)
	row, err := rowByID(s, jobID)
	if err != nil {
		return Story{}, err
	}
	var st Story
	if st.Summary, err = q.summary(s, &row); err != nil {
		return st, err
	}
	if st.Answer, err = q.answerFor(s, row); err != nil {
		return st, err
	}
	var text []byte
	if err := s.row("SELECT json FROM jobs WHERE seq = ?", row.seq).Scan(&text); err != nil {
		return st, noRow(err)
	}
	st.Job = text
	st.Lines, err = q.lines(s, "job = ? OR job IN (SELECT seq FROM jobs WHERE "+heldUnder+") ORDER BY seq LIMIT 1000",
		row.seq, row.jobID+heldMark, row.jobID+heldMark+":")
	return st, err
}

// BatchLines tells what happened to a batch instance itself.
func (q *Queue) BatchLines(ctx context.Context, id int64) ([]Line, error) {
	return q.lines(q.reader(ctx), "batch = ? AND type IN ('batch', 'reversal', 'conflict') ORDER BY seq LIMIT 1000", id)
}

func (q *Queue) lines(s source, where string, args ...any) ([]Line, error) {
	events, err := q.scanEvents(s, "SELECT "+eventColumns+" FROM events WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	lines := []Line{}
	for i, e := range events {
		if i > 0 && e.CopyID != "" && e.CopyID == events[i-1].CopyID && e.State == events[i-1].State && e.At.Equal(events[i-1].At) && e.File != events[i-1].File {
			continue // the same, for another file
		}
		lines = append(lines, Line{At: e.At, Text: words(&e), Event: e})
	}
	return lines, nil
}

// stateWords say what a state means, without claiming more than is known.
var stateWords = map[State]job.Text{
	Queued:    {Zh: "等待打印", En: "waits to be printed"},
	Sending:   {Zh: "开始打印", En: "printing began"},
	Printed:   {Zh: "已打印", En: "printed"},
	Processed: {Zh: "打印机已收完，状态正常", En: "the printer has read it all and its status is clean"},
	Sent:      {Zh: "已发送，打印机无法确认", En: "sent; this printer cannot confirm"},
	Held:      {Zh: "等待打印机", En: "held"},
	Uncertain: {Zh: "不确定是否出纸", En: "uncertain: nobody knows whether it came out"},
	Defective: {Zh: "报为废票", En: "reported defective"},
	Cancelled: {Zh: "已取消", En: "cancelled"},
}

var eventWords = map[EventType]job.Text{
	EventAccepted:   {Zh: "收到", En: "accepted"},
	EventAnswered:   {Zh: "再次收到，已答复", En: "asked again and answered"},
	EventRejected:   {Zh: "内容有误，未接收", En: "rejected"},
	EventBatch:      {Zh: "批次", En: "batch"},
	EventReversal:   {Zh: "冲正", En: "reversal"},
	EventConflict:   {Zh: "内容冲突", En: "conflict"},
	EventAlarm:      {Zh: "请查看", En: "please look"},
	EventLateProof:  {Zh: "打印机后来确认已打印", En: "the printer confirmed it later"},
	EventPersonSaid: {Zh: "人员答复", En: "a person said"},
	EventRetention:  {Zh: "按期清理", En: "removed by retention"},
}

// words tells an event in both languages.
func words(e *Event) job.Text {
	text, ok := eventWords[e.Type]
	if e.Type == EventCopy {
		text, ok = stateWords[e.State]
	}
	if !ok {
		text = job.Text{Zh: string(e.Type), En: string(e.Type)}
	}
	tail := ""
	if e.Type == EventBatch || e.Type == EventReversal {
		tail = " " + string(e.State)
	}
	for _, part := range []string{e.Reason, e.Detail} {
		if part != "" {
			tail += " · " + part
		}
	}
	if e.Printer != "" {
		tail += fmt.Sprintf(" [%s]", e.Printer)
	}
	if e.Operator != "" {
		tail += " (" + e.Operator + ")"
	}
	return job.Text{Zh: text.Zh + tail, En: text.En + tail}
}
