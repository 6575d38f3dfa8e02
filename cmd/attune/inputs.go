package main

import (
	"slices"
	"strings"

	"attune/proxy"
	"attune/proxy/console"
	"attune/rules"
)

// inputs is what the values of a configuration lead to: files, profiles, rules.
type inputs struct {
	routes  []proxy.Route
	mode    rules.Mode
	desks   *proxy.Desks
	keys    *keyring
	replies console.Replies
	rules   *ruleSource
}

// read follows a configuration to its files and returns every fault in them at once.
func read(c Config) (in inputs, faults []advise) {
	var found [4][]advise
	in.routes, found[0] = routes(c)
	in.desks, found[1] = desks(c)
	in.keys = &keyring{path: c.TokensFile}
	found[2] = fileFaults("ATTUNE_TOKENS_FILE", in.keys.load(), "write lines name:role:token")
	in.replies, found[3] = replies(c)
	faults = slices.Concat(found[:]...)
	var err error
	if in.mode, err = rules.ParseMode(c.Mode); err != nil {
		faults = append(faults, advise{"ATTUNE_MODE: " + err.Error(), ""})
	}
	in.rules = &ruleSource{dir: c.rulesDir()}
	if _, diagnostics, err := in.rules.load(); err != nil || diagnostics.HasErrors() {
		faults = append(faults, rulesFault("ATTUNE_RULES", c.rulesDir(), diagnostics, err))
	}
	return in, faults
}

// unstaffed tells whether customers are told that a person comes and nobody can come: their desks are for people with
// tokens, and no agent has one.
func (in *inputs) unstaffed() bool {
	return in.mode != rules.ObserveAll && in.desks.WantTokens() && !in.keys.held.Load().Has(console.Agent)
}

// faultsWithin are the faults of what a configuration leads to, but for variables that
// are at fault themselves.
func faultsWithin(c Config, already []advise) []advise {
	_, found := read(c)
	return slices.DeleteFunc(found, func(a advise) bool {
		name, _, _ := strings.Cut(a.problem, ":")
		return blamed(already, name)
	})
}

// nowhere is the fault of a configuration that leads to no bot.
func nowhere(c Config) []advise {
	if c.Routes != "" || c.BackendURL != "" {
		return nil
	}
	return []advise{{"ATTUNE_BACKEND_URL is not set", "set it to the bot's address: ATTUNE_BACKEND_URL=ws://127.0.0.1:3000 (or try 'attune demo')"}}
}
