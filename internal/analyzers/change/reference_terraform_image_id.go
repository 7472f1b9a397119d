package change

import (
	"regexp"
	"strings"

	"polygraph/internal/tfconfig"
)

// filterByID reads the filter by image-id of a data "aws_ami". It finds one image, the
// same as long as nobody moves the ID: one that is read from a public parameter
// is moved by AWS.
func filterByID(m *tfconfig.Module, d tfconfig.Placed) (moving, bool) {
	for _, f := range d.Nested("filter") {
		if name, _, _ := f.String("name"); name != "image-id" {
			continue
		}
		values, ok := f.Attribute("values")
		if !ok {
			return moving{}, true
		}
		if res := m.Resolve(values); res.Known && !res.Default {
			return moving{concerned: true, fixed: true}, true
		}
		list, _ := values.Value.([]any)
		fixed := len(list) > 0
		for _, v := range list {
			part, computed := v.(tfconfig.Part)
			if !computed {
				continue
			}
			p, ok := parameterOf(m, part)
			if ok && !p.fixed && p.missing == "" {
				return moving{
					concerned: true, at: configAt(d.File, values.Offset, d.Address()), now: p.now,
					why: "the image-id of the filter is the value of a public parameter, and AWS moves it to each new image",
				}, true
			}
			res := m.Resolve(&tfconfig.Attribute{References: part.References, Text: part.Text})
			fixed = fixed && (ok && p.fixed || res.Known && !res.Default)
		}
		return moving{concerned: true, fixed: fixed}, true
	}
	return moving{}, false
}

// parameterOf reads the parameter of AWS's own whose value a template is.
func parameterOf(m *tfconfig.Module, part tfconfig.Part) (moving, bool) {
	if len(part.References) != 1 {
		return moving{}, false
	}
	address, _ := strings.CutSuffix(part.References[0], ".insecure_value")
	address, _ = strings.CutSuffix(address, ".value")
	for _, d := range m.Data {
		if d.Label(0) == "aws_ssm_parameter" && d.Address() == address {
			mv := movedParameter(m, d)
			return mv, mv.concerned
		}
	}
	return moving{}, false
}

// movedParameter reads a data "aws_ssm_parameter" for one of AWS's own.
func movedParameter(m *tfconfig.Module, d tfconfig.Placed) moving {
	a, ok := d.Attribute("name")
	if !ok {
		return moving{}
	}
	res := m.Resolve(a)
	name, known := res.String()
	if !known {
		name = a.Text
	}
	if !strings.HasPrefix(name, "/aws/service/") {
		return moving{}
	}
	out := moving{concerned: true, at: configAt(d.File, a.Offset, d.Address()), fixed: !publicAlias(name)}
	out.why = "AWS moves the parameter to each new image that it publishes"
	if res.Default {
		out.missing = "the value of the variable that names the parameter"
	}
	if known {
		out.now = []string{parameterCommand(name)}
	} else if out.fixed {
		out.fixed, out.missing = false, "the name of the parameter, which is computed"
	}
	return out
}

// publicAlias tells whether a parameter is one that AWS, or a publisher through
// AWS, moves to the newest image. With a version (name:3) it stays.
func publicAlias(name string) bool {
	if !strings.HasPrefix(name, "/aws/service/") || parameterVersion.MatchString(name) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "latest", "recommended", "current", "ami-amazon-linux-latest", "ami-windows-latest", "ami-macos-latest":
			return true
		}
	}
	return false
}

var parameterVersion = regexp.MustCompile(`:[0-9]+$`)

func parameterCommand(name string) string {
	return "aws ssm get-parameter --name " + shellWord(name) + " --query Parameter.Value --output text"
}
