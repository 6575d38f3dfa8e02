package rules

// cuesEnglish is the English wording of the cues. The kinds follow what was measured to go with dissatisfaction in
// task-oriented and service dialogues (USS, Sun et al. 2021; signal tables of MultiWOZ, SGD and airline data); the
// phrases are our own.
func cuesEnglish() wording {
	return wording{
		cueThanks: {
			"thank you", "thanks", "thx", "cheers", "much appreciated", "appreciate it", "(that's | that is | you've been | you have been) [very | really | so | a great | a big] (helpful | help)",
			"(that's | that is) (great | perfect | wonderful | awesome | excellent)", "sounds (good | great | perfect)",
		},
		cueGoodbye: {"bye", "goodbye", "good bye", "see you", "have a (good | great | nice | lovely) (day | one | evening | weekend | night)", "take care", "good night"},
		cueClosing: {
			"(that's | that is | that will be | that'll be | that'd be | that would be) (all | it | everything)", "(nothing | no one) else", "nothing more", "all set", "I'm (good | fine | done | okay | ok)",
			"I am (good | fine | done | okay | ok)", "all I need", "all I needed", "that (covers | does) it", "not (at the moment | right now | at this time)",
			"no (thanks | thank you | thx | problem | problems | worries | need | rush | hurry | issue | doubt)", "don't need anything",
		},
		cueNo: {"no", "nope", "nah", "not really"},
		cueCorrection: {
			"I [already | just | actually | clearly | specifically] (said | meant | mean | asked for | asked about | was asking | wanted to say)", "(not | isn't) what I (said | asked | meant | wanted | want | asked for | was asking)",
			"(that's | that is | you're | you are | this is | it's | you got it | you got that) (wrong | incorrect | mistaken | not correct | not right)", "you (misunderstood | misheard | misread | got [it | me | that] wrong)",
			"(didn't | did not | never) (say | ask for | ask about | mean | want | request | order) (that | this | it | those)", "(don't | didn't | do not | did not) (answer | answering) my question",
			"(doesn't | didn't | does not | did not | not) [really] (answer | answering) my question", "(wrong | incorrect) (one | date | day | time | place | city | name | address | order | number | answer | person | item | account)",
			"let me (rephrase | repeat | clarify | correct)", "I was (talking | asking) about",
		},
		cueReject: {
			"not (that | this | the one | these | those)", "not what I", "(don't | do not | didn't) (want | need | like) (that | this | it | those | these | any of)", "(doesn't | does not | won't | will not | didn't) (help | work for me | suit me | fit)",
			"(that's | that is | this is | it's) (no good | not good | useless | no help | not helpful | of no use | not helping | no use | not enough | pointless | not acceptable | unacceptable)", "none of (those | these | them | that)",
			"(isn't | is not | not) [very | really] helpful", "I'd rather not", "no way",
		},
		cueAgain: {
			"again", "still", "yet again", "once more", "once again", "(keeps | keep | kept) (on | saying | asking | getting | giving | telling | happening | failing | crashing | sending | repeating | going | doing | showing | coming | charging | being)",
			"same (thing | answer | question | error | problem | issue | message | response)", "over and over", "(back | returned) to (square one | the start | the beginning)", "in circles",
		},
		cueAgainKindly: {
			"(thanks | thank you | thx | sorry | hello | hi) [so much | very much | a lot] again", "again (thanks | thank you)", "see you again", "is it still", "are (they | you | there) still", "is (that | there | this) still", "do you still", "still (available | open | valid | possible)",
			"(book | use | visit | come | order) [it | there | here | with you] again", "still (need | want | looking | interested | have | like)",
		},
		cueCheck: {
			"are you [really | quite | absolutely | 100] (sure | certain | positive)", "(check | look | search | verify | try) [it | that | this | there | for it] [once | one more time] (again | once more)", "double check", "doublecheck", "recheck", "(is | was) that (right | correct | true | accurate)",
			"(can't | cannot | that can't | that cannot) be (right | true | correct)", "(try | look | check) (one more time | harder)", "(re-check | look again | try again | check again)", "how (can | could) that be", "that doesn't (sound | seem | look) right",
		},
		cueAlternative: {
			"(something | anything | anywhere | somewhere | someone | anyone) else", "instead", "(a | any | some) different", "different (one | option | place | time | date | day)", "(another | any other | some other | an other) (one | option | way | place | time | day | date | possibility | solution | hotel | restaurant | flight)",
			"(what | how) about", "(is | are) there (any | another | some) (other | others | another)", "any (others | alternatives | alternative | other)", "(other | alternative) (options | option | ones | times | dates | days | choices | places)", "actually",
			"(on | at) second thought", "rather (have | be | go | take)", "(let's | let us) (try | do | go)", "try another",
		},
		cueFailure: {
			"(doesn't | does not | don't | do not | didn't | did not | isn't | is not | not | won't | will not | wouldn't | never | wasn't | hasn't | stopped) (work | working | worked | load | loading | loaded | open | opening | start | starting | connect | connecting | charge | charging | respond | responding | arrive | arriving | arrived | show | showing | send | sending | let me | accept | accepting | recognise | recognize | go through | gone through | update | updating | install | installing | download | downloading | print | printing | appear | appearing | recognized | recognised)",
			"(can't | cannot | can not | couldn't | could not | unable to | not able to) (log | login | sign | access | connect | open | reset | find | see | get | pay | use | download | install | update | print | register | order | book | cancel | reach | change)",
			"(an | this | the | that | get | got | getting | gives | gives me | shows | same) (error | errors | error message | error code)", "error (code | message)", "(is | are | it's | was | still | arrived | came) (broken | damaged | defective | faulty | down | stuck | frozen | locked | missing)",
			"(has | have | had | it | just | keeps | kept) (crashed | crashing | frozen | freezing | failed | failing)", "(crashes | freezes | fails)", "(something | what) (is | went) wrong", "out of order", "no (signal | connection | internet | sound | power | response)", "(hasn't | has not | haven't | never | not) (arrived | come | received | been delivered | been refunded | been credited)",
			"(charged | billed) (twice | double | wrongly | incorrectly | too much)", "double charged",
		},
		cueEffort: {
			"(second | third | fourth | fifth | sixth | tenth | 2nd | 3rd | 4th | 5th | 10th | nth | hundredth | umpteenth) (time | attempt | try | call | message | email | agent | person)",
			"[have | has] already (told | said | explained | tried | given | sent | provided | answered | done | asked | called | written | mentioned | contacted)", "(been | I've been | have been) (waiting | trying | on hold | asking | calling | holding | going | chasing | at this)", "how many times", "(so | too) many times", "(several | many | multiple | countless | three | four | five | 3 | 4 | 5) times",
			"for (hours | days | weeks | ages | months | an hour | half an hour | over a | more than)", "all (day | morning | week | afternoon)", "(tired | sick) of", "as I (said | told you | already | mentioned | wrote | explained)", "like I (said | told you | already)", "I (told | just told) you", "wasted", "(waste | wasting) [of] [my | time]", "have to (repeat | explain) (myself | it | this | everything)", "repeat myself", "every [single] time",
		},
		cueNegation: {
			"no", "not", "nope", "never", "don't", "doesn't", "didn't", "isn't", "aren't", "wasn't", "weren't", "won't", "can't", "cannot", "couldn't", "wouldn't", "shouldn't", "haven't", "hasn't", "nothing", "none", "neither",
		},
		cueAsking: {
			"what", "which", "where", "when", "why", "how", "who", "can you", "could you", "can I", "could I", "do you", "is there", "are there", "is it", "does it", "would you", "will you", "may I", "what's", "where's", "how's",
		},

		cueFallback: {
			"(didn't | did not | don't | do not | couldn't | could not | can't | cannot) [quite | really | fully | seem to] (get | catch | hear | follow) (that | this | you | what you | your (question | request | message | answer | response | reply | meaning))",
			"(didn't | did not | don't | do not | couldn't | could not | can't | cannot) [quite | really | fully | seem to] (understand | recognise | recognize | comprehend)", "(don't | do not | didn't | did not) know (what you mean | what that means | how to (answer | respond | reply))",
			"not [quite | entirely | really] sure (I | what you | I (understand | follow | got that))", "(having | have | had) (trouble | difficulty | difficulties | a hard time | problems) [with] (understanding | following)", "(rephrase | reword | rephrasing | rewording)",
			"(could | can | would) you [please] (repeat (that | it | yourself | your question | the question) | say (that | it) (again | differently | another way | in other words) | try again | clarify | put it differently)", "say (that | it) (again | differently | another way | in other words)", "please (repeat (that | yourself | your question) | try again)",
			"in (other | different) words", "(am | I'm | I'm just | I'm only) [still] (learning | a simple bot)", "(not | isn't) [a] (valid | recognised | recognized) (option | answer | choice | selection | input | response | entry | command)", "invalid (option | answer | choice | selection | input | response | entry | command)", "(beg your pardon | come again | pardon me)",
			"(don't | do not) (have | know) (an answer | the answer) (to | for)", "(no idea | not sure) what (you | that)", "that went over my head", "(lost | losing) you there", "wasn't able to understand", "unable to understand", "misunderstood you", "(not | isn't) something I (understand | know | was trained)", "what do you mean",
		},
		cueRefusal: {
			"(can't | cannot | can not | couldn't | could not | am not able to | I'm not able to | was not able to | wasn't able to | aren't able to | are not able to | won't be able to | will not be able to | unable to | not able to) [seem to | even | currently | directly | actually | really] (help | assist | do | find | access | process | complete | make | change | cancel | book | give | provide | offer | locate | see | answer | get | handle | perform | reserve | accept | verify | look | show | tell | share | send | add | apply | confirm | discuss | support | reach | issue | refund | update | log | schedule | transfer | fulfil | fulfill | check | open | take)",
			"unable to", "unfortunately", "I'm afraid", "I am afraid", "(there are | there is | there aren't | there isn't | there were | there was | I have | I found | I see | we have | found) (no | any | none | nothing)", "no (results | matches | match | availability | openings | rooms | tables | tickets | seats | flights | trains | luck | such | other | record | records | listing | listings)", "(not | isn't | aren't | is not | are not | no longer) [currently] (available | possible | allowed | permitted | supported | offered | open | in stock)", "unavailable",
			"(out of stock | sold out | fully booked | booked up | booked solid)", "(was | were | has been | been | is) (declined | rejected | denied | unsuccessful | refused)", "(booking | reservation | payment | request | purchase | attempt) (failed | was not | has failed | did not | didn't)", "(didn't | did not | don't | do not | doesn't) [seem to] (find | have any | have a | have an | have access | have information | have that | offer | support | match | allow | appear)", "(not something I | beyond what I | outside of what I) can", "(failed | failure) to", "(isn't | is not | not) (one of my | within my | part of my)",
			"sorry but", "sorry [for] (that | the inconvenience | no | there)", "(aren't | are not | isn't | is not) any", "none (of | available | that | found)", "nothing (matches | available | that matches | found)",
		},
		cueNoRefusal: {"can't wait", "no problem", "not a problem", "no worries", "sorry [to] (keep | kept) you waiting", "sorry to hear"},
		cueConfirm: {
			"(is | was) (that | this | it | everything) (right | correct | ok | okay | all right | alright | fine)", "(please | can you | could you | would you | just) [please] confirm", "(your | the) ... (is | are | has been | have been | was) [now | successfully] (confirmed | booked | reserved | placed | completed | scheduled | set | sent | made | added)", "(booking | reservation | order | appointment | payment) [was | is | has been] (successful | complete | confirmed | completed)",
			"to confirm", "(shall | should) I (book | go ahead | proceed | reserve | make | place | send)", "did you mean", "do you mean", "here (is | are) (the | your) (details | summary)", "reference number", "you're welcome", "you are welcome", "have a (good | great | nice | lovely)", "how (can | may) I (help | assist)", "thank you for",
		},
		cueMore: {"(anything | something) else", "(any | other | more | further) [other] (questions | help | assistance) (today | I can)", "(what | how) else (can | may)", "is that all", "will that be all", "be of [any] further", "help you with today", "any other questions", "further assistance", "more I can"},
		cueWish: {
			"(would | do | did | will | are | have | is | were) you (like | want | need | have | prefer | going | looking | planning | interested | already | also | still | be | know | happy | okay | ok | mind | care | received | tried | had)", "would (that | this | it) (work | be | suit | do)", "do you", "are you", "have you", "did you", "should I", "shall I", "can I", "may I", "want me to", "like me to", "is there",
		},
	}
}
