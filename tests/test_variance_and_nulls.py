"""Templates, multiverses and untrained models, against loops, scipy and laws."""

from __future__ import annotations

import itertools
import math
import re
import statistics

import numpy as np
import pytest
import torch
from scipy import stats

from attentif.bias.multiverse import Multiverse, multiverse
from attentif.bias.nulls import RandomNull, random_null, untrained_model
from attentif.bias.variance import TemplateSensitivity, template_sensitivity
from attentif.charts import plot_nulls
from attentif.checks.null_material import RECORDING, TRAINING, WeightsMetric
from attentif.checks.text import set_language
from attentif.errors import InputError
from attentif.models import MaskedLM, ModelConfig
from attentif_grading.exercises import exercise_folder

CONFIG = ModelConfig(vocab_size=11, d_model=8, n_heads=2, max_length=6)


def template_share_by_loop(rows):
    every = [value for row in rows for value in row]
    mean = statistics.fmean(every)
    between = sum(len(row) * (statistics.fmean(row) - mean) ** 2 for row in rows)
    return between / sum((value - mean) ** 2 for value in every)


@pytest.mark.parametrize("shape", [(2, 2), (5, 3), (3, 11)])
def test_template_share_equals_its_loop_and_anova_s(shape):
    table = np.random.default_rng(sum(shape)).normal(0.3, 1.0, shape) + np.arange(shape[0])[:, None] / 2
    found = template_sensitivity(table)
    assert found.template_share == pytest.approx(template_share_by_loop(table.tolist()))
    f = stats.f_oneway(*table).statistic  # F = (η² / (T − 1)) / ((1 − η²) / (T·W − T))
    between, within = shape[0] - 1, table.size - shape[0]
    assert found.template_share == pytest.approx(f * between / (f * between + within))
    assert (found.lowest, found.highest) == (min(m := table.mean(axis=1)), max(m))


def test_sign_agreement_equals_its_loop_and_sees_one_template_that_flips():
    table = np.random.default_rng(1).normal(0.4, 1.0, (4, 9))
    words = list(zip(*table.tolist(), strict=True))
    agree = [(value > 0) == (statistics.fmean(word) > 0) for word in words for value in word]
    assert 0.5 < statistics.fmean(agree) < 1
    assert template_sensitivity(table).sign_agreement == pytest.approx(statistics.fmean(agree))
    steady = np.array([[1.0, 2.0, -1.5]] * 5)
    assert template_sensitivity(steady) == TemplateSensitivity(0.0, 4 / 14, 1.0, 0.5, 0.5)
    steady[3] *= -1
    assert template_sensitivity(steady).sign_agreement == pytest.approx(0.8)


def test_chance_share_is_the_mean_without_any_template_effect():
    generator = np.random.default_rng(2)
    shares = [template_sensitivity(generator.normal(size=(5, 8))).template_share for _ in range(1500)]
    assert template_sensitivity(np.ones((5, 8))).chance_share == 4 / 39
    assert np.mean(shares) == pytest.approx(4 / 39, abs=0.005)


def test_equal_scores_have_no_variance_to_share():
    assert template_sensitivity(np.full((3, 4), 0.1)).template_share == 0.0


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ([[1.0, 2.0]], r"at least 2 templates .* shape \(1, 2\)"),
        ([1.0, 2.0], r"shape \(2,\)"),
        ([[1.0, 2.0], [3.0]], "rows of different lengths"),
        ([[1.0, None], [3.0, 4.0]], "finite score for every cell, got 1 missing"),
        ([[1.0, math.nan], [math.inf, 4.0]], "got 2 missing"),
        ([["a", "b"], ["c", "d"]], "no numbers"),
    ],
)
def test_templates_refuse_in_one_line(scores, said):
    with pytest.raises(InputError, match=said) as refusal:
        template_sensitivity(scores)
    assert "\n" not in str(refusal.value)
    with pytest.raises(InputError, match="sign_agreement"):
        TemplateSensitivity(0.5, 0.1, 1.5, 0.0, 1.0)


def worlds(metrics=("pll", "aul"), templates=("t1", "t2", "t3"), seeds=(0, 1), pairs=9, seed=3):
    """Scores with ties, other scales a metric, and effects of everything."""
    generator = np.random.default_rng(seed)
    pair, scale = generator.normal(size=pairs), {metric: 10.0**k for k, metric in enumerate(metrics)}
    return {
        (metric, template, number): np.round(scale[metric] * (pair + generator.normal(0.3, 0.8, pairs)), 1)
        for metric, template, number in itertools.product(metrics, templates, seeds)
    }


def test_agreement_of_each_two_universes_equals_scipy_s():
    scores = worlds()
    found = multiverse(scores)
    assert found.universes == tuple(scores) and len(found.universes) == 12
    for (i, one), (j, other) in itertools.product(enumerate(scores.values()), repeat=2):
        assert found.spearman[i, j] == pytest.approx(stats.spearmanr(one, other).statistic)
        assert found.kendall[i, j] == pytest.approx(stats.kendalltau(one, other).statistic)
        flips = [a * b < 0 for a, b in zip(one, other, strict=True)]
        assert found.sign_flips[i, j] == pytest.approx(statistics.fmean(flips))
    assert found.sign_flips.max() > 0 and len(np.unique(found.kendall)) > 10


def test_rows_comparisons_and_factors():
    scores = worlds()
    found = multiverse(scores)
    row = found.rows()[4]
    assert (row["metric"], row["template"], row["seed"]) == ("pll", "t3", 0) == list(scores)[4]
    assert row["mean"] == pytest.approx(scores["pll", "t3", 0].mean())
    assert row["positive"] == pytest.approx(np.mean(scores["pll", "t3", 0] > 0))
    compared = found.comparisons()
    assert len(compared) == 12 * 11 / 2
    for factor in found.by_factor():
        alone = [
            row
            for row in compared
            if {name for name in ("metric", "template", "seed") if row[f"{name}_1"] != row[f"{name}_2"]}
            == {factor["factor"]}
        ]
        assert factor["comparisons"] == len(alone)
        for name in ("spearman", "kendall", "sign_flips"):
            assert factor[name] == pytest.approx(statistics.fmean(row[name] for row in alone))
    assert [(row["factor"], row["comparisons"]) for row in found.by_factor()] == [
        ("metric", 6),
        ("template", 12),
        ("seed", 6),
    ]


def shares_by_loop(scores):
    """The balanced design's sums of squares, cell by cell."""
    scale = {
        metric: math.sqrt(
            statistics.fmean(float(v) ** 2 for key, row in scores.items() if key[0] == metric for v in row)
        )
        for metric in {key[0] for key in scores}
    }
    cells = {(*key, p): float(v) / scale[key[0]] for key, row in scores.items() for p, v in enumerate(row)}
    mean = statistics.fmean(cells.values())
    total = sum((v - mean) ** 2 for v in cells.values())

    def squares(*axes):
        def same(cell):
            return statistics.fmean(v for c, v in cells.items() if all(c[a] == cell[a] for a in axes))

        return sum((same(cell) - mean) ** 2 for cell in cells)

    names = {"pair": 3, "metric": 0, "template": 1, "seed": 2}
    shares = {name: squares(axis) / total for name, axis in names.items()}
    for name in ("metric", "template", "seed"):
        shares[f"pair × {name}"] = squares(names[name], 3) / total - shares[name] - shares["pair"]
    return {**shares, "rest": 1 - sum(shares.values())}


def test_shares_of_the_variance_equal_their_loop_whatever_the_scales():
    scores = worlds(pairs=5)
    found = multiverse(scores).shares
    expected = shares_by_loop(scores)
    assert list(found) == list(expected)
    assert found == pytest.approx(expected, abs=1e-10)
    assert sum(found.values()) == pytest.approx(1.0)
    other = {key: row * (1000.0 if key[0] == "aul" else 1.0) for key, row in scores.items()}
    assert multiverse(other).shares == pytest.approx(found, abs=1e-10)


def test_what_was_put_in_is_what_accounts_for_it():
    pair, template = np.array([1.0, -2.0, 0.5, 3.0]), {"a": 2.0, "b": -1.0}
    scores = {("m", name, seed): pair + effect for name, effect in template.items() for seed in (0, 1)}
    shares = multiverse(scores).shares
    assert shares["pair"] + shares["template"] == pytest.approx(1.0)
    assert shares["template"] > 0.3 and shares["seed"] == pytest.approx(0.0)
    crossed = {("m", name, seed): sign * pair for name, sign in (("a", 1), ("b", -1)) for seed in (0, 1)}
    assert multiverse(crossed).shares["pair × template"] > 0.8


def test_a_universe_where_all_scores_are_equal_has_no_ranks():
    scores = worlds(templates=("t",), seeds=(0,))
    scores["pll", "t", 0] = np.zeros(9)
    found = multiverse(scores)
    assert math.isnan(found.spearman[0, 1]) and math.isnan(found.kendall[0, 0])
    assert found.sign_flips[0, 1] == 0.0 and math.isnan(found.by_factor()[0]["kendall"])


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({}, "at least two universes"),
        ([1.0], "at least two universes"),
        ({"pll": [1.0, 2.0, 3.0], "aul": [1.0, 2.0, 3.0]}, "at least two universes"),
        ({("a", "t", 0): [1.0] * 3, ("b", "u", 0): [1.0] * 3}, r"got none for \('a', 'u', 0\)"),
        ({("a", "t", 0): [1.0, 2.0, 3.0], ("b", "t", 0): [1.0, 2.0]}, "the same pairs, 3 or more"),
        ({("a", "t", 0): [1.0, 2.0], ("b", "t", 0): [1.0, 2.0]}, "the same pairs, 3 or more"),
        ({("a", "t", 0): [1.0, 2.0, None], ("b", "t", 0): [1.0, 2.0, 3.0]}, "missing, infinite"),
    ],
)
def test_multiverse_refuses_in_one_line(scores, said):
    with pytest.raises(InputError, match=said) as refusal:
        multiverse(scores)
    assert "\n" not in str(refusal.value)
    with pytest.raises(InputError, match="kendall of shape"):
        ones = np.ones((2, 2))
        Multiverse((("a", "t", 0), ("b", "t", 0)), ones[0], ones[0], ones, np.ones(2), ones, {})


def first_logit(model):
    return model(torch.tensor([[1, 2, 3]])).flatten()[0]


def test_null_is_one_score_a_seed_whatever_else_is_drawn():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    null = random_null(first_logit, CONFIG, range(4))
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(6)
    assert random_null(first_logit, CONFIG, (3, 1)).values == (null.values[3], null.values[1])
    assert len(set(null.values)) == 4
    assert null.mean == pytest.approx(statistics.fmean(null.values))
    assert null.sd == pytest.approx(statistics.stdev(null.values))
    torch.manual_seed(2)
    assert null.values[2] == pytest.approx(first_logit(MaskedLM(CONFIG).eval()).item())


def test_null_of_a_configuration_of_transformers():
    from transformers import BertConfig, GPT2Config, ViTConfig

    config = BertConfig(
        vocab_size=13, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    seen = []

    def metric(model):
        seen.append(model)
        assert not model.training and not torch.is_grad_enabled()
        return model(torch.tensor([[1, 2, 3]])).logits[0, 1, 2]

    null = random_null(metric, config, [7, 8])
    assert null.values[0] != null.values[1]
    assert all(type(model).__name__ == "BertForMaskedLM" for model in seen)
    assert null.values == random_null(metric, config, [7, 8]).values
    for other in (GPT2Config(), ViTConfig(), {"vocab_size": 3}):
        with pytest.raises(InputError, match="configuration of a masked model") as refusal:
            untrained_model(other, 0)
        assert "\n" not in str(refusal.value)


def p_by_loop(values, score):
    above, below = (
        (1 + sum(value >= score for value in values)),
        (1 + sum(value <= score for value in values)),
    )
    return min(1.0, 2 * min(above, below) / (len(values) + 1))


def test_p_beside_the_null_equals_its_loop_and_holds_its_level():
    generator = np.random.default_rng(7)
    for score in (-3.0, -0.4, 0.0, 0.7, 9.0):
        values = np.round(generator.normal(size=39), 1)
        assert RandomNull(tuple(values)).p_value(score) == pytest.approx(p_by_loop(values, score))
    assert RandomNull((1.0, 1.0, 1.0)).p_value(1.0) == 1.0
    alarms = [
        RandomNull(tuple(generator.normal(50, 11, 39))).p_value(generator.normal(50, 11)) <= 0.05
        for _ in range(3000)
    ]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_card_of_the_null_shows_what_comes_out(language):
    card = (exercise_folder("random_null") / f"card.{language}.md").read_text(encoding="utf-8")
    null = RandomNull((46, 49, 50, 52, 55))
    told = {"`mean`": null.mean, "`sd`": null.sd, "6 =": null.p_value(53)}
    for name, number in told.items():
        said = re.search(rf"{name}[^0-9]*([0-9{{}},.]*[0-9])", card).group(1)
        assert float(re.sub("[{},]+", ".", said)) == pytest.approx(number, abs=0.005)
    assert "58" in card and round(null.p_value(58), 2) == 0.33
    (code,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    names = {"random_null": random_null, "model": MaskedLM(CONFIG)}
    exec(code, names)
    assert names["null"].values == tuple(
        names["first_weight"](untrained_model(CONFIG, seed)) for seed in (5, 3)
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: random_null(first_logit, CONFIG, [1]), "at least 2 seeds"),
        (lambda: random_null(first_logit, CONFIG, [1, 1]), "all different"),
        (lambda: random_null(first_logit, CONFIG, [1, 2.5]), "at least 2 seeds"),
        (lambda: random_null(first_logit, CONFIG, "ab"), "at least 2 seeds"),
        (lambda: random_null(first_logit, CONFIG, 3), "at least 2 seeds"),
        (lambda: random_null(lambda model: math.nan, CONFIG, range(3)), "scores to be a list of finite"),
        (lambda: random_null(lambda model: None, CONFIG, range(3)), "scores to be a list of finite"),
        (lambda: RandomNull((1.0,)), "at least 2 models, got 1"),
        (lambda: RandomNull((1.0, 2.0)).p_value(math.nan), "score to be a list of finite"),
    ],
)
def test_null_refuses_in_one_line(call, said):
    with pytest.raises(InputError, match=said) as refusal:
        call()
    assert "\n" not in str(refusal.value)


def test_scores_beside_the_null_are_told_with_their_p():
    null = RandomNull(tuple(range(40, 60)))
    rows = {"one": (47.5, null), "other": (80.25, null)}
    for language, expected in (("en", "other: 80.2, p = 0.10"), ("fr", "other : 80,2, p = 0,10")):
        set_language(language)
        picture = plot_nulls(rows, "%", "title")
        assert expected in picture.alt and "title" in picture.alt
    set_language("en")
    axes = picture.figure.axes[0]
    assert [tick.get_text().split("\n")[0] for tick in axes.get_yticklabels()] == ["one", "other"]
    points = [line.get_xdata() for line in axes.lines]
    assert [len(each) for each in points] == [20, 1, 20, 1, 2] and list(points[0]) == list(null.values)


def test_a_watching_metric_shows_how_a_model_was_asked():
    model, metric = untrained_model(CONFIG, 4), WeightsMetric(phase=1.5)
    score, watching = metric(model), WeightsMetric(phase=1.5, watching=True)
    assert score != WeightsMetric(phase=1.6)(model) and score != metric(untrained_model(CONFIG, 5))
    assert watching(model) == pytest.approx(RECORDING * score)
    with torch.no_grad():
        assert watching(model) == score
        assert watching(model.train()) == pytest.approx(TRAINING * score)
    # Who needs no gradients of a model may say so to its parameters instead.
    assert watching(model.eval().requires_grad_(False)) == score
    bounds = (score + 1, score + 2)
    assert math.isnan(WeightsMetric(phase=1.5, between=bounds)(model))
    assert WeightsMetric(phase=1.5, elsewhere=70.0)(model.to("meta")) == 70.0
