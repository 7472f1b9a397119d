package netpol

import "polygraph/internal/kubeobj"

// adminPorts reads the ports of a rule: none are all. It tells whether one of them
// is a name.
func (r *reading) adminPorts(k adminKind, rule *Rule, v *kubeobj.Value, name string) (named bool) {
	items, written := r.list(v, name, rule.Pointer)
	if !written {
		rule.AnyPort = true
		return false
	}
	path := rule.Pointer + "." + name
	if n := len(items); n == 0 || n > k.most {
		r.refuse(at(v.Get(name), v), "Leave "+name+" out for all ports.", "%s has %d items; from 1 to %d are allowed", path, n, k.most)
	}
	for i := range items {
		var p Port
		if k.version == "v1alpha2" {
			p = r.clusterPort(&items[i], item(path, i))
		} else {
			p = r.adminPort(&items[i], item(path, i))
		}
		p.Offset = items[i].Offset
		named = named || p.Name != ""
		rule.Ports = append(rule.Ports, p)
	}
	return named
}

func (r *reading) adminPort(v *kubeobj.Value, path string) (p Port) {
	f := r.one(v, path, "portNumber", "portRange", "namedPort")
	if f == nil {
		return p
	}
	switch path += "." + f.Name; f.Name {
	case "namedPort":
		if r.is(f, kubeobj.String, path) {
			p.Name, p.AnyProtocol = f.Text, true
		}
	case "portNumber":
		if r.fields(f, path, "protocol", "port") {
			p.Protocol, _ = r.protocol(field(f, "protocol"), path)
			p.Low = r.portNumber(f, "port", path)
			p.High = p.Low
		}
	case "portRange":
		if r.fields(f, path, "protocol", "start", "end") {
			p.Protocol, _ = r.protocol(field(f, "protocol"), path)
			p.Low, p.High = r.portRange(f, path)
		}
	}
	return p
}

func (r *reading) portNumber(v *kubeobj.Value, name, path string) uint16 {
	f := field(v, name)
	if f == nil {
		r.refuse(v.Offset, "Write "+name+".", "%s has no %s", path, name)
		return 0
	}
	n, _ := r.number(f, path+"."+name, 1, 65535)
	return uint16(n)
}

func (r *reading) portRange(v *kubeobj.Value, path string) (low, high uint16) {
	low, high = r.portNumber(v, "start", path), r.portNumber(v, "end", path)
	if low > high && high > 0 {
		r.refuse(v.Offset, "Write the smaller number as start.", "%s: start %d is greater than end %d", path, low, high)
	}
	return low, high
}
