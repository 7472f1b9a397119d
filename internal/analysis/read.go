package analysis

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"polygraph/internal/evidence"
	"polygraph/internal/run"
)

// readings is what the facts made of the items.
type readings struct {
	byFact   map[*Fact][]read
	visitors map[visitorKey]any
	evidence []run.Evidence
	skips    []run.Skip
	things   map[string][]evidence.Thing // by path
	families map[string]bool             // of the evidence that was read
	unread   int                         // items that no wanted fact reads
}

type job struct {
	fact    *Fact
	item    *evidence.Item
	reading Reading
	err     error

	panicked any
}

// read lets every fact read its items, at most r.Parallel at once, and collects
// the results in the order of the items.
func (r *Runner) read(ctx context.Context, order []*Analyzer, items []*evidence.Item) (*readings, error) {
	out := &readings{byFact: map[*Fact][]read{}, visitors: map[visitorKey]any{}, things: map[string][]evidence.Thing{}, families: map[string]bool{}}
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b *evidence.Item) int { return strings.Compare(a.Path, b.Path) })
	jobs := r.plan(order, items)

	var wg sync.WaitGroup
	slots := make(chan struct{}, max(1, r.Parallel))
	for i := range jobs {
		j := &jobs[i]
		subs := subscribers(order, j, out.visitors)
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			// A panic here would end the process before anybody could say whose
			// fault it is; it goes on in the caller's goroutine.
			defer func() { j.panicked = recover(); <-slots; wg.Done() }()
			j.reading, j.err = j.fact.Read(ctx, Input{Item: j.item, Subscribers: subs, Things: r.Things, Progress: r.progress(j.item)})
		}()
	}
	wg.Wait()
	for i := range jobs {
		if p := jobs[i].panicked; p != nil {
			panic(p)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out.collect(jobs, items)
	return out, nil
}

// collect turns the jobs, which stand in the order of their items, into one
// evidence or skip message per item.
func (out *readings) collect(jobs []job, items []*evidence.Item) {
	said := map[*evidence.Item]int{} // item -> its place in evidence
	touched := map[*evidence.Item]bool{}
	for _, j := range jobs {
		touched[j.item] = true
		if j.err != nil {
			// Two facts that stumble over the same thing are one skip.
			if s := skipOf(j); len(out.skips) == 0 || out.skips[len(out.skips)-1] != s {
				out.skips = append(out.skips, s)
			}
			continue
		}
		out.families[j.item.Kind.Family] = true
		out.byFact[j.fact] = append(out.byFact[j.fact], read{j.item, j.reading})
		if len(j.reading.Things) > 0 {
			out.things[j.item.Path] = append(out.things[j.item.Path], j.reading.Things...)
		}
		if i, again := said[j.item]; again {
			e := &out.evidence[i]
			e.Detail = strings.Trim(e.Detail+"; "+j.reading.Detail, "; ")
			e.Notes = append(e.Notes, j.reading.Notes...)
			continue
		}
		said[j.item] = len(out.evidence)
		out.evidence = append(out.evidence, run.Evidence{
			Kind: j.item.Kind.Name, Nature: string(j.item.Kind.Nature), Path: j.item.Path,
			Bytes: j.item.Blob.Size(), Detail: j.reading.Detail, Notes: j.reading.Notes,
			Time: recorded(j).UTC(), Sketch: sketch(j.reading.Names),
		})
	}
	out.unread = len(items) - len(touched)
}

// plan pairs each item with the facts that some analyzer wants of its kind.
func (r *Runner) plan(order []*Analyzer, items []*evidence.Item) []job {
	var facts []*Fact
	for _, a := range order {
		for _, f := range a.Facts {
			if !slices.Contains(facts, f) {
				facts = append(facts, f)
			}
		}
	}
	var jobs []job
	for _, item := range items {
		for _, f := range facts {
			if slices.Contains(f.Kinds, item.Kind) {
				jobs = append(jobs, job{fact: f, item: item})
			}
		}
	}
	return jobs
}

func subscribers(order []*Analyzer, j *job, visitors map[visitorKey]any) []any {
	var subs []any
	for _, a := range order {
		for _, s := range a.Subscribe {
			if s.Fact == j.fact {
				v := s.New(j.item)
				visitors[visitorKey{a, s.Fact, j.item}] = v
				subs = append(subs, v)
			}
		}
	}
	return subs
}

func (r *Runner) progress(item *evidence.Item) func(done, total int64) {
	return func(done, total int64) {
		if r.Progress != nil {
			r.Progress(run.Progress{Stage: "reading " + item.Path, Done: done, Total: total, Unit: "bytes"})
		}
	}
}

func skipOf(j job) run.Skip {
	s := run.Skip{Path: j.item.Path, Count: 1, Reason: j.err.Error(), Named: j.item.Named, Kind: j.item.Kind.Name}
	var p *evidence.Problem
	if errors.As(j.err, &p) {
		s.Reason, s.Do = p.Reason, p.Do
	}
	return s
}

func recorded(j job) time.Time {
	if !j.reading.Time.IsZero() {
		return j.reading.Time
	}
	return j.item.Time
}
