"""Runs from their description: data, floor, baseline; and the pictures and helpers of the notebooks."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from attentif import CausalLM, Parts, mask_tokens, scaled_dot_product_attention
from attentif.bias import Interval
from attentif.charts import (
    attention_maps,
    plot_answers,
    plot_attention,
    plot_calibration,
    plot_curve,
    plot_forest,
    plot_heads,
    plot_layers,
    plot_mask,
    plot_positions,
    plot_referents,
    plot_schedule,
    plot_shares,
)
from attentif.checks.text import set_language
from attentif.errors import InputError
from attentif.evaluation import compare_with_floor, prediction_nats, validation_loss
from attentif.experiment import RunConfig, prepare, run

TINY = {"steps": 3, "batch": 8, "width": 16, "heads": 2, "layers": 1}


@pytest.fixture(scope="module", params=["causal", "masked", "pairs"])
def experiment(request):
    return prepare(RunConfig(objective=request.param, **TINY))


def test_the_floor_is_compared_on_the_same_predictions(experiment):
    nats = torch.cat([prediction_nats(experiment.model, batch, 0) for batch in experiment.validation])
    compared = compare_with_floor(experiment)
    assert compared.predictions == len(nats)
    assert compared.model == pytest.approx(nats.mean().item(), rel=1e-12)
    name = "next" if experiment.config.objective == "causal" else "masked"
    assert validation_loss(experiment)[name] == pytest.approx(compared.model, rel=1e-5)
    # An untrained model is far above the floor, and near the uniform guess.
    assert compared.excess > 1.0
    assert abs(compared.model - math.log(experiment.tokenizer.vocab_size)) < 1.0


def test_reading_predictions_gives_the_mode_back(experiment):
    batch = experiment.validation[0]
    for training in (True, False):
        experiment.model.train(training)
        prediction_nats(experiment.model, batch, 0)
        assert experiment.model.training is training
    experiment.model.train()
    with pytest.raises((InputError, IndexError)):
        prediction_nats(experiment.model, {**batch, "token_ids": batch["token_ids"].repeat(1, 9)}, 0)
    assert experiment.model.training


def test_training_and_validation_share_no_document(experiment):
    """Fresh sentences: those that happen to be equal are few."""
    training = {tuple(row.tolist()) for i in range(20) for row in experiment.batches[i]["token_ids"]}
    validation = {tuple(row.tolist()) for batch in experiment.validation for row in batch["token_ids"]}
    assert len(training & validation) < 0.02 * len(training)


@pytest.mark.parametrize("objective", ["causal", "pairs"])
def test_a_world_has_no_end(objective, monkeypatch):
    """Each step of a run sees rows of its own, in whole batches, whatever fits in memory at a time."""
    monkeypatch.setattr("attentif.row_sources.DOCUMENTS_A_CHUNK", 10)
    config = RunConfig(objective=objective, batch=12, steps=40)
    batches = prepare(config).batches
    drawn = [batches[i] for i in range(40)]
    assert {len(batch["token_ids"]) for batch in drawn} == {12}
    if objective == "causal":
        rows = [tuple(row.tolist()) for batch in drawn for row in batch["token_ids"]]
        # 480 sentences from a chunk of 12 documents shown again and again would be 96 at most.
        assert len(set(rows)) > 300


def test_scaled_embeddings_are_for_causal_models():
    assert prepare(RunConfig(scale_embeddings=True, steps=2)).model.decoder.embeddings.scale == 8.0
    with pytest.raises(InputError, match="causal"):
        RunConfig(objective="masked", scale_embeddings=True)


def test_beta2_reaches_the_optimizer():
    assert RunConfig(beta2=0.99).train_config().betas == (0.9, 0.99)
    with pytest.raises(InputError):
        RunConfig(beta2=1.0)


def test_the_floor_of_a_text_is_not_known(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("bonjour tout le monde\n" * 40, encoding="utf-8")
    with pytest.raises(InputError, match="Microcosm"):
        compare_with_floor(prepare(RunConfig(corpus=str(path), context=16, **TINY)))


def test_a_students_parts_are_the_ones_that_train():
    calls = {"attend": 0, "mask": 0, "rate": 0}

    def attend(query, key, value, mask=None, dropout_p=0.0):
        calls["attend"] += 1
        return scaled_dot_product_attention(query, key, value, mask, dropout_p)

    def mask(*arguments):
        calls["mask"] += 1
        return mask_tokens(*arguments)

    def rate(step, peak, floor, warmup_steps, total_steps):
        calls["rate"] += 1
        return 0.0

    experiment = prepare(RunConfig(objective="masked", **TINY), Parts(attend=attend), mask)
    before = {name: value.clone() for name, value in experiment.model.state_dict().items()}
    run(experiment, learning_rate=rate, progress=False)
    assert min(calls.values()) >= 3
    # A learning rate of 0 leaves the weights where they were: the schedule is really used.
    assert all(torch.equal(before[name], value) for name, value in experiment.model.state_dict().items())


def test_training_is_skipped_while_grading(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    experiment = prepare(RunConfig(**TINY))
    result = run(experiment)
    assert result.skipped_while_grading and result.history == []


def test_attention_maps_are_distributions_over_visible_keys():
    torch.manual_seed(0)
    experiment = prepare(RunConfig(**TINY))
    assert isinstance(experiment.model, CausalLM)
    maps = attention_maps(experiment.model, torch.tensor([[2, 9, 10, 11, 3]]))
    assert [tuple(m.shape) for m in maps] == [(1, 2, 5, 5)]
    torch.testing.assert_close(maps[0].sum(-1), torch.ones(1, 2, 5))
    assert torch.equal(maps[0].triu(1), torch.zeros(1, 2, 5, 5))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_picture_is_drawn_in_both_languages(language, tmp_path):
    set_language(language)
    experiment = prepare(RunConfig(**TINY))
    result = run(experiment, progress=False)
    pictures = {
        "mask": plot_mask(torch.ones(4, 4).bool().tril()),
        "attention": plot_attention(torch.full((2, 3, 3), 1 / 3), ["a", "b", "c"], "titre"),
        "curve": plot_curve(result, floor=1.0),
        "schedule": plot_schedule(lambda step, *settings: float(step), 1.0, 0.1, 2, 20),
        "positions": plot_positions(torch.zeros(5, 4)),
        "answers": plot_answers([("oui", 0.7), ("non", 0.2)]),
        "calibration": plot_calibration({"a": -1.0, "b": 1.0}, {"a": -0.9, "b": 1.2}),
        "forest": plot_forest(
            {"a": Interval(0.4, 0.1, 0.7, 3, 3.0), "b": Interval(-0.2, -0.3, 0.1, 3, 3.0)}, {"a": 0.5}
        ),
        "shares": plot_shares({"one": {"a": 0.0, "b": 50.0}, "two": {"a": 75.0, "b": 100.0}}, "titre"),
        "heads": plot_heads([[0.1, -0.9], [0.2, 0.0]], total=-0.7),
        "layers": plot_layers([torch.full((2, 3, 3), 1 / 3)] * 2, ["a", "b", "c"]),
        "referents": plot_referents(
            [torch.eye(3).expand(2, 3, 3)] * 2, 2, {"a": [0], "b c": [1, 2]}, ["a", "b", "c"]
        ),
    }
    words = {"fr": "requête", "en": "query"}
    assert pictures["mask"].figure.axes[0].get_ylabel().startswith(words[language])
    maps = pictures["attention"].figure
    assert maps.get_supylabel().startswith(words[language])
    assert maps.get_supxlabel().startswith({"fr": "clé", "en": "key"}[language])
    largest = {
        "fr": "-0,90 pour un total de -0,70, est celui de la tête 2 de la couche 1",
        "en": "-0.90 of a total of -0.70, is that of head 2 in layer 1",
    }
    assert largest[language] in pictures["heads"].alt.replace("−", "-")
    for name, picture in pictures.items():
        picture.savefig(tmp_path / f"{name}.png")
        assert Path(tmp_path / f"{name}.png").stat().st_size > 2000
    set_language("en")


def test_a_notebook_shows_a_picture_once_with_its_text(monkeypatch):
    import IPython.core.formatters

    published = []
    monkeypatch.setattr("attentif.checks.in_notebook", lambda: True)
    monkeypatch.setattr(
        "IPython.display.display", lambda data, **more: published.append((data, more["metadata"]))
    )
    set_language("fr")
    picture = plot_mask(torch.ones(2, 3).bool())
    set_language("en")
    [(data, metadata)] = published
    assert "2 requêtes sur 3 clés" in picture.alt and data["text/plain"] == picture.alt
    assert metadata["image/png"]["alt"] == picture.alt and f'alt="{picture.alt}"' in data["text/html"]
    # As a cell's last value it is not shown again.
    shown_by_itself, _ = IPython.core.formatters.DisplayFormatter().format(picture)
    assert shown_by_itself == {} and len(published) == 1


def test_notebook_helpers_offer_the_rescue_part(capsys):
    from attentif import rescue
    from attentif.notebook import or_rescue, setup, to_do

    def causal_mask(length):
        raise NotImplementedError

    device = setup("fr")
    assert device.type in ("cpu", "cuda") and "calcul sur" in capsys.readouterr().out
    assert or_rescue(causal_mask) is rescue.causal_mask
    assert "secours" in capsys.readouterr().out
    assert to_do(causal_mask)
    assert or_rescue(scaled_dot_product_attention) is scaled_dot_product_attention
    assert not to_do(scaled_dot_product_attention)
    set_language("en")
    with pytest.raises(InputError, match="fr and en"):
        setup("de")


def test_a_simpler_rescue_part_says_what_it_does(capsys):
    from attentif import rescue
    from attentif.notebook import note_rescue, or_rescue

    def cluster_bootstrap(values, groups, n_resamples=2000, level=0.95, seed=0):
        raise NotImplementedError

    for language, what in (
        ("en", "a normal interval from the means of the groups, without draws; its numbers are not those"),
        (
            "fr",
            "un intervalle normal d'après les moyennes des groupes, sans tirages ; ses nombres ne sont pas",
        ),
    ):
        set_language(language)
        part = or_rescue(cluster_bootstrap)
        assert what in capsys.readouterr().out
        note_rescue(
            part, rescue.causal_mask, scaled_dot_product_attention
        )  # of the last two nothing is to say
        said = capsys.readouterr().out
        assert said.count("\n") == 1 and said.startswith("cluster_bootstrap ") and what in said
    set_language("en")


def test_every_simpler_rescue_part_has_its_line():
    from attentif import rescue

    simpler = {
        name for name, part in rescue.PARTS.items() if part.__doc__.startswith(("A simpler", "Simpler"))
    }
    assert set(rescue.SIMPLER) == simpler | {"calibration"}


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_a_long_text_is_encoded_in_pieces_and_is_the_same(kind, monkeypatch):
    from attentif import row_sources
    from attentif.corpus.tokenizers import train_tokenizer

    text = "Le chat dort.\n\nIl pleut, et la nuit tombe.\n" * 200 + "sans fin de ligne"
    tokenizer = train_tokenizer(kind, text, None if kind == "char" else 300)
    whole = torch.tensor(tokenizer.encode(text))
    assert torch.equal(row_sources._encoded(tokenizer, text), whole)
    monkeypatch.setattr(row_sources, "ENCODED_AT_ONCE", 1000)
    pieces = row_sources._encoded(tokenizer, text)
    assert tokenizer.decode(pieces.tolist()) == tokenizer.decode(whole.tolist())
    assert abs(len(pieces) - len(whole)) <= len(text) // 1000
    assert len(row_sources._encoded(tokenizer, "")) == 0
