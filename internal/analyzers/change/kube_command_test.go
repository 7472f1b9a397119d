package change_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/analyzers/change"
)

// TestHostileNamesInCommands: whoever copies a command runs that command, and
// nothing that an object is called.
func TestHostileNamesInCommands(t *testing.T) {
	const (
		pods = "selector: {matchLabels: {app: w}}, template: {metadata: {labels: {app: w}}, spec: {containers: [{name: c, image: \"c:1\"}]}}"
		live = "uid: u, resourceVersion: \"1\", "
		helm = "annotations: {meta.helm.sh/release-name: NAME, meta.helm.sh/release-namespace: NAME}, labels: {app.kubernetes.io/managed-by: Helm, argocd.argoproj.io/instance: NAME}, "
	)
	object := func(apiVersion, kind, meta, rest string) string {
		return fmt.Sprintf("---\n{apiVersion: %s, kind: %s, metadata: {%sname: NAME, namespace: NAME}, %s}\n", apiVersion, kind, meta, rest)
	}
	claims := func(size string) string {
		return "spec: {serviceName: db, selector: {matchLabels: {app: w}}, template: {metadata: {labels: {app: w}}, spec: {containers: [{name: c, image: \"c:1\"}]}}, volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: " + size + "}}}}]}"
	}
	reads := object("apps/v1", "Deployment", "", "spec: {selector: {matchLabels: {app: w}}, template: {metadata: {labels: {app: w}}, spec: {containers: [{name: c, image: \"c:1\", envFrom: [{configMapRef: {name: NAME}}]}]}}}")
	binding := func(kind, role string) string {
		return object("rbac.authorization.k8s.io/v1", kind, "", "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "+role+"}, subjects: []")
	}
	for name, c := range map[string]struct {
		old, new string // with NAME
		live     bool
		want     string // the beginning of a command
	}{
		"StatefulSet":        {object("apps/v1", "StatefulSet", "", claims("1Gi")), object("apps/v1", "StatefulSet", "", claims("2Gi")), false, "kubectl delete "},
		"claims":             {object("apps/v1", "StatefulSet", live, claims("1Gi")) + strings.Replace(object("v1", "PersistentVolumeClaim", live, "spec: {resources: {requests: {storage: 1Gi}}}"), "name: NAME", "name: CLAIM", 1), object("apps/v1", "StatefulSet", "", claims("2Gi")), true, "kubectl patch pvc "},
		"Job":                {object("batch/v1", "Job", "", "spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: \"c:1\"}]}}}"), object("batch/v1", "Job", "", "spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: \"c:2\"}]}}}"), false, "kubectl delete "},
		"Job that goes":      {object("batch/v1", "Job", "", "spec: {ttlSecondsAfterFinished: 1, template: {spec: {restartPolicy: Never, containers: [{name: c, image: \"c:1\"}]}}}"), object("batch/v1", "Job", "", "spec: {ttlSecondsAfterFinished: 1, template: {spec: {restartPolicy: Never, containers: [{name: c, image: \"c:2\"}]}}}"), false, "kubectl get "},
		"RoleBinding":        {binding("RoleBinding", "a"), binding("RoleBinding", "b"), false, "kubectl delete "},
		"ClusterRoleBinding": {binding("ClusterRoleBinding", "a"), binding("ClusterRoleBinding", "b"), false, "kubectl delete "},
		"ConfigMap":          {object("v1", "ConfigMap", "", "data: {a: b}") + reads, object("v1", "ConfigMap", "", "data: {a: c}") + reads, false, "kubectl rollout restart "},
		"scaled":             {"", object("apps/v1", "Deployment", "", "spec: {replicas: 2, "+pods+"}") + object("autoscaling/v2", "HorizontalPodAutoscaler", "", "spec: {maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: NAME}}"), false, "kubectl apply edit-last-applied "},
		"drift":              {object("apps/v1", "Deployment", live, "spec: {replicas: 3, "+pods+"}"), object("apps/v1", "Deployment", "", "spec: {replicas: 2, "+pods+"}"), true, "kubectl get "},
		"Service":            {object("v1", "Service", "", "spec: {selector: {app: w}}") + object("apps/v1", "Deployment", "", "spec: {"+pods+"}"), object("v1", "Service", "", "spec: {selector: {app: NAME}}") + object("apps/v1", "Deployment", "", "spec: {"+pods+"}"), false, "kubectl get pods "},
		"two claimants":      {"", object("v1", "ConfigMap", helm, "data: {a: b}"), false, "kubectl get "},
	} {
		for i, hostile := range []string{"db; touch pwned $(id)", "`id`", "a'b\"c", "x\ny", "--all", "$HOME", "*", "a\u202eb", "db"} {
			quoted := fmt.Sprintf("%q", hostile)
			fill := strings.NewReplacer("NAME", quoted, "CLAIM", fmt.Sprintf("%q", "data-"+hostile+"-0"))
			side := "old/a"
			if c.live {
				side = "live/a"
			}
			files := map[string]string{"new/a": fill.Replace(c.new)}
			if c.old != "" {
				files[side] = fill.Replace(c.old)
			}
			j := judgeObjects(t, change.Options{Asked: c.live}, nil, files)
			var commands []string
			for _, f := range j.findings {
				commands = append(commands, f.Remedy.Commands...)
				for _, m := range f.Missing {
					if strings.HasPrefix(m.Get, "kubectl") || strings.HasPrefix(m.Get, "kustomize") {
						commands = append(commands, m.Get)
					}
				}
			}
			if !slices.ContainsFunc(commands, func(s string) bool { return strings.HasPrefix(s, c.want) }) {
				t.Errorf("%s, %q: no %q in %q", name, hostile, c.want, commands)
			}
			for _, command := range commands {
				if bad := unquoted(command); bad != "" {
					t.Errorf("%s, name %d: %s stands open in %s", name, i, bad, command)
				}
			}
		}
	}
}

// unquoted finds what a shell would act upon outside of quotes, beside spaces
// and what the commands themselves say. It is written by the rules of POSIX, 2.2,
// and of bash for $'...'.
func unquoted(command string) string {
	for _, own := range []string{" > live.yaml", " > release.yaml", " > owner.yaml", " > crds.yaml, and name the file behind OLD and NEW", " | grep -i ", ", then polygraph change --server-version VERSION"} {
		command = strings.ReplaceAll(command, own, " ")
	}
	word, before := "", ""
	for i := 0; i < len(command); i++ {
		switch ch := command[i]; {
		case ch == '\'' || ch == '$' && i+1 < len(command) && command[i+1] == '\'':
			escapes := ch == '$'
			if escapes {
				i++
			}
			for i++; i < len(command) && command[i] != '\''; i++ {
				if command[i] < ' ' {
					return fmt.Sprintf("%q", command[i])
				}
				if escapes && command[i] == '\\' {
					i++
				}
			}
			if i >= len(command) {
				return "an open quote"
			}
			word += "quoted"
		case ch == '\\':
			i++
		case ch == ' ':
			if word == "--all" && before != "-n" { // what follows -n is a namespace, whatever it looks like
				return word
			}
			word, before = "", word
		case strings.ContainsRune(";&|<>()$`\"\n*?[]{}~#!", rune(ch)), ch >= 0x80:
			return fmt.Sprintf("%q", ch)
		default:
			word += string(ch)
		}
	}
	return ""
}

// TestWordsOfAShell asks a shell what it makes of the names.
func TestWordsOfAShell(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil && os.Getenv("POLYGRAPH_STRICT") == "1" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"db; touch pwned $(id)", "`id`", "a'b\"c", "x\ny", "$HOME", "a\u202eb", "\\", "a b"} {
		quoted := fmt.Sprintf("%q", name)
		job := func(image string) string {
			return "{apiVersion: batch/v1, kind: Job, metadata: {name: " + quoted + ", namespace: " + quoted + "}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: \"" + image + "\"}]}}}}\n"
		}
		for _, f := range judgeObjects(t, change.Options{}, nil, map[string]string{"old/a": job("c:1"), "new/a": job("c:2")}).of("CHG100") {
			for _, command := range f.Remedy.Commands {
				c := exec.Command(bash, "-c", "kubectl() { printf '%s\\0' \"$@\"; }; "+command)
				c.Dir = t.TempDir() // what is not quoted writes there
				out, err := c.CombinedOutput()
				if want := strings.Join([]string{"delete", "job/" + name, "-n", name, ""}, "\x00"); err != nil || string(out) != want {
					t.Errorf("%s: %q, want %q (%v)", command, out, want, err)
				}
			}
		}
	}
}
