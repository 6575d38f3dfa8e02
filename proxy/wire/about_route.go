package wire

import "strings"

// describeRoutes lists the HTTP routes and what is read on them.
func (p *Profile) describeRoutes() string {
	var all unique
	for _, r := range p.routes {
		all.add(strings.Join(append([]string{code(r.method + " /" + strings.Join(r.pattern, "/"))}, r.describe()...), ", "))
	}
	return strings.Join(all, "; ")
}

func (r *Route) describe() []string {
	var says []string
	if r.request != nil {
		for _, f := range r.request.frames[Up] {
			for _, t := range f.text {
				says = append(says, f.role.String()+" "+t.describe())
			}
		}
	}
	if r.answer != nil {
		says = append(says, "a history that reads as what was sent")
	}
	for _, at := range r.urls {
		says = append(says, code(at.src)+" leads to Attune")
	}
	return says
}
