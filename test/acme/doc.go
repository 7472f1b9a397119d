// Package acme holds every rule against the two example shops: on examples/acme
// it finds its lie, on the clean twin it finds its claim true and refutes
// nothing. rules.txt has the counts.
package acme
