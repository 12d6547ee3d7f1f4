"""``nonet read`` with a ruler, a crown-rump length, an age and a site's norms, as its user runs it."""

from __future__ import annotations

import csv
import json
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import command_here
import nonet
from nonet.cli.main import app
from nonet.errors import SettingsError
from nonet.measure.norms import shipped_norms

EXAMPLE = Path(__file__).parents[2] / "examples/alder-right.png"

run = partial(command_here.nonet, "read")


def thickness(document: dict[str, Any]) -> dict[str, Any]:
    (nuchal,) = (one for one in document["findings"] if one["structure"] == "nuchal_translucency")
    (found,) = (one for one in nuchal["measurements"] if one["name"] == "thickness")
    return found


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("norms") / "out"
    done = run(EXAMPLE, "-o", folder, "--spacing", "ruler", "--crl", "65", "--ga", "12+5")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_the_document_holds_the_ruler_the_age_and_the_norms(out: tuple[Path, str]) -> None:
    (document,) = (json.loads(path.read_text()) for path in out[0].rglob("*.png.json"))
    assert document["spacing"]["source"] == "ruler" and 0 < document["spacing"]["relative_error"] < 0.01
    settings = document["settings"]
    assert (settings["ruler"], settings["crl_mm"], settings["ga_days"]) == (True, 65.0, 89.0)
    assert settings["norms"] == {"name": "nonet norms 1", "sha256": shipped_norms().reference.sha256}
    found = thickness(document)
    assert [one["norm"] for one in found["norms"]] == ["nt-fmf", "nt-germany", "nt-thailand"]
    first = found["norms"][0]
    assert found["centile"] == (first["centile"] if first["bound"] is None else None)


def test_table_csv_and_page_show_the_centiles_side_by_side(out: tuple[Path, str]) -> None:
    folder, shown = out
    assert "from the ruler" in shown and "CRL 65 mm, 12+5 weeks" in shown
    assert "nt-fmf: " in shown and "nt-germany: centile" in shown and "PMID 16363364" in shown
    with (folder / "findings.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["structure"] == "nuchal_translucency")
    assert row["spacing_source"] == "ruler"
    assert float(row["thickness_centile_nt_germany"]) > 0 and row["thickness_grade_nt_germany"]
    assert row["thickness_centile_nt_thailand"] == "<95.0"
    assert "nt-germany: centile" in (folder / "index.html").read_text()


@pytest.mark.slow
def test_the_same_command_reads_nothing_again_and_another_length_does(out: tuple[Path, str]) -> None:
    (document,) = out[0].rglob("*.png.json")
    before = document.stat().st_mtime_ns
    same = run(EXAMPLE, "-o", out[0], "--spacing", "ruler", "--crl", "65", "--ga", "12+5")
    assert same.returncode == 0 and document.stat().st_mtime_ns == before
    other = run(EXAMPLE, "-o", out[0], "--spacing", "ruler", "--crl", "66", "--ga", "12+5", "--save", "")
    assert other.returncode == 0 and document.stat().st_mtime_ns > before


def test_a_sites_table_is_used_and_named(tmp_path: Path) -> None:
    site = json.loads(resources.files("nonet.measure").joinpath("norms.json").read_text("utf-8"))
    site |= {"name": "our hospital", "norms": [{**site["norms"][0], "id": "ours"}]}
    path = tmp_path / "ours.json"
    path.write_text(json.dumps(site))
    (reading,) = nonet.read(EXAMPLE, spacing_mm=(0.1, 0.1), crl_mm=65, norms=path)
    assert reading.settings.norms is not None and reading.settings.norms.name == "our hospital"
    assert [one["norm"] for one in thickness(reading.to_dict())["norms"]] == ["ours"]
    assert str(tmp_path) not in reading.to_json()


def test_without_a_length_or_an_age_nothing_is_compared() -> None:
    (reading,) = nonet.read(EXAMPLE, spacing_mm=(0.1, 0.1))
    found = thickness(reading.to_dict())
    assert found["norms"] == [] and found["centile"] is None
    assert reading.settings.norms is None


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--crl", "44.9"], "45 to 84"),
        (["--crl", "85"], "45 to 84"),
        (["--crl", "nan"], "45 to 84"),
        (["--crl", "six"], "--crl"),
        (["--ga", "12.5"], "weeks and days"),
        (["--ga", ""], "weeks and days"),
        (["--ga", "20+0"], "45 to 84"),
        (["--crl", "65", "--ga", "11+2"], "7 days"),
        (["--norms", "x.json"], "x.json without either"),
        (["--crl", "65", "--norms", "x.json"], "no such file"),
        (["--spacing", "rulers"], "or ruler"),
        (["--force-spacing"], "needs --spacing"),
    ],
)
def test_options_that_cannot_be_are_wrong_usage(tmp_path: Path, arguments: list[str], found: str) -> None:
    wide = {"COLUMNS": "300", "TERMINAL_WIDTH": "300"}
    done = CliRunner(env=wide).invoke(app, ["read", str(EXAMPLE), "-o", str(tmp_path / "out"), *arguments])
    assert done.exit_code == 2
    assert found in " ".join(done.output.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


def test_a_function_call_refuses_the_same() -> None:
    for wrong in ({"crl_mm": 30.0}, {"crl_mm": 65.0, "ga_days": 70.0}, {"ruler": True, "spacing_mm": (0.1, 0.1)}):
        with pytest.raises(SettingsError):
            next(nonet.read(EXAMPLE, **wrong))  # type: ignore[call-overload]
