package kubeobj

import (
	"bytes"
	"testing"

	"polygraph/test/manifests"
)

// BenchmarkParse reads 1,000 objects in each form; Slow is what yaml.v3 takes
// for the same documents.
func BenchmarkParse(b *testing.B) {
	for _, form := range []manifests.Form{manifests.Documents, manifests.YAMLList, manifests.JSONList} {
		for _, live := range []bool{false, true} {
			name := string(form)
			if live {
				name += "-live"
			}
			text := written(b, manifests.Options{Objects: 1000, Seed: 1, Form: form, Live: live})
			b.Run(name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					if f, p := Parse("f", text); p != nil || len(f.Objects) != 1000 {
						b.Fatal(p)
					}
				}
			})
		}
	}
	text := string(written(b, manifests.Options{Objects: 1000, Seed: 1}))
	b.Run("slow", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			for c := range chunks(text, 0) {
				if _, _, err := slow(text[c.start:c.end]); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func written(t testing.TB, o manifests.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := manifests.Write(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
