"""Addresses of DICOMweb servers and credentials for them: what is taken, what is refused, what is never repeated."""

from __future__ import annotations

import io
from base64 import b64decode
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.errors import SettingsError
from nonet.serve.dicomweb.address import DicomWebAddress, is_address, is_uid
from nonet.serve.dicomweb.credentials import authorization
from nonet.serve.dicomweb.multipart import write_first_part


@pytest.mark.parametrize(
    ("text", "base_url"),
    [
        ("dicomweb://127.0.0.1:8042/dicom-web/studies/1.2", "http://127.0.0.1:8042/dicom-web"),
        ("dicomweb://localhost/studies/1.2", "http://localhost"),
        ("dicomweb://[::1]:8042/studies/1.2", "http://[::1]:8042"),
        ("dicomweb://pacs.example/rs/v1/studies/1.2/", "https://pacs.example/rs/v1"),
        ("dicomweb+http://pacs.example/studies/1.2", "http://pacs.example"),
        ("dicomweb+https://127.0.0.1/studies/1.2", "https://127.0.0.1"),
    ],
)
def test_an_address_is_https_unless_it_is_this_machine_or_says_so(text: str, base_url: str) -> None:
    assert DicomWebAddress.parse(text).base_url == base_url


def test_an_address_names_a_study_a_series_or_an_instance() -> None:
    one = DicomWebAddress.parse("dicomweb://pacs/studies/1.2/series/3.4/instances/5.6")
    assert (one.study, one.series, one.instance) == ("1.2", "3.4", "5.6")


@pytest.mark.parametrize(
    "text",
    [
        "dicomweb://user:SECRET@pacs/studies/1.2",
        "dicomweb://SECRET@pacs/studies/1.2",
        "dicomweb://pacs/studies/1.2?token=SECRET",
        "dicomweb://pacs/studies/1.2#SECRET",
        "dicomweb://pacs/studies/../SECRET",
        "dicomweb://pacs/studies/SECRET",
        "dicomweb://pacs/studies/1.2/series/",
        "dicomweb://pacs:SECRET/studies/1.2",
        "dicomweb:///studies/1.2",
        "dicomweb://pacs/",
        "dicomweb://pacs/studies/" + "1" * 65,
        "dicomweb://pacs/studies/..",
        "dicomweb://pacs/studies/1.2/series/.",
        "dicomweb://pacs/studies/1.2/series/1..2",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(text: str) -> None:
    assert is_address(text)
    with pytest.raises(SettingsError) as refused:
        DicomWebAddress.parse(text)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("text", ["1", "1.2.840", "0.9", "1" * 64, "1." * 31 + "1"])
def test_a_uid_is_numbers_with_dots_between(text: str) -> None:
    assert is_uid(text)


@pytest.mark.parametrize("text", ["", ".", "..", ".1", "1.", "1..2", "1.2\n", "1" * 65, "1." * 32 + "1", "a", "1/2", 1])
def test_what_is_no_uid_names_no_file(text: object) -> None:
    assert not is_uid(text)


@pytest.mark.parametrize("text", ["dicomweb", "images", "dicomweb:/x", "https://pacs/studies/1.2", "C://x"])
def test_a_path_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_credentials_come_from_a_file_that_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.write_text("user:pass:word\n")
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="owner"):
        authorization(str(path))
    path.chmod(0o600)
    assert b64decode(authorization(str(path))["Authorization"].removeprefix("Basic ")) == b"user:pass:word"


def test_credentials_come_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "Bearer abc.def")
    assert authorization("env:TOKEN") == {"Authorization": "Bearer abc.def"}
    assert authorization(None) == {}
    with pytest.raises(SettingsError):
        authorization("env:NO_SUCH_VARIABLE")


@pytest.mark.parametrize("said", ["", "SECRET", ":SECRET", "Bearer a SECRET", "a:SECRET\nX-Header: 1", "ü:SECRET"])
def test_credentials_in_another_form_are_refused_without_being_repeated(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGIN", said)
    with pytest.raises(SettingsError) as refused:
        authorization("env:LOGIN")
    assert "SECRET" not in str(refused.value)


def cut(body: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


@given(content=st.binary(max_size=300), places=st.lists(st.integers(0, 10_000), max_size=8))
def test_a_part_is_written_whole_wherever_the_answer_is_cut(content: bytes, places: list[int]) -> None:
    if b"\r\n--frontier" in b"\r\n" + content:
        return
    body = b"\r\n--frontier\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n--frontier--\r\n"
    file = io.BytesIO()
    kind = 'multipart/related; type="application/dicom"; boundary="frontier"'
    write_first_part(kind, cut(body, places), file)
    assert file.getvalue() == content


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>"),
        ("multipart/related", b"--x\r\n\r\n1\r\n--x--"),
        ("multipart/related; boundary=x", b""),
        ("multipart/related; boundary=x", b"--x\r\nA: b\r\n\r\n1"),
        ("multipart/related; boundary=x", b"y" * 100_000),
    ],
)
def test_an_answer_in_another_form_is_an_error(kind: str, body: bytes) -> None:
    with pytest.raises(ValueError, match="part"):
        write_first_part(kind, [body], io.BytesIO())
