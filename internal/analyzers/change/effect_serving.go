package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/effect"
	"polygraph/internal/finding"
)

// servingEffects are those of functions, APIs, tasks and workflows: what answers
// requests by a version, a deployment or a revision.
var servingEffects = []effectRule{
	{&analysis.Rule{
		ID: "CHG014", Severity: finding.High, Needs: plans, Unit: "aliases of functions that publish a version",
		Title:    "a function version is published and its alias names an older one",
		Claim:    "This alias runs the function as it is configured.",
		Claimant: "whoever changed the code, saw the function update and calls it by its alias",
		Why: "Publishing makes an immutable version; the alias goes on pointing to the one that it names. All traffic through the alias runs the old code, " +
			"and the function's own page shows the new one.",
		Fix: "Set `function_version` of the alias to the function's `version`.",
		Sources: []string{
			"AWS Lambda Developer Guide, Manage Lambda function versions (docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/lambda_alias.html.markdown, function_version",
			"hashicorp/terraform-provider-aws: internal/service/lambda/function.go, updateComputedAttributesOnPublish",
		},
	}, effect.AliasOfPublished()},

	{&analysis.Rule{
		ID: "CHG015", Severity: finding.High, Needs: plans, Unit: "aliases and callers of numbered versions",
		Title:    "a function is changed, no version is published, and a numbered version is called",
		Claim:    "Who calls this function runs it as it is configured.",
		Claimant: "whoever changed the code and saw the function update",
		Why: "Without `publish` the change goes to `$LATEST`. An alias and a caller that name a number run a version whose code and settings cannot change: " +
			"the update is complete, and nobody runs it.",
		Fix:           "Set `publish = true` and let aliases and callers name the version.",
		Discriminator: "the address of the function, for callers",
		Sources: []string{
			"AWS Lambda Developer Guide, Manage Lambda function versions (docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/lambda_function.html.markdown, publish",
		},
	}, effect.UnpublishedFunction()},

	{&analysis.Rule{
		ID: "CHG016", Severity: finding.High, Needs: plans, Unit: "callers of numbered versions",
		Title:    "a function version is published and a caller names an older one",
		Claim:    "Event sources, permissions and integrations of this function use its newest version.",
		Claimant: "whoever changed the code and saw a new version published",
		Why: "A qualified ARN names one version for good. Event sources and integrations that name a number go on with it, and a permission for it lets " +
			"nobody call the new one.",
		Fix:           "Name `qualified_arn` or an alias.",
		Discriminator: "the address of the function",
		Sources: []string{
			"AWS Lambda Developer Guide, Manage Lambda function versions (docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/lambda_function.html.markdown, qualified_arn",
		},
	}, effect.CallersOfVersion()},

	{&analysis.Rule{
		ID: "CHG017", Severity: finding.High, Needs: plans, Unit: "stages of changed REST APIs",
		Title:    "a REST API is changed and not deployed",
		Claim:    "This stage serves the API as it is configured.",
		Claimant: "the plan that changes methods and integrations, and the console that shows them changed",
		Why: "A stage serves a snapshot that was taken when its deployment was made. Methods, integrations, models and authorizers that change later are stored " +
			"and not served: a closed path stays open, a fixed integration stays broken, until somebody deploys.",
		Fix: "Put everything the deployment takes a snapshot of into the hash in its `triggers`, with create_before_destroy.",
		Sources: []string{
			"Amazon API Gateway Developer Guide, Updates to REST APIs that require redeployment (docs.aws.amazon.com/apigateway/latest/developerguide/updating-api.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/api_gateway_deployment.html.markdown, triggers",
		},
	}, effect.UndeployedREST()},

	{&analysis.Rule{
		ID: "CHG018", Severity: finding.High, Needs: plans, Unit: "stages of changed HTTP and WebSocket APIs",
		Title:    "an HTTP API is changed and its stage does not deploy",
		Claim:    "This stage serves the API as it is configured.",
		Claimant: "the plan that changes routes and integrations",
		Why: "A stage serves a deployment. Without `auto_deploy` a changed route, integration or authorizer is stored and waits for the next " +
			"deployment, which this plan does not make.",
		Fix: "Set `auto_deploy = true` (HTTP APIs), or make a deployment whose `triggers` hash the routes and integrations.",
		Sources: []string{
			"Amazon API Gateway Developer Guide, Stages for HTTP APIs in API Gateway (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/apigatewayv2_stage.html.markdown, auto_deploy",
		},
	}, effect.UndeployedHTTP()},

	{&analysis.Rule{
		ID: "CHG019", Severity: finding.High, Needs: plans, Unit: "services whose task definition gets a new revision",
		Title:    "a task definition gets a new revision and the service keeps the old one",
		Claim:    "The tasks of this service run what its task definition says.",
		Claimant: "the plan that replaces the task definition",
		Why: "A task definition is never edited: each change registers a revision. A service runs the one that it names. With task_definition in ignore_changes, or " +
			"with a family name that stays, the apply registers the new one and starts no task of it. Whether CodeDeploy or another controller deploys it, no plan shows.",
		Fix: "Let the service name the task definition's `arn`, or deploy the new revision after the apply.",
		Sources: []string{
			"hashicorp/terraform-provider-aws: website/docs/r/ecs_service.html.markdown, task_definition and deployment_controller",
			"Amazon ECS API Reference, UpdateService (docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html)",
			"AWS CLI Command Reference, ecs deploy (docs.aws.amazon.com/cli/latest/reference/ecs/deploy.html)",
		},
	}, effect.TaskDefinitionKept()},

	{&analysis.Rule{
		ID: "CHG020", Severity: finding.High, Needs: plans, Unit: "services and the changed secrets that their tasks hold",
		Title:    "a secret is changed and running tasks hold the old value",
		Claim:    "The tasks of this service use the new value of this secret.",
		Claimant: "whoever rotated a password or changed a parameter and applied it",
		Why: "Secrets and parameters are put into the environment of a container when it starts. Tasks that run keep the old value: after a rotation they go on " +
			"with a password that is revoked, and fail at the next connection, not at the apply.",
		Fix:           "Deploy the service with the change: `force_new_deployment` with a trigger, or update-service afterwards.",
		Discriminator: "the address of the secret or parameter",
		Sources: []string{
			"Amazon ECS Developer Guide, Pass Secrets Manager secrets through Amazon ECS environment variables (docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/ecs_service.html.markdown, force_new_deployment",
		},
	}, effect.SecretOfTask()},

	{&analysis.Rule{
		ID: "CHG037", Severity: finding.High, Needs: plans, Unit: "aliases and associations of changed workflows and documents",
		Title:    "a workflow or document is changed and an older version is named",
		Claim:    "Who starts this state machine or applies this document uses it as it is configured.",
		Claimant: "whoever changed the definition and saw it update",
		Why: "Versions of state machines and documents are immutable. An alias and an association that name one by its number go on with it, " +
			"whatever the newest definition says.",
		Fix: "Name `state_machine_version_arn` of a state machine that publishes, or `latest_version` of the document.",
		Sources: []string{
			"AWS Step Functions Developer Guide, Manage continuous deployments with versions and aliases in Step Functions (docs.aws.amazon.com/step-functions/latest/dg/concepts-cd-aliasing-versioning.html)",
			"AWS Systems Manager API Reference, UpdateDocumentDefaultVersion (docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateDocumentDefaultVersion.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/sfn_alias.html.markdown and internal/service/ssm/document.go",
		},
	}, effect.VersionNamed()},

	{&analysis.Rule{
		ID: "CHG080", Severity: finding.High, Needs: plans, Unit: "objects that serve traffic and whose number is changed",
		Title:    "what serves traffic may run no instance",
		Claim:    "What serves traffic keeps at least one instance.",
		Claimant: "the plan's `~ min_instances = 2 -> 0`, one number among many",
		Why: "A minimum of zero is stored like any other number. The service may be scaled to nothing the same night, or is at once: requests fail, or wait " +
			"for a cold start, and nothing in the plan tells this edit from a change of a description.",
		Fix:           "Keep a minimum of one on what serves traffic; destroy what is to be switched off.",
		Discriminator: "the attribute",
		Sources: []string{
			"hashicorp/terraform-provider-aws: website/docs/r/autoscaling_group.html.markdown, min_size and desired_capacity",
			"hashicorp/terraform-provider-aws: website/docs/r/lambda_function.html.markdown, reserved_concurrent_executions: 0 disables the function",
			"hashicorp/terraform-provider-aws: website/docs/r/ecs_service.html.markdown, desired_count and load_balancer",
			"hashicorp/terraform-provider-google: website/docs/r/cloud_run_v2_service.html.markdown, min_instance_count",
		},
	}, effect.ScaledToZero()},
}
