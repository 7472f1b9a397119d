package term

import (
	"bytes"
	"testing"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

func someRules() (*analysis.Analyzer, *analysis.Rule) {
	r := &analysis.Rule{
		ID: "CHG001", Title: "data is lost by a replacement", Claim: "Replacing this resource loses no data",
		Claimant: "the plan: \"1 to add, 1 to destroy\"", Severity: finding.Critical, Unit: "replaced resources that hold data",
		Why:           "A replaced database is an empty one. The plan says the same words for it as for a tag.",
		Fix:           "Keep a final snapshot, or change the resource in place.",
		Needs:         []*evidence.Kind{evidence.TerraformPlan(), evidence.TerraformState()},
		Discriminator: "the argument that loses the data",
		Sources:       []string{"hashicorp/terraform-provider-aws v6.2.0", "Terraform 1.11 documentation, lifecycle"},
	}
	return &analysis.Analyzer{Name: "change", Doc: "What a plan does.", Rules: []*analysis.Rule{r}}, r
}

func TestExplainGolden(t *testing.T) {
	a, r := someRules()
	var buf bytes.Buffer
	if err := Explain(&buf, a, r, Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	golden(t, "explain", buf.String())
}

func TestRulesGolden(t *testing.T) {
	a, _ := someRules()
	var buf bytes.Buffer
	if err := Rules(&buf, []*analysis.Analyzer{a}, Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "rules", buf.String())
}
