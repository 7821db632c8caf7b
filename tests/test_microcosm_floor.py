"""The floor against brute force: all sentences, corruptions and pairs of a tiny grammar, enumerated."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import chi2

from attentif.corpus.comparison import LeakError, compare
from attentif.corpus.corruption import Corruption
from attentif.corpus.floors import Nats
from attentif.corpus.grammar import Alt, Seq, Word, alt, opt, seq, word
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.world import World, make_latent_chain, occupation_weights, p_feminine, plant
from attentif.errors import InputError

PAD, CLS, SEP, MASK = 0, 2, 3, 4
SENTENCES = 3  # sentences of a document
RATES = {
    "probability": 0.3,
    "mask": 0.5,
    "random": 0.3,
    "keep": 0.2,
}  # not BERT's: constants must not be fixed


def tiny_world() -> World:
    """Two topics, two genders; the same sentence can come from several latents; the plural never occurs."""
    planted = plant({"guide": 0.75, "juge": -0.5})
    share = {"port": {"guide": 3.0, "juge": 1.0}, "gare": {"guide": 1.0, "juge": 1.0}}
    feminine = {topic: p_feminine(weights, planted) for topic, weights in share.items()}
    chain = make_latent_chain({"port": 2.0, "gare": 1.0}, feminine, p_plural=0.0, p_continued=0.7)
    verbs = {"port": word({"dort": 3.0, "guide": 1.0}), "gare": word({"dort": 1.0, "guide": 2.0})}

    def sentence(latent):
        pronoun = "elle" if latent.gender == "f" else "il"
        occupation = word(occupation_weights(share[latent.topic], planted, latent.gender))
        subject = word(pronoun) if latent.subject == "continued" else alt((4, occupation), (1, pronoun))
        return seq(subject, opt(0.6, verbs[latent.topic]), ".")

    return World(
        "fr",
        "small",
        *chain,
        tuple(map(sentence, chain.latents)),
        planted,
        ("il", "elle"),
        ("{occupation} dort .",),
        SENTENCES,
    )


def sentences_of(expression) -> dict[tuple[str, ...], float]:
    """Every sentence of an expression with its probability: a second reading of the grammar, by recursion."""
    if isinstance(expression, Word):
        total = sum(weight for _, weight in expression.forms)
        return {(form,): weight / total for form, weight in expression.forms}
    if isinstance(expression, Seq):
        found = {(): 1.0}
        for part in expression.parts:
            longer: dict[tuple[str, ...], float] = {}
            for (left, p), (right, q) in itertools.product(found.items(), sentences_of(part).items()):
                longer[left + right] = longer.get(left + right, 0.0) + p * q
            found = longer
        return found
    assert isinstance(expression, Alt)
    found, total = {}, sum(weight for weight, _ in expression.branches)
    for weight, branch in expression.branches:
        for sentence, probability in sentences_of(branch).items():
            found[sentence] = found.get(sentence, 0.0) + weight / total * probability
    return found


class Enumerated:
    """All sentences x of the tiny world, their law, and that of pairs, from enumerated documents."""

    def __init__(self):
        self.world = tiny_world()
        self.microcosm = Microcosm.from_world(self.world)
        by_latent = [sentences_of(expression) for expression in self.world.expressions]
        texts = sorted({sentence for table in by_latent for sentence in table})
        self.sentences = [tuple(self.microcosm.tokenizer.encode(" ".join(text))) for text in texts]
        given = np.array([[table.get(text, 0.0) for table in by_latent] for text in texts])  # P(x | z)
        n_latents = given.shape[1]
        self.single, self.first_of_pair = np.zeros(n_latents), np.zeros(n_latents)
        follows = np.zeros((n_latents, n_latents))
        for path in itertools.product(range(n_latents), repeat=SENTENCES):
            p = self.world.first_prior[path[0]]
            for here, there in itertools.pairwise(path):
                p *= self.world.transition[here, there]
            for place in range(SENTENCES):
                self.single[path[place]] += p / SENTENCES
            for place in range(SENTENCES - 1):
                self.first_of_pair[path[place]] += p / (SENTENCES - 1)
                follows[path[place], path[place + 1]] += p / (SENTENCES - 1)
        self.p = given @ self.single
        self.p_next = given @ follows @ given.T  # P(A, B | B follows A)
        self.p_random = np.outer(given @ self.first_of_pair, self.p)
        self.words = list(range(5, self.microcosm.vocab_size))


@pytest.fixture(scope="module")
def tiny() -> Enumerated:
    return Enumerated()


def channel(truth: int, seen: int, selected: bool, words: list[int], corruption: Corruption) -> float:
    """P(seen | truth, selected or not), read off the definition of 80/10/10."""
    if not selected:
        return float(seen == truth)
    if seen == MASK:
        return corruption.mask
    return corruption.random / len(words) + corruption.keep * (seen == truth)


def corrupted(truth, seen, wanted, words, corruption) -> float:
    """P(seen, `wanted` is selected | truth), summed over every pattern of selected positions."""
    total = 0.0
    for pattern in itertools.product([False, True], repeat=len(truth)):
        if wanted is not None and not pattern[wanted]:
            continue
        p = 1.0
        for true, shown, selected in zip(truth, seen, pattern, strict=True):
            p *= corruption.probability if selected else 1 - corruption.probability
            p *= channel(true, shown, selected, words, corruption)
        total += p
    return total


def inputs_of(words, length):
    """Every corrupted input of a length."""
    return list(itertools.product([MASK, *words], repeat=length))


def row(*sentences, width=10):
    """[CLS] A [SEP] (B [SEP]) padded."""
    ids = [CLS, *(token for sentence in sentences for token in (*sentence, SEP))]
    return ids + [PAD] * (width - len(ids))


def test_probability_of_every_sentence(tiny):
    """Log-probabilities equal the enumerated ones and sum to 1; other sentences are impossible."""
    found = tiny.microcosm.log_probability(tiny.sentences)
    np.testing.assert_allclose(np.exp(found), tiny.p, rtol=1e-12)
    assert np.exp(found).sum() == pytest.approx(1.0, abs=1e-12)
    dot = tiny.microcosm.tokenizer.encode(".")[0]
    assert np.isneginf(tiny.microcosm.log_probability([[dot], [dot] * 3, [dot] * 9])).all()


def test_causal_floor(tiny):
    """Each conditional, that of the end included, equals a ratio of sums over enumerated sentences."""
    result = tiny.microcosm.floor.causal([row(sentence, width=7) for sentence in tiny.sentences])
    expected = []
    for sentence in tiny.sentences:
        for length in range(len(sentence) + 1):
            prefix = sum(
                p for x, p in zip(tiny.sentences, tiny.p, strict=True) if x[:length] == sentence[:length]
            )
            ended = length == len(sentence)
            longer = sum(
                p
                for x, p in zip(tiny.sentences, tiny.p, strict=True)
                if (x == sentence if ended else x[: length + 1] == sentence[: length + 1])
            )
            expected.append(-np.log(longer / prefix))
    np.testing.assert_allclose(result.nats, expected, atol=1e-12)
    sums, counts = result.per_row(len(tiny.sentences))
    np.testing.assert_allclose(sums, -np.log(tiny.p), rtol=1e-12)
    assert counts.tolist() == [len(sentence) + 1 for sentence in tiny.sentences]
    assert result.column[:4].tolist() == [1, 2, 3, 4] or len(tiny.sentences[0]) == 2


@pytest.mark.parametrize("corruption", [Corruption(), Corruption(**RATES)])
def test_masked_floor_of_single_sentences(tiny, corruption):
    """Over every sentence and every corrupted input: the enumerated Bayes predictor, and its expected loss.

    The expected loss is lower than that of the naive predictor (masks as wildcards, the rest certain, mixed
    with a little of everything so that it is finite), and lower than that of any perturbed predictor that
    is tried.
    """
    generator = np.random.default_rng(3)
    losses = {"floor": 0.0, "naive": 0.0, "own word trusted": 0.0}
    perturbed = np.zeros(6)
    for length in (2, 3):
        xs = [(x, p) for x, p in zip(tiny.sentences, tiny.p, strict=True) if len(x) == length]
        seen = inputs_of(tiny.words, length)
        p_seen = np.array(
            [
                [[corrupted(x, y, i, tiny.words, corruption) for i in range(length)] for y in seen]
                for x, _ in xs
            ]
        )  # P(y, i selected | x): (X, Y, T)
        joint = p_seen * np.array([p for _, p in xs])[:, None, None]
        is_word = np.array(
            [[[x[i] == w for w in tiny.words] for i in range(length)] for x, _ in xs], dtype=float
        )
        table = np.einsum("xyi,xiw->yiw", joint, is_word)  # P(y, i selected, x_i = w)
        bayes = table / table.sum(axis=2, keepdims=True)
        for index, (x, _) in enumerate(xs):
            labels = np.tile(row([-100] * length), (len(seen), 1))
            labels[:, 1 : 1 + length] = x
            labels[:, 0], labels[:, 1 + length :] = -100, -100
            found = tiny.microcosm.floor.masked([row(y) for y in seen], labels, corruption)
            expected = -np.log(np.einsum("yiw,iw->yi", bayes, is_word[index]))
            np.testing.assert_allclose(found.nats.reshape(expected.shape), expected, atol=1e-10)
            losses["floor"] += (joint[index] * found.nats.reshape(expected.shape)).sum()
        wildcard = np.array(
            [[[p * all(t in (MASK, w) for t, w in zip(y, x, strict=True)) for x, p in xs] for y in seen]]
        )[0]
        naive = np.einsum("yx,xiw->yiw", wildcard, is_word) + 1e-3
        naive /= naive.sum(axis=2, keepdims=True)
        losses["naive"] -= (table * np.log(naive)).sum()
        trusting = bayes + 0.5 * np.array([[[t == w for w in tiny.words] for t in y] for y in seen])
        trusting = trusting + 1e-12
        trusting /= trusting.sum(axis=2, keepdims=True)
        losses["own word trusted"] -= (table * np.log(trusting)).sum()
        for trial, size in enumerate(np.logspace(-2.5, 0, len(perturbed))):
            other = bayes * np.exp(size * generator.normal(size=bayes.shape)) + 1e-300
            perturbed[trial] -= (table * np.log(other / other.sum(axis=2, keepdims=True))).sum()
    assert losses["floor"] < losses["own word trusted"]
    assert losses["floor"] < 0.9 * losses["naive"]
    assert (perturbed > losses["floor"]).all() and (np.diff(perturbed) > 0).all()


def test_masked_floor_differs_from_wildcards(tiny):
    """'il [guide] .' may hide 'dort', with a probability that hard masks would call zero."""
    encode = tiny.microcosm.tokenizer.encode
    inputs, truth = encode("il guide ."), encode("il dort .")
    labels = [[-100, -100, truth[1], -100, -100]]
    loss = tiny.microcosm.floor.masked([row(inputs, width=5)], labels).nats[0]
    kept = tiny.microcosm.floor.masked([row(inputs, width=5)], [[-100, -100, inputs[1], -100, -100]]).nats[0]
    assert np.isfinite(loss) and loss > kept > 0.05  # even a word that looks right may be a replacement


@pytest.mark.parametrize("lengths", [(2, 2), (2, 3), (3, 2)])
def test_pairs(tiny, lengths):
    """Over every pair and every corrupted pair of these lengths: P(B follows A), and each masked position."""
    corruption = Corruption()
    first, second = ([(k, x) for k, x in enumerate(tiny.sentences) if len(x) == length] for length in lengths)
    pairs = [(a, b, x + y) for a, x in first for b, y in second]
    rows = [(a, b) for a in inputs_of(tiny.words, lengths[0]) for b in inputs_of(tiny.words, lengths[1])]
    total = sum(lengths)
    seen = np.array([a + b for a, b in rows])  # (Y, T)
    truth = np.array([x for _, _, x in pairs])  # (X, T)
    same = seen[None] == truth[:, None]  # (X, Y, T)
    n_words = len(tiny.words)
    hidden = (seen == MASK)[None] & np.ones_like(same)
    if_selected = np.where(hidden, 0.8, 0.1 * same + 0.1 / n_words)
    anyhow = 0.15 * if_selected + 0.85 * same
    prior = np.array([[q[a, b] for a, b, _ in pairs] for q in (tiny.p_random, tiny.p_next)])  # (2, X)
    evidence = anyhow.prod(axis=2)  # P(y | x)
    assert evidence[1, 7] == pytest.approx(
        corrupted(truth[1], seen[7], None, tiny.words, corruption), rel=1e-12
    )
    both = 0.5 * prior @ evidence  # (2, Y)
    inputs = [row(a, b) for a, b in rows]
    np.testing.assert_allclose(tiny.microcosm.floor.p_next(inputs), both[1] / both.sum(axis=0), rtol=1e-10)
    truth_of_next = np.arange(len(rows)) % 2
    nats = tiny.microcosm.floor.next_sentence(inputs, truth_of_next).nats
    expected = -np.log(both[truth_of_next, np.arange(len(rows))] / both.sum(axis=0))
    np.testing.assert_allclose(nats, expected, rtol=1e-9)
    here = np.array([*range(1, lengths[0] + 1), *range(lengths[0] + 2, total + 2)])
    for index in range(0, len(pairs), 2):
        labels = np.full((len(rows), 10), -100)
        labels[:, here] = truth[index]
        found = tiny.microcosm.floor.masked(inputs, labels, corruption).nats.reshape(len(rows), total)
        for place in range(total):
            others = np.delete(anyhow, place, axis=2).prod(axis=2)
            weight = prior.mean(axis=0)[:, None] * others * if_selected[:, :, place]  # (X, Y)
            right = weight[truth[:, place] == truth[index, place]].sum(axis=0)
            np.testing.assert_allclose(found[:, place], -np.log(right / weight.sum(axis=0)), atol=1e-10)


def test_uncorrupted_pairs(tiny):
    """P(B follows A) of clean pairs; an impossible pair is refused."""
    found = tiny.microcosm.floor.p_next(
        [row(a, b) for a in tiny.sentences for b in tiny.sentences], corruption=None
    )
    expected = tiny.p_next / (tiny.p_next + tiny.p_random)
    np.testing.assert_allclose(found, expected.ravel(), rtol=1e-12)
    assert expected.min() < 0.45 and expected.max() > 0.55  # the pair says something
    with pytest.raises(InputError, match=r"^expected [^\n]*, got [^\n]*; [^\n]*$"):
        tiny.microcosm.floor.p_next([row(tiny.sentences[0], tiny.sentences[0][::-1])], corruption=None)


def test_pair_context_matters(tiny):
    """A pair's floor is not that of its sentences alone: its second sentence tells of the first."""
    encode = tiny.microcosm.tokenizer.encode
    alone = tiny.microcosm.floor.masked(
        [row(encode("[MASK] dort ."))], [row([-100] * 3)[:0] + [-100, encode("elle")[0]] + [-100] * 8]
    ).nats[0]
    paired = tiny.microcosm.floor.masked(
        [row(encode("[MASK] dort ."), encode("elle dort ."))], [[-100, encode("elle")[0]] + [-100] * 8]
    ).nats[0]
    assert paired < alone - 0.05


def test_posterior(tiny):
    """Marginals of one and of two masks, visible words certain or noisy, equal the enumerated ones."""
    encode = tiny.microcosm.tokenizer.encode
    for text in ("[MASK] dort .", "il [MASK] .", "[MASK] [MASK] .", "[MASK] .", "[MASK] [MASK] [MASK]"):
        ids = encode(text)
        places = [i for i, token in enumerate(ids) if token == MASK]
        for corruption in (None, Corruption()):
            expected = np.zeros((len(places), tiny.microcosm.vocab_size))
            for x, p in zip(tiny.sentences, tiny.p, strict=True):
                if len(x) != len(ids):
                    continue
                for token, true in zip(ids, x, strict=True):
                    if token != MASK and corruption is None:
                        p *= token == true
                    elif token != MASK:
                        p *= 0.85 * (token == true) + 0.15 * (0.1 * (token == true) + 0.1 / len(tiny.words))
                for index, place in enumerate(places):
                    expected[index, x[place]] += p
            expected /= expected.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(tiny.microcosm.posterior(text, corruption), expected, atol=1e-12)
            np.testing.assert_allclose(tiny.microcosm.posterior(ids, corruption), expected, atol=1e-12)


@pytest.mark.parametrize(
    "text", ["il dort .", "[MASK] chante .", "dort [MASK] [MASK]", "[MASK] " * 4, "[CLS] [MASK]"]
)
def test_posterior_refuses(tiny, text):
    """No mask, an unknown word, an impossible sentence, one too long, a special: one line each."""
    with pytest.raises(InputError, match=r"^expected [^\n]*, got [^\n]*; [^\n]*$"):
        tiny.microcosm.posterior(text)


def test_samples_follow_the_exact_law(tiny):
    """Chi-square of sampled sentences and of (A, next B) against enumerated probabilities (p > 1e-6)."""
    documents = tiny.microcosm.documents(9_000, seed=5)
    index = {sentence: k for k, sentence in enumerate(tiny.sentences)}
    ids = np.array([[index[tuple(sentence)] for sentence in document] for document in documents])  # (N, 3)
    observed = np.bincount(ids[:, 1], minlength=len(index))  # one sentence a document: independent draws
    follows = tiny.p_next.sum(axis=0) * 2 - _third_sentence(tiny)
    _assert_chi_square(observed, follows * len(ids))
    pairs = np.zeros_like(tiny.p_next)
    place = np.arange(len(ids)) % 2  # alternate positions make the uniform position
    np.add.at(pairs, (ids[np.arange(len(ids)), place], ids[np.arange(len(ids)), place + 1]), 1)
    _assert_chi_square(pairs.ravel(), tiny.p_next.ravel() * len(ids))
    batch = tiny.microcosm.sentences(20_000, seed=1)
    observed = np.bincount([index[tuple(x)] for x in batch.to_lists()], minlength=len(index))
    _assert_chi_square(observed, tiny.p * 20_000)


def _third_sentence(tiny) -> np.ndarray:
    """P(x) of the third sentence of a document: that of any sentence, thrice, less the first two."""
    return 3 * tiny.p - 2 * tiny.p_random.sum(axis=1)


def _assert_chi_square(observed, expected):
    kept = expected > 5
    assert observed[expected == 0].sum() == 0
    statistic = ((observed[kept] - expected[kept]) ** 2 / expected[kept]).sum()
    assert chi2.sf(statistic, kept.sum() - 1) > 1e-6


@pytest.mark.parametrize(
    "inputs",
    [
        [[5, 6, 3]],
        [[2, 5, 6]],
        [[2, 3, 0]],
        [[2, 5, 3, 3]],
        [[2, 5, 0, 3]],
        [[2, 5, 3, 5, 3, 5, 3]],
        [[2, 1, 3]],
        [[2, 999, 3]],
        [[2, 5, 3, 5]],
        [[2.0, 5.0, 3.0]],
        [2, 5, 3],
        [[2, 5, 3], [2, 3]],
        [[2, -100, 3]],
    ],
)
def test_rows_of_another_form_are_refused(tiny, inputs):
    """No [CLS], no end, nothing inside, padding inside, three sentences, unknown ids, floats, ragged rows."""
    with pytest.raises(InputError, match=r"^expected [^\n]*, got [^\n]*; [^\n]*$"):
        tiny.microcosm.floor.causal(inputs)


def test_other_bad_input(tiny):
    """Impossible sentences and labels, labels at specials, masks without labels, pairs out of place."""
    floor, encode = tiny.microcosm.floor, tiny.microcosm.tokenizer.encode
    good, none = [row(encode("il dort ."), width=5)], [-100] * 5
    with pytest.raises(InputError, match="cannot produce"):
        floor.causal([row(encode("dort il ."))])
    with pytest.raises(InputError, match="a pair"):
        floor.causal([row(encode("il dort ."), encode("il ."))])
    with pytest.raises(InputError, match="single sentence"):
        floor.p_next(good)
    with pytest.raises(InputError, match="labels"):
        floor.masked(good, [[3, *none[1:]]])
    with pytest.raises(InputError, match="labels"):
        floor.masked(good, [none[:-1]])
    with pytest.raises(InputError, match="can produce"):
        floor.masked(good, [[-100, encode(".")[0], -100, -100, -100]])
    with pytest.raises(InputError, match="a label at each"):
        floor.masked([row(encode("[MASK] dort ."), width=5)], [none])
    with pytest.raises(InputError, match="2 to 3 tokens"):
        floor.masked([row(encode("il il il il"))], [[-100] * 10])
    with pytest.raises(InputError, match="sum to 1"):
        Corruption(mask=0.9)
    assert len(floor.masked(good, [none])) == 0


def test_worlds_that_are_refused(tiny):
    """A transition that does not sum to 1, a missing expression, an expression that can be empty."""
    world, broken = tiny.world, tiny.world.transition.copy()
    broken[0] *= 1.1
    arguments = {name: getattr(world, name) for name in world.__dataclass_fields__}
    for change in (
        {"transition": broken},
        {"expressions": world.expressions[1:]},
        {"sentences_per_document": 1},
    ):
        with pytest.raises(InputError, match=r"^expected [^\n]*, got [^\n]*; [^\n]*$"):
            World(**arguments | change)
    empty = World(**arguments | {"expressions": (opt(0.5, "il"), *world.expressions[1:])})
    with pytest.raises(InputError, match="can be empty"):
        Microcosm.from_world(empty).documents(1)
    with pytest.raises(InputError, match="occupations"):
        plant({"guide": 1.0}, {"pilote": 1.0})


def test_tensors_and_chunks(tiny):
    """Torch tensors are welcome, and many rows give what each row gives alone."""
    torch = pytest.importorskip("torch")
    encode = tiny.microcosm.tokenizer.encode
    kinds = [encode(text) for text in ("[MASK] dort .", "il .", "elle [MASK] .")]
    rows = torch.tensor([row(kinds[k % 3], *([kinds[1]] if k % 2 else [])) for k in range(300)])
    labels = torch.full_like(rows, -100)
    labels[rows == MASK] = encode("guide")[0]
    labels[:, 1] = encode("il")[0]
    together = tiny.microcosm.floor.masked(rows, labels)
    alone = [tiny.microcosm.floor.masked(rows[k : k + 1], labels[k : k + 1]).nats for k in range(300)]
    np.testing.assert_allclose(together.nats, np.concatenate(alone), rtol=1e-12)
    assert (together.row == torch.nonzero(labels != -100)[:, 0].numpy()).all()


def test_comparison():
    """Paired difference with rows as clusters, against a direct formula; leaks and mismatches are refused."""
    generator = np.random.default_rng(0)
    row_of = np.sort(generator.integers(0, 40, size=300))
    floor = Nats(generator.random(300) + 0.5, row_of, np.zeros(300, dtype=int))
    model = floor.nats + 0.1 + 0.3 * generator.normal(size=40)[row_of]
    result = compare(model, floor)
    d = model - floor.nats
    clusters = [(d[row_of == r] - d.mean()).sum() for r in np.unique(row_of)]
    n = len(clusters)
    assert result.standard_error == pytest.approx(np.sqrt(n / (n - 1) * np.sum(np.square(clusters))) / 300)
    assert result.standard_error > 1.5 * d.std() / np.sqrt(300)  # clusters count
    assert result.excess == pytest.approx(d.mean() / floor.nats.mean()) and not result.leak
    by_row = [d[row_of == r].mean() for r in np.unique(row_of)]
    assert result.evidence == pytest.approx(-np.sum(by_row))
    overconfident = compare(floor.nats - 1e-4 * (1 + generator.random(300)), floor)
    assert overconfident.difference < -3 * overconfident.standard_error and not overconfident.leak
    with pytest.raises(LeakError, match="standard errors below"):
        compare(0.7 * floor.nats, floor)
    assert compare(0.7 * floor.nats, floor, strict=False).leak
    assert not compare(floor.nats, floor).leak
    for bad in (model[:-1], np.append(model[:-1], np.nan)):
        with pytest.raises(InputError):
            compare(bad, floor)
