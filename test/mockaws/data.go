package mockaws

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func (s *Server) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

// ReadDataSource answers from the templates, overridden by data/<type>.json in the cloud: that
// is how a test publishes a newer machine image.
func (s *Server) ReadDataSource(_ context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	t := s.Catalogue.DataSources[req.TypeName]
	if t == nil {
		return nil, fmt.Errorf("the mock has no data source %s; add it to gen/types.txt", req.TypeName)
	}
	config, err := decode(t.tfType(), req.Config)
	if err != nil {
		return nil, err
	}
	asked := clone(config).(map[string]any)
	t.fill(asked, true)
	t.predict(s.Settings, asked)
	if t.Name == "aws_iam_policy_document" {
		if asked["json"], err = policyDocument(config); err != nil {
			return nil, err
		}
		asked["minified_json"] = asked["json"]
	}
	override, err := s.Cloud.Get("data", "", t.Name)
	if err != nil {
		return nil, err
	}
	maps.Copy(asked, override)
	answer, err := t.settle(s.Settings, t.Name+canon(config), nil, asked)
	if err != nil {
		return nil, err
	}
	d, err := encode(t.tfType(), answer)
	return &tfprotov6.ReadDataSourceResponse{State: d}, err
}

// policyDocument renders statements as the provider does: version first, single elements
// as strings.
func policyDocument(config map[string]any) (string, error) {
	type statement struct {
		Sid       string         `json:",omitempty"`
		Effect    string         `json:",omitempty"`
		Action    any            `json:",omitempty"`
		Resource  any            `json:",omitempty"`
		Principal any            `json:",omitempty"`
		Condition map[string]any `json:",omitempty"`
	}
	document := struct {
		Version   string
		Statement []statement
	}{Version: "2012-10-17"}
	blocks, _ := config["statement"].([]any)
	for _, block := range blocks {
		b, _ := block.(map[string]any)
		st := statement{Effect: "Allow", Action: oneOrMany(b["actions"]), Resource: oneOrMany(b["resources"])}
		if effect, ok := b["effect"].(string); ok {
			st.Effect = effect
		}
		st.Sid, _ = b["sid"].(string)
		principals := map[string]any{}
		list, _ := b["principals"].([]any)
		for _, p := range list {
			principal, _ := p.(map[string]any)
			principals[fmt.Sprint(principal["type"])] = oneOrMany(principal["identifiers"])
		}
		if len(principals) > 0 {
			st.Principal = principals
		}
		conditions, _ := b["condition"].([]any)
		for _, c := range conditions {
			condition, _ := c.(map[string]any)
			test := fmt.Sprint(condition["test"])
			if st.Condition == nil {
				st.Condition = map[string]any{}
			}
			tests, _ := st.Condition[test].(map[string]any)
			if tests == nil {
				tests = map[string]any{}
				st.Condition[test] = tests
			}
			tests[fmt.Sprint(condition["variable"])] = oneOrMany(condition["values"])
		}
		document.Statement = append(document.Statement, st)
	}
	text, err := json.MarshalIndent(document, "", "  ")
	return string(text), err
}

func oneOrMany(v any) any {
	list, _ := v.([]any)
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return list
}
