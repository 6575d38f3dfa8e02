package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed assets
var assets embed.FS

// static is the files that pages load. Their URL holds a hash over all of
// them, so browsers may keep them for ever, and modules that import one
// another by name always come from one version.
type static struct {
	version string
	files   map[string]file
}

type file struct {
	media string
	data  []byte
}

func newStatic() *static {
	s := &static{files: map[string]file{}}
	sum := sha256.New()
	names, err := fs.Glob(assets, "assets/*")
	if err != nil {
		panic(err) // only a bad pattern
	}
	for _, name := range names {
		data, err := assets.ReadFile(name)
		if err != nil {
			panic(err) // it was listed a line ago
		}
		if path.Ext(name) == ".html" {
			continue
		}
		base := path.Base(name)
		s.files[base] = file{media: mediaOf(base), data: data}
		sum.Write([]byte(base))
		sum.Write(data)
	}
	s.version = hex.EncodeToString(sum.Sum(nil)[:8])
	return s
}

// mediaOf does not ask the machine's own tables for what we ship.
func mediaOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func parsePages() *template.Template {
	return template.Must(template.ParseFS(assets, "assets/*.html"))
}

// asset serves one static file; they hold nothing secret and the log-in page
// needs them.
func (c *Console) asset(w http.ResponseWriter, r *http.Request) {
	f, ok := c.static.files[r.PathValue("file")]
	if !ok || r.PathValue("version") != c.static.version {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.media)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	// The only possible failure is a peer that left.
	_, _ = w.Write(f.data)
}

// page is what the templates see.
type page struct {
	Static   string // prefix of the static files
	Who      Identity
	Speaks   bool
	Refused  bool
	Verdicts []string
}

func (c *Console) render(w http.ResponseWriter, status int, name string, p page) {
	p.Static = "/console/static/" + c.static.version
	var b bytes.Buffer
	if err := c.pages.ExecuteTemplate(&b, name, p); err != nil {
		c.log.Error("page not rendered", "page", name, "error", err)
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

// home is the agents' page.
func (c *Console) home(w http.ResponseWriter, r *http.Request) {
	who, ok := c.identify(r)
	if !ok || !who.Role.Reads() {
		http.Redirect(w, r, "/console/login", http.StatusSeeOther)
		return
	}
	c.render(w, http.StatusOK, "console.html", page{Who: who.Identity, Speaks: who.Role.Speaks(), Verdicts: Verdicts()})
}

// loginPage shows the log-in form, or uses a ticket up.
func (c *Console) loginPage(w http.ResponseWriter, r *http.Request) {
	value := r.URL.Query().Get("ticket")
	if value == "" {
		c.render(w, http.StatusOK, "login.html", page{})
		return
	}
	who, ok := c.logins.redeem(value)
	if !ok {
		c.log.Warn("login refused", "way", "ticket", "peer", r.RemoteAddr)
		c.render(w, http.StatusUnauthorized, "login.html", page{Refused: true})
		return
	}
	c.welcome(w, r, who, digest{}, "ticket")
}

// logIn takes the token that the form sends.
func (c *Console) logIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	who, ok := c.bearer(strings.TrimSpace(r.PostFormValue("token")))
	if !ok || !who.Role.Reads() {
		c.log.Warn("login refused", "way", "token", "name", who.Name, "peer", r.RemoteAddr)
		c.render(w, http.StatusUnauthorized, "login.html", page{Refused: true})
		return
	}
	c.welcome(w, r, who.Identity, who.token, "token")
}

// welcome opens a login, closing the one the browser had.
func (c *Console) welcome(w http.ResponseWriter, r *http.Request, who Identity, token digest, way string) {
	if old, err := r.Cookie(c.cookieName(r)); err == nil {
		c.logins.end(old.Value)
	}
	secret, _ := c.logins.begin(who, token)
	http.SetCookie(w, c.cookie(r, secret))
	c.log.Info("login", "way", way, "name", who.Name, "role", string(who.Role))
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		// A link followed from another site: a redirect would count as that
		// site's and go without our strict cookie. A page of ours that goes
		// on by itself does not.
		w.Header().Set("Refresh", "0; url=/console/")
		c.render(w, http.StatusOK, "welcome.html", page{Who: who})
		return
	}
	http.Redirect(w, r, "/console/", http.StatusSeeOther)
}

// logOut ends the login and its sockets.
func (c *Console) logOut(w http.ResponseWriter, r *http.Request) {
	if who, ok := c.identify(r); ok {
		c.log.Info("logout", "name", who.Name)
	}
	if k, err := r.Cookie(c.cookieName(r)); err == nil {
		c.logins.end(k.Value)
	}
	http.SetCookie(w, c.cookie(r, ""))
	http.Redirect(w, r, "/console/login", http.StatusSeeOther)
}
