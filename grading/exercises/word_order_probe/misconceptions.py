"""Wrong implementations that people really write, each with what it computes instead.

The first version of each goes sentence by sentence, the second shuffles all of them first and works on arrays.
"""

from __future__ import annotations

import numpy as np

from attentif.bias import likelihood as likelihoods
from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import cluster_bootstrap
from attentif.limits.cloze import distributions, gap
from attentif.limits.word_order import (
    WordOrderResult,
    known_sentences,
    shares_bounded,
    shuffled,
    with_middle_hidden,
)
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("hidden_word_found", "sign_reversed", "words_for_tokens")


def tokens_in(scorer, sentence):
    return len(scorer.encode(sentence).positions)


def by_sentence(
    model,
    tokenizer,
    sentences,
    n,
    n_shuffles,
    seed,
    likelihood,
    interval,
    shuffle=shuffled,
    fresh=False,
    length=tokens_in,
    price=lambda own, others: own - sum(others) / len(others),
    move_hidden=lambda sentence, n, generator: shuffled(with_middle_hidden(sentence), n, generator),
    known=known_sentences,
    target=None,
):
    """The whole probe, sentence by sentence, with the parts of a mistake."""
    scorer, generator = MaskedScorer(model, tokenizer), np.random.default_rng(seed)
    kept, unknown = known(scorer, sentences, n, n_shuffles)

    def guess(said):
        context = gap(scorer, said)
        if context is None:
            ids = scorer.encode(said).ids
            context = tuple(ids), ids.index(scorer.mask_id)
        return int(distributions(scorer, [context])[context].argmax())

    costs, shares = [], []
    for sentence in kept:
        scores = [float(likelihood(model, tokenizer, [sentence])[0])]
        hits = []
        first = guess(with_middle_hidden(sentence))
        wanted = first if target is None else target(scorer, sentence)
        for _ in range(n_shuffles):
            drawn_by = np.random.default_rng(seed) if fresh else generator
            scores.append(float(likelihood(model, tokenizer, [shuffle(sentence, n, drawn_by)])[0]))
            hits.append(guess(move_hidden(sentence, n, drawn_by)) == wanted)
        costs.append(price(scores[0], scores[1:]) / length(scorer, sentence))
        shares.append(sum(hits) / len(hits))
    groups = list(range(len(kept)))
    return WordOrderResult(
        interval(costs, groups), shares_bounded(shares, groups, interval), len(kept), tuple(unknown)
    )


def lists_of(
    model, tokenizer, sentences, n, n_shuffles, seed, likelihood, known=known_sentences, n_kept=None
):
    """(scorer, known sentences, unknown ones, scores (N, 1 + K), guesses (N, 1 + K))."""
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = known(scorer, sentences, n, n_shuffles)
    rng = np.random.default_rng(seed)
    size = n if n_kept is None else n_kept
    texts = [[each] + [shuffled(each, size, rng) for _ in range(n_shuffles)] for each in kept]
    masked = [with_middle_hidden(each) for each in kept]
    masked = [[each] + [shuffled(each, size, rng) for _ in range(n_shuffles)] for each in masked]
    scores = np.stack([likelihood(model, tokenizer, row) for row in texts])
    return scorer, kept, unknown, scores, guesses_of(scorer, masked)


def guesses_of(scorer, masked):
    """The most probable id at the mask of each text of a table of texts."""
    rows = []
    for row in masked:
        ids = [scorer.encode(each).ids for each in row]
        places = [[each.index(scorer.mask_id)] for each in ids]
        rows.append(scorer.log_probabilities(ids, places).argmax(-1).tolist())
    return np.array(rows)


def told(costs, guesses, n_used, unknown, interval):
    """The result of costs and guesses of the sentences."""
    groups = np.arange(len(costs))
    shares = np.mean(guesses[:, 1:] == guesses[:, [0]], axis=1)
    retention = shares_bounded(shares.tolist(), groups.tolist(), interval)
    return WordOrderResult(
        interval(np.asarray(costs).tolist(), groups.tolist()), retention, n_used, tuple(unknown)
    )


def lengths_of(scorer, kept):
    return np.array([len(scorer.encode(each).ids) - 2 for each in kept])


@misconception(
    "length_forgotten",
    en="cost is in nats a sentence, so long sentences weigh most: divide by the sentence's number of tokens",
    fr="cost est en nats par phrase, et les longues phrases y pèsent le plus : divisez par le nombre de jetons de la phrase",
)
def length_forgotten(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood, interval, length=lambda scorer, said: 1
    )


@again(length_forgotten)
def length_forgotten_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    _, kept, unknown, scores, guesses = lists_of(model, tokenizer, sentences, n, n_shuffles, seed, likelihood)
    return told(scores[:, 0] - scores[:, 1:].mean(1), guesses, len(kept), unknown, interval)


@misconception(
    "words_for_tokens",
    en="you divide by the number of words: a likelihood adds up over tokens, and a word may have several, a sign is one too",
    fr="vous divisez par le nombre de mots : une vraisemblance s'additionne sur les jetons, un mot peut en avoir plusieurs, un signe en est un aussi",
)
def words_for_tokens(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(
        model,
        tokenizer,
        sentences,
        n,
        n_shuffles,
        seed,
        likelihood,
        interval,
        length=lambda scorer, said: len([word for word in said.split() if word != "."]),
    )


@again(words_for_tokens)
def words_for_tokens_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    _, kept, unknown, scores, guesses = lists_of(model, tokenizer, sentences, n, n_shuffles, seed, likelihood)
    words = np.array([len(each.rstrip(" .").split()) for each in kept])
    return told((scores[:, 0] - scores[:, 1:].mean(1)) / words, guesses, len(kept), unknown, interval)


@misconception(
    "specials_counted",
    en="the two special tokens count in the length: no likelihood is read at them, divide by the tokens of the text alone",
    fr="les deux jetons spéciaux comptent dans la longueur : aucune vraisemblance n'y est lue, divisez par les seuls jetons du texte",
)
def specials_counted(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(
        model,
        tokenizer,
        sentences,
        n,
        n_shuffles,
        seed,
        likelihood,
        interval,
        length=lambda scorer, said: len(scorer.encode(said).ids),
    )


@again(specials_counted)
def specials_counted_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, kept, unknown, scores, guesses = lists_of(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood
    )
    costs = (scores[:, 0] - scores[:, 1:].mean(1)) / (lengths_of(scorer, kept) + 2)
    return told(costs, guesses, len(kept), unknown, interval)


@misconception(
    "sign_reversed",
    en="cost has the wrong sign, the shuffles minus the sentence: it is what the shuffle loses, positive where order matters",
    fr="cost a le mauvais signe, les mélanges moins la phrase : c'est ce que le mélange fait perdre, positif là où l'ordre compte",
)
def sign_reversed(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(
        model,
        tokenizer,
        sentences,
        n,
        n_shuffles,
        seed,
        likelihood,
        interval,
        price=lambda own, others: sum(others) / len(others) - own,
    )


@again(sign_reversed)
def sign_reversed_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, kept, unknown, scores, guesses = lists_of(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood
    )
    costs = np.mean(scores[:, 1:] - scores[:, :1], axis=1) / lengths_of(scorer, kept)
    return told(costs, guesses, len(kept), unknown, interval)


@misconception(
    "shuffles_summed",
    en="the scores of the shuffles are added up: take their mean, or cost grows with n_shuffles",
    fr="les scores des mélanges sont additionnés : prenez leur moyenne, sinon cost croît avec n_shuffles",
)
def shuffles_summed(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(
        model,
        tokenizer,
        sentences,
        n,
        n_shuffles,
        seed,
        likelihood,
        interval,
        price=lambda own, others: own - sum(others),
    )


@again(shuffles_summed)
def shuffles_summed_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, kept, unknown, scores, guesses = lists_of(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood
    )
    costs = (2 * scores[:, 0] - scores.sum(axis=1)) / lengths_of(scorer, kept)
    return told(costs, guesses, len(kept), unknown, interval)


def any_order(sentence, n, generator):
    """A shuffle that may be the sentence itself."""
    words, end = (sentence[:-2].split(), " .") if sentence.endswith(" .") else (sentence.split(), "")
    grams = [words[at : at + n] for at in range(0, n * (len(words) // n), n)]
    rest = words[n * len(grams) :]
    order = generator.permutation(len(grams))
    return " ".join([word for index in order for word in grams[index]] + rest) + end


@misconception(
    "sentence_itself_drawn",
    en="some of your shuffles are the sentence itself, which costs nothing: draw again until the order is another one",
    fr="certains de vos mélanges sont la phrase même, qui ne coûte rien : tirez de nouveau jusqu'à ce que l'ordre soit un autre",
)
def sentence_itself_drawn(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood, interval, shuffle=any_order
    )


@again(sentence_itself_drawn)
def sentence_itself_drawn_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, kept, unknown, scores, guesses = lists_of(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood
    )
    rng, costs = np.random.default_rng(seed + 1), []
    for number, sentence in enumerate(kept):
        body = sentence.removesuffix(" .")
        words, others = body.split(), []
        parts = [words[at : at + n] for at in range(0, len(words), n)]
        tail = parts.pop() if len(parts[-1]) < n else []
        for _ in range(n_shuffles):
            rng.shuffle(parts)
            spoken = " ".join([word for part in [*parts, tail] for word in part])
            others.append(spoken + sentence[len(body) :])
        costs.append(scores[number, 0] - likelihood(model, tokenizer, others).mean())
    return told(np.array(costs) / lengths_of(scorer, kept), guesses, len(kept), unknown, interval)


@misconception(
    "one_shuffle_repeated",
    en="all your shuffles of a sentence are the same one, as the generator begins anew each time: make one generator, before the loops",
    fr="tous vos mélanges d'une phrase sont le même, car le générateur repart du début à chaque fois : créez un seul générateur, avant les boucles",
)
def one_shuffle_repeated(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(model, tokenizer, sentences, n, n_shuffles, seed, likelihood, interval, fresh=True)


@again(one_shuffle_repeated)
def one_shuffle_repeated_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, kept, unknown, scores, guesses = lists_of(model, tokenizer, sentences, n, 1, seed, likelihood)
    known_sentences(scorer, sentences, n, n_shuffles)
    scores, guesses = (
        np.concatenate([each[:, :1], np.repeat(each[:, 1:], n_shuffles, axis=1)], axis=1)
        for each in (scores, guesses)
    )
    costs = (scores[:, 0] - np.average(scores[:, 1:], axis=1)) / lengths_of(scorer, kept)
    return told(costs, guesses, len(kept), unknown, interval)


@misconception(
    "neighbours_parted",
    en="single words are shuffled whatever n is: n neighbouring words stay together, hand n over",
    fr="les mots sont mélangés un par un quel que soit n : n mots voisins restent ensemble, transmettez n",
)
def neighbours_parted(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(
        model,
        tokenizer,
        sentences,
        n,
        n_shuffles,
        seed,
        likelihood,
        interval,
        shuffle=lambda sentence, n, generator: shuffled(sentence, 1, generator),
        move_hidden=lambda said, n, generator: shuffled(with_middle_hidden(said), 1, generator),
    )


@again(neighbours_parted)
def neighbours_parted_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, kept, unknown, scores, guesses = lists_of(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood, n_kept=1
    )
    costs = (scores[:, 0] - scores[:, 1:].mean(1)) / lengths_of(scorer, kept)
    return told(costs, guesses, len(kept), unknown, interval)


@misconception(
    "hidden_word_found",
    en="retention asks whether the hidden word is found: it is about the answer staying the same, right or wrong",
    fr="retention demande si le mot caché est retrouvé : il s'agit de savoir si la réponse reste la même, juste ou fausse",
)
def hidden_word_found(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    def target(scorer, sentence):
        ids, masked = scorer.encode(sentence).ids, scorer.encode(with_middle_hidden(sentence)).ids
        return ids[masked.index(scorer.mask_id)]

    return by_sentence(model, tokenizer, sentences, n, n_shuffles, seed, likelihood, interval, target=target)


@again(hidden_word_found)
def hidden_word_found_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, kept, unknown, scores, guesses = lists_of(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood
    )
    for number, sentence in enumerate(kept):
        words = sentence.removesuffix(" .").split()
        guesses[number, 0] = scorer.encode(words[(len(words) - 1) // 2]).ids[1]
    costs = (scores[:, 0] - scores[:, 1:].mean(1)) / lengths_of(scorer, kept)
    return told(costs, guesses, len(kept), unknown, interval)


@misconception(
    "mask_moved",
    en="the hidden word is shuffled with the others, and the mask asks in another place: it stays where it is, hide it first and let shuffled leave it there",
    fr="le mot caché est mélangé avec les autres, et le masque interroge à une autre place : il reste où il est, cachez-le d'abord et laissez shuffled l'y garder",
)
def mask_moved(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    def moved(sentence, n, generator):
        return any_order(with_middle_hidden(sentence), n, generator)

    return by_sentence(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood, interval, move_hidden=moved
    )


@again(mask_moved)
def mask_moved_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, kept, unknown, scores, _ = lists_of(model, tokenizer, sentences, n, n_shuffles, seed, likelihood)
    rng, masked = np.random.default_rng(seed), []
    for sentence in kept:
        body = sentence.removesuffix(" .")
        middle = body.split()[(len(body.split()) - 1) // 2]
        row = [with_middle_hidden(sentence)]
        for _ in range(n_shuffles):
            words = shuffled(sentence, n, rng).split()
            row.append(" ".join("[MASK]" if word == middle else word for word in words))
        masked.append(row)
    costs = (scores[:, 0] - scores[:, 1:].mean(1)) / lengths_of(scorer, kept)
    return told(costs, guesses_of(scorer, masked), len(kept), unknown, interval)


def all_sentences(scorer, sentences, n, n_shuffles):
    """Nothing is left out, nor refused."""
    return list(sentences), ()


@misconception(
    "unknown_measured",
    en="sentences with words that the tokenizer does not know are measured too: what the model reads there is another sentence, leave them out and name them",
    fr="des phrases aux mots que le tokenizer ne connaît pas sont mesurées aussi : ce que le modèle y lit est une autre phrase, laissez-les de côté et nommez-les",
)
def unknown_measured(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood, interval, known=all_sentences
    )


@again(unknown_measured)
def unknown_measured_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, kept, unknown, scores, guesses = lists_of(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihood, known=all_sentences
    )
    costs = (scores[:, 0] - scores[:, 1:].mean(1)) / lengths_of(scorer, kept)
    return told(costs, guesses, len(kept), unknown, interval)


@misconception(
    "own_likelihood",
    en="you score sentences otherwise than by the `likelihood` that is handed over: call it, so that any score can be measured",
    fr="vous évaluez les phrases autrement que par la fonction `likelihood` reçue : appelez-la, afin que tout score puisse être mesuré",
)
def own_likelihood(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return by_sentence(
        model, tokenizer, sentences, n, n_shuffles, seed, likelihoods.pseudo_log_likelihood, interval
    )


@again(own_likelihood)
def own_likelihood_2(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    def scores_of(model, tokenizer, texts):
        scorer, found = MaskedScorer(model, tokenizer), []
        for said in texts:
            ids = list(scorer.encode(said).ids)
            asked = [scorer.masked(ids, [place]) for place in range(1, len(ids) - 1)]
            rows = scorer.log_probabilities(asked, [[place] for place in range(1, len(ids) - 1)])
            found.append(sum(row[token].item() for row, token in zip(rows, ids[1:-1], strict=True)))
        return np.array(found)

    scorer, kept, unknown, scores, guesses = lists_of(
        model, tokenizer, sentences, n, n_shuffles, seed, scores_of
    )
    costs = (scores[:, 0] - scores[:, 1:].mean(1)) / lengths_of(scorer, kept)
    return told(costs, guesses, len(kept), unknown, interval)
