package crd

import (
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	utilversion "k8s.io/apimachinery/pkg/util/version"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// served is one version of a definition with all that judges its objects. It is
// built when the first object asks for it: definitions are many, and large.
type served struct {
	definition *definition
	version    *apiextensionsv1.CustomResourceDefinitionVersion
	index      int // in spec.versions
	server     kubeschema.Version

	once       sync.Once
	err        error
	structural *schema.Structural
	openAPI    validation.SchemaValidator
	rules      *cel.Validator
}

// since130 is the first version on which unchanged values that are invalid are
// tolerated (CRDValidationRatcheting: alpha and off in 1.28 and 1.29, beta and on
// in 1.30, locked on in 1.33; k8s.io/apiextensions-apiserver/pkg/features).
const since130 kubeschema.Version = 30

func (v *served) ratchets() bool { return v.server >= since130 }

// compatibility is the version whose CEL libraries and formats a server allows in
// what is new: one before its own, so that it can be rolled back
// (k8s.io/apiserver/pkg/cel/environment, DefaultCompatibilityVersion).
func compatibility(server kubeschema.Version) *utilversion.Version {
	return utilversion.MajorMinor(1, uint(max(server-1, 0)))
}

func (v *served) build() error {
	v.once.Do(func() {
		defer func() {
			if p := recover(); p != nil {
				v.err = errPanic
			}
		}()
		v.err = v.compile()
	})
	return v.err
}

func (v *served) compile() error {
	internal := &apiextensions.CustomResourceValidation{}
	if s := v.version.Schema; s != nil {
		if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(s, internal, nil); err != nil {
			return err
		}
	}
	internal = internal.DeepCopy() // the conversion shares memory with the definition
	if !v.ratchets() {
		forgetOptionalOldSelf(internal.OpenAPIV3Schema)
	}
	if props := internal.OpenAPIV3Schema; props != nil {
		structural, err := schema.NewStructural(props)
		if err != nil {
			return err
		}
		v.structural = structural.DeepCopy()
		if err := defaulting.PruneDefaults(v.structural); err != nil {
			return err
		}
	}
	validator, _, err := validation.NewSchemaValidatorForVersion(internal.OpenAPIV3Schema, compatibility(v.server))
	if err != nil {
		return err
	}
	v.openAPI = validator
	if v.structural != nil {
		v.rules = cel.NewValidator(v.structural, true, celconfig.PerCallLimit)
	}
	return nil
}

// forgetOptionalOldSelf does what a server does whose gate is off
// (customresourcedefinition.dropOptionalOldSelfField).
func forgetOptionalOldSelf(s *apiextensions.JSONSchemaProps) {
	each(s, func(n *apiextensions.JSONSchemaProps) {
		for i := range n.XValidations {
			n.XValidations[i].OptionalOldSelf = nil
		}
	})
}

// preserves tells that nothing is pruned: only definitions of old have that.
func (v *served) preserves() bool { return v.definition.spec.Spec.PreserveUnknownFields }

func (v *served) hasStatus() bool {
	return v.version.Subresources != nil && v.version.Subresources.Status != nil
}

// written is the schema as it stands in the definition, for positions.
func (v *served) written() *kubeobj.Value {
	versions := v.definition.object.Get("spec", "versions")
	if !versions.Is(kubeobj.List) || v.index >= len(versions.Items) {
		return nil
	}
	return versions.Items[v.index].Get("schema", "openAPIV3Schema")
}
