package doctor

import "time"

// A machine busy with many tests is no printer that does not answer.
func init() { answerTime, quickTime = 5*time.Second, 5*time.Second }
