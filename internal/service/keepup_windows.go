package service

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
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
	err = errors.Join(s.SetRecoveryActions([]mgr.RecoveryAction{again, again, again}, forget), s.SetRecoveryActionsOnNonCrashFailures(true))
	if errors.Is(err, errInvalidLevel) || errors.Is(err, windows.ERROR_CALL_NOT_IMPLEMENTED) || errors.Is(err, windows.ERROR_NOT_SUPPORTED) {
		err = errors.Join(errors.ErrUnsupported, err) // wine's service manager
	}
	return err
}

// errInvalidLevel is ERROR_INVALID_LEVEL: the manager knows nothing of what was asked.
const errInvalidLevel = syscall.Errno(124)
