package lab

import (
	"math"
	"strings"
	"unicode"
)

// The sentiment baseline is the next thing that people try behind keywords: a lexicon of general English with a weight
// for each word, turned round by a negation and made stronger or weaker by the words beside it, summed over the text.
// It works in the manner of VADER (Hutto and Gilbert 2014) with a list of its own of some 450 words, none of which was
// chosen by looking at labelled talk, and stands for lexicons of that kind. Beside the figures of VADER itself it is no
// easier to beat: alike on tweets to airlines, where moods are put into words, stronger on tasks, since a bare no counts.
var sentimentLists = map[float64]string{
	-3.5: "hate hates hated worst horrible horrific terrible awful disgusting disgusted atrocious appalling abysmal evil fuck fucking fucked bastard bastards asshole rape murder kill killed killing die dying torture",
	-3:   "shit shitty bullshit bitch liar liars furious rage outrageous outraged nightmare disaster catastrophe pathetic despise vile scam scammed scammers fraud cheated stolen theft crime abuse abused abusive hell screwed livid dreadful death dead hopeless miserable unforgivable traumatic",
	-2.5: "angry anger mad lied lie lies lying cheat cheating bad badly useless worthless garbage crap crappy rubbish sucks suck sucked stupid idiot idiots idiotic moron dumb fool incompetent unacceptable ridiculous insult insulting insulted rude disrespectful ruined ruin ruins destroy destroyed fail failed fails failing failure failures frustrated frustrating frustration frustrates damn damned robbed victim fear afraid scared terrified panic devastated devastating crying cry cried pain painful suffer suffering suffered sick threat threatened unfair unjust lousy poorly damage damaged damages wtf ugh",
	-2:   "annoyed annoying annoy annoys irritated irritating upset upsetting disappointed disappointing disappointment disappoints dissatisfied unhappy sad sadly poor complain complaining complained complaint complaints wrong lost loss lose losing loses stuck denied deny ignored ignore ignores ignoring unhelpful waste wasted wasting trouble troubles problem problems worry worried worries worse nonsense mess messed stress stressed stressful tired exhausted confused confusing confuse blame blamed guilty shame shameful embarrassing embarrassed hurt hurts hurting danger dangerous illegal unsafe inconvenient inconvenience nasty ugly weird ashamed dirty filthy noisy crowded",
	-1.5: "no nope sorry unfortunately stop stopped bored boring dull warning warn doubt doubts doubtful careless pity regret regrets regretted unclear strange sadness alone lonely demand demanding demands weak bother bothered bothering bothers mistake mistakes mistaken dislike disliked disagree serious seriously urgent emergency argue argument forced force",
	-1:   "debt pay crazy risk risky fault faults fight apologize apologise apologies apology",
	1:    "ok okay fine alright yes yeah yep interested interesting easy easily free please want like likes liked hope hopes hoping hopefully care safe safely useful helpful interest accept accepted able",
	1.5:  "good well glad thanks thank thankful thx cheers enjoy enjoys enjoyed nice nicely fun funny welcome smile smiles smiling help helps helped helping better improve improved improves improvement comfortable convenient friendly kind kindly polite pleasant pleased relaxed relax save saved saves support supported fair honest trust trusted worth suitable suits popular clean cute peace peaceful appreciate appreciated appreciates grateful cool recommended recommend recommends",
	2:    "great happy happily happier happiness love loves loved loving lovely sweet beautiful best excited exciting excite win wins winning won winner success successful successfully favorite favourite impressed impressive satisfied satisfying perfect perfectly delicious charming cheerful joy celebrate celebration congratulations congrats superb delighted delight gorgeous brilliant genius hero proud bless blessed yay haha lol :) ;) <3",
	3:    "excellent amazing awesome wonderful fantastic incredible outstanding fabulous magnificent spectacular marvelous marvellous terrific superb phenomenal thrilled ecstatic",
}

// lexicon maps words to their weights.
var lexicon = func() map[string]float64 {
	m := map[string]float64{}
	for weight, list := range sentimentLists {
		for w := range strings.FieldsSeq(list) {
			m[w] = weight
		}
	}
	return m
}()

var (
	turnsRound = wordSet("not never none nobody nothing neither nor without hardly barely isn't aren't wasn't weren't don't doesn't didn't won't wouldn't can't cannot couldn't shouldn't haven't hasn't hadn't ain't")
	stronger   = wordSet("very really so extremely absolutely totally completely utterly incredibly especially fucking freaking damn too most quite such")
	weaker     = wordSet("slightly somewhat little bit kinda kind sorta sort partly barely hardly almost fairly")
)

func wordSet(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// sadAt is the sentiment from which the baseline raises the alarm, the bound that VADER's authors give for negative.
const sadAt = -0.05

// sentiment is the mood of a text, from -1 to 1; 0 says nothing.
func sentiment(text string) float64 {
	text = strings.ReplaceAll(text, "’", "'")
	var sum, before float64
	var last [3]string
	shouts := strings.IndexFunc(text, unicode.IsLower) >= 0
	for raw := range strings.FieldsSeq(text) {
		w := strings.ToLower(strings.TrimFunc(raw, isNoWord))
		if w == "" {
			w = raw // an emoticon
		}
		if w == "but" {
			// What stands behind it weighs more than what stands before.
			sum, before = 0, before+sum/2
		} else if v, ok := lexicon[w]; ok {
			if shouts && len(w) > 1 && raw == strings.ToUpper(raw) && raw != w {
				v += math.Copysign(0.7, v)
			}
			for i, x := range last {
				switch {
				case stronger[x]:
					v += math.Copysign(0.3*(1-0.05*float64(i)), v)
				case weaker[x]:
					v -= math.Copysign(0.3*(1-0.05*float64(i)), v)
				}
			}
			// "No" turns round what it stands right before: no problem.
			if last[0] == "no" || turnsRound[last[0]] || turnsRound[last[1]] || turnsRound[last[2]] {
				v *= -0.75
			}
			sum += v
		}
		last = [3]string{w, last[0], last[1]}
	}
	if before != 0 {
		sum = 1.5*sum + before
	}
	if marks := min(strings.Count(text, "!"), 4); marks > 0 && sum != 0 {
		sum += math.Copysign(0.3*float64(marks), sum)
	}
	return sum / math.Sqrt(sum*sum+15)
}
