package change

var servingEffects []effectRule
