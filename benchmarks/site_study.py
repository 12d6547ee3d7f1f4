"""A site's study from end to end: how well it grades what it can be held against, and what it costs.

For each of five simulator seeds, 200 frames are simulated and ``studies/site-example.toml`` is run on them. Figures are
the AUC of abnormal against normal in the folds, structure by structure, and CPU seconds.

With ``--beside``, nothing but the cost is measured, and put beside the figures that are there: the study of the first
seed, and right after it its form for an older version, by that version's source.

    python benchmarks/site_study.py FOLDER [--seeds 5]
    python benchmarks/site_study.py FOLDER --beside SRC
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from nonet.datasets import load
from nonet.datasets.grade_bands import grades_by_bands
from nonet.study.plan_file import load_plan

PLAN = Path(__file__).parents[1] / "studies" / "site-example.toml"
RESULT = Path(__file__).parent / "results" / "site_study.json"
FRAMES = 200
RUN = 'import sys; sys.argv[0] = "nonet"; from nonet.cli import main; main()'

OLDER = """
name = "site-example"
task = "labels"
labels = "labels.csv"
labels_from = "simulation"
positive = "abnormal"
budget = 4

[arms]
radiomics = ["radiomics"]
deep = ["deep"]
fusion = ["radiomics", "deep"]

[baselines]
"scores alone" = ["scores"]

[folds]
count = 3
"""
"""The same arms, kinds, budget and folds as an older version takes them, its ratings and selection as they were."""


def nonet(*arguments: object, source: Path | None = None) -> float:
    """Run a command; gives its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, **({"PYTHONPATH": str(source)} if source else {})}
    subprocess.run([sys.executable, "-c", RUN, *map(str, arguments)], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)


def aucs(run: Path) -> dict[str, dict[str, float]]:
    """AUC of abnormal against normal in the folds, by grader and structure."""
    cells = json.loads((run / "figures.json").read_text())["cells"]
    return {
        f"{cell['arm']}, {cell['kind']}": {
            structure: figures["auc_against"]["normal"]["value"]
            for structure, figures in cell["structures"].items()
            if "auc_against" in figures
        }
        for cell in cells
        if cell["scheme"] == "internal"
    }


def write_older(folder: Path, data: Path) -> Path:
    """The older version's plan with the same grades as a table of labels."""
    bands = load_plan(PLAN)[0].bands
    assert bands is not None
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "structure", "label"])
        for (image, structure), grade in grades_by_bands(bands, data, load(data)).items():
            assert structure is not None
            table.writerow([image, structure.value, grade])
    plan = folder / "older.toml"
    plan.write_text(OLDER)
    return plan


def study(folder: Path, seed: int) -> dict[str, Any]:
    """Simulate frames and run the study on them."""
    data, run = folder / f"frames-{seed}", folder / f"run-{seed}"
    nonet("simulate", "--n", FRAMES, "--out", data, "--seed", seed * FRAMES)
    return {"seed": seed, "cpu_s": nonet("study", "run", PLAN, "--data", data, "--run", run), "auc": aucs(run)}


def figures(folder: Path, seeds: int) -> dict[str, Any]:
    """The study of each seed, and the mean of each grader and structure."""
    runs = [study(folder, seed) for seed in range(seeds)]
    means = {
        grader: {
            structure: round(float(np.mean([run["auc"][grader][structure] for run in runs])), 3)
            for structure in runs[0]["auc"][grader]
        }
        for grader in runs[0]["auc"]
    }
    return {"frames": FRAMES, "mean_auc_abnormal_against_normal": means, "runs": runs}


def cost(folder: Path, source: Path) -> dict[str, float]:
    """CPU seconds of the study of the first seed, and of an older version's form of it."""
    ours = study(folder, 0)["cpu_s"]
    data = folder / "frames-0"
    theirs = nonet("study", "run", write_older(folder, data), "--data", data, "--run", folder / "older", source=source)
    return {"cpu_s": ours, "older_cpu_s": theirs, "ratio": round(ours / theirs, 3)}


def main() -> None:
    """Run, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--beside", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    result = json.loads(RESULT.read_text()) if options.beside else figures(options.folder, options.seeds)
    if options.beside:
        result["cost"] = cost(options.folder, options.beside)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    sys.stdout.write(json.dumps({name: one for name, one in result.items() if name != "runs"}, indent=1) + "\n")


if __name__ == "__main__":
    main()
