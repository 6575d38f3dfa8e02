package console

// Routes are the ways into the API, as method and path.
func (c *Console) Routes() [][2]string {
	out := [][2]string{{"GET", agentPath}}
	for _, r := range c.routes() {
		out = append(out, [2]string{r.method, r.path})
	}
	return out
}
