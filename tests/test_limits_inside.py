"""What is read and changed inside a model: vectors, maps and heads, against loops written from the weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from test_bias_scoring import BUILDERS, bert, own, randomised
from torch import nn
from torch.nn import functional as F

from attentif.bias import MaskedScorer, pair_scores, sentence_vectors
from attentif.bias.looking import look
from attentif.checks.recipes import context_model, word_tokenizer
from attentif.corpus.tokenizers import WordTokenizer
from attentif.errors import InputError
from attentif.limits import (
    MediationPair,
    attention_to,
    contextual_embeddings,
    head_effect,
    head_effects,
    hidden_states,
    layer_similarity,
    on_head_outputs,
    sense_profile,
    static_embeddings,
)
from attentif.models import MaskedLM, ModelConfig

transformers = pytest.importorskip("transformers", reason="the models under test are transformers' own")
pytestmark = pytest.mark.filterwarnings("ignore:only .* groups")
SENTENCES = ["il est infirmière .", "la infirmière dort", "une infirmière soignante est la infirmière ."]


@pytest.fixture(scope="module")
def berts():
    return bert()


@pytest.fixture(scope="module")
def owns():
    return own("word")


def tokens_of(tokenizer, sentence):
    """(ids, pieces of "infirmière" in it), from a WordPiece tokenizer."""
    ids = tokenizer(sentence)["input_ids"]
    first = tokenizer.convert_ids_to_tokens(ids).index("infirm")
    return ids, [first, first + 1]


def test_vectors_are_the_means_of_pieces_and_do_not_depend_on_the_batch(berts):
    model, tokenizer = berts
    found = contextual_embeddings(model, tokenizer, SENTENCES, "infirmière")
    assert found.shape == (3, 3, 12)
    for number, sentence in enumerate(SENTENCES):
        ids, pieces = tokens_of(tokenizer, sentence)
        states = model.eval()(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states
        for layer, state in enumerate(states):
            expected = sum(state[0, place] for place in pieces) / len(pieces)
            torch.testing.assert_close(found[layer, number], expected, rtol=0, atol=1e-9)
    one = contextual_embeddings(model, tokenizer, SENTENCES, ["infirmière"] * 3, batch_size=1)
    torch.testing.assert_close(one, found, rtol=0, atol=1e-9)


def by_hand(
    model: MaskedLM, ids: list[int], swap: dict | None = None
) -> tuple[list, list, list, torch.Tensor]:
    """A pre-norm MaskedLM from its weights, head by head and position by position.

    Returns states, maps [layer][head] (T, T), outputs {(layer, head): (T, K)} and logits (T, V); `swap` replaces outputs.
    """
    encoder, config = model.encoder, model.config
    width = config.d_model // config.n_heads
    x = encoder.embeddings.eval()(torch.tensor([ids]))[0]
    states, maps, outputs = [x], [], {}
    for number, block in enumerate(encoder.blocks):
        attention, normed = block.attention, block.norm_attention(x)
        mixed, layer_maps = attention.output_projection.bias.clone().expand_as(x), []
        for head in range(config.n_heads):
            rows = slice(head * width, (head + 1) * width)
            query, key, value = (
                normed @ each.weight[rows].T + each.bias[rows]
                for each in (attention.query_projection, attention.key_projection, attention.value_projection)
            )
            weights = torch.stack([F.softmax(key @ q / math.sqrt(width), dim=0) for q in query])
            outputs[number, head] = weights @ value
            if swap and (number, head) in swap:
                outputs[number, head] = swap[number, head]
            mixed = mixed + outputs[number, head] @ attention.output_projection.weight[:, rows].T
            layer_maps.append(weights)
        x = x + mixed
        x = x + block.feed_forward.eval()(block.norm_feed_forward(x))
        states.append(x)
        maps.append(layer_maps)
    states[-1] = encoder.final_norm(x)
    return states, maps, outputs, model.head(states[-1])


def test_our_models_show_the_same_vectors_and_maps_as_their_weights(owns):
    model, tokenizer = owns
    scorer = MaskedScorer(model, tokenizer)
    sequences = [list(scorer.encode(sentence).ids) for sentence in ("il est médecin .", "la infirmière dort")]
    with torch.no_grad():
        found = hidden_states(scorer, sequences)
        assert found.shape[:2] == (3, 2)
        for row, ids in enumerate(sequences):
            states, *_ = by_hand(model, ids)
            torch.testing.assert_close(found[:, row, : len(ids)], torch.stack(states), rtol=0, atol=1e-9)
        sentence = "il est médecin , il dort"
        ids = list(scorer.encode(sentence).ids)
        maps = by_hand(model, ids)[1]
    seen = attention_to(model, tokenizer, sentence, "il", ["il", "médecin"])
    for layer, heads in enumerate(maps):
        for head, weights in enumerate(heads):  # the last "il" is token 5, the first one token 1
            assert seen.weights["médecin"][layer, head].item() == pytest.approx(weights[5, 3].item())
            assert seen.weights["il"][layer, head].item() == pytest.approx(weights[5, 1].item())
            left = 1 - weights[5, 3].item() - weights[5, 1].item()
            assert seen.elsewhere[layer, head].item() == pytest.approx(left)
    looked = look(model, tokenizer, sentence, "il", ["médecin"])
    assert looked.query == 5 and torch.equal(looked.weights[1][2, 5, 3], seen.weights["médecin"][1, 2])


def test_pieces_are_averaged_from_and_summed_to(berts):
    model, tokenizer = berts
    model.set_attn_implementation("eager")
    sentence = "la infirmière dort , un soignante dort"
    found = attention_to(model, tokenizer, sentence, "soignante", ["infirmière", "la"])
    ids = tokenizer(sentence)["input_ids"]
    names = tokenizer.convert_ids_to_tokens(ids)
    maps = model.eval()(input_ids=torch.tensor([ids]), output_attentions=True).attentions
    looks = [names.index("soign") + step for step in range(3)]
    assert names[looks[1] : looks[2] + 1] == ["##ant", "##e"]
    for layer in range(2):
        for head in range(3):
            each = [
                sum(maps[layer][0, head, place, names.index(piece)].item() for piece in ("infirm", "##ière"))
                for place in looks
            ]
            assert found.weights["infirmière"][layer, head].item() == pytest.approx(sum(each) / 3)
    total = found.weights["infirmière"] + found.weights["la"] + found.elsewhere
    torch.testing.assert_close(total, torch.ones_like(total))


def test_what_has_no_maps_or_no_vectors_is_told(berts):
    model, tokenizer = berts
    fused = randomised(transformers.BertForMaskedLM(model.config))
    fused.set_attn_implementation("sdpa")
    with pytest.raises(InputError, match="fused"):
        attention_to(fused, tokenizer, "il dort", "il", ["dort"])
    words = word_tokenizer(["il", "dort"])
    plain = context_model(words.vocab_size, seed=1)
    with pytest.raises(InputError, match="attention maps"):
        attention_to(plain, words, "il dort", "il", ["dort"])
    with pytest.raises(InputError, match="shows the vectors"):
        contextual_embeddings(plain, words, ["il dort"], "il")
    with pytest.raises(InputError, match="attention heads are not found"):
        head_effect(plain, words, "il [MASK]", "dort [MASK]", ("il", "dort"), [(0, 0)])


@pytest.mark.filterwarnings("ignore:a text has parts")
@pytest.mark.parametrize("find", [contextual_embeddings, attention_to])
def test_an_unknown_word_has_no_vector_and_no_look(find, owns):
    model, tokenizer = owns
    for sentence, word, message in (
        ("il zigzague", "zigzague", "vocabulary"),
        ("il dort", "chat", "a word of the"),
    ):
        arguments = ([sentence], word) if find is contextual_embeddings else (sentence, "il", [word])
        with pytest.raises(InputError, match=message):
            find(model, tokenizer, *arguments)


def test_vectors_and_candidates_refuse(owns):
    model, tokenizer = owns
    for sentences, words, message in (
        ([], "il", "list of"),
        ("il dort", "il", "list of"),
        (["il dort"], ["il"] * 2, "1 words"),
    ):
        with pytest.raises(InputError, match=message):
            contextual_embeddings(model, tokenizer, sentences, words)
    for candidates in ("il", []):
        with pytest.raises(InputError, match="list of at least one candidate"):
            attention_to(model, tokenizer, "il dort", "il", candidates)


def test_static_vectors_are_rows_of_the_table(berts, owns):
    model, tokenizer = berts
    rows = model.bert.embeddings.word_embeddings.weight
    ids = tokenizer.convert_tokens_to_ids(["infirm", "##ière", "il"])
    found = static_embeddings(model, tokenizer, ["infirmière", "il"])
    torch.testing.assert_close(found[0], (rows[ids[0]] + rows[ids[1]]) / 2)
    torch.testing.assert_close(found[1], rows[ids[2]])
    own_model, own_tokenizer = owns
    row = own_model.encoder.embeddings.token.weight[own_tokenizer.token_to_id("il")]
    torch.testing.assert_close(static_embeddings(own_model, own_tokenizer, ["il"])[0], row)


def test_layer_similarity_is_the_loop_over_pairs():
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(4, 7, 5, generator=generator) + 1
    others = torch.randn(4, 6, 5, generator=generator) - 0.5
    senses = ["a", "b", "a", "c", "b", "a", "b"]
    found = layer_similarity(vectors, senses, others)

    def cosine(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)

    for layer in range(4):
        rows, random = vectors[layer].double().tolist(), others[layer].double().tolist()
        same, different = [], []
        for i in range(7):
            for j in range(i):
                (same if senses[i] == senses[j] else different).append(cosine(rows[i], rows[j]))
        pairs = [cosine(random[i], random[j]) for i in range(6) for j in range(i)]
        static = [cosine(row, first) for row, first in zip(rows, vectors[0].double().tolist(), strict=True)]
        for name, values in (
            ("within", same),
            ("across", different),
            ("baseline", pairs),
            ("static", static),
        ):
            assert getattr(found, name)[layer].item() == pytest.approx(np.mean(values))
    torch.testing.assert_close(found.gap, found.within - found.across)
    torch.testing.assert_close(found.corrected, found.within - found.baseline)
    torch.testing.assert_close(found.static[0], torch.tensor(1.0, dtype=torch.float64))
    only = layer_similarity(vectors, ["a"] * 7, others)
    assert only.across.isnan().all() and only.within.isfinite().all()


@pytest.mark.parametrize(
    ("vectors", "senses", "others"),
    [
        (torch.ones(2, 3, 4), ["a", "a"], torch.ones(2, 3, 4)),
        (torch.ones(2, 2, 4), ["a", "b"], torch.ones(2, 3, 4)),
        (torch.ones(2, 2, 4), ["a", "a"], torch.ones(3, 3, 4)),
        (torch.ones(2, 2, 4), ["a", "a"], torch.ones(2, 1, 4)),
        (torch.ones(2, 4), ["a", "a"], torch.ones(2, 4)),
        (torch.full((2, 2, 4), math.nan), ["a", "a"], torch.ones(2, 2, 4)),
    ],
)
def test_layer_similarity_refuses(vectors, senses, others):
    with pytest.raises(InputError):
        layer_similarity(vectors, senses, others)


def test_a_profile_averages_words_and_counts_the_unknown(owns):
    model, tokenizer = owns
    words = {
        word: {"one": [f"{word} dort .", f"un {word} dort"], "two": [f"{word} est la", f"il est {word}"]}
        for word in ("chat", "médecin", "elle", "une", "le", "unicorne")
    }
    random = [("il dort .", "dort"), ("la infirmière dort", "infirmière"), ("il est médecin", "est")]
    found = sense_profile(model, tokenizer, words, [*random, ("zut dort", "dort")])
    assert found.unknown == ("unicorne",) and found.n_used == 5
    gaps, tables, alone = [], [], []
    others = contextual_embeddings(model, tokenizer, *map(list, zip(*random, strict=True)))
    for word, senses in list(words.items())[:-1]:
        sentences = [*senses["one"], *senses["two"]]
        vectors = contextual_embeddings(model, tokenizer, sentences, word)
        gaps.append(layer_similarity(vectors, [1, 1, 2, 2], others).gap)
        out_of_context = contextual_embeddings(model, tokenizer, [word], word)
        alone.append(
            np.mean([[F.cosine_similarity(v, out_of_context[2, 0], dim=0).item()] for v in vectors[2]])
        )
        row = static_embeddings(model, tokenizer, [word])
        tables.append(F.cosine_similarity(vectors, row, dim=-1).mean(-1))
    np.testing.assert_allclose([each.estimate for each in found.gap], torch.stack(gaps).mean(0))
    np.testing.assert_allclose([each.estimate for each in found.table], torch.stack(tables).mean(0).detach())
    assert found.alone[2].estimate == pytest.approx(np.mean(alone))
    assert found.gap[1].low < found.gap[1].estimate < found.gap[1].high
    with pytest.raises(InputError, match="2; 1 of 3"):
        sense_profile(model, tokenizer, {word: words[word] for word in ("chat", "le", "unicorne")}, random)


# Causal mediation.

PAIR = ("la infirmière dort , [MASK] est un chat .", "la médecin dort , [MASK] est un chat .", ("il", "elle"))


def log_odds(logits, place, tokens):
    return (logits[place, tokens[0]] - logits[place, tokens[1]]).item()


def test_effects_are_those_of_the_loop_over_heads(owns):
    model, tokenizer = owns
    original, counterfactual, words = PAIR
    heads = [(layer, head) for layer in range(2) for head in range(3)]
    found = head_effect(model, tokenizer, original, counterfactual, words, heads)
    one, other = ([tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id] for text in PAIR[:2])
    place, tokens = one.index(tokenizer.mask_id), [tokenizer.token_to_id(word) for word in words]
    with torch.no_grad():
        before = log_odds(by_hand(model, one)[3], place, tokens)
        after_run = by_hand(model, other)
        assert found.total == pytest.approx(log_odds(after_run[3], place, tokens) - before)
        for effect, head in zip(found.indirect, heads, strict=True):
            patched = by_hand(model, one, swap={head: after_run[2][head]})[3]
            assert effect == pytest.approx(log_odds(patched, place, tokens) - before, abs=1e-9)
    assert np.abs(found.indirect).min() > 1e-6
    ratio = math.exp(found.total + before) / math.exp(before) - 1  # y(counterfactual) / y(original) − 1
    assert found.total_ratio == pytest.approx(ratio)
    assert found.indirect_ratio[4] == pytest.approx(math.exp(found.indirect[4]) - 1)
    alone = head_effect(model, tokenizer, original, counterfactual, words, [(1, 2)])
    assert alone.indirect[0] == pytest.approx(found.indirect[5])
    same = head_effect(model, tokenizer, original, original, words, heads)
    assert same.total == pytest.approx(0, abs=1e-12) and np.abs(same.indirect).max() < 1e-12


def of_family(name: str, vocab_size: int) -> nn.Module:
    sizes = {"vocab_size": vocab_size, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3}
    sizes |= {"intermediate_size": 20, "max_position_embeddings": 40}
    if name == "DistilBert":
        sizes = {"vocab_size": vocab_size, "dim": 12, "n_layers": 2, "n_heads": 3, "hidden_dim": 20}
    if name in ("Albert", "Electra"):
        sizes |= {"embedding_size": 8}
    config = getattr(transformers, f"{name}Config")(**sizes, pad_token_id=0)
    return randomised(getattr(transformers, f"{name}ForMaskedLM")(config), seed=2)


@pytest.mark.parametrize("name", ["Bert", "Roberta", "Camembert", "Electra", "DistilBert", "Albert"])
def test_heads_of_transformers_are_patched_where_they_are(name, berts):
    """Against the mixer of each layer called by hand, without hooks, with one slice of what it is given exchanged."""
    tokenizer = berts[1]
    model = of_family(name, len(tokenizer)).eval()
    texts = [text.replace("infirmière", "chat") for text in PAIR[:2]]
    heads = [(layer, head) for layer in range(2) for head in range(3)]
    found = head_effect(model, tokenizer, *texts, PAIR[2], heads)
    assert np.abs(found.indirect).min() > 1e-9 and found.total != 0
    mixer = {
        "DistilBert": lambda layer: model.distilbert.transformer.layer[layer].attention.out_lin,
        "Albert": lambda layer: model.albert.encoder.albert_layer_groups[0].albert_layers[0].attention.dense,
    }.get(
        name,
        lambda layer: getattr(model, model.base_model_prefix).encoder.layer[layer].attention.output.dense,
    )
    ids = [tokenizer(text)["input_ids"] for text in texts]
    place, tokens = ids[0].index(tokenizer.mask_token_id), tokenizer.convert_tokens_to_ids(list(PAIR[2]))

    def run(row, replaced=None):
        seen, calls, old = [], [0], {}
        for linear in {mixer(0), mixer(1)}:
            old[linear] = linear.forward

            def forward(z, plain=linear.forward):
                z = z.clone()
                if replaced and replaced[0] == calls[0]:
                    z[..., replaced[1] * 4 : replaced[1] * 4 + 4] = replaced[2]
                calls[0] += 1
                seen.append(z)
                return plain(z)

            linear.forward = forward
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([row])).logits[0]
        for linear, plain in old.items():
            linear.forward = plain
        return log_odds(logits, place, tokens), seen

    before, _ = run(ids[0])
    after, seen = run(ids[1])
    assert len(seen) == 2 and found.total == pytest.approx(after - before)
    for effect, (layer, head) in zip(found.indirect, heads, strict=True):
        value = seen[layer][..., head * 4 : head * 4 + 4]
        assert effect == pytest.approx(run(ids[0], (layer, head, value))[0] - before, abs=1e-9)


def test_layers_are_counted_anew_in_each_pass(owns):
    model, _ = owns
    layers = []
    with on_head_outputs(model, lambda layer, outputs: layers.append(layer)):
        for _ in range(2):
            model(torch.ones(1, 3, dtype=torch.long))
    assert layers == [0, 1, 0, 1]


def test_nothing_is_left_behind_in_the_model(owns):
    model, tokenizer = owns
    head_effect(model, tokenizer, *PAIR, [(0, 0)])
    with pytest.raises(ZeroDivisionError), on_head_outputs(model, lambda layer, outputs: 1 / 0):
        model(torch.ones(1, 3, dtype=torch.long))
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in model.modules())
    assert model.training


@pytest.mark.parametrize(
    ("original", "counterfactual", "words", "heads", "message"),
    [
        ("il [MASK] .", "il dort [MASK] .", ("il", "elle"), [(0, 0)], "equally many tokens"),
        ("il [MASK] dort", "[MASK] il dort", ("il", "elle"), [(0, 0)], "in the same place"),
        ("il [MASK] .", "il [MASK] .", ("il", "zut"), [(0, 0)], "single tokens in the gap"),
        ("il [MASK] .", "il [MASK] .", ("il", "il"), [(0, 0)], "two different words"),
        ("il [MASK] .", "il [MASK] .", ("il", "elle"), [], "heads"),
        ("il [MASK] .", "il [MASK] .", ("il", "elle"), [(2, 0)], "layers from 0 to 1"),
        ("il [MASK] .", "il [MASK] .", ("il", "elle"), [(0, 3)], "heads from 0 to 2"),
        ("il dort .", "il [MASK] .", ("il", "elle"), [(0, 0)], "one \\[MASK\\]"),
    ],
)
def test_mediation_refuses(original, counterfactual, words, heads, message, owns):
    with pytest.raises(InputError, match=message):
        head_effect(*owns, original, counterfactual, words, heads)


# A circuit planted by hand: one head, of the second layer, carries the gender from the occupation to the pronoun.
PLANTED = (1, 2)
TRADES = {"nurse": -1.0, "engineer": 1.0, "dancer": -1.0, "pilot": 1.0, "cook": -1.0, "judge": 1.0}
WORDS = [*TRADES, "he", "she", "the", "said", "that", "was", "here", "often", "today", "left"]


def directions(width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Where an occupation's gender stands, and where a pronoun's does: no mean, nothing in common."""
    gender, pronoun = torch.zeros(width), torch.zeros(width)
    gender[:2], pronoun[2:4] = torch.tensor([1.0, -1.0]), torch.tensor([1.0, -1.0])
    return gender, pronoun


def planted_rows(tokenizer, width: int) -> torch.Tensor:
    """Embeddings (V, D): noise everywhere but in those four dimensions, where only trades and pronouns have something.

    All trades have the same noise: only their gender differs, so that no other head has anything else to carry.
    """
    generator = torch.Generator().manual_seed(1)
    gender, pronoun = directions(width)
    rows = torch.randn(tokenizer.vocab_size, width, generator=generator)
    rows[:, :4] = 0
    rows[:, 4:] -= rows[:, 4:].mean(dim=1, keepdim=True)
    for trade, sign in TRADES.items():
        rows[tokenizer.token_to_id(trade)] = rows[tokenizer.token_to_id("the")] + 2 * sign * gender
    for word, sign in (("he", 1), ("she", -1)):
        rows[tokenizer.token_to_id(word)] += 3 * sign * pronoun
    return rows


def plant(query, key, value, mixer, width: int, n_heads: int, layer: int, generator) -> None:
    """Weights of one layer: every head attends and carries noise from the other dimensions to the other dimensions."""
    size = width // n_heads
    for linear in (query, key, value, mixer):
        weight = 0.5 * torch.randn(width, width, generator=generator)
        # No head reads the gender or the pronoun, none writes there.
        if linear is mixer:
            weight[:4] = 0
            weight[4:] -= weight[4:].mean(dim=0, keepdim=True)
        else:
            weight[:, :4] = 0
        linear.weight.copy_(weight)
        nn.init.zeros_(linear.bias)
    if layer == PLANTED[0]:
        gender, pronoun = directions(width)
        start = PLANTED[1] * size
        value.weight[start : start + size] = 0
        value.weight[start] = gender
        mixer.weight[:, start : start + size] = 0
        mixer.weight[:, start] = 8 * pronoun


def planted_own():
    tokenizer, width = WordTokenizer(WORDS), 16
    model = MaskedLM(
        ModelConfig(tokenizer.vocab_size, d_model=width, n_heads=4, n_layers=3, dropout=0.0)
    ).double()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        model.encoder.embeddings.token.weight.copy_(planted_rows(tokenizer, width))
        model.encoder.embeddings.segment.weight.zero_()
        model.encoder.embeddings.position.weight.zero_()
        for layer, block in enumerate(model.encoder.blocks):
            a = block.attention
            plant(
                a.query_projection,
                a.key_projection,
                a.value_projection,
                a.output_projection,
                width,
                4,
                layer,
                generator,
            )
            block.feed_forward.contract.weight.zero_()
        model.head.transform.weight.copy_(torch.eye(width))
    return model, tokenizer


def planted_bert():
    tokenizer, width = WordTokenizer(WORDS), 16
    config = transformers.BertConfig(
        vocab_size=tokenizer.vocab_size, hidden_size=width, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=8, max_position_embeddings=32, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = transformers.BertForMaskedLM(config).double()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight.copy_(planted_rows(tokenizer, width))
        model.bert.embeddings.token_type_embeddings.weight.zero_()
        model.bert.embeddings.position_embeddings.weight.zero_()
        for layer, block in enumerate(model.bert.encoder.layer):
            a = block.attention.self
            plant(a.query, a.key, a.value, block.attention.output.dense, width, 4, layer, generator)
            block.output.dense.weight.zero_()
        model.cls.predictions.transform.dense.weight.copy_(torch.eye(width))
    return model.eval(), tokenizer


@pytest.mark.parametrize("build", [planted_own, planted_bert])
def test_the_planted_head_is_found_and_the_others_carry_nothing(build):
    model, tokenizer = build()
    pairs = [
        MediationPair(
            f"the {one} {verb} that [MASK] was here",
            f"the {other} {verb} that [MASK] was here",
            ("he", "she"),
            one,
        )
        for one in TRADES
        for other in TRADES
        if TRADES[one] < 0 < TRADES[other]
        for verb in ("said", "left")
    ]
    pairs += [
        MediationPair(
            f"often the {one} said [MASK] left", f"often the {other} said [MASK] left", ("she", "he"), one
        )
        for one, other in (("engineer", "nurse"), ("pilot", "dancer"), ("judge", "cook"))
    ]
    pairs += [MediationPair("the nurse said [MASK]", "today the nurse said [MASK]", ("he", "she"), "uneven")]
    pairs += [MediationPair("the vet said [MASK]", "the nurse said [MASK]", ("he", "she"), "unknown")]
    found = head_effects(model, tokenizer, pairs, batch_size=5)
    assert found.n_used == len(pairs) - 2 and found.total.n_groups == 6
    assert found.uneven == ("the nurse said [MASK]",) and found.unknown == ("the vet said [MASK]",)
    effects = found.estimates()
    assert effects.shape == (3, 4) and np.unravel_index(np.abs(effects).argmax(), effects.shape) == PLANTED
    assert effects[PLANTED] == pytest.approx(found.total.estimate, abs=1e-9) and found.total.estimate > 1
    assert found.share()[PLANTED] == pytest.approx(1)
    rest = np.delete(effects.ravel(), 4 * PLANTED[0] + PLANTED[1])
    assert np.abs(rest).max() < 1e-9
    assert found.indirect[1][2].low > 1 and found.indirect[0][0].high < 1e-9
    assert found.indirect_ratio[PLANTED] == pytest.approx(found.total_ratio.estimate)


def test_mediation_tables_refuse():
    model, tokenizer = planted_own()
    with pytest.raises(InputError, match="list of MediationPair"):
        head_effects(model, tokenizer, [])
    pairs = [MediationPair("the nurse said [MASK]", "the pilot said [MASK]", ("he", "she"))] * 6
    with pytest.raises(InputError, match="of at least 5 groups"):
        head_effects(model, tokenizer, pairs)


@pytest.mark.parametrize("builder", [bert, lambda: own("word")])
def test_vectors_and_maps_that_are_no_numbers_are_refused(builder):
    model, tokenizer = builder()
    if builder is bert:
        model.set_attn_implementation("eager")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(math.nan)
    for call in (
        lambda: contextual_embeddings(model, tokenizer, ["il dort ."], "il"),
        lambda: static_embeddings(model, tokenizer, ["il"]),
        lambda: sentence_vectors(model, tokenizer, ["il dort ."]),
        lambda: attention_to(model, tokenizer, "il dort .", "il", ["dort"]),
        lambda: pair_scores(model, tokenizer, [("il dort .", "elle dort .")], kind="aula"),
    ):
        with pytest.raises(InputError, match=f"NaN or infinity from {type(model).__name__}"):
            call()


def test_the_vectors_of_no_words_are_refused(owns):
    with pytest.raises(InputError, match=r"at least one word, got \[\]"):
        static_embeddings(*owns, [])


@pytest.mark.parametrize("name", BUILDERS)
def test_every_kind_of_model_and_tokenizer_shows_its_inside(name):
    model, tokenizer = BUILDERS[name]()
    if name in ("bert", "roberta", "camembert"):
        model.set_attn_implementation("eager")
    vectors = contextual_embeddings(model, tokenizer, ["il est médecin .", "elle dort"], ["médecin", "elle"])
    assert vectors.dim() == 3 and vectors.isfinite().all()
    seen = attention_to(model, tokenizer, "il est médecin .", "médecin", ["il"])
    assert bool((seen.weights["il"] > 0).all() and (seen.elsewhere > 0).all())
