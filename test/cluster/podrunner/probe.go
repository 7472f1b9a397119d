package podrunner

import (
	"context"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// probeKind is what a probe decides. The values are the words of events.
type probeKind string

const (
	startup   probeKind = "Startup"
	liveness  probeKind = "Liveness"
	readiness probeKind = "Readiness"
)

// probing is one probe of one life of a container. Attempts in a row are counted; what is decided changes
// when a threshold is reached. Nothing of it is safe for several goroutines: the pod's has it.
type probing struct {
	kind    probeKind
	spec    *corev1.Probe
	cancel  context.CancelFunc
	passed  bool // what is decided
	last    bool
	run     int32
	decided bool // for good: a started container, or one that is to be killed
}

func newProbing(kind probeKind, spec *corev1.Probe) *probing {
	// Until it is known, a container lives and is not ready.
	return &probing{kind: kind, spec: spec, passed: kind == liveness}
}

// observe counts one attempt and tells whether it decided something.
func (p *probing) observe(success bool) bool {
	if p.decided {
		return false
	}
	if p.run == 0 || success != p.last {
		p.run, p.last = 0, success
	}
	p.run++
	threshold := p.spec.FailureThreshold
	if success {
		threshold = p.spec.SuccessThreshold
	}
	if p.run < max(threshold, 1) {
		return false
	}
	changed := p.passed != success
	p.passed = success
	p.decided = p.kind == startup || p.kind == liveness && !success
	return changed || p.decided
}

// attempt calls try each period, from the initial delay after the container's start on, each time with
// the probe's timeout, and reports each result until the context ends.
func attempt(ctx context.Context, spec *corev1.Probe, startedAt time.Time, try func(context.Context) error, report func(error)) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(time.Until(startedAt.Add(seconds(int64(spec.InitialDelaySeconds))))):
	}
	ticker := time.NewTicker(max(seconds(int64(spec.PeriodSeconds)), time.Second))
	defer ticker.Stop()
	for {
		once, cancel := context.WithTimeout(ctx, max(seconds(int64(spec.TimeoutSeconds)), time.Second))
		err := try(once)
		cancel()
		if ctx.Err() != nil {
			return
		}
		report(err)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// seconds is a duration of as many seconds as it can hold: the API lets a grace be any int64.
func seconds(n int64) time.Duration {
	return time.Duration(min(n, int64(math.MaxInt64/time.Second))) * time.Second
}
