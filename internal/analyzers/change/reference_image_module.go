package change

import (
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/tfconfig"
	"polygraph/internal/tfplan"
)

// maxHanded bounds how deep the arguments of a module are gone through, and how
// many images of one call are judged.
const (
	maxHandedDepth = 8
	maxHanded      = 64
)

// handedImages judges CHG055 on the images that calls hand to modules: the code
// of a module from a registry is not here, and its well-known arguments say what
// it runs. Only what is written out is judged.
func (c *configured) handedImages() {
	for i := range c.module.Calls {
		call := &c.module.Calls[i]
		if source, _ := c.module.Resolve(call.Source.Attribute).String(); runsMachines(source) {
			continue
		}
		left := maxHanded
		for j := range call.Attributes {
			a := &call.Attributes[j]
			c.handed(call, a, a.Name, "", a.Value, &left, 0)
		}
	}
}

// runsMachines knows modules whose images are those of virtual machines and
// system containers: LXD writes ubuntu:22.04 as well.
func runsMachines(source string) bool {
	return slices.ContainsFunc([]string{"lxd", "lxc", "incus", "proxmox"}, func(s string) bool { return strings.Contains(strings.ToLower(source), s) })
}

func (c *configured) handed(call *tfconfig.Call, a *tfconfig.Attribute, name, pointer string, v any, left *int, depth int) {
	switch v := v.(type) {
	case map[string]any:
		if depth >= maxHandedDepth {
			return
		}
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			c.handed(call, a, k, pointer+"/"+tfplan.EscapePointer(k), v[k], left, depth+1)
		}
	case []any:
		if depth >= maxHandedDepth {
			return
		}
		for i := range v {
			c.handed(call, a, name, pointer+"/"+strconv.Itoa(i), v[i], left, depth+1)
		}
	case string:
		if *left <= 0 || !imageOfContainer(name, a.Name, v) || c.plannedImage(v) {
			return
		}
		*left--
		c.judge(image{
			rule: terraformImageRule, file: call.File.Path, verb: "is handed", text: v, source: call.Address(),
			subject:       c.subject(&call.Placed),
			discriminator: strings.ReplaceAll(a.Name+pointer, "/", "."),
			at:            finding.Location{File: call.File.Path, Offset: a.At(pointer), Object: call.Address()},
		}, pinning.Image(v))
	}
}

// imageOfContainer tells whether an argument of a module names the image of a
// container. "image" is what machines are made from too, debian-cloud/debian-11:
// where nothing else speaks of containers, it takes a registry, a tag or a
// digest.
func imageOfContainer(name, top, value string) bool {
	n, ok := pinning.ParseImage(value)
	if !ok || pinning.Unowned(value) {
		return false
	}
	host, _, hasPath := strings.Cut(value, "/")
	written := n.Tag != "" || n.Digest != "" || hasPath && strings.ContainsAny(host, ".:")
	switch name {
	case "image_uri", "container_image", "docker_image":
		return written || hasPath
	case "image":
		return written || hasPath && strings.Contains(top, "container")
	}
	return false
}

// plannedImage tells whether a plan has the image, and judges it there.
func (c *configured) plannedImage(text string) bool {
	for _, list := range c.planned {
		if slices.Contains(list, text) {
			return true
		}
	}
	return false
}
