package podrunner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestThresholds(t *testing.T) {
	for name, c := range map[string]struct {
		kind             probeKind
		success, failure int32
		attempts         string // + and -
		want             string // after each: p passed, f not; capital where it was just decided
	}{
		"readiness":                {readiness, 1, 3, "+---+", "PppFP"},
		"a success in between":     {readiness, 1, 2, "+-+-", "Pppp"},
		"two successes":            {readiness, 2, 1, "+-++-", "fffPF"},
		"liveness":                 {liveness, 1, 3, "+--+---", "pppppp" + "F"},
		"liveness, once failed":    {liveness, 1, 1, "-+", "Ff"},
		"startup":                  {startup, 1, 3, "--+-", "ffPp"},
		"startup, once failed":     {startup, 1, 3, "---+", "ffFf"},
		"no threshold is one":      {readiness, 0, 0, "+-", "PF"},
		"never ready, never known": {readiness, 1, 2, "---", "fff"},
	} {
		p := newProbing(c.kind, &corev1.Probe{SuccessThreshold: c.success, FailureThreshold: c.failure})
		got := ""
		for _, a := range c.attempts {
			word := "f"
			decided := p.observe(a == '+')
			if p.passed {
				word = "p"
			}
			if decided {
				word = strings.ToUpper(word)
			}
			got += word
		}
		if got != c.want {
			t.Errorf("%s: %s becomes %s, want %s", name, c.attempts, got, c.want)
		}
	}
}

func TestAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		spec := &corev1.Probe{InitialDelaySeconds: 5, PeriodSeconds: 3, TimeoutSeconds: 2}
		var at []string
		say := func(word string) { at = append(at, fmt.Sprint(word, time.Since(begin).Seconds())) }
		n := 0
		attempt(ctx, spec, begin.Add(-time.Second), func(ctx context.Context) error {
			say("try")
			if n++; n == 2 {
				<-ctx.Done() // does not answer
				return ctx.Err()
			}
			return nil
		}, func(err error) {
			say(map[bool]string{true: "ok", false: "no"}[err == nil])
			if n == 3 {
				cancel()
			}
		})
		if got, want := strings.Join(at, " "), "try4 ok4 try7 no9 try10 ok10"; got != want {
			t.Errorf("a delay of 5 s after a start a second ago, a period of 3 s, a timeout of 2 s: %s, want %s", got, want)
		}
	})
}

// A probe that is ended while it waits for an answer reports nothing.
func TestAttemptEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		attempt(ctx, &corev1.Probe{TimeoutSeconds: 10}, time.Now(), func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}, func(err error) { t.Errorf("reported %v", err) })
	})
}

func newTarget(t *testing.T, variables map[string]string) *target {
	t.Helper()
	s := newSpawner()
	t.Cleanup(s.close)
	all := imageVariables("host")
	for name, value := range variables {
		all[name] = value
	}
	return &target{
		container: &corev1.Container{Name: "c", Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 1}}},
		address:   "127.0.0.1", surroundings: surroundings{variables: all, folder: t.TempDir()}, spawner: s,
	}
}

func TestHTTPProbe(t *testing.T) {
	mux := http.NewServeMux()
	for code := range map[int]bool{200: true, 204: true, 304: true, 400: true, 404: true, 500: true} {
		mux.HandleFunc("/"+strconv.Itoa(code), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	mux.HandleFunc("/here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/404", http.StatusFound) })
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://example.invalid/", http.StatusFound)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "named.example" || r.Header.Get("X-Key") != "v" || !strings.HasPrefix(r.UserAgent(), "kube-probe/") || r.URL.RawQuery != "q=1" {
			http.Error(w, "", http.StatusTeapot)
		}
	})
	slow := make(chan struct{})
	mux.HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { <-slow })
	for _, scheme := range []corev1.URIScheme{corev1.URISchemeHTTP, corev1.URISchemeHTTPS} {
		server := httptest.NewUnstartedServer(mux)
		if scheme == corev1.URISchemeHTTPS {
			server.StartTLS()
		} else {
			server.Start()
		}
		where, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		port, _ := strconv.Atoi(where.Port())
		target := newTarget(t, nil)
		target.container.Ports[0].ContainerPort = int32(port)
		for path, succeeds := range map[string]bool{
			"/200": true, "204": true, "/304": true, "/400": false, "/404": false, "/500": false,
			"/here": false, "/elsewhere": true, "/loop": false, "/headers?q=1": true,
		} {
			get := &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("web"), Scheme: scheme, HTTPHeaders: []corev1.HTTPHeader{{Name: "Host", Value: "named.example"}, {Name: "X-Key", Value: "v"}}}
			if path == "/here" || path == "/loop" {
				get.HTTPHeaders = nil
			}
			err := target.try(t.Context(), &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: get}})
			if (err == nil) != succeeds {
				t.Errorf("%s %s: %v, want success %v", scheme, path, err, succeeds)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := target.httpGet(ctx, &corev1.HTTPGetAction{Path: "/slow", Port: intstr.FromInt(port), Scheme: scheme}, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a server that does not answer: %v", err)
		}
		cancel()
		if scheme == corev1.URISchemeHTTPS {
			close(slow)
		}
		t.Cleanup(server.Close)
	}
	target := newTarget(t, nil)
	for name, port := range map[string]intstr.IntOrString{"no such name": intstr.FromString("none"), "zero": intstr.FromInt32(0)} {
		if err := target.httpGet(t.Context(), &corev1.HTTPGetAction{Port: port}, "a"); err == nil || !strings.Contains(err.Error(), "container c has no port") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTCPProbe(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := newTarget(t, nil)
	port := listener.Addr().(*net.TCPAddr).Port
	// Both as a number and as a number that is written as a name.
	for _, written := range []intstr.IntOrString{intstr.FromInt(port), intstr.FromString(strconv.Itoa(port))} {
		probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: written}}}
		if err := target.try(t.Context(), probe); err != nil {
			t.Errorf("somebody listens: %v", err)
		}
	}
	listener.Close()
	if err := target.tcpSocket(t.Context(), &corev1.TCPSocketAction{Port: intstr.FromInt(port)}); err == nil {
		t.Error("nobody listens, and the probe succeeds")
	}
}

func TestExecProbe(t *testing.T) {
	target := newTarget(t, map[string]string{"ANSWER": "42"})
	try := func(ctx context.Context, script string) error {
		return target.try(ctx, &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"sh", "-c", script}}}})
	}
	if err := try(t.Context(), `test "$ANSWER" = 42 && test "$PWD" = '`+target.surroundings.folder+`'`); err != nil {
		t.Errorf("the container's variables and folder: %v", err)
	}
	// $(NAME) is replaced by what the pod spells out, and by nothing else.
	target.container.Env = []corev1.EnvVar{{Name: "PLAIN", Value: "p"}, {Name: "ANSWER", ValueFrom: &corev1.EnvVarSource{}}}
	if err := try(t.Context(), `test "$(PLAIN)$(ANSWER)" = p`); err != nil {
		t.Errorf("references in a probe's command: %v", err)
	}
	if err := try(t.Context(), "echo why; exit 3"); err == nil || !strings.Contains(err.Error(), "ended with code 3: why") {
		t.Errorf("a command that fails: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := try(ctx, "sleep 3600 & wait"); err == nil || !strings.Contains(err.Error(), "timed out") {
		t.Errorf("a command that does not end: %v", err)
	}
	if err := target.exec(t.Context(), []string{"no-such-program"}); err == nil || !strings.Contains(err.Error(), "no such program in PATH=") {
		t.Errorf("a program that is not there: %v", err)
	}
	if err := try(t.Context(), "head -c 100000 /dev/zero | tr '\\0' x; exit 1"); err == nil || len(err.Error()) > maxAnswer+200 {
		t.Errorf("the output is kept beyond its bound")
	}
}

// All that a container started ends with it, and the code says how it ended.
func TestProcess(t *testing.T) {
	s := newSpawner()
	defer s.close()
	start := func(script string) *process {
		t.Helper()
		p, err := s.start(exec.Command("sh", "-c", script))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := start("exit 5")
	<-p.done
	if p.code != 5 || p.signal != 0 {
		t.Errorf("exit 5 is code %d, signal %d", p.code, p.signal)
	}
	p.kill() // what is over takes no signal
	p = start("sleep 3600")
	p.kill()
	<-p.done
	if p.code != 137 || p.signal != 9 {
		t.Errorf("a killed process is code %d, signal %d, not 137 and 9", p.code, p.signal)
	}
	note := filepath.Join(t.TempDir(), "note")
	p = start("trap 'exit 4' USR1; touch " + note + "; while :; do sleep 0.01; done")
	for late := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(note); err == nil {
			break
		} else if time.Now().After(late) {
			t.Fatal(err)
		}
	}
	if err := p.stop("SIGUSR1"); err != nil {
		t.Error(err)
	}
	<-p.done
	if p.code != 4 {
		t.Errorf("a named signal: code %d, not 4", p.code)
	}
	p = start("sleep 3600 & echo $! > " + note + "; exit 0")
	<-p.done
	child, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	gone(t, strings.TrimSpace(string(child)), "3600")
}

// gone waits for the end of a process, which a signal does not bring about in an instant. The argument
// tells it from another that has its number now.
func gone(t *testing.T, pid, argument string) {
	t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		line, err := os.ReadFile("/proc/" + pid + "/cmdline")
		if err != nil || !strings.Contains(string(line), argument) {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("process %s lives: %q", pid, line)
		}
	}
}
