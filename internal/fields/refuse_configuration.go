package fields

var configurationRefusals = []refusal{
	{
		rule:    rule{kinds: "Secret", fields: "type"},
		says:    immutable,
		because: "a Secret keeps its type (absent, it is Opaque)",
		source:  coreValidation + "ValidateSecretUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "Secret", fields: "data stringData", asks: "the Secret is immutable", when: sealed},
		says:    "field is immutable when `immutable` is set",
		because: "the Secret says immutable: true; only a new object, under another name, has other content",
		source:  coreValidation + "ValidateSecretUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "ConfigMap", fields: "data binaryData", asks: "the ConfigMap is immutable", when: sealed},
		says:    "field is immutable when `immutable` is set",
		because: "the ConfigMap says immutable: true; only a new object, under another name, has other content",
		source:  coreValidation + "ValidateConfigMapUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "ConfigMap Secret", fields: "immutable", asks: "it was true", when: sealed},
		says:    "field is immutable when `immutable` is set",
		because: "what is immutable stays so",
		source:  coreValidation + "ValidateSecretUpdate, ValidateConfigMapUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "Secret", fields: "data", asks: "a key that the type needs is gone", when: func(c *change, _ *Edit) answer {
			return c.once("a key that the type needs", missingKey)
		}},
		says:    "Required value",
		because: "Secrets of this type need the key",
		source:  coreValidation + "ValidateSecret, 1.37.2",
	},
	{
		rule: rule{kinds: "ConfigMap", fields: "data binaryData", asks: "a key is in data and in binaryData", when: func(c *change, _ *Edit) answer {
			return c.once("a key of both", keyOfBoth)
		}},
		says:    "duplicate of key present in binaryData",
		because: "a key stands in data or in binaryData",
		source:  coreValidation + "ValidateConfigMap, 1.37.2",
	},
}

// sealed tells whether a ConfigMap or Secret was immutable before.
func sealed(c *change, _ *Edit) answer { return when(isTrue(c.was("immutable"))) }

func keyOfBoth(c *change) answer {
	binary := c.labels("binaryData")
	for k := range c.labels("data") {
		if _, ok := binary[k]; ok {
			return yes
		}
	}
	return no
}

func missingKey(c *change) answer {
	has := func(k string) bool { return c.has("data", k) || c.has("stringData", k) }
	switch c.is("type").Str() {
	case "kubernetes.io/tls":
		return when(!has("tls.crt") || !has("tls.key"))
	case "kubernetes.io/dockercfg":
		return when(!has(".dockercfg"))
	case "kubernetes.io/dockerconfigjson":
		return when(!has(".dockerconfigjson"))
	case "kubernetes.io/basic-auth":
		return when(!has("username") && !has("password"))
	case "kubernetes.io/ssh-auth":
		return when(!has("ssh-privatekey"))
	}
	return no
}
