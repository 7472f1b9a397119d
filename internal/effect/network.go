package effect

import (
	"fmt"
	"strings"

	"polygraph/internal/tfplan"
)

// ReadAtLaunch: whether a machine gets a public address is read from its subnet
// when it is launched; DHCP options are read when it renews its lease.
func ReadAtLaunch() Case {
	return Case{Types: []string{"aws_subnet", "aws_vpc_dhcp_options_association"}, Judge: func(w *World, o *Object) []Outcome {
		if o.Action != tfplan.Update {
			return nil
		}
		if o.TypeName() == "aws_subnet" {
			return publicAddress(w, o)
		}
		return leases(w, o)
	}}
}

func publicAddress(w *World, s *Object) []Outcome {
	const attr = "map_public_ip_on_launch"
	known, open := edits(s, attr)
	if len(known)+len(open) == 0 {
		return nil
	}
	want := s.After(attr) == true
	var old, fine []Fact
	for _, m := range w.By("aws_instance", "subnet_id", Text(s.Before("id"))) {
		if !m.Runs() || elastic(w, m) {
			continue
		}
		has, ok := m.Before("associate_public_ip_address").(bool)
		f := Fact{Text: m.Address + " runs there without a public address", Object: m, Path: "/before/associate_public_ip_address"}
		if has {
			f.Text = m.Address + " runs there with a public address"
		}
		switch {
		case !ok:
		case has != want:
			old = append(old, f)
		default:
			fine = append(fine, f)
		}
	}
	switch {
	case len(known) > 0 && len(old) > 0:
		title := fmt.Sprintf("%s no public address: the setting is read at launch", amount(len(old), "machine that runs in it gets", "machines that run in it get"))
		if !want {
			title = fmt.Sprintf("%s: the setting is read at launch", amount(len(old), "machine that runs in it keeps its public address", "machines that run in it keep their public addresses"))
		}
		return []Outcome{{
			Verdict: NotInEffect, Title: title, Proof: append(changes(s, attr), old[:min(len(old), maxCited)]...),
			Remedy: Remedy{
				Text:  "Say it on the machine, which replaces it.",
				Patch: fmt.Sprintf("associate_public_ip_address = %v", want),
			},
		}}
	case len(known) > 0 && len(fine) > 0:
		return []Outcome{{Verdict: InEffect}}
	}
	missing := Gap{Evidence: "which machines run in " + s.Address, Get: "aws ec2 describe-instances --filters Name=subnet-id,Values=SUBNET --query 'Reservations[].Instances[].[InstanceId,PublicIpAddress]'"}
	if len(known) == 0 {
		missing = gap(attr, s)
	}
	return []Outcome{{
		Title: "machines that run in it keep what they were launched with, if there are any", Proof: changes(s, attr), Missing: []Gap{missing},
	}}
}

// elastic tells whether a machine has an elastic address, which is its own matter.
func elastic(w *World, m *Object) bool {
	id := Text(m.Before("id"))
	return len(w.By("aws_eip", "instance", id)) > 0 || len(w.By("aws_eip_association", "instance_id", id)) > 0
}

func leases(w *World, a *Object) []Outcome {
	const attr = "dhcp_options_id"
	known, open := edits(a, attr)
	if len(known)+len(open) == 0 {
		return nil
	}
	proof := changes(a, attr)
	if len(known) == 0 {
		for _, d := range w.Of("aws_vpc_dhcp_options") {
			if a.Names(attr, d, "id") && (d.Action.Replaces() || d.Action == tfplan.Delete) {
				known = open
				proof = append(proof, Fact{Text: d.Address + ", which it has now, goes away", Object: d, Path: "/actions"})
			}
		}
	}
	vpc := Text(a.Before("vpc_id"))
	run := once(w, "machines of "+vpc, func() running { return machinesOf(w, vpc) })
	machines, ids := run.facts, run.ids
	if len(known) > 0 && run.count > 0 {
		r := Remedy{Text: "Renew the lease on each machine; a reboot does so too."}
		if len(ids) > 0 && len(ids) <= mostRebooted {
			r.Commands = []string{"aws ec2 reboot-instances --instance-ids " + strings.Join(ids, " ")}
		}
		return []Outcome{{
			Verdict: NotInEffect, Remedy: r, Proof: append(proof, machines[:min(len(machines), 2*maxCited)]...),
			Title: fmt.Sprintf("%s the old DHCP options until the lease is renewed, which takes hours", amount(run.count, "machine keeps", "machines keep")),
		}}
	}
	missing := Gap{Evidence: "which machines run in the VPC of " + a.Address, Get: "aws ec2 describe-instances --filters Name=vpc-id,Values=VPC --query 'Reservations[].Instances[].InstanceId'"}
	if len(known) == 0 {
		missing = gap(attr, a)
	}
	return []Outcome{{
		Title: "machines that run keep the old DHCP options until they renew their lease, if there are any", Proof: proof, Missing: []Gap{missing},
	}}
}

// mostRebooted bounds the machines of one command.
const mostRebooted = 256

// running is what runs in a VPC now.
type running struct {
	count int
	facts []Fact // about the first few
	ids   []string
}

func machinesOf(w *World, vpc string) running {
	var r running
	told := map[string]bool{}
	for _, s := range w.By("aws_subnet", "vpc_id", vpc) {
		id := s.Now("id")
		if !s.Runs() || told[id] {
			continue
		}
		told[id] = true
		for _, m := range w.By("aws_instance", "subnet_id", id) {
			if !m.Runs() {
				continue
			}
			if r.count++; r.count <= maxCited {
				r.facts = append(
					r.facts,
					Fact{Text: m.Address + " runs in a subnet of the VPC", Object: m, Path: "/before/subnet_id"},
					Fact{Text: "that subnet is " + s.Address, Object: s, Path: "/before/vpc_id"},
				)
			}
			if len(r.ids) <= mostRebooted {
				if id := word(m, m.Before("id")); id != "" {
					r.ids = append(r.ids, id)
				}
			}
		}
	}
	return r
}
