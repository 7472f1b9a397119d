package kustomize

import (
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
)

func file(t *testing.T, path, text string) File {
	t.Helper()
	f, problem := kubeobj.Parse(path, []byte(text))
	if f == nil {
		t.Fatal(problem)
	}
	return File{Path: path, Kustomizations: f.Kustomizations}
}

const service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"

func kustomization(rest string) string {
	return "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" + rest + "\n---\n" + service
}

// TestRead: which files are patches, and which Kustomization makes something else
// of a file: the outermost that reaches it.
func TestRead(t *testing.T) {
	files := []File{
		file(t, "base/web.yaml", service),
		file(t, "base/kustomization.yaml", kustomization("resources: [web.yaml]")),
		file(t, "prod/kustomization.yaml", kustomization("resources: [../base]\nnamespace: prod\npatches: [{path: size.yaml}]")),
		file(t, "prod/size.yaml", service),
		file(t, "plain/kustomization.yaml", kustomization("resources: [one.yaml]")),
		file(t, "plain/one.yaml", service),
		file(t, "images/kustomization.yaml", kustomization("resources: [one.yaml]\nimages: [{name: web, newTag: '2'}]")),
		file(t, "images/one.yaml", service),
	}
	patches, rendered := Read(files)
	if len(patches) != 1 || !patches["prod/size.yaml"] {
		t.Errorf("patches %v", patches)
	}
	for path, want := range map[string]Rendering{
		"base/web.yaml":   {Folder: "prod", Images: true}, // a patch may set them
		"images/one.yaml": {Folder: "images", Images: true},
	} {
		if rendered[path] != want {
			t.Errorf("%s: %+v, want %+v", path, rendered[path], want)
		}
	}
	if _, ok := rendered["plain/one.yaml"]; ok {
		t.Error("a list of files changes none of them")
	}
	if c := rendered["base/web.yaml"].Command(); !strings.HasPrefix(c, "kustomize build prod ") {
		t.Error(c)
	}
	files[0].Apart = true
	if _, rendered = Read(files); rendered["base/web.yaml"].Folder != "" {
		t.Error("what is of another side is not judged")
	}
}
