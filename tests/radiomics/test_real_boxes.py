"""The 36 real boxes: all 215 features agree with an independent computation, and with pysera where it is right."""

import math

import pytest
from radiomics_references import RealBox, needs_frames, real_boxes, rows

from nonet.radiomics import Features, Undefined, extract

WRONG_IN_PYSERA = {
    row["clean_name"] for row in rows("radiomics_215.csv") if row["oracle_source"] == "ibsi_true_215.csv"
}
BOXES = pytest.mark.parametrize("real", real_boxes(), ids=lambda real: f"{real.image}-{real.structure}")

pytestmark = needs_frames


def disagreements(features: Features, reference: dict[str, float], tolerance: float) -> dict[str, tuple[float, float]]:
    """Ours and theirs, where they differ by more than the relative tolerance, or only one is NaN."""
    return {
        name: (value, reference[name])
        for name, value in zip(features.names, features.values, strict=True)
        if not math.isclose(value, reference[name], rel_tol=tolerance)
        and not (math.isnan(value) and math.isnan(reference[name]))
    }


@BOXES
def test_all_features_equal_the_independent_computation(real: RealBox) -> None:
    assert disagreements(extract(real.pixels(), real.box), real.true, 1e-9) == {}


@BOXES
def test_features_equal_pysera_where_pysera_is_right(real: RealBox) -> None:
    assert set(disagreements(extract(real.pixels(), real.box), real.pysera, 1e-6)) <= WRONG_IN_PYSERA


def test_pysera_is_wrong_in_fifteen() -> None:
    assert len(WRONG_IN_PYSERA) == 15


@BOXES
def test_what_is_undefined_in_a_box_says_why(real: RealBox) -> None:
    undefined = extract(real.pixels(), real.box).undefined()
    ellipsoids = {name for name, reason in undefined.items() if reason is Undefined.SINGLE_SLICE}
    assert len(ellipsoids) == 4
    assert set(undefined.values()) <= {Undefined.SINGLE_SLICE, Undefined.PLATEAU}
