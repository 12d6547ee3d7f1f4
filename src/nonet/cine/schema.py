"""The JSON Schema of a loop, as it is published in the documentation.

``python -m nonet.cine.schema > docs/reference/loop.schema.json`` writes it anew.
"""

from __future__ import annotations

import json
import sys

from nonet.cine.loop import Loop

__all__ = ["schema_text"]


def schema_text() -> str:
    """The schema (JSON Schema draft 2020-12) as indented JSON that ends in a newline."""
    return json.dumps(Loop.json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
