// Package cloudtrail reads CloudTrail events and answers who wrote to an object
// between two times, or why nobody can be named.
//
// Two shapes are read, and any number of them one after the other in a file
// (JSON lines): what `aws cloudtrail lookup-events` prints ({"Events": [...]},
// the record itself being a JSON string in CloudTrailEvent) and a trail's log
// file ({"Records": [...]}, or one record per line).
//
// An answer is a lead and no proof: an event names an object under a key of its
// request, and names attributes, but CloudTrail does not say which value of
// which object changed. So three things are told apart: an event that is about
// the object and names the attribute, one that names the object, and none. An
// event is about an object when its name says so: PutBucketPolicy writes to the
// bucket, AttachRolePolicy does not write to the policy, and DeleteBucketPolicy
// deletes no bucket. Who wrote last counts: where that one is not named, not
// kept, or set a number to another value than it has now, nobody else is named.
// A name that other objects may have, too, counts only within the service, the
// account, the region and the parent of the object's ARN.
//
// What a request says is read for names, identifiers and numbers, compared and never
// shown: it may hold secrets.
//
// Sources:
//   - AWS CloudTrail User Guide, "CloudTrail record contents",
//     awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
//     (readOnly, errorCode, userAgent, requestParameters, truncated fields,
//     sessionCredentialFromConsole)
//   - the same, "CloudTrail userIdentity element",
//     awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
//   - AWS CloudTrail API Reference, "LookupEvents": 90 days, 50 events per page,
//     NextToken, two requests per second, account and region
//   - pulumi/pulumi-aws#1604: Pulumi's user agent ("APN/1.0 Pulumi/1.0 Pulumi-Aws/...")
//   - turbot/tailpipe-mod-aws-cloudtrail-log-detections,
//     dashboards/cloudtrail/non_terraform_updates.pp: user agents of Terraform's
//     AWS provider ("APN/1.0 HashiCorp/1.0 Terraform/0.15.5 (+https://www.terraform.io)
//     terraform-provider-aws/5.14.0 ...")
package cloudtrail
