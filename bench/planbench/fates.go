package planbench

// fate is what the plan does with an instance, or what happened to it since the last apply.
type fate uint8

const (
	kept     fate = iota // no-op
	updated              // update in place
	created              // create
	deleted              // delete, the index is gone from the configuration
	orphaned             // delete, the whole module call is gone
	replaced             // delete, then create
	renewed              // create, then delete
	read                 // a data source that is read during apply
	edited               // drift: an attribute changed behind Terraform's back
	vanished             // drift: the object is gone
)

func (f fate) actions() []string {
	switch f {
	case updated:
		return []string{"update"}
	case created:
		return []string{"create"}
	case deleted, orphaned:
		return []string{"delete"}
	case replaced:
		return []string{"delete", "create"}
	case renewed:
		return []string{"create", "delete"}
	case read:
		return []string{"read"}
	}
	return []string{"no-op"}
}

func (f fate) replaces() bool { return f == replaced || f == renewed }
func (f fate) removes() bool  { return f == deleted || f == orphaned }

// Per thousand of the instances that no story has claimed. Together with the stories this leaves about
// 60 % of a plan untouched, as in a plan after a provider upgrade.
const updatedShare, createdShare, deletedShare = 195, 105, 40

// decide hands out the fates of one cell: first the stories, then chance.
func (f *fleet) decide(c *cell) {
	claimed := map[*instance]bool{}
	c.cascade(claimed)
	f.twins(c, claimed)
	for _, i := range c.reads {
		i.fate = read
		claimed[i] = true
	}
	plain := c.plain(claimed)
	c.random.Shuffle(len(plain), func(a, b int) { plain[a], plain[b] = plain[b], plain[a] })
	plain = c.strayed(plain)
	for n, i := range plain {
		switch draw := c.random.IntN(1000); {
		case n < c.moves:
			i.previous = formerAddress(i)
		case draw < updatedShare:
			i.fate = updated
		case draw < updatedShare+createdShare && free(i):
			i.fate = created
		case draw < updatedShare+createdShare+deletedShare && free(i):
			i.fate = deleted
		}
	}
}

// free tells whether nothing else uses this kind: creating or deleting a used one would have to be told
// in its dependents too.
func free(i *instance) bool {
	switch i.kind {
	case subnet, securityGroup, role, launchTemplate:
		return false
	}
	return true
}

func (c *cell) plain(claimed map[*instance]bool) []*instance {
	var plain []*instance
	for _, group := range [][]*instance{
		c.roles, c.logs, c.templates, c.subnets, c.groups, c.rules, c.databases, c.stores, c.machines, c.targets,
	} {
		for _, i := range group {
			if !claimed[i] {
				plain = append(plain, i)
			}
		}
	}
	return plain
}

// cascade replaces some roots and drags their dependents along. Each cell tells one of four stories.
func (c *cell) cascade(claimed map[*instance]bool) {
	claim := func(i, root *instance, what fate) {
		if !claimed[i] {
			i.fate, i.root = what, root
			claimed[i] = true
		}
	}
	drag := func(root *instance, among []*instance, what fate) {
		for _, i := range among {
			for _, used := range i.uses {
				if used == root {
					claim(i, root, what)
				}
			}
		}
	}
	pick := func(among []*instance) *instance { return among[c.random.IntN(len(among))] }
	switch c.random.IntN(4) {
	case 0:
		root := pick(c.groups)
		claim(root, nil, replaced)
		// A rule belongs to its group for life, but the group that it admits can be exchanged.
		for _, i := range c.rules {
			if i.uses[0] == root {
				claim(i, root, replaced)
			} else if i.uses[1] == root {
				claim(i, root, updated)
			}
		}
		drag(root, c.templates, updated)
		drag(root, c.databases, updated)
		drag(root, c.machines, updated)
	case 1:
		root := pick(c.subnets)
		claim(root, nil, replaced)
		drag(root, c.machines, replaced)
		claim(pick(c.databases), nil, replaced)
	case 2:
		root := c.templates[c.random.IntN(pools)*templateStep]
		claim(root, nil, renewed)
		drag(root, c.machines, replaced)
		for range 3 {
			claim(pick(c.targets), nil, renewed)
		}
	case 3:
		root := pick(c.roles)
		claim(root, nil, replaced)
		drag(root, c.templates, updated)
		claim(pick(c.stores), nil, replaced)
		claim(pick(c.databases), nil, replaced)
	}
}

// twins destroys objects under a module call that is gone and creates the same ones under another.
func (f *fleet) twins(c *cell, claimed map[*instance]bool) {
	order := c.random.Perm(len(c.stores))
	left := c.pairs
	for _, n := range order {
		i := c.stores[n]
		if left == 0 {
			return
		}
		if claimed[i] {
			continue
		}
		i.fate = created
		claimed[i] = true
		f.add(c.storage, i.kind, i.key, i.seed).fate = orphaned
		left--
	}
}

// strayed lets the first few instances drift, half of them to be put back, and returns the others.
func (c *cell) strayed(plain []*instance) []*instance {
	n := min(c.drifts, len(plain))
	for at, i := range plain[:n] {
		i.drift = edited
		if at%2 == 0 {
			i.fate = updated
		}
		if at%7 == 0 && free(i) {
			i.drift, i.fate = vanished, created
		}
	}
	return plain[n:]
}

// formerAddress is where a moved instance lived: the same block under the module's earlier name.
func formerAddress(i *instance) string {
	old := *i.module
	old.name = "old_" + old.name
	address := "module." + old.name + old.key.String()
	if old.parent.address != "" {
		address = old.parent.address + "." + address
	}
	return address + "." + i.local()
}
