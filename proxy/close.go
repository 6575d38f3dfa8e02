package proxy

import "attune/proxy/frame"

// ending is one row of the table of everything that Attune closes a socket
// for. Reasons go to the peer; they name the rule that was broken and nothing
// internal.
type ending struct {
	code   uint16
	reason string
	// cause is the name in logs; the metric's label is the code.
	cause string
	// retry says whether a widget may come back at once.
	retry bool
}

// The table. README.md documents it for authors of widgets; a test compares
// the two.
var (
	endIdle        = ending{1000, "idle", "idle", true}
	endGone        = ending{1001, "peer gone", "peer_gone", true}
	endProtocol    = ending{1002, "protocol error", "protocol", false}
	endText        = ending{1007, "text is not UTF-8", "utf8", false}
	endRate        = ending{1008, "too many messages", "rate", false}
	endSlow        = ending{1008, "too slow", "slow", true}
	endUnfinished  = ending{1008, "message not finished in time", "unfinished", true}
	endTooBig      = ending{1009, "message too big", "too_big", false}
	endFault       = ending{1011, "internal error", "fault", true}
	endDrain       = ending{1012, "restarting", "drain", true}
	endUnreachable = ending{1013, "try again later", "backend", true}
)

// endings lists the table for documentation and tests.
var endings = []ending{
	endIdle, endGone, endProtocol, endText, endRate, endSlow, endUnfinished, endTooBig, endFault, endDrain, endUnreachable,
}

// violation returns the row for a fault that the frame codec found.
func violation(err *frame.Error) ending {
	switch err.Code {
	case 1007:
		return endText
	case 1009:
		return endTooBig
	default:
		return endProtocol
	}
}
