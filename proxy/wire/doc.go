// Package wire finds the words in the messages of chat and voice protocols, and puts other words in their place
// without touching another byte.
//
// A [Profile] is a small YAML file that says how one backend family shapes its messages: which JSON messages are
// speech and whose, under which paths their words stand, what a button's payload is, how to say something of our own.
// [Lookup] finds the profiles that come with Attune and those in files; profiles/README.md explains the format.
//
// A [Translator] reads the messages of one bridge. What it does not know, cannot parse or finds too deep passes
// unread, for a reason that [Translator.Unread] tells; it never delays, reorders or drops anything, and it does no I/O.
// Profiles are immutable and may be shared. A Translator belongs to one caller at a time.
//
// Protocols wrap their documents in framings, each in a file of its own: raw JSON, Socket.IO, SockJS, SignalR, STOMP,
// XMPP's stanzas. One message may hold several records, each read on its own with metadata of its own.
// [Translator.Cut] leaves some of them out. [SplitPolling] takes the bodies of Socket.IO's HTTP polling apart into
// messages.
//
// [Profile.Check] runs a profile against a [Recording], byte for byte, and [Learn] proposes one from a recording; they
// are tools for people and stand beside the messages, not in their way.
//
// Splicing changes the edited string's span alone, and a length that counts it. Duplicate keys, big numbers, odd
// spacing, lone surrogates and the spelling of everything else stay as they came, also where JSON stands in a string of
// JSON.
package wire
