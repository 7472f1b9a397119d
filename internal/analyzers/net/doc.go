// Package net judges network policies: who may talk to whom, and which policy is
// accepted and enforced by nothing.
//
//	objects ── world ── netpol.Set ── reach.Model   what policies say of every packet
//	              └──── enforce.Truth               whether anything holds to it
//	          rules NET001-NET009                   what check judges
//	          NET010                                net compare: what a change opens
//	          NET011, NET012                        net explain: does one packet pass
//	          rows                                  net list, net compare, net explain
//
// One cluster is judged at a time. Where an object is there both declared and
// live, the live one counts; what is only declared is taken as applied. OLD of a
// comparison (KubernetesBefore) is a cluster of its own.
package net
