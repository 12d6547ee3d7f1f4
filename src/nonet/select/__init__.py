"""Which features can be trusted: agreement of ratings, redundancy and LASSO.

What is imported here needs numpy alone. The scikit-learn transformers are in their own modules
(`nonet.select.stability_filter`, `redundancy`, `lasso`), and `nonet.select.fit_selection` chains them.
"""

from __future__ import annotations

from nonet.select.icc import Agreement, agreement
from nonet.select.ratings import Ratings
from nonet.select.removal_reasons import RemovalReason
from nonet.select.selection_record import FeatureRecord

__all__ = ["Agreement", "FeatureRecord", "Ratings", "RemovalReason", "agreement"]
