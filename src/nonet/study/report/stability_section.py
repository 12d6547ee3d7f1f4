"""Which features come out alike when the same anatomy is measured again, and why the others left."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from nonet.anatomy import STRUCTURES
from nonet.select.removal_reasons import RemovalReason
from nonet.study.report.blocks import Block, Cell, Row, joined, paragraph, row, span, table, td, th
from nonet.study.report.chips import named
from nonet.study.report.wording import counted, heat, listed, percent, structure_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nonet.study.report.run_results import RunResults

    StableShares = Sequence[Mapping[str, Any]]

__all__ = ["stability"]

_PARTS = {"radiomics": "radiomic", "deep": "deep"}
_DEVICES, _MACHINES, _ALL, _CHOSEN = "devices", "machines", "all", "chosen"
_FAMILIES = {
    "morph": "morphology",
    "loc": "local intensity",
    "stat": "statistics",
    "ih": "intensity histogram",
    "ivh": "intensity-volume histogram",
}
_PUBLISHED = "over 75 %"
"""The published study's share of features that are reproducible across centres (Zhou et al. 2026, abstract)."""
_PUBLISHED_SHARE = 0.75

_SOURCES = {
    "reviewers": "boxes of seen structures drawn again, off as the detector is off on frames it has not seen",
    _DEVICES: "real frames shown in nine machine styles and at five other zooms, each against the original",
    _MACHINES: "simulated heads on nine machines, with the variance between real frames; they remove nothing",
    _ALL: "every source that removes features",
}
_REASONS = {
    RemovalReason.MISSING.value: "missing",
    RemovalReason.CONSTANT.value: "constant",
    RemovalReason.FEW_SUBJECTS.value: "few subjects",
    RemovalReason.UNSTABLE.value: "unstable",
    RemovalReason.REDUNDANT.value: "redundant",
    RemovalReason.NOT_CHOSEN.value: "not chosen",
    _CHOSEN: "chosen",
}


def stability(results: RunResults) -> Block:
    """Shares of stable features by structure and by family, and what left for which reason."""
    values: StableShares = results.figures["selection"]["stable"]
    if not values:
        return paragraph("No arm is given features that are measured in boxes, so none was selected.")
    least = results.figures["selection"]["least_icc"]
    return joined(
        [
            paragraph(_what(results, least)),
            *_dropped(results),
            paragraph(_against_published(values), class_="finding"),
            _by_structure(values, least),
            _by_family(values, least),
            _left(results.figures["selection"]["left"]),
        ]
    )


def _what(results: RunResults, least: float) -> str:
    selection = results.figures["selection"]
    ways = "; ".join(
        f"{name}: {_SOURCES[name]}"
        for name in (*selection["sources"], *selection["reported"])
        if name in _SOURCES and _known(results, name)
    )
    pair = (
        f" Of devices the median must reach it, and the least of them {selection['least_pair']:g}."
        if _DEVICES in selection["sources"]
        else ""
    )
    return (
        f"Stable is an ICC(A,1) of at least {least:g}, of the point estimate: two-way random effects, absolute "
        "agreement, one rater, that is Shrout and Fleiss' ICC(2,1), on unedited frames, one structure at a time "
        f"and never pooled over structures.{pair} {ways[:1].upper()}{ways[1:]}. Features without a coefficient count "
        "as not stable. All rows, the arm with the most features."
    )


def _dropped(results: RunResults) -> list[Block]:
    """The sources that filter nothing of a structure, by name."""
    found: dict[str, list[str]] = results.figures["selection"]["dropped"]
    if not found:
        return []
    parts = [f"{structure_label(structure)}: {listed(sources)}" for structure, sources in found.items()]
    words = (
        f"Rated too seldom, and therefore no filter here: {'; '.join(parts)}. Features of these structures are as "
        "stable as the other sources say, if there are any."
    )
    return [paragraph(words, class_="finding")]


def _known(results: RunResults, name: str) -> bool:
    return any(name in one["stable"] for one in results.figures["selection"]["stable"])


def _against_published(values: StableShares) -> str:
    """The share across devices, in all and by part, beside what was published of centres."""
    across = _DEVICES
    if not all(across in one["stable"] for one in values):
        return "No source is of devices, so nothing here stands beside the published share across centres."
    parts = {words: [one for one in values if one["part"] == part] for part, words in _PARTS.items()}
    apart = [f"{_percent(own, across)} of {words} features" for words, own in parts.items() if own]
    inner = f" ({', '.join(apart)})" if len(apart) > 1 else ""
    surely = percent(sum(one["stable_by_lower_bound"] for one in values), _sum(values))
    verdict = "is" if _share(values, across) > _PUBLISHED_SHARE else "is not"
    return (
        f"Stable across devices: {_percent(values, across)} of {counted(_sum(values), 'feature')}{inner}. "
        f"The published study's {_PUBLISHED} across nine centres {verdict} reached here; it had real centres, "
        f"this study has {_SOURCES[across]} instead. By the lower end of its interval, {surely} is stable by every "
        "source."
    )


def _by_structure(values: StableShares, least: float) -> Block:
    names = [each.value for each in STRUCTURES if any(one["structure"] == each.value for one in values)]
    of_each = {name: [one for one in values if one["structure"] == name] for name in names}
    body = [row(th(named(name), "row"), *_shares(own, values)) for name, own in of_each.items()]
    body.append(row(th("all", "row"), *_shares(values, values), class_="total"))
    caption = f"Share of features with an ICC of at least {least:g}, structure by structure."
    return table(caption, _head(values, "structure"), body, "heat")


def _head(values: StableShares, first: str) -> list[Row]:
    sources = _sources(values)
    parts = _parts(values)
    return [
        row(th(first, rowspan=2), *(th(part, "colgroup", colspan=len(sources) + 1) for part in parts)),
        row(*(cell for _ in parts for cell in (th("features"), *map(th, sources)))),
    ]


def _by_family(values: StableShares, least: float) -> Block:
    sources = _sources(values)
    families = list(dict.fromkeys(one["family"] for one in values))
    body = []
    for family in families:
        own = [one for one in values if one["family"] == family]
        body.append(row(th(_family(family), "row"), *_cells(own, sources)))
    head = [row(th("family"), th("features"), *(th(source) for source in sources))]
    return table(f"The same by family of features, over all structures; ICC at least {least:g}.", head, body, "heat")


def _family(name: str) -> str:
    return name.upper() if name.startswith(("gl", "ng")) else _FAMILIES.get(name, name)


def _shares(own: StableShares, values: StableShares) -> list[Cell]:
    """Cells of each part: how many features, and the share that is stable by each source."""
    parts = ([one for one in own if one["part"] == part] for part in _parts(values))
    return [cell for some in parts for cell in _cells(some, _sources(values))]


def _cells(own: StableShares, sources: Sequence[str]) -> list[Cell]:
    total = _sum(own)
    shades = (heat(_share(own, source)) if total else "" for source in sources)
    shares = (td(_percent(own, source), f"figure {shade}") for source, shade in zip(sources, shades, strict=True))
    return [td(f"{total:,}", "figure"), *shares]


def _parts(values: StableShares) -> list[str]:
    return [part for part in _PARTS if any(one["part"] == part for one in values)]


def _sources(values: StableShares) -> list[str]:
    known = [name for name in _SOURCES if all(name in one["stable"] for one in values)]
    return known if len(known) > 2 else [name for name in known if name != _ALL] or known


def _sum(values: StableShares) -> int:
    return sum(one["features"] for one in values)


def _stable(values: StableShares, source: str) -> int:
    return sum(one["stable"][source] for one in values)


def _share(values: StableShares, source: str) -> float:
    return _stable(values, source) / max(_sum(values), 1)


def _percent(values: StableShares, source: str) -> str:
    return percent(_stable(values, source), _sum(values))


def _left(values: StableShares) -> Block:
    counts: Counter[tuple[str, str, str]] = Counter()
    for one in values:
        counts[one["structure"], one["part"], one["reason"]] += one["features"]
    reasons = [reason for reason in _REASONS if any(key[2] == reason for key in counts)]
    parts = _parts(values)
    names = [each.value for each in STRUCTURES if any(key[0] == each.value for key in counts)]
    head = [
        row(th("structure", rowspan=2), *(th(part, "colgroup", colspan=len(reasons)) for part in parts)),
        row(*(th(_REASONS[reason]) for _ in parts for reason in reasons)),
    ]
    body = [
        row(
            th(named(name), "row"),
            *(_number(counts[name, part, reason], reason) for part in parts for reason in reasons),
        )
        for name in names
    ]
    totals = (
        _number(sum(counts[name, part, reason] for name in names), reason) for part in parts for reason in reasons
    )
    caption = "What became of every feature, all rows: why it left, in the order of the filters, or that it was chosen."
    return table(caption, head, [*body, row(th("all", "row"), *totals, class_="total")], "figures left")


def _number(count: int, reason: str) -> Cell:
    return td(
        f"{count:,}" if count else span("0", class_="dim"),
        "figure top" if reason == _CHOSEN and count else "figure",
    )
