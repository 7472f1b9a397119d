package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// imageRules are those of references to images, actions and functions.
var imageRules = []*analysis.Rule{
	latestRule, terraformImageRule, dockerfileImageRule, composeImageRule, workflowImageRule, actionRule,
}

var (
	planOrConfiguration = []*evidence.Kind{evidence.TerraformPlan(), evidence.TerraformConfiguration()}

	imageWhy = "A tag is a name in a registry: whoever may push can move it, and `latest` is moved with every release. " +
		"Two pulls of one reference can fetch two different images, and no diff shows it."
	imageFix = "Name the digest behind the tag, `name:tag@sha256:...`, and let a bot move both: the tag is then for people, the digest decides."

	imageSources = []string{
		"distribution/reference: reference.go, the grammar of references (github.com/distribution/reference)",
		"Docker documentation: docker image pull, Pull an image by digest (docs.docker.com/reference/cli/docker/image/pull/)",
	}

	latestRule = &analysis.Rule{
		ID: "CHG054", Severity: finding.High, Any: planOrConfiguration, Unit: "aliases and callers of functions that name a version",
		Title:    "an alias or a caller of a Lambda function names $LATEST",
		Claim:    "What this alias or trigger calls is a version that was published and does not change.",
		Claimant: "whoever gave the function an alias, or a caller a qualifier, so that a deployment can be rolled back",
		Why: "$LATEST is the version that is being edited: each upload of code and each change of a setting overwrites it. An alias of $LATEST " +
			"looks like a release and moves with every deployment; there is nothing to go back to.",
		Fix: "Publish versions (`publish = true`) and let the alias name `aws_lambda_function.NAME.version`.",
		Sources: []string{
			"AWS Lambda Developer Guide, Manage Lambda function versions (docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html)",
		},
	}

	terraformImageRule = &analysis.Rule{
		ID: "CHG055", Severity: finding.Medium, Any: planOrConfiguration, Unit: "containers and functions that run an image",
		Title:    "a container image is named by a tag",
		Claim:    "The image that this plan or configuration names is the image that was tested.",
		Claimant: "the reviewer of a plan, who sees the same tag as yesterday and no change",
		Why: imageWhy + " Terraform compares the text of the reference: a tag that was moved is `no changes`, and the next task, pod " +
			"or update runs what nobody planned.",
		Fix:           imageFix,
		Discriminator: "the name of the container, or the argument of a module that names the image",
		Sources: append([]string{
			"Amazon ECS Developer Guide, Container image resolution (docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html)",
			"Amazon ECR User Guide, Preventing image tags from being overwritten (docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html)",
			"Kubernetes documentation, Images (kubernetes.io/docs/concepts/containers/images/)",
		}, imageSources...),
	}

	dockerfileImageRule = &analysis.Rule{
		ID: "CHG056", Severity: finding.Medium, Any: []*evidence.Kind{evidence.Dockerfile()}, Unit: "images that Dockerfiles name",
		Title:    "a base image is named by a tag",
		Claim:    "A build of this Dockerfile starts from the image that was tested and reviewed.",
		Claimant: "the author of the FROM line, and the reviewer of a pull request that does not touch it",
		Why:      imageWhy + " A build of an old commit makes a new image: what was rolled back to is not what ran.",
		Fix:      imageFix,
		Sources: append([]string{
			"Dockerfile reference: FROM, ARG, COPY --from, RUN --mount, parser directives (docs.docker.com/reference/dockerfile/)",
			"moby/buildkit v0.34.2: frontend/dockerfile/parser",
		}, imageSources...),
	}

	composeImageRule = &analysis.Rule{
		ID: "CHG057", Severity: finding.Medium, Any: []*evidence.Kind{evidence.Compose()}, Unit: "images that Compose files name",
		Title:    "a Compose service runs an image by a tag",
		Claim:    "What this service runs is the same on every machine and on every day.",
		Claimant: "the README, which says `docker compose up`",
		Why:      imageWhy + " Two machines that pulled on two days run two versions of one service.",
		Fix:      imageFix,
		Sources: append([]string{
			"Compose file reference: services, image, build, pull_policy, interpolation (docs.docker.com/reference/compose-file/)",
		}, imageSources...),
	}

	workflowImageRule = &analysis.Rule{
		ID: "CHG058", Severity: finding.Medium, Any: []*evidence.Kind{evidence.Workflow()}, Unit: "images that workflows run",
		Title:    "a workflow runs an image by a tag",
		Claim:    "This workflow runs today in the image in which it passed.",
		Claimant: "the green check of the last run",
		Why:      imageWhy + " The image sees the code and the secrets of the job.",
		Fix:      imageFix,
		Sources: append([]string{
			"GitHub Docs, Workflow syntax: jobs.<job_id>.container, services, steps[*].uses docker:// (docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)",
		}, imageSources...),
	}

	actionRule = &analysis.Rule{
		ID: "CHG059", Severity: finding.High, Any: []*evidence.Kind{evidence.Workflow()}, Unit: "actions and reusable workflows",
		Title:    "an action is named by a tag or a branch",
		Claim:    "The code that this workflow takes from another repository is the code that was reviewed.",
		Claimant: "the review that let the action in, and `@v4`, which reads like a version",
		Why: "A tag and a branch are names in somebody else's repository. Whoever may push there decides what runs in this pipeline, with its " +
			"token and its secrets, and no commit here shows that it moved.",
		Fix: "Name the full commit SHA and write the version behind it as a comment; Dependabot and Renovate move both.",
		Sources: []string{
			"GitHub Docs, Secure use reference: Using third-party actions (docs.github.com/en/actions/reference/security/secure-use)",
		},
	}
)
