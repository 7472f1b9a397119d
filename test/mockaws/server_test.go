package mockaws

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// session drives one resource over the protocol, as terraform would.
type session struct {
	*testing.T
	s   *Server
	typ *Type
}

func open(t *testing.T, s *Server, typ string) session {
	t.Helper()
	if _, err := s.GetProviderSchema(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	return session{t, s, s.Catalogue.Resources[typ]}
}

// propose does what terraform core does before it asks: prior values of what is computed and
// not configured.
func (x session) propose(prior, config map[string]any) map[string]any {
	proposed := x.typ.empty()
	for name := range proposed {
		switch {
		case config[name] != nil:
			proposed[name] = clone(config[name])
		case prior != nil && x.typ.Attributes[name] != nil && x.typ.Attributes[name].Computed:
			proposed[name] = prior[name]
		}
	}
	return proposed
}

func (x session) plan(prior, config map[string]any) (map[string]any, []string) {
	x.Helper()
	var proposed map[string]any
	if config != nil {
		proposed = x.propose(prior, config)
	}
	resp, err := x.s.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: x.typ.Name, PriorState: x.encode(prior), ProposedNewState: x.encode(proposed),
	})
	if err != nil {
		x.Fatal(err)
	}
	var replace []string
	for _, path := range resp.RequiresReplace {
		replace = append(replace, path.String())
	}
	return x.decode(resp.PlannedState), replace
}

// apply returns the new state, or what the API said against it.
func (x session) apply(prior, planned map[string]any) (map[string]any, string) {
	x.Helper()
	resp, err := x.s.ApplyResourceChange(context.Background(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: x.typ.Name, PriorState: x.encode(prior), PlannedState: x.encode(planned),
	})
	if err != nil {
		x.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		return x.decode(resp.NewState), resp.Diagnostics[0].Detail
	}
	return x.decode(resp.NewState), ""
}

func (x session) create(config map[string]any) map[string]any {
	x.Helper()
	planned, _ := x.plan(nil, config)
	state, refusal := x.apply(nil, planned)
	if refusal != "" {
		x.Fatal(refusal)
	}
	return state
}

func (x session) read(state map[string]any) map[string]any {
	x.Helper()
	resp, err := x.s.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{TypeName: x.typ.Name, CurrentState: x.encode(state)})
	if err != nil {
		x.Fatal(err)
	}
	return x.decode(resp.NewState)
}

func (x session) encode(object map[string]any) *tfprotov6.DynamicValue {
	x.Helper()
	d, err := encode(x.typ.tfType(), object)
	if err != nil {
		x.Fatal(err)
	}
	return d
}

func (x session) decode(d *tfprotov6.DynamicValue) map[string]any {
	x.Helper()
	object, err := decode(x.typ.tfType(), d)
	if err != nil {
		x.Fatal(err)
	}
	return object
}

func (x session) calls() []Call {
	x.Helper()
	calls, err := x.s.Cloud.Calls()
	if err != nil {
		x.Fatal(err)
	}
	return calls
}

func TestCreateUpdateReplace(t *testing.T) {
	x := open(t, testServer(t), "aws_db_instance")
	config := map[string]any{"identifier": "shop", "instance_class": "db.t4g.small", "engine": "postgres", "password": "acme-example-not-a-secret"}

	planned, _ := x.plan(nil, config)
	if _, open := planned["arn"].(unknown); !open || planned["skip_final_snapshot"] != false {
		t.Errorf("planned create: arn %v, skip_final_snapshot %v", planned["arn"], planned["skip_final_snapshot"])
	}
	state, _ := x.apply(nil, planned)
	if id, _ := state["id"].(string); !strings.HasPrefix(id, "db-") || state["arn"] != "arn:aws:rds:eu-west-1:123456789012:db:shop" {
		t.Errorf("created id %v, arn %v", state["id"], state["arn"])
	}

	config["instance_class"] = "db.t4g.large"
	planned, replace := x.plan(state, config)
	if replace != nil || !equal(planned["arn"], state["arn"]) || hasUnknown(planned) {
		t.Errorf("an update in place keeps what is computed: replace %v, planned %s", replace, canon(planned))
	}

	config["engine_version"] = "16.9"
	if planned, _ = x.plan(state, config); !equal(planned["engine_version_actual"], unknown{}) {
		t.Errorf("engine_version_actual is %v in an update of engine_version, want unknown", planned["engine_version_actual"])
	}

	config["kms_key_id"] = unknown{}
	if _, replace = x.plan(state, config); len(replace) != 1 || !strings.Contains(replace[0], "kms_key_id") {
		t.Errorf("an unknown kms_key_id replaces: got %v", replace)
	}
}

func TestSecondObjectIsAnother(t *testing.T) {
	x := open(t, testServer(t), "aws_efs_file_system")
	config := map[string]any{"encrypted": true}
	first, second := x.create(config), x.create(config)
	if equal(first["id"], second["id"]) {
		t.Errorf("two creations with the same configuration share the id %v", first["id"])
	}
	again := open(t, testServer(t), "aws_efs_file_system").create(config)
	if !equal(first["id"], again["id"]) {
		t.Errorf("in a new cloud the same configuration got %v, before %v", again["id"], first["id"])
	}
}

func TestDriftAndLoss(t *testing.T) {
	x := open(t, testServer(t), "aws_autoscaling_group")
	state := x.create(map[string]any{"name": "workers", "min_size": json.Number("1"), "max_size": json.Number("4"), "force_delete": true})
	if !equal(state, x.read(state)) {
		t.Errorf("nothing changed, and yet: %s\nwas: %s", canon(x.read(state)), canon(state))
	}
	object, err := x.s.Cloud.Get("objects", x.typ.Name, "workers")
	if err != nil {
		t.Fatal(err)
	}
	if _, kept := object["force_delete"]; kept {
		t.Error("force_delete is in the cloud; no API returns it")
	}
	object["max_size"] = 12
	if err := x.s.Cloud.Put("objects", x.typ.Name, "workers", object); err != nil {
		t.Fatal(err)
	}
	if drifted := x.read(state); !equal(drifted["max_size"], json.Number("12")) || drifted["force_delete"] != true {
		t.Errorf("after drift: max_size %v, force_delete %v", drifted["max_size"], drifted["force_delete"])
	}
	if err := x.s.Cloud.Remove("objects", x.typ.Name, "workers"); err != nil {
		t.Fatal(err)
	}
	if gone := x.read(state); gone != nil {
		t.Errorf("deleted out of band, and still read: %s", canon(gone))
	}
}

func TestTagsAndLaunchTemplate(t *testing.T) {
	s := testServer(t)
	s.Settings.DefaultTags = map[string]any{"project": "acme"}
	x := open(t, s, "aws_launch_template")
	config := map[string]any{"name": "workers", "instance_type": "t4g.small", "tags": map[string]any{"Name": "workers"}}
	planned, _ := x.plan(nil, config)
	if want := map[string]any{"project": "acme", "Name": "workers"}; !equal(planned["tags_all"], want) {
		t.Errorf("tags_all = %v, want %v", planned["tags_all"], want)
	}
	state := x.create(config)
	config["instance_type"] = "t4g.medium"
	planned, _ = x.plan(state, config)
	if !equal(planned["latest_version"], unknown{}) {
		t.Errorf("latest_version = %v, want unknown", planned["latest_version"])
	}
	if state, _ = x.apply(state, planned); !equal(state["latest_version"], json.Number("2")) {
		t.Errorf("latest_version = %v after the update, want 2", state["latest_version"])
	}
}

func TestImport(t *testing.T) {
	x := open(t, testServer(t), "aws_cloudwatch_log_group")
	if err := x.s.Cloud.Put("objects", x.typ.Name, "by-hand", map[string]any{"id": "by-hand", "name": "by-hand", "retention_in_days": 7}); err != nil {
		t.Fatal(err)
	}
	resp, err := x.s.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: x.typ.Name, ID: "by-hand"})
	if err != nil || len(resp.ImportedResources) != 1 {
		t.Fatal(err, resp.Diagnostics)
	}
	state := x.decode(resp.ImportedResources[0].State)
	if state["name"] != "by-hand" || state["skip_destroy"] != false {
		t.Errorf("imported %s", canon(state))
	}
	resp, err = x.s.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: x.typ.Name, ID: "missing"})
	if err != nil || len(resp.Diagnostics) != 1 {
		t.Errorf("importing what does not exist: %v, %v", err, resp)
	}
}

// TestVersionsMove holds the numbers that services count: by the update of one object, and, for
// what is replaced, beyond its life.
func TestVersionsMove(t *testing.T) {
	s := testServer(t)
	machine := open(t, s, "aws_sfn_state_machine")
	config := map[string]any{"name": "refunds", "role_arn": "r", "definition": "{}", "publish": true}
	state := machine.create(config)
	const arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:refunds"
	if state["state_machine_version_arn"] != arn+":1" {
		t.Errorf("the first version is %v", state["state_machine_version_arn"])
	}
	config["definition"] = `{"a":1}`
	planned, _ := machine.plan(state, config)
	if !equal(planned["state_machine_version_arn"], unknown{}) {
		t.Errorf("an update that publishes plans version %v, want unknown", planned["state_machine_version_arn"])
	}
	if state, _ = machine.apply(state, planned); state["state_machine_version_arn"] != arn+":2" {
		t.Errorf("the second version is %v", state["state_machine_version_arn"])
	}
	config["definition"], config["publish"] = `{"a":2}`, false
	if planned, _ = machine.plan(state, config); planned["state_machine_version_arn"] != arn+":2" {
		t.Errorf("an update that publishes nothing plans version %v", planned["state_machine_version_arn"])
	}

	function := open(t, s, "aws_lambda_function")
	if f := function.create(map[string]any{"function_name": "draft", "role": "r"}); f["version"] != "$LATEST" {
		t.Errorf("a function that never published has version %v", f["version"])
	}

	task := open(t, s, "aws_ecs_task_definition")
	if first := task.create(map[string]any{"family": "search", "container_definitions": "a"}); !equal(first["revision"], json.Number("1")) {
		t.Errorf("the first of its family is %v", first["arn"])
	}
	second := task.create(map[string]any{"family": "search", "container_definitions": "b"})
	if !equal(second["revision"], json.Number("2")) || second["arn"] != "arn:aws:ecs:eu-west-1:123456789012:task-definition/search:2" {
		t.Errorf("the second of its family is %v", second["arn"])
	}
	if other := task.create(map[string]any{"family": "payments", "container_definitions": "b"}); !equal(other["revision"], json.Number("1")) {
		t.Errorf("another family starts at %v", other["revision"])
	}
}

// TestDeferred: what waits for a maintenance window is accepted and not in effect.
func TestDeferred(t *testing.T) {
	for name, c := range map[string]struct {
		immediately any
		want        string
	}{"default": {nil, "db.r7g.large"}, "later": {false, "db.r7g.large"}, "now": {true, "db.r7g.xlarge"}} {
		t.Run(name, func(t *testing.T) {
			x := open(t, testServer(t), "aws_db_instance")
			config := map[string]any{"identifier": "orders", "instance_class": "db.r7g.large", "engine": "postgres", "apply_immediately": c.immediately}
			state := x.create(config)
			config["instance_class"] = "db.r7g.xlarge"
			planned, _ := x.plan(state, config)
			if planned["instance_class"] != "db.r7g.xlarge" {
				t.Errorf("planned %v", planned["instance_class"])
			}
			if state, _ = x.apply(state, planned); state["instance_class"] != c.want || x.read(state)["instance_class"] != c.want {
				t.Errorf("after the apply it runs as %v, want %v", state["instance_class"], c.want)
			}
		})
	}
}
