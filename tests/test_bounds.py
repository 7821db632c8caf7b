"""Results computed in another order are a rounding off: that is no mistake, and what is one is told with its digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from attentif.bias.association import AssociationScore
from attentif.bias.audit import Clusters
from attentif.bias.intervals import GroupedMean
from attentif.bias.paired import PairedTest
from attentif.bias.preferences import Preferences
from attentif.bias.projection import GenderDirection
from attentif.bias.statistics import Calibration, Interval
from attentif.bias.stereoset import StereoSetScores
from attentif.bias.variance import TemplateSensitivity
from attentif.bias.weat import AssociationTest
from attentif.bias.winogender import Agreement
from attentif.errors import InputError
from attentif.limits.proportion import Proportion

# A result, its fields, and for each bounded one what is too much by rounding, the bound, and what is wrong.
RESULTS = [
    (
        Preferences,
        {"metric": 50.0, "stereotype": math.nan, "antistereotype": 50.0, "neutral": 0.0, "n_pairs": 6, "n_unscored": 0},
        {
            name: (sum([100 / 6] * 6), 100.0, 100.001)
            for name in ("metric", "stereotype", "antistereotype", "neutral")
        },
    ),
    (
        StereoSetScores,
        {"language_model": 80.0, "stereotype": 50.0, "icat": 80.0, "n_targets": 11},
        {"language_model": (sum([100 / 11] * 11), 100.0, 101.0), "stereotype": (-1e-14, 0.0, -0.1), "icat": (100 + 1e-12, 100.0, 200.0)},
    ),
    (
        TemplateSensitivity,
        {"template_share": 0.5, "chance_share": 0.1, "sign_agreement": 0.5, "lowest": 0.0, "highest": 1.0},
        {"template_share": (1 + 2**-52, 1.0, 1.01), "chance_share": (-1e-17, 0.0, -0.1), "sign_agreement": (1 + 2**-52, 1.0, 4.0)},
    ),
    (
        PairedTest,
        {"difference": 0.1, "p_value": 0.5, "n_pairs": 3, "n_groups": 3, "exact": True},
        {"p_value": (1 + 2**-52, 1.0, 0.0)},
    ),
    (
        AssociationTest,
        {"effect_size": 0.1, "p_value": 0.5, "n_first": 3, "n_second": 3},
        {"p_value": (1 + 2**-52, 1.0, 1.5)},
    ),
    (
        Interval,
        {"estimate": 0.3, "low": 0.3, "high": 0.3, "n_groups": 5, "effective_size": 5.0},
        {"low": (0.1 + 0.2, 0.3, 0.301)},
    ),
    (
        Calibration,
        {"slope": 1.0, "intercept": 0.0, "r": 1.0, "rmse": 0.1, "smallest_detected": math.inf},
        {"rmse": (-1e-17, 0.0, -0.1), "smallest_detected": (-1e-12, 0.0, -1.0)},
    ),
    (GroupedMean, {"mean": 0.1, "error": 0.1, "totals": None, "sizes": None}, {"error": (-1e-17, 0.0, -0.1)}),
    (Agreement, {"r": 0.5, "low": -0.5, "high": 0.5, "n": 9}, {"low": (-1 - 1e-15, -1.0, -2.0), "high": (1 + 1e-15, 1.0, 2.0)}),
    (
        Proportion,
        {"hits": 3, "n": 10, "estimate": 0.3, "low": 0.1, "high": 0.6, "chance": 0.5, "p_value": 0.3},
        {"low": (0.1 + 0.2, 0.3, 0.31), "high": (0.3 - 1e-15, 0.3, 0.29)},
    ),
    (
        Clusters,
        {"category": "a", "n_pairs": 6, "n_units": 6, "effective_size": 3.0, "largest": ("a", "b"), "n_largest": 2},
        {"effective_size": (6 + 1e-14, 6.0, 6.1)},
    ),
    (GenderDirection, {"vector": torch.ones(3), "explained": 0.5}, {"explained": (1 + 1e-7, 1.0, 1.1)}),
]  # fmt: skip
CASES = [
    pytest.param(made, fields, name, *numbers, id=f"{made.__name__}.{name}")
    for made, fields, bounded in RESULTS
    for name, numbers in bounded.items()
]


@pytest.mark.parametrize(("made", "fields", "name", "rounded", "bound", "wrong"), CASES)
def test_a_rounding_beyond_a_bound_is_the_bound(made, fields, name, rounded, bound, wrong):
    assert rounded != bound
    for number in (rounded, np.float64(rounded), torch.tensor(rounded, dtype=torch.float64)):
        assert getattr(made(**fields | {name: number}), name) == bound
    with pytest.raises(InputError) as refusal:
        made(**fields | {name: np.float64(wrong)})
    assert f"{wrong:g}" in str(refusal.value) and "float64" not in str(refusal.value)


def test_numbers_of_numpy_and_torch_are_accepted_alike():
    for number in (0.5, 1, np.float32(0.5), np.array(0.5), torch.tensor(0.5)):
        score = AssociationScore(number, number, number)
        assert type(score.raw) is float and score.raw == float(number)
    for wrong in ("0.5", True, None, torch.ones(2), [0.5]):
        with pytest.raises(InputError, match="raw to be one number"):
            AssociationScore(wrong, 0.0, 0.0)


def test_what_is_refused_is_told_apart_from_the_bound():
    with pytest.raises(InputError, match=r"got 100\.0000002;"):
        StereoSetScores(language_model=100.0000002, stereotype=50.0, icat=0.0, n_targets=2)
    with pytest.raises(InputError, match="got nan;"):
        StereoSetScores(language_model=math.nan, stereotype=50.0, icat=0.0, n_targets=2)
