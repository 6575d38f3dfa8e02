package rules

import "bytes"

// mayHoldAddress is the cheap question asked once a message: could there be a URL or an e-mail address at all?
func mayHoldAddress(p []byte) bool {
	if bytes.IndexByte(p, '@') >= 0 || bytes.IndexByte(p, ':') >= 0 && bytes.Contains(p, []byte("://")) {
		return true
	}
	for rest := p; ; {
		at := bytes.IndexByte(rest, '.')
		if at < 0 {
			return false
		}
		switch before := rest[:at]; {
		case bytes.HasSuffix(before, []byte("www")), bytes.HasSuffix(before, []byte("WWW")), bytes.HasSuffix(before, []byte("Www")):
			return true
		}
		rest = rest[at+1:]
	}
}

// addressScan finds the addresses of a message from left to right. It remembers the next candidate of each kind, so
// that no byte is looked at more than a few times however the message is made.
type addressScan struct {
	p            []byte
	stop         int // end of the run of non-spaces being searched
	url, www, at int // next "://", "www." and "@" of that run; stop when there is none left
}

// next returns the first address at or behind i in the run of non-spaces that holds p[i]; kind is 0 when none is
// left in it, and then nothing needs to be asked before a.stop.
func (a *addressScan) next(i int) (start, end int, kind tokenKind) {
	if i >= a.stop {
		a.stop = i
		for a.stop < len(a.p) && !endsAddress(a.p[a.stop]) {
			a.stop++
		}
		a.url, a.www, a.at = -1, -1, -1
	}
	for {
		if a.url < i {
			a.url = a.find(i, "://")
		}
		if a.www < i {
			a.www = a.findWWW(i)
		}
		if a.at < i {
			a.at = a.find(i, "@")
		}
		switch at := min(a.url, a.www, a.at); {
		case at == a.stop:
			return 0, 0, 0
		case at == a.url:
			if start, end := a.scheme(i); start < end {
				return start, end, kindLetter
			}
			a.url = a.find(at+1, "://")
		case at == a.www:
			if end := a.trimmed(at); end > at+4 && asciiClass[a.p[at+4]]&classWord != 0 {
				return at, end, kindLetter
			}
			a.www = a.findWWW(at + 1)
		default:
			if start, end := a.mail(i); start < end {
				return start, end, kindLetter | kindEmail
			}
			a.at = a.find(at+1, "@")
		}
	}
}

// find returns the next place of what in the run, stop when there is none.
func (a *addressScan) find(from int, what string) int {
	if from >= a.stop {
		return a.stop
	}
	if at := bytes.Index(a.p[from:a.stop], []byte(what)); at >= 0 {
		return from + at
	}
	return a.stop
}

// findWWW returns the next "www." at the start of a word, stop when there is none.
func (a *addressScan) findWWW(from int) int {
	p := a.p
	for at := from; at+4 <= a.stop; at++ {
		if p[at]|0x20 == 'w' && p[at+1]|0x20 == 'w' && p[at+2]|0x20 == 'w' && p[at+3] == '.' &&
			(at == 0 || asciiClass[p[at-1]]&classWord == 0) {
			return at
		}
	}
	return a.stop
}

// scheme returns the URL around a.url; empty when no scheme stands before it or nothing behind it.
func (a *addressScan) scheme(low int) (start, end int) {
	start = a.url
	for start > low && asciiClass[a.p[start-1]]&classWord != 0 {
		start--
	}
	if start == a.url {
		return 0, 0
	}
	if end = a.trimmed(start); end <= a.url+3 {
		return 0, 0
	}
	return start, end
}

// mail returns the e-mail address around a.at; empty when it is none.
func (a *addressScan) mail(low int) (start, end int) {
	p := a.p
	start = a.at
	for start > low && isLocalByte(p[start-1]) {
		start--
	}
	end = a.at + 1
	for end < a.stop && (asciiClass[p[end]]&classWord != 0 || p[end] == '.' || p[end] == '-') {
		end++
	}
	for end > a.at && (p[end-1] == '.' || p[end-1] == '-') {
		end--
	}
	if start == a.at || end <= a.at+3 || bytes.IndexByte(p[a.at+2:end], '.') < 0 {
		return 0, 0
	}
	return start, end
}

// trimmed returns the end of the run without the punctuation that belongs to the sentence around it. A closing
// bracket stays when the address opens one itself.
func (a *addressScan) trimmed(start int) int {
	run := a.p[start:a.stop]
	extra := bytes.Count(run, []byte{')'}) - bytes.Count(run, []byte{'('})
	end := len(run)
	for end > 0 {
		switch run[end-1] {
		case '.', ',', ';', ':', '!', '?', '\'', '*', '_', '`', '~', ']', '}':
		case ')':
			if extra <= 0 {
				return start + end
			}
			extra--
		default:
			return start + end
		}
		end--
	}
	return start + end
}

// endsAddress reports whether c cannot be part of an address in running text.
func endsAddress(c byte) bool { return c <= ' ' || c == '<' || c == '>' || c == '"' }

// isLocalByte reports whether c may stand before the @ of an e-mail address.
func isLocalByte(c byte) bool {
	return asciiClass[c]&classWord != 0 || c == '.' || c == '_' || c == '-' || c == '+' || c == '%'
}
