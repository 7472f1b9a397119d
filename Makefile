# Two commands on a fresh machine: `make demo` and `make test`. Everything else
# is for people who work on Polygraph. Builds go to .build, which git ignores.

GO     ?= go
comma  := ,
BUILD  := $(CURDIR)/.build
STAGE  := .ci/stage
TOOL   := $(GO) tool -modfile=$(CURDIR)/tools/go.mod
NESTED := bench bench/cluster bench/net bench/objects test/mockaws
# The Kubernetes of the tests: `all`, or versions with commas. One costs minutes to build, once per machine.
VERSIONS ?= 1.37
# The Terraform of the tests: the one that is named, the one on PATH, or the one that `engine` builds.
ENGINE := $(or $(POLYGRAPH_TERRAFORM),$(shell command -v terraform || command -v tofu),$(BUILD)/bin/tofu)

.DEFAULT_GOAL := help

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: build
build: ## the program, in .build/polygraph
	@mkdir -p $(BUILD)
	@$(GO) build -trimpath -o $(BUILD)/polygraph ./cmd/polygraph

.PHONY: demo
demo: build ## the main job: the lies of examples/acme, a line each
	@$(BUILD)/polygraph check examples/acme -q; code=$$?; \
	if [ $$code -ne 1 ]; then echo "demo: expected exit 1 (claims refuted), got $$code" >&2; exit 1; fi
	@echo; echo "With claims, proofs and remedies: .build/polygraph check examples/acme (and -o html=report.html)"

.PHONY: test
test: engine browser network programs ## all tests; race detection where it is cheap
	@$(STAGE) unit $(GO) test -race ./internal/... ./cmd/...
	@$(STAGE) architecture $(GO) test -count=1 ./test/architecture/...
	@$(STAGE) wild $(GO) test -count=1 ./test/wild/... ./test/netpol/... ./test/acme ./test/pictures/...
	@$(STAGE) packets $(GO) test -count=1 -timeout 15m ./test/packets/...
	@$(STAGE) action $(GO) test -count=1 ./test/action/...
	@$(STAGE) docs $(GO) test -count=1 ./test/docs/...
	@$(STAGE) truth $(GO) test -count=1 -timeout 25m ./test/engine/... ./test/truth/...
	@POLYGRAPH_CLUSTER_VERSIONS=$(VERSIONS) $(STAGE) cluster $(GO) test -count=1 -timeout 20m -parallel 8 ./test/cluster/...
	@POLYGRAPH_CLUSTER_VERSIONS=$(VERSIONS) $(STAGE) kubernetes $(GO) test -count=1 -timeout 20m -p 1 ./test/live/... ./test/crd/... ./test/managers/... ./test/edits/... ./test/acme/cluster/...
	@POLYGRAPH_ORACLE_VERSIONS=$(VERSIONS) $(STAGE) oracle $(GO) test -count=1 -timeout 20m ./test/oracle/...
	@for m in $(NESTED); do $(STAGE) $$m sh -c "cd $$m && GOWORK=off TERRAFORM=$(ENGINE) $(GO) test -timeout 20m ./..." || exit 1; done
	@$(STAGE) demo $(MAKE) --no-print-directory demo

.PHONY: engine
engine: ## a Terraform for the truth tests: the one on PATH, else OpenTofu from source
	@if [ "$(ENGINE)" = "$(BUILD)/bin/tofu" ]; then \
	$(STAGE) opentofu sh -c 'cd test/tofu && GOWORK=off CGO_ENABLED=0 $(GO) build -mod=readonly -trimpath -buildvcs=false "-ldflags=-s -w -X github.com/opentofu/opentofu/version.dev=no" -o $(BUILD)/bin/tofu github.com/opentofu/opentofu/cmd/tofu'; fi

# Chromium opens the HTML report as a reader would. Debian has it; elsewhere POLYGRAPH_CHROMIUM names one.
.PHONY: browser
browser: ## a browser for the tests of the HTML report: the one on PATH, else Debian's
	@test -n "$(POLYGRAPH_CHROMIUM)" || command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	$(STAGE) chromium sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null'; } || \
	echo "no chromium: the tests of the HTML report in a browser are left out (strict runs fail)"

# Real packets are sent between network namespaces, and nftables holds them back. Debian has both programs.
.PHONY: network
network: ## ip and nft for the tests with real packets: those on PATH, else Debian's
	@{ command -v ip && command -v nft; } >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	$(STAGE) nftables sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends iproute2 nftables >/dev/null'; } || \
	echo "no ip or nft: the tests with real packets are left out (strict runs fail)"

.PHONY: programs
programs: $(BUILD)/cluster $(BUILD)/oracle ## the Kubernetes of the tests, from source: minutes, once per machine
	@$(STAGE) programs $(BUILD)/cluster programs --version $(VERSIONS)
	@$(STAGE) oracle-programs $(BUILD)/oracle $(VERSIONS)
	@command -v kubectl >/dev/null || $(STAGE) kubectl $(BUILD)/cluster programs --only kubectl

.PHONY: versions
versions: ## the tests against Kubernetes, on each pinned version
	@$(MAKE) --no-print-directory programs VERSIONS=all
	@POLYGRAPH_CLUSTER_VERSIONS=all $(STAGE) versions $(GO) test -count=1 -timeout 30m -parallel 8 ./test/cluster/...

.PHONY: oracle
oracle: ASKED = $(if $(findstring command,$(origin VERSIONS)),$(VERSIONS),all)
oracle: $(BUILD)/oracle ## what we say of every field against the code of each pinned Kubernetes: an hour the first time
	@$(STAGE) oracle-programs $(BUILD)/oracle $(ASKED)
	@POLYGRAPH_STRICT=1 POLYGRAPH_ORACLE_VERSIONS=$(ASKED) $(STAGE) oracle $(GO) test -count=1 -timeout 60m ./test/oracle/...

.PHONY: $(BUILD)/cluster $(BUILD)/oracle
$(BUILD)/cluster:
	@mkdir -p $(BUILD) && $(GO) build -buildvcs=false -o $(BUILD)/cluster ./test/cluster/cmd/cluster

$(BUILD)/oracle:
	@mkdir -p $(BUILD) && $(GO) build -buildvcs=false -o $(BUILD)/oracle ./test/oracle/cmd/oracle

.PHONY: cluster
cluster: $(BUILD)/cluster ## a Kubernetes API for you, on loopback; prints the line that points kubectl to it
	@$(BUILD)/cluster start $(if $(filter-out all,$(VERSIONS)),--version $(firstword $(subst $(comma), ,$(VERSIONS))))

.PHONY: cluster-stop
cluster-stop: $(BUILD)/cluster ## end it and remove all of it
	@$(BUILD)/cluster stop

.PHONY: check
check: format vet staticcheck test ## format, vet, staticcheck, architecture and lint tests, tests

.PHONY: format
format: ## every Go file is formatted by gofumpt
	@$(STAGE) gofumpt sh -c 'out=$$($(TOOL) gofumpt -l $$(git ls-files "*.go")) && [ -z "$$out" ] || { echo "not formatted:"; echo "$$out"; exit 1; }'

.PHONY: vet
vet:
	@$(STAGE) vet $(GO) vet ./...

.PHONY: staticcheck
staticcheck:
	@$(STAGE) staticcheck $(TOOL) staticcheck ./...

.PHONY: acme
acme: ## regenerate examples/acme: schema, configuration applied and planned by a real Terraform
	@cd test/mockaws && GOWORK=off $(GO) run ./gen && GOWORK=off TERRAFORM=$(ENGINE) $(GO) run ./cmd/acme

.PHONY: bench
bench: build ## the figures of bench/README.md, beside named peers, in one run
	@mkdir -p $(BUILD)/bench && cd bench && GOWORK=off $(GO) build -o $(BUILD)/bench/ ./cmd/...
	@test -f $(BUILD)/bench/plan.json || $(BUILD)/bench/genplan -changes 42000 -out $(BUILD)/bench/plan.json
	@cd $(BUILD)/bench && ./measure -n 5 -agree -- ./peer-jsontext plan.json -- ./peer-lean plan.json -- ./peer-tfjson plan.json
	@cd $(BUILD)/bench && ./measure -n 5 -accept 0,1 -- ./peer-jsontext plan.json -- $(BUILD)/polygraph check plan.json
	@test -d $(BUILD)/bench/tree || $(BUILD)/bench/gentree -out $(BUILD)/bench/tree
	@cd $(BUILD)/bench && ./measure -n 3 -agree -- ./peer-hclsyntax tree -- ./peer-inspect tree
	@cd $(BUILD)/bench && ./measure -n 3 -accept 0,1 -- ./peer-hclsyntax tree -- $(BUILD)/polygraph check tree -q
	@cd $(BUILD)/bench && { $(BUILD)/polygraph check $(CURDIR)/examples/acme -q -o jsonl=acme.jsonl >/dev/null; [ $$? -eq 1 ]; } && \
	./genrun -in acme.jsonl -findings 42000 -out base.jsonl && ./genrun -in acme.jsonl -findings 42003 -out head.jsonl
	@cd $(BUILD)/bench && ./measure -n 3 -accept 1 -- $(BUILD)/polygraph render head.jsonl -o jsonl=/dev/null -q -- $(BUILD)/polygraph render head.jsonl -q -o sarif=/dev/null \
	-- $(BUILD)/polygraph render head.jsonl -q -o markdown=/dev/null -- $(BUILD)/polygraph render head.jsonl -q -o html=/dev/null \
	-- $(BUILD)/polygraph render head.jsonl -q -o junit=/dev/null -- $(BUILD)/polygraph compare base.jsonl head.jsonl -q -o markdown=/dev/null
	@cd bench/objects && GOWORK=off $(GO) build -o $(BUILD)/bench/ ./... github.com/homeport/dyff/cmd/dyff
	@cd $(BUILD)/bench && ./genmanifests -out old.yaml && ./genmanifests -edited 10 -out new.yaml
	@cd bench/net && GOWORK=off $(GO) build -o $(BUILD)/bench/ ./...
	@cd $(BUILD)/bench && ./netbench -polygraph $(BUILD)/polygraph
	@cd $(BUILD)/bench && ./measure -n 5 -accept 0,1 -- ./dyff between --set-exit-code old.yaml new.yaml -- $(BUILD)/polygraph change old.yaml new.yaml

.PHONY: soak
soak: ## what takes long: fuzzing, 500 MB inputs, generated plans
	@POLYGRAPH_SOAK=1 POLYGRAPH_PACKETS_SEEDS=320 $(STAGE) soak $(GO) test -count=1 -timeout 60m ./...
	@$(STAGE) fuzz sh -c 'for p in $$($(GO) list ./internal/...); do for f in $$($(GO) test -list "^Fuzz" $$p | grep ^Fuzz); do $(GO) test -run "^$$" -fuzz "^$$f$$" -fuzztime 60s $$p || exit 1; done; done'

.PHONY: clean
clean: ## remove builds
	@rm -rf $(BUILD)
