package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// The rules about Kubernetes objects, and their prose.
var (
	objectKinds = []*evidence.Kind{evidence.KubernetesManifest(), evidence.KubernetesLive(), evidence.KubernetesBefore()}

	kubeRules = []*analysis.Rule{
		refusedRule, metadataRule, configRule, retaggedRule, scaledRule, writersRule, claimantsRule,
		claimsRule, addressRule, zeroRule, digestRule, handRule, storedRule, droppedRule, ledRule,
	}

	refusedRule = &analysis.Rule{
		ID: "CHG100", Severity: finding.High, Any: objectKinds, Unit: "objects that are created or edited",
		Title:    "the server refuses the edit",
		Claim:    "The server lets this object become what the manifest says.",
		Claimant: "the pull request: it renders, it lints, it is reviewed and merged before any server has seen it",
		Why: "Many fields of a live object are part of its identity, and some may only move one way. A manifest that changes them is valid " +
			"by every schema; only the server compares it with the object that is there, and it refuses the whole object: the other edits in it " +
			"are lost too, while the rest of the release goes through. What is judged is whether a field may change, not whether its new value is " +
			"one: of a value that a create refuses as well, only a server (--kube-context) or a validator of schemas tells.",
		Fix: "Leave the field as it is; or make a new object beside the old one and move over; or delete and create it knowingly, " +
			"with what that loses.",
		Sources: []string{
			"k8s.io/kubernetes: pkg/registry strategies and pkg/apis validation of the version that is named with each finding",
			"k8s.io/apiextensions-apiserver: structural schemas and x-kubernetes-validations for objects of CustomResourceDefinitions",
		},
	}

	metadataRule = &analysis.Rule{
		ID: "CHG101", Severity: finding.Medium, Any: objectKinds, Unit: "workloads whose pod template is edited",
		Title:    "a label replaces every pod",
		Claim:    "An edit of labels and annotations leaves the pods alone.",
		Claimant: "the author of a diff that only touches labels: a chart's version, an owner, a cost centre",
		Why: "Labels and annotations inside of a pod template are part of it. Any change of the template is a rollout: every pod is stopped " +
			"and another one started, with its connections, caches and warm-up. The same label on the workload itself does nothing of the kind.",
		Fix: "Put labels that change with a release on the workload's own metadata, and into the template only what selects pods or what " +
			"is meant to restart them.",
		Sources: []string{
			"Deployment: a rollout is triggered if and only if .spec.template is changed, for example if labels are updated (kubernetes.io/docs/concepts/workloads/controllers/deployment)",
		},
	}

	configRule = &analysis.Rule{
		ID: "CHG102", Severity: finding.High, Any: objectKinds, Unit: "edited ConfigMaps and Secrets, per workload that reads them",
		Title:    "running pods do not see the configuration",
		Claim:    "What runs works with the new configuration once it is applied.",
		Claimant: "`configmap/web configured`",
		Why: "A ConfigMap or Secret that a container reads as environment variables, or mounts by subPath, is copied when the container starts " +
			"and never looked at again. The edit is stored, no pod is restarted, and the value takes effect at some later restart, " +
			"together with whatever else changed by then.",
		Fix: "Restart what reads it in the same release: a checksum of the configuration as an annotation of the template, a name that " +
			"carries a hash (kustomize configMapGenerator), or `kubectl rollout restart`.",
		Discriminator: "the workload that reads it",
		Sources: []string{
			"ConfigMaps consumed as environment variables are not updated automatically and require a pod restart; a container using a ConfigMap as a subPath volume mount will not receive updates (kubernetes.io/docs/concepts/configuration/configmap, 1.37)",
		},
	}

	retaggedRule = &analysis.Rule{
		ID: "CHG103", Severity: finding.High, Any: objectKinds, Unit: "images that stand on both sides or run",
		Title:    "one tag, two images",
		Claim:    "The same tag is the same image.",
		Claimant: "the manifest, whose diff shows no change of version",
		Why: "A tag can be moved to other content. Pods that started before and after run different programs under one name, " +
			"a rollback by tag goes nowhere, and the template did not change, so nothing rolled out and nothing can be rolled back.",
		Fix:           "Name the image by its digest, and give new content a new tag.",
		Discriminator: "the container",
		Sources:       []string{"ContainerStatus.imageID: the image that runs (k8s.io/api/core/v1, v0.37.2)"},
	}

	scaledRule = &analysis.Rule{
		ID: "CHG104", Severity: finding.Medium, Any: objectKinds, Unit: "workloads that an autoscaler targets",
		Title:    "the manifest and an autoscaler both write replicas",
		Claim:    "Applying this manifest leaves the number of pods where the autoscaler put it.",
		Claimant: "the manifest that states replicas beside a HorizontalPodAutoscaler or a ScaledObject",
		Why: "The autoscaler writes spec.replicas through the scale subresource; every apply writes the manifest's number back. " +
			"At the peak, a release that changes one label takes away most of the pods, and the autoscaler needs minutes to bring them back.",
		Fix: "Leave replicas out of the manifest. Take it out in two steps, so that removing it does not return it to its default of one: " +
			"kubectl apply edit-last-applied first, or server-side apply and give the field up.",
		Sources: []string{
			"Migrating Deployments and StatefulSets to horizontal autoscaling: it is recommended to remove spec.replicas from the manifest (kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale)",
		},
	}

	writersRule = &analysis.Rule{
		ID: "CHG105", Severity: finding.Medium, Any: objectKinds, Unit: "live objects that say who writes them",
		Title:    "two deployers write one field",
		Claim:    "Each field of this object has one writer.",
		Claimant: "each of the repositories and tools that apply it",
		Why: "Two tools that both state a field undo each other, or refuse each other with a conflict, as soon as their values differ; " +
			"and what one of them stops stating stays, because the other one still holds it.",
		Fix: "Let one of them give the field up: apply once more without it, or with --force-conflicts from the one that keeps it, " +
			"and migrate what kubectl apply left behind.",
		Discriminator: "the two writers",
		Sources: []string{
			"Server-Side Apply: conflicts, shared ownership, and transferring ownership (kubernetes.io/docs/reference/using-api/server-side-apply)",
		},
	}

	claimantsRule = &analysis.Rule{
		ID: "CHG106", Severity: finding.High, Any: objectKinds, Unit: "objects that carry the mark of a deploy tool",
		Title:    "two tools own one object",
		Claim:    "One tool owns this object.",
		Claimant: "each of the tools, in its own list of what it manages",
		Why: "A Helm release and an Argo CD application, or two of either, that hold the same object overwrite each other at every sync, " +
			"and deleting one of them deletes the object under the other.",
		Fix:           "Take it out of one of them: for Helm with the annotation helm.sh/resource-policy: keep before it leaves the chart; for Argo CD with Prune=false.",
		Discriminator: "the two tools",
		Sources: []string{
			"Helm: release name and namespace as annotations, and the refusal to adopt objects of others (helm.sh/docs, pkg/action/validate.go of Helm 3 and 4)",
			"Argo CD: resource tracking by annotation argocd.argoproj.io/tracking-id (argo-cd.readthedocs.io, user guide, Resource Tracking)",
		},
	}

	claimsRule = &analysis.Rule{
		ID: "CHG107", Severity: finding.High, Any: objectKinds, Unit: "StatefulSets whose volume claim templates differ from before, or from their claims",
		Title:    "existing claims never hear of their template",
		Claim:    "Editing volumeClaimTemplates changes the volumes.",
		Claimant: "the manifest that asks for a larger or another disk",
		Why: "The template is read when a claim is made, and never again. The server refuses to change it; the usual way around, deleting the " +
			"StatefulSet with --cascade=orphan and creating it anew, makes the template right and leaves every claim as it is: " +
			"the manifest says 20Gi and the disk is full at 10.",
		Fix: "Grow each PersistentVolumeClaim itself, where its StorageClass allows expansion; then recreate the StatefulSet with " +
			"--cascade=orphan so that later claims are as large.",
		Discriminator: "the template",
		Sources: []string{
			"k8s.io/kubernetes pkg/controller/statefulset: claims are created when they are missing, and not updated; pkg/apis/apps/validation ValidateStatefulSetUpdate (1.37.2)",
		},
	}

	addressRule = &analysis.Rule{
		ID: "CHG108", Severity: finding.High, Any: objectKinds, Unit: "edited Services",
		Title:    "the Service loses its address",
		Claim:    "The Service keeps the addresses by which it is reached.",
		Claimant: "`service/web configured`",
		Why: "A Service's cluster address, node ports and load balancer belong to its type. A type that does not have them releases them at once; " +
			"going back gives others. Clients that hold the old address, firewalls and DNS records outside of the cluster are not told.",
		Fix:     "Make a second Service of the new type beside it, move the clients, then delete the old one.",
		Sources: []string{"k8s.io/kubernetes pkg/registry/core/service/storage: releaseClusterIPs, releaseNodePorts (1.37.2); pkg/apis/core/v1 Service type"},
	}

	zeroRule = &analysis.Rule{
		ID: "CHG109", Severity: finding.High, Any: objectKinds, Unit: "workloads behind a Service",
		Title:    "what serves traffic may run no pod",
		Claim:    "What serves traffic keeps at least one pod.",
		Claimant: "`deployment/web configured`",
		Why: "With no replicas, or a floor of none, the Service has no endpoints: connections are refused, and nothing is unhealthy, " +
			"because there is nothing whose health could be asked for.",
		Fix:     "Keep at least one replica, better two, or take the Service and its routes away first.",
		Sources: []string{"k8s.io/api/apps/v1 DeploymentSpec.replicas; k8s.io/api/autoscaling/v2 minReplicas (v0.37.2); KEDA ScaledObject minReplicaCount (keda.sh/docs)"},
	}

	digestRule = &analysis.Rule{
		ID: "CHG110", Severity: finding.Medium, Any: []*evidence.Kind{evidence.KubernetesManifest()}, Unit: "images that manifests name",
		Title:    "a container's image is named by a tag",
		Claim:    "The image that this manifest names is the image that was tested.",
		Claimant: "the manifest, which reads the same today as on the day of the test",
		Why: "A tag is looked up when a pod starts on a node that does not have it. Two pods of one ReplicaSet can run different content, " +
			"and a node that is replaced at night pulls what was pushed since.",
		Fix:           "Name it by digest: image: registry/name:tag@sha256:... The tag stays readable, the digest decides.",
		Discriminator: "the container",
		Sources:       []string{"Images: you can specify an image by its digest; tags can move to point to different images (kubernetes.io/docs/concepts/containers/images)"},
	}

	handRule = &analysis.Rule{
		ID: "CHG111", Severity: finding.Medium, Needs: []*evidence.Kind{evidence.KubernetesManifest(), evidence.KubernetesLive()}, Unit: "live objects that have a manifest",
		Title:    "the cluster has another value than the manifest",
		Claim:    "The cluster runs what the manifest says.",
		Claimant: "the repository that is called the source of truth",
		Why: "Somebody or something changed the live object after it was applied. The next apply sets it back without a word: " +
			"what was fixed by hand during an incident breaks again with a release that has nothing to do with it.",
		Fix: "Take the value over into the manifest, or revert it knowingly. Where a controller owns the field, take it out of the manifest.",
		Sources: []string{
			"Field management: metadata.managedFields names the manager, the operation and the time of each field (kubernetes.io/docs/reference/using-api/server-side-apply)",
		},
	}

	storedRule = &analysis.Rule{
		ID: "CHG112", Severity: finding.Medium, Any: objectKinds, Unit: "edited objects that the server accepts",
		Title:    "stored, and not in effect",
		Claim:    "Once it is applied, what runs is what the manifest says.",
		Claimant: "`statefulset/db configured`",
		Why: "The server stores more than anybody carries out: a paused Deployment, a StatefulSet with a partition or OnDelete, a ReplicaSet's " +
			"template, settings that only new pods or new volumes read. The object shows the new value, what runs has the old one.",
		Fix:     "Do what carries it out, and say who does: resume, lower the partition, delete the pods, restart the workload.",
		Sources: []string{"each finding names the controller or page of the documentation"},
	}

	ledRule = &analysis.Rule{
		ID: "CHG114", Severity: finding.High, Any: objectKinds, Unit: "Services that led to pods, where labels or selectors are edited",
		Title:    "the Service leads to no pod",
		Claim:    "The Service still leads to pods.",
		Claimant: "`service/web configured`, `deployment/web configured`",
		Why: "A Service finds its pods by their labels, and the two stand in two objects. An edit of the one without the other empties the " +
			"Service, at once and without an error. It also happens when both are edited: the labels of a Deployment's pods are part of its selector, " +
			"which cannot change, so the server refuses the Deployment and takes the Service.",
		Fix:     "Add labels instead of replacing them; or bring up the new pods beside the old ones and turn the Service over last.",
		Sources: []string{"kubernetes.io/docs/concepts/services-networking/service, Services with selectors", "pkg/controller/endpointslice syncService, 1.37.2"},
	}

	droppedRule = &analysis.Rule{
		ID: "CHG113", Severity: finding.High, Any: objectKinds, Unit: "objects of built-in kinds, and of kinds whose definition is there",
		Title:    "the server does not store the field",
		Claim:    "The server stores what the manifest says.",
		Claimant: "`deployment/web configured`",
		Why: "A field that the server's version does not have, that is misspelt or stands at the wrong depth, is dropped; so is one whose feature gate is off. " +
			"kubectl apply refuses unknown fields since 1.27 unless it is told not to; Helm, Terraform providers and most controllers do not ask for " +
			"that. A field behind a gate is dropped for all of them, and nobody hears of it.",
		Fix: "Correct the name or the depth; or wait for the server that has it.",
		Sources: []string{
			"Field validation: Strict, Warn, Ignore (kubernetes.io/docs/reference/using-api/api-concepts); k8s.io/kubernetes: dropDisabledFields of each kind, pkg/features",
		},
	}
)
