// Package pki mints the certificates of a test cluster in memory: one authority, server certificates,
// client certificates for named users and their groups, and the pair of keys that signs the tokens of
// service accounts.
//
// Elliptic keys, because a cluster mints a dozen of them before it starts and an RSA pair alone costs
// longer than all the rest.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

// lifetime is longer than anybody keeps the folder of a cluster; backdated because clocks of tests may be
// turned back.
const (
	lifetime  = 10 * 365 * 24 * time.Hour
	backdated = 24 * time.Hour
)

// Pair is a certificate and its private key, both in PEM.
type Pair struct {
	Certificate []byte
	Key         []byte
}

// TLS is the pair as Go's servers and clients want it.
func (p Pair) TLS() (tls.Certificate, error) { return tls.X509KeyPair(p.Certificate, p.Key) }

// Authority signs certificates. It may be used by several goroutines.
type Authority struct {
	Certificate []byte // PEM
	parsed      *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority makes an authority with a fresh key.
func NewAuthority(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template, err := blank(pkix.Name{CommonName: name})
	if err != nil {
		return nil, err
	}
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &Authority{Certificate: encode("CERTIFICATE", der), parsed: parsed, key: key}, nil
}

// ParseAuthority is the authority of a pair that [Authority.Pair] has given.
func ParseAuthority(pair Pair) (*Authority, error) {
	both, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	key, ok := both.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !both.Leaf.IsCA {
		return nil, errors.New("authority: this pair does not sign certificates")
	}
	return &Authority{Certificate: pair.Certificate, parsed: both.Leaf, key: key}, nil
}

// Pair is the authority itself: whoever has it signs as it does.
func (a *Authority) Pair() (Pair, error) {
	private, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{Certificate: a.Certificate, Key: encode("PRIVATE KEY", private)}, nil
}

// Server is a certificate for the hosts, each a name or an address. It also serves as a client's, which
// etcd asks of its peers.
func (a *Authority) Server(name string, hosts ...string) (Pair, error) {
	template, err := blank(pkix.Name{CommonName: name})
	if err != nil {
		return Pair{}, err
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	return a.sign(template)
}

// Client is a certificate by which Kubernetes knows a user and the groups the user is in.
func (a *Authority) Client(user string, groups ...string) (Pair, error) {
	template, err := blank(pkix.Name{CommonName: user, Organization: groups})
	if err != nil {
		return Pair{}, err
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	pair, err := a.sign(template)
	if err != nil {
		return Pair{}, fmt.Errorf("certificate of user %q: %w", user, err)
	}
	return pair, nil
}

func (a *Authority) sign(template *x509.Certificate) (Pair, error) {
	template.KeyUsage = x509.KeyUsageDigitalSignature
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.parsed, key.Public(), a.key)
	if err != nil {
		return Pair{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{Certificate: encode("CERTIFICATE", der), Key: encode("PRIVATE KEY", private)}, nil
}

// SigningKeys makes the pair that signs the tokens of service accounts: private and public key, in PEM.
func SigningKeys() (private, public []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	open, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, nil, err
	}
	return encode("EC PRIVATE KEY", secret), encode("PUBLIC KEY", open), nil
}

func blank(subject pkix.Name) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: subject,
		NotBefore: now.Add(-backdated), NotAfter: now.Add(lifetime),
	}, nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
