"""Measuring the biases of masked language models, with intervals and against a known truth."""

from attentif.bias.association import AssociationScore, log_probability_bias
from attentif.bias.fill_mask import fill_mask
from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Calibration, Interval, calibration, cluster_bootstrap

__all__ = [
    "AssociationScore",
    "Calibration",
    "Interval",
    "MaskedScorer",
    "calibration",
    "cluster_bootstrap",
    "fill_mask",
    "log_probability_bias",
    "pseudo_log_likelihood",
]
