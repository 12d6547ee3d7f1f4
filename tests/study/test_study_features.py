"""A simulated head is rated by nine machines, which no training of the embedder has drawn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES
from nonet.bundle import DEFAULT_BUNDLE
from nonet.features.frame_features import DETECTOR_FEATURES, box_feature_names
from nonet.features.parts import FeaturePart
from nonet.simulate.devices import STUDY_DEVICES
from nonet.study.rows import make_ratings
from nonet.study.study_features import MACHINES, HeadItem, extract_all


@pytest.mark.slow
def test_a_head_is_rated_on_nine_machines_and_its_ratings_are_of_no_frame(tmp_path: Path) -> None:
    features = extract_all(
        [HeadItem(7)], DEFAULT_BUNDLE, frozenset({FeaturePart.RADIOMICS}), None, tmp_path, seed=0, workers=1, watch=list
    )
    assert set(features.source.tolist()) == {MACHINES}
    assert set(features.rater.tolist()) == {device.name for device in STUDY_DEVICES}
    assert np.isnan(features.values[:, : len(DETECTOR_FEATURES)]).all()
    ratings = make_ratings(features, [MACHINES])[MACHINES]
    seen = [structure for structure in STRUCTURES if structure.value in features.structure.tolist()]
    assert len(seen) >= 5
    for structure in seen:
        assert ratings[structure].values.shape == (1, 9, len(box_feature_names(features.names)))
        assert ratings[structure].frames is None
        assert np.isfinite(ratings[structure].values).mean() > 0.9


@pytest.mark.slow
def test_features_that_are_there_are_read_and_not_computed_again(tmp_path: Path) -> None:
    settings = {"seed": 0, "workers": 1, "watch": list}
    first = extract_all([HeadItem(8)], DEFAULT_BUNDLE, frozenset({FeaturePart.RADIOMICS}), None, tmp_path, **settings)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    again = extract_all([HeadItem(8)], DEFAULT_BUNDLE, frozenset({FeaturePart.RADIOMICS}), None, tmp_path, **settings)
    assert file.stat().st_mtime_ns == written
    np.testing.assert_array_equal(first.values, again.values)
