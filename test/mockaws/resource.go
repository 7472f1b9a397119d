package mockaws

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func (s *Server) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (s *Server) UpgradeResourceState(_ context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	t, err := s.resource(req.TypeName)
	if err != nil {
		return nil, err
	}
	v, err := req.RawState.Unmarshal(t.tfType())
	if err != nil {
		return nil, fmt.Errorf("state of %s: %w; was it written by another provider version?", t.Name, err)
	}
	d, err := tfprotov6.NewDynamicValue(t.tfType(), v)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &d}, err
}

func (s *Server) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	t, err := s.resource(req.TypeName)
	if err != nil {
		return nil, err
	}
	state, err := decode(t.tfType(), req.CurrentState)
	if err != nil || state == nil {
		return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState}, err
	}
	id := fmt.Sprint(state["id"])
	object, err := s.Cloud.Get("objects", t.Name, id)
	if err == nil {
		err = s.Cloud.Log(Call{Call: "read", Type: t.Name, ID: id})
	}
	if err != nil {
		return &tfprotov6.ReadResourceResponse{Diagnostics: problem("reading "+t.Name, err)}, nil
	}
	if object != nil {
		object = t.merged(state, object)
	}
	d, err := encode(t.tfType(), object)
	if err != nil {
		return &tfprotov6.ReadResourceResponse{Diagnostics: problem("reading "+t.Name+" "+id, err)}, nil
	}
	return &tfprotov6.ReadResourceResponse{NewState: d}, nil
}

func (s *Server) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	t, err := s.resource(req.TypeName)
	if err != nil {
		return nil, err
	}
	prior, err := decode(t.tfType(), req.PriorState)
	if err != nil {
		return nil, err
	}
	proposed, err := decode(t.tfType(), req.ProposedNewState)
	if err != nil {
		return nil, err
	}
	// Like every provider built on the old SDK, this one relies on terraform's tolerance.
	resp := &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState, UnsafeToUseLegacyTypeSystem: true}
	if proposed == nil {
		return resp, nil
	}
	planned, replace := t.plan(s.Settings, prior, proposed)
	resp.RequiresReplace = replace
	resp.PlannedState, err = encode(t.tfType(), planned)
	return resp, err
}

func (s *Server) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	t, err := s.resource(req.TypeName)
	if err != nil {
		return nil, err
	}
	prior, err := decode(t.tfType(), req.PriorState)
	if err != nil {
		return nil, err
	}
	planned, err := decode(t.tfType(), req.PlannedState)
	if err != nil {
		return nil, err
	}
	var object map[string]any
	verb := "updating "
	switch {
	case planned == nil:
		verb, err = "deleting ", t.delete(s.Cloud, prior)
	case prior == nil:
		verb = "creating "
		object, err = t.create(s.Cloud, s.Settings, planned)
	default:
		object, err = t.update(s.Cloud, s.Settings, prior, planned)
	}
	resp := &tfprotov6.ApplyResourceChangeResponse{UnsafeToUseLegacyTypeSystem: true}
	if err != nil {
		resp.Diagnostics = problem(verb+t.Name, err)
		object = prior // what failed leaves the object as it was
	}
	resp.NewState, err = encode(t.tfType(), object)
	return resp, err
}

func (s *Server) ImportResourceState(_ context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	t, err := s.resource(req.TypeName)
	if err != nil {
		return nil, err
	}
	object, err := s.Cloud.Get("objects", t.Name, req.ID)
	if err == nil && object == nil {
		err = fmt.Errorf("there is no %s with the identifier %q in the cloud directory; put one there or correct the import", t.Name, req.ID)
	}
	if err == nil {
		err = s.Cloud.Log(Call{Call: "import", Type: t.Name, ID: req.ID})
	}
	if err != nil {
		return &tfprotov6.ImportResourceStateResponse{Diagnostics: problem("importing "+t.Name, err)}, nil
	}
	imported := t.merged(nil, object)
	maps.Copy(imported, t.Facts.ImportValues)
	d, err := encode(t.tfType(), imported)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ImportResourceStateResponse{ImportedResources: []*tfprotov6.ImportedResource{{TypeName: t.Name, State: d}}}, nil
}

func (s *Server) resource(name string) (*Type, error) {
	if t := s.Catalogue.Resources[name]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("the mock has no resource %s; add it to gen/types.txt", name)
}
