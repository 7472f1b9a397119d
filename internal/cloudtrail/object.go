package cloudtrail

import (
	"regexp"
	"slices"
	"strings"
)

// object is a Question ready to be compared.
type object struct {
	words   []string // of the type, without the provider
	nouns   []string // see names
	service string   // by whose event source weak names count
	region  string
	account string
	parents []string
	strong  map[string]bool
	weak    map[string]bool
}

// generated matches what AWS makes up, and nobody else has: sgr-59289d4cd10f447ca.
// What people choose may look like that, too (web-20250101), see Question.Chosen.
func generated() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[a-z]{1,12}-(?:[a-z]{2,12}-)?[0-9a-f]{8,17}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|https://[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?/[0-9]{12}/.+)$`)
}

func newObject(q *Question) *object {
	o := &object{strong: map[string]bool{}, weak: map[string]bool{}, parents: slices.Clone(q.Parents)}
	o.words = strings.Split(strings.TrimPrefix(q.Type, "aws_"), "_")
	resource := ""
	if parts := strings.SplitN(q.ARN, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		o.service, o.region, o.account, resource = eventService(parts[2]), parts[3], parts[4], parts[5]
	}
	shape := generated()
	for _, id := range q.Identifiers {
		switch {
		case !identifying(id):
		case strings.HasPrefix(id, "arn:"), shape.MatchString(id) && !slices.Contains(q.Chosen, id):
			o.strong[id] = true
		default:
			o.weak[id] = true
			o.within(resource, id)
		}
	}
	return o
}

// within notes what the ARN says the object lies in: service/CLUSTER/NAME.
func (o *object) within(resource, id string) {
	before, _, ok := strings.Cut(resource, "/"+strings.TrimPrefix(id, "/"))
	if !ok || o.service == "iam" {
		return // the path of a role is not asked for in requests
	}
	if parts := strings.Split(before, "/"); len(parts) > 1 {
		o.parents = append(o.parents, parts[1:]...)
	}
}

// eventService is the name that the events of a service have, where it is not
// that of its ARNs: autoscaling.amazonaws.com for Application Auto Scaling
// (Application Auto Scaling User Guide, "Monitor Application Auto Scaling events
// with EventBridge", monitoring-eventbridge) and monitoring.amazonaws.com for
// CloudWatch (Amazon EventBridge reference, "Amazon CloudWatch Monitoring events",
// eventbridge/latest/ref/events-ref-monitoring).
func eventService(arn string) string {
	switch arn {
	case "application-autoscaling":
		return "autoscaling"
	case "cloudwatch":
		return "monitoring"
	}
	return arn
}

// candidates are the events that have one of the identifiers, in their order.
func (o *object) candidates(l *Log) []int32 {
	var out []int32
	for _, ids := range []map[string]bool{o.strong, o.weak} {
		for id := range ids {
			out = append(out, l.naming[id]...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// in tells whether an event names the object, whether it is about it, and
// whether it deletes it.
func (o *object) in(e *Event) (named, about, deletes bool) {
	if o.region != "" && e.Region != "" && o.region != e.Region || o.account != "" && e.Account != "" && o.account != e.Account {
		return false, false, false // another one of that name; identifiers are not worth the doubt
	}
	service, _, _ := strings.Cut(e.Source, ".")
	for i := range e.mentions {
		m := &e.mentions[i]
		switch {
		case o.strong[m.value] && (o.service == "" || service == o.service || strings.HasPrefix(m.value, "arn:")):
		case o.weak[m.value] && o.service != "" && service == o.service && o.fits(e, m) && o.inside(e):
		default:
			continue
		}
		named = true
		if !m.response && o.about(e, m) {
			about = true
			deletes = deletes || o.deletes(e, m)
		}
	}
	return named, about, deletes
}

// inside tells whether the event names what the object lies in, if it must.
func (o *object) inside(e *Event) bool {
	if len(o.parents) == 0 {
		return true
	}
	return slices.ContainsFunc(e.mentions, func(m mention) bool { return slices.Contains(o.parents, m.value) })
}

// fits tells whether the parameter names this type of object.
func (o *object) fits(e *Event, m *mention) bool {
	if m.noun == "" {
		return strings.Contains(plain(e.Name), o.words[len(o.words)-1])
	}
	return o.isA(m.noun)
}

// isA tells whether a noun is a name of the type.
func (o *object) isA(noun string) bool { return slices.Contains(o.names(), noun) }

// names are the nouns of the type: its last words, and what services put before
// them (dBInstance, cacheCluster, hostedZone, scalableTarget).
func (o *object) names() []string {
	if o.nouns == nil {
		for i := range o.words {
			tail := strings.Join(o.words[i:], "")
			o.nouns = append(o.nouns, tail, "db"+tail, "cache"+tail, "hosted"+tail, "scalable"+tail)
		}
	}
	return o.nouns
}
