"""Measuring the biases of masked language models, with intervals and against a known truth."""

from attentif.bias.association import AssociationScore, log_probability_bias
from attentif.bias.augmentation import augment
from attentif.bias.candidates import candidate_log_probabilities, log_odds
from attentif.bias.completions import hurtful_completions
from attentif.bias.counterfactual import swap_gender
from attentif.bias.effect_interval import effect_size_interval
from attentif.bias.fill_mask import fill_mask
from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.multiverse import Multiverse, multiverse
from attentif.bias.nulls import RandomNull, random_null
from attentif.bias.options import option_scores
from attentif.bias.pair_scores import pair_scores
from attentif.bias.paired import PairedTest, holm, paired_test
from attentif.bias.pairs import Pair, own_pairs
from attentif.bias.permutation import permutation_p_value
from attentif.bias.power import Power, power_of, size_needed
from attentif.bias.preferences import Preferences, crows_pairs_metric
from attentif.bias.projection import GenderDirection, equalize, gender_direction, neutralize
from attentif.bias.public_pairs import load_crows_pairs, load_stereoset
from attentif.bias.scorer import MaskedScorer
from attentif.bias.sentence_vectors import sentence_vectors
from attentif.bias.statistics import Calibration, Interval, calibration, cluster_bootstrap
from attentif.bias.stereoset import StereoSetScores, stereoset_scores
from attentif.bias.variance import TemplateSensitivity, template_sensitivity
from attentif.bias.weat import AssociationTest, association_test, weat_effect_size
from attentif.bias.winogender import Agreement, agreement_with, winogender_log_odds

__all__ = [
    "Agreement",
    "AssociationScore",
    "AssociationTest",
    "Calibration",
    "GenderDirection",
    "Interval",
    "MaskedScorer",
    "Multiverse",
    "Pair",
    "PairedTest",
    "Power",
    "Preferences",
    "RandomNull",
    "StereoSetScores",
    "TemplateSensitivity",
    "agreement_with",
    "association_test",
    "augment",
    "calibration",
    "candidate_log_probabilities",
    "cluster_bootstrap",
    "crows_pairs_metric",
    "effect_size_interval",
    "equalize",
    "fill_mask",
    "gender_direction",
    "holm",
    "hurtful_completions",
    "load_crows_pairs",
    "load_stereoset",
    "log_odds",
    "log_probability_bias",
    "multiverse",
    "neutralize",
    "option_scores",
    "own_pairs",
    "pair_scores",
    "paired_test",
    "permutation_p_value",
    "power_of",
    "pseudo_log_likelihood",
    "random_null",
    "sentence_vectors",
    "size_needed",
    "stereoset_scores",
    "swap_gender",
    "template_sensitivity",
    "weat_effect_size",
    "winogender_log_odds",
]
