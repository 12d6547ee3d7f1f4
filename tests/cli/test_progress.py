"""What is shown of how far a command has come."""

import pytest

from nonet.cli.progress import watched, watched_within


def test_a_bar_for_the_items_and_one_below_for_what_is_within_an_item(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for _ in watched(["one.dcm", "two.dcm"], "reading"):
        assert list(watched_within(iter("abc"), 3, "frames of the loop")) == ["a", "b", "c"]
    shown = capsys.readouterr().err
    assert shown.index("reading") < shown.index("frames of the loop")
    assert "0/2" in shown
    assert "0/3" in shown


def test_nothing_is_shown_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(watched_within(iter("ab"), 2, "frames of the loop")) == ["a", "b"]
    assert list(watched([1, 2], "reading")) == [1, 2]
    assert capsys.readouterr().err == ""
