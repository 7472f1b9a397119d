module polygraph/test/cluster/lifeline

go 1.23.0
