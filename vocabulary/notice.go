package vocabulary

import "slices"

// Notice is something that somebody is told about outside the shop: it is so, and later it is over.
type Notice string

// What somebody can be told about.
const (
	NoticePrinter  Notice = "printer_not_ready"
	NoticePaperLow Notice = "paper_low"
	NoticeDoubt    Notice = "slip_uncertain"
	NoticeOverdue  Notice = "slip_overdue"
	NoticeReversal Notice = "reversal_open"
	NoticeBatch    Notice = "batch_not_settled"
	NoticeDisk     Notice = "disk_full"
	NoticeJournal  Notice = "journal_trouble"
	NoticeClock    Notice = "clock_jumped"
	NoticeTest     Notice = "test" // asked for by a person; it is never over
)

var notices = []Notice{NoticePrinter, NoticePaperLow, NoticeDoubt, NoticeOverdue, NoticeReversal, NoticeBatch, NoticeDisk, NoticeJournal, NoticeClock}

// DiskLow is the state of a disk that is nearly full, in a notice of NoticeDisk.
const DiskLow = "low"

// Notices lists what a configuration can name.
func Notices() []Notice { return slices.Clone(notices) }
