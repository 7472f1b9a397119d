package doctor

import (
	"path"
	"slices"
	"strings"
)

// repository is what the surveys of all folders found together.
type repository struct {
	roots []*Root
	plans []File
}

func together(surveys []*Survey) *repository {
	repo := &repository{}
	seen := map[string]bool{}
	for _, s := range surveys {
		for i := range s.Roots {
			if r := &s.Roots[i]; !seen[r.Folder] {
				seen[r.Folder] = true
				repo.roots = append(repo.roots, r)
			}
		}
		repo.plans = append(repo.plans, s.Plans...)
	}
	slices.SortStableFunc(repo.roots, func(a, b *Root) int { return strings.Compare(a.Folder, b.Folder) })
	return repo
}

// rootOf says of which root module a file is a plan: the one it lies in; the
// one it is named after, when it lies elsewhere (plans/prod.json and envs/prod);
// the only one below or beside it. nil when that is not clear.
func (repo *repository) rootOf(file string) *Root {
	dir := path.Dir(file)
	for _, r := range repo.roots {
		if r.Folder == dir {
			return r
		}
	}
	if r := repo.namedAfter(file); r != nil {
		return r
	}
	var nearest *Root
	for _, r := range repo.roots {
		if _, inside := below(r.Folder, file); inside && (nearest == nil || len(r.Folder) > len(nearest.Folder)) {
			nearest = r
		}
	}
	if nearest != nil {
		return nearest
	}
	var only *Root
	for _, r := range repo.roots {
		if _, inside := below(dir, r.Folder); inside {
			if only != nil {
				return nil
			}
			only = r
		}
	}
	return only
}

// namedAfter returns the one root module whose folder's name is a word of the
// file's name or of the name of the folder that it is in.
func (repo *repository) namedAfter(file string) *Root {
	words := strings.FieldsFunc(strings.ToLower(path.Base(path.Dir(file))+"/"+path.Base(file)), func(r rune) bool {
		return strings.ContainsRune("/._- ", r)
	})
	whole := strings.ToLower(strings.TrimSuffix(path.Base(file), path.Ext(file)))
	var found *Root
	for _, r := range repo.roots {
		name := strings.ToLower(path.Base(r.Folder))
		if name == "." || name == "plan" || name == "terraform" {
			continue // says nothing about which
		}
		if name == whole || slices.Contains(words, name) {
			if found != nil {
				return nil
			}
			found = r
		}
	}
	return found
}
