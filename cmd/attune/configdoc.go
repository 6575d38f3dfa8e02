package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// writeConfig prints every variable: as a table for people, as a Markdown
// table without values for documentation, or as an environment file. Values
// at fault are not repeated, secrets never shown.
func writeConfig(w io.Writer, format string, environ map[string]string, faults []advise) error {
	environ, _ = filled(environ, variables())
	var b strings.Builder
	switch format {
	case "table":
		t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "NAME\tDEFAULT\tVALUE\tMEANING")
		for _, v := range variables() {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", v.name, orDash(v.value), orDash(v.show(environ, faults)), v.help)
		}
		if err := t.Flush(); err != nil {
			return fmt.Errorf("write the table: %w", err)
		}
	case "markdown":
		fmt.Fprint(&b, "| variable | default | meaning |\n| --- | --- | --- |\n")
		for _, v := range variables() {
			value := ""
			if v.value != "" {
				value = "`" + v.value + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.name, value, v.help)
		}
	case "env":
		for _, v := range variables() {
			fmt.Fprintf(&b, "# %s\n", v.help)
			switch _, set := environ[v.name]; {
			case !set:
				fmt.Fprintf(&b, "#%s=%s\n", v.name, v.value)
			case v.secret || blamed(faults, v.name):
				fmt.Fprintf(&b, "#%s=%s\n", v.name, v.show(environ, faults))
			default:
				fmt.Fprintf(&b, "%s=%s\n", v.name, v.show(environ, faults))
			}
		}
	default:
		return fail("use table, markdown or env", "unknown format %q", format)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// show is the variable's value as it was given, or else its default.
func (v variable) show(environ map[string]string, faults []advise) string {
	value, set := environ[v.name]
	switch {
	case !set:
		return v.value
	case blamed(faults, v.name):
		return "(faulty)"
	case v.secret:
		return Secret(value).String()
	}
	return value
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
