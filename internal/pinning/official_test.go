package pinning

import (
	"slices"
	"testing"
)

func TestUnowned(t *testing.T) {
	if !slices.IsSorted(official) || len(slices.Compact(slices.Clone(official))) != len(official) {
		t.Error("the list is not sorted")
	}
	for ref, want := range map[string]bool{
		"alpine": false, "golang:1.25": false, "rocket.chat:6": false, "docker.io/library/shop": false, "shop/api": false, "localhost:5000/shop": false,
		"shop": true, "shop-base:dev": true, "${BASE}": false, "UPPER": false,
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef": false,
	} {
		if got := Unowned(ref); got != want {
			t.Errorf("%s: %v", ref, got)
		}
	}
}
