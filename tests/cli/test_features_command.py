"""``nonet features radiomics`` turns the boxes of a data set into a Parquet file, and can be told what went wrong."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from nonet.cli.features import app

runner = CliRunner()


@pytest.fixture
def published(published_folder: Path) -> Path:
    return published_folder


def test_every_box_of_a_split_is_a_row(published: Path, tmp_path: Path) -> None:
    output = tmp_path / "f.parquet"
    run = runner.invoke(
        app, ["radiomics", str(published), "-o", str(output), "--split", "set1", "--workers", "1", "--json"]
    )
    assert run.exit_code == 0, run.output
    report = json.loads(run.stdout)
    table = pq.read_table(output)
    assert report["rows"] == table.num_rows > 0
    assert report["defective"] == 0
    assert set(table["structure"].to_pylist()) >= {"thalami", "nasal_bone"}


def test_a_finished_file_is_not_overwritten_unless_asked(published: Path, tmp_path: Path) -> None:
    output = tmp_path / "f.parquet"
    output.write_text("mine")
    command = ["radiomics", str(published), "-o", str(output), "--split", "set2", "--workers", "1"]
    assert runner.invoke(app, command).exit_code == 2
    assert output.read_text() == "mine"
    assert runner.invoke(app, [*command, "--again"]).exit_code == 0
    assert pq.read_table(output).num_rows > 0


def test_an_image_that_cannot_be_read_is_named_and_the_rest_measured(published: Path, tmp_path: Path) -> None:
    damaged = next(published.glob("Set1*/Standard/0.png"))
    damaged.write_bytes(damaged.read_bytes()[:2000])
    output = tmp_path / "f.parquet"
    run = runner.invoke(app, ["radiomics", str(published), "-o", str(output), "--split", "set1", "--workers", "1"])
    assert run.exit_code == 1
    assert "0.png could not be read" in run.stderr
    defects = set(pq.read_table(output)["defect"].to_pylist())
    assert defects == {None, "unreadable"}
