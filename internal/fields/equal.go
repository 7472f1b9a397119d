package fields

import "polygraph/internal/kubeobj"

// same tells whether two documents say the same in whatever order and layout:
// then nothing can differ, whatever the kind.
func same(a, b *kubeobj.Value) bool {
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Items) != len(b.Items) {
		return false
	}
	for i := range a.Items {
		x, y := &a.Items[i], &b.Items[i]
		if a.Kind == kubeobj.Map && x.Name != y.Name {
			y = b.Get(x.Name)
			if y == nil {
				return false
			}
		}
		if !same(x, y) {
			return false
		}
	}
	return true
}
