package effect

import "polygraph/internal/tfplan"

// scripted tells whether the apply runs commands: actions of Terraform 1.14, or
// provisioners of what it creates or destroys. A resource that exists to hold
// provisioners counts where the configuration is not there to ask.
func scripted(w *World) bool {
	if w.Actions > 0 {
		return true
	}
	return once(w, "scripts", func() bool {
		found := false
		for i := range w.Changes {
			c := &w.Changes[i]
			if c.Data || c.Action != tfplan.Create && !c.Action.Replaces() && c.Action != tfplan.Delete {
				continue
			}
			if c.Node >= 0 && w.Graph != nil {
				found = found || w.Graph.Provisioned(c.Node)
				continue
			}
			switch w.Name(c.Type) {
			case "null_resource", "terraform_data":
				found = true
			}
		}
		return found
	})
}
