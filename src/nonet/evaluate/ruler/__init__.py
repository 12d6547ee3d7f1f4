"""The pixel size that is read from the ruler on the screen, against one known from elsewhere."""

from __future__ import annotations

from nonet.evaluate.ruler.known_rulers import KnownRuler, read_known
from nonet.evaluate.ruler.ruler_figures import ruler_figures, ruler_json, ruler_words
from nonet.evaluate.ruler.run_ruler import RulerRun, run_ruler

__all__ = ["KnownRuler", "RulerRun", "read_known", "ruler_figures", "ruler_json", "ruler_words", "run_ruler"]
