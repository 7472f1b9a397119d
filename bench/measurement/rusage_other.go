//go:build !linux

package measurement

import (
	"errors"
	"os"
)

// residentSet refuses: other systems count in other units, and a wrong figure is worse than none.
func residentSet(*os.ProcessState) (int64, error) {
	return 0, errors.New("memory is measured on Linux only")
}
