package cloudtrail

import (
	"time"

	"polygraph/internal/evidence"
)

// Bounds. What is cut by one of them is said in the Log or the Event.
const (
	MaxSize     = 256 << 20 // of a file
	MaxEvent    = 2 << 20   // of one event; CloudTrail's own are up to 1 MiB
	MaxEvents   = 100_000   // write events kept of one file
	maxKept     = 128 << 20 // of what is kept of one file, estimated
	maxMentions = 256       // identifiers kept of one event
	maxKeys     = 256       // parameter names kept of one event
	maxMention  = 1024      // bytes of an identifier
	maxKey      = 64        // bytes of a parameter name
	maxWord     = 128       // bytes of a name that is shown
	maxDepth    = 32        // of a request that is walked
)

// Log is what one file of events says.
type Log struct {
	File   string
	Events []Event // the writes that succeeded, newest first

	Total      int       // events in the file
	Reads      int       // that only read
	Failed     int       // that were refused, and so wrote nothing
	Unreadable int       // without a record, or without a time
	Truncated  bool      // the lookup stopped before its last page (NextToken)
	Cut        bool      // more writes, or more names in one of them, than are kept
	First      time.Time // of all events with a time
	Last       time.Time

	lost   time.Time          // of the newest write that was not read, or not kept
	naming map[string][]int32 // the events that name an identifier, by their place
}

// index finds events by what they name: a plan may have many drifted objects.
func (l *Log) index() {
	l.naming = map[string][]int32{}
	for i := range l.Events {
		for j := range l.Events[i].mentions {
			at := l.naming[l.Events[i].mentions[j].value]
			if n := len(at); n == 0 || at[n-1] != int32(i) {
				l.naming[l.Events[i].mentions[j].value] = append(at, int32(i))
			}
		}
	}
}

// Event is a write that succeeded.
type Event struct {
	ID      string
	Name    string // "UpdateAutoScalingGroup"
	Source  string // "autoscaling.amazonaws.com"
	Region  string
	Account string
	Time    time.Time
	Who     Principal
	Via     Via
	// Pointer is the JSON pointer of the event, "" in JSON lines, and Offset
	// where it starts.
	Pointer string
	Offset  int64

	cut      bool // it names more than is kept
	mentions []mention
	keys     map[string]bool   // plain names of the request's parameters
	tags     map[string]bool   // keys of the tags in it
	scalars  map[string]string // numbers and booleans of parameters, "" where one has several
}

// mention is an identifier under a parameter.
type mention struct {
	value    string
	noun     string // what the parameter names, plain: autoScalingGroupName names an "autoscalinggroup"
	top      bool   // a parameter of the request itself
	response bool   // from what a creation answered
}

// Kind is the kind of evidence this package reads.
func Kind() *evidence.Kind { return evidence.CloudTrail() }
