package net

import (
	"strings"
	"testing"
)

const (
	baselineDeny = "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\nspec:\n  subject: {namespaces: {}}\n" +
		"  ingress: [{name: nobody, action: Deny, from: [{namespaces: {}}]}]\n  egress: [{name: nobody, action: Deny, to: [{namespaces: {}}, {networks: [0.0.0.0/0, \"::/0\"]}]}]\n"
	adminDenyTools = "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: no-tools}\nspec:\n  priority: 5\n  subject: {namespaces: {}}\n" +
		"  ingress: [{name: tools, action: Deny, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: tools}}}]}]\n"
	calicoDeny = "---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: default-deny}\nspec: {order: 2000, types: [Ingress, Egress]}\n"
)

// asking is a workload that connects to a name.
func asking(name, variable, value string) string {
	return strings.Replace(workload(name, ""), "ports: [{", "env: [{name: "+variable+", value: \""+value+"\"}], ports: [{", 1)
}

// TestNotAccused: what looks guilty and is not, or is not known to be.
func TestNotAccused(t *testing.T) {
	shop := namespace("shop") + namespace("tools") + namespace("kube-system")
	dnsAt := func(to string) string {
		return policy("web", "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}, {to: ["+to+"], ports: [{protocol: UDP, port: 53}]}]")
	}
	web := asking("web", "DATABASE_HOST", "db") + databaseSet + dbService
	for name, c := range map[string]sceneCase{
		// NET001
		"a template beside an agent that is off": {rule: "NET001", want: "unproven", says: "could not be read", files: map[string]string{
			"live/cluster.yaml": vpcCNIOff, "policies.yaml": policy("deny", denyIngress) + template,
		}},
		"an agent that is off":              {rule: "NET001", want: "refuted", files: map[string]string{"live/cluster.yaml": vpcCNIOff, "policies.yaml": policy("deny", denyIngress)}},
		"the user's word":                   {rule: "NET001", want: "refuted", options: Options{CNI: "none"}, files: one(policy("deny", denyIngress) + template)},
		"an agent that is off, as declared": {rule: "NET001", want: "unproven", files: one(strings.ReplaceAll(vpcCNIOff, "uid", "x") + policy("deny", denyIngress))},
		"no policy":                         {rule: "NET001", want: "", files: map[string]string{"live/cluster.yaml": vpcCNIOff}},

		"a policy that is staged": {rule: "NET001", want: "", files: one(calicoNode + workload("web", "") + "---\napiVersion: projectcalico.org/v3\nkind: StagedNetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {selector: \"app == 'web'\"}\n")},

		// NET002
		"a template beside pods on their nodes' network":                  {rule: "NET002", want: "refuted", files: one(calicoNode + workload("web", "hostNetwork: true, ") + policy("web", "podSelector: {matchLabels: {app: web}}") + template)},
		"pods on their nodes' network that no policy selects":             {rule: "NET002", want: "", files: one(calicoNode + workload("web", "hostNetwork: true, ") + policy("other", "podSelector: {matchLabels: {app: other}}"))},
		"two workloads on their nodes' network, of which one is selected": {rule: "NET002", want: "holds", files: one(calicoNode + workload("a", "hostNetwork: true, ") + workload("web", "") + policy("web", "podSelector: {matchLabels: {app: web}}"))},

		// NET003, NET004
		"policies of another namespace":                  {rule: "NET003", want: "holds", files: one(workloadIn("tools", "web", "") + workload("web", "") + policy("deny", denyIngress))},
		"pods on their nodes' network are nobody's list": {rule: "NET003", want: "holds", files: one(workload("agent", "hostNetwork: true, ") + workload("web", "") + policy("web", "podSelector: {}"))},
		"only pods on their nodes' network":              {rule: "NET003", want: "", files: one(workload("agent", "hostNetwork: true, ") + policy("web", "podSelector: {matchLabels: {app: web}}"))},
		"a namespace without pods":                       {rule: "NET003", want: "", files: one(policy("web", "podSelector: {matchLabels: {app: web}}"))},
		"a template may be the default deny":             {rule: "NET003", want: "unproven", says: "could not be read", files: one(workload("web", "") + policy("other", "podSelector: {matchLabels: {app: other}}") + template)},
		"a policy that is nowhere selects whom":          {rule: "NET007", want: "unproven", says: "names no namespace", files: one(workload("web", "") + policyIn("", "deny", denyIngress))},
		"a policy that is nowhere guards nobody":         {rule: "NET003", want: "", files: one(workload("web", "") + policyIn("", "deny", denyIngress))},
		"a policy without a namespace may be it":         {rule: "NET003", want: "unproven", says: "the namespace into which", files: one(workload("web", "") + policy("other", "podSelector: {matchLabels: {app: other}}") + policyIn("", "deny", denyIngress))},
		"an address that a Kustomization lists": {rule: "NET003", want: "unproven", says: "kustomize build", files: map[string]string{
			"app/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml, \"https://example.com/policies.yaml\"]\n",
			"app/web.yaml":           workload("web", "") + policy("other", "podSelector: {matchLabels: {app: other}}"),
		}},
		"a folder beside it that a Kustomization lists": {rule: "NET003", want: "unproven", says: "../base, which is not here", files: map[string]string{
			"app/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml, ../base]\n",
			"app/web.yaml":           workload("web", "") + policy("other", "podSelector: {matchLabels: {app: other}}"),
		}},
		"a Kustomization of what is here": {rule: "NET003", want: "refuted", files: map[string]string{
			"app/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml, ../base]\n",
			"app/web.yaml":           workload("web", "") + policy("other", "podSelector: {matchLabels: {app: other}}"), "base/x.yaml": namespace("shop"),
		}},
		"a Kustomization that changes labels": {rule: "NET003", want: "unproven", says: "what kustomize makes of", files: map[string]string{
			"app/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml]\nlabels: [{pairs: {app: other}, includeSelectors: true}]\n",
			"app/web.yaml":           workload("web", "") + policy("other", "podSelector: {matchLabels: {app: other}}"),
		}},
		"a selector that is broken may select them": {rule: "NET003", want: "unproven", files: one(workload("web", "") + policy("deny", "podSelector: {matchLabels: [web]}, policyTypes: [Ingress]"))},
		"a default deny of Calico":                  {rule: "NET003", want: "holds", options: Options{Surveyed: true}, files: one(shop + workload("web", "") + workload("api", "") + policy("web", "podSelector: {matchLabels: {app: web}}") + calicoDeny)},
		"a baseline that denies": {rule: "NET004", want: "holds", options: Options{Surveyed: true}, files: one(shop + workload("web", "") + workload("api", "") +
			policy("web", "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]") + baselineDeny)},
		"a baseline that denies pods only": {rule: "NET003", want: "refuted", says: "any address outside of the cluster", options: Options{Surveyed: true}, files: one(shop + workload("web", "") + workload("api", "") +
			policy("web", "podSelector: {matchLabels: {app: web}}") + baselineDeny)},
		"an admin policy that denies one namespace": {rule: "NET003", want: "refuted", options: Options{Surveyed: true}, files: one(shop + workload("web", "") + workload("api", "") +
			policy("web", "podSelector: {matchLabels: {app: web}}") + adminDenyTools)},

		// NET005
		"allowed":                               {rule: "NET005", want: "holds", files: one(shop + coreDNS + web + dnsAt("{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}"))},
		"forgotten":                             {rule: "NET005", want: "refuted", files: one(shop + coreDNS + web + policy("web", webToDB))},
		"forgotten, wherever the DNS is":        {rule: "NET005", want: "refuted", files: one(shop + web + policy("web", webToDB))},
		"TCP is not what is asked first":        {rule: "NET005", want: "refuted", files: one(shop + coreDNS + web + strings.ReplaceAll(dnsAt("{namespaceSelector: {}}"), "UDP", "TCP"))},
		"a cache on the node":                   {rule: "NET005", want: "unproven", says: "169.254.20.10", files: one(shop + coreDNS + web + dnsAt("{ipBlock: {cidr: 169.254.20.10/32}}"))},
		"the address of the Service":            {rule: "NET005", want: "unproven", files: one(shop + coreDNS + web + dnsAt("{ipBlock: {cidr: 10.96.0.10/32}}"))},
		"an address that is none of the DNS":    {rule: "NET005", want: "refuted", options: Options{Surveyed: true, CNI: "calico", PodRanges: prefixes("10.244.0.0/16")}, files: one(shop + coreDNS + web + dnsAt("{ipBlock: {cidr: 192.0.2.53/32}}"))},
		"OpenShift":                             {rule: "NET005", want: "unproven", says: "where the cluster's DNS runs", files: one(shop + web + strings.Replace(dnsAt("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}"), "port: 53}", "port: 5353}", 1))},
		"OpenShift, with its pods":              {rule: "NET005", want: "holds", files: one(shop + openshiftDNS + web + strings.Replace(dnsAt("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}"), "port: 53}", "port: 5353}", 1))},
		"OpenShift, by the port of the Service": {rule: "NET005", want: "refuted", says: "port 5353", files: one(shop + openshiftDNS + web + dnsAt("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}"))},
		"asks what the node asks":               {rule: "NET005", want: "", files: one(shop + coreDNS + strings.Replace(web, "spec: {containers", "spec: {dnsPolicy: Default, containers", 1) + policy("web", webToDB))},
		"asks nobody":                           {rule: "NET005", want: "", files: one(shop + coreDNS + strings.Replace(web, "spec: {containers", "spec: {dnsPolicy: None, containers", 1) + policy("web", webToDB))},
		"has servers of its own":                {rule: "NET005", want: "unproven", files: one(shop + coreDNS + strings.Replace(web, "spec: {containers", "spec: {dnsConfig: {nameservers: [192.0.2.1]}, containers", 1) + policy("web", webToDB))},
		"the name is in its hosts file":         {rule: "NET005", want: "unproven", files: one(shop + coreDNS + strings.Replace(web, "spec: {containers", "spec: {hostAliases: [{ip: 192.0.2.1, hostnames: [db]}], containers", 1) + policy("web", webToDB))},
		"uses no name":                          {rule: "NET005", want: "unproven", files: one(shop + coreDNS + workload("web", "") + databaseSet + policy("web", webToDB))},
		"a word that is also a Service":         {rule: "NET005", want: "unproven", files: one(shop + coreDNS + asking("web", "STORAGE_DRIVER", "db") + databaseSet + dbService + policy("web", webToDB))},
		"a link for people":                     {rule: "NET005", want: "unproven", files: one(shop + coreDNS + asking("web", "ROOT_URL", "https://shop.example.com/") + databaseSet + policy("web", webToDB))},
		"an address instead of a name":          {rule: "NET005", want: "unproven", files: one(shop + coreDNS + asking("web", "DATABASE_HOST", "10.0.0.7") + databaseSet + policy("web", webToDB))},
		"shut for good":                         {rule: "NET005", want: "", files: one(shop + coreDNS + web + policy("web", "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]"))},
		"a template may allow it":               {rule: "NET005", want: "unproven", says: "could not be read", files: one(shop + coreDNS + web + policy("web", webToDB) + template)},
		"a policy without a namespace may":      {rule: "NET005", want: "unproven", files: one(shop + coreDNS + web + policy("web", webToDB) + policyIn("", "dns", "podSelector: {}, policyTypes: [Egress], egress: [{ports: [{protocol: UDP, port: 53}]}]"))},
		"a policy that nothing enforces":        {rule: "NET005", want: "holds", options: Options{CNI: "none"}, files: one(shop + coreDNS + web + policy("web", webToDB))},

		// NET006
		"a port that others may have":      {rule: "NET006", want: "unproven", files: one(workload("web", "") + policy("deny", "podSelector: {}, ingress: [{ports: [{port: metrics}]}]"))},
		"a port that the pods do not have": {rule: "NET006", want: "refuted", files: one(workload("web", "") + policy("web", "podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: metrics}]}]"))},
		"a port by its protocol":           {rule: "NET006", want: "refuted", files: one(workload("web", "") + policy("web", "podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{protocol: UDP, port: http}]}]"))},
		"a port of pods elsewhere":         {rule: "NET006", want: "unproven", files: one(workload("web", "") + workload("api", "") + policy("web", "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: metrics}]}]"))},
		"a peer that is elsewhere":         {rule: "NET006", want: "unproven", files: one(workload("web", "") + policy("web", "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]"))},
		"a peer that is nowhere":           {rule: "NET006", want: "refuted", options: Options{Surveyed: true}, files: one(shop + workload("web", "") + policy("web", "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: nobody}}}]}]"))},
		"all but what it names":            {rule: "NET006", want: "refuted", says: "excepts", files: one(workload("web", "") + policy("web", "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/9, 10.128.0.0/9]}}]}]"))},
		"another rule allows it already":   {rule: "NET006", want: "refuted", says: "ingress[0]", files: one(workload("web", "") + policy("web", "podSelector: {matchLabels: {app: web}}, ingress: [{}, {ports: [{port: 8080}]}]"))},
		"overlaps, and is no part":         {rule: "NET006", want: "holds", files: one(workload("web", "") + workload("api", "") + policy("web", "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 1}]}, {from: [{ipBlock: {cidr: 10.1.0.0/16}}]}]"))},

		// NET007
		"the pods may be elsewhere": {rule: "NET007", want: "unproven", files: one(workload("web", "") + policy("web", "podSelector: {matchLabels: {app: wbe}}"))},
		"no pods at all":            {rule: "NET007", want: "unproven", files: one(policy("web", "podSelector: {matchLabels: {app: web}}"))},
		"whatever comes":            {rule: "NET007", want: "holds", files: one(policy("deny", denyIngress))},
		"a CronJob at night":        {rule: "NET007", want: "unproven", files: map[string]string{"live/a.yaml": livePod + policy("web", "podSelector: {matchLabels: {app: nightly}}")}},
		"all that makes pods":       {rule: "NET007", want: "refuted", files: map[string]string{"live/a.yaml": livePod + workload("web", "") + policy("web", "podSelector: {matchLabels: {app: wbe}}")}},
		"all, and a template":       {rule: "NET007", want: "unproven", files: map[string]string{"live/a.yaml": livePod + workload("web", "") + policy("web", "podSelector: {matchLabels: {app: wbe}}"), "b.yaml": template + namespace("x")}},
		"a staged one":              {rule: "NET007", want: "", files: one("apiVersion: projectcalico.org/v3\nkind: StagedNetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {selector: \"app == 'x'\"}\n")},

		// NET008
		"alone":                             {rule: "NET008", want: "", files: one(shop + workload("web", "") + adminDenyTools)},
		"two that agree":                    {rule: "NET008", want: "holds", files: one(shop + workload("web", "") + adminDenyTools + strings.Replace(adminDenyTools, "no-tools", "again", 1))},
		"two that would disagree elsewhere": {rule: "NET008", want: "unproven", files: one(shop + adminDenyTools + strings.NewReplacer("no-tools", "tools", "Deny", "Allow").Replace(adminDenyTools))},
		"two that disagree":                 {rule: "NET008", want: "refuted", files: one(shop + workload("web", "") + workloadIn("tools", "t", "") + adminDenyTools + strings.NewReplacer("no-tools", "tools", "Deny", "Allow").Replace(adminDenyTools))},

		// NET013
		"an engine whose gaps are not known here": {rule: "NET013", want: "", files: one(calicoNode + workload("web", "") + policy("deny", denyIngress))},
	} {
		t.Run(name, func(t *testing.T) { c.test(t) })
	}
}

// TestDatabases: whose door is open, and to whom.
func TestDatabases(t *testing.T) {
	shop := namespace("shop") + namespace("tools")
	crowd := shop + workload("web", "") + workload("worker", "") + workloadIn("tools", "shell", "")
	egressOf := func(ns, app string) string {
		return policyIn(ns, app+"-egress", "podSelector: {matchLabels: {app: "+app+"}}, policyTypes: [Egress], egress: [{ports: [{protocol: UDP, port: 53}]}]")
	}
	guarded := policy("web", "podSelector: {matchLabels: {app: web}}")
	client := func(kind, command string) string {
		return strings.NewReplacer("StatefulSet", kind, "image: \"postgres:16\"", "image: \"postgres:16\", command: ["+command+"]").Replace(databaseSet)
	}
	for name, c := range map[string]sceneCase{
		"no policy selects it":                                      {want: "refuted", says: "every workload here", files: one(crowd + databaseSet + guarded)},
		"by name":                                                   {want: "holds", files: one(crowd + databaseSet + policy("db", dbFromWeb))},
		"by name, and nobody else is here":                          {want: "holds", files: one(shop + workload("web", "") + databaseSet + policy("db", dbFromWeb))},
		"the default is deny":                                       {want: "holds", files: one(crowd + databaseSet + policy("deny", denyIngress))},
		"by name, and a template may open it":                       {want: "unproven", says: "could not be read", files: one(crowd + databaseSet + policy("db", dbFromWeb) + template)},
		"every namespace":                                           {want: "refuted", says: "for everybody", files: one(crowd + databaseSet + policy("db", "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {}}]}]"))},
		"everybody, on its port":                                    {want: "refuted", says: "any address", files: one(crowd + databaseSet + policy("db", "podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]"))},
		"everybody, on another port":                                {want: "holds", files: one(crowd + databaseSet + policy("db", "podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 9187}]}]"))},
		"one is held back by its own policy":                        {want: "refuted", says: "2 of 3 workloads", files: one(crowd + databaseSet + guarded + egressOf("shop", "web"))},
		"all are held back by their own":                            {want: "unproven", says: "all workloads of the cluster", files: one(crowd + databaseSet + egressOf("shop", "web") + egressOf("shop", "worker") + egressOf("tools", "shell"))},
		"all are, and there are no others":                          {want: "holds", options: Options{Surveyed: true}, files: one(crowd + databaseSet + egressOf("shop", "web") + egressOf("shop", "worker") + egressOf("tools", "shell"))},
		"one is named by its own policy, and nobody else may leave": {want: "holds", options: Options{Surveyed: true}, files: one(crowd + databaseSet + policy("web", webToDB) + egressOf("shop", "worker") + egressOf("tools", "shell"))},
		"no policy of its namespace":                                {want: "unproven", says: "none is among the files", files: one(crowd + databaseSet)},
		"no policy of its namespace at all":                         {want: "refuted", options: Options{Surveyed: true}, files: one(crowd + databaseSet)},
		"a template":                                                {want: "unproven", says: "could not be read", files: one(crowd + databaseSet + guarded + template)},
		"a baseline that denies":                                    {want: "holds", files: one(crowd + databaseSet + baselineDeny)},
		"an admin policy against one":                               {want: "refuted", says: "2 of 3", options: Options{Surveyed: true}, files: one(crowd + databaseSet + adminDenyTools)},
		"a default deny of Calico":                                  {want: "holds", files: one(crowd + databaseSet + calicoDeny)},
		"nothing enforces it":                                       {want: "refuted", says: "nothing enforces it", options: Options{CNI: "none"}, files: one(crowd + databaseSet + policy("db", dbFromWeb))},
		"only an egress policy that nothing enforces":               {want: "refuted", options: Options{CNI: "none"}, files: one(crowd + databaseSet + guarded + egressOf("shop", "web"))},
		"a node's own agent":                                        {want: "holds", files: one(crowd + workload("agent", "hostNetwork: true, ") + databaseSet + policy("db", dbFromWeb))},
		"a dump":                                                    {want: "", files: one(crowd + client("Deployment", "sh, -c, \"pg_dump postgres://db | gzip\"") + guarded)},
		"its own command":                                           {want: "refuted", files: one(crowd + client("Deployment", "docker-entrypoint.sh, postgres") + guarded)},
		"an exporter":                                               {want: "", files: one(crowd + strings.Replace(databaseSet, "postgres:16", "quay.io/x/postgres-exporter:1", 1) + guarded)},
		"a job with its image":                                      {want: "", files: one(crowd + strings.NewReplacer("apps/v1", "batch/v1", "StatefulSet", "Job", "  selector: {matchLabels: {app: db}}\n", "").Replace(databaseSet) + guarded)},
		"alone":                                                     {want: "refuted", says: "whoever is there", files: one(shop + databaseSet + policy("other", "podSelector: {matchLabels: {app: other}}"))},
	} {
		c.rule = "NET009"
		t.Run(name, func(t *testing.T) { c.test(t) })
	}
}
