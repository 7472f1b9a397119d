package mutability

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

func TestLookup(t *testing.T) {
	for at, want := range map[string]struct {
		verdict Verdict
		by      By
		views   int
	}{
		"aws_db_instance.storage_encrypted":          {Replaces, Provider, 2},
		"aws_db_instance.identifier":                 {InPlace, Provider, 2}, // CloudFormation says immutable
		"aws_db_instance.allocated_storage":          {InPlace, CloudFormation, 2},
		"aws_ebs_volume.encrypted":                   {Replaces, Provider, 2}, // CloudFormation says mutable
		"aws_instance.root_block_device.0.encrypted": {Replaces, Provider, 1},
		"aws_instance.root_block_device":             {Conditional, Provider, 1},
		"aws_instance.user_data":                     {Conditional, Provider, 2},
		"aws_instance.instance_type":                 {InPlace, Provider, 2},
		"aws_ecs_service.capacity_provider_strategy": {Conditional, Provider, 2},
		"aws_lb.subnets":                             {Conditional, Provider, 2},
		"aws_s3_bucket.force_destroy":                {Unknown, "", 1},
		"aws_cloudtrail.s3_bucket_name":              {InPlace, CloudFormation, 1},
	} {
		typ, field, _ := strings.Cut(at, ".")
		a, ok := Documented().Lookup(typ, field)
		if !ok || a.Verdict != want.verdict || a.By != want.by || len(a.Views) != want.views || a.Reason == "" {
			t.Errorf("%s: %+v, %v; want %+v", at, a, ok, want)
		}
		for _, v := range a.Views {
			if v.Source == "" || v.Reason == "" || v.Verdict == Unknown {
				t.Errorf("%s: a view without source or reason: %+v", at, v)
			}
		}
	}
	for _, at := range []string{"aws_db_instance.arn", "aws_db_instance.nothing", "aws_nothing.name", "aws_db_instance."} {
		typ, field, _ := strings.Cut(at, ".")
		if _, ok := Documented().Lookup(typ, field); ok {
			t.Errorf("%s is known", at)
		}
	}
}

func TestAPlanIsStrongest(t *testing.T) {
	a, _ := Documented().Lookup("aws_db_instance", "allocated_storage")
	a.Observe(View{Verdict: Replaces, Reason: "replace_paths names it", Source: "plan.json"})
	if a.Verdict != Replaces || a.By != Plan || !a.Disputed() {
		t.Errorf("%+v", a)
	}
}

// TestCounts keeps the size of the table, and how far CloudFormation's view can
// be trusted, in sight.
func TestCounts(t *testing.T) {
	table := Documented()
	verdicts := map[Verdict]int{}
	var fields, both, wrong int
	for _, typ := range table.Types() {
		for _, f := range table.Fields(typ) {
			a, ok := table.Lookup(typ, f)
			if !ok {
				t.Fatalf("%s.%s is listed and not found", typ, f)
			}
			fields++
			verdicts[a.Verdict]++
			if len(a.Views) == 2 && a.Views[0].Verdict == Replaces {
				both++
				if a.Views[1].Verdict == InPlace {
					wrong++
				}
			}
		}
	}
	if len(table.Types()) < 600 || fields < 5200 || verdicts[Replaces] < 1400 || verdicts[InPlace] < 2100 || verdicts[Conditional] < 30 {
		t.Errorf("%d types, %d fields, %v", len(table.Types()), fields, verdicts)
	}
	if both < 250 || wrong*10 > both {
		t.Errorf("of %d that the provider replaces for, CloudFormation calls %d mutable", both, wrong)
	}
	t.Logf("%d types, %d fields, %v; of %d that the provider replaces for, CloudFormation calls %d mutable", len(table.Types()), fields, verdicts, both, wrong)
}

// TestNeverInPlaceWhatIsReplaced holds the table against the mock provider's
// facts and against every real plan.
func TestNeverInPlaceWhatIsReplaced(t *testing.T) {
	for typ, r := range behaviour(t).Resources {
		for _, f := range r.ForceNew {
			for _, p := range f.Paths {
				if a, ok := Documented().Lookup(typ, p); ok && a.Verdict == InPlace {
					t.Errorf("%s.%s is called in place, and %s forces a replacement", typ, p, f.Source)
				}
			}
		}
	}
	files, _ := filepath.Glob(filepath.Join(shared(t, "plans"), "*", "*.json"))
	paths := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := tfplan.Read(context.Background(), &evidence.Item{Path: file, Blob: evidence.Bytes(data)}, tfplan.Options{})
		if err != nil {
			continue
		}
		for i := range p.Changes {
			c := &p.Changes[i]
			for path := range p.Names(c.Forces) {
				paths++
				if a, ok := Documented().Lookup(p.Name(c.Type), path); ok && a.Verdict == InPlace {
					t.Errorf("%s: %s.%s is called in place and replaces", file, p.Name(c.Type), path)
				}
			}
		}
	}
	if paths == 0 {
		t.Error("no plan has replace_paths")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("! 0 s\n= t AWS::A::B 0\na\tR0\tM:A\n")
	f.Fuzz(func(t *testing.T, text string) {
		table := parse(text)
		for _, typ := range table.Types() {
			for _, field := range table.Fields(typ) {
				table.Lookup(typ, field)
			}
		}
	})
}
