package change

var dataEffects []effectRule
