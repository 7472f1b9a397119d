package pairwise

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// protocols are the three that a NetworkPolicy knows, in the order of print.
var protocols = [3]corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}

// Ports are ranges of ports for each of protocols: sorted, apart, none touching
// the next.
type Ports [3][]portRange

type portRange struct{ low, high int32 }

func allPorts() Ports {
	all := []portRange{{1, 65535}}
	return Ports{all, all, all}
}

// Has tells whether a port is among them.
func (p Ports) Has(protocol corev1.Protocol, port int32) bool {
	for _, r := range p[slices.Index(protocols[:], protocol)] {
		if r.low <= port && port <= r.high {
			return true
		}
	}
	return false
}

func (p Ports) empty() bool { return len(p[0])+len(p[1])+len(p[2]) == 0 }

// add returns p and one range more.
func (p Ports) add(protocol corev1.Protocol, low, high int32) Ports {
	i := slices.Index(protocols[:], protocol)
	if i < 0 {
		return p
	}
	all := append(slices.Clone(p[i]), portRange{low, high})
	slices.SortFunc(all, func(a, b portRange) int { return int(a.low - b.low) })
	var merged []portRange
	for _, r := range all {
		if n := len(merged); n > 0 && r.low <= merged[n-1].high+1 {
			merged[n-1].high = max(merged[n-1].high, r.high)
			continue
		}
		merged = append(merged, r)
	}
	p[i] = merged
	return p
}

func (p Ports) union(q Ports) Ports {
	for i, protocol := range protocols {
		for _, r := range q[i] {
			p = p.add(protocol, r.low, r.high)
		}
	}
	return p
}

func (p Ports) intersect(q Ports) (out Ports) {
	for i, protocol := range protocols {
		for _, a := range p[i] {
			for _, b := range q[i] {
				if low, high := max(a.low, b.low), min(a.high, b.high); low <= high {
					out = out.add(protocol, low, high)
				}
			}
		}
	}
	return out
}

// JoinPorts is the union of two texts of String.
func JoinPorts(a, b string) (string, error) {
	p, err := parsePorts(a)
	if err != nil {
		return "", err
	}
	q, err := parsePorts(b)
	return p.union(q).String(), err
}

func parsePorts(text string) (out Ports, err error) {
	switch text {
	case "all":
		return allPorts(), nil
	case "none":
		return out, nil
	}
	for part := range strings.SplitSeq(text, "; ") {
		head, tail, _ := strings.Cut(part, " ")
		if head == "all" {
			head, tail = tail, "1-65535"
		}
		if !slices.Contains(protocols[:], corev1.Protocol(head)) {
			return out, fmt.Errorf("no ports: %q", text)
		}
		for word := range strings.SplitSeq(tail, ", ") {
			var low, high int32
			if n, _ := fmt.Sscanf(word, "%d-%d", &low, &high); n < 2 {
				if _, err := fmt.Sscanf(word, "%d", &low); err != nil {
					return out, fmt.Errorf("no ports: %q", text)
				}
				high = low
			}
			out = out.add(corev1.Protocol(head), low, high)
		}
	}
	return out, nil
}

// String is written as Polygraph writes it: "all", "none", "TCP 80, 8000-8080;
// all UDP".
func (p Ports) String() string {
	if p.empty() {
		return "none"
	}
	var parts []string
	whole := 0
	for i, ranges := range p {
		if len(ranges) == 0 {
			continue
		}
		if (ranges[0] == portRange{1, 65535}) {
			parts = append(parts, "all "+string(protocols[i]))
			whole++
			continue
		}
		var words []string
		for _, r := range ranges {
			if r.low == r.high {
				words = append(words, fmt.Sprint(r.low))
			} else {
				words = append(words, fmt.Sprintf("%d-%d", r.low, r.high))
			}
		}
		parts = append(parts, string(protocols[i])+" "+strings.Join(words, ", "))
	}
	if whole == len(protocols) {
		return "all"
	}
	return strings.Join(parts, "; ")
}
