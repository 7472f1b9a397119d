package term

import (
	"slices"
	"strings"
	"testing"

	"polygraph/internal/report/words"
)

func TestFit(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"aws_instance.web", 16, "aws_instance.web"},
		{"module.payments.aws_db_instance.main", 20, "module.…nstance.main"},
		{"cannot be changed in place", 12, "cannot be c…"},
		{"日本語日本語日本語日本語", 9, "日…本語"},
		{"abc", 1, "…"},
	} {
		got := fit(c.in, c.n)
		if width(got) > c.n {
			t.Errorf("fit(%q, %d) = %q is %d columns", c.in, c.n, got, width(got))
		}
		if got != c.want {
			t.Errorf("fit(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestWrappedKeepsWordsWhole(t *testing.T) {
	got := wrapped("take module.payments.aws_db_instance.main out\nthen apply", 12)
	want := []string{"take", "module.payments.aws_db_instance.main", "out", "then apply"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNumbersForPeople(t *testing.T) {
	for got, want := range map[string]string{
		words.Number(0): "0", words.Number(999): "999", words.Number(42000): "42,000", words.Number(1234567): "1,234,567", words.Number(-1000): "-1,000",
		words.Size(999): "999 bytes", words.Size(41_234_567): "41.2 MB", words.Duration(7): "7 ms", words.Duration(1240): "1.2 s", words.Duration(123_456): "2 min 3 s",
		count(1, "rule", "rules"): "1 rule", count(0, "rule", "rules"): "0 rules",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestShrinkKeepsWhatNamesTheThing(t *testing.T) {
	for _, c := range []struct {
		widths []int
		total  int
		want   []int
	}{
		{[]int{10, 10}, 30, []int{10, 10}},
		{[]int{60, 20, 40}, 110, []int{60, 20, 30}},
		{[]int{60, 20, 40}, 100, []int{56, 20, 24}},
		{[]int{60, 20, 40}, 90, []int{52, 19, 19}},
		{[]int{60, 20, 40}, 80, []int{44, 18, 18}},
		{[]int{60, 20, 40}, 40, []int{13, 13, 14}},
		{[]int{60, 20, 40}, 10, []int{8, 8, 8}},
		{[]int{60}, 40, []int{40}},
		{nil, 10, nil},
	} {
		got := slices.Clone(c.widths)
		shrink(got, c.total)
		if !slices.Equal(got, c.want) {
			t.Errorf("shrink(%v, %d) = %v, want %v", c.widths, c.total, got, c.want)
		}
	}
}
