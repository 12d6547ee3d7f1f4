"""Which numbers can be trusted: agreement, redundancy and LASSO, and what they chose, kept as JSON.

What is imported here needs numpy alone. The scikit-learn transformers are in their own modules
(`nonet.select.stability`, `redundancy`, `lasso`), and `nonet.select.fitting` chains them.
"""

from __future__ import annotations

from nonet.select.icc import Agreement, agreement
from nonet.select.ratings import Ratings
from nonet.select.reasons import Reason
from nonet.select.record import Column
from nonet.select.stored import Selection

__all__ = ["Agreement", "Column", "Ratings", "Reason", "Selection", "agreement"]
