package talk

import (
	"fmt"
	"strings"
)

// What customers write about; each goes into every sentence of asks.
var things = []string{
	"the blue kettle", "my garden chairs", "the winter coat", "a set of six glasses", "the desk lamp", "my train ticket",
	"the second invoice", "the phone contract", "a gift card for my sister", "the washing machine", "the repair of my bike",
	"the hotel booking in Porto", "my broadband", "the spare key", "the annual pass", "the replacement screen",
	"the birthday parcel", "the insurance form", "the coffee subscription", "the running shoes",
}

// asks are what customers want to know of a thing. Most are calm, some are not.
var asks = []string{
	"Hello, can you tell me how far along you are with %s?",
	"I would like to know when I can expect %s, since I am away from Thursday on.",
	"Is it possible to change the address for %s before it leaves?",
	"Could you send me the receipt for %s once more, my mailbox was full.",
	"Which of your shops has %s, and how late is it open on Saturday?",
	"I paid for %s by card last week and want to check that it went through.",
	"My neighbour says that a driver was here about %s, do you know more?",
	"What does it cost to send back %s if I no longer need it?",
	"I think you charged me twice for %s.",
	"Can I pick up %s myself, and what do I have to bring along?",
	"Please put %s under my partner's name, we share the account.",
	"Does the voucher from spring still count for %s?",
	"How do I cancel %s, and until which day?",
	"There was a note that %s is held at customs, what now?",
	"I asked about %s yesterday and have not heard from you.",
	"It still does not work with %s, I tried what you said.",
	"Thanks, that helps. And what about %s?",
	"Two of the parts are missing from %s, can you add them?",
	"Do you also have %s in a larger size or in green?",
	"I need a written confirmation of %s for my employer.",
	"Before I forget it, is there a warranty on %s?",
	"The page shows an error as soon as I open %s.",
	"My daughter ordered %s by mistake, she is nine.",
	"Which documents do you need from me for %s?",
	"Let me know if anything is missing for %s, I can send photos.",
}

// stiff are sentences of a bot with bad manners, each of which the English pack
// puts into better words however often it is said.
var stiff = []string{
	"Please be advised that we looked into it this morning.",
	"We apologize for any inconvenience.",
	"Thank you for your patience.",
	"Your message is very important to us.",
	"Please note that the warehouse answers in the order of arrival.",
	"We are pleased to inform you that the first step is complete.",
	"In order to go on, we compare it with the list of the driver.",
	"As per our records, it left the building in the evening.",
	"We will contact you in a timely manner.",
	"I have passed it to the relevant department.",
	"Please reply at your earliest convenience.",
	"For your convenience, the status is on the page of the order as well.",
	"It is late due to the fact that the road was closed.",
	"Please do not hesitate to contact us.",
	"We wrote to you with regard to the address on the label.",
	"Kindly keep the label until it has arrived.",
	"You can utilize the form on the page of the order.",
	"The team will commence with it in the morning.",
	"Your request is being processed.",
	"We endeavour to answer on the same day.",
	"Please wait while I compare the two lists.",
	"We appreciate your understanding.",
	"The counter in the station is closed at the present time.",
	"As a chatbot, I look at the list and not at the shelf.",
}

// plain are sentences that nobody has to reword.
var plain = []string{
	"The driver has it on the list for the afternoon tour.",
	"It lies in the shop at the station, behind the counter.",
	"The address on the label is the one in your account.",
	"Both parts travel in one box, and it has your name on it.",
	"The money was sent back to the card that you paid with.",
	"Somebody in the workshop tests it before it goes out.",
	"A photo of the label is in the mail that we sent on Monday.",
	"The next tour into your street is in the morning.",
}

// closings carry the number by which a reply is known again.
var closings = []string{
	"The order is number %d.", "Its number is %d.", "You find it under %d.", "On the label stands %d.", "Ask for %d at the counter.",
}

var utterances = func() []string {
	var all []string
	for i := range len(asks) * len(things) { // neighbours differ in both
		all = append(all, fmt.Sprintf(asks[i%len(asks)], things[(i+2*(i/len(asks)))%len(things)]))
	}
	return all
}()

// replies are the sentences of a list, each with every closing and a number of
// its own.
func replies(sentences []string) []reply {
	var all []reply
	for i := range 600 {
		number := 41000 + i
		first := sentences[i%len(sentences)]
		last := fmt.Sprintf(closings[(i/len(sentences))%len(closings)], number)
		all = append(all, reply{
			text:   []byte(strings.Join([]string{first, plain[(i+i/len(plain))%len(plain)], last}, " ")),
			number: fmt.Append(nil, number),
		})
	}
	return all
}

type reply struct {
	text, number []byte
}

var (
	stiffReplies = replies(stiff)
	plainReplies = replies(plain)
)

// Utterances are all texts that widgets send.
func Utterances() []string { return utterances }

// Replies are all texts of the backend that have to be reworded.
func Replies() []string {
	all := make([]string, 0, len(stiffReplies))
	for _, r := range stiffReplies {
		all = append(all, string(r.text))
	}
	return all
}
