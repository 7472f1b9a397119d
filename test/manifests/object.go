package manifests

import (
	"fmt"
	"math/rand/v2"
)

// perService is how many objects a service has.
const perService = 10

type service struct {
	name, namespace, image string
	rand                   *rand.Rand
	edited                 bool
	number                 int
}

// object is object number i.
func object(o Options, i int) fields {
	n := i / perService
	s := &service{
		name:      fmt.Sprintf("%s-%s-%04d", team(n), job(n), n),
		namespace: fmt.Sprintf("%s-%s", team(n), []string{"prod", "stage", "dev"}[n%3]),
		rand:      rand.New(rand.NewPCG(o.Seed, uint64(i))),
		number:    n,
	}
	s.edited = rand.New(rand.NewPCG(o.Seed+1, uint64(i))).IntN(1000) < o.Edited
	s.image = fmt.Sprintf("registry.example.com/%s/%s:1.%d.%d", team(n), job(n), n%20, s.rand.IntN(40))
	if s.edited {
		s.image += "-fix"
	}
	var v fields
	switch i % perService {
	case 0:
		v = s.deployment()
	case 1:
		v = s.make("v1", "Service", field{"spec", fields{
			{"type", "ClusterIP"},
			{"selector", s.selector()},
			{"ports", []any{
				fields{{"name", "http"}, {"port", s.change(80, 8080)}, {"protocol", "TCP"}, {"targetPort", "http"}},
				fields{{"name", "metrics"}, {"port", 9090}, {"protocol", "TCP"}, {"targetPort", 9090}},
			}},
		}})
	case 2:
		v = s.make("v1", "ConfigMap", field{"data", fields{
			{"LOG_LEVEL", s.pick("info", "debug")},
			{"FEATURES", fmt.Sprintf("checkout,search,flag-%d", s.rand.IntN(99))},
			{"application.yaml", s.configuration()},
			{"TIMEOUT_SECONDS", fmt.Sprint(10 + s.rand.IntN(50))},
		}})
	case 3:
		v = s.make("networking.k8s.io/v1", "Ingress", field{"spec", fields{
			{"ingressClassName", "nginx"},
			{"rules", []any{fields{
				{"host", s.name + ".example.com"},
				{"http", fields{{"paths", []any{fields{
					{"path", s.pick("/", "/api")},
					{"pathType", "Prefix"},
					{"backend", fields{{"service", fields{{"name", s.name}, {"port", fields{{"name", "http"}}}}}}},
				}}}}},
			}}},
			{"tls", []any{fields{{"hosts", []any{s.name + ".example.com"}}, {"secretName", s.name + "-tls"}}}},
		}})
	case 4:
		v = s.make("autoscaling/v2", "HorizontalPodAutoscaler", field{"spec", fields{
			{"scaleTargetRef", fields{{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", s.name}}},
			{"minReplicas", s.change(2, 3)},
			{"maxReplicas", 10 + s.rand.IntN(20)},
			{"metrics", []any{fields{{"type", "Resource"}, {"resource", fields{{"name", "cpu"}, {"target", fields{{"type", "Utilization"}, {"averageUtilization", 70}}}}}}}},
		}})
	case 5:
		v = s.make("v1", "ServiceAccount", field{"automountServiceAccountToken", s.edited})
	case 6:
		v = s.make("policy/v1", "PodDisruptionBudget", field{"spec", fields{
			{"maxUnavailable", s.change(1, 2)}, {"selector", fields{{"matchLabels", s.selector()}}},
		}})
	case 7:
		v = s.make("networking.k8s.io/v1", "NetworkPolicy", field{"spec", fields{
			{"podSelector", fields{{"matchLabels", s.selector()}}},
			{"policyTypes", []any{"Ingress", "Egress"}},
			{"ingress", []any{fields{{"from", []any{fields{{"namespaceSelector", fields{{"matchLabels", fields{{"team", team(n)}}}}}}}}, {"ports", []any{fields{{"port", s.change(8080, 8081)}, {"protocol", "TCP"}}}}}}},
			{"egress", []any{fields{}}},
		}})
	case 8:
		v = s.make("batch/v1", "CronJob", field{"spec", fields{
			{"schedule", fmt.Sprintf("%d */%d * * *", s.rand.IntN(60), 1+s.rand.IntN(12))},
			{"concurrencyPolicy", s.pick("Forbid", "Replace")},
			{"jobTemplate", fields{{"spec", fields{{"backoffLimit", 2}, {"template", fields{{"spec", fields{
				{"restartPolicy", "Never"}, {"containers", []any{s.container("job")}},
			}}}}}}}},
		}})
	default:
		v = s.statefulSet()
	}
	if o.Live {
		v = s.live(v, i)
	}
	return v
}

func (s *service) make(apiVersion, kind string, spec ...field) fields {
	meta := fields{
		{"annotations", fields{
			{"example.com/owner", team(s.number) + "@example.com"},
			{"example.com/runbook", "https://runbooks.example.com/" + s.name},
		}},
		{"labels", fields{
			{"app.kubernetes.io/name", s.name},
			{"app.kubernetes.io/part-of", team(s.number)},
			{"app.kubernetes.io/managed-by", "Helm"},
			{"team", team(s.number)},
		}},
		{"name", s.name},
		{"namespace", s.namespace},
	}
	return append(fields{{"apiVersion", apiVersion}, {"kind", kind}, {"metadata", meta}}, spec...)
}

func (s *service) deployment() fields {
	return s.make("apps/v1", "Deployment", field{"spec", fields{
		{"replicas", s.change(2, 4)},
		{"selector", fields{{"matchLabels", s.selector()}}},
		{"strategy", fields{{"type", "RollingUpdate"}, {"rollingUpdate", fields{{"maxSurge", "25%"}, {"maxUnavailable", 0}}}}},
		{"template", fields{
			{"metadata", fields{{"labels", s.selector()}}},
			{"spec", fields{
				{"serviceAccountName", s.name},
				{"securityContext", fields{{"runAsNonRoot", true}, {"runAsUser", 1000}}},
				{"containers", []any{s.container("web"), s.sidecar()}},
				{"volumes", []any{fields{{"name", "config"}, {"configMap", fields{{"name", s.name}}}}, fields{{"name", "tmp"}, {"emptyDir", fields{}}}}},
			}},
		}},
	}})
}

func (s *service) statefulSet() fields {
	return s.make("apps/v1", "StatefulSet", field{"spec", fields{
		{"replicas", 3},
		{"serviceName", s.name},
		{"podManagementPolicy", "OrderedReady"},
		{"selector", fields{{"matchLabels", s.selector()}}},
		{"template", fields{{"metadata", fields{{"labels", s.selector()}}}, {"spec", fields{{"containers", []any{s.container("db")}}}}}},
		{"volumeClaimTemplates", []any{fields{
			{"metadata", fields{{"name", "data"}}},
			{"spec", fields{{"accessModes", []any{"ReadWriteOnce"}}, {"resources", fields{{"requests", fields{{"storage", fmt.Sprintf("%dGi", 10+s.rand.IntN(90))}}}}}}},
		}}},
	}})
}

func (s *service) container(name string) fields {
	return fields{
		{"name", name},
		{"image", s.image},
		{"imagePullPolicy", "IfNotPresent"},
		{"args", []any{"--listen=:8080", "--workers", fmt.Sprint(s.rand.IntN(16)), "--region=eu-central-1"}},
		{"env", []any{
			fields{{"name", "SERVICE"}, {"value", s.name}},
			fields{{"name", "DEBUG"}, {"value", "false"}},
			fields{{"name", "PASSWORD"}, {"valueFrom", fields{{"secretKeyRef", fields{{"name", s.name}, {"key", "password"}}}}}},
		}},
		{"ports", []any{fields{{"containerPort", 8080}, {"name", "http"}, {"protocol", "TCP"}}}},
		{"resources", fields{
			{"limits", fields{{"memory", fmt.Sprintf("%dMi", 128<<s.rand.IntN(4))}}},
			{"requests", fields{{"cpu", fmt.Sprintf("%dm", 50+10*s.rand.IntN(40))}, {"memory", "128Mi"}}},
		}},
		{"readinessProbe", fields{{"httpGet", fields{{"path", "/ready"}, {"port", "http"}}}, {"periodSeconds", 5}}},
		{"volumeMounts", []any{fields{{"mountPath", "/etc/config"}, {"name", "config"}}, fields{{"mountPath", "/tmp"}, {"name", "tmp"}}}},
	}
}

func (s *service) sidecar() fields {
	return fields{{"name", "proxy"}, {"image", "registry.example.com/platform/proxy@sha256:8d3f0ba2d1e6b2f1f3a7c0b5d9b8e7a6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0"}, {"resources", fields{}}}
}

func (s *service) configuration() string {
	return fmt.Sprintf("server:\n  port: 8080\n  threads: %d\ndatabase:\n  url: jdbc:postgresql://%s-db:5432/app\n\n  pool: %d\nfeatures:\n- checkout\n- search # always on\n", s.rand.IntN(64), s.name, 5+s.rand.IntN(20))
}

func (s *service) selector() fields {
	return fields{{"app.kubernetes.io/name", s.name}}
}

func (s *service) change(before, after int) int {
	if s.edited {
		return after
	}
	return before
}

func (s *service) pick(before, after string) string {
	if s.edited {
		return after
	}
	return before
}

func team(n int) string {
	return []string{"checkout", "search", "billing", "identity", "catalog", "shipping", "pricing"}[n%7]
}

func job(n int) string {
	return []string{"api", "worker", "frontend", "gateway", "importer"}[n/7%5]
}
