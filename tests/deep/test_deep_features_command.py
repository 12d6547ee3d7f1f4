"""``nonet features deep`` writes a table as that of radiomics, and of no frame that the embedder was trained on."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from embedder_bundles import write_with
from typer.testing import CliRunner

from nonet.bundle import Bundle
from nonet.cli.features import app
from nonet.datasets.inspection import first_frame
from nonet.deep import Embedder
from nonet.errors import LeakError
from nonet.frame import pixels_sha256
from nonet.reading import Box

runner = CliRunner()


def command(data: Path, output: Path, bundle: Path, *more: str) -> list[str]:
    return ["deep", str(data), "-o", str(output), "--split", "set1", "--bundle", str(bundle), *more]


def test_every_box_of_a_split_is_a_row(published_folder: Path, bundle_folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "f.parquet"
    run = runner.invoke(app, command(published_folder, output, bundle_folder, "--json"))
    assert run.exit_code == 0, run.output
    table = pq.read_table(output)
    assert json.loads(run.stdout)["rows"] == table.num_rows > 0
    row = table.to_pylist()[0]
    pixels = first_frame(next(published_folder.glob(f"Set1*/Standard/{row['image']}"))).pixels
    embedder = Embedder(Bundle(bundle_folder))
    (expected,) = embedder.embed(pixels, [Box(*row["box"])])
    np.testing.assert_array_equal(np.array([row[name] for name in embedder.names], np.float32), expected)
    settings = json.loads(table.schema.metadata[b"nonet.deep.settings"])
    assert settings["model_sha256"] == Bundle(bundle_folder).manifest.files["embedder.onnx"]


def test_a_frame_that_the_embedder_has_seen_is_refused(published_folder: Path, model: bytes, tmp_path: Path) -> None:
    seen = pixels_sha256(first_frame(next(published_folder.glob("Set1*/Standard/0.png"))).pixels)
    bundle = write_with(model, tmp_path / "planted", seen=(seen,))
    output = tmp_path / "f.parquet"
    run = runner.invoke(app, command(published_folder, output, bundle))
    assert isinstance(run.exception, LeakError)
    assert "0.png" in str(run.exception)
    assert not output.exists()
    assert runner.invoke(app, command(published_folder, output, bundle, "--allow-seen")).exit_code == 0
