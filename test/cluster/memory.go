package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Memory is what a part holds of the machine's, in bytes.
type Memory struct {
	// Peak is the most that was resident at once, what is shared with other parts counted in full.
	Peak int64
	// Share is what it holds now. Pages that several processes share, as the code of the parts, which is one
	// program, are divided among them, so that the shares may be added up.
	Share int64
}

// Memory tells what each part that runs holds. The system has to be Linux.
func (c *Cluster) Memory() (map[Part]Memory, error) {
	all := map[Part]Memory{}
	for part, p := range c.processes {
		pid := p.pid()
		if pid == 0 {
			continue
		}
		folder := fmt.Sprintf("/proc/%d/", pid)
		peak, peakErr := kilobytes(folder+"status", "VmHWM:")
		share, shareErr := kilobytes(folder+"smaps_rollup", "Pss:")
		if err := errors.Join(peakErr, shareErr); err != nil {
			return nil, fmt.Errorf("memory of %s: %w", part, err)
		}
		all[part] = Memory{Peak: peak, Share: share}
	}
	return all, nil
}

// kilobytes reads a line such as "VmHWM:   123 kB", in bytes.
func kilobytes(path, name string) (int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || fields[0] != name || fields[2] != "kB" {
			continue
		}
		count, err := strconv.ParseInt(fields[1], 10, 64)
		return count << 10, err
	}
	return 0, fmt.Errorf("no %s in %s", name, path)
}
