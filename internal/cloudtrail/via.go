package cloudtrail

import "strings"

// Via is what a request was made with, by what it says of itself.
type Via string

// The ways. Another text is the name of an AWS service that made the request.
const (
	Unsaid    Via = ""
	Console   Via = "console"
	CLI       Via = "CLI"
	Terraform Via = "Terraform"
	SDK       Via = "SDK"
)

// viaOf reads the user agent. Terraform's names the SDK, too, so it comes first.
func viaOf(agent string, console bool, who Principal) Via {
	a := strings.ToLower(strings.Trim(agent, "[] "))
	has := func(any ...string) bool {
		for _, s := range any {
			if strings.Contains(a, s) {
				return true
			}
		}
		return false
	}
	switch {
	case has("pulumi"): // built on Terraform's provider, and may name it
		return SDK
	case has("terraform/", "terraform-provider-", "opentofu/"):
		return Terraform
	case who.Service:
		return Unsaid // the name says it
	case has("aws-cli/", "aws-powershelltools", "awspowershell"):
		return CLI
	case console, has("console.amazonaws.com", "console.aws.amazon.com", "signin.amazonaws.com", "s3console/", "awsconsole"),
		strings.HasPrefix(a, "console."), strings.HasSuffix(a, " console"): // "EC2 Spot Console"
		return Console
	case strings.HasSuffix(a, ".amazonaws.com") && !strings.Contains(a, " "):
		return Via(word(a))
	case has("boto", "aws-sdk-", "aws-cdk", "ansible"):
		return SDK
	}
	return Unsaid
}
