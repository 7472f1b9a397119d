package cluster

import (
	"maps"
	"runtime"
	"slices"
	"testing"
)

func TestMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	c := shared.Cluster(t)
	memory, err := c.Memory()
	if err != nil {
		t.Fatal(err)
	}
	parts := slices.Sorted(maps.Keys(memory))
	if !slices.Equal(parts, slices.Sorted(slices.Values(c.Parts()))) {
		t.Errorf("memory of %v, the parts are %v", parts, c.Parts())
	}
	for part, m := range memory {
		// None of them runs in so little, or needs so much for so few objects.
		if m.Share < 5<<20 || m.Peak < m.Share || m.Peak > 2<<30 {
			t.Errorf("%s: %+v", part, m)
		}
		t.Logf("%s: peak %d MB, share %d MB", part, m.Peak>>20, m.Share>>20)
	}
}
