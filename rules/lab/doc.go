// Package lab looks at rules from outside: it reads recorded transcripts, runs them through a set, tells what the set
// made of them, and measures how right that was. Like package rules it is pure: it reads what it is handed and writes
// what it is asked for, and the same transcripts and set give the same bytes every time.
//
// A transcript file is JSON Lines, one conversation a line:
//
//	{"id":"c1","lang":"en","turns":[{"role":"customer","text":"where is my parcel"},
//	 {"role":"bot","text":"Sorry, I did not get that."}]}
//
// Fields nobody knows are kept. Errors name lines and turns, never what customers wrote.
//
// # Measuring
//
// Eval compares alarms with the labels of people. Where turns of a dialogue are labelled, the labelled ones are judged,
// whoever spoke; otherwise the customer's. It keeps numbers about each dialogue and no words. The report, as
// `attune eval --format json` prints it:
//
//	{"label":"dissatisfied","except":"…","rules":"digest","files":["…"],"parts":[{
//	  "part":"all",                                 or "tuning" and "aside"
//	  "dialogues":2,"turns":9,"labelled_turns":4,"yes_turns":1,"labelled_dialogues":2,"yes_dialogues":1,
//	  "by_turn":{"flagged":M,"keywords":M,"vader":M,"always":M,"regression":M,
//	    "score":A,"points":A,"keyword_area":A,"vader_area":A,"regression_area":A},
//	  "by_dialogue":{"flagged":M,"offer":M,"escalate":M,"keywords":M,"vader":M,"always":M,"regression":M,
//	    "score":A,"points":A,"regression_area":A},
//	  "calm":{"dialogues":1,"flagged":F,"offer":F,"escalate":F},
//	  "cost":{"dialogues":2,"needless_offers_per_100":50,"needless_persons_per_100":0,"minutes_each":8,"needless_minutes_per_100":[0,400]},
//	  "timing":{"dialogues":1,"gt":[1,1,1],"gt_all":[1,1,1],"first_flagged":T,"first_offer":T,"first_escalate":T},
//	  "leads":{"asked":L,"left":L},
//	  "sweep":[{"flag":0.5,"turns":M,"calm_dialogues":0.1},…],
//	  "score_sweep":[{"score":1,"dialogues":M,"calm_dialogues":0.1},…],
//	  "rules":[{"rule":"id","fires":3,"labelled":2,"yes":1,"precision":0.5,"lift":2,"lost_f1":0.01,
//	    "dialogues":2,"dialogues_yes":1,"dialogue_precision":0.5,"dialogue_lift":1,
//	    "ablation":{"lost_f1":0.01,"lost_offer_f1":0,"lost_escalate_f1":0,"fewer_offers":1,"fewer_persons":0,
//	      "fewer_calm_offers":1,"fewer_calm_persons":0}},…]}]}
//
//	M  {"tp":1,"fp":0,"fn":0,"tn":3,"precision":1,"recall":1,"f1":1,"paper_f1":1,
//	    "intervals":{"precision":[1,1],"recall":[1,1],"f1":[1,1]}}
//	A  {"auc":0.9,"interval":[0.8,0.95]}            auc is null when only one of yes and no came up
//	F  {"dialogues":1,"share":1,"per_dialogue":1,"interval":[0.9,1]}
//	T  {"before":0,"same":1,"after":0,"never":0,"median_turns":0}
//	L  {"dialogues":1,"flagged":{"before":1,"median_turns":2},"offer":{"before":0,"median_turns":null}}
//
// Shares are from 0 to 1, rounded to four decimals. Sections that nothing is labelled for are left out, and so are
// intervals of baselines. EvalPart and the types in it say what each figure means.
//
// # Decisions
//
//   - The baseline of sentiment is VADER itself, by govader, though that pulls gonum in: figures of a lexicon of our own
//     would not compare with anybody's.
//   - Fit keeps all points unless cross-validated F1 grows and calm dialogues are left alone: points that the score
//     adds up bring offers, whatever the flag gains.
//   - The set named by --against is the new one: operators ask what a draft would change.
package lab
