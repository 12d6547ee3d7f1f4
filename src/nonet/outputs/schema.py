"""The JSON Schema of a reading, as it is published in the documentation.

``python -m nonet.outputs.schema > docs/reference/reading.schema.json`` writes it anew.
"""

from __future__ import annotations

import json
import sys

from nonet.reading import Reading

__all__ = ["schema_text"]


def schema_text() -> str:
    """The schema (JSON Schema draft 2020-12) as indented JSON that ends in a newline."""
    return json.dumps(Reading.json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
