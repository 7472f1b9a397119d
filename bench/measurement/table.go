package measurement

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Print writes a Markdown table: least and median of each figure, and the ratio of the medians to the
// first command's.
func Print(w io.Writer, results []Result) error {
	if _, err := fmt.Fprint(w, "| command | runs | CPU s min | CPU s median | x | RSS MB min | RSS MB median | x |\n"+
		"|---|---|---|---|---|---|---|---|\n"); err != nil {
		return err
	}
	for _, r := range results {
		cpu, rss := r.cpu(), r.rss()
		_, err := fmt.Fprintf(w, "| %s | %d | %.2f | %.2f | %.2f | %.0f | %.0f | %.2f |\n",
			Label(r.Command), len(r.Samples),
			cpu[0].Seconds(), median(cpu).Seconds(), ratio(median(cpu), median(results[0].cpu())),
			megabytes(rss[0]), megabytes(median(rss)), ratio(median(rss), median(results[0].rss())))
		if err != nil {
			return err
		}
	}
	return nil
}

func (r Result) cpu() []time.Duration {
	return sorted(r.Samples, func(s Sample) time.Duration { return s.CPU })
}
func (r Result) rss() []int64 { return sorted(r.Samples, func(s Sample) int64 { return s.RSS }) }

func sorted[T int64 | time.Duration](samples []Sample, of func(Sample) T) []T {
	var all []T
	for _, s := range samples {
		all = append(all, of(s))
	}
	slices.Sort(all)
	return all
}

// median takes the lower of the two middle values, so that it is always a value that was measured.
func median[T any](ordered []T) T { return ordered[(len(ordered)-1)/2] }

func ratio[T int64 | time.Duration](a, b T) float64 { return float64(a) / float64(b) }

// megabytes are of 1,000,000 bytes, as file sizes are printed.
func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }
