"""The tables agree: what an output keeps, the standard lets it keep."""

from __future__ import annotations

from pydicom.datadict import keyword_for_tag, tag_for_keyword

from nonet.deidentify.attribute_actions import EDITION, Action, _kept, action_of, basic_profile

KEPT = {Action.PIXELS, Action.NUMBERS, Action.WORDS, Action.POINTERS, Action.STANDARD_UIDS}
ALLOWED = {
    Action.KEYED_UIDS: {"U"},
    Action.SEQUENCES: {"X/Z/U*"},
    Action.PSEUDONYMS: {"Z", "Z/D"},
    Action.EMPTIED: {"Z"},
    Action.DATES: {"Z", "X/D", "X/Z", "Z/D"},
}


def test_the_table_is_whole_and_each_attribute_stands_once() -> None:
    rows = basic_profile()
    assert len(rows) == len({tag for tag, _, _ in rows}) > 640
    assert {code for _, _, code in rows} <= {"D", "Z", "X", "U", "Z/D", "X/Z", "X/D", "X/Z/D", "X/Z/U*"}
    assert EDITION == "2026c"


def test_its_keywords_are_those_of_the_dictionary_where_it_knows_them() -> None:
    known = [(tag, keyword) for tag, keyword, _ in rows_with_plain_tags() if keyword_for_tag(int(tag, 16))]
    assert len(known) > 600
    assert [pair for pair in known if keyword_for_tag(int(pair[0], 16)) != pair[1]] == []


def test_nothing_that_the_standard_removes_or_replaces_is_kept() -> None:
    for _, keyword, code in basic_profile():
        action = action_of(keyword)
        assert action not in KEPT, keyword
        assert action is Action.REMOVED or code in ALLOWED[action], (keyword, code)


def test_every_attribute_that_an_output_may_hold_is_of_the_standard() -> None:
    listed = [keyword for action in Action for keyword in _kept().get(action.name.lower(), ())]
    assert len(listed) == len(set(listed))
    assert [keyword for keyword in listed if tag_for_keyword(keyword) is None] == []


def test_an_attribute_without_a_keyword_is_removed() -> None:
    assert action_of("") is action_of("AnAttributeOfTheFuture") is Action.REMOVED


def rows_with_plain_tags() -> list[tuple[str, str, str]]:
    return [row for row in basic_profile() if "x" not in row[0]]
