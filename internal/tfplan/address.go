package tfplan

import "strings"

// StripKeys removes instance keys from an address: module.a["x"].t.n[0] becomes
// module.a.t.n, which is how the configuration names it.
func StripKeys(address string) string {
	if strings.IndexByte(address, '[') < 0 {
		return address
	}
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(address); i++ {
		switch ch := address[i]; {
		case quoted && ch == '\\':
			i++
		case ch == '"' && depth > 0:
			quoted = !quoted
		case quoted:
		case ch == '[':
			depth++
		case ch == ']' && depth > 0:
			depth--
		case depth == 0:
			b.WriteByte(ch)
		}
	}
	return b.String()
}

// moduleOf returns the module part of a resource address, for writers that
// leave module_address out.
func moduleOf(address string) string {
	end, rest := 0, address
	for strings.HasPrefix(rest, "module.") {
		n := len("module.")
		depth, quoted := 0, false
		for ; n < len(rest); n++ {
			ch := rest[n]
			if quoted && ch == '\\' {
				n++
			} else if ch == '"' && depth > 0 {
				quoted = !quoted
			} else if quoted {
				continue
			} else if ch == '[' {
				depth++
			} else if ch == ']' {
				depth--
			} else if ch == '.' && depth == 0 {
				break
			}
		}
		if n >= len(rest) {
			return ""
		}
		end += n + 1
		rest = rest[n+1:]
	}
	if end == 0 {
		return ""
	}
	return address[:end-1]
}

// InstanceKey returns the key of an address as it is written, brackets
// included: [0], ["a"] or "".
func InstanceKey(address string) string {
	if !strings.HasSuffix(address, "]") {
		return ""
	}
	tail := address[len(moduleOf(address)):]
	if i := strings.IndexByte(tail, '['); i >= 0 {
		return tail[i:]
	}
	return ""
}

// ModuleInstance returns the module part of an address, keys included.
func ModuleInstance(address string) string { return moduleOf(address) }

// Keys lists the instance keys of an address as they are written, brackets
// included, from the outside in.
func Keys(address string) []string {
	var out []string
	depth, start, quoted := 0, 0, false
	for i := 0; i < len(address); i++ {
		switch ch := address[i]; {
		case quoted && ch == '\\':
			i++
		case ch == '"' && depth > 0:
			quoted = !quoted
		case quoted:
		case ch == '[':
			if depth++; depth == 1 {
				start = i
			}
		case ch == ']' && depth > 0:
			if depth--; depth == 0 {
				out = append(out, address[start:i+1])
			}
		}
	}
	return out
}
