package doctor

import (
	"context"
	"strconv"
)

// receivers tells of those who should be told of what needs a person, and are not.
func (x *examination) receivers(ctx context.Context) {
	if !x.running || x.o.Receivers == nil || len(x.o.Config.Notify) == 0 {
		return
	}
	list, err := x.o.Receivers(ctx)
	if err != nil {
		return // a daemon that does not answer is told of by the call before
	}
	try := func(name string) string { return "receiptd notify test " + name }
	for _, r := range list {
		switch {
		case r.Failure != "":
			x.add("notify", Warning, r.Name, text("通知发不出去，"+strconv.Itoa(r.Pending)+" 条在等："+r.Text.Zh, "messages do not get through, "+strconv.Itoa(r.Pending)+" waiting: "+r.Text.En),
				text("改好后试："+try(r.Name), "put that right and try: "+try(r.Name)))
		case r.GivenUp > 0:
			x.add("notify", Hint, r.Name, text(strconv.Itoa(r.GivenUp)+" 条通知一天没人收，放弃了", strconv.Itoa(r.GivenUp)+" messages were given up: nobody took them for a day"),
				text("现在能不能收："+try(r.Name), "see whether it takes them now: "+try(r.Name)))
		case r.LastTold.IsZero():
			x.good("notify", r.Name, "还没有要通知的；试一下："+try(r.Name), "nothing was sent yet; try it: "+try(r.Name))
		default:
			x.good("notify", r.Name, "上一条收到了", "the last message was taken")
		}
	}
}
