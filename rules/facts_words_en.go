package rules

var factsEnglish = factList{
	numbers: `zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
		twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion dozen half
		third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth
		nineteenth twentieth thirtieth twice thrice double triple quarter`,
	counting:    `one`,
	mildNumbers: `once first second`,
	counts:      `a an per another`,
	months: `january february april june july august september october november december jan feb apr jun jul aug sept oct nov dec
		christmas easter`,
	monthOrVerb: `march may`,
	days:        `monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays`,
	dayParts: `today tomorrow tonight yesterday weekend weekends weekday weekdays noon midday midnight morning mornings afternoon afternoons
		evening evenings overnight fortnight daily weekly monthly yearly annually`,
	nextWords: `next last this past coming every each`,
	spans: `week weeks month months year years quarter day days hour hours weekend monday tuesday wednesday thursday friday saturday sunday
		morning afternoon evening night spring summer autumn fall winter`,
	units: `second seconds minute minutes min mins hour hours hr hrs day days week weeks month months year years am pm a.m p.m o'clock percent
		dollar dollars cent cents euro euros pound pounds pence kg g km m cm mm miles mile gb mb kb people persons nights guests
		times attempts items working business`,
	conditions:     `by until till before after only except unless if both free complimentary within minimum maximum provided otherwise`,
	mildConditions: `when whenever while`,
	mildPairs:      `as soon`,
	limits:         `from to under over about around above below between since approximately roughly almost nearly`,
	conditionPairs: `up to,at least,at most,as long,no later,no earlier,no more,no less,more than,less than,free of,in case,in advance`,
	dayPairs:       `right now`,
	idioms: `by the way,once again,once more,at once,do i need to,while i,while we,invalid option,invalid choice,invalid answer,invalid input,
		invalid selection,invalid entry,invalid response,invalid format,invalid date format,invalid number format,invalid phone format,invalid email format`,
	negations:  `no not never none nothing neither nor nobody nowhere without hardly barely scarcely rarely seldom`,
	negated:    `impossible unable unavailable invalid unauthorised unauthorized ineligible`,
	not:        `not`,
	modalPairs: `have to,has to,had to,need to,needs to,needed to,ought to`,
	modals:     `can could may might must shall should will would`,
	contracted: map[string]string{
		"can't": "can", "cannot": "can", "couldn't": "could", "won't": "will", "wouldn't": "would", "shouldn't": "should", "mustn't": "must",
		"mightn't": "might", "shan't": "shall", "don't": "", "doesn't": "", "didn't": "", "isn't": "", "aren't": "", "wasn't": "", "weren't": "",
		"haven't": "", "hasn't": "", "hadn't": "", "ain't": "", "needn't": "",
	},
	pointing: `that this which the another any every each no some right wrong other last next first new old only correct same`,
	never: `ok okay hi hello hey dear thanks thank please sorry yes no sure great good goodbye bye welcome unfortunately however also so
		and but or mr mrs ms miss sir madam oops alright english`,
	stop: stopEnglish,
}.build()
