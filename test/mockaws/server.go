package mockaws

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Server speaks plugin protocol 6. The embedded interface stands for the calls that terraform
// makes only of providers that announce functions, actions, lists or state stores.
type Server struct {
	tfprotov6.ProviderServer
	Catalogue *Catalogue
	Cloud     *Cloud
	Settings  Settings
}

// NewServer serves the cloud in dir; an empty dir means the directory in MOCKAWS_CLOUD.
func NewServer(dir string) (*Server, error) {
	catalogue, err := Load()
	if err != nil {
		return nil, err
	}
	if dir == "" {
		dir = os.Getenv("MOCKAWS_CLOUD")
	}
	return &Server{
		Catalogue: catalogue,
		Cloud:     &Cloud{Dir: dir},
		Settings:  Settings{Region: "eu-west-1", Account: "123456789012"},
	}, nil
}

func (s *Server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	resp := &tfprotov6.GetMetadataResponse{ServerCapabilities: capabilities}
	for _, name := range sorted(s.Catalogue.Resources) {
		resp.Resources = append(resp.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for _, name := range sorted(s.Catalogue.DataSources) {
		resp.DataSources = append(resp.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return resp, nil
}

var capabilities = &tfprotov6.ServerCapabilities{GetProviderSchemaOptional: true}

func (s *Server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp := &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities: capabilities,
		Provider:           &tfprotov6.Schema{Block: providerBlock()},
		ResourceSchemas:    map[string]*tfprotov6.Schema{},
		DataSourceSchemas:  map[string]*tfprotov6.Schema{},
	}
	for name, t := range s.Catalogue.Resources {
		resp.ResourceSchemas[name] = &tfprotov6.Schema{Block: t.proto()}
	}
	for name, t := range s.Catalogue.DataSources {
		resp.DataSourceSchemas[name] = &tfprotov6.Schema{Block: t.proto()}
	}
	return resp, nil
}

func (s *Server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (s *Server) ValidateProviderConfig(_ context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
}

func (s *Server) ConfigureProvider(_ context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	resp := &tfprotov6.ConfigureProviderResponse{}
	config, err := decode(providerType, req.Config)
	if err != nil {
		return nil, err
	}
	if region, ok := config["region"].(string); ok {
		s.Settings.Region = region
	}
	if allowed, _ := config["allowed_account_ids"].([]any); len(allowed) > 0 && !slices.Contains(allowed, any(s.Settings.Account)) {
		resp.Diagnostics = problem("AWS account ID not allowed", fmt.Errorf("the mock plays the account %s, and allowed_account_ids names others", s.Settings.Account))
	}
	if blocks, _ := config["default_tags"].([]any); len(blocks) == 1 {
		block, _ := blocks[0].(map[string]any)
		s.Settings.DefaultTags, _ = block["tags"].(map[string]any)
	}
	if info, err := os.Stat(s.Cloud.Dir); err != nil || !info.IsDir() {
		resp.Diagnostics = problem("no cloud directory", fmt.Errorf("the mock keeps its objects in the directory named by MOCKAWS_CLOUD, and %q is none; create it and set the variable", s.Cloud.Dir))
	}
	return resp, nil
}

func (s *Server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func providerBlock() *tfprotov6.SchemaBlock {
	return &tfprotov6.SchemaBlock{
		Attributes: []*tfprotov6.SchemaAttribute{
			{Name: "allowed_account_ids", Type: tftypes.Set{ElementType: tftypes.String}, Optional: true},
			{Name: "region", Type: tftypes.String, Optional: true},
		},
		BlockTypes: []*tfprotov6.SchemaNestedBlock{{
			TypeName: "default_tags", Nesting: tfprotov6.SchemaNestedBlockNestingModeList, MaxItems: 1,
			Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "tags", Type: tftypes.Map{ElementType: tftypes.String}, Optional: true},
			}},
		}},
	}
}

var providerType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"allowed_account_ids": tftypes.Set{ElementType: tftypes.String},
	"region":              tftypes.String,
	"default_tags": tftypes.List{ElementType: tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"tags": tftypes.Map{ElementType: tftypes.String},
	}}},
}}

// proto writes a block in the protocol's terms, sorted so that its bytes never change.
func (b *Block) proto() *tfprotov6.SchemaBlock {
	out := &tfprotov6.SchemaBlock{}
	for _, name := range sorted(b.Attributes) {
		a := b.Attributes[name]
		out.Attributes = append(out.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: a.tfType(), Required: a.Required, Optional: a.Optional,
			Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		})
	}
	for _, name := range sorted(b.Blocks) {
		inner := b.Blocks[name]
		block := &tfprotov6.SchemaNestedBlock{TypeName: name, Block: inner.proto(), Nesting: tfprotov6.SchemaNestedBlockNestingModeList}
		switch inner.Nesting {
		case "set":
			block.Nesting = tfprotov6.SchemaNestedBlockNestingModeSet
		case "single":
			block.MaxItems = 1
		}
		if inner.Required {
			block.MinItems = 1
		}
		out.BlockTypes = append(out.BlockTypes, block)
	}
	return out
}

func problem(summary string, err error) []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: summary, Detail: err.Error()}}
}
