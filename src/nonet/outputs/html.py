"""What the pages share: a template with a policy that allows its own style and script alone, and blocks of data."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

__all__ = ["Block", "data_block", "embedded", "fingerprint", "page_template"]


class Block(NamedTuple):
    """A script of data in the page; its text holds no markup."""

    id: str
    type: str
    text: str


def page_template(name: str, script_name: str) -> tuple[Template, dict[str, str]]:
    """A page's template, and its policy, style and script."""
    style, script = _asset("page.css"), _asset(script_name)
    environment = Environment(loader=PackageLoader("nonet.outputs", "."), autoescape=True, undefined=StrictUndefined)
    return environment.get_template(name), {"policy": _policy(style, script), "style": style, "script": script}


def embedded(identifier: str, picture: bytes) -> Block:
    """A picture as a block."""
    return Block(identifier, "text/plain", base64.b64encode(picture).decode())


def data_block(identifier: str, content: Mapping[str, object]) -> Block:
    """A block of data that no text within can end: every ``<``, ``>`` and ``&`` is an escape."""
    text = json.dumps(content, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Block(identifier, "application/json", text)


def fingerprint(text: str) -> str:
    """How a Content-Security-Policy names a style or script that may stand in the page."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _asset(name: str) -> str:
    return files("nonet.outputs").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """A Content-Security-Policy (W3C, level 3) that allows this style, this script and data images, nothing else."""
    return (
        f"default-src 'none'; img-src data:; style-src {fingerprint(style)}; "
        f"script-src {fingerprint(script)}; base-uri 'none'; form-action 'none'"
    )
