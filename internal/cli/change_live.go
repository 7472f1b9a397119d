package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
	"polygraph/internal/run"
	"polygraph/internal/source/kube"
)

// live is what the cluster has of the objects of NEW, and what stands beside
// them.
func (in *objectsInput) live(ctx context.Context, declared analysis.Evidence, progress func(run.Progress)) (analysis.Evidence, error) {
	var wanted []*kubeobj.Object
	for _, item := range declared.Items {
		f, err := kubeobj.Read(ctx, item)
		if errors.As(err, new(*evidence.Problem)) {
			continue // the run says so
		}
		if err != nil {
			return analysis.Evidence{}, err
		}
		wanted = append(wanted, f.Objects...)
	}
	if len(wanted) == 0 {
		return analysis.Evidence{}, nil
	}
	o := in.options
	c, err := kube.Open(ctx, kube.Options{
		Context: o.context, Kubeconfig: o.kubeconfig, Namespace: o.namespace, Env: in.app.Env, Stderr: cleanWriter{in.app},
	})
	if err != nil {
		return analysis.Evidence{}, asUnexamined(err)
	}
	in.cleanup = append(in.cleanup, func() error { c.Close(); return nil })
	if in.judged.Version == 0 {
		_, minor, err := c.Version(ctx)
		if err != nil {
			return analysis.Evidence{}, asUnexamined(err)
		}
		if v := kubeschema.Version(minor); v >= kubeschema.Oldest && v <= kubeschema.Newest {
			in.judged.Version = v
		} else {
			in.app.talk("polygraph: nothing is known about the server's version " + v.String() + "; judged as if the version were not known")
		}
	}
	s, err := c.Live(ctx, wanted, progress)
	if err != nil {
		return analysis.Evidence{}, asUnexamined(err)
	}
	if !o.noDryRun {
		in.judged.DryRun, in.sources = true, []evidence.Source{c}
	}
	in.judged.Namespace, in.judged.Asked, in.judged.Absent = c.Namespace, true, s.New
	if o.save != "" {
		if err := save(o.save, s.Save); err != nil {
			return analysis.Evidence{}, err
		}
	}
	for i := range s.Skips {
		s.Skips[i].Named = true // whoever names a cluster and an object wants both looked at
	}
	item := s.Item(in.app.Now())
	return analysis.Evidence{Files: 1, Items: []*evidence.Item{item}, Skips: s.Skips}, nil
}

// save writes a file that appears whole or not at all.
func save(name string, write func(io.Writer) error) error {
	f, err := createAtomic(name)
	if err != nil {
		return usage("--save "+name+": "+err.Error(), "name a file that can be written")
	}
	if err := write(f); err != nil {
		f.discard()
		return fmt.Errorf("--save %s: %w", name, err)
	}
	return f.commit()
}
