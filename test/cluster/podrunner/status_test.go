package podrunner

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// state reads a word: "run", "run!" (started), "wait", "end3" (terminated with 3), "back3" (waits after 3).
func state(name, word string) corev1.ContainerStatus {
	s := corev1.ContainerStatus{Name: name}
	end := func(code string) *corev1.ContainerStateTerminated {
		return &corev1.ContainerStateTerminated{ExitCode: int32(code[0] - '0')}
	}
	started := word == "run!"
	switch {
	case strings.HasPrefix(word, "run"):
		s.State.Running, s.Started, s.Ready = &corev1.ContainerStateRunning{}, &started, started
	case word == "wait":
		s.State.Waiting = &corev1.ContainerStateWaiting{}
	case strings.HasPrefix(word, "end"):
		s.State.Terminated = end(word[3:])
		s.Ready = s.State.Terminated.ExitCode == 0
	case strings.HasPrefix(word, "back"):
		s.State.Waiting, s.LastTerminationState.Terminated = &corev1.ContainerStateWaiting{}, end(word[4:])
	}
	return s
}

// scenario makes a pod of init containers, sidecars (with a plus) and containers from their states.
func scenario(policy corev1.RestartPolicy, inits, regulars string) (corev1.PodSpec, corev1.PodStatus) {
	always := corev1.ContainerRestartPolicyAlways
	spec := corev1.PodSpec{RestartPolicy: policy}
	var status corev1.PodStatus
	for i, word := range strings.Fields(inits) {
		c := corev1.Container{Name: "i" + string(rune('0'+i))}
		if plain, is := strings.CutPrefix(word, "+"); is {
			c.RestartPolicy, word = &always, plain
		}
		spec.InitContainers = append(spec.InitContainers, c)
		status.InitContainerStatuses = append(status.InitContainerStatuses, state(c.Name, word))
	}
	for i, word := range strings.Fields(regulars) {
		c := corev1.Container{Name: "c" + string(rune('0'+i))}
		spec.Containers = append(spec.Containers, c)
		status.ContainerStatuses = append(status.ContainerStatuses, state(c.Name, word))
	}
	return spec, status
}

// The rules are those of getPhase in pkg/kubelet/kubelet_pods.go of k8s.io/kubernetes v1.37.2.
func TestPhase(t *testing.T) {
	const always, onFailure, never = corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever
	for _, c := range []struct {
		policy          corev1.RestartPolicy
		inits, regulars string
		terminal, begun bool
		want            corev1.PodPhase
	}{
		{always, "", "wait", false, false, corev1.PodPending},
		{always, "", "run wait", false, true, corev1.PodPending},
		{always, "", "run run", false, true, corev1.PodRunning},
		{always, "", "run end1", false, true, corev1.PodRunning},
		{always, "", "end0 end0", false, true, corev1.PodRunning}, // they will be restarted
		{always, "", "back1", false, true, corev1.PodRunning},
		{always, "", "end0", true, true, corev1.PodSucceeded},
		{always, "", "end0 end1", true, true, corev1.PodFailed},
		{onFailure, "", "end0 end0", false, true, corev1.PodSucceeded},
		{onFailure, "", "end0 back1", false, true, corev1.PodRunning},
		{onFailure, "", "run end0", false, true, corev1.PodRunning},
		{never, "", "end0 end0", false, true, corev1.PodSucceeded},
		{never, "", "end0 end2", false, true, corev1.PodFailed},
		{never, "", "run end2", false, true, corev1.PodRunning},
		{always, "run", "wait", false, false, corev1.PodPending},
		{always, "end0 wait", "wait", false, false, corev1.PodPending},
		{always, "end0", "run", false, true, corev1.PodRunning},
		{always, "back1", "wait", false, false, corev1.PodPending},
		{never, "end1", "wait", false, false, corev1.PodFailed},
		{onFailure, "end1", "wait", false, false, corev1.PodPending},
		{always, "+run", "wait", false, false, corev1.PodPending},
		{always, "+run!", "run", false, true, corev1.PodRunning},
		{always, "+run", "run", false, false, corev1.PodPending},
		{always, "+run", "run", false, true, corev1.PodRunning}, // the sidecar came back, the pod had run
		{never, "+run!", "end0", false, true, corev1.PodRunning},
		{never, "+end1", "end0", false, true, corev1.PodSucceeded}, // how a sidecar ends does not count
		{never, "+end0", "end1", false, true, corev1.PodFailed},
	} {
		spec, s := scenario(c.policy, c.inits, c.regulars)
		if got := phase(&spec, s.InitContainerStatuses, s.ContainerStatuses, c.terminal, c.begun); got != c.want {
			t.Errorf("policy %s, init containers %q, containers %q, terminal %v: %s, want %s", c.policy, c.inits, c.regulars, c.terminal, got, c.want)
		}
	}
	spec, _ := scenario(always, "", "run")
	if got := phase(&spec, nil, nil, false, false); got != corev1.PodPending {
		t.Errorf("without any status: %s", got)
	}
}

// The rules are those of pkg/kubelet/status/generate.go of k8s.io/kubernetes v1.37.2.
func TestConditions(t *testing.T) {
	gate := corev1.PodCondition{Type: "gate", Status: corev1.ConditionTrue}
	for name, c := range map[string]struct {
		inits, regulars string
		phase           corev1.PodPhase
		gates           bool
		has             []corev1.PodCondition
		want            string // Initialized, ContainersReady, Ready: T or F with the reason
	}{
		"all ready":         {regulars: "run! run!", phase: corev1.PodRunning, want: "T T T"},
		"one not ready":     {regulars: "run! run", phase: corev1.PodRunning, want: "T F:ContainersNotReady F:ContainersNotReady"},
		"in init":           {inits: "end0 run", regulars: "wait", phase: corev1.PodPending, want: "F:ContainersNotInitialized F:ContainersNotReady F:ContainersNotReady"},
		"init done":         {inits: "end0", regulars: "run!", phase: corev1.PodRunning, want: "T T T"},
		"sidecar starts":    {inits: "+run", regulars: "wait", phase: corev1.PodPending, want: "F:ContainersNotInitialized F:ContainersNotReady F:ContainersNotReady"},
		"sidecar is back":   {inits: "+run", regulars: "run!", phase: corev1.PodRunning, want: "T F:ContainersNotReady F:ContainersNotReady"},
		"succeeded":         {regulars: "end0", phase: corev1.PodSucceeded, want: "T:PodCompleted F:PodCompleted F:PodCompleted"},
		"failed":            {regulars: "end1", phase: corev1.PodFailed, want: "T F:PodFailed F:PodFailed"},
		"gate not there":    {regulars: "run!", phase: corev1.PodRunning, gates: true, want: "T T F:ReadinessGatesNotReady"},
		"gate closed":       {regulars: "run!", phase: corev1.PodRunning, gates: true, has: []corev1.PodCondition{{Type: "gate", Status: corev1.ConditionFalse}}, want: "T T F:ReadinessGatesNotReady"},
		"gate open":         {regulars: "run!", phase: corev1.PodRunning, gates: true, has: []corev1.PodCondition{gate}, want: "T T T"},
		"not ready, a gate": {regulars: "run", phase: corev1.PodRunning, gates: true, has: []corev1.PodCondition{gate}, want: "T F:ContainersNotReady F:ContainersNotReady"},
	} {
		spec, s := scenario(corev1.RestartPolicyNever, c.inits, c.regulars)
		s.Phase = c.phase
		if c.gates {
			spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "gate"}}
		}
		all := conditions(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Generation: 4}, Spec: spec}, &s, c.has, metav1.Now())
		var got []string
		for _, kind := range []corev1.PodConditionType{corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
			is := find(all, kind)
			word := string(is.Status[0])
			if is.Reason != "" {
				word += ":" + is.Reason
			}
			if is.ObservedGeneration != 4 {
				t.Errorf("%s: %s is of generation %d, not 4", name, kind, is.ObservedGeneration)
			}
			got = append(got, word)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func TestConditionsKeepTheirTime(t *testing.T) {
	spec, s := scenario(corev1.RestartPolicyAlways, "", "run!")
	s.Phase = corev1.PodRunning
	pod := &corev1.Pod{Spec: spec}
	early, late := metav1.NewTime(time.Unix(100, 0)), metav1.NewTime(time.Unix(200, 0))
	first := conditions(pod, &s, nil, early)
	if is := find(conditions(pod, &s, first, late), corev1.PodReady); !is.LastTransitionTime.Equal(&early) {
		t.Errorf("Ready did not change, its time did: %v", is.LastTransitionTime)
	}
	s.ContainerStatuses[0].Ready = false
	if is := find(conditions(pod, &s, first, late), corev1.PodReady); !is.LastTransitionTime.Equal(&late) {
		t.Errorf("Ready changed, its time did not: %v", is.LastTransitionTime)
	}
}

func TestContainerStatus(t *testing.T) {
	spec := &corev1.PodSpec{RestartPolicy: corev1.RestartPolicyAlways}
	running := func(hooked bool, probes ...*probing) *life {
		l := &life{hooked: hooked, probes: map[probeKind]*probing{}}
		for _, p := range probes {
			l.probes[p.kind] = p
		}
		return l
	}
	passed := func(kind probeKind, is bool) *probing { return &probing{kind: kind, passed: is} }
	end := func(code int32) *corev1.ContainerStateTerminated {
		return &corev1.ContainerStateTerminated{ExitCode: code}
	}
	for name, c := range map[string]struct {
		container container
		final     bool
		want      string // state, last state, and what it is
	}{
		"never ran":            {container{role: regular, waiting: corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}, false, "waiting"},
		"runs, hook runs":      {container{role: regular, life: running(false)}, false, "running"},
		"runs":                 {container{role: regular, life: running(true)}, false, "running started ready"},
		"startup to be known":  {container{role: regular, life: running(true, passed(startup, false), passed(readiness, true))}, false, "running"},
		"startup known":        {container{role: regular, life: running(true, passed(startup, true))}, false, "running started ready"},
		"not ready":            {container{role: regular, life: running(true, passed(readiness, false))}, false, "running started"},
		"runs again":           {container{role: regular, life: running(true), previous: end(3)}, false, "running last3 started ready"},
		"backs off":            {container{role: regular, ended: end(3), previous: end(2)}, false, "waiting last3"},
		"ended for good":       {container{role: regular, ended: end(3), previous: end(2)}, true, "ended3 last2"},
		"an init container":    {container{role: initial, life: running(true)}, false, "running"},
		"has done its work":    {container{role: initial, ended: end(0)}, false, "ended0 ready"},
		"has to do it again":   {container{role: initial, ended: end(1)}, false, "waiting last1"},
		"a sidecar that ended": {container{role: sidecar, ended: end(0)}, false, "waiting last0"},
	} {
		c.container.spec = &corev1.Container{Name: "c"}
		s := c.container.status(spec, c.final)
		var got []string
		switch {
		case s.State.Running != nil:
			got = append(got, "running")
		case s.State.Terminated != nil:
			got = append(got, "ended"+string(rune('0'+s.State.Terminated.ExitCode)))
		default:
			got = append(got, "waiting")
		}
		if last := s.LastTerminationState.Terminated; last != nil {
			got = append(got, "last"+string(rune('0'+last.ExitCode)))
		}
		if *s.Started {
			got = append(got, "started")
		}
		if s.Ready {
			got = append(got, "ready")
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func TestNodeThatComesBackFindsItsContainersEnded(t *testing.T) {
	running := corev1.ContainerStatus{Name: "c", ContainerID: "podrunner://1", RestartCount: 2}
	running.State.Running = &corev1.ContainerStateRunning{}
	all := containersOf(&corev1.Pod{
		Spec:   corev1.PodSpec{Containers: []corev1.Container{{Name: "c"}}},
		Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{running}},
	})
	// What its init container did is gone with the node, and the pod is one that is restarted.
	finished := corev1.ContainerStatus{Name: "i", ContainerID: "podrunner://0"}
	finished.State.Terminated = &corev1.ContainerStateTerminated{}
	for policy, again := range map[corev1.RestartPolicy]bool{corev1.RestartPolicyAlways: true, corev1.RestartPolicyOnFailure: true, corev1.RestartPolicyNever: false} {
		spec := corev1.PodSpec{RestartPolicy: policy, InitContainers: []corev1.Container{{Name: "i"}}}
		i := containersOf(&corev1.Pod{Spec: spec, Status: corev1.PodStatus{InitContainerStatuses: []corev1.ContainerStatus{finished}}})[0]
		if i.completed() == again || i.stays(&spec) && again {
			t.Errorf("policy %s, an init container that ran before: completed %v, stays %v", policy, i.completed(), i.stays(&spec))
		}
	}
	if c := all[0]; c.ended == nil || c.ended.ExitCode != 137 || c.restarts != 2 || c.life != nil {
		t.Errorf("a container that ran before: %+v", c)
	}
}

func TestStatusPatch(t *testing.T) {
	base := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "u"}, Status: corev1.PodStatus{
		QOSClass: corev1.PodQOSBurstable, Phase: corev1.PodPending, NominatedNodeName: "n",
		Conditions: []corev1.PodCondition{
			{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "ContainersNotReady", Message: "m"},
			{Type: "gate", Status: corev1.ConditionTrue},
		},
	}}
	wanted := corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}
	patch, err := statusPatch(base, &wanted)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(patch), `"uid":"u"`) {
		t.Errorf("no UID in %s: it could meet another pod of the name", patch)
	}
	before, err := json.Marshal(base)
	if err != nil {
		t.Fatal(err)
	}
	after, err := strategicpatch.StrategicMergePatch(before, patch, corev1.Pod{})
	if err != nil {
		t.Fatal(err)
	}
	var got corev1.Pod
	if err := json.Unmarshal(after, &got); err != nil {
		t.Fatal(err)
	}
	s := got.Status
	if s.QOSClass != corev1.PodQOSBurstable || s.NominatedNodeName != "n" || find(s.Conditions, "gate") == nil {
		t.Errorf("what belongs to others is lost: %+v", s)
	}
	if is := find(s.Conditions, corev1.PodReady); s.Phase != corev1.PodRunning || is.Status != corev1.ConditionTrue || is.Reason != "" || is.Message != "" {
		t.Errorf("the status is not the wanted one: %+v", s)
	}
	same, err := statusPatch(&got, &wanted)
	if err != nil || same != nil {
		t.Errorf("the patch where nothing differs: %s, %v", same, err)
	}
}

func TestRestarts(t *testing.T) {
	onFailure := corev1.ContainerRestartPolicyOnFailure
	never := corev1.ContainerRestartPolicyNever
	rules := func(operator corev1.ContainerRestartRuleOnExitCodesOperator, values ...int32) []corev1.ContainerRestartRule {
		return []corev1.ContainerRestartRule{{Action: corev1.ContainerRestartRuleActionRestart, ExitCodes: &corev1.ContainerRestartRuleOnExitCodes{Operator: operator, Values: values}}}
	}
	for name, c := range map[string]struct {
		pod       corev1.RestartPolicy
		container corev1.Container
		code      int32
		want      bool
	}{
		"always":                    {corev1.RestartPolicyAlways, corev1.Container{}, 0, true},
		"on failure, 0":             {corev1.RestartPolicyOnFailure, corev1.Container{}, 0, false},
		"on failure, 1":             {corev1.RestartPolicyOnFailure, corev1.Container{}, 1, true},
		"never":                     {corev1.RestartPolicyNever, corev1.Container{}, 1, false},
		"own policy wins":           {corev1.RestartPolicyNever, corev1.Container{RestartPolicy: &onFailure}, 1, true},
		"own policy is left":        {corev1.RestartPolicyAlways, corev1.Container{RestartPolicy: &never}, 1, false},
		"a rule names the code":     {corev1.RestartPolicyNever, corev1.Container{RestartPolicy: &never, RestartPolicyRules: rules("In", 42)}, 42, true},
		"a rule names another":      {corev1.RestartPolicyNever, corev1.Container{RestartPolicy: &never, RestartPolicyRules: rules("In", 42)}, 41, false},
		"a rule names all others":   {corev1.RestartPolicyNever, corev1.Container{RestartPolicy: &never, RestartPolicyRules: rules("NotIn", 42)}, 41, true},
		"rules without own policy ": {corev1.RestartPolicyNever, corev1.Container{RestartPolicyRules: rules("In", 42)}, 42, false},
	} {
		if got := restarts(&corev1.PodSpec{RestartPolicy: c.pod}, &c.container, c.code); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestBackoffGrowsAndIsForgotten(t *testing.T) {
	b := Backoff{Initial: time.Second, Limit: 5 * time.Second}
	var d delay
	for i, want := range []time.Duration{0, 1, 2, 4, 5, 5} {
		if got := d.after(0, b); got != want*time.Second {
			t.Errorf("crash %d waits %v, want %v", i+1, got, want*time.Second)
		}
	}
	if got := d.after(9*time.Second, b); got != 5*time.Second {
		t.Errorf("after a life that was too short to forget: %v", got)
	}
	if got := d.after(10*time.Second, b); got != 0 {
		t.Errorf("after a long life: %v, want none", got)
	}
}
