package rules

import "slices"

// Desks lists the desks that the rules of the set hand conversations over to, by name,
// sorted. Rules that name none are not counted.
func (s *Set) Desks() []string {
	var names []string
	for _, p := range s.specs {
		for _, x := range p.signals {
			names = append(names, x.desk)
		}
		for _, x := range p.asks {
			names = append(names, x.desk)
		}
		for _, x := range p.escalations {
			names = append(names, x.desk)
		}
		for _, x := range p.crisis {
			names = append(names, x.desk)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}
