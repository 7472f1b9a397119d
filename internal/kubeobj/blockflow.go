package kubeobj

// flow reads a list or map in flow style that is complete on its line.
func (b *block) flow() (Value, bool) {
	if b.depth++; b.depth > MaxDepth {
		return Value{}, false
	}
	defer func() { b.depth-- }()
	start, base := b.pos, len(b.stack)
	closing, kind := byte(']'), List
	if b.at(0) == '{' {
		closing, kind = '}', Map
	}
	b.pos++
	b.spaces()
	for b.at(0) != closing {
		name, ok := "", true
		if kind == Map {
			if name, ok = b.flowKey(); !ok {
				return Value{}, false
			}
		}
		v, ok := b.flowValue()
		if !ok {
			return Value{}, false
		}
		v.Name = name
		b.stack = append(b.stack, v)
		b.spaces()
		if b.at(0) == ',' {
			b.pos++
			b.spaces()
			if b.at(0) == closing {
				return Value{}, false
			}
		} else if b.at(0) != closing {
			return Value{}, false
		}
	}
	b.pos++
	if kind == Map && b.twice(base) {
		return Value{}, false
	}
	return Value{Kind: kind, Offset: uint32(start), Items: b.take(base)}, true
}

func (b *block) spaces() {
	for b.at(0) == ' ' {
		b.pos++
	}
}

func (b *block) flowKey() (string, bool) {
	var name string
	if c := b.at(0); c == '"' || c == '\'' {
		var ok bool
		if name, ok = b.quoted(0, false); !ok {
			return "", false
		}
	} else {
		name = b.flowPlain()
		if name == "" || !ordinary(name) {
			return "", false
		}
	}
	if b.at(0) != ':' || b.at(1) != ' ' {
		return "", false
	}
	b.pos++
	b.spaces()
	return name, true
}

func (b *block) flowValue() (Value, bool) {
	start := b.pos
	var v Value
	switch b.at(0) {
	case '[', '{':
		return b.flow()
	case '"', '\'':
		text, ok := b.quoted(0, false)
		if !ok {
			return v, false
		}
		v = Value{Kind: String, Text: text}
	default:
		text := b.flowPlain()
		if text == "" {
			return v, false
		}
		ok := true
		if v, ok = scalar(resolve(text), text); !ok {
			return v, false
		}
	}
	v.Offset = uint32(start)
	return v, true
}

// flowPlain reads one word without quotes; "" when it is none.
func (b *block) flowPlain() string {
	start := b.pos
	if c := b.at(0); c == '-' && !letter(b.at(1)) {
		return ""
	}
	for c := b.at(0); letter(c) || c == '.' || c == '/' || c == '-' || c == '=' || c == '$'; c = b.at(0) {
		b.pos++
	}
	return b.text[start:b.pos]
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}
