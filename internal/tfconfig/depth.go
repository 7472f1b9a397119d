package tfconfig

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"polygraph/internal/evidence"
)

// tooDeep refuses a source for which the parser would recurse too deeply, or
// which has too many tokens. Go ends the process when a stack overflows, so
// this cannot be left to the parser.
func tooDeep(src []byte) *evidence.Problem {
	nesting, tokens := 0, 0
	gap := true
	for _, c := range src {
		word := c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
		if word && gap || !word && c > ' ' || c == '\n' {
			tokens++
		}
		gap = !word
		switch c {
		case '(', '[', '{', '"':
			nesting += 10
		case '<': // a heredoc too
			nesting += 10
		case '!', '-', '?', '+', '*', '/', '%', '>', '&', '|', '=':
			nesting++
		}
	}
	if tokens > MaxTokens {
		return &evidence.Problem{
			Reason: fmt.Sprintf("more than %d words and signs: not read", MaxTokens),
			Do:     "split the file: Terraform reads all files of a folder as one",
		}
	}
	if nesting <= MaxNesting {
		return nil // not even if all of them were inside each other
	}
	return nested(src)
}

// frame is a bracket, a quote or a template that is open.
type frame struct {
	operators int  // since the last comma or, in a body, the last line
	lines     bool // a new line ends an expression
}

// nested measures with the tokens of the parser.
func nested(src []byte) *evidence.Problem {
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	stack := []frame{{lines: true}}
	sum := 0
	reset := func() {
		top := &stack[len(stack)-1]
		sum -= top.operators
		top.operators = 0
	}
	for i := range tokens {
		top := &stack[len(stack)-1]
		switch t := tokens[i].Type; t {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp,
			hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			stack = append(stack, frame{lines: t == hclsyntax.TokenOBrace})
			sum += 10
		case hclsyntax.TokenTemplateControl:
			// What is between %{ if } and %{ endif } counts for the template
			// around it, which has no commas.
			switch word := keyword(src, tokens, i); {
			case word == "if" || word == "for":
				top.operators += 10
				sum += 10
			case strings.HasPrefix(word, "end") && top.operators >= 10:
				top.operators -= 10
				sum -= 10
			}
			stack = append(stack, frame{})
			sum += 10
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
			hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			if len(stack) > 1 {
				reset()
				stack = stack[:len(stack)-1]
				sum -= 10
			}
			if t == hclsyntax.TokenCBrack || t == hclsyntax.TokenCParen {
				// a[b][b]...: each is around those before it.
				stack[len(stack)-1].operators++
				sum++
			}
		case hclsyntax.TokenComma:
			reset()
		case hclsyntax.TokenNewline:
			if top.lines {
				reset()
			}
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenQuestion, hclsyntax.TokenPlus, hclsyntax.TokenStar,
			hclsyntax.TokenSlash, hclsyntax.TokenPercent, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp,
			hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan,
			hclsyntax.TokenGreaterThanEq, hclsyntax.TokenColon, hclsyntax.TokenDot, hclsyntax.TokenFatArrow:
			top.operators++
			sum++
		}
		if sum > MaxNesting {
			at := tokens[i].Range
			return &evidence.Problem{
				Reason: fmt.Sprintf("nested too deeply at line %d: not read", at.Start.Line),
				Do:     "split the expression with locals",
			}
		}
	}
	return nil
}

// keyword is the token behind tokens[i].
func keyword(src []byte, tokens hclsyntax.Tokens, i int) string {
	if i+1 >= len(tokens) {
		return ""
	}
	return string(tokens[i+1].Range.SliceBytes(src))
}
