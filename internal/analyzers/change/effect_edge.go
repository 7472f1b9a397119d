package change

var edgeEffects []effectRule
