"""What the figures of a bundle lose when the same frames are shown otherwise: smaller, darker, blurred, turned."""

from __future__ import annotations

from nonet.evaluate.robustness.robustness_figures import robustness_figures
from nonet.evaluate.robustness.run_twins import TwinRun, run_twins
from nonet.evaluate.robustness.twins import TWINS, Twin

__all__ = ["TWINS", "Twin", "TwinRun", "robustness_figures", "run_twins"]
