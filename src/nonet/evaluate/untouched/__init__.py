"""What a grader says of frames that nobody edited, the only ones that a user has."""

from __future__ import annotations

from nonet.evaluate.untouched.run_untouched import FrameCalls, UntouchedRun, run_untouched
from nonet.evaluate.untouched.untouched_figures import untouched_figures

__all__ = ["FrameCalls", "UntouchedRun", "run_untouched", "untouched_figures"]
