package main

import (
	"fmt"
	"io"
	"strings"
)

// The exit codes of every command.
const (
	exitOK       = 0
	exitFindings = 1 // the command worked and found something wrong in what it was given
	exitFailure  = 2 // usage, configuration, input or output
)

// advise is an error together with what to do about it.
type advise struct{ problem, hint string }

// Error returns the problem alone.
func (a advise) Error() string { return a.problem }

// failure is an error that ends a command, with its exit code and every
// problem behind it.
type failure struct {
	code     int
	problems []advise
}

// Error joins the problems.
func (f *failure) Error() string {
	var all []string
	for _, p := range f.problems {
		all = append(all, p.problem)
	}
	return strings.Join(all, "; ")
}

// fail makes a failure of usage or input or output with one problem.
func fail(hint, format string, args ...any) *failure {
	return &failure{exitFailure, []advise{{fmt.Sprintf(format, args...), hint}}}
}

// findings ends a command whose findings have been printed.
func findings() *failure { return &failure{code: exitFindings} }

// print writes the problems for people.
func (f *failure) print(w io.Writer) {
	for _, p := range f.problems {
		fmt.Fprintf(w, "attune: error: %s\n", p.problem)
		if p.hint != "" {
			fmt.Fprintf(w, "hint: %s\n", p.hint)
		}
	}
}

// warn writes a warning for people.
func warn(w io.Writer, a advise) {
	fmt.Fprintf(w, "attune: warning: %s\n", a.problem)
	if a.hint != "" {
		fmt.Fprintf(w, "hint: %s\n", a.hint)
	}
}
