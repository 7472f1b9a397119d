module polygraph/bench

go 1.26
