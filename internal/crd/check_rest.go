package crd

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	names "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// columns restates ValidateCustomResourceColumnDefinition.
func (c *checker) columns(list []apiextensions.CustomResourceColumnDefinition, path *field.Path) {
	types := []string{"boolean", "date", "integer", "number", "string"}
	formats := []string{"byte", "date", "date-time", "double", "float", "int32", "int64", "password"}
	for i, column := range list {
		at := path.Index(i)
		if column.Name == "" {
			c.refuse(field.Required(at.Child("name"), ""))
		}
		if column.Type == "" {
			c.refuse(field.Required(at.Child("type"), "must be one of "+strings.Join(types, ",")))
		} else if !slices.Contains(types, column.Type) {
			c.refuse(field.Invalid(at.Child("type"), column.Type, "must be one of "+strings.Join(types, ",")))
		}
		if column.Format != "" && !slices.Contains(formats, column.Format) {
			c.refuse(field.Invalid(at.Child("format"), column.Format, "must be one of "+strings.Join(formats, ",")))
		}
		if column.JSONPath == "" {
			c.refuse(field.Required(at.Child("JSONPath"), ""))
		} else {
			c.jsonPath(at.Child("JSONPath"), column.JSONPath)
		}
	}
}

// jsonPath demands a dot in front, and one of the roots where there are any.
func (c *checker) jsonPath(at *field.Path, path string, roots ...string) {
	under := func(root string) bool { return strings.HasPrefix(path, root) }
	switch {
	case path[0] != '.':
		c.refuse(field.Invalid(at, path, "must be a simple json path starting with ."))
	case len(roots) == 1 && !under(roots[0]):
		c.refuse(field.Invalid(at, path, "should be a json path under "+strings.TrimSuffix(roots[0], ".")))
	case len(roots) > 1 && !slices.ContainsFunc(roots, under):
		c.refuse(field.Invalid(at, path, "should be a json path under either .spec or .status"))
	}
}

// subresources restates ValidateCustomResourceDefinitionSubresources.
func (c *checker) subresources(s *apiextensions.CustomResourceSubresources, path *field.Path) {
	if s == nil || s.Scale == nil {
		return
	}
	for _, f := range []struct{ name, value, root string }{
		{"scale.specReplicasPath", s.Scale.SpecReplicasPath, ".spec."},
		{"scale.statusReplicasPath", s.Scale.StatusReplicasPath, ".status."},
	} {
		if f.value == "" {
			c.refuse(field.Required(path.Child(f.name), ""))
		} else {
			c.jsonPath(path.Child(f.name), f.value, f.root)
		}
	}
	if l := s.Scale.LabelSelectorPath; l != nil && *l != "" {
		c.jsonPath(path.Child("scale.labelSelectorPath"), *l, ".spec.", ".status.")
	}
}

// conversion restates validateCustomResourceConversion.
func (c *checker) conversion(spec *apiextensions.CustomResourceDefinitionSpec, path *field.Path) {
	v := spec.Conversion
	if v == nil {
		return
	}
	if v.Strategy != apiextensions.NoneConverter && (spec.PreserveUnknownFields == nil || *spec.PreserveUnknownFields) {
		c.refuse(field.Invalid(path.Child("strategy"), nil, "must be None if spec.preserveUnknownFields is true"))
	}
	c.oneOf(path.Child("strategy"), string(v.Strategy), string(apiextensions.NoneConverter), string(apiextensions.WebhookConverter))
	client, reviews := path.Child("webhookClientConfig"), path.Child("conversionReviewVersions")
	if v.Strategy != apiextensions.WebhookConverter {
		if v.WebhookClientConfig != nil {
			c.refuse(field.Forbidden(client, "should not be set when strategy is not set to Webhook"))
		}
		if len(v.ConversionReviewVersions) > 0 {
			c.refuse(field.Forbidden(reviews, "should not be set when strategy is not set to Webhook"))
		}
		return
	}
	c.client(v.WebhookClientConfig, client)
	c.reviews(v.ConversionReviewVersions, reviews)
}

func (c *checker) client(w *apiextensions.WebhookClientConfig, path *field.Path) {
	if w == nil {
		c.refuse(field.Required(path, "required when strategy is set to Webhook"))
		return
	}
	switch {
	case (w.URL == nil) == (w.Service == nil):
		c.refuse(field.Required(path, "exactly one of url or service is required"))
	case w.URL != nil:
		c.webhookURL(*w.URL, path.Child("url"))
	default:
		c.webhookService(w.Service, path.Child("service"))
	}
	if len(w.CABundle) > 0 && c.demands.caBundle && !validBundle(w.CABundle) {
		c.refuse(field.Invalid(path.Child("caBundle"), nil, "unable to load root certificates: unable to parse bytes as PEM block"))
	}
}

func validBundle(pem []byte) bool { return x509.NewCertPool().AppendCertsFromPEM(pem) }

// webhookURL restates webhook.ValidateWebhookURL of k8s.io/apiserver.
func (c *checker) webhookURL(text string, path *field.Path) {
	const form = "; desired format: https://host[/path]"
	u, err := url.Parse(text)
	if err != nil {
		c.refuse(field.Required(path, "url must be a valid URL"+form))
		return
	}
	for _, f := range []struct {
		wrong bool
		rule  string
	}{
		{u.Scheme != "https", "'https' is the only allowed URL scheme" + form},
		{u.Host == "", "host must be specified" + form},
		{u.User != nil, "user information is not permitted in the URL"},
		{u.Fragment != "", "fragments are not permitted in the URL"},
		{u.RawQuery != "", "query parameters are not permitted in the URL"},
	} {
		if f.wrong {
			c.refuse(field.Invalid(path, nil, f.rule))
		}
	}
}

// webhookService restates webhook.ValidateWebhookService. The server calls it
// with name and namespace in each other's place (validateCustomResourceConversion),
// so the message names the other one; whether it refuses is the same.
func (c *checker) webhookService(s *apiextensions.ServiceReference, path *field.Path) {
	if s.Namespace == "" {
		c.refuse(field.Required(path.Child("name"), ""))
	}
	if s.Name == "" {
		c.refuse(field.Required(path.Child("namespace"), ""))
	}
	if said := names.IsValidPortNum(int(s.Port)); len(said) > 0 {
		c.refuse(field.Invalid(path.Child("port"), s.Port, "port is not valid: "+strings.Join(said, ", ")))
	}
	if s.Path == nil || *s.Path == "" || *s.Path == "/" {
		return
	}
	at, p := path.Child("path"), *s.Path
	if p == "//" {
		c.refuse(field.Invalid(at, p, "segment[0] may not be empty"))
		return
	}
	if p[0] != '/' {
		c.refuse(field.Invalid(at, p, "must start with a '/'"))
	}
	for i, step := range strings.Split(strings.TrimSuffix(p[1:], "/"), "/") {
		if step == "" {
			c.refuse(field.Invalid(at, p, fmt.Sprintf("segment[%d] may not be empty", i)))
			continue
		}
		for _, said := range names.IsDNS1123Subdomain(step) {
			c.refuse(field.Invalid(at, p, fmt.Sprintf("segment[%d]: %v", i, said)))
		}
	}
}

// reviews restates validateConversionReviewVersions.
func (c *checker) reviews(versions []string, path *field.Path) {
	if len(versions) == 0 {
		c.refuse(field.Required(path, ""))
		return
	}
	seen, accepted := make(map[string]bool), false
	for i, v := range versions {
		if seen[v] {
			c.refuse(field.Invalid(path.Index(i), v, "duplicate version"))
			continue
		}
		seen[v] = true
		for _, said := range names.IsDNS1035Label(v) {
			c.refuse(field.Invalid(path.Index(i), v, said))
		}
		accepted = accepted || v == "v1" || v == "v1beta1"
	}
	if c.demands.reviews && !accepted {
		c.refuse(field.Invalid(path, nil, "must include at least one of v1, v1beta1"))
	}
}
