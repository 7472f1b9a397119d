package podrunner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
)

// playVariable makes the test binary a container's command.
const playVariable = "PODRUNNER_TEST_PLAY"

func TestMain(m *testing.M) {
	if part := os.Getenv(playVariable); part != "" {
		os.Exit(play(part))
	}
	code := m.Run()
	if stage.begun.Load() {
		if c, err := stage.cluster(); err == nil {
			if err := c.Close(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// stage is the cluster that the tests share: it takes seconds to start, and each test has its own node.
var stage = struct {
	begun   atomic.Bool
	cluster func() (*cluster.Cluster, error)
}{cluster: sync.OnceValues(func() (*cluster.Cluster, error) {
	return cluster.Start(context.Background(), cluster.Options{Controllers: cluster.Workloads(), Scheduler: true})
})}

func sharedCluster(t *testing.T) *cluster.Cluster {
	t.Helper()
	stage.begun.Store(true)
	c, err := stage.cluster()
	if errors.Is(err, binary.ErrNotBuilt) {
		skip(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

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
