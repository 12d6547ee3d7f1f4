# From the detector of a bundle to the bundle that ships and the figures that rest on it. From the root of a clone in
# which `make .venv/everything` has been run; what was interrupted goes on with the same command:
#
#   make -f tools/remake.mk DATA=path/to/fetus-framework EMPTY=path/to/hc18 RUN=runs/remake VERSION=1.12.0
#
# VERSION is that of both plans under studies/ and of the recipe. `points` alone makes the bundle that the studies start
# from, `bundle` the one that ships, `adopted` puts it in its place with the studies' figures, `figures` makes the others
# again. About two and a half hours of two cores. Then: tools/tables.py, tools/conformance.py, the words of the pages,
# tests/test_findings.py, CHANGES.md.
START ?= src/nonet/bundles/default
WORKERS ?= 2
NONET := .venv/bin/nonet
PYTHON := .venv/bin/python
RESULTS := benchmarks/results
STUDIES := $(RESULTS)/studies
OTHER := $(shell $(PYTHON) -c 'import data_store; print(list(data_store.__path__)[0])')
FOLDS := $(foreach fold,0 1 2,--bundle $(RUN)/plane/bundles/fold-$(fold))

.DELETE_ON_ERROR:
.PHONY: all points bundle adopted figures

all: figures

points: $(RUN)/base/manifest.json
bundle: $(RUN)/grades/bundle/manifest.json
adopted: $(RUN)/adopted

$(RUN)/base/manifest.json:
	$(NONET) train points $(START) --data $(DATA) --split set1 --empty $(EMPTY) --version $(VERSION) -o $(@D)

# Edits and heads know nothing of the bundle.
$(RUN)/edits.made:
	$(NONET) edits $(DATA) --split set2 -o $(RUN)/edits --seed 20261129
	touch $@

$(RUN)/heads.made:
	$(NONET) simulate --graded --n 450 -o $(RUN)/heads
	touch $@

$(RUN)/plane/bundle/manifest.json: $(RUN)/base/manifest.json studies/plane-quality.toml
	$(NONET) study run studies/plane-quality.toml --data $(DATA) --run $(RUN)/plane --bundle $(RUN)/base --workers $(WORKERS)

$(RUN)/grades/bundle/manifest.json: $(RUN)/plane/bundle/manifest.json $(RUN)/edits.made $(RUN)/heads.made studies/grades-edits.toml
	$(NONET) study run studies/grades-edits.toml --data $(RUN)/edits --external-data $(RUN)/heads --run $(RUN)/grades \
		--bundle $(RUN)/plane/bundle --workers $(WORKERS)

# Limits and intervals are fitted with the bundle in its place, and everything after is measured with them.
$(RUN)/adopted: $(RUN)/grades/bundle/manifest.json
	rm -f src/nonet/bundles/default/*
	cp $(RUN)/grades/bundle/* src/nonet/bundles/default/
	$(PYTHON) tools/fit_plane_criteria.py $(DATA)
	$(PYTHON) tools/fit_measurement_intervals.py $(DATA)
	for name in figures.json folds.csv study.toml; do cp $(RUN)/plane/$$name $(STUDIES)/plane-quality/; done
	gzip -9 -n -c $(RUN)/plane/predictions.csv > $(STUDIES)/plane-quality/predictions.csv.gz
	for name in figures.json folds.csv study.toml; do cp $(RUN)/grades/$$name $(STUDIES)/grades-edits/; done
	touch $@

MADE := detection/scope-hc18 detection/scope-hc18-disguised detection/scope-other-anatomy detection/set2-kept \
	detection/full-strength robustness criteria measurements-set2 measurements-repeat measurements-simulated sweeps
BY_SCRIPT := box_noise head_passes measured-sizes arms_on_twins feature_stability adapt

figures: $(RUN)/made/detection-set2 $(addprefix $(RUN)/made/,$(MADE)) $(addprefix $(RUN)/made/,$(BY_SCRIPT))

scope-hc18 := scope $(EMPTY) --half reported
scope-hc18-disguised := scope $(EMPTY) --half reported --look disguised
scope-other-anatomy := scope $(OTHER)
set2-kept := detection $(DATA) --split set2 --overlays keep
full-strength := detectors $(DATA) --split set2 --bundle src/nonet/bundles/default --bundle bundles/yolo11n --bundle bundles/swin
robustness := robustness $(DATA) --split set2 $(FOLDS) --frames 100 --workers $(WORKERS)
criteria := criteria $(DATA) --split set2 --frames 120
measurements-set2 := measurements $(DATA) --split set2
measurements-repeat := repeatability $(DATA) --frames 40
measurements-simulated := simulated-measurements --heads 20 --twin "zoom 0.68" --twin "zoom 1.5" --twin "gain 0.8" --twin "gain 1.2"
sweeps := sweeps --sweeps 20

$(addprefix $(RUN)/made/,$(MADE)): $(RUN)/made/%: $(RUN)/adopted
	mkdir -p $(@D)
	$(NONET) evaluate $($(notdir $*)) --json > $@.json
	cp $@.json $(RESULTS)/$*.json
	touch $@

$(RUN)/made/detection-set2: $(RUN)/adopted
	mkdir -p $(@D)
	$(NONET) evaluate detection $(DATA) --split set2 --json --predictions $(RESULTS)/detection-set2.csv > $@.json
	cp $@.json $(RESULTS)/detection-set2.json
	touch $@

$(RUN)/yolo11n.csv:
	$(NONET) evaluate detection $(DATA) --split set2 --bundle bundles/yolo11n --predictions $@ --json > /dev/null

box_noise := box_noise.py $(DATA) $(RESULTS)/detection-set2.csv $(RUN)/yolo11n.csv
head_passes := head_passes.py --shipped-alone $(DATA) src/nonet/bundles/default
measured-sizes := measured_sizes.py $(DATA)
arms_on_twins := arms_on_twins.py $(DATA) $(RUN)/plane
feature_stability := feature_stability.py $(DATA)
adapt := adapt.py

$(RUN)/made/box_noise: $(RUN)/made/detection-set2 $(RUN)/yolo11n.csv

$(addprefix $(RUN)/made/,$(BY_SCRIPT)): $(RUN)/made/%: $(RUN)/adopted
	mkdir -p $(@D)
	$(PYTHON) benchmarks/$($*)
	touch $@
