package rules_test

import "testing"

func TestBotFallback(t *testing.T) {
	detected{
		detector: "bot.fallback",
		fires: []string{
			"b: Sorry, I did not get that.", "b: I'm not sure I understand.", "b: Could you please rephrase your question?",
			"b: That is not a valid option.", "b: Das habe ich leider nicht verstanden.", "b: No he entendido tu pregunta.",
			"b: Je n'ai pas compris votre question.",
		},
		silent: []string{
			"b: Got it, thanks!", "b: I understand that you want to return a kettle.", "b: Here is your order.",
			"b: Ich habe verstanden.", "b: He entendido.", "b: J'ai bien compris.",
		},
	}.run(t)
}

func TestBotRefusal(t *testing.T) {
	detected{
		detector: "bot.refusal",
		fires: []string{
			"b: I can't help with that.", "b: I am unable to change the address.", "b: There are no rooms on that day.",
			"b: No problem, but I can't cancel it here.", "b: Your payment was declined.",
			"b: Das ist leider nicht möglich.", "b: Lo siento, no puedo ayudarte con eso.", "b: Je ne peux pas vous aider.",
		},
		silent: []string{
			"b: I can help with that.", "b: No problem, your table is booked.", "b: We can't wait to see you.",
			"b: Sorry to hear that, let me look.", "b: Das mache ich gern.", "b: Claro que puedo ayudarte.", "b: Je peux vous aider.",
		},
	}.run(t)
}

func TestBotRepeat(t *testing.T) {
	detected{
		detector: "bot.repeat",
		fires: []string{
			"b: Please enter the number on your bill. / c: it is 12 / b: Please enter the number on your bill.",
			"b: Please enter the number on your bill. / c: a / b: Hm, one moment. / c: b / b: Please enter the number on your bill.",
			"b: Please enter the number on your bill. / c: a / b: PLEASE ENTER THE NUMBER ON YOUR BILL!",
		},
		silent: []string{
			"b: Please enter the number on your bill.",
			"b: Please enter the number on your bill. / c: a / b: Please enter the date of your bill.",
			"b: Can I help you with anything else? / c: a / b: Can I help you with anything else?",
			"b: Please confirm your booking for 2 people. / c: a / b: Please confirm your booking for 2 people.",
			"b: Choose one:\n- Orders\n- Bills\n- Returns / c: a / b: Choose one:\n- Orders\n- Bills\n- Returns",
			"b: Please enter the number on your bill. / c: a / b: 1 / c: b / b: 2 / c: d / b: 3 / c: e / b: Please enter the number on your bill.",
		},
	}.run(t)
	detected{
		detector: "bot.repeat, same: mostly, times: 2, window: 4",
		fires:    []string{"b: Please enter the number on your bill. / b: Please enter the number of your bill. / b: Enter the number on your bill please."},
		silent:   []string{"b: Please enter the number on your bill. / b: Enter the number on your bill please."},
	}.run(t)
}
