package rules

var commitmentsEnglish = commitmentList{
	apologies: []string{
		"sorry", "(my | our | sincere) apologies", "(I | we) [do | must | want to | would like to | sincerely | deeply] (apologise | apologize)",
		"(forgive | excuse) (me | us)", "(I | we) [deeply | truly | sincerely] regret",
	},
	promises: []string{
		"(I | we) [do | can | hereby] (promise | guarantee | swear | assure)", "(I | we) give you (my | our) word", "consider it done", "is guaranteed",
		`(I'll | we'll | I will | we will | I shall | we shall | I am going to | I'm going to | we are going to | we're going to)
			[also | gladly | of course | then | now | personally | certainly | definitely | make sure to | be sure to | happily | always]
			(refund | reimburse | credit | compensate | repay | pay | fix | repair | replace | resend | send | ship | deliver | call | ring | phone |
			email | mail | write to | contact | waive | cancel | solve | resolve | sort | get back | follow up | make sure | ensure | see to | arrange |
			take care | keep you)`,
		"(I | we) [hereby | now] (refund | reimburse | credit | compensate | waive)",
		"(a colleague | someone | somebody | they | an agent | my colleague | our team | the team) will [also | then] (call | ring | phone | contact | refund | fix | send | get back | write)",
		"(will | is going to | are going to) be (refunded | reimbursed | credited | compensated | fixed | repaired | replaced | sent | waived | solved | resolved)",
		"you (will | 'll | shall | are going to) (get | receive | have) [a | an | your | the | full | back | another]  [full | new] (refund | credit | replacement | call | money | voucher | compensation)",
		"you'll (get | receive | have) [a | an | your | the] [full | new] (refund | credit | replacement | call | money | voucher | compensation)",
		"(will not | won't) happen again",
	},
	offers: []string{
		`(shall | should | can | may | could) (I | we) ... (colleague | colleagues | person | human | agent | someone | somebody | advisor | adviser |
			specialist | representative | manager | operator)`,
		"(shall | should | can | may | could) (I | we) (connect | transfer | put) you",
		"(shall | should | can | may | could) (I | we | they | someone | somebody | a colleague | an agent) [also] (call | ring | phone) you",
		"(would you like | do you want | would you rather | would you prefer) ... (talk to | talk with | speak to | speak with | be called | call back | callback)",
		"(I | we) can (connect | transfer | put) you", "(I | we | I'll | we'll) [can | will] (bring | get | fetch) [in] (someone | somebody | a colleague | a person | an agent)",
		"(a colleague | someone from our team | someone on our team | a specialist | an agent) (can | could)", "(say | type | write) person",
	},
}

var commitmentsGerman = commitmentList{
	apologies: []string{
		"entschuldigung", "entschuldige", "entschuldigen", "verzeihung", "verzeihen", "tut (mir | uns) [sehr | wirklich | aufrichtig | schrecklich] leid",
		"(ich | wir) (bedauere | bedaure | bedauern)", "sorry",
	},
	promises: []string{
		"(verspreche | versprechen | garantiere | garantieren) [ich | wir | wir's | ich's] (Ihnen | dir | euch | es)", "(ich | wir) (verspreche | versprechen | garantiere | garantieren)",
		"(sichere | sichern) [ich | wir] (Ihnen | dir | euch) ... zu",
		`(ich | wir) (werde | werden) ... (erstatten | zurückerstatten | gutschreiben | zurückrufen | anrufen | schicken | zuschicken | senden | zusenden |
			beheben | reparieren | ersetzen | überweisen | zurückzahlen | zurücküberweisen | stornieren | kümmern | melden | klären | lösen | sorgen)`,
		`(werde | werden) (ich | wir) ... (erstatten | zurückerstatten | gutschreiben | zurückrufen | anrufen | schicken | zuschicken | senden | zusenden |
			beheben | reparieren | ersetzen | überweisen | zurückzahlen | zurücküberweisen | stornieren | kümmern | melden | klären | lösen | sorgen)`,
		"(ich | wir) (erstatte | erstatten | ersetze | ersetzen | überweise | überweisen | behebe | beheben | repariere | reparieren)",
		"(ich rufe | wir rufen | rufe ich | rufen wir) (Sie | dich | euch)", "(ich schicke | wir schicken | ich sende | wir senden | schicke ich | schicken wir) (Ihnen | dir | euch)",
		"(ich schreibe | wir schreiben) ... gut", "(ich kümmere mich | wir kümmern uns | ich melde mich | wir melden uns)",
		"(Sie | du) (erhalten | bekommen | erhältst | bekommst) ... (erstattung | gutschrift | geld | ersatz | rückruf)",
		"(wird | werden) ... (erstattet | gutgeschrieben | ersetzt | behoben | zurückgezahlt)", "kommt nicht wieder vor",
	},
	offers: []string{
		`(soll | sollen | darf | dürfen | kann | können) (ich | wir) ... (verbinden | durchstellen | weiterleiten | holen | kollegen | kollegin |
			mitarbeiter | mitarbeiterin | jemanden | menschen | zurückrufen | anrufen)`,
		"(soll | darf | kann) (Sie | dich) (jemand | ein kollege | eine kollegin)", "(möchten | wollen) Sie ... (sprechen | verbunden | zurückgerufen | rückruf)",
		"(ich verbinde | wir verbinden | ich hole | wir holen | hole ich | holen wir) ... (Sie | dich | jemanden | kollegen | kollegin)",
		"jemand aus (unserem | dem) team", "jemanden aus (unserem | dem) team", "(ein kollege | eine kollegin | ein mitarbeiter | eine mitarbeiterin) kann",
	},
}

var commitmentsSpanish = commitmentList{
	apologies: []string{
		"lo (siento | sentimos)", "lamento", "lamentamos", "disculpe", "disculpa", "disculpen", "disculpas", "perdón", "perdone", "perdona", "sentimos [mucho | muchísimo]",
	},
	promises: []string{
		"(prometo | prometemos | garantizo | garantizamos | me comprometo | nos comprometemos | le aseguro | le aseguramos)",
		`(reembolsaré | reembolsaremos | devolveré | devolveremos | abonaré | abonaremos | enviaré | enviaremos | llamaré | llamaremos |
			solucionaré | solucionaremos | arreglaré | arreglaremos | resolveré | resolveremos | repararé | repararemos | compensaré | compensaremos |
			ingresaré | ingresaremos | mandaré | mandaremos | cancelaré | cancelaremos)`,
		`(voy a | vamos a) (reembolsar | reembolsarle | reembolsarte | devolver | devolverle | devolverte | abonar | abonarle | enviar | enviarle | enviarte |
			llamar | llamarle | llamarte | solucionar | solucionarlo | arreglar | arreglarlo | resolver | resolverlo | reparar | compensar | compensarle |
			mandar | mandarle)`,
		"(le | te | les | os) (reembolsamos | reembolso | devolvemos | devuelvo | abonamos | abono | enviamos | envío | llamamos | llamo | compensamos)",
		"(recibirá | recibirás | tendrá | tendrás) [un | una | su | tu | el | la] (reembolso | abono | llamada | dinero | devolución)",
		"(será | se le) [le] (reembolsado | reembolsada | reembolsará | abonado | abonará | devolverá)", "no volverá a (pasar | ocurrir | suceder)",
	},
	offers: []string{
		"(le | te) (paso | pongo | comunico | conecto | transfiero)", "aviso a (alguien | una persona | un compañero | una compañera)",
		"(puedo | podemos | quiere que) (pasarle | ponerle | conectarle | transferirle | llamarle | le pase | le llame | le llamemos)",
		"(quiere | quieres | desea | prefiere | prefieres | le gustaría | te gustaría) ... (hablar con | que le llamemos | que le llamen | una llamada)",
		"(alguien | una persona) (del | de nuestro) equipo", "(un compañero | una compañera | un agente | un asesor | una asesora | un gestor) (puede | podría)",
	},
}

var commitmentsFrench = commitmentList{
	apologies: []string{
		"désolé", "désolée", "désolés", "navré", "navrée", "navrés", "(nos | mes | toutes nos) [plus sincères | sincères] excuses", "excusez", "pardon", "pardonnez",
		"(je | nous) (regrette | regrettons)",
	},
	promises: []string{
		"(promets | promettons | garantis | garantissons | je m'engage | nous nous engageons)",
		`(rembourserai | rembourserons | enverrai | enverrons | appellerai | appellerons | rappellerai | rappellerons | réparerai | réparerons |
			créditerai | créditerons | remplacerai | remplacerons | réglerai | réglerons | résoudrai | résoudrons | recontacterai | recontacterons |
			dédommagerai | dédommagerons)`,
		`(vais | allons) [vous | le | la | les] (rembourser | envoyer | rappeler | appeler | réparer | créditer | remplacer | régler | résoudre | recontacter |
			corriger | dédommager)`,
		"(je | nous) vous (rembourse | remboursons | rappelle | rappelons | envoie | envoyons | crédite | créditons | recontacte | recontactons)",
		"(serez | sera | seront) [bientôt | aussitôt] (remboursé | remboursée | remboursés | rappelé | rappelée | crédité | réparé | remplacé | envoyé)",
		"vous recevrez [un | une | votre | le] (remboursement | avoir | appel | crédit)", "ne se reproduira (plus | pas)",
	},
	offers: []string{
		"(voulez-vous | souhaitez-vous | aimeriez-vous | préférez-vous) ... (parler | être rappelé | être rappelée | qu'un conseiller | qu'on vous rappelle)",
		"(dois-je | puis-je | je peux | nous pouvons) [vous] (transférer | mettre en relation | passer | faire venir | rappeler)",
		"je fais venir", "(un | une) (conseiller | conseillère | collègue) (peut | pourrait | va | le peut)", "quelqu'un de (l'équipe | notre équipe)",
	},
}
