package rules_test

import "testing"

func TestCustomerAgain(t *testing.T) {
	detected{
		detector: "customer.again",
		fires: []string{
			"c: it happened again", "c: my parcel still has not come", "c: the app keeps crashing", "c: same answer as before",
			"c: es geht immer noch nicht", "c: sigue sin funcionar", "c: ça ne marche toujours pas",
		},
		silent: []string{"c: thanks again", "c: do you still have rooms?", "c: hello again, bye", "c: where is my parcel"},
	}.run(t)
}

func TestCustomerAlternative(t *testing.T) {
	detected{
		detector: "customer.alternative",
		fires: []string{
			"b: There is one at 9. / c: is there another time?", "b: Here is a blue one. / c: something else please",
			"b: Um 9 Uhr. / c: gibt es etwas anderes?", "b: A las 9. / c: hay otra opción?", "b: À 9 heures. / c: autre chose ?",
		},
		silent: []string{"c: is there another time?", "b: There is one at 9. / c: nothing else, thanks", "b: There is one at 9. / c: that one"},
	}.run(t)
}

func TestCustomerBurst(t *testing.T) {
	detected{
		detector: "customer.burst",
		fires:    []string{"c: hello / c: are you / c: there"},
		silent: []string{
			"c: hello / c: there", "c: hello / c: are you / b: Yes. / c: there", "c: a / c: b / c: d / c: e",
			"c: a / c: b / a: I am here. / c: d",
		},
	}.run(t)
	detected{detector: "customer.burst, messages: 2", fires: []string{"c: a / c: b"}, silent: []string{"c: a", "c: a / c: b / c: d"}}.run(t)
}

func TestCustomerCheckAgain(t *testing.T) {
	detected{
		detector: "customer.check-again",
		fires:    []string{"c: are you sure?", "c: please check again", "c: that can't be right", "c: bist du sicher?", "c: estás seguro?", "c: vous êtes sûr ?"},
		silent:   []string{"c: I am sure", "c: check my order", "c: that is right"},
	}.run(t)
}

func TestCustomerCorrection(t *testing.T) {
	detected{
		detector: "customer.correction",
		fires: []string{
			"c: no, I said Tuesday", "c: that's not what I asked", "c: wrong address", "c: you misunderstood me",
			"c: das habe ich nicht gesagt", "c: ich meine die andere Adresse", "c: eso no es lo que dije", "c: ce n'est pas ce que j'ai dit",
		},
		silent: []string{"c: Tuesday please", "c: what did you say?", "c: is this the right address?", "c: wie kann ich meine Adresse ändern?"},
	}.run(t)
}

func TestCustomerEffort(t *testing.T) {
	detected{
		detector: "customer.effort",
		fires: []string{
			"c: this is the third time I ask", "c: I have been waiting for an hour", "c: I already told you", "c: how many times do I have to say it",
			"c: ich habe es schon dreimal gesagt", "c: ya te lo he dicho", "c: je vous l'ai déjà dit",
		},
		silent: []string{"c: the third one please", "c: at what time do you open?", "c: tell me more"},
	}.run(t)
}

func TestCustomerFailure(t *testing.T) {
	detected{
		detector: "customer.failure",
		fires: []string{
			"c: it does not work", "c: I can't log in", "c: I get an error message", "c: my phone is broken", "c: I was charged twice",
			"c: es funktioniert nicht", "c: no funciona", "c: ça ne marche pas",
		},
		silent: []string{"c: it works", "c: how does it work?", "c: I can log in now", "c: which phones do you have?"},
	}.run(t)
}

func TestCustomerNoThenMore(t *testing.T) {
	detected{
		detector: "customer.no-then-more",
		fires: []string{
			"b: The red one is sent. / c: no, the blue one", "c: um, no, the blue one", "b: Do you need parking? / c: no, I said a table, not parking",
			"c: nein, die blaue bitte", "c: no, el azul por favor", "c: non, le bleu s'il vous plaît",
		},
		silent: []string{
			"c: no", "c: no thanks", "c: no problem at all", "b: Do you need parking? / c: no, I came by bus", "b: Anything else? / c: no that is all",
			"b form: Your name? / c: no name given", "c: the blue one, no doubt",
			"b: Votre dossier est ouvert. / c: je ne trouve pas ma facture", "b: Der Tarif gilt. / c: ich hab ne Frage dazu",
		},
	}.run(t)
	detected{
		detector: "customer.no-then-more, words: 4",
		fires:    []string{"c: no, the blue one on top"}, silent: []string{"c: no, the blue one"},
	}.run(t)
}

func TestCustomerPoliteButFailing(t *testing.T) {
	const failed = "b: Sorry, I did not get that. / c: my bill / b: I can't help with that. / "
	detected{
		detector: "customer.polite-but-failing",
		fires:    []string{failed + "c: ok, thanks", failed + "c: bye", failed + "c: never mind, that's all"},
		silent: []string{
			"c: thanks", "b: I can't help with that. / c: thanks", failed + "c: my bill", failed + "b: Here is your bill. / c: thanks",
			failed + "c: seit gestern geht nichts mehr",
		},
	}.run(t)
	detected{
		detector: "customer.polite-but-failing, failures: 1",
		fires:    []string{"b: I can't help with that. / c: thanks"}, silent: []string{"b: Here it is. / c: thanks"},
	}.run(t)
}

func TestCustomerRefused(t *testing.T) {
	detected{
		detector: "customer.negation-after-refusal",
		fires:    []string{"b: I can't help with that. / c: that's not good", "b: Sorry, I did not get that. / c: no!", "b: Das ist nicht möglich. / c: that is not true"},
		silent:   []string{"c: that's not good", "b: Here it is. / c: that's not good", "b: I can't help with that. / c: no problem, thanks", "b: I can't help with that. / c: who can?"},
	}.run(t)
	detected{
		detector: "customer.question-after-refusal",
		fires:    []string{"b: I can't help with that. / c: why", "b: I can't help with that. / c: and my bill?", "b: There are no rooms. / c: what about Monday"},
		silent: []string{
			"c: why?", "b: Here it is. / c: why?", "b: I can't help with that. / c: my bill", "b: I can't help with that. / c: thanks, ok?",
			"b: Sorry, I did not get that. / c: what?",
		},
	}.run(t)
}

func TestCustomerRejects(t *testing.T) {
	detected{
		detector: "customer.rejects",
		fires: []string{
			"b: Here is a blue one. / c: not that one", "b: Try this link. / c: that doesn't help", "b: Try it. / c: that is useless",
			"b: Hier. / c: das hilft mir nicht", "b: Aquí. / c: eso no me sirve", "b: Voici. / c: ça ne m'aide pas",
		},
		silent: []string{"c: not that one", "b: Here is a blue one. / c: that one", "b: Anything else? / c: I don't need anything, that's all"},
	}.run(t)
}

func TestCustomerRepeat(t *testing.T) {
	detected{
		detector: "customer.repeat",
		fires: []string{
			"c: where is my parcel 1182 / b: Hm. / c: where is my parcel 1182",
			"c: where is my parcel 1182 / b: Hm. / c: WHERE is my PARCEL 1182???",
			"c: my router will not connect to the internet / b: Hm. / c: my router still does not connect to the internet",
			"c: the kettle I ordered leaks / b: Hm. / c: a / b: Hm. / c: b / b: Hm. / c: the kettle I ordered is leaking",
			"c: mein Router verbindet sich nicht mit dem Internet / b: Hm. / c: der Router verbindet sich einfach nicht mit dem Internet",
		},
		silent: []string{
			"c: where is my parcel", "c: yes / b: Sure? / c: yes", "c: 12345 / b: Again? / c: 12346", "c: thank you / b: Hm. / c: thank you",
			"c: where is my parcel 1182 / b: Hm. / c: how do I return a kettle",
			"c: where is my parcel 1182 / b: 1 / c: a / b: 2 / c: b / b: 3 / c: d / b: 4 / c: where is my parcel 1182",
		},
	}.run(t)
	detected{
		detector: "customer.repeat, same: exactly, times: 2",
		fires:    []string{"c: where is my parcel / c: where is my parcel / c: Where is my parcel?"},
		silent:   []string{"c: where is my parcel / c: Where is my parcel?", "c: where is my parcel / c: where is my parcel / c: so where is that parcel"},
	}.run(t)
}

func TestCustomerReturns(t *testing.T) {
	detected{
		detector: "customer.returns",
		fires:    []string{"c: where is my parcel 1182 / e: reconnect / c: where is my parcel 1182"},
		silent: []string{
			"c: where is my parcel 1182 / c: where is my parcel 1182", "c: where is my parcel 1182 / e: reconnect / c: my bill is wrong",
			"e: reconnect / c: where is my parcel 1182", "c: where is my parcel 1182 / e: reconnect / c: hello / c: where is my parcel 1182",
		},
	}.run(t)
}

func TestCustomerShouting(t *testing.T) {
	detected{
		detector: "customer.shouting",
		fires:    []string{"c: WHERE IS MY PARCEL", "c: WHERE is MY PARCEL AGAIN", "c: WO IST MEIN PÄCKCHEN"},
		silent: []string{
			"c: where is my parcel", "c: OK FINE", "c: order ABCDEF1234567890 GHIJKL2345", "c: my DVLA form", "c: HELP", "c: the PDF from NATO and NASA please",
		},
	}.run(t)
	detected{
		detector: "customer.shouting, share: 0.3, letters: 8",
		fires:    []string{"c: where IS MY PARCEL DAMN it"}, silent: []string{"c: where is my parcel, please tell me NOW"},
	}.run(t)
}

func TestCustomerWords(t *testing.T) {
	detected{detector: "customer.words", fires: []string{"c: home"}, silent: []string{"b: Where is it?"}}.run(t)
	detected{
		detector: "customer.words, least: 4",
		fires:    []string{"c: it is at home"},
		silent:   []string{"c: it is home", "c: at home"},
	}.run(t)
	detected{detector: "customer.words, most: 1", fires: []string{"c: home"}, silent: []string{"c: at home"}}.run(t)
}

func TestCustomerRepeatOfEnoughWords(t *testing.T) {
	detected{
		detector: "customer.repeat, words: 3",
		fires:    []string{"c: open the blue door / b: No. / c: open the blue door", "c: 41 52 63 74 / b: Which? / c: 41 52 63 74 85"},
		silent:   []string{"c: open the door / b: No. / c: open the door", "c: order 41 please / b: Which? / c: order 52 please"},
	}.run(t)
}
