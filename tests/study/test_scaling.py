"""Features scaled within each centre know nothing of its mean and spread; gaps stay, and so do ranks inside it."""

from __future__ import annotations

import numpy as np

from nonet.study.rows import scale_within


def test_a_centre_leaves_no_mark_on_mean_or_spread_and_ranks_stay() -> None:
    rng = np.random.default_rng(0)
    places = np.array(["north", "south"])[np.arange(60) % 2]
    structures = np.where(np.arange(60) < 30, "thalami", "palate")
    values = rng.normal(size=(60, 3)) * np.where(places == "north", 1, 5)[:, None]
    values += np.where(places == "north", 0, 40)[:, None]
    values[3, 0] = np.nan
    scaled = scale_within(values, places, structures)
    assert np.isnan(scaled[3, 0]) and np.isnan(scaled).sum() == 1
    for place in ("north", "south"):
        for structure in ("thalami", "palate"):
            rows = (places == place) & (structures == structure)
            np.testing.assert_allclose(np.nanmean(scaled[rows], axis=0), 0, atol=1e-12)
            np.testing.assert_allclose(np.nanstd(scaled[rows], axis=0), 1)
            assert (np.argsort(scaled[rows, 1]) == np.argsort(values[rows, 1])).all()


def test_a_constant_column_becomes_zero_and_an_empty_one_stays_empty() -> None:
    values = np.column_stack([np.full(4, 7.0), np.full(4, np.nan)])
    scaled = scale_within(values, np.array(["a"] * 4), np.array([""] * 4))
    assert (scaled[:, 0] == 0).all()
    assert np.isnan(scaled[:, 1]).all()
