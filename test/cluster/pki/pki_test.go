package pki

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"
)

func authority(t *testing.T) *Authority {
	t.Helper()
	a, err := NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func must(t *testing.T, pair Pair, err error) tls.Certificate {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	both, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return both
}

// shake connects a client to a server that asks for a certificate of its authority.
func shake(server tls.Certificate, clients *Authority, client tls.Certificate, servers *Authority, name string) (x509.Certificate, error) {
	pool := func(a *Authority) *x509.CertPool {
		p := x509.NewCertPool()
		p.AppendCertsFromPEM(a.Certificate)
		return p
	}
	left, right := net.Pipe()
	defer left.Close()
	defer right.Close()
	serving := tls.Server(left, &tls.Config{Certificates: []tls.Certificate{server}, ClientCAs: pool(clients), ClientAuth: tls.RequireAndVerifyClientCert})
	done := make(chan error, 1)
	go func() {
		err := serving.Handshake()
		left.Close()
		done <- err
	}()
	clientErr := tls.Client(right, &tls.Config{Certificates: []tls.Certificate{client}, RootCAs: pool(servers), ServerName: name}).Handshake()
	right.Close()
	if err := <-done; err != nil && clientErr == nil {
		return x509.Certificate{}, err
	}
	if clientErr != nil {
		return x509.Certificate{}, clientErr
	}
	return *serving.ConnectionState().PeerCertificates[0], nil
}

func TestWhoIsKnownByWhom(t *testing.T) {
	ours, others := authority(t), authority(t)
	serverPair, err := ours.Server("server", "127.0.0.1", "localhost")
	server := must(t, serverPair, err)
	alicePair, err := ours.Client("alice", "developers", "system:masters")
	alice := must(t, alicePair, err)
	malloryPair, err := others.Client("alice", "system:masters")
	mallory := must(t, malloryPair, err)

	for _, name := range []string{"127.0.0.1", "localhost"} {
		who, err := shake(server, ours, alice, ours, name)
		if err != nil || who.Subject.CommonName != "alice" || strings.Join(who.Subject.Organization, " ") != "developers system:masters" {
			t.Errorf("%s: %v, %v", name, who.Subject, err)
		}
	}
	// etcd shows its peers the certificate that it serves with.
	if _, err := shake(server, ours, server, ours, "localhost"); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		server, client tls.Certificate
		trusted        *Authority
		host           string
	}{
		"a client of another authority": {server, mallory, ours, "localhost"},
		"a server of another authority": {server, alice, others, "localhost"},
		"a server by another name":      {server, alice, ours, "example.test"},
	} {
		if _, err := shake(c.server, ours, c.client, c.trusted, c.host); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// What a stored authority signs is known to those who trusted it before, and the other way round.
func TestAuthorityIsReadAgain(t *testing.T) {
	old := authority(t)
	pair, err := old.Pair()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseAuthority(pair)
	if err != nil {
		t.Fatal(err)
	}
	serverPair, err := old.Server("server", "localhost")
	clientPair, clientErr := again.Client("alice")
	if _, err := shake(must(t, serverPair, err), old, must(t, clientPair, clientErr), again, "localhost"); err != nil {
		t.Error(err)
	}
	if _, err := ParseAuthority(clientPair); err == nil {
		t.Error("a client's certificate is taken for an authority")
	}
	other, err := authority(t).Pair()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseAuthority(Pair{Certificate: pair.Certificate, Key: other.Key}); err == nil {
		t.Error("a key that is another's is taken")
	}
}

func TestUseAndLifetime(t *testing.T) {
	a := authority(t)
	pair, err := a.Client("alice")
	leaf := must(t, pair, err).Leaf
	asServer := x509.VerifyOptions{Roots: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	asServer.Roots.AddCert(a.parsed)
	if _, err := leaf.Verify(asServer); err == nil {
		t.Error("a client's certificate serves")
	}
	for _, at := range []time.Duration{-23 * time.Hour, 0, 365 * 24 * time.Hour} {
		roots := x509.NewCertPool()
		roots.AddCert(a.parsed)
		options := x509.VerifyOptions{Roots: roots, CurrentTime: time.Now().Add(at), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
		if _, err := leaf.Verify(options); err != nil {
			t.Errorf("in %s: %v", at, err)
		}
	}
}
