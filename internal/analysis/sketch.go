package analysis

import (
	"encoding/binary"
	"encoding/hex"
	"iter"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// sketchSize is the k of the bottom-k sketch: the share of names that two
// sketches have in common estimates that of their evidence within about 1/sqrt(k).
const sketchSize = 64

// sketch returns the least hashes of the names, in order.
func sketch(names iter.Seq[string]) []string {
	if names == nil {
		return nil
	}
	least := make([]uint64, 0, sketchSize+1)
	for n := range names {
		h := xxhash.Sum64String(n)
		if len(least) == sketchSize && h >= least[sketchSize-1] {
			continue
		}
		at, found := slices.BinarySearch(least, h)
		if found {
			continue
		}
		least = slices.Insert(least, at, h)
		least = least[:min(len(least), sketchSize)]
	}
	out := make([]string, len(least))
	for i, h := range least {
		out[i] = hex.EncodeToString(binary.BigEndian.AppendUint64(nil, h))
	}
	return out
}
