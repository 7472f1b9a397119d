package environment

import (
	"path"
	"slices"
	"strings"

	"polygraph/internal/evidence"
)

// solid is what a thing's tag, namespace and address say: nothing when they
// disagree. Names and what is around it are left out.
func solid(t *evidence.Thing) hint {
	h, clash := tagHint(t.Marks.Tags, tag)
	if clash {
		return hint{}
	}
	if h.env != "" {
		return h
	}
	n, k := namespaceHint(t), keyHint(t)
	switch {
	case n.env == "":
		return k
	case k.env != "" && k.env != n.env:
		return hint{}
	}
	return n
}

// tagHint is what tags, or variables, say about an environment. The keys
// environment, env and stage count before longer ones that end in them, such as
// app.kubernetes.io/environment.
func tagHint(tags map[string]string, what string) (h hint, clash bool) {
	var keys []string
	for key := range tags { // most say nothing, and there are many
		if asks(key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	if len(keys) == 0 {
		return hint{}, false
	}
	for _, exact := range []bool{true, false} {
		for _, key := range keys {
			list := tokens(key)
			if len(list) == 0 || exact != (len(list) == 1) {
				continue
			}
			env, ok := named(tags[key])
			switch list[len(list)-1] {
			case "environment", "env", "stage":
			case "tier": // of an application as often as of an environment
				ok = ok && what == variable && !ordinary(tags[key])
			default:
				ok = false
			}
			if !ok {
				continue
			}
			by := what + key + "=" + tags[key]
			if h.env != "" && h.env != env {
				return hint{by: h.by + " says " + h.env + ", " + by + " says " + env}, true
			}
			if h.env == "" {
				h = hint{env: env, by: by, group: by, strength: strong, kind: "tag", key: key, val: tags[key]}
			}
		}
		if h.env != "" {
			return h, false
		}
	}
	return hint{}, false
}

// asks tells whether a key ends as those do that ask for an environment.
func asks(key string) bool {
	key = strings.TrimRightFunc(key, between)
	for _, end := range []string{"environment", "env", "stage", "tier"} {
		if n := len(key) - len(end); n >= 0 && strings.EqualFold(key[n:], end) {
			return true
		}
	}
	return false
}

// What tagHint is about.
const (
	tag        = "tag "
	variable   = "variable "
	defaultTag = "default tag "
)

// split takes the marks of a plan apart: its variables, its default tags.
func split(tags map[string]string) (variables, defaults map[string]string) {
	variables, defaults = map[string]string{}, map[string]string{}
	for k, v := range tags {
		if name, ok := strings.CutPrefix(k, "var."); ok {
			variables[name] = v
		} else {
			defaults[k] = v
		}
	}
	return variables, defaults
}

func namespaceHint(t *evidence.Thing) hint {
	ns := t.Marks.Namespace
	list := tokens(ns)
	if len(list) == 0 {
		return hint{}
	}
	env, ok := spoken(ns)
	if e, is := word(ns); is {
		env, ok = e, true
	}
	if !ok {
		return hint{}
	}
	by := "namespace " + ns
	return hint{env: env, by: by, group: by, strength: medium, kind: "namespace", val: ns}
}

// keyHint reads the for_each keys of an address: module.platform["prod"].
func keyHint(t *evidence.Thing) hint {
	if t.Subject.Kind != "terraform-resource" {
		return hint{}
	}
	found := hint{}
	for rest := t.Subject.Identity; ; {
		_, tail, ok := strings.Cut(rest, `["`)
		if !ok {
			return found
		}
		key, next, ok := strings.Cut(tail, `"]`)
		if !ok {
			return found
		}
		rest = next
		env, is := word(key)
		if !is || ordinary(key) && key != "production" && key != "development" {
			continue
		}
		if found.env != "" && found.env != env {
			return hint{}
		}
		by := `key ["` + key + `"] of its address`
		found = hint{env: env, by: by, group: by, strength: medium}
	}
}

func nameHint(t *evidence.Thing) hint {
	env, name := "", ""
	for _, n := range []string{t.Marks.Name, t.Marks.Tags["Name"]} {
		e, ok := spoken(n)
		if !ok {
			continue
		}
		if env != "" && e != env {
			return hint{}
		}
		if env == "" {
			env, name = e, n
		}
	}
	if env == "" {
		return hint{}
	}
	return hint{env: env, by: "name " + name + " (a weak hint)", group: "names (a weak hint)", strength: weak}
}

// pathHint reads the segments of a path: a folder that is called like an
// environment, or the words of the file's name. An ordinary word counts only
// below a folder that says environments.
func pathHint(file string) hint {
	list := strings.Split(path.Clean(file), "/")
	found := hint{}
	take := func(env, segment, glob string) bool {
		if found.env != "" && found.env != env {
			return false
		}
		by := "path " + segment + " (a weak hint)"
		found = hint{env: env, by: by, group: by, strength: weak, kind: "path", val: glob}
		return true
	}
	for i, segment := range list {
		before := ""
		if i > 0 {
			before = strings.ToLower(list[i-1])
		}
		if i == 1 && list[0] == "" || before == "home" || before == "users" {
			continue // a device, the home of somebody
		}
		if i == len(list)-1 {
			base := strings.TrimSuffix(segment, path.Ext(segment))
			env, ok := spoken(base)
			if e, is := word(base); is && !ordinary(base) {
				env, ok = e, true
			}
			if ok && !take(env, segment, "**/"+segment) {
				return hint{}
			}
			continue
		}
		env, ok := word(segment)
		if !ok || ordinary(segment) && !below(before) && segment != "production" && segment != "development" {
			continue
		}
		if !take(env, segment+"/", "**/"+segment+"/**") {
			return hint{}
		}
	}
	return found
}

// below tells whether the folder above says that environments are in it.
func below(folder string) bool {
	switch folder {
	case "env", "envs", "environment", "environments", "stages", "live", "deploy", "deployments", "accounts", "workspaces":
		return true
	}
	return false
}

func isWhole(t *evidence.Thing) bool { return t.Subject.Kind == "terraform-plan" }

// isData tells whether a thing is read and not managed here: it may be anybody's.
func isData(t *evidence.Thing) bool {
	if t.Subject.Kind != "terraform-resource" {
		return false
	}
	return strings.HasPrefix(local(t.Subject.Identity), "data.")
}
