"""Grey level co-occurrence features (IBSI 3.6): which grey levels lie side by side, and how often.

In the formulas ``p_ij`` is the probability that a pair has the levels i and j, ``m`` the mean level,
``v`` its variance, ``d_k`` the probability of the difference k = |i - j| and ``s_k`` of the sum
k = i + j; ``Ng`` is the number of grey levels.
"""

from __future__ import annotations

import numpy as np

from nonet.radiomics.arithmetic import Reals, shannon, summed
from nonet.radiomics.cooccurrence import Cooccurrence, cooccurrence
from nonet.radiomics.definition import StackedFamily
from nonet.radiomics.undefined import Undefined

__all__ = ["FAMILY"]

FAMILY = StackedFamily(
    "glcm",
    "Grey level co-occurrence matrix",
    "LFYI",
    measure=cooccurrence,
    stack=Cooccurrence.stacked,
    kind=lambda measured: measured.levels.size,
)

_PAIRS = Undefined.NO_NEIGHBOURS


@FAMILY.feature("joint_maximum", "GYBY", "3.6.1", _PAIRS)
def joint_maximum(c: Cooccurrence) -> Reals:
    """Joint maximum: max p_ij."""
    maxima: Reals = c.p.max(axis=(-2, -1))
    return maxima


@FAMILY.feature("joint_average", "60VM", "3.6.2", _PAIRS)
def joint_average(c: Cooccurrence) -> Reals:
    """Joint average: sum_ij i p_ij."""
    return c.mean


@FAMILY.feature("joint_variance", "UR99", "3.6.3", _PAIRS)
def joint_variance(c: Cooccurrence) -> Reals:
    """Joint variance: sum_ij (i - m)^2 p_ij."""
    return c.variance


@FAMILY.feature("joint_entropy", "TU9B", "3.6.4", _PAIRS)
def joint_entropy(c: Cooccurrence) -> Reals:
    """Joint entropy: -sum_ij p_ij log2 p_ij."""
    return c.joint_entropy


@FAMILY.feature("difference_average", "TF7R", "3.6.5", _PAIRS)
def difference_average(c: Cooccurrence) -> Reals:
    """Difference average: sum_k k d_k."""
    return summed(c.p_difference * c.differences)


@FAMILY.feature("difference_variance", "D3YU", "3.6.6", _PAIRS)
def difference_variance(c: Cooccurrence) -> Reals:
    """Difference variance: sum_k (k - difference average)^2 d_k."""
    centred = c.differences - difference_average(c)[:, None]
    return summed(c.p_difference * centred**2)


@FAMILY.feature("difference_entropy", "NTRS", "3.6.7", _PAIRS)
def difference_entropy(c: Cooccurrence) -> Reals:
    """Difference entropy: -sum_k d_k log2 d_k."""
    return shannon(c.p_difference)


@FAMILY.feature("sum_average", "ZGXS", "3.6.8", _PAIRS)
def sum_average(c: Cooccurrence) -> Reals:
    """Sum average: sum_k k s_k."""
    return summed(c.p_sum * c.sums)


@FAMILY.feature("sum_variance", "OEEB", "3.6.9", _PAIRS)
def sum_variance(c: Cooccurrence) -> Reals:
    """Sum variance: sum_k (k - sum average)^2 s_k."""
    centred = c.sums - sum_average(c)[:, None]
    return summed(c.p_sum * centred**2)


@FAMILY.feature("sum_entropy", "P6QZ", "3.6.10", _PAIRS)
def sum_entropy(c: Cooccurrence) -> Reals:
    """Sum entropy: -sum_k s_k log2 s_k."""
    return shannon(c.p_sum)


@FAMILY.feature("angular_second_moment", "8ZQL", "3.6.11", _PAIRS)
def angular_second_moment(c: Cooccurrence) -> Reals:
    """Angular second moment: sum_ij p_ij^2."""
    return summed(summed(c.p**2))


@FAMILY.feature("contrast", "ACUI", "3.6.12", _PAIRS)
def contrast(c: Cooccurrence) -> Reals:
    """Contrast: sum_ij (i - j)^2 p_ij."""
    return summed(c.p_difference * c.differences**2)


@FAMILY.feature("dissimilarity", "8S9J", "3.6.13", _PAIRS)
def dissimilarity(c: Cooccurrence) -> Reals:
    """Dissimilarity: sum_ij |i - j| p_ij."""
    return summed(c.p_difference * c.differences)


@FAMILY.feature("inverse_difference", "IB1Z", "3.6.14", _PAIRS)
def inverse_difference(c: Cooccurrence) -> Reals:
    """Inverse difference: sum_ij p_ij / (1 + |i - j|)."""
    return summed(c.p_difference / (1 + c.differences))


@FAMILY.feature("normalised_inverse_difference", "NDRX", "3.6.15", _PAIRS)
def normalised_inverse_difference(c: Cooccurrence) -> Reals:
    """Normalised inverse difference: sum_ij p_ij / (1 + |i - j| / Ng)."""
    return summed(c.p_difference / (1 + c.differences / c.levels.size))


@FAMILY.feature("inverse_difference_moment", "WF0Z", "3.6.16", _PAIRS)
def inverse_difference_moment(c: Cooccurrence) -> Reals:
    """Inverse difference moment: sum_ij p_ij / (1 + (i - j)^2)."""
    return summed(c.p_difference / (1 + c.differences**2))


@FAMILY.feature("normalised_inverse_difference_moment", "1QCO", "3.6.17", _PAIRS)
def normalised_inverse_difference_moment(c: Cooccurrence) -> Reals:
    """Normalised inverse difference moment: sum_ij p_ij / (1 + (i - j)^2 / Ng^2)."""
    return summed(c.p_difference / (1 + (c.differences / c.levels.size) ** 2))


@FAMILY.feature("inverse_variance", "E8JP", "3.6.18", _PAIRS)
def inverse_variance(c: Cooccurrence) -> Reals:
    """Inverse variance: sum_ij p_ij / (i - j)^2 over i != j."""
    return summed(c.p_difference[:, 1:] / c.differences[1:] ** 2)


@FAMILY.feature("correlation", "NI2N", "3.6.19")
def correlation(c: Cooccurrence) -> Reals:
    """Correlation: sum_ij (i - m) (j - m) p_ij / v."""
    partner = (c.p @ c.centred[:, :, None])[:, :, 0]
    return summed(c.centred * partner) / c.variance


@FAMILY.feature("autocorrelation", "QWB0", "3.6.20", _PAIRS)
def autocorrelation(c: Cooccurrence) -> Reals:
    """Autocorrelation: sum_ij i j p_ij."""
    return summed((c.p @ c.levels) * c.levels)


@FAMILY.feature("cluster_tendency", "DG8W", "3.6.21", _PAIRS)
def cluster_tendency(c: Cooccurrence) -> Reals:
    """Cluster tendency: sum_ij (i + j - 2 m)^2 p_ij."""
    return summed(c.p_sum * c.centred_sums**2)


@FAMILY.feature("cluster_shade", "7NFM", "3.6.22", _PAIRS)
def cluster_shade(c: Cooccurrence) -> Reals:
    """Cluster shade: sum_ij (i + j - 2 m)^3 p_ij."""
    return summed(c.p_sum * c.centred_sums**3)


@FAMILY.feature("cluster_prominence", "AE86", "3.6.23", _PAIRS)
def cluster_prominence(c: Cooccurrence) -> Reals:
    """Cluster prominence: sum_ij (i + j - 2 m)^4 p_ij."""
    return summed(c.p_sum * c.centred_sums**4)


@FAMILY.feature("first_measure_of_information_correlation", "R8DG", "3.6.24")
def first_measure_of_information_correlation(c: Cooccurrence) -> Reals:
    """First measure of information correlation: (HXY - HXY1) / HX.

    HXY1 = -sum_ij p_ij log2(p_i. p_.j) is 2 HX, as the matrix is symmetric.
    """
    return (c.joint_entropy - 2 * c.marginal_entropy) / c.marginal_entropy


@FAMILY.feature("second_measure_of_information_correlation", "JN9H", "3.6.25", _PAIRS)
def second_measure_of_information_correlation(c: Cooccurrence) -> Reals:
    """Second measure of information correlation: sqrt(1 - exp(-2 (HXY2 - HXY))).

    HXY2 = -sum_ij p_i. p_.j log2(p_i. p_.j) is 2 HX, as the matrix is symmetric.
    """
    mutual = np.maximum(2 * c.marginal_entropy - c.joint_entropy, 0)
    measure: Reals = np.sqrt(1 - np.exp(-2 * mutual))
    return measure
