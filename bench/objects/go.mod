module polygraph/bench/objects

go 1.26.8

require polygraph v0.0.0

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
)

replace polygraph => ../..
