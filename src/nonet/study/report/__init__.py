"""The report of a study: one page that holds everything it shows, made from the run folder alone."""

from __future__ import annotations

from nonet.study.report.report_page import write_report

__all__ = ["write_report"]
