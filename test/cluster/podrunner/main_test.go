package podrunner

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"polygraph/test/cluster"
)

// playVariable makes the test binary a container's command.
const playVariable = "PODRUNNER_TEST_PLAY"

func TestMain(m *testing.M) {
	if part := os.Getenv(playVariable); part != "" {
		os.Exit(play(part))
	}
	os.Exit(shared.Main(m))
}

// shared is the cluster: each test has its own node and namespace in it.
var shared = cluster.Shared{Options: cluster.Options{Controllers: cluster.Workloads(), Scheduler: true}}

// skip is for what the machine lacks. Where all has to be there, that is a failure.
func skip(t *testing.T, reason any) {
	t.Helper()
	if os.Getenv("POLYGRAPH_STRICT") == "1" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// play is what runs in the containers of the tests.
func play(part string) int {
	switch part {
	case "serve":
		return serve()
	case "exit":
		fmt.Println("ending as asked")
		code, _ := strconv.Atoi(os.Getenv("CODE"))
		return code
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("deaf")
		time.Sleep(time.Hour)
	case "host":
		cmd := exec.Command("sh", "-c", "echo $$; exec sleep 3600")
		cmd.Stdout = os.Stdout
		if _, err := newSpawner().start(cmd); err != nil {
			fmt.Println(err)
			return 1
		}
		time.Sleep(time.Hour)
	case "wait":
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		fmt.Println("waiting")
		<-asked
		fmt.Println("asked to end")
		return 0
	}
	fmt.Println("no part", part)
	return 2
}

// serve answers on the pod's address until it is asked to end.
func serve() int {
	var unready, sick atomic.Bool
	check := func(bad *atomic.Bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if bad.Load() {
				http.Error(w, "no", http.StatusServiceUnavailable)
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, os.Getenv("POD_NAME"), " ", os.Getenv("VERSION"))
	})
	mux.HandleFunc("/ready", check(&unready))
	mux.HandleFunc("/live", check(&sick))
	mux.HandleFunc("/unready", func(http.ResponseWriter, *http.Request) { unready.Store(true) })
	mux.HandleFunc("/recover", func(http.ResponseWriter, *http.Request) { unready.Store(false) })
	mux.HandleFunc("/sicken", func(http.ResponseWriter, *http.Request) { sick.Store(true) })
	mux.HandleFunc("/note", func(_ http.ResponseWriter, r *http.Request) { fmt.Println("noted", r.URL.Query().Get("what")) })
	server := &http.Server{Addr: net.JoinHostPort(os.Getenv("POD_IP"), "8080"), Handler: mux}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	select {
	case err := <-failed:
		fmt.Println(err)
		return 1
	case <-asked:
		fmt.Println("asked to end")
		return 0
	}
}
