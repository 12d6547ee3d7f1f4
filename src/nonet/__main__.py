"""``python -m nonet``: the same as the command ``nonet``."""

from __future__ import annotations

from nonet.cli import main

main()
