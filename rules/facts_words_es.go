package rules

var factsSpanish = factList{
	numbers: `cero dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte
		veintiuno veinticinco treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento cientos mil millón millones docena medio media
		mitad segundo segunda tercero tercera tercer cuarto cuarta quinto quinta sexto sexta séptimo séptima octavo octava noveno novena décimo décima
		veintidós veintitrés veinticuatro veintiséis veintisiete veintiocho veintinueve doscientos doscientas trescientos trescientas cuatrocientos
		cuatrocientas quinientos quinientas seiscientos seiscientas setecientos setecientas ochocientos ochocientas novecientos novecientas doble`,
	mildNumbers: `primero primera`,
	counts:      `un una por cada`,
	months:      `enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre navidad`,
	days:        `lunes martes miércoles miercoles jueves viernes sábado sabado domingo sábados domingos`,
	dayParts:    `hoy mañana ayer anteayer anoche mediodía medianoche tarde tardes noche noches diario diariamente semanal mensual anual`,
	nextWords:   `próximo próxima próximos próximas pasado pasada este esta cada`,
	spans:       `semana semanas mes meses año años día días lunes martes miércoles jueves viernes sábado domingo`,
	units: `segundo segundos minuto minutos hora horas día días semana semanas mes meses año años euros euro dólares céntimos pesos por ciento kg km m
		vez veces personas noches laborables hábiles`,
	conditions: `hasta antes después despues solo sólo solamente únicamente exclusivamente excepto salvo si ambos ambas gratis gratuito gratuita mínimo máximo dentro
		siempre`,
	mildConditions: `cuando mientras`,
	mildPairs:      `en cuanto,tan pronto`,
	limits:         `desde entre sobre aproximadamente casi`,
	conditionPairs: `a menos,al menos,como máximo,como mínimo,por lo,siempre que,más de,menos de,en caso,a partir,más tardar,no ser`,
	dayPairs: `pasado mañana,de semana,semana próxima,semana pasada,semana siguiente,mes próximo,mes pasado,mes siguiente,año próximo,año pasado,día siguiente,
		lunes próximo,lunes pasado,martes próximo,martes pasado,miércoles próximo,miércoles pasado,jueves próximo,jueves pasado,
		viernes próximo,viernes pasado,sábado próximo,sábado pasado,domingo próximo,domingo pasado`,
	negations:  `no nunca jamás nada nadie ningún ninguno ninguna sin ni tampoco apenas`,
	negated:    `imposible imposibles inválido inválida inválidos inválidas incapaz incapaces`,
	idioms:     `una vez más,mientras compruebo,mientras consulto,mientras busco,mientras reviso,opción inválida,respuesta inválida,entrada inválida,selección inválida`,
	not:        `no`,
	modalPairs: `hay que`,
	modals:     `puede puedo puedes pueden podemos podría podrían podrá podrán debe debo debes deben debería deberían tendrá tiene tienen`,
	pointing:   `el la los las un una este esta ese esa aquel otro otra cada`,
	never:      `ok vale hola gracias sí no lo siento disculpe disculpa perdón buenos buenas señor señora sr sra usted ustedes`,
	stop:       stopSpanish,
}.build()
