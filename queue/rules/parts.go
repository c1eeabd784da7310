package rules

// Requests takes what is asked of the journal: job files, requests, commands. Its methods may be used by many goroutines.
type Requests struct{ r *Rules }

// Decisions takes what only a person can say: whether a slip came out, whether what waited too long is still wanted, whether a batch is
// settled. The caller has checked the operator's permission. Its methods may be used by many goroutines.
type Decisions struct{ r *Rules }

// Alarms writes down what a person should see and no printer said. Its methods may be used by many goroutines.
type Alarms struct{ r *Rules }

// Retention removes what is no longer kept, and what a person wants erased. Its methods may be used by many goroutines.
type Retention struct{ r *Rules }

// NewRequests gives a part of the rules that callers outside the queue have to do with, as the functions below do. It may be used as soon
// as the rules have their journal: see Rules.Use.
func NewRequests(r *Rules) *Requests { return &Requests{r} }

// NewDecisions is like NewRequests.
func NewDecisions(r *Rules) *Decisions { return &Decisions{r} }

// NewAlarms is like NewRequests.
func NewAlarms(r *Rules) *Alarms { return &Alarms{r} }

// NewRetention is like NewRequests.
func NewRetention(r *Rules) *Retention { return &Retention{r} }
