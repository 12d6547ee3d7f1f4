"""The table of norms: the one that comes with Nonet, and a site's own, right or wrong."""

from __future__ import annotations

import copy
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from nonet.anatomy import Structure
from nonet.errors import SettingsError
from nonet.measure.norms import NORMS_FILE, Curve, open_norms, shipped_norms

SHIPPED: dict[str, Any] = json.loads(resources.files("nonet.measure").joinpath(NORMS_FILE).read_text("utf-8"))


def saved(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "site.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_the_shipped_table_has_the_values_of_its_sources() -> None:
    norms = {norm.id: norm for norm in shipped_norms().norms}
    assert [value for _, value in norms["nt-fmf"].curves_at(45)] == pytest.approx([1.2, 2.1, 3.5])
    assert [value for _, value in norms["nt-fmf"].curves_at(84)] == pytest.approx([1.9, 2.7, 3.5])
    assert dict(norms["nt-thailand"].curves_at(60))[95] == pytest.approx(0.727 + 0.017 * 60)
    expected = {"it-turkey": 0.54 + 0.02 * 65, "nb-india": 2.205 + 0.014 * 65, "ps-india": 1.081 + 0.006 * 65}
    for name, value in expected.items():
        curve = norms[name].expected
        assert curve is not None and curve.at(65) == pytest.approx(value)
    assert norms["nb-india"].sd_mm is not None
    assert norms["nb-india"].sd_mm.at(65) == pytest.approx(0.534 * (1 - 0.291**2) ** 0.5, abs=5e-4)
    assert not norms["it-turkey"].has_spread


def test_every_norm_names_its_population_its_source_and_how_it_was_checked() -> None:
    for norm in shipped_norms().norms:
        assert norm.population and norm.source.text and norm.checked and norm.note
        assert 45 <= norm.crl_mm[0] < norm.crl_mm[1] <= 84
        for curve in (norm.expected, norm.sd_mm, *norm.centiles.values()):
            if curve is not None and curve.points:
                ends = curve.points[0][0], curve.points[-1][0]
                assert ends[0] <= norm.crl_mm[0] and norm.crl_mm[1] <= ends[1], "no line goes on past its last point"


def test_norms_are_found_by_structure_and_measurement() -> None:
    names = [norm.id for norm in shipped_norms().of(Structure.NUCHAL_TRANSLUCENCY, "thickness")]
    assert names == ["nt-fmf", "nt-germany", "nt-thailand"]
    assert shipped_norms().of(Structure.CISTERNA_MAGNA, "width") == ()


def test_a_site_replaces_the_table(tmp_path: Path) -> None:
    own = {**SHIPPED, "name": "our hospital", "norms": SHIPPED["norms"][:1]}
    path = saved(tmp_path, own)
    table = open_norms(path)
    assert (table.reference.name, len(table.norms)) == ("our hospital", 1)
    assert table.reference.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_curve_between_points_is_straight_and_held_at_its_ends() -> None:
    curve = Curve(points=((50, 1.0), (60, 2.0)))
    assert [curve.at(crl) for crl in (40, 50, 55, 60, 90)] == [1, 1, 1.5, 2, 2]


def changed(**values: object) -> dict[str, Any]:
    document = copy.deepcopy(SHIPPED)
    document["norms"][0] |= values
    return document


FLAT = {"coefficients": [2.0]}
WRONG = {
    "no norms": {**SHIPPED, "norms": []},
    "another format": {**SHIPPED, "format": 2},
    "no name": {**SHIPPED, "name": ""},
    "an unknown field": {**SHIPPED, "more": 1},
    "two of one name": {**SHIPPED, "norms": [SHIPPED["norms"][0]] * 2},
    "an unknown structure": changed(structure="heart"),
    "an unknown unit": changed(unit="cm"),
    "a name that is no name": changed(id="../../etc"),
    "no number of fetuses": changed(n=0),
    "a range that is none": changed(crl_mm=[84, 45]),
    "no values": changed(centiles={}),
    "centiles that cross": changed(centiles={"50": FLAT, "95": FLAT}),
    "a centile past the last": changed(centiles={"100": FLAT}),
    "a negative value": changed(centiles={"50": {"coefficients": [-1.0]}}),
    "not a number": changed(centiles={"50": {"coefficients": ["nan"]}}),
    "an empty curve": changed(centiles={"50": {}}),
    "points out of order": changed(centiles={"50": {"points": [[60, 1], [50, 2]]}}),
    "a spread without a middle": changed(sd_mm=FLAT),
    "a spread of zero": changed(centiles={}, expected=FLAT, sd_mm={"coefficients": [0.0]}),
    "both kinds of spread": changed(expected=FLAT, sd_mm=FLAT),
    "a list": [],
}


@pytest.mark.parametrize("document", WRONG.values(), ids=WRONG.keys())
def test_a_table_that_is_wrong_is_refused_by_name(tmp_path: Path, document: object) -> None:
    with pytest.raises(SettingsError) as raised:
        open_norms(saved(tmp_path, document))
    assert raised.value.found.startswith("site.json: ")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"format": NaN}', b"null"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        open_norms(path)


def test_a_file_too_large_or_absent_or_a_folder_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(b" " * ((1 << 20) + 1))
    for path in (large, tmp_path / "none.json", tmp_path):
        with pytest.raises(SettingsError):
            open_norms(path)
