package crd

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"k8s.io/apiextensions-apiserver/pkg/apihelpers"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	names "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/cel/environment"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// definitionSource is the function that checkDefinition restates.
const definitionSource = "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation, ValidateCustomResourceDefinition"

// checkDefinition restates ValidateCustomResourceDefinition and its Update:
// whether the server accepts a definition. before is nil for a new one.
func checkDefinition(version kubeschema.Version, after, before *apiextensionsv1.CustomResourceDefinition, o *kubeobj.Object) (out []Refusal, unknown string) {
	defer func() {
		if p := recover(); p != nil {
			out, unknown = nil, errPanic.Error()
		}
	}()
	spec, old, err := internals(version, after, before)
	if err != nil {
		return nil, err.Error()
	}
	c := &checker{env: environment.MustBaseEnvSet(compatibility(version)), compatibility: compatibility(version), demands: demandsOf(old)}
	if old != nil {
		c.demands.compare(spec, old)
	}
	c.definition(spec, old)
	for _, e := range c.errs {
		if len(out) == maxRefusals {
			break
		}
		_, offset := locate(&o.Root, inDocument(e.Field, after))
		r := Refusal{Path: e.Field, Rule: message(e), Source: definitionSource, Offset: offset, At: -1}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	if len(out) == 0 && c.tooMuch {
		return nil, "its rules and defaults are more work than is spent on one definition"
	}
	return out, ""
}

// internals are both definitions in the form that the server checks: what all
// versions have alike stands once, and what a gate switches off is gone.
func internals(version kubeschema.Version, after, before *apiextensionsv1.CustomResourceDefinition) (spec, old *apiextensions.CustomResourceDefinition, err error) {
	convert := func(in *apiextensionsv1.CustomResourceDefinition) (*apiextensions.CustomResourceDefinition, error) {
		if in == nil {
			return nil, nil
		}
		shared := &apiextensions.CustomResourceDefinition{}
		if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(in, shared, nil); err != nil {
			return nil, err
		}
		out := shared.DeepCopy()
		// Alpha and off in 1.30, on from 1.31: CustomResourceFieldSelectors.
		if version < 31 {
			out.Spec.SelectableFields = nil
			for i := range out.Spec.Versions {
				out.Spec.Versions[i].SelectableFields = nil
			}
		}
		if version < since130 {
			for _, s := range schemas(&out.Spec) {
				forgetOptionalOldSelf(s)
			}
		}
		return out, nil
	}
	if spec, err = convert(after); err != nil {
		return nil, nil, err
	}
	old, err = convert(before)
	return spec, old, err
}

// inDocument undoes what stands once for all versions: the server's message says
// spec.validation, the manifest has spec.versions[0].schema.
func inDocument(path string, crd *apiextensionsv1.CustomResourceDefinition) string {
	if len(crd.Spec.Versions) == 0 {
		return path
	}
	for _, p := range [][2]string{{"validation", "schema"}, {"subresources", "subresources"}, {"additionalPrinterColumns", "additionalPrinterColumns"}, {"selectableFields", "selectableFields"}} {
		if rest, ok := strings.CutPrefix(path, "spec."+p[0]); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return "spec.versions[0]." + p[1] + rest
		}
	}
	return strings.Replace(path, "spec.conversion.webhookClientConfig", "spec.conversion.webhook.clientConfig", 1)
}

// schemas are all schemas of a definition, from their roots.
func schemas(spec *apiextensions.CustomResourceDefinitionSpec) []*apiextensions.JSONSchemaProps {
	var out []*apiextensions.JSONSchemaProps
	if spec.Validation != nil && spec.Validation.OpenAPIV3Schema != nil {
		out = append(out, spec.Validation.OpenAPIV3Schema)
	}
	for _, v := range spec.Versions {
		if v.Schema != nil && v.Schema.OpenAPIV3Schema != nil {
			out = append(out, v.Schema.OpenAPIV3Schema)
		}
	}
	return out
}

func (c *checker) refuse(errs ...*field.Error) { c.errs = append(c.errs, errs...) }

func (c *checker) definition(d, old *apiextensions.CustomResourceDefinition) {
	meta, path := d.ObjectMeta.DeepCopy(), field.NewPath("metadata")
	meta.ResourceVersion, meta.Namespace = "1", ""
	if old == nil {
		wanted := d.Spec.Names.Plural + "." + d.Spec.Group
		c.refuse(apivalidation.ValidateObjectMeta(meta, false, func(name string, prefix bool) []string {
			said := apivalidation.NameIsDNSSubdomain(name, prefix)
			if name != wanted {
				said = append(said, `must be spec.names.plural+"."+spec.group`)
			}
			return said
		}, path)...)
	} else {
		was := old.ObjectMeta.DeepCopy()
		was.ResourceVersion, was.Namespace = "1", ""
		meta.UID, meta.CreationTimestamp, meta.Generation, meta.ManagedFields = was.UID, was.CreationTimestamp, was.Generation, was.ManagedFields
		meta.DeletionTimestamp, meta.DeletionGracePeriodSeconds = was.DeletionTimestamp, was.DeletionGracePeriodSeconds
		c.refuse(apivalidation.ValidateObjectMetaUpdate(meta, was, path)...)
	}
	c.spec(&d.Spec)
	if old != nil {
		c.immutable(&d.Spec, &old.Spec, apiextensions.IsCRDConditionTrue(old, apiextensions.Established))
	}
	c.storedVersions(d, old)
	c.approval(d, old)
	preserves := func(d *apiextensions.CustomResourceDefinition) bool {
		return d != nil && d.Spec.PreserveUnknownFields != nil && *d.Spec.PreserveUnknownFields
	}
	if preserves(d) && !preserves(old) {
		c.refuse(field.Invalid(field.NewPath("spec", "preserveUnknownFields"), true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"))
	}
}

// immutable restates validateCustomResourceDefinitionSpecUpdate.
func (c *checker) immutable(after, before *apiextensions.CustomResourceDefinitionSpec, established bool) {
	path := field.NewPath("spec")
	if established {
		c.refuse(apivalidation.ValidateImmutableField(after.Scope, before.Scope, path.Child("scope"))...)
		c.refuse(apivalidation.ValidateImmutableField(after.Names.Kind, before.Names.Kind, path.Child("names", "kind"))...)
	}
	c.refuse(apivalidation.ValidateImmutableField(after.Group, before.Group, path.Child("group"))...)
	c.refuse(apivalidation.ValidateImmutableField(after.Names.Plural, before.Names.Plural, path.Child("names", "plural"))...)
}

// storedVersions restates ValidateCustomResourceDefinitionStoredVersions: a
// version in which objects were stored stays until none is. The server adds the
// storage version to the list first (PrepareForCreate, PrepareForUpdate).
func (c *checker) storedVersions(after, before *apiextensions.CustomResourceDefinition) {
	path, versions := field.NewPath("status", "storedVersions"), after.Spec.Versions
	var stored []string
	if before != nil {
		stored = slices.Clone(before.Status.StoredVersions)
	}
	storage := func(v apiextensions.CustomResourceDefinitionVersion) bool { return v.Storage }
	if i := slices.IndexFunc(versions, storage); i >= 0 && !slices.Contains(stored, versions[i].Name) {
		stored = append(stored, versions[i].Name)
	}
	if len(stored) == 0 {
		c.refuse(field.Invalid(path, nil, "must have at least one stored version"))
		return
	}
	left := slices.Clone(stored)
	for _, v := range versions {
		if v.Storage && !slices.Contains(left, v.Name) {
			c.refuse(field.Invalid(path, nil, "must have the storage version "+v.Name))
		}
		left = slices.DeleteFunc(left, func(name string) bool { return name == v.Name })
	}
	for _, name := range left {
		c.refuse(field.Invalid(path.Index(slices.Index(stored, name)), name, fmt.Sprintf("missing from spec.versions; %[1]s was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in %[1]s and removes %[1]s from status.storedVersions", name)))
	}
}

// approval restates validateAPIApproval: groups of Kubernetes' own.
func (c *checker) approval(after, before *apiextensions.CustomResourceDefinition) {
	if !apihelpers.IsProtectedCommunityGroup(after.Spec.Group) {
		return
	}
	state, why := apihelpers.GetAPIApprovalState(after.Annotations)
	if before != nil {
		if was, _ := apihelpers.GetAPIApprovalState(before.Annotations); was == state {
			return
		}
	}
	path := field.NewPath("metadata", "annotations").Key(apiextensionsv1.KubeAPIApprovedAnnotation)
	switch state {
	case apihelpers.APIApproved, apihelpers.APIApprovalBypassed:
	case apihelpers.APIApprovalMissing:
		c.refuse(field.Required(path, why))
	default:
		c.refuse(field.Invalid(path, "", why))
	}
}

func (c *checker) spec(spec *apiextensions.CustomResourceDefinitionSpec) {
	path := field.NewPath("spec")
	switch {
	case spec.Group == "":
		c.refuse(field.Required(path.Child("group"), ""))
	case len(names.IsDNS1123Subdomain(spec.Group)) > 0:
		c.refuse(field.Invalid(path.Child("group"), spec.Group, strings.Join(names.IsDNS1123Subdomain(spec.Group), ",")))
	case !strings.Contains(spec.Group, "."):
		c.refuse(field.Invalid(path.Child("group"), spec.Group, "should be a domain with at least one dot"))
	}
	c.oneOf(path.Child("scope"), string(spec.Scope), string(apiextensions.ClusterScoped), string(apiextensions.NamespaceScoped))
	c.needSchemas(spec, path)

	storages, seen, twice := 0, make(map[string]bool), false
	for i := range spec.Versions {
		v := &spec.Versions[i]
		if v.Storage {
			storages++
		}
		twice, seen[v.Name] = twice || seen[v.Name], true
		c.label(path.Child("versions").Index(i).Child("name"), v.Name, "")
		status := v.Subresources
		if !slices.ContainsFunc(spec.Versions, func(v apiextensions.CustomResourceDefinitionVersion) bool { return v.Subresources != nil }) {
			status = spec.Subresources
		}
		c.eachVersion(v, path.Child("versions").Index(i), status != nil && status.Status != nil)
	}
	if twice {
		c.refuse(field.Invalid(path.Child("versions"), nil, "must contain unique version names"))
	}
	if storages != 1 {
		c.refuse(field.Invalid(path.Child("versions"), nil, "must have exactly one version marked as storage version"))
	}
	if spec.Version != "" {
		c.label(path.Child("version"), spec.Version, "")
	}

	c.names(&spec.Names, path.Child("names"))
	status := spec.Subresources != nil && spec.Subresources.Status != nil || slices.ContainsFunc(spec.Versions, func(v apiextensions.CustomResourceDefinitionVersion) bool {
		return v.Subresources != nil && v.Subresources.Status != nil
	})
	c.validation(spec.Validation, path.Child("validation"), status, c.demands.unchanged[spec.Version])
	c.subresources(spec.Subresources, path.Child("subresources"))
	c.columns(spec.AdditionalPrinterColumns, path.Child("additionalPrinterColumns"))
	c.selectable(spec.SelectableFields, spec.Validation, path.Child("selectableFields"), "")
	c.conversion(spec, path.Child("conversion"))
}

// needSchemas demands a schema of each version, or of each that is served where
// an old definition has none.
func (c *checker) needSchemas(spec *apiextensions.CustomResourceDefinitionSpec, path *field.Path) {
	prunes := spec.PreserveUnknownFields == nil || !*spec.PreserveUnknownFields
	if spec.Validation != nil && spec.Validation.OpenAPIV3Schema != nil {
		return
	}
	for i, v := range spec.Versions {
		at := path.Child("versions").Index(i).Child("schema", "openAPIV3Schema")
		switch {
		case v.Schema != nil && v.Schema.OpenAPIV3Schema != nil:
		case c.demands.schemas:
			c.refuse(field.Required(at, ""))
		case prunes && v.Served:
			c.refuse(field.Required(at, "because otherwise all fields are pruned"))
		}
	}
}

func (c *checker) eachVersion(v *apiextensions.CustomResourceDefinitionVersion, path *field.Path, status bool) {
	if w := v.DeprecationWarning; w != nil {
		at := path.Child("deprecationWarning")
		if !v.Deprecated {
			c.refuse(field.Invalid(at, nil, "can only be set for deprecated versions"))
		} else {
			if len(*w) > 256 {
				c.refuse(field.Invalid(at, nil, "must be <= 256 characters long"))
			}
			if *w == "" {
				c.refuse(field.Invalid(at, nil, "must not be an empty string"))
			}
			if i := strings.IndexFunc(*w, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
				c.refuse(field.Invalid(at, nil, fmt.Sprintf("must only contain printable UTF-8 characters; non-printable character found at index %d", i)))
			}
		}
	}
	c.validation(v.Schema, path.Child("schema"), status, c.demands.unchanged[v.Name])
	c.subresources(v.Subresources, path.Child("subresources"))
	c.columns(v.AdditionalPrinterColumns, path.Child("additionalPrinterColumns"))
	c.selectable(v.SelectableFields, v.Schema, path.Child("selectableFields"), v.Name)
}

func (c *checker) oneOf(path *field.Path, value string, allowed ...string) {
	switch {
	case value == "":
		c.refuse(field.Required(path, ""))
	case !slices.Contains(allowed, value):
		c.refuse(field.NotSupported(path, value, allowed))
	}
}

// label demands a DNS label, behind what the message begins with.
func (c *checker) label(path *field.Path, value, prefix string) {
	if said := names.IsDNS1035Label(value); len(said) > 0 {
		c.refuse(field.Invalid(path, value, prefix+strings.Join(said, ",")))
	}
}

func (c *checker) names(n *apiextensions.CustomResourceDefinitionNames, path *field.Path) {
	for _, f := range []struct{ name, value string }{{"plural", n.Plural}, {"singular", n.Singular}, {"kind", n.Kind}, {"listKind", n.ListKind}} {
		mixed := f.name == "kind" || f.name == "listKind"
		switch {
		case f.value == "":
			c.refuse(field.Required(path.Child(f.name), ""))
		case mixed:
			c.label(path.Child(f.name), strings.ToLower(f.value), "may have mixed case, but should otherwise match: ")
		default:
			c.label(path.Child(f.name), f.value, "")
		}
	}
	for i, s := range n.ShortNames {
		c.label(path.Child("shortNames").Index(i), s, "")
	}
	if n.Kind != "" && n.Kind == n.ListKind {
		c.refuse(field.Invalid(path.Child("listKind"), n.ListKind, "kind and listKind may not be the same"))
	}
	for i, s := range n.Categories {
		c.label(path.Child("categories").Index(i), s, "")
	}
}

// selectable restates ValidateCustomResourceSelectableFields.
func (c *checker) selectable(list []apiextensions.SelectableField, v *apiextensions.CustomResourceValidation, path *field.Path, version string) {
	if len(list) == 0 {
		return
	}
	if v == nil || v.OpenAPIV3Schema == nil {
		c.refuse(field.Invalid(path, "", "may only be set when a schema is included"))
		return
	}
	structural, err := schema.NewStructural(v.OpenAPIV3Schema)
	if err != nil {
		c.refuse(field.Invalid(path, "", err.Error()))
	}
	seen := make(map[string]bool)
	for i, f := range list {
		at := path.Index(i).Child("jsonPath")
		if f.JSONPath == "" {
			c.refuse(field.Required(at, ""))
			continue
		}
		if structural == nil {
			continue
		}
		where, found, err := cel.ValidFieldPath(f.JSONPath, structural, cel.WithFieldPathAllowArrayNotation(false))
		if err != nil {
			c.refuse(field.Invalid(at, f.JSONPath, fmt.Sprintf("is an invalid path: %v", err)))
			continue
		}
		if where.Root().String() == "metadata" {
			c.refuse(field.Invalid(at, f.JSONPath, "must not point to fields in metadata"))
		}
		if found == nil || !slices.Contains([]string{"string", "boolean", "integer"}, found.Type) {
			c.refuse(field.Invalid(at, f.JSONPath, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."))
		}
		if seen[where.String()] {
			c.refuse(field.Duplicate(at, f.JSONPath))
		}
		seen[where.String()] = true
	}
	if len(seen) > 8 && !c.demands.manySelectable[version] {
		c.refuse(field.TooMany(path, len(seen), 8))
	}
}
