"""A bundle opens only if it is whole and unaltered."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from typer.testing import CliRunner

from errors_raised import raised
from nonet.anatomy import STRUCTURES
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.bundle.check_manifest import FORMAT
from nonet.bundle.external_data import check_self_contained
from nonet.bundle.session import Session
from nonet.cli.main import app
from nonet.errors import BundleError
from nonet.frame import Frame, Source
from nonet.reader import Reader
from nonet.simulate import simulate


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))


def change(folder: Path, **values: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **values}))


def test_the_shipped_bundle_says_what_it_is() -> None:
    manifest = Bundle().manifest
    assert manifest.structures == STRUCTURES
    assert set(manifest.detector.operating_points) == set(STRUCTURES)
    assert all(0 < point < 1 for point in manifest.detector.operating_points.values())
    assert any("CC BY 4.0" in str(source) for source in manifest.trained_on)
    assert any("Apache-2.0" in str(source) for source in manifest.warm_start)


def test_the_shipped_bundle_is_small_enough() -> None:
    assert sum(path.stat().st_size for path in DEFAULT_BUNDLE.iterdir()) <= 60 << 20


def test_the_shipped_bundle_holds_nothing_that_its_manifest_does_not_list() -> None:
    assert {path.name for path in DEFAULT_BUNDLE.iterdir()} == {"manifest.json", *Bundle().manifest.files}


def test_an_altered_file_is_refused_by_name(copy: Path) -> None:
    with (copy / "detector.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\1\2\3")
    with raised(BundleError, found=r"detector\.onnx has sha256"):
        Bundle(copy)


def test_a_missing_file_is_refused_by_name(copy: Path) -> None:
    (copy / "MODEL_CARD.md").unlink()
    with raised(BundleError, found=r"MODEL_CARD\.md"):
        Bundle(copy)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    with raised(BundleError, found=r"manifest\.json"):
        Bundle(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "\0" * 10])
def test_a_manifest_of_another_form_is_refused(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_text(text)
    with pytest.raises(BundleError):
        Bundle(copy)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "sub/file"])
def test_a_manifest_cannot_reach_out_of_its_folder(copy: Path, name: str) -> None:
    files = json.loads((copy / "manifest.json").read_text())["files"]
    change(copy, files={**files, name: "0" * 64})
    with pytest.raises(BundleError) as caught:
        Bundle(copy)
    assert name in caught.value.found


def test_a_detector_that_the_manifest_does_not_list_is_not_run(copy: Path) -> None:
    files = json.loads((copy / "manifest.json").read_text())["files"]
    del files["detector.onnx"]
    change(copy, files=files)
    with pytest.raises(BundleError) as caught:
        Bundle(copy)
    assert "detector.onnx" in caught.value.found


def test_a_huge_manifest_is_not_read(copy: Path) -> None:
    (copy / "manifest.json").write_bytes(b" " * (2 << 20))
    with raised(BundleError, found="2097152 bytes"):
        Bundle(copy)


def test_a_changed_word_changes_the_bundles_hash(copy: Path) -> None:
    before = Bundle(copy).reference
    change(copy, version="another")
    assert Bundle(copy).reference.sha256 != before.sha256


POINTS = {structure.value: 0.3 for structure in STRUCTURES}


def changed_detector(folder: Path, **values: object) -> None:
    detector = json.loads((folder / "manifest.json").read_text())["detector"]
    change(folder, detector={**detector, **values})


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"format": 8}, "format 8"),
        ({"structures": ["thalami"]}, "structures"),
        ({"structures": [structure.value for structure in reversed(STRUCTURES)]}, "structures"),
        ({"files": {"detector.onnx": "0" * 63}}, "SHA-256"),
        ({"metrics": {"a": float("nan")}}, "NaN"),
        ({"arrangement": "elsewhere.json"}, "elsewhere.json"),
    ],
    ids=str,
)
def test_a_manifest_that_says_what_cannot_be_is_refused(copy: Path, values: dict[str, object], named: str) -> None:
    change(copy, **values)
    with pytest.raises(BundleError) as caught:
        Bundle(copy)
    assert named in caught.value.found


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"operating_points": {**POINTS, "thalami": 1.5}}, "thalami"),
        ({"operating_points": {**POINTS, "thalami": float("inf")}}, "infinite"),
        ({"operating_points": {"thalami": 0.5}}, "midbrain"),
        ({"input_width": 0}, "0 x 448"),
        ({"input_height": 1 << 20}, "1048576"),
        ({"first_pass": [0, 256]}, "first_pass: an input of 0 x 256"),
        ({"second_pass": [544, 5000]}, "second_pass: an input of 544 x 5000"),
        ({"calibration": {"spread_weight": -1, "band_factors": {}, "visibility": {}}}, "spread_weight"),
        ({"calibration": {"spread_weight": 1, "band_factors": {}, "visibility": {}}}, "band_factors"),
    ],
    ids=str,
)
def test_a_detector_that_cannot_be_run_is_refused(copy: Path, values: dict[str, object], named: str) -> None:
    changed_detector(copy, **values)
    with pytest.raises(BundleError) as caught:
        Bundle(copy)
    assert named in caught.value.found


def of_one_size(folder: Path) -> None:
    """Let the detector take its trained input and no other, as one that was exported before format 5 does."""
    model = onnx.load(folder / "detector.onnx")
    for side, length in zip(model.graph.input[0].type.tensor_type.shape.dim[2:], (448, 640), strict=True):
        side.dim_value = length
    replace_network(folder, "detector.onnx", model)


def test_a_network_of_another_input_than_the_manifest_states_is_refused(copy: Path) -> None:
    of_one_size(copy)
    changed_detector(copy, input_width=320, first_pass=None, second_pass=None)
    with pytest.raises(BundleError) as caught:
        Reader(Bundle(copy))
    assert "320" in caught.value.found


@pytest.mark.parametrize("name", ["first_pass", "second_pass"])
def test_a_smaller_pass_is_refused_where_the_network_has_one_size(copy: Path, name: str) -> None:
    of_one_size(copy)
    changed_detector(copy, **{"first_pass": None, "second_pass": None, name: [384, 256]})
    with raised(BundleError, found=r"\[1, 1, 256, 384\]"):
        Reader(Bundle(copy))


def test_a_grader_of_this_format_is_read(copy: Path) -> None:
    change(copy, format=FORMAT)
    reading = Reader(Bundle(copy)).read_frame(Frame(simulate(9000050).pixels, Source("PNG", "0" * 64)))
    assert reading.plane_quality.probability is not None


def replace_network(folder: Path, name: str, model: onnx.ModelProto) -> None:
    """Put a network into a bundle and its hash into the manifest, as one who wants it run would."""
    (folder / name).write_bytes(model.SerializeToString())
    files = json.loads((folder / "manifest.json").read_text())["files"]
    change(folder, files={**files, name: hashlib.sha256((folder / name).read_bytes()).hexdigest()})


def test_a_network_that_gives_nan_is_an_error_and_no_reading(copy: Path) -> None:
    model = onnx.load(copy / "detector.onnx")
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype.kind == "f" and values.size > 1:
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.full_like(values, np.nan), tensor.name))
    replace_network(copy, "detector.onnx", model)
    with pytest.raises(BundleError) as caught:
        Reader(Bundle(copy)).read_frame(Frame(np.zeros((64, 64), np.uint8), Source("PNG", "0" * 64)))
    assert "NaN" in caught.value.found


def outside(tensor: onnx.TensorProto) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="ext.bin")


def test_weights_outside_the_hash_are_refused_by_the_session(copy: Path) -> None:
    model = onnx.load(copy / "detector.onnx")
    outside(model.graph.initializer[0])
    replace_network(copy, "detector.onnx", model)
    with pytest.raises(BundleError) as caught:
        Reader(Bundle(copy))
    assert "another file" in caught.value.found


def test_weights_outside_the_hash_are_refused_in_subgraphs_and_functions() -> None:
    tensor = onnx.numpy_helper.from_array(np.zeros(4, np.float32), "w")
    outside(tensor)
    constant = onnx.helper.make_node("Constant", [], ["y"], value=tensor)
    out = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [4])
    branch = onnx.helper.make_graph([constant], "branch", [], [out])
    chosen = onnx.helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
    condition = onnx.helper.make_tensor_value_info("c", onnx.TensorProto.BOOL, [])
    in_branch = onnx.helper.make_model(onnx.helper.make_graph([chosen], "g", [condition], [out]))
    opset = [onnx.helper.make_opsetid("", 17)]
    function = onnx.helper.make_function("own", "f", [], ["y"], [constant], opset)
    empty = onnx.helper.make_graph([], "g", [], [])
    in_function = onnx.helper.make_model(empty, functions=[function], opset_imports=opset)
    for model in (in_branch, in_function):
        with pytest.raises(BundleError):
            check_self_contained(model.SerializeToString(), "m.onnx")


def test_the_case_of_external_weights_is_refused_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Path(__file__).parents[1] / "cases/external_weights"
    monkeypatch.chdir(case)
    with pytest.raises(BundleError) as caught:
        Session((case / "e.onnx").read_bytes(), "e.onnx")
    assert "another file" in caught.value.found
    run = CliRunner().invoke(app, ["model", "import", "e.onnx", "-o", str(tmp_path / "b")])
    assert isinstance(run.exception, BundleError)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("number", [2, FORMAT - 1])
def test_a_grader_of_an_older_format_is_refused_with_what_to_do(copy: Path, number: int) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "format": number}))
    with pytest.raises(BundleError) as caught:
        Reader(Bundle(copy))
    assert f"of format {number}" in caught.value.found
    assert "nonet study run" in caught.value.remedy
    del manifest["graders"]
    (copy / "manifest.json").write_text(json.dumps({**manifest, "format": number}))
    reading = Reader(Bundle(copy)).read_frame(Frame(np.zeros((64, 64), np.uint8), Source("PNG", "0" * 64)))
    assert reading.plane_quality.probability is None
