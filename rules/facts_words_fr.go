package rules

var factsFrench = factList{
	numbers: `zéro deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante cent
		cents mille million millions douzaine demi demie second seconde deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième moitié quart double`,
	mildNumbers: `premier première`,
	counts:      `un une par chaque`,
	months:      `janvier février mars avril mai juin juillet août septembre octobre novembre décembre noël pâques`,
	days:        `lundi mardi mercredi jeudi vendredi samedi dimanche lundis mardis samedis dimanches`,
	dayParts:    `aujourd'hui demain hier après-demain avant-hier midi minuit matin matins soir soirs week-end weekend quotidien hebdomadaire mensuel annuel`,
	nextWords:   `prochain prochaine dernier dernière ce cette chaque`,
	spans:       `semaine semaines mois an ans année jour jours lundi mardi mercredi jeudi vendredi samedi dimanche`,
	units: `seconde secondes minute minutes heure heures h jour jours semaine semaines mois an ans euros euro centimes pour kg km m fois personnes nuits
		ouvrés ouvrables`,
	conditions: `avant après jusque jusqu'à jusqu'au seulement uniquement sauf hormis exclusivement si s'il s'ils gratuit gratuite gratuits gratuites gratuitement minimum maximum dès
		d'ici sinon`,
	mildConditions: `quand lorsque lorsqu'il lorsqu'elle lorsqu'un lorsqu'une`,
	mildPairs:      `pendant que`,
	limits:         `entre depuis environ presque vers`,
	conditionPairs: `au moins,au plus,à moins,d'ici le,jusqu'à ce,tous deux,toutes deux,à condition,pourvu que,tant que,plus de,moins de,à partir,en cas`,
	dayPairs: `week end,semaine prochaine,semaine dernière,semaine suivante,mois prochain,mois dernier,mois suivant,année prochaine,année dernière,
		an prochain,an dernier,jour suivant,lundi prochain,lundi dernier,mardi prochain,mardi dernier,mercredi prochain,mercredi dernier,
		jeudi prochain,jeudi dernier,vendredi prochain,vendredi dernier,samedi prochain,samedi dernier,dimanche prochain,dimanche dernier`,
	negations:   `non pas jamais rien aucun aucune personne sans ni guère`,
	negated:     `impossible impossibles invalide invalides indisponible indisponibles inéligible inéligibles`,
	idioms:      `s'il vous plaît,s'il vous plait,s'il te plaît,s'il te plait,pendant que je,option invalide,choix invalide,réponse invalide,saisie invalide,sélection invalide`,
	not:         `pas`,
	onlyAfterNe: `plus que`,
	modals: `peux peut peuvent pouvez pouvons pourrais pourrait pourrez pourra pourront doit dois doivent devez devons devrait devrez devra faut faudra
		veux voulez`,
	pointing: `le la les un une ce cette cet autre chaque l'autre`,
	never:    `ok bonjour bonsoir merci oui non désolé désolée pardon monsieur madame mademoiselle salut vous`,
	stop:     stopFrench,
}.build()
