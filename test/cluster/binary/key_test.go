package binary

import (
	"strings"
	"testing"
)

func keyOf(t *testing.T, p Program) string {
	t.Helper()
	key, err := p.key()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeyChangesWithEveryInput(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *Program){
		"source": func(t *testing.T, p *Program) {
			write(t, p.Root, "tools/prog/main.go", "package main\n\nfunc main() {}\n")
		},
		"new file":      func(t *testing.T, p *Program) { write(t, p.Root, "tools/prog/more.go", "package main\n") },
		"embedded file": func(t *testing.T, p *Program) { write(t, p.Root, "tools/prog/word/text.txt", "x") },
		"package": func(t *testing.T, p *Program) {
			write(t, p.Root, "tools/prog/word/word.go", "package word\n\nvar Word = \"\"\n")
		},
		"pins": func(t *testing.T, p *Program) { write(t, p.Root, "tools/prog/go.mod", "module example.test/prog\n") },
		"sums": func(t *testing.T, p *Program) { write(t, p.Root, "tools/prog/go.sum", "\n") },
		"module beside it": func(t *testing.T, p *Program) {
			write(t, p.Root, "tools/side/side.go", "package side\n\nconst Side = 2\n")
		},
		"its pins": func(t *testing.T, p *Program) {
			write(t, p.Root, "tools/side/go.mod", "module example.test/side\n\ngo 1.25\n")
		},
		"variable":     func(_ *testing.T, p *Program) { p.Set = []string{"example.test/prog/word.Word=another"} },
		"names":        func(_ *testing.T, p *Program) { p.Names = nil },
		"main package": func(_ *testing.T, p *Program) { p.Main = "example.test/prog" },
		"text moved to next": func(t *testing.T, p *Program) {
			write(t, p.Root, "tools/prog/a.txt", "1")
			write(t, p.Root, "tools/prog/b.txt", "")
		},
		"moved back": func(t *testing.T, p *Program) {
			write(t, p.Root, "tools/prog/a.txt", "")
			write(t, p.Root, "tools/prog/b.txt", "1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := fake(t)
			before := keyOf(t, p)
			change(t, &p)
			if keyOf(t, p) == before {
				t.Error("the key stays the same: the old program would be found")
			}
		})
	}
}

func TestKeyStaysWithWhatIsNoInput(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *Program){
		"test": func(t *testing.T, p *Program) { write(t, p.Root, "tools/prog/main_test.go", "package main\n") },
		"pins of another": func(t *testing.T, p *Program) {
			write(t, p.Root, "tools/prog/2.mod", "module x\n")
			write(t, p.Root, "tools/prog/2.sum", "")
		},
		"another module below": func(t *testing.T, p *Program) { write(t, p.Root, "tools/prog/below/go.mod", "module y\n") },
		"hidden file":          func(t *testing.T, p *Program) { write(t, p.Root, "tools/prog/.main.go.swp", "") },
		"stages":               func(_ *testing.T, p *Program) { p.Stages = nil },
	} {
		t.Run(name, func(t *testing.T) {
			p := fake(t)
			before := keyOf(t, p)
			change(t, &p)
			if keyOf(t, p) != before {
				t.Error("the key changed: minutes of building for nothing")
			}
		})
	}
}

// The same commit in another folder is the same program.
func TestKeyIsTheSameInEveryCheckout(t *testing.T) {
	if one, two := keyOf(t, fake(t)), keyOf(t, fake(t)); one != two {
		t.Errorf("%s and %s", one, two)
	}
}

func TestKeyRefusesAnAbsoluteReplacement(t *testing.T) {
	p := fake(t)
	write(t, p.Root, "tools/prog/go.mod", "module example.test/prog\n\nreplace example.test/side => /elsewhere/side\n")
	if _, err := p.key(); err == nil || !strings.Contains(err.Error(), "/elsewhere/side") {
		t.Errorf("got %v", err)
	}
}

func TestKeyWithoutPins(t *testing.T) {
	p := fake(t)
	p.Modfile = "1.0.mod"
	if _, err := p.Find(); err == nil || !strings.Contains(err.Error(), "1.0.mod") {
		t.Errorf("got %v", err)
	}
}
