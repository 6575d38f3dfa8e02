package console

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// loginLife is how long a browser stays logged in.
	loginLife = 12 * time.Hour
	// ticketLife is how long a log-in link works unless its maker asks for
	// another time: long enough to follow it, too short to find it later.
	ticketLife = 30 * time.Second
	// maxTickets bounds the links that wait to be followed.
	maxTickets = 1000
)

// login is one logged-in browser, or one socket opened with a bearer token.
// Its fields do not change.
type login struct {
	who     Identity
	token   digest // of the token it came from; zero when from a ticket
	expires time.Time
	over    chan struct{} // closed when it ends before it expires
}

type ticket struct {
	who     Identity
	expires time.Time
}

// logins keeps who is logged in. Secrets (cookie values, tickets) are keys
// only by their digest, so looking one up compares nothing secret.
type logins struct {
	now func() time.Time

	mu      sync.Mutex
	tokens  *Tokens
	open    map[digest]*login
	tickets map[digest]ticket
}

func newLogins(now func() time.Time, tokens *Tokens) *logins {
	return &logins{now: now, tokens: tokens, open: map[digest]*login{}, tickets: map[digest]ticket{}}
}

// bearer tells whose token this is.
func (l *logins) bearer(token string) (Identity, digest, bool) {
	d := digestOf(token)
	l.mu.Lock()
	tokens := l.tokens
	l.mu.Unlock()
	who, ok := tokens.lookup(d)
	return who, d, ok
}

// begin opens a login and returns the secret that a cookie carries.
func (l *logins) begin(who Identity, token digest) (secret string, lg *login) {
	secret = rand.Text()
	now := l.now()
	lg = &login{who: who, token: token, expires: now.Add(loginLife), over: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, old := range l.open {
		if !now.Before(old.expires) {
			l.drop(key, old)
		}
	}
	l.open[digestOf(secret)] = lg
	return secret, lg
}

// find returns the login of a secret while it is valid.
func (l *logins) find(secret string) (*login, bool) {
	key := digestOf(secret)
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	lg, ok := l.open[key]
	if !ok {
		return nil, false
	}
	if !now.Before(lg.expires) {
		l.drop(key, lg)
		return nil, false
	}
	return lg, true
}

// end closes the login of a secret, and with it its sockets.
func (l *logins) end(secret string) {
	key := digestOf(secret)
	l.mu.Lock()
	defer l.mu.Unlock()
	if lg, ok := l.open[key]; ok {
		l.drop(key, lg)
	}
}

// drop removes a login that is in the map. The caller holds mu.
func (l *logins) drop(key digest, lg *login) {
	delete(l.open, key)
	close(lg.over)
}

// setTokens replaces the tokens; logins whose token is gone, or now stands
// for somebody else, end.
func (l *logins) setTokens(t *Tokens) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tokens = t
	for key, lg := range l.open {
		if lg.token == (digest{}) {
			continue
		}
		if who, ok := t.lookup(lg.token); !ok || who != lg.who {
			l.drop(key, lg)
		}
	}
}

// newTicket issues a ticket that works once within ttl.
func (l *logins) newTicket(who Identity, ttl time.Duration) (string, error) {
	if !validName(who.Name) {
		return "", errors.New("console: new ticket: bad name")
	}
	if !who.Role.Reads() {
		return "", fmt.Errorf("console: new ticket: role %q opens nothing here", who.Role)
	}
	if ttl <= 0 {
		ttl = ticketLife
	}
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, t := range l.tickets {
		if !now.Before(t.expires) {
			delete(l.tickets, key)
		}
	}
	if len(l.tickets) >= maxTickets {
		return "", errors.New("console: new ticket: too many unused tickets")
	}
	secret := rand.Text()
	l.tickets[digestOf(secret)] = ticket{who: who, expires: now.Add(ttl)}
	return secret, nil
}

// redeem uses a ticket up.
func (l *logins) redeem(secret string) (Identity, bool) {
	key := digestOf(secret)
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	t, ok := l.tickets[key]
	delete(l.tickets, key)
	return t.who, ok && now.Before(t.expires)
}
