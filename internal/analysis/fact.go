package analysis

import (
	"context"
	"iter"
	"time"

	"polygraph/internal/evidence"
)

// Fact reads evidence of some kinds once for everybody.
type Fact struct {
	Name  string
	Kinds []*evidence.Kind
	// Read examines one item. It must work within bounded memory whatever the
	// size of the item, and return *evidence.Problem for bad bytes.
	Read func(context.Context, Input) (Reading, error)
}

// Input is what a Fact's Read is given.
type Input struct {
	Item        *evidence.Item
	Subscribers []any
	Things      bool // name every object: fill Reading.Things
	// Progress may be called as often as convenient, from one goroutine.
	Progress func(done, total int64)
}

// Reading is what a Fact made of one item.
type Reading struct {
	Value  any
	Detail string   // one line for people
	Notes  []string // limits of this piece of evidence
	// Time is when the evidence says that it was recorded; zero: its file's time.
	Time time.Time
	// Names are of what is in it: the sketch that knows it again is made of them.
	Names iter.Seq[string]
	// Things are the objects in it, at most MaxThings, when Input.Things asks.
	Things []evidence.Thing
}

// MaxThings bounds the objects of one piece of evidence in the alias graph.
const MaxThings = 200_000

// Result pairs an item with what a Fact made of it.
type Result[T any] struct {
	Item  *evidence.Item
	Value T
}

// Values returns what a Fact made of every item it could read, in order.
func Values[T any](p *Pass, f *Fact) []Result[T] {
	var out []Result[T]
	for _, r := range p.readings[f] {
		if v, ok := r.reading.Value.(T); ok {
			out = append(out, Result[T]{r.item, v})
		}
	}
	return out
}
