package effect

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/tfplan"
)

// StaleEdge: an edge that holds a copy of an S3 object answers with it for the
// time that the object's headers and the cache behaviour give it, as both were
// when it was fetched.
func StaleEdge() Case {
	return Case{Types: []string{"aws_s3_object", "aws_s3_bucket_object"}, Judge: func(w *World, o *Object) []Outcome {
		if o.Action != tfplan.Update {
			return nil
		}
		known, open := edits(o, "content", "content_base64", "etag", "source_hash")
		if _, moved := edits(o, "source"); len(known) == 0 && len(open) == 0 && len(moved) == 0 && !o.Edited("source") {
			return nil
		}
		// A hash or text that the state did not have says nothing about the content.
		known = slices.DeleteFunc(known, func(p string) bool { return p != "etag" && tfplan.IsEmpty(o.Before(p)) })
		var out []Outcome
		for _, d := range distributionsOf(w, Text(o.Before("bucket"))) {
			if enough(out) {
				break
			}
			for _, path := range behaviours(d, o) {
				out = append(out, stale(w, o, d, path, known))
			}
		}
		return out
	}}
}

// stale answers for one distribution and the cache behaviour at path that serves
// the object.
func stale(w *World, o, d *Object, path string, known []string) Outcome {
	t := cached(w, o, d, path)
	proof := append(changes(o, known...), t.proof...)
	switch {
	case t.known && t.seconds <= aMinute:
		return Outcome{Verdict: InEffect, Discriminator: d.Address}
	case t.known && len(known) > 0 && !scripted(w):
		out := Outcome{
			Verdict: NotInEffect, Discriminator: d.Address, Proof: proof,
			Title:  fmt.Sprintf("edges of %s give the old object for up to %s s", d.Address, t.text),
			Remedy: Remedy{Text: "Invalidate the path after the apply, or give each version of the object a key of its own."},
		}
		if id, key := word(d, d.Before("id")), word(o, o.Before("key")); id != "" && key != "" {
			out.Remedy.Commands = []string{fmt.Sprintf("aws cloudfront create-invalidation --distribution-id %s --paths /%s", id, strings.TrimPrefix(key, "/"))}
		}
		return out
	}
	missing := t.missing
	if t.known && len(known) == 0 {
		missing = Gap{Evidence: "whether the content of " + o.Address + " changes: the plan has no hash or text of it from before", Get: "set `etag` or `source_hash` in the configuration and plan again"}
		proof = append(proof, Fact{Text: o.Address + " changes where its content comes from or how it is told", Object: o, Path: "/after"})
	} else if t.known {
		missing = Gap{Evidence: "whether a script of this plan invalidates the path", Get: "read the provisioners that the plan runs"}
	}
	return Outcome{
		Discriminator: d.Address, Title: "how long edges of " + d.Address + " give the old object is not known", Proof: proof, Missing: []Gap{missing},
	}
}

// distributionsOf lists the distributions that run and have an origin that is
// the bucket.
func distributionsOf(w *World, bucket string) []*Object {
	return once(w, "distributions", func() map[string][]*Object {
		found := map[string][]*Object{}
		for _, d := range w.Of("aws_cloudfront_distribution") {
			if on, ok := d.Before("enabled").(bool); !d.Runs() || ok && !on {
				continue // it is new, or gone, or off
			}
			for _, origin := range elements(d.Before("origin")) {
				host := Text(at(origin, "domain_name"))
				for i := range host {
					if host[i] != '.' || !strings.HasPrefix(host[i:], ".s3") || !bucketHost.MatchString(host[i+1:]) {
						continue
					}
					of := found[host[:i]]
					if len(of) == 0 || of[len(of)-1] != d {
						found[host[:i]] = append(of, d)
					}
				}
			}
		}
		return found
	})[bucket]
}

// bucketHost is what follows the name of a bucket in its host name.
var bucketHost = regexp.MustCompile(`^s3(?:-website)?(?:\.dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-[0-9])?\.amazonaws\.com(?:\.cn)?$`)

// behaviours returns the paths of the cache behaviours, as they are now, that
// serve an object of a bucket: at most one for each origin that is the bucket.
func behaviours(d, o *Object) []string {
	bucket, key := Text(o.Before("bucket")), Text(o.Before("key"))
	if bucket == "" || key == "" {
		return nil
	}
	var out []string
	origins, _ := d.Before("origin").([]any)
	for _, origin := range origins {
		rest, of := strings.CutPrefix(Text(at(origin, "domain_name")), bucket+".")
		url, below := strings.CutPrefix("/"+strings.TrimPrefix(key, "/"), strings.TrimSuffix(Text(at(origin, "origin_path")), "/"))
		if !of || !bucketHost.MatchString(rest) || !below {
			continue
		}
		path := "default_cache_behavior.0"
		ordered, _ := d.Before("ordered_cache_behavior").([]any)
		for i, b := range ordered {
			if matches(Text(at(b, "path_pattern")), url) {
				path = fmt.Sprintf("ordered_cache_behavior.%d", i)
				break
			}
		}
		if id := Text(at(origin, "origin_id")); id != "" && id == Text(d.Before(path+".target_origin_id")) {
			out = append(out, path)
		}
	}
	return out
}

// matches tells whether a path is of a pattern: * is any run of characters and ?
// is one of them; the slash in front of a pattern can be left out.
func matches(pattern, path string) bool {
	if !strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "*") {
		pattern = "/" + pattern
	}
	// The usual two pointers: linear but for the stars.
	p, s, star, mark := 0, 0, -1, 0
	for s < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, s
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == path[s]):
			p, s = p+1, s+1
		case star >= 0:
			mark++
			p, s = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// ttl is for how long an edge keeps a copy.
type ttl struct {
	known   bool
	seconds float64
	text    string // the seconds, if they may be shown
	proof   []Fact
	missing Gap
}

// cached works out the TTL of copies that were fetched before the apply.
func cached(w *World, o, d *Object, path string) (t ttl) {
	pointer := "/before/" + strings.ReplaceAll(path, ".", "/")
	t.proof = []Fact{{Text: d.Address + " serves it", Object: d, Path: pointer + "/target_origin_id"}}
	defer func() { t.text = shown(d, t.seconds) }()
	functions, _ := d.Before(path + ".lambda_function_association").([]any)
	for _, f := range functions {
		if Text(at(f, "event_type")) == "origin-response" {
			t.missing = Gap{Evidence: "the headers that its origin-response function sends", Get: "read the function"}
			return t
		}
	}
	if list, _ := d.Before(path + ".forwarded_values.0.headers").([]any); slices.Contains(list, any("*")) {
		t.known = true // it forwards all headers and caches nothing
		return t
	}
	low, normal, high, place, ok := limits(w, d, path)
	if !ok {
		t.missing = Gap{Evidence: "the TTLs of its cache policy", Get: "aws cloudfront get-cache-policy --id " + word(d, d.Before(path+".cache_policy_id"))}
		return t
	}
	fact := func(text, field string) {
		t.proof = append(t.proof, Fact{Text: text, Object: place.Object, Path: place.Path + "/" + field})
	}
	header := strings.ToLower(Text(o.Before("cache_control")))
	age, aged := directive(header, "s-maxage")
	if !aged {
		age, aged = directive(header, "max-age")
	}
	switch {
	case strings.Contains(header, "no-cache"), strings.Contains(header, "no-store"), strings.Contains(header, "private"):
		t.known, t.seconds = true, low
		fact("its minimum TTL is "+shown(place.Object, low)+" s, whatever the object says", "min_ttl")
	case aged:
		t.known, t.seconds = true, max(low, min(age, max(high, low)))
		t.proof = append(t.proof, Fact{Text: "the Cache-Control that the object had gives it " + shown(o, age) + " s", Object: o, Path: "/before/cache_control"})
		fact("its minimum TTL is "+shown(place.Object, low)+" s", "min_ttl")
	case header == "" && o.Before("cache_control") == nil || o.Before("cache_control") == "":
		t.known, t.seconds = true, max(low, normal)
		if low >= normal {
			fact("its minimum TTL is "+shown(place.Object, low)+" s", "min_ttl")
		} else {
			fact("its default TTL is "+shown(place.Object, normal)+" s, and the object has no Cache-Control", "default_ttl")
		}
	default:
		t.missing = Gap{Evidence: "what CloudFront makes of the Cache-Control of " + o.Address, Get: "set max-age in its `cache_control`"}
	}
	return t
}

// limits are the TTLs of a cache behaviour, of its own or of its cache policy,
// and where they stand.
func limits(w *World, d *Object, path string) (low, normal, high float64, at Fact, ok bool) {
	from, prefix := d, path+"."
	at = Fact{Object: d, Path: "/before/" + strings.ReplaceAll(path, ".", "/")}
	if id := Text(d.Before(path + ".cache_policy_id")); id != "" {
		switch id { // CloudFront's own policies have fixed TTLs
		case "658327ea-f89d-4fab-a63d-7e88639e58f6": // CachingOptimized
			return 1, 86400, 31536000, Fact{Object: d, Path: at.Path + "/cache_policy_id"}, true
		case "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": // CachingDisabled
			return 0, 0, 0, Fact{Object: d, Path: at.Path + "/cache_policy_id"}, true
		}
		from = nil
		for _, p := range w.By("aws_cloudfront_cache_policy", "id", id) {
			from, prefix, at = p, "", Fact{Object: p, Path: "/before"}
		}
		if from == nil {
			return 0, 0, 0, at, false
		}
	}
	low, ok1 := Number(from.Before(prefix + "min_ttl"))
	normal, ok2 := Number(from.Before(prefix + "default_ttl"))
	high, ok3 := Number(from.Before(prefix + "max_ttl"))
	return low, normal, high, at, ok1 && ok2 && ok3
}

// directive is the number of seconds behind a name in Cache-Control.
func directive(header, name string) (float64, bool) {
	for _, part := range strings.Split(header, ",") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(part), name+"="); ok {
			n, err := strconv.ParseFloat(strings.Trim(v, `"`), 64)
			return n, err == nil && n >= 0
		}
	}
	return 0, false
}
