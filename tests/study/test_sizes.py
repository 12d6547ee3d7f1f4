"""The arms of sizes: the ruler of a reading and the sides of the box, in head units, and what no bundle may need."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import DEFAULT_BUNDLE, Bundle, Unit
from nonet.datasets import load
from nonet.datasets.tasks import LabelledRows
from nonet.detect import Detector
from nonet.detect.head_frame import HEAD_SCALE
from nonet.features.frame_features import box_feature_names
from nonet.features.parts import FeaturePart
from nonet.frame import Frame, Source
from nonet.frames import hide_overlay
from nonet.measure import measure_spans, measure_structures
from nonet.simulate import simulate
from nonet.simulate.png_export import write_png
from nonet.study.plan import Input
from nonet.study.rows import make_rows
from nonet.study.size_features import WITH_AREA
from nonet.study.size_parts import SizePart
from nonet.study.sizes import RULER_COLUMNS, selectable_names, size_names, size_values
from nonet.study.study_features import OWN, TWINS, FrameItem, extract_all

BOTH = frozenset(SizePart)
MM_PER_PX = 0.07


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(Bundle(DEFAULT_BUNDLE))


def frame_of(seed: int) -> Frame:
    return hide_overlay(Frame(simulate(seed).pixels, Source("simulated", "0" * 64)))


def test_the_ruler_is_that_of_a_reading_and_boxes_are_measured_in_head_units(detector: Detector) -> None:
    located = detector.locate(frame_of(9_000_056))
    points = detector.manifest.operating_points
    values = dict(zip(STRUCTURES, size_values(located, points, 7.0, BOTH), strict=True))
    seen = {one.structure: one.box for one in located.detections if one.score >= points[one.structure]}
    spans = measure_spans(located, seen)
    thickness = spans[Structure.NUCHAL_TRANSLUCENCY, "thickness"]
    own = dict(zip(size_names(BOTH), values[Structure.NUCHAL_TRANSLUCENCY], strict=True))
    assert own["ruler.size"] == pytest.approx(np.log(thickness.length / HEAD_SCALE))
    assert own["ruler.mm"] == pytest.approx(7.0 * thickness.length / HEAD_SCALE)
    assert np.isnan(own["ruler.echo"])
    box = seen[Structure.NUCHAL_TRANSLUCENCY]
    assert own["box_size.log_height"] == pytest.approx(np.log(box.height * located.place.scale / HEAD_SCALE))
    (echo,) = (
        one for one in measure_structures(located, located.frame, seen)[Structure.NASAL_BONE] if one.name == "echo"
    )
    assert values[Structure.NASAL_BONE][2] == echo.value
    assert np.isnan(values[Structure.THALAMI][:3]).all(), "no protocol measures it"


def test_what_is_not_seen_is_not_measured_and_without_a_pixel_size_there_are_no_millimetres(detector: Detector) -> None:
    located = detector.locate(frame_of(9_000_050))
    nothing_seen = dict.fromkeys(STRUCTURES, 1.1)
    assert np.isnan(size_values(located, nothing_seen, 7.0, {SizePart.RULER})).all()
    values = size_values(located, detector.manifest.operating_points, None, {SizePart.RULER})
    assert np.isnan(values[:, RULER_COLUMNS.index("ruler.mm")]).all()
    assert np.isfinite(values[:, RULER_COLUMNS.index("ruler.size")]).any()


@pytest.mark.slow
def test_arms_of_sizes_hold_sizes_alone_and_ratings_none(tmp_path: Path) -> None:
    write_png(tmp_path / "head.png", simulate(9_000_050))
    item = FrameItem("head.png", tmp_path / "head.png", "0" * 64, 0, True, twins=1, mm_per_px=MM_PER_PX)
    parts = frozenset({FeaturePart.RADIOMICS})
    plain, sized = (
        extract_all(
            [item], DEFAULT_BUNDLE, parts, None, tmp_path / str(len(sizes)), seed=0, workers=1, watch=list, sizes=sizes
        )
        for sizes in (frozenset(), BOTH)
    )
    kept = [sized.names.index(name) for name in plain.names]
    np.testing.assert_array_equal(sized.values[:, kept], plain.values)
    assert selectable_names(sized.names) == selectable_names(plain.names) == box_feature_names(plain.names)
    columns = [sized.names.index(name) for name in size_names(BOTH)]
    ratings = ~np.isin(sized.source, [OWN, TWINS])
    assert ratings.any()
    assert np.isnan(sized.values[np.ix_(ratings, columns)]).all()
    size, mm = (sized.values[:, sized.names.index(name)] for name in ("ruler.size", "ruler.mm"))
    read = np.isfinite(size) & (mm > 0)
    ratio = mm[read] / np.exp(size[read])
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-3, err_msg="a twin shows the same head")
    data = load(tmp_path)
    labels = {("head.png", structure): "normal" for structure in STRUCTURES}
    labelled = LabelledRows(Unit.STRUCTURE, ("normal",), "normal", labels, data, ())
    rows = make_rows(labelled, sized, {"head.png": "a"})
    assert rows.of((Input.RULER,)).names == RULER_COLUMNS
    assert rows.free((Input.RULER, Input.RADIOMICS)) == RULER_COLUMNS
    assert rows.blocks((Input.RULER, Input.BOX_SIZE)) == ()
    whole, without = (
        set(rows.blocks((one,))[0].features) for one in (Input.RADIOMICS, Input.RADIOMICS_WITHOUT_MORPHOLOGY)
    )
    assert len(whole - without) == 29
    assert without - set(rows.blocks((Input.RADIOMICS_WITHOUT_SIZE,))[0].features) == WITH_AREA
    assert all(name.startswith("morph_") for name in whole - without)
    assert not without - whole
    frames = replace(labelled, unit=Unit.FRAME, labels={("head.png", None): "normal"})
    assert len(make_rows(frames, sized, {"head.png": "a"}).of((Input.RULER,)).names) == 9 * len(RULER_COLUMNS)
