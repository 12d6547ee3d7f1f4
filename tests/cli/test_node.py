"""``nonet node`` as its user runs it: what is wrong is named, with an exit code."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """
ae_title = "NONET"
port = {own}
calling_ae_titles = ["PACS"]
spool = "spool"
[[destinations]]
ae_title = "PACS"
host = "127.0.0.1"
port = {theirs}
[limits]
free_bytes = 1048576
network_seconds = 5
"""


def nonet(*arguments: object, code: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"{code}\nfrom nonet.cli import main; main()", *map(str, arguments)]
    wide = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=wide)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose destination nobody serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = tmp_path / "node.toml"
    path.write_text(CONFIG.format(own=0, theirs=port))
    return path


@pytest.mark.parametrize(
    ("command", "text"),
    [("serve", ""), ("check", "ae_title = "), ("status", 'ae_title = "NONET"\nport = "x"\n')],
)
def test_a_configuration_that_does_not_fit_is_one_line(command: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text(text)
    run = nonet("node", command, path)
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.startswith("nonet: ")
    assert "node.toml" in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.slow
def test_check_says_what_is_wrong_and_what_helps(config: Path) -> None:
    run = nonet("node", "check", config)
    assert run.returncode == 1
    assert run.stderr == ""
    spool, bundle, peer = run.stdout.splitlines()
    assert spool.startswith("ok    spool: ")
    assert bundle.startswith("ok    bundle: ")
    assert peer.startswith("wrong PACS 127.0.0.1:")
    assert "firewall" in peer
    values = json.loads(nonet("node", "check", config, "--json").stdout)
    assert [one["ok"] for one in values] == [True, True, False]
    assert not (config.parent / "spool").exists()


@pytest.mark.slow
def test_check_names_a_host_that_does_not_exist(config: Path) -> None:
    config.write_text(config.read_text().replace('"127.0.0.1"', '"no-such-host.invalid"'))
    run = nonet("node", "check", config)
    assert run.returncode == 1
    assert run.stdout.splitlines()[2].startswith("wrong PACS no-such-host.invalid:")
    assert run.stderr == ""


def test_status_of_a_node_that_never_ran_is_named(config: Path) -> None:
    run = nonet("node", "status", config)
    assert run.returncode == 1
    assert "nonet node serve" in run.stderr


@pytest.mark.slow
def test_a_port_that_is_taken_is_refused_by_the_machine(config: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        config.write_text(config.read_text().replace("port = 0", f"port = {port}"))
        run = nonet("node", "serve", config)
    assert run.returncode == 3
    assert f"127.0.0.1:{port}" in run.stderr


def test_without_the_extra_one_line_names_it(config: Path) -> None:
    for command in ("serve", "check"):
        run = nonet("node", command, config, code="import sys; sys.modules['pynetdicom'] = None")
        assert run.returncode == 1
        assert "pip install 'nonet[node]'" in run.stderr
        assert run.stderr.count("\n") == 1


def test_the_command_line_loads_pynetdicom_for_nothing_else() -> None:
    script = "import sys, nonet.cli; print('pynetdicom' in sys.modules, 'highdicom' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"
