package stateful

// window is the waiting period of keys and authorities: they are scheduled for deletion, and no value
// of the attribute makes it immediate.
func window(attribute string) []Guard {
	return []Guard{{Condition: Condition{Attribute: attribute, Keeps: Always, Default: float64(30)}, Effect: Retains}}
}

const keyTrap = "what the key encrypts cannot be read from the moment of the destroy; it is lost for good when the window ends without a cancellation"

// awsSecrets are keys, secrets and identities.
func awsSecrets() []Entry {
	return []Entry{
		{
			Type: "aws_kms_key", Holds: "the key, and with it everything that it encrypts", Class: Key, Loss: Primary,
			Guards: window("deletion_window_in_days"),
			Source: awsDoc + "kms_key.html.markdown@0413c661ec1b", Note: keyTrap,
		},
		{
			Type: "aws_kms_external_key", Holds: "the key with its imported material, and with it everything that it encrypts", Class: Key, Loss: Primary,
			Guards: window("deletion_window_in_days"),
			Source: awsDocCDK + "kms_external_key.html.markdown@08187ab2499f", Note: keyTrap,
		},
		{
			Type: "aws_kms_replica_key", Holds: "the replica of a multi-Region key", Class: Key, Loss: Derived,
			Guards: window("deletion_window_in_days"),
			Source: awsDocCDK + "kms_replica_key.html.markdown@044fb3171c30", Note: keyTrap,
		},
		{
			Type: "aws_kms_replica_external_key", Holds: "the replica of a multi-Region key with imported material", Class: Key, Loss: Derived,
			Guards: window("deletion_window_in_days"),
			Source: awsSchema + " apart from deletion_window_in_days; " + awsDocCDK + "kms_external_key.html.markdown@08187ab2499f", Note: keyTrap,
		},
		{
			Type: "aws_acmpca_certificate_authority", Holds: "the private key of the authority", Class: Key, Loss: Primary,
			Guards: window("permanent_deletion_time_in_days"),
			Source: awsDocCDK + "acmpca_certificate_authority.html.markdown@228b91cee969",
			Note:   "it issues nothing from the moment of the destroy; it can be restored within the window",
		},
		{
			Type: "aws_secretsmanager_secret", Holds: "the secret with all versions of its value", Class: Secret, Loss: Primary,
			Guards: []Guard{{Condition: Condition{Attribute: "recovery_window_in_days", Keeps: Positive, Default: float64(30)}, Effect: Retains}},
			Source: awsDoc + "secretsmanager_secret.html.markdown@06c2a7d48fbe",
			Note:   "0 deletes at once; above 0 the name stays taken for the window, so a replacement of the same name fails",
		},
		{
			Type: "aws_ssm_parameter", Holds: "the value of the parameter and its history", Class: Secret, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "ssm/parameter.d.ts",
		},
		{
			Type: "aws_cognito_user_pool", Holds: "all users with their credentials", Class: Identity, Loss: Primary,
			Guards: []Guard{{
				Condition: Condition{Attribute: "deletion_protection", Keeps: OneOf, Values: []string{"ACTIVE"}, Default: "INACTIVE"},
				Effect:    Refuses,
			}},
			Source: awsBindings + "cognito/userPool.d.ts",
			Note:   "password hashes cannot be exported: a backup of users does not bring their passwords back",
		},
		{
			Type: "aws_directory_service_directory", Holds: "all users, computers and policies of the directory", Class: Identity, Loss: Primary,
			Source: awsSchema,
		},
		{
			Type: "aws_verifiedpermissions_policy_store", Holds: "all policies of the store", Class: Identity, Loss: Primary,
			// 5.0.0 is a lower bound.
			Guards: []Guard{{
				Condition: Condition{Attribute: "deletion_protection", Keeps: OneOf, Values: []string{"ENABLED"}, Default: "DISABLED", Since: "5.0.0"},
				Effect:    Refuses,
			}},
			Source: awsDocCDK + "verifiedpermissions_policy_store.html.markdown@28b90493560c",
		},
	}
}
