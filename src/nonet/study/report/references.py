"""The works that a study's methods are from, as a report cites them."""

from __future__ import annotations

from nonet.study.report.blocks import Block, Bullets

__all__ = ["reference_list"]

_WORKS = (
    "Barber R, Candes E, Ramdas A, Tibshirani R. Predictive inference with the jackknife+. Ann Stat 2021, "
    "doi 10.1214/20-AOS1965.",
    "Breiman L, Friedman J, Olshen R, Stone C. Classification and regression trees. 1984, section 3.4.3.",
    "Cohen J. Weighted kappa. Psychol Bull 1968; 70: 213.",
    "Cox D R. Two further applications of a model for binary regression. Biometrika 1958; 45: 562.",
    "Efron B, Tibshirani R. An introduction to the bootstrap. 1993.",
    "Guo C, Pleiss G, Sun Y, Weinberger K. On calibration of modern neural networks. 2017, arXiv 1706.04599.",
    "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979; 6: 65.",
    "Huang X, Khetan A, Cvitkovic M, Karnin Z. TabTransformer. 2020, arXiv 2012.06678.",
    "McGraw K, Wong S. Forming inferences about some intraclass correlation coefficients. Psychol Methods 1996; 1: 30.",
    "McKay M, Beckman R, Conover W. A comparison of three methods for selecting values of input variables. "
    "Technometrics 1979; 21: 239.",
    "Nonet. The study. 2026, docs/explanation/study.md of the source code.",
    "Platt J. Probabilistic outputs for support vector machines. 1999.",
    "Romano Y, Sesia M, Candes E. Classification with valid and adaptive coverage. 2020, arXiv 2006.02544.",
    "Sechidis K, Tsoumakas G, Vlahavas I. On the stratification of multi-label data. 2011, "
    "doi 10.1007/978-3-642-23808-6_10.",
    "Shah R, Samworth R. Variable selection with error control. J R Stat Soc B 2013; 75: 55.",
    "Shrout P, Fleiss J. Intraclass correlations: uses in assessing rater reliability. Psychol Bull 1979; 86: 420.",
    "Tan M, Le Q. EfficientNet. 2019, arXiv 1905.11946.",
    "Tibshirani R. Regression shrinkage and selection via the lasso. J R Stat Soc B 1996; 58: 267.",
    "Vickers A, Elkin E. Decision curve analysis. Med Decis Making 2006; 26: 565.",
    "Vovk V. Conditional validity of inductive conformal predictors. 2012, arXiv 1209.2673; Cross-conformal "
    "predictors. 2015, doi 10.1007/s10472-013-9368-4.",
    "Wilson E. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc 1927; 22: 209.",
    "Zhou, Wan, Sun et al. A multi-task deep learning and radiomics framework for fetal anatomical structure "
    "detection and classification in ultrasound imaging. Sci Rep 2026; 16: 11586, doi 10.1038/s41598-026-41635-8.",
    "Zou H, Hastie T. Regularization and variable selection via the elastic net. J R Stat Soc B 2005; 67: 301.",
    "Zwanenburg A et al. The Image Biomarker Standardization Initiative. Radiology 2020; 295: 328.",
)


def reference_list() -> Block:
    """Every work, by first author."""
    return Bullets(tuple(_WORKS), "columns")
