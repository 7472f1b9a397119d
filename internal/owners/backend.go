package owners

import (
	"slices"
	"strings"

	"polygraph/internal/tfconfig"
)

// Lock is whether a backend locks the state.
type Lock uint8

// The answers.
const (
	LockUnknown Lock = iota
	Locks
	LocksNot
)

// Backend is where a root keeps its state.
type Backend struct {
	Kind   string // s3, http, ...
	Name   string // what identifies it: the kind, and bucket and key where they are literal
	Lock   Lock
	Why    string
	Offset int64 // of its block
	// Setting is the argument that decides, for LocksNot, and where it stands; -1
	// where it is not written.
	Setting   string
	SettingAt int64
	Remote    bool // a remote_state block of Terragrunt
}

// setting is one argument of a backend.
type setting struct {
	written, known bool
	text           string
	yes            bool
	offset         int64
}

// BackendOf reads a backend block, a cloud block, or a remote_state block of
// Terragrunt.
func BackendOf(b *tfconfig.Block) (Backend, bool) {
	switch b.Type {
	case "cloud":
		return Backend{Kind: "cloud", Name: "cloud", Lock: Locks, Offset: b.Offset}, true
	case "backend":
		return judgeBackend(b.Label(0), b.Offset, false, func(name string) setting {
			a, ok := b.Attribute(name)
			if !ok {
				return setting{offset: -1}
			}
			s := read(a.Value, a.Known, a.Text)
			s.offset = a.Offset
			return s
		}), true
	case "remote_state":
		kind, _, ok := b.String("backend")
		config, has := b.Attribute("config")
		if !ok || !has {
			return Backend{Kind: "unknown", Name: "remote_state", Offset: b.Offset, Why: "which backend it is cannot be read", Remote: true}, true
		}
		values, isMap := config.Value.(map[string]any)
		if !isMap {
			return Backend{Kind: kind, Name: kind, Offset: b.Offset, Why: "its configuration is not literal", Remote: true}, true
		}
		return judgeBackend(kind, b.Offset, true, func(name string) setting {
			v, ok := values[name]
			if !ok {
				return setting{offset: -1}
			}
			p, open := v.(tfconfig.Part)
			s := read(v, !open, p.Text)
			s.offset = config.At("/" + name)
			return s
		}), true
	}
	return Backend{}, false
}

func read(v any, known bool, text string) setting {
	s := setting{written: true, known: known}
	switch x := v.(type) {
	case string:
		s.text, s.yes = x, x == "true"
	case bool:
		s.yes = x
	case nil:
		if known {
			s.written = false // null is as if it were left out
		}
	}
	// A template with a part that is literal is never empty.
	if !known && text != "" && !(strings.HasPrefix(text, "${") && strings.HasSuffix(text, "}")) {
		s.known, s.text = true, text
	}
	return s
}

// judgeBackend knows the backends by their documentation.
func judgeBackend(kind string, offset int64, remote bool, get func(string) setting) Backend {
	out := Backend{Kind: kind, Name: kind, Offset: offset, SettingAt: -1, Remote: remote}
	switch kind {
	case "gcs", "azurerm", "kubernetes", "pg", "remote", "cloud", "cos", "local":
		out.Lock = Locks
		return out
	case "consul":
		if s := get("lock"); s.written && s.known && !s.yes {
			out.Lock, out.Setting, out.SettingAt, out.Why = LocksNot, "lock", s.offset, "lock is false"
		} else if s.written && !s.known {
			out.Why = "`lock` is not literal"
		} else {
			out.Lock = Locks
		}
		return out
	case "http":
		if s := get("lock_address"); s.written && (!s.known || s.text != "") {
			out.Lock = Locks
		} else {
			out.Why = "no lock_address, which TF_HTTP_LOCK_ADDRESS may still give"
		}
		return out
	case "s3":
		return s3(out, get)
	case "oss":
		return table(out, get, []string{"bucket"}, "tablestore_table")
	}
	out.Why = "whether the backend " + kind + " locks is not known here"
	return out
}

func s3(out Backend, get func(string) setting) Backend {
	bucket, key := get("bucket"), get("key")
	if bucket.text != "" && key.text != "" {
		out.Name = "s3 " + bucket.text + "/" + key.text
	}
	lockfile := get("use_lockfile")
	if lockfile.written && lockfile.known && lockfile.yes {
		out.Lock = Locks
		return out
	}
	if lockfile.written && !lockfile.known {
		out.Why = "`use_lockfile` is not literal"
		return out
	}
	out = table(out, get, []string{"bucket", "key"}, "dynamodb_table", "lock_table")
	if out.Lock == LocksNot {
		out.Setting, out.SettingAt = "use_lockfile", lockfile.offset
		out.Why = "neither use_lockfile = true nor dynamodb_table"
	}
	return out
}

// table judges a backend that locks through a table that has to be named. What
// is required and not written comes from -backend-config, and the table may too.
func table(out Backend, get func(string) setting, required []string, names ...string) Backend {
	for _, n := range names {
		s := get(n)
		switch {
		case s.written && s.known && s.text != "":
			out.Lock = Locks
			return out
		case s.written && !s.known:
			out.Why = "`" + n + "` is not literal"
			return out
		}
	}
	if slices.ContainsFunc(required, func(n string) bool { return !get(n).written }) {
		out.Why = "the configuration is partial: the rest of it comes from -backend-config"
		return out
	}
	out.Lock, out.Setting, out.Why = LocksNot, names[0], "no "+names[0]
	return out
}
