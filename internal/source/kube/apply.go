package kube

import (
	"context"
	"regexp"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
)

// applied is the annotation in which kubectl keeps the manifest applied last.
const applied = "kubectl.kubernetes.io/last-applied-configuration"

// apply asks for what applying the object would store.
func (c *Cluster) apply(ctx context.Context, u *unstructured.Unstructured, how manner) (*unstructured.Unstructured, error) {
	if u.GetName() == "" {
		return nil, unproven("an object without a name cannot be applied")
	}
	m, err := c.mapping(ctx, u)
	if err != nil {
		return nil, err
	}
	if err := c.dryRuns(ctx, m.GroupVersionKind.GroupVersion()); err != nil {
		return nil, unproven("no dry run is asked for: %v", err)
	}
	var client dynamic.ResourceInterface = c.objects.Resource(m.Resource)
	if m.Scope.Name() == meta.RESTScopeNameNamespace {
		client = c.objects.Resource(m.Resource).Namespace(u.GetNamespace())
	}
	patch := metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}, FieldManager: how.manager, FieldValidation: metav1.FieldValidationStrict}
	if how.serverSide {
		data, err := runtime.Encode(unstructured.UnstructuredJSONScheme, u)
		if err != nil {
			return nil, unproven("the object cannot be encoded: %v", err)
		}
		patch.Force = &how.force
		return client.Patch(ctx, u.GetName(), types.ApplyPatchType, data, patch)
	}
	// The steps of kubectl v1.37 pkg/cmd/apply: applyOneObject and Patcher.patchSimple.
	modified, annotation, err := annotate(u)
	if err != nil {
		return nil, unproven("the object cannot be encoded: %v", err)
	}
	live, err := client.Get(ctx, u.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		setAnnotation(u, annotation)
		prune(u.Object)
		return client.Create(ctx, u, metav1.CreateOptions{DryRun: patch.DryRun, FieldManager: how.manager, FieldValidation: patch.FieldValidation})
	}
	if err != nil {
		return nil, err
	}
	data, kind, err := threeWay(live, modified, m)
	switch {
	case err != nil:
		return nil, &Answered{Class: Refused, Message: "kubectl can make no patch of it" + mergeKey(err)}
	case string(data) == "{}": // kubectl asks no further
		return live, nil
	}
	return client.Patch(ctx, u.GetName(), kind, data, patch)
}

// threeWay is the patch between what was applied last, what is wanted and what is
// there: strategic for Kubernetes' own kinds, whose lists have keys, a JSON merge
// patch for others. kubectl reads the keys from the server's OpenAPI document and
// falls back on the API types that it was built with; here it is the types.
func threeWay(live *unstructured.Unstructured, modified []byte, m *meta.RESTMapping) ([]byte, types.PatchType, error) {
	var original []byte
	if last, ok := live.GetAnnotations()[applied]; ok {
		original = []byte(last)
	}
	current, err := runtime.Encode(unstructured.UnstructuredJSONScheme, live)
	if err != nil {
		return nil, "", err
	}
	typed, err := scheme.Scheme.New(m.GroupVersionKind)
	if err != nil {
		data, err := jsonmergepatch.CreateThreeWayJSONMergePatch(original, modified, current,
			mergepatch.RequireKeyUnchanged("apiVersion"), mergepatch.RequireKeyUnchanged("kind"), mergepatch.RequireMetadataKeyUnchanged("name"))
		return data, types.MergePatchType, err
	}
	keys, err := strategicpatch.NewPatchMetaFromStruct(typed)
	if err != nil {
		return nil, "", err
	}
	data, err := strategicpatch.CreateThreeWayMergePatch(original, modified, current, keys, true)
	return data, types.StrategicMergePatchType, err
}

// mergeKey tells of the commonest reason, without the values that the error quotes.
func mergeKey(err error) string {
	if m := regexp.MustCompile(`does not contain declared merge key: (\w+)`).FindStringSubmatch(err.Error()); m != nil {
		return ": an item of a list has no " + m[1] + ", by which the list is merged"
	}
	return ""
}

// annotate is kubectl's pkg/util GetModifiedConfiguration: the object with itself,
// as it is without the annotation, in the annotation.
func annotate(u *unstructured.Unstructured) (modified []byte, annotation string, err error) {
	annotations := u.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	delete(annotations, applied)
	u.SetAnnotations(annotations) // {} where there was none, as kubectl writes it
	bare, err := runtime.Encode(unstructured.UnstructuredJSONScheme, u)
	if err != nil {
		return nil, "", err
	}
	with := u.DeepCopy()
	setAnnotation(with, string(bare))
	modified, err = runtime.Encode(unstructured.UnstructuredJSONScheme, with)
	return modified, string(bare), err
}

func setAnnotation(u *unstructured.Unstructured, text string) {
	annotations := u.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[applied] = text
	u.SetAnnotations(annotations)
}

// prune takes the nulls out of what is created, as kubectl does: in a patch they
// remove nothing either.
func prune(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, item := range v {
			if item == nil {
				delete(v, name)
			} else {
				prune(item)
			}
		}
	case []any:
		for _, item := range v {
			prune(item)
		}
	}
}
