package sarif

// The part of SARIF 2.1.0 that is written. Section numbers are those of the
// standard.

type tool struct { // §3.18
	Driver driver `json:"driver"`
}

type driver struct { // toolComponent, §3.19
	Name            string `json:"name"`
	Version         string `json:"version,omitempty"`
	SemanticVersion string `json:"semanticVersion,omitempty"`
	Rules           []rule `json:"rules"`
}

type rule struct { // reportingDescriptor, §3.49
	ID         string         `json:"id"`
	Name       string         `json:"name,omitempty"`
	Short      format         `json:"shortDescription"`
	Full       format         `json:"fullDescription"`
	Help       format         `json:"help"`
	Default    configuration  `json:"defaultConfiguration"`
	Properties ruleProperties `json:"properties"`
}

type format struct { // multiformatMessageString, §3.12
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type configuration struct { // reportingConfiguration, §3.50
	Level string `json:"level"`
}

type result struct { // §3.27
	RuleID              string            `json:"ruleId"`
	RuleIndex           *int              `json:"ruleIndex,omitempty"`
	Kind                string            `json:"kind"`
	Level               string            `json:"level"`
	Message             message           `json:"message"`
	Locations           []location        `json:"locations"`
	Related             []location        `json:"relatedLocations,omitempty"`
	PartialFingerprints map[string]string `json:"partialFingerprints,omitempty"`
	BaselineState       string            `json:"baselineState,omitempty"`
	// Suppressions is never null: §3.27.23 wants it for all results or none,
	// and whether a later one is excepted is not known yet.
	Suppressions []suppression    `json:"suppressions"`
	Properties   resultProperties `json:"properties"`
}

type message struct { // §3.11
	Text string `json:"text"`
}

type location struct { // §3.28
	ID         int                 `json:"id,omitempty"`
	Message    *message            `json:"message,omitempty"`
	Physical   *physical           `json:"physicalLocation,omitempty"`
	Logical    []logical           `json:"logicalLocations,omitempty"`
	Properties *locationProperties `json:"properties,omitempty"`
}

type physical struct { // §3.29
	Artifact artifactLocation `json:"artifactLocation"`
	Region   *region          `json:"region,omitempty"`
}

type artifactLocation struct { // §3.4
	URI string `json:"uri"`
}

type region struct { // §3.30
	StartLine int `json:"startLine"`
}

type logical struct { // §3.33
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind,omitempty"`
}

type suppression struct { // §3.35
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}

type invocation struct { // §3.20
	Successful    bool           `json:"executionSuccessful"`
	Start         string         `json:"startTimeUtc,omitempty"`
	Notifications []notification `json:"toolExecutionNotifications"`
}

type notification struct { // §3.58
	Descriptor reference  `json:"descriptor"`
	Level      string     `json:"level"`
	Message    message    `json:"message"`
	Rule       *reference `json:"associatedRule,omitempty"`
	Locations  []location `json:"locations,omitempty"`
}

type reference struct { // reportingDescriptorReference, §3.52
	ID    string `json:"id"`
	Index *int   `json:"index,omitempty"`
}

type artifact struct { // §3.24
	Location    artifactLocation   `json:"location"`
	Description *message           `json:"description,omitempty"`
	Length      *int64             `json:"length,omitempty"`
	Roles       []string           `json:"roles"`
	Properties  artifactProperties `json:"properties"`
}
