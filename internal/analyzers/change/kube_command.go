package change

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"polygraph/internal/kubeobj"
)

// word writes a name for a POSIX shell, so that whoever copies a command runs
// that command and nothing that an object is called. Names with control or
// invisible characters, which no object of a cluster has, are written in the
// form $'...' of bash and zsh: what is shown can be read.
func word(s string) string {
	plain, visible := s != "", utf8.ValidString(s)
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', strings.ContainsRune("._:/=@,+-", r):
		case unicode.IsPrint(r):
			plain = false
		default:
			plain, visible = false, false
		}
	}
	switch {
	case plain:
		return s
	case visible:
		return quoted(s)
	}
	var out strings.Builder
	out.WriteString("$'")
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\'' || r == '\\':
			out.WriteByte('\\')
			out.WriteByte(s[i])
		case r == utf8.RuneError && n == 1, !unicode.IsPrint(r):
			for _, b := range []byte(s[i : i+n]) {
				fmt.Fprintf(&out, `\%03o`, b)
			}
		default:
			out.WriteString(s[i : i+n])
		}
		i += n
	}
	out.WriteByte('\'')
	return out.String()
}

// folderWord is a folder that stands alone in a command: one that starts with a
// dash would be taken for an option.
func folderWord(folder string) string {
	if strings.HasPrefix(folder, "-") {
		folder = "./" + folder
	}
	return word(folder)
}

// inNamespace is the option that names a namespace, with the space before it,
// and nothing where there is none.
func inNamespace(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " -n " + word(namespace)
}

// kindName is an object as kubectl takes it. A name that starts with a dash is
// no option behind its kind.
func kindName(o *kubeobj.Object) string {
	return word(strings.ToLower(o.Kind)+"/"+o.Name) + inNamespace(o.Namespace)
}
