"""The report of a study: one page that holds everything it shows, made from the run folder alone."""

from __future__ import annotations

from nonet.telemetry import matplotlib_without_cache

matplotlib_without_cache()

from nonet.study.report.report_page import write_report  # noqa: E402 - matplotlib reads its folder when imported

__all__ = ["write_report"]
