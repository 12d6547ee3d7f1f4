"""Which numbers can be trusted: agreement, redundancy and LASSO, and what they chose, kept as JSON.

What is imported here needs numpy alone. The scikit-learn transformers are in their own modules
(`nonet.select.stability_filter`, `redundancy`, `lasso`), and `nonet.select.fit_selection` chains them.
"""

from __future__ import annotations

from nonet.select.icc import Agreement, agreement
from nonet.select.ratings import Ratings
from nonet.select.removal_reasons import RemovalReason
from nonet.select.selection_record import FeatureRecord
from nonet.select.stored import Selection

__all__ = ["Agreement", "FeatureRecord", "Ratings", "RemovalReason", "Selection", "agreement"]
