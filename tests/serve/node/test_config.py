"""The configuration: what is asked for is understood, and what does not fit is named by its field."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from node_process import config_text

from errors_raised import raised
from nonet.errors import SettingsError
from nonet.serve.node.config import Config, Keep, ResultKind, Retry, load_config
from nonet.serve.node.deliver import pause_seconds

ROOT = Path(__file__).parents[3]
DESTINATION = '[[destinations]]\nae_title = "PACS"\nhost = "pacs"\nport = 104\n'
LEAST = 'ae_title = "NONET"\nport = 11112\ncalling_ae_titles = ["ORTHANC"]\nspool = "spool"\n'


def load(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "node.toml"
    path.write_text(text)
    return load_config(path)


def test_the_least_that_a_node_is_told(tmp_path: Path) -> None:
    config = load(tmp_path, LEAST + DESTINATION)
    assert config.host == "127.0.0.1"
    assert config.check_called_ae_title
    assert config.send == (ResultKind.SR, ResultKind.GSPS)
    assert config.keep is Keep.NOTHING
    assert config.spool == tmp_path / "spool"
    assert config.tls is None
    assert config.health is None


def test_the_configuration_that_is_shipped_loads() -> None:
    config = load_config(ROOT / "deploy/node.toml")
    assert config.spool == Path("/var/lib/nonet")
    assert config.health is not None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (LEAST, "destinations"),
        (LEAST.replace('"NONET"', '"A TITLE TOO LONG FOR"') + DESTINATION, "ae_title"),
        (LEAST.replace("11112", "70000") + DESTINATION, "port"),
        (LEAST.replace('["ORTHANC"]', "[]") + DESTINATION, "calling_ae_titles"),
        (LEAST + "bundel = 'x'\n" + DESTINATION, "bundel: no such field; bundle is one"),
        (LEAST + "send = ['pdf']\n" + DESTINATION, "send"),
        (LEAST + "send = ['sr', 'sr']\n" + DESTINATION, "send"),
        (LEAST + DESTINATION + DESTINATION, "two of one ae_title"),
        (LEAST + DESTINATION + "tls = true\n", "tls"),
        (LEAST + DESTINATION + "[limits]\nassociations = 0\n", "limits.associations"),
        (LEAST + DESTINATION + "[limits]\nstorage_bytes = 1048576\n", "object_bytes above storage_bytes"),
        (LEAST + DESTINATION + "[retry]\nfirst_seconds = 700\n", "first_seconds above longest_seconds"),
        ("", "ae_title"),
        ("ae_title = ", "node.toml"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, text: str, found: str) -> None:
    with raised(SettingsError, found=found):
        load(tmp_path, text)


def test_no_file_is_named_too(tmp_path: Path) -> None:
    with raised(SettingsError, found="no such file"):
        load_config(tmp_path / "node.toml")


def test_the_tests_use_a_configuration_that_loads(tmp_path: Path) -> None:
    assert load(tmp_path, config_text(104)).retry.rejections == 3


@given(times=st.integers(0, 1000), draw=st.floats(0, 1))
def test_a_pause_doubles_up_to_its_cap_and_is_cut_by_at_most_half(times: int, draw: float) -> None:
    retry = Retry(first_seconds=2, longest_seconds=100)
    whole = min(100.0, 2.0 * 2 ** min(max(times - 1, 0), 10))
    assert whole / 2 <= pause_seconds(retry, times, lambda: draw) <= whole
