"""A detector exported elsewhere becomes a bundle that reads; what is no such detector is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from typer.testing import CliRunner

from errors_raised import raised
from label_bundles import labels_bundle
from nonet.anatomy import STRUCTURES, GradeBasis, Structure
from nonet.bundle import BoxForm, Bundle
from nonet.bundle.frames_seen import uses_by_hash
from nonet.cli.main import app
from nonet.datasets import load
from nonet.errors import BundleError
from nonet.frame import Frame, Source
from nonet.reader import Reader
from nonet.train.detector.recalibrate import recalibrate
from nonet.train.import_detector import import_detector

NAMES = {0: "nasal bone", 1: "IT", 2: "placenta", 3: "thalami"}
WIDTH, HEIGHT, CELLS = 96, 64, 12


def exported(
    path: Path,
    *,
    names: dict[int, str] | None = NAMES,
    channels: int = 3,
    half: bool = False,
    transposed: bool = False,
    batch: int | str = 1,
) -> Path:
    """A model whose score for class ``c`` is the mean grey; its box is 20 x 10 at (10 c + 20, 30)."""
    rows = np.zeros((4 + len(NAMES), CELLS), np.float32)
    rows[:4] = np.array([20, 30, 20, 10])[:, None]
    for number in NAMES:
        rows[0, number] = 10 * number + 20
    boxes = np.where(np.arange(len(rows))[:, None] < 4, rows, 0)
    scores = np.zeros_like(rows)
    scores[4 + np.arange(len(NAMES)), np.arange(len(NAMES))] = 1
    if transposed:
        boxes, scores = boxes.T, scores.T
    kind, number_type = (TensorProto.FLOAT16, np.float16) if half else (TensorProto.FLOAT, np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["images"], ["grey"], keepdims=0),
            helper.make_node("Mul", ["scores", "grey"], ["lit"]),
            helper.make_node("Add", ["lit", "boxes"], ["output0"]),
        ],
        "exported",
        [helper.make_tensor_value_info("images", kind, [batch, channels, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info("output0", kind, [1, *boxes.shape])],
        [
            numpy_helper.from_array(scores[None].astype(number_type), "scores"),
            numpy_helper.from_array(boxes[None].astype(number_type), "boxes"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if names is not None:
        helper.set_model_props(model, {"names": str(names), "task": "detect"})
    onnx.save(model, path)
    return path


def imported(model: Path, out: Path, names: Path | None = None) -> Bundle:
    import_detector(
        model, out, names=names, name="ours", version="2.0", licence="MIT", operating_point=0.25, padding=114 / 255
    )
    return Bundle(out)


def bright(width: int = 2 * WIDTH, height: int = 2 * HEIGHT) -> Frame:
    return Frame(np.full((height, width), 204, np.uint8), Source("PNG", "0"))


@pytest.mark.parametrize("form", [{}, {"transposed": True}, {"half": True}, {"channels": 1}], ids=str)
def test_a_frame_is_read_with_it(tmp_path: Path, form: dict[str, bool]) -> None:
    reading = Reader(imported(exported(tmp_path / "m.onnx", **form), tmp_path / "b")).read_frame(bright())
    bone = reading.finding(Structure.NASAL_BONE)
    assert bone.score == pytest.approx(0.8, abs=2e-3)
    assert bone.box is not None
    assert bone.box.xyxy == pytest.approx((20, 50, 60, 70), abs=0.05)
    ventricle = reading.finding(Structure.FOURTH_VENTRICLE)
    assert ventricle.box is not None
    assert ventricle.box.xyxy == pytest.approx((40, 50, 80, 70), abs=0.05)


def test_a_structure_without_a_class_is_never_seen(tmp_path: Path) -> None:
    reading = Reader(imported(exported(tmp_path / "m.onnx"), tmp_path / "b")).read_frame(bright())
    seen = {finding.structure for finding in reading.findings if finding.visible}
    assert seen == {Structure.NASAL_BONE, Structure.FOURTH_VENTRICLE, Structure.THALAMI}


def test_a_frame_of_another_shape_is_padded_with_the_grey_that_the_model_expects(tmp_path: Path) -> None:
    bundle = imported(exported(tmp_path / "m.onnx"), tmp_path / "b")
    reading = Reader(bundle).read_frame(bright(WIDTH, HEIGHT // 2))
    assert reading.finding(Structure.THALAMI).score == pytest.approx((0.8 + 114 / 255) / 2, abs=2e-3)


def test_names_come_from_a_file_where_the_model_has_none(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("midbrain\nnasal_tip\ncat\ndog\n")
    bundle = imported(exported(tmp_path / "m.onnx", names=None), tmp_path / "b", tmp_path / "names.txt")
    assert bundle.manifest.detector.foreign is not None
    assert bundle.manifest.detector.foreign.classes == {Structure.MIDBRAIN: 0, Structure.NASAL_TIP: 1}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"names": None}, "one of the nine"),
        ({"names": {0: "cat", 1: "dog"}}, "one of the nine"),
        ({"channels": 4}, "1 or 3"),
        ({"batch": "batch"}, "1 or 3"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(tmp_path: Path, change: dict[str, object], rule: str) -> None:
    model = exported(tmp_path / "m.onnx", **change)  # type: ignore[arg-type]
    with pytest.raises(BundleError) as reported:
        imported(model, tmp_path / "b")
    assert "m.onnx" in str(reported.value)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x03\x04 a pickle of torch", b"\x08\x07garbage"], ids=["empty", "pt", "garbage"]
)
def test_bytes_that_are_no_model_are_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "m.onnx").write_bytes(raw)
    with raised(BundleError, found=r"m\.onnx"):
        imported(tmp_path / "m.onnx", tmp_path / "b")


def test_a_model_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "m.onnx").open("wb") as file:
        file.truncate(600 << 20)
    with raised(BundleError, found=r"m\.onnx: 629145600"):
        imported(tmp_path / "m.onnx", tmp_path / "b")


def test_weights_in_another_file_are_refused(tmp_path: Path) -> None:
    model = onnx.load(exported(tmp_path / "m.onnx"))
    onnx.save_model(model, tmp_path / "apart.onnx", save_as_external_data=True, size_threshold=0)
    (tmp_path / "elsewhere").mkdir()
    alone = (tmp_path / "apart.onnx").rename(tmp_path / "elsewhere/apart.onnx")
    with raised(BundleError, found=r"apart\.onnx"):
        imported(alone, tmp_path / "b")


def test_the_command_says_what_it_found_and_the_bundle_verifies(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["model", "import", str(exported(tmp_path / "m.onnx")), "-o", str(tmp_path / "b")])
    assert run.exit_code == 0, run.output
    assert "3 of nine" in run.output
    assert "nasal tip: no class" in run.output
    assert CliRunner().invoke(app, ["model", "verify", str(tmp_path / "b")]).exit_code == 0


def test_the_shipped_bundle_verifies_and_shows_what_it_holds() -> None:
    assert "are the same" in CliRunner().invoke(app, ["model", "verify"]).output
    shown = CliRunner().invoke(app, ["model", "show"]).output
    assert all(word in shown for word in ("nonet-default", "Fetus Framework", "held_out_slice", STRUCTURES[0].label))
    plane = Bundle().manifest.graders["plane"].metrics["internal"]["auc"]
    assert f"internal: rows 558, auc {plane['value']:.3f} ({plane['low']:.3f}-{plane['high']:.3f})" in shown
    assert "\n  all:" not in shown, "rows that it was trained on are no test"


def test_a_grader_of_labels_is_shown_with_what_it_grades_and_rests_on(tmp_path: Path) -> None:
    labels_bundle(tmp_path / "b", (Structure.NASAL_BONE,), GradeBasis.EDITS, (Structure.PALATE,))
    shown = CliRunner().invoke(app, ["model", "show", str(tmp_path / "b")]).output
    assert "its grades rest on: trained on controlled edits" in shown
    assert "  grades: nasal bone\n" in shown
    assert "not better than chance, so not graded: palate" in shown


def test_a_bundle_that_was_altered_does_not_verify(tmp_path: Path) -> None:
    imported(exported(tmp_path / "m.onnx"), tmp_path / "b")
    with (tmp_path / "b/detector.onnx").open("ab") as file:
        file.write(b"x")
    run = CliRunner().invoke(app, ["model", "verify", str(tmp_path / "b")])
    assert run.exit_code == 1
    assert isinstance(run.exception, BundleError)


CASES = Path(__file__).parents[1] / "cases"


def constant(path: Path, output: np.ndarray, names: dict[int, str], **metadata: str) -> Path:
    """A model that gives the same numbers for every image of 160 x 160."""
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["images"], ["grey"], keepdims=0),
            helper.make_node("Mul", ["grey", "zero"], ["nothing"]),
            helper.make_node("Add", ["nothing", "numbers"], ["output0"]),
        ],
        "constant",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 160, 160])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, *output.shape])],
        [
            numpy_helper.from_array(np.float32(0), "zero"),
            numpy_helper.from_array(output[None].astype(np.float32), "numbers"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"names": str(names), **metadata})
    onnx.save(model, path)
    return path


NINE = {number: structure.label for number, structure in enumerate(STRUCTURES)}
NT = STRUCTURES.index(Structure.NUCHAL_TRANSLUCENCY)
PLACE = (40.0, 60.0, 80.0, 100.0)


def of_form(form: BoxForm, classes: int = 9, boxes: int = 30) -> np.ndarray:
    """One NT of 0.9 at `PLACE`, as ``[numbers, boxes]``; the other boxes are weak."""
    x1, y1, x2, y2 = PLACE
    rows = np.zeros((form.rows(classes), boxes))
    centre = np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])
    rows[:4] = np.array([10, 10, 8, 8])[:, None]
    rows[:4, 3] = centre
    if form is BoxForm.FINAL:
        rows[:4] = np.array([1, 1, 9, 9])[:, None]
        rows[:, 3] = (*PLACE, 0.9, NT)
        return rows
    if form is BoxForm.NORMALISED_SCORES:
        rows[:4] /= 160
    if form is BoxForm.OBJECTNESS:
        rows[4], rows[5 + NT] = 0.01, 0.02
        rows[4, 3], rows[5 + NT, 3] = 0.95, 0.9 / 0.95
        return rows
    rows[4 + NT, 3] = 0.9
    return rows


def seen(bundle: Bundle) -> dict[Structure, tuple[float, tuple[float, ...]]]:
    reading = Reader(bundle).read_frame(bright(160, 160))
    return {one.structure: (one.score, one.box.xyxy) for one in reading.findings if one.box}


@pytest.mark.parametrize("transposed", [False, True], ids=["numbers first", "boxes first"])
@pytest.mark.parametrize("form", list(BoxForm))
def test_boxes_of_every_form_are_read_where_they_are(tmp_path: Path, form: BoxForm, transposed: bool) -> None:
    output = of_form(form)
    bundle = imported(constant(tmp_path / "m.onnx", output.T if transposed else output, NINE), tmp_path / "b")
    assert bundle.manifest.detector.foreign is not None
    assert bundle.manifest.detector.foreign.boxes is form
    assert seen(bundle) == {
        Structure.NUCHAL_TRANSLUCENCY: (pytest.approx(0.9, abs=1e-3), pytest.approx(PLACE, abs=0.05))
    }


@pytest.mark.parametrize("name", ["s_e2e.onnx", "s_v8.onnx"])
def test_the_case_of_two_layouts_is_read(tmp_path: Path, name: str) -> None:
    found = seen(imported(CASES / "onnx_other_layouts" / name, tmp_path / "b"))
    assert found == {Structure.NUCHAL_TRANSLUCENCY: (pytest.approx(0.9, abs=1e-3), pytest.approx(PLACE, abs=0.05))}


@pytest.mark.parametrize(
    ("output", "metadata"),
    [
        (of_form(BoxForm.SCORES, 41), {}),
        (of_form(BoxForm.SCORES), {"task": "segment"}),
        (of_form(BoxForm.SCORES) * 5 - 2, {}),
        (of_form(BoxForm.SCORES), {"end2end": "True"}),
        (np.zeros((2, 6)) + 0.5, {}),
    ],
    ids=["more columns than names", "another task", "scores past 1", "end to end of another shape", "boxes in shares"],
)
def test_numbers_of_no_known_form_are_refused(tmp_path: Path, output: np.ndarray, metadata: dict[str, str]) -> None:
    with pytest.raises(BundleError) as caught:
        imported(constant(tmp_path / "m.onnx", output, NINE, **metadata), tmp_path / "b")
    assert "m.onnx" in caught.value.found


def test_two_classes_in_six_numbers_are_told_apart_by_trial(tmp_path: Path) -> None:
    """[1, boxes, 6] is both two scores and a final box: only the numbers tell."""
    scores = np.zeros((6, 30))
    scores[:4] = np.array([60, 80, 40, 40])[:, None]
    scores[4, 0] = 0.9
    names = {0: "NT", 1: "nasal bone"}
    bundle = imported(constant(tmp_path / "m.onnx", scores.T, names), tmp_path / "b")
    assert list(seen(bundle)) == [Structure.NUCHAL_TRANSLUCENCY]
    final = np.zeros((6, 300))
    final[:, 0] = (*PLACE, 0.9, 1)
    bundle = imported(constant(tmp_path / "e.onnx", final.T, names, end2end="True"), tmp_path / "c")
    assert list(seen(bundle)) == [Structure.NASAL_BONE]
    with pytest.raises(BundleError) as caught:
        imported(constant(tmp_path / "f.onnx", final.T, names), tmp_path / "d")
    assert "more than one form" in caught.value.found


def test_a_network_that_gives_nan_is_refused_when_it_is_imported(tmp_path: Path) -> None:
    with pytest.raises(BundleError) as caught:
        imported(constant(tmp_path / "m.onnx", of_form(BoxForm.SCORES) * np.nan, NINE), tmp_path / "b")
    assert "NaN" in caught.value.found


def test_an_imported_detector_gets_a_point_for_each_structure(tmp_path: Path) -> None:
    """Its score is the mean grey: bright frames have the structures, dark ones do not. It knows three structures."""
    bundle = tmp_path / "bundle"
    settings = {"name": "elsewhere", "version": "1", "licence": "none", "operating_point": 0.01, "padding": 0.0}
    import_detector(exported(tmp_path / "model.onnx"), bundle, **settings)
    greys = [*range(120, 250, 10)]
    (tmp_path / "data").mkdir()
    images, boxes = [], []
    for number, grey in enumerate(greys):
        Image.fromarray(np.full((HEIGHT, WIDTH), grey, np.uint8)).save(tmp_path / "data" / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "width": WIDTH, "height": HEIGHT})
        boxes.append({"id": number, "image_id": number, "category_id": 1, "bbox": [40, 25, 20, 10]})
    document = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "thalami"}]}
    (tmp_path / "data/annotations.json").write_text(json.dumps(document))
    dark = [Frame(np.full((HEIGHT, WIDTH), grey, np.uint8), Source("png", "0" * 64)) for grey in range(30, 60, 5)]
    points = recalibrate(Bundle(bundle), load(tmp_path / "data"), dark, tmp_path / "new", version="2")
    assert 0.2 < points[Structure.THALAMI] < 0.6
    assert points[Structure.MIDBRAIN] == 1, "no box of it was found"
    made = Bundle(tmp_path / "new")
    assert made.manifest.detector.calibration is None, "it gives no spreads to make bands of"
    assert made.manifest.detector.operating_points == points
    assert uses_by_hash(made) is None, "what it was trained on is as unknown as before"
