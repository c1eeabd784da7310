package service

import (
	"errors"

	"golang.org/x/sys/windows/svc/mgr"
)

// forget is after how many seconds without a failure Windows counts from the first again. All failures are answered alike.
const forget = 60

// keepUp has Windows start the service again after each failure: also when it ended in order and told an error
// (SERVICE_CONFIG_FAILURE_ACTIONS_FLAG), and also where an earlier version installed it.
func keepUp() error {
	m, err := mgr.Connect()
	if err != nil {
		return err
	}
	defer m.Disconnect()
	s, err := m.OpenService(Name)
	if err != nil {
		return err
	}
	defer s.Close()
	again := mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: restartPause}
	return errors.Join(s.SetRecoveryActions([]mgr.RecoveryAction{again, again, again}, forget), s.SetRecoveryActionsOnNonCrashFailures(true))
}
