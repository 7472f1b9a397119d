package truth

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// An effect is a subject of a rule about what is stored and not in effect, and how to see after the
// apply whether the old version still serves.
type effect struct {
	rule, address, verdict string // "" is held
	old                    func(s *scene, o outcome) bool
}

// effectsConfig is the first configuration, or the second one with its edits.
func effectsConfig(second bool) files {
	pick := func(old, next string) string {
		if second {
			return next
		}
		return old
	}
	var b strings.Builder
	b.WriteString(useAWS)
	fmt.Fprintf(&b, `
resource "aws_launch_template" "w" {
  name          = "w"
  image_id      = %q
  instance_type = "m5.large"
}
`, pick("ami-old", "ami-new"))
	for name, g := range map[string][2]string{
		"plain":  {`aws_launch_template.w.latest_version`, ""},
		"rolls":  {`aws_launch_template.w.latest_version`, "  instance_refresh {\n    strategy = \"Rolling\"\n  }\n"},
		"idle":   {`"$Latest"`, "  instance_refresh {\n    strategy = \"Rolling\"\n  }\n"},
		"pinned": {`"1"`, ""},
	} {
		fmt.Fprintf(&b, `
resource "aws_autoscaling_group" %[1]q {
  name             = %[1]q
  max_size         = 4
  min_size         = 1
  desired_capacity = 2
  launch_template {
    id      = aws_launch_template.w.id
    version = %[2]s
  }
%[3]s}
`, name, g[0], g[1])
	}
	for name, publish := range map[string]string{"f": "true", "g": "false"} {
		fmt.Fprintf(&b, `
resource "aws_lambda_function" %[1]q {
  function_name    = %[1]q
  role             = "arn:aws:iam::123456789012:role/x"
  handler          = "a"
  runtime          = "python3.12"
  filename         = "f.zip"
  source_code_hash = %[2]q
  publish          = %[3]s
}
`, name, pick("old", "new"), publish)
	}
	for name, a := range map[string][2]string{
		"live": {"f", `"1"`}, "raw": {"f", `"$LATEST"`}, "frozen": {"g", `"1"`},
	} {
		fmt.Fprintf(&b, "resource \"aws_lambda_alias\" %[1]q {\n  name = %[1]q\n  function_name = aws_lambda_function.%[2]s.function_name\n  function_version = %[3]s\n}\n", name, a[0], a[1])
	}
	for name, triggers := range map[string]string{
		"stale": `"x"`, "fresh": "aws_api_gateway_method.fresh.authorization",
	} {
		fmt.Fprintf(&b, `
resource "aws_api_gateway_rest_api" %[1]q {
  name = %[1]q
}
resource "aws_api_gateway_method" %[1]q {
  rest_api_id   = aws_api_gateway_rest_api.%[1]s.id
  resource_id   = aws_api_gateway_rest_api.%[1]s.root_resource_id
  http_method   = "GET"
  authorization = %[2]q
}
resource "aws_api_gateway_deployment" %[1]q {
  rest_api_id = aws_api_gateway_rest_api.%[1]s.id
  triggers    = { x = %[3]s }
  depends_on  = [aws_api_gateway_method.%[1]s]
  lifecycle {
    create_before_destroy = true
  }
}
resource "aws_api_gateway_stage" %[1]q {
  rest_api_id   = aws_api_gateway_rest_api.%[1]s.id
  deployment_id = aws_api_gateway_deployment.%[1]s.id
  stage_name    = "live"
}
`, name, pick("NONE", "AWS_IAM"), triggers)
	}
	fmt.Fprintf(&b, `
resource "aws_ecs_task_definition" "t" {
  family                = "t"
  container_definitions = jsonencode([{ name = "t", image = %q }])
}
`, pick("t:1", "t:2"))
	for name, ignored := range map[string]string{"kept": "  lifecycle {\n    ignore_changes = [task_definition]\n  }\n", "follows": ""} {
		fmt.Fprintf(&b, "resource \"aws_ecs_service\" %[1]q {\n  name = %[1]q\n  cluster = \"c\"\n  desired_count = 2\n  task_definition = aws_ecs_task_definition.t.arn\n%[2]s}\n", name, ignored)
	}
	for name, now := range map[string]string{"waits": "", "changes": "  apply_immediately = true\n"} {
		fmt.Fprintf(&b, `
resource "aws_db_instance" %[1]q {
  identifier          = %[1]q
  engine              = "postgres"
  instance_class      = %[2]q
  allocated_storage   = 20
  skip_final_snapshot = true
%[3]s}
`, name, pick("db.t4g.medium", "db.t4g.large"), now)
	}
	for name, r := range map[string]struct{ was, is int }{"slow": {3600, 60}, "quick": {30, 30}, "same": {3600, 60}} {
		answer, ttl := "192.0.2.1", r.was
		if second {
			ttl = r.is
			if name != "same" {
				answer = "192.0.2.2"
			}
		}
		fmt.Fprintf(&b, "resource \"aws_route53_record\" %[1]q {\n  zone_id = \"Z1\"\n  name = \"%[1]s.example.com\"\n  type = \"A\"\n  ttl = %[2]d\n  records = [%[3]q]\n}\n", name, ttl, answer)
	}
	return files{"main.tf": b.String()}
}

// launchesOld: the version that the group names is not the newest that the template has.
func launchesOld(group string) func(*scene, outcome) bool {
	return func(_ *scene, o outcome) bool {
		version := dig(o.after["aws_autoscaling_group."+group].Values, "launch_template", 0, "version")
		return version != "$Latest" && fmt.Sprint(version) != fmt.Sprint(o.after["aws_launch_template.w"].Values["latest_version"])
	}
}

// runsOld: the provider starts a refresh in the update of a group that has one, and in no other call.
func runsOld(group string) func(*scene, outcome) bool {
	return func(_ *scene, o outcome) bool {
		g := o.after["aws_autoscaling_group."+group]
		updated := slices.ContainsFunc(o.calls, func(c call) bool { return c.Call == "update" && c.Type == g.Type && c.ID == g.id() })
		return !updated || dig(g.Values, "instance_refresh", 0, "strategy") == nil
	}
}

// callsOld: the alias names neither the newest version nor the function itself.
func callsOld(alias, function string) func(*scene, outcome) bool {
	return func(s *scene, o outcome) bool {
		named := s.look("aws_lambda_alias", o.after["aws_lambda_alias."+alias].id())["function_version"]
		return named != "$LATEST" && named != o.after["aws_lambda_function."+function].Values["version"]
	}
}

// servesOld: no call after the update of the method made the deployment that the stage names.
func servesOld(api string) func(*scene, outcome) bool {
	return func(s *scene, o outcome) bool {
		serves := s.look("aws_api_gateway_stage", o.after["aws_api_gateway_stage."+api].id())["deployment_id"]
		changed := slices.IndexFunc(o.calls, func(c call) bool {
			return c.Call == "update" && c.ID == o.after["aws_api_gateway_method."+api].id()
		})
		made := slices.IndexFunc(o.calls, func(c call) bool {
			return c.Call == "create" && c.Type == "aws_api_gateway_deployment" && c.ID == serves
		})
		return changed >= 0 && made < changed
	}
}

func tasksOld(service string) func(*scene, outcome) bool {
	return func(s *scene, o outcome) bool {
		return s.look("aws_ecs_service", o.after["aws_ecs_service."+service].id())["task_definition"] != o.after["aws_ecs_task_definition.t"].Values["arn"]
	}
}

// waitsOld: the cloud runs another class than the state says.
func waitsOld(name string) func(*scene, outcome) bool {
	return func(s *scene, o outcome) bool {
		return s.look("aws_db_instance", o.after["aws_db_instance."+name].id())["instance_class"] != "db.t4g.large"
	}
}

// resolvesOld asks a resolver that asked just before the apply, when Route 53 itself is through.
func resolvesOld(name string) func(*scene, outcome) bool {
	const propagation = 60
	return func(s *scene, o outcome) bool {
		address := "aws_route53_record." + name
		cached, until := o.before[address].Values["records"], o.before[address].Values["ttl"].(float64)
		return until > propagation && !equal(cached, s.look("aws_route53_record", o.after[address].id())["records"])
	}
}

// dig walks into decoded JSON; nil where there is nothing.
func dig(v any, path ...any) any {
	for _, step := range path {
		switch k := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

var effects = []effect{
	{"CHG010", "aws_autoscaling_group.plain", "refuted", runsOld("plain")},
	{"CHG010", "aws_autoscaling_group.idle", "refuted", runsOld("idle")},
	{"CHG010", "aws_autoscaling_group.rolls", "", runsOld("rolls")},
	{"CHG011", "aws_autoscaling_group.pinned", "refuted", launchesOld("pinned")},
	{"CHG011", "aws_autoscaling_group.plain", "", launchesOld("plain")},
	{"CHG011", "aws_autoscaling_group.rolls", "", launchesOld("rolls")},
	{"CHG011", "aws_autoscaling_group.idle", "", launchesOld("idle")},
	{"CHG014", "aws_lambda_alias.live", "refuted", callsOld("live", "f")},
	{"CHG014", "aws_lambda_alias.raw", "", callsOld("raw", "f")},
	{"CHG015", "aws_lambda_alias.frozen", "refuted", callsOld("frozen", "g")},
	{"CHG017", "aws_api_gateway_stage.stale", "refuted", servesOld("stale")},
	{"CHG017", "aws_api_gateway_stage.fresh", "", servesOld("fresh")},
	{"CHG019", "aws_ecs_service.kept", "refuted", tasksOld("kept")},
	{"CHG019", "aws_ecs_service.follows", "", tasksOld("follows")},
	{"CHG021", "aws_db_instance.waits", "refuted", waitsOld("waits")},
	{"CHG021", "aws_db_instance.changes", "", waitsOld("changes")},
	{"CHG031", "aws_route53_record.slow", "refuted", resolvesOld("slow")},
	{"CHG031", "aws_route53_record.quick", "", resolvesOld("quick")},
}

// effectAgrees compares what a rule said with who serves the old version after the apply.
func effectAgrees(rule, address, verdict string, old bool) (complaints []string) {
	if accused := verdict == "refuted"; accused != old {
		complain(&complaints, "%s %s: the verdict is %q, and the old version serves: %v", rule, address, verdict, old)
	}
	return complaints
}

func TestEffectComesTrue(t *testing.T) {
	t.Parallel()
	s := begin(t, effectsConfig(false), awsMock)
	s.configure(effectsConfig(true))
	_, j := s.judged()
	o := s.succeed()
	held, said := map[string]int{}, map[string]bool{}
	for _, e := range effects {
		v := j.verdict(e.rule, e.address)
		blame(t, effectAgrees(e.rule, e.address, v, e.old(s, o)))
		if v != e.verdict {
			t.Errorf("%s says %q of %s, want %q", e.rule, v, e.address, e.verdict)
		}
		said[e.rule+e.address] = true
		if e.verdict == "" {
			held[e.rule]++
		}
	}
	for _, e := range effects {
		if j.held[e.rule] != held[e.rule] {
			t.Errorf("%s holds %d times, want %d", e.rule, j.held[e.rule], held[e.rule])
		}
	}
	for _, f := range j.findings {
		rule := slices.ContainsFunc(effects, func(e effect) bool { return e.rule == f.Rule })
		if rule && !said[f.Rule+f.Subject.Identity] {
			t.Errorf("%s says %s of %s, which nobody looks at: %s", f.Rule, f.Verdict, f.Subject.Identity, f.Title)
		}
	}
	// A second plan has nothing to do for who serves the old version: that is why nobody notices.
	_, again := s.judged()
	for _, e := range effects {
		if v := again.verdict(e.rule, e.address); v != "" && e.rule != "CHG021" {
			t.Errorf("planned again, %s says %q of %s", e.rule, v, e.address)
		}
	}
}

// TestEffectOfAValueKnownLater: the image is known only after apply, and then it is the one that it
// was. Nobody serves an old one, and nobody may be accused of it.
func TestEffectOfAValueKnownLater(t *testing.T) {
	t.Parallel()
	config := func(generation string) files {
		return files{"main.tf": useAWS + fmt.Sprintf(`
resource "terraform_data" "image" {
  input            = "ami-1"
  triggers_replace = %q
}
resource "aws_launch_template" "w" {
  name          = "w"
  image_id      = terraform_data.image.output
  instance_type = "m5.large"
}
resource "aws_autoscaling_group" "pinned" {
  name             = "pinned"
  max_size         = 4
  min_size         = 1
  desired_capacity = 2
  launch_template {
    id      = aws_launch_template.w.id
    version = "1"
  }
}
`, generation)}
	}
	s := begin(t, config("1"), awsMock)
	s.configure(config("2"))
	p, j := s.judged()
	if !strings.Contains(string(p.text), `"address":"aws_launch_template.w"`) {
		t.Fatal("the plan does not have the template")
	}
	o := s.succeed()
	v := j.verdict("CHG011", "aws_autoscaling_group.pinned")
	blame(t, effectAgrees("CHG011", "aws_autoscaling_group.pinned", v, launchesOld("pinned")(s, o)))
	if v != "unproven" {
		t.Errorf("the verdict is %q, want unproven", v)
	}
}

func TestHarnessObjectsToFalseEffects(t *testing.T) {
	for _, verdict := range []string{"refuted", "unproven", ""} {
		for _, old := range []bool{true, false} {
			truth := (verdict == "refuted") == old
			if objects := len(effectAgrees("r", "x", verdict, old)) > 0; objects == truth {
				t.Errorf("%q and %v: objection %v", verdict, old, objects)
			}
		}
	}
}
