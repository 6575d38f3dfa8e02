package console

import (
	_ "embed"
	"net/http"
	"slices"
)

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the description of the API and of what webhook desks are told,
// as OpenAPI 3.1.
func OpenAPI() []byte { return slices.Clone(openAPI) }

// openAPI serves it.
func (c *Console) openAPI(w http.ResponseWriter, _ *http.Request, _ visitor) {
	w.Header().Set("Content-Type", "application/json")
	// The only possible failure is a peer that left.
	_, _ = w.Write(openAPI)
}
