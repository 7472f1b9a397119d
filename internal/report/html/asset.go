package html

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/url"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

//go:embed page/*.tmpl
var templateFiles embed.FS

//go:embed page/page.css
var style string

//go:embed page/page.js
var script string

func templates() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"prose":    prose,
		"place":    place,
		"when":     when,
		"number":   words.Number,
		"count":    count,
		"size":     words.Size,
		"duration": words.Duration,
		"command":  finding.IsCommand,
		"markOf":   markOf,
		"filter":   filter,
		"chip":     statusMark,
		"join":     strings.Join,
		"some":     func(names []string) string { return words.Some(names, 4, "rules") },
		"heading":  heading,
		"title":    tableTitle,
		"upper":    strings.ToUpper,
		"anchor":   anchor,
	}).ParseFS(templateFiles, "page/*.tmpl"))
}

// policy is the content security policy: nothing is loaded, and only this style
// and this script are obeyed, wherever the page is put.
func policy() string {
	return "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) +
		"; img-src data:; base-uri 'none'; form-action 'none'"
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// filter writes a setting of the page's filter as its fragment has it.
func filter(key, value string) string { return url.Values{key: {value}}.Encode() }

// anchor links to a finding by its fingerprint, which has no character that a
// fragment would need to escape.
func anchor(fingerprint string) template.URL { return template.URL("#" + fingerprint) }
