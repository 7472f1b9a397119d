package podrunner

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// maxAnswer bounds what is read of an answer or an output.
const maxAnswer = 10 << 10

// target is what probes and hooks of a container are aimed at.
type target struct {
	container    *corev1.Container
	address      string // of the pod
	surroundings surroundings
	spawner      *spawner
}

// try runs one action of a probe. The error is the failure, in words for an event.
func (t *target) try(ctx context.Context, p *corev1.Probe) error {
	switch {
	case p.Exec != nil:
		args, err := expandAll(p.Exec.Command, staticVariables(t.container))
		if err != nil {
			return err
		}
		return t.exec(ctx, args)
	case p.HTTPGet != nil:
		return t.httpGet(ctx, p.HTTPGet, "kube-probe/podrunner")
	case p.TCPSocket != nil:
		return t.tcpSocket(ctx, p.TCPSocket)
	}
	return errors.New("the probe is none of exec, httpGet and tcpSocket")
}

// exec runs a command with the container's variables and in its folder. Hooks are run as they are written;
// a probe's $(NAME) has been replaced before.
func (t *target) exec(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("the command is empty")
	}
	cmd, err := t.surroundings.command(args)
	if err != nil {
		return err
	}
	var output bounded
	cmd.Stdout, cmd.Stderr = &output, &output
	p, err := t.spawner.start(cmd)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.kill()
		<-p.done
		return fmt.Errorf("command %q timed out", args)
	}
	if p.code != 0 {
		return fmt.Errorf("command %q ended with code %d: %s", args, p.code, bytes.TrimSpace(output.text))
	}
	return nil
}

// bounded keeps the beginning of an output and takes the rest without keeping it.
type bounded struct{ text []byte }

func (b *bounded) Write(p []byte) (int, error) {
	b.text = append(b.text, p[:min(len(p), maxAnswer-len(b.text))]...)
	return len(p), nil
}

// httpGet succeeds with a status from 200 to 399. Redirects are followed on the same host only; one to
// another host is a success, as for the kubelet.
func (t *target) httpGet(ctx context.Context, get *corev1.HTTPGetAction, agent string) error {
	request, err := t.request(ctx, get, agent)
	if err != nil {
		return err
	}
	transport := &http.Transport{
		// Whose certificate it is says nothing about whether the container works.
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		DisableKeepAlives: true, DisableCompression: true,
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		switch {
		case next.URL.Hostname() != via[0].URL.Hostname():
			return http.ErrUseLastResponse
		case len(via) >= 10:
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer)); err != nil {
		return err
	}
	if answer.StatusCode < 200 || answer.StatusCode >= 400 {
		return fmt.Errorf("HTTP probe failed with statuscode: %d", answer.StatusCode)
	}
	return nil
}

func (t *target) request(ctx context.Context, get *corev1.HTTPGetAction, agent string) (*http.Request, error) {
	host, err := t.host(get.Host, get.Port)
	if err != nil {
		return nil, err
	}
	scheme := strings.ToLower(string(get.Scheme))
	if scheme == "" {
		scheme = "http"
	}
	// The path may carry a query.
	where, err := url.Parse("/" + strings.TrimPrefix(get.Path, "/"))
	if err != nil {
		where = &url.URL{Path: get.Path}
	}
	where.Scheme, where.Host = scheme, host
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, where.String(), nil)
	if err != nil {
		return nil, err
	}
	for _, header := range get.HTTPHeaders {
		request.Header.Add(header.Name, header.Value)
	}
	for name, value := range map[string]string{"User-Agent": agent, "Accept": "*/*"} {
		if _, set := request.Header[name]; !set {
			request.Header.Set(name, value)
		}
	}
	if named := request.Header.Get("Host"); named != "" {
		request.Host = named
	}
	return request, nil
}

func (t *target) tcpSocket(ctx context.Context, socket *corev1.TCPSocketAction) error {
	host, err := t.host(socket.Host, socket.Port)
	if err != nil {
		return err
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	return connection.Close()
}

// host is host:port, by default at the pod's own address.
func (t *target) host(named string, port intstr.IntOrString) (string, error) {
	if named == "" {
		named = t.address
	}
	number, err := t.port(port)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(named, strconv.Itoa(number)), nil
}

// port is a number, or the name of a port of the container.
func (t *target) port(port intstr.IntOrString) (int, error) {
	number := port.IntValue()
	if port.Type == intstr.String {
		for _, p := range t.container.Ports {
			if p.Name == port.StrVal {
				number = int(p.ContainerPort)
			}
		}
	}
	if number < 1 || number > 65535 {
		return 0, fmt.Errorf("container %s has no port %s", t.container.Name, port.String())
	}
	return number, nil
}

// hook runs postStart or preStop.
func (t *target) hook(ctx context.Context, h *corev1.LifecycleHandler) error {
	switch {
	case h.Exec != nil:
		return t.exec(ctx, h.Exec.Command)
	case h.HTTPGet != nil:
		return t.httpGet(ctx, h.HTTPGet, "kube-lifecycle/podrunner")
	case h.Sleep != nil:
		select {
		case <-time.After(seconds(h.Sleep.Seconds)):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return errors.New("the hook is none of exec, httpGet and sleep")
}
