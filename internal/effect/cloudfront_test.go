package effect

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestDeploying(t *testing.T) {
	edit := func(actions, before, after, unknown string) []string {
		return []string{editOf("aws_cloudfront_distribution.d", actions, `{"id": "E1", `+before+`}`, `{"id": "E1", `+after+`}`, unknown)}
	}
	checkData(t, Deploying(), []dataCase{
		{name: "does not wait", changes: edit("update", `"price_class": "a"`, `"price_class": "b", "wait_for_deployment": false`, ""), want: []string{"aws_cloudfront_distribution.d old"}},
		{name: "waits", changes: edit("update", `"price_class": "a"`, `"price_class": "b", "wait_for_deployment": true`, ""), want: []string{"aws_cloudfront_distribution.d current"}},
		{name: "waits by default", changes: edit("update", `"price_class": "a"`, `"price_class": "b", "wait_for_deployment": null`, ""), want: []string{"aws_cloudfront_distribution.d current"}},
		{name: "not known", changes: edit("update", `"price_class": "a"`, `"price_class": "b"`, `{"wait_for_deployment": true}`), want: []string{"aws_cloudfront_distribution.d unknown"}},
		{name: "what changes is not known", changes: edit("update", `"web_acl_id": "a"`, `"wait_for_deployment": false`, `{"web_acl_id": true}`), want: []string{"aws_cloudfront_distribution.d unknown"}},
		{name: "tags", changes: edit("update", `"tags": {}`, `"tags": {"a": "b"}, "wait_for_deployment": false`, "")},
		{name: "it was off", changes: edit("update", `"enabled": false`, `"enabled": true, "wait_for_deployment": false`, "")},
		{name: "new", changes: []string{editOf("aws_cloudfront_distribution.d", "create", "null", `{"wait_for_deployment": false}`, "")}},
	})
}

func TestStaleEdge(t *testing.T) {
	object := func(before, after string) string {
		return editOf("aws_s3_object.o", "update", `{"bucket": "site", "key": "a/index.html", `+before+`}`, `{"bucket": "site", "key": "a/index.html", `+after+`}`, "")
	}
	uploaded := object(`"etag": "1"`, `"etag": "2"`)
	ttls := func(low, normal, high int) string {
		return fmt.Sprintf(`"target_origin_id": "s3", "min_ttl": %d, "default_ttl": %d, "max_ttl": %d`, low, normal, high)
	}
	site := func(domain, behaviour, more string) string {
		return `{"id": "E1", "origin": [{"origin_id": "s3", "domain_name": "` + domain + `", "origin_path": ""}], "default_cache_behavior": [{` + behaviour + `}]` + more + `}`
	}
	const host = "site.s3.eu-west-1.amazonaws.com"
	dist := func(values string) string { return stayOf("aws_cloudfront_distribution.d", values) }
	stale, fresh, open := []string{"aws_s3_object.o old"}, []string{"aws_s3_object.o current"}, []string{"aws_s3_object.o unknown"}
	policy := func(low int) string {
		return stayOf("aws_cloudfront_cache_policy.p", fmt.Sprintf(`{"id": "p-1", "min_ttl": %d, "default_ttl": %d, "max_ttl": 9999}`, low, low))
	}
	checkData(t, StaleEdge(), []dataCase{
		{name: "minimum", changes: []string{uploaded, dist(site(host, ttls(600, 600, 600), ""))}, want: stale},
		{name: "minimum, over no-cache", changes: []string{object(`"etag": "1", "cache_control": "no-cache"`, `"etag": "2", "cache_control": "no-cache"`), dist(site(host, ttls(600, 600, 600), ""))}, want: stale},
		{name: "no-cache", changes: []string{object(`"etag": "1", "cache_control": "no-cache"`, `"etag": "2", "cache_control": "no-cache"`), dist(site(host, ttls(0, 600, 600), ""))}, want: fresh},
		{name: "default, no header", changes: []string{uploaded, dist(site(host, ttls(0, 600, 600), ""))}, want: stale},
		{name: "the header that it had", changes: []string{object(`"etag": "1", "cache_control": "public, max-age=900"`, `"etag": "2", "cache_control": "no-cache"`), dist(site(host, ttls(0, 0, 86400), ""))}, want: stale},
		{name: "a short header", changes: []string{object(`"etag": "1", "cache_control": "max-age=30"`, `"etag": "2", "cache_control": "max-age=3000"`), dist(site(host, ttls(0, 600, 86400), ""))}, want: fresh},
		{name: "s-maxage before max-age", changes: []string{object(`"etag": "1", "cache_control": "max-age=900, s-maxage=10"`, `"etag": "2"`), dist(site(host, ttls(0, 600, 86400), ""))}, want: fresh},
		{name: "the maximum", changes: []string{object(`"etag": "1", "cache_control": "max-age=900"`, `"etag": "2"`), dist(site(host, ttls(0, 30, 60), ""))}, want: fresh},
		{name: "another header", changes: []string{object(`"etag": "1", "cache_control": "public"`, `"etag": "2"`), dist(site(host, ttls(0, 600, 600), ""))}, want: open},
		{name: "a minute", changes: []string{uploaded, dist(site(host, ttls(0, 60, 60), ""))}, want: fresh},
		{name: "policy", changes: []string{uploaded, policy(600), dist(site(host, `"target_origin_id": "s3", "cache_policy_id": "p-1"`, ""))}, want: stale},
		{name: "policy elsewhere", changes: []string{uploaded, dist(site(host, `"target_origin_id": "s3", "cache_policy_id": "p-2"`, ""))}, want: open},
		{name: "CachingOptimized", changes: []string{uploaded, dist(site(host, `"target_origin_id": "s3", "cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6"`, ""))}, want: stale},
		{name: "CachingDisabled", changes: []string{uploaded, dist(site(host, `"target_origin_id": "s3", "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"`, ""))}, want: fresh},
		{name: "a function sends headers", changes: []string{uploaded, dist(site(host, ttls(0, 600, 600)+`, "lambda_function_association": [{"event_type": "origin-response"}]`, ""))}, want: open},
		{name: "all headers go to the origin", changes: []string{uploaded, dist(site(host, ttls(0, 600, 600)+`, "forwarded_values": [{"headers": ["*"]}]`, ""))}, want: fresh},
		{name: "a script may invalidate", changes: []string{uploaded, dist(site(host, ttls(600, 600, 600), "")), editOf("null_resource.n", "delete/create", `{}`, `{}`, "")}, want: open},
		{name: "only the source", changes: []string{object(`"source": "1"`, `"source": "2"`), dist(site(host, ttls(600, 600, 600), ""))}, want: open},
		{name: "only tags", changes: []string{object(`"tags": {}`, `"tags": {"a": "b"}`), dist(site(host, ttls(600, 600, 600), ""))}},
		{name: "another bucket", changes: []string{uploaded, dist(site("other.s3.amazonaws.com", ttls(600, 600, 600), ""))}},
		{name: "a bucket whose name begins like this one's", changes: []string{uploaded, dist(site("site.s3.copy.s3.amazonaws.com", ttls(600, 600, 600), ""))}},
		{name: "a website", changes: []string{uploaded, dist(site("site.s3-website-eu-west-1.amazonaws.com", ttls(600, 600, 600), ""))}, want: stale},
		{name: "another behaviour", changes: []string{uploaded, dist(site(host, ttls(600, 600, 600), `, "ordered_cache_behavior": [{"path_pattern": "a/*.html", `+ttls(0, 0, 0)+`}]`))}, want: fresh},
		{name: "another behaviour leads elsewhere", changes: []string{uploaded, dist(site(host, ttls(600, 600, 600), `, "ordered_cache_behavior": [{"path_pattern": "a/*", "target_origin_id": "api"}]`))}},
		{name: "a hash that the state did not have", changes: []string{object(`"source": "1"`, `"source": "1", "source_hash": "2"`), dist(site(host, ttls(600, 600, 600), ""))}, want: open},
		{name: "a hash that the state had", changes: []string{object(`"source_hash": "1"`, `"source_hash": "2"`), dist(site(host, ttls(600, 600, 600), ""))}, want: stale},
		{name: "the distribution is off", changes: []string{uploaded, dist(site(host, ttls(600, 600, 600), `, "enabled": false`))}},
		{name: "the distribution is new", changes: []string{uploaded, editOf("aws_cloudfront_distribution.d", "create", "null", site(host, ttls(600, 600, 600), ""), "")}},
		{name: "the object is new", changes: []string{editOf("aws_s3_object.o", "create", "null", `{"bucket": "site", "key": "k"}`, ""), dist(site(host, ttls(600, 600, 600), ""))}},
	})
}

func TestPathPattern(t *testing.T) {
	for _, test := range []struct {
		pattern, path string
		want          bool
	}{
		{"*", "/a", true},
		{"/a/*", "/a/b/c", true},
		{"a/*", "/a/b", true},
		{"*.jpg", "/x/y.jpg", true},
		{"/x/?.jpg", "/x/y.jpg", true},
		{"/x/?.jpg", "/x/yy.jpg", false},
		{"/A/*", "/a/b", false},
		{"/a", "/a/b", false},
		{"/a*b*c", "/axxbyyc", true},
		{"", "/", true},
	} {
		if got := matches(test.pattern, test.path); got != test.want {
			t.Errorf("%q on %q: %v", test.pattern, test.path, got)
		}
	}
	if matches("/"+strings.Repeat("a*", 200)+"b", "/"+strings.Repeat("a", 4000)) {
		t.Error("it matches")
	}
}

// The matcher agrees with a regular expression made of the pattern.
func TestPathPatternAgainstRegexp(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func(letters string, n int) string {
		var b strings.Builder
		for range random.IntN(n) {
			b.WriteByte(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	matched := 0
	for range 20_000 {
		pattern, path := "/"+word("ab*?/", 8), "/"+word("ab/", 8)
		re := strings.NewReplacer("*", ".*", "?", ".").Replace(pattern)
		want := regexp.MustCompile("^" + re + "$").MatchString(path)
		if got := matches(pattern, path); got != want {
			t.Fatalf("%q on %q: %v, want %v", pattern, path, got, want)
		}
		if want {
			matched++
		}
	}
	if matched < 1000 {
		t.Errorf("only %d match: the test says little", matched)
	}
}

func TestCachedRecord(t *testing.T) {
	edit := func(before, after, unknown string) []string {
		return []string{editOf("aws_route53_record.r", "update", before, after, unknown)}
	}
	checkData(t, CachedRecord(), []dataCase{
		{name: "an hour", changes: edit(`{"ttl": 3600, "records": ["a"]}`, `{"ttl": 3600, "records": ["b"]}`, ""), want: []string{"aws_route53_record.r old"}},
		{name: "lowered too late", changes: edit(`{"ttl": 3600, "records": ["a"]}`, `{"ttl": 5, "records": ["b"]}`, ""), want: []string{"aws_route53_record.r old"}},
		{name: "a minute", changes: edit(`{"ttl": 60, "records": ["a"]}`, `{"ttl": 3600, "records": ["b"]}`, ""), want: []string{"aws_route53_record.r current"}},
		{name: "not known", changes: edit(`{"ttl": 3600, "records": ["a"]}`, `{"ttl": 3600}`, `{"records": true}`), want: []string{"aws_route53_record.r unknown"}},
		{name: "no ttl in the state", changes: edit(`{"records": ["a"]}`, `{"ttl": 60, "records": ["b"]}`, ""), want: []string{"aws_route53_record.r unknown"}},
		{name: "only the ttl", changes: edit(`{"ttl": 3600, "records": ["a"]}`, `{"ttl": 5, "records": ["a"]}`, "")},
		{name: "it was an alias", changes: edit(`{"alias": [{"name": "lb"}]}`, `{"ttl": 300, "records": ["b"], "alias": []}`, "")},
		{name: "it becomes an alias", changes: edit(`{"ttl": 300, "records": ["b"], "alias": []}`, `{"ttl": null, "records": null, "alias": [{"name": "lb"}]}`, ""), want: []string{"aws_route53_record.r old"}},
		{name: "new", changes: []string{editOf("aws_route53_record.r", "create", "null", `{"ttl": 3600, "records": ["b"]}`, "")}},
	})
}
