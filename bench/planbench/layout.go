package planbench

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// instance is one resource instance: where it lives, what it is, what it uses and what happens to it.
type instance struct {
	module   *module
	kind     *kind
	key      key
	seed     uint64
	uses     []*instance // in the order that the kind's attributes expect
	fate     fate
	drift    fate      // what happened behind Terraform's back, if anything
	previous string    // address before a moved block
	root     *instance // the replaced resource that drags this one along
}

func (i *instance) local() string {
	prefix := ""
	if i.kind.data {
		prefix = "data."
	}
	return prefix + i.kind.name + "." + i.kind.block + i.key.String()
}

func (i *instance) address() string {
	if i.module.address == "" {
		return i.local()
	}
	return i.module.address + "." + i.local()
}

func (i *instance) compare(other *instance) int {
	if c := i.module.compare(other.module); c != 0 {
		return c
	}
	if i.kind != other.kind {
		if i.kind.data != other.kind.data {
			if i.kind.data {
				return -1
			}
			return 1
		}
		if c := strings.Compare(i.kind.name, other.kind.name); c != 0 {
			return c
		}
		return strings.Compare(i.kind.block, other.kind.block)
	}
	return i.key.compare(other.key)
}

// How often each block of a cell occurs. One cell is one instance of the cell module.
const (
	services, templates, reads      = 20, 4, 8
	subnets, groups, rules          = 16, 12, 180
	databases, buckets, tables      = 4, 7, 7
	disks, pools, machines, targets = 36, 4, 7, 2
	templateStep                    = templates / pools
	cellSize                        = 2*services + templates + reads + subnets + groups + rules +
		databases + buckets + tables + disks + pools*(machines+targets)
)

var (
	callNames = strings.Fields("accounts billing catalog checkout delivery discovery feedback identity " +
		"inventory invoices ledger loyalty mailing media orders payments pricing profiles reports " +
		"returns search shipping support warehouse")
	stages  = []string{"dev", "prod", "staging"}
	regions = strings.Fields("ap-southeast-2 ca-central-1 eu-central-1 eu-west-1 eu-west-2 sa-east-1 us-east-1 us-west-2")
	words   = strings.Fields("admin api batch cache cron edge events export gateway hooks import index " +
		"jobs mail metrics proxy queue render sync web")
)

// fleet is the whole plan before it is written.
type fleet struct {
	root      *module
	instances []*instance
	cells     []*cell
}

type cell struct {
	module                               *module
	random                               *rand.Rand
	roles, logs, templates, reads        []*instance
	subnets, groups, rules               []*instance
	stores, databases, machines, targets []*instance
	network, data, storage               *module
	stage, region                        string
	pairs, drifts, moves                 int
	nextSeed                             uint64
}

func (f *fleet) add(m *module, k *kind, index key, seed uint64, uses ...*instance) *instance {
	i := &instance{module: m, kind: k, key: index, seed: seed, uses: uses}
	m.instances = append(m.instances, i)
	f.instances = append(f.instances, i)
	return i
}

// layOut builds the module tree with exactly opts.Changes instances.
func layOut(opts Options) *fleet {
	f := &fleet{root: &module{}}
	pairs, drifts, moves := opts.Changes/28, opts.Changes/42, opts.Changes/100
	cells := (opts.Changes - pairs) / cellSize
	share := func(total, n int) int { return total*(n+1)/cells - total*n/cells }
	for n := range cells {
		c := &cell{
			random: rand.New(rand.NewPCG(opts.Seed, uint64(n))), nextSeed: uint64(n) << 20,
			pairs: share(pairs, n), drifts: share(drifts, n), moves: share(moves, n),
		}
		turn := n / len(callNames)
		name := stages[turn%len(stages)] + "-" + regions[turn/len(stages)%len(regions)]
		if lap := turn / (len(stages) * len(regions)); lap > 0 {
			name += "-" + strings.Repeat("x", lap)
		}
		c.module = f.root.child(callNames[n%len(callNames)], each(name))
		f.fill(c)
		f.decide(c)
		f.cells = append(f.cells, c)
	}
	// What does not fill a cell becomes plain log groups of the root module, so that the count is exact.
	for n := len(f.instances); n < opts.Changes; n++ {
		f.add(f.root, archiveGroup, count(len(f.root.instances)), 1<<60+uint64(n))
	}
	slices.SortFunc(f.instances, (*instance).compare)
	f.root.sort()
	return f
}

func (m *module) sort() {
	slices.SortFunc(m.instances, (*instance).compare)
	// Within one state, child modules are ordered by their printed address.
	slices.SortFunc(m.children, func(a, b *module) int { return strings.Compare(a.address, b.address) })
	for _, c := range m.children {
		c.sort()
	}
}

// fill creates the instances of one cell with their edges.
func (f *fleet) fill(c *cell) {
	seed := func() uint64 { c.nextSeed++; return c.nextSeed }
	c.network = c.module.child("network", key{})
	c.data = c.module.child("data", count(0))
	c.storage = c.module.child("storage", key{})
	for n := range subnets {
		c.subnets = append(c.subnets, f.add(c.network, subnet, count(n), seed()))
	}
	for n := range groups {
		c.groups = append(c.groups, f.add(c.network, securityGroup, each(words[n]), seed()))
	}
	for n := range rules {
		owner := c.groups[n%groups]
		name := owner.key.text + "-" + words[(n/groups*7+n)%len(words)] + "-" + string(rune('a'+n/groups))
		c.rules = append(c.rules, f.add(c.network, ingressRule, each(name), seed(), owner, c.groups[(n*5+1)%groups]))
	}
	for n := range services {
		c.roles = append(c.roles, f.add(c.module, role, each(words[n]), seed()))
		c.logs = append(c.logs, f.add(c.module, logGroup, each(words[n]), seed()))
	}
	for n := range templates {
		c.templates = append(c.templates, f.add(c.module, launchTemplate, each(words[n]), seed(), c.roles[n], c.groups[n%groups]))
	}
	for n := range reads {
		c.reads = append(c.reads, f.add(c.module, policyDocument, each(words[n]), seed(), c.roles[n]))
	}
	for n := range databases {
		c.databases = append(c.databases, f.add(c.data, database, each(words[n]), seed(), c.groups[n%groups]))
	}
	for _, s := range []struct {
		kind *kind
		n    int
	}{{bucket, buckets}, {table, tables}} {
		for n := range s.n {
			c.stores = append(c.stores, f.add(c.data, s.kind, each(words[n]), seed()))
		}
	}
	for n := range disks {
		c.stores = append(c.stores, f.add(c.data, disk, count(n), seed()))
	}
	for p := range pools {
		pool := c.module.child("compute", each(words[p*templateStep]))
		for n := range machines {
			c.machines = append(c.machines, f.add(pool, machine, count(n), seed(),
				c.subnets[n%subnets], c.groups[(p+n)%groups], c.templates[p*templateStep]))
		}
		for n := range targets {
			c.targets = append(c.targets, f.add(pool, targetGroup, each(words[n]), seed()))
		}
	}
}
