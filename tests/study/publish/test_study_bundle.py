"""A bundle's card tells of its graders, each once, under the bundle's own title."""

from __future__ import annotations

from dataclasses import replace

from nonet.bundle import Bundle
from nonet.study.publish.study_bundle import model_card

TOLD = [
    {"scheme": "internal", "rows": 558, "auc": {"value": 0.9867, "low": 0.9765, "high": 0.9943}},
    {"scheme": "all", "rows": 558, "auc": {"value": 1.0, "low": 1.0, "high": 1.0}},
]


def test_a_section_replaces_the_earlier_one_of_its_task_and_keeps_the_others() -> None:
    plane = Bundle().manifest.graders["plane"]
    card = "# old 1.0\n\nWhat it is for.\n"
    for grader in (plane, replace(plane, task="labels"), replace(plane, family="boosting")):
        card = model_card(card, "new 2.0", grader, TOLD)
    assert card.startswith("# new 2.0\n\nWhat it is for.\n\n## Grader of labels\n")
    assert card.count("## Grader of plane\n\nboosting on detector, radiomics, deep") == 1
    assert card.count("## Grader of plane") == 1
    assert "\n\n## Grader of plane\n" in card
    assert "\n\n\n" not in card


def test_rows_that_were_trained_on_are_not_quoted() -> None:
    card = model_card("# old", "new 2.0", Bundle().manifest.graders["plane"], TOLD)
    assert "- internal: AUC 0.987 (95 % 0.977 to 0.994), 558 rows" in card
    assert "- all:" not in card


def test_the_shipped_card_is_titled_as_its_manifest_says() -> None:
    bundle = Bundle()
    title = bundle.file("MODEL_CARD.md").decode().splitlines()[0]
    assert title == f"# {bundle.manifest.name} {bundle.manifest.version}"
