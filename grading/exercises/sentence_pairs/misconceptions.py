"""Wrong implementations that students really write, each with what it computes instead.

First versions draw with randint and skip A's own document; second versions draw with rand and draw again.
"""

from __future__ import annotations

import random
from itertools import chain, pairwise

import torch

from attentif import InputError, SentencePair
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("across_documents", "own_document_drawn", "first_sep_in_segment_1")


def _draw(n, generator):
    return int(torch.randint(n, (), generator=generator))


def _usable(documents):
    documents = [document for document in documents if document]
    if len(documents) < 2 or max(map(len, documents)) < 2:
        raise InputError(expected="two documents, and a pair", got="none", remedy="give more text")
    return documents


def _elsewhere(documents, index, generator):
    other = _draw(len(documents) - 1, generator)
    document = documents[other + (other >= index)]
    return document[_draw(len(document), generator)]


def _pair(cls_id, first, sep_id, second, is_next):
    token_ids = [cls_id, *first, sep_id, *second, sep_id]
    return SentencePair(token_ids, [0] * (len(first) + 2) + [1] * (len(second) + 1), is_next)


def _chance(generator):
    return torch.rand(1, generator=generator).item()


def _checked(documents):
    kept = list(filter(len, documents))
    if len(kept) < 2 or not any(len(document) > 1 for document in kept):
        raise ValueError("no pair can be made of these documents")
    return kept


def _of_another(documents, document, generator):
    chosen = document
    while chosen is document:
        chosen = documents[int(_chance(generator) * len(documents))]
    return chosen[int(_chance(generator) * len(chosen))]


def _written(cls_id, sep_id, first, second, follows):
    head, tail = [cls_id, *list(first), sep_id], [*list(second), sep_id]
    return SentencePair(
        token_ids=head + tail, segment_ids=[0 for _ in head] + [1 for _ in tail], is_next=follows
    )


@misconception(
    "always_next",
    en="every B follows its A: half of them must be random sentences of other documents",
    fr="chaque B suit son A : la moitié doivent être des phrases au hasard d'autres documents",
)
def always_next(documents, cls_id, sep_id, generator=None):
    pairs = []
    for document in _usable(documents):
        for first, following in pairwise(document):
            pairs.append(_pair(cls_id, first, sep_id, following, True))
    return pairs


@again(always_next)
def always_next_2(documents, cls_id, sep_id, generator=None):
    return [
        _written(cls_id, sep_id, document[i], document[i + 1], True)
        for document in _checked(documents)
        for i in range(len(document) - 1)
    ]


@misconception(
    "own_document_drawn",
    en="your random B may come from A's own document, and even follow A: draw among the other documents",
    fr="votre B au hasard peut venir du document de A, et même suivre A : tirez parmi les autres documents",
)
def own_document_drawn(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for document in documents:
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following
            if not is_next:
                other = documents[_draw(len(documents), generator)]
                second = other[_draw(len(other), generator)]
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(own_document_drawn)
def own_document_drawn_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            if _chance(generator) < 0.5:
                pairs.append(_written(cls_id, sep_id, document[i], document[i + 1], True))
            else:
                chosen = documents[int(_chance(generator) * len(documents))]
                sentence = chosen[int(_chance(generator) * len(chosen))]
                pairs.append(_written(cls_id, sep_id, document[i], sentence, False))
    return pairs


@misconception(
    "drawn_in_the_same_document",
    en="your random B always comes from A's own document: it must come from another one",
    fr="votre B au hasard vient toujours du document de A : il doit venir d'un autre",
)
def drawn_in_the_same_document(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for document in documents:
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else document[_draw(len(document), generator)]
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(drawn_in_the_same_document)
def drawn_in_the_same_document_2(documents, cls_id, sep_id, generator=None):
    pairs = []
    for document in _checked(documents):
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            j = i + 1 if follows else int(_chance(generator) * len(document))
            pairs.append(_written(cls_id, sep_id, document[i], document[j], follows))
    return pairs


@misconception(
    "across_documents",
    en="you pair the last sentence of a document with the first of the next one: go through each document by itself",
    fr="vous associez la dernière phrase d'un document à la première du suivant : parcourez chaque document séparément",
)
def across_documents(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    sentences = [(index, sentence) for index, document in enumerate(documents) for sentence in document]
    for (index, first), (_, following) in pairwise(sentences):
        is_next = _draw(2, generator) == 1
        second = following if is_next else _elsewhere(documents, index, generator)
        pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(across_documents)
def across_documents_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    flat = list(chain.from_iterable(documents))
    owners = [document for document in documents for _ in document]
    for i in range(len(flat) - 1):
        follows = _chance(generator) < 0.5
        second = flat[i + 1] if follows else _of_another(documents, owners[i], generator)
        pairs.append(_written(cls_id, sep_id, flat[i], second, follows))
    return pairs


@misconception(
    "last_sentence_paired",
    en="you make a pair of the last sentence of each document too, with a random B: it has no next one, so it makes none",
    fr="vous faites aussi une paire de la dernière phrase de chaque document, avec un B au hasard : elle n'a pas de suivante, elle n'en donne pas",
)
def last_sentence_paired(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for position, first in enumerate(document):
            is_next = position + 1 < len(document) and _draw(2, generator) == 1
            second = document[position + 1] if is_next else _elsewhere(documents, index, generator)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(last_sentence_paired)
def last_sentence_paired_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document)):
            follows = _chance(generator) < 0.5
            if i == len(document) - 1:
                follows = False
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
    return pairs


@misconception(
    "every_second_sentence",
    en="you go on by two sentences, so that only every second one is an A: each sentence that has a next one makes a pair",
    fr="vous avancez de deux phrases, si bien qu'une phrase sur deux seulement est un A : chaque phrase qui en a une suivante donne une paire",
)
def every_second_sentence(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in zip(document[::2], document[1::2], strict=False):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(every_second_sentence)
def every_second_sentence_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        i = 0
        while i + 1 < len(document):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
            i += 2
    return pairs


@misconception(
    "both_pairs",
    en="you make two pairs of each A, one of each kind: one pair is made, and a draw decides its kind",
    fr="vous faites deux paires de chaque A, une de chaque sorte : on en fait une, dont un tirage décide la sorte",
)
def both_pairs(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            pairs.append(_pair(cls_id, first, sep_id, following, True))
            pairs.append(_pair(cls_id, first, sep_id, _elsewhere(documents, index, generator), False))
    return pairs


@again(both_pairs)
def both_pairs_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            others = (document[i + 1], _of_another(documents, document, generator))
            pairs += [_written(cls_id, sep_id, document[i], other, other is others[0]) for other in others]
    return pairs


@misconception(
    "labels_inverted",
    en="is_next is inverted: True means that B follows A",
    fr="is_next est inversé : True veut dire que B suit A",
)
def labels_inverted(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            random_one = _draw(2, generator) == 1
            second = _elsewhere(documents, index, generator) if random_one else following
            pairs.append(_pair(cls_id, first, sep_id, second, random_one))
    return pairs


@again(labels_inverted)
def labels_inverted_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            second, label = document[i + 1], False
            if _chance(generator) >= 0.5:
                second, label = _of_another(documents, document, generator), True
            pairs.append(_written(cls_id, sep_id, document[i], second, label))
    return pairs


@misconception(
    "one_draw_a_document",
    en="one draw decides for a whole document: draw anew for each pair",
    fr="un seul tirage décide pour tout un document : tirez de nouveau pour chaque paire",
)
def one_draw_a_document(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        is_next = _draw(2, generator) == 1
        for first, following in pairwise(document):
            second = following if is_next else _elsewhere(documents, index, generator)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(one_draw_a_document)
def one_draw_a_document_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    kinds = [_chance(generator) < 0.5 for _ in documents]
    for document, follows in zip(documents, kinds, strict=True):
        for i in range(len(document) - 1):
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
    return pairs


@misconception(
    "one_pair_in_two",
    en="the kinds alternate, one pair in two: each is decided by a draw",
    fr="les sortes alternent, une paire sur deux : chacune se décide par un tirage",
)
def one_pair_in_two(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for position, (first, following) in enumerate(pairwise(document)):
            is_next = position % 2 == 0
            second = following if is_next else _elsewhere(documents, index, generator)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(one_pair_in_two)
def one_pair_in_two_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        follows = True
        for i in range(len(document) - 1):
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
            follows = not follows
    return pairs


@misconception(
    "fifteen_percent",
    en="15 % of your pairs are random: that is the share of masked tokens; here it is one pair in two",
    fr="15 % de vos paires sont au hasard : c'est la part des jetons masqués ; ici, c'est une paire sur deux",
)
def fifteen_percent(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(100, generator) >= 15
            second = following if is_next else _elsewhere(documents, index, generator)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(fifteen_percent)
def fifteen_percent_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = not _chance(generator) < 0.15
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
    return pairs


@misconception(
    "uniform_over_sentences",
    en="your random B is drawn among all sentences, so that long documents count for more: draw a document first, then one of its sentences",
    fr="votre B au hasard est tiré parmi toutes les phrases, si bien que les longs documents comptent davantage : tirez d'abord un document, puis une de ses phrases",
)
def uniform_over_sentences(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        others = [sentence for other, each in enumerate(documents) if other != index for sentence in each]
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else others[_draw(len(others), generator)]
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(uniform_over_sentences)
def uniform_over_sentences_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    everything = [(document, sentence) for document in documents for sentence in document]
    for document in documents:
        for i in range(len(document) - 1):
            if _chance(generator) < 0.5:
                pairs.append(_written(cls_id, sep_id, document[i], document[i + 1], True))
                continue
            owner, sentence = document, None
            while owner is document:
                owner, sentence = everything[int(_chance(generator) * len(everything))]
            pairs.append(_written(cls_id, sep_id, document[i], sentence, False))
    return pairs


@misconception(
    "first_sentence_drawn",
    en="your random B is always the first sentence of its document: draw the sentence too",
    fr="votre B au hasard est toujours la première phrase de son document : tirez aussi la phrase",
)
def first_sentence_drawn(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            other = _draw(len(documents) - 1, generator)
            second = following if is_next else documents[other + (other >= index)][0]
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(first_sentence_drawn)
def first_sentence_drawn_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        beginnings = [each[0] for each in documents if each is not document]
        for i in range(len(document) - 1):
            if _chance(generator) < 0.5:
                pairs.append(_written(cls_id, sep_id, document[i], document[i + 1], True))
            else:
                beginning = beginnings[int(_chance(generator) * len(beginnings))]
                pairs.append(_written(cls_id, sep_id, document[i], beginning, False))
    return pairs


@misconception(
    "last_sentence_never_drawn",
    en="your random B is never the last sentence of its document: it needs no next one, draw among all",
    fr="votre B au hasard n'est jamais la dernière phrase de son document : il n'a pas besoin d'une suivante, tirez parmi toutes",
)
def last_sentence_never_drawn(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next, second = _draw(2, generator) == 1, following
            if not is_next:
                other = _draw(len(documents) - 1, generator)
                other = documents[other + (other >= index)]
                second = other[_draw(max(1, len(other) - 1), generator)]
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(last_sentence_never_drawn)
def last_sentence_never_drawn_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows, chosen = _chance(generator) < 0.5, document
            while not follows and chosen is document:
                chosen = documents[int(_chance(generator) * len(documents))]
            candidates = chosen[:-1] or chosen
            second = document[i + 1] if follows else candidates[int(_chance(generator) * len(candidates))]
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
    return pairs


@misconception(
    "cls_missing",
    en="your pairs do not begin with [CLS]",
    fr="vos paires ne commencent pas par [CLS]",
)
def cls_missing(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            token_ids = [*first, sep_id, *second, sep_id]
            segment_ids = [0] * (len(first) + 1) + [1] * (len(second) + 1)
            pairs.append(SentencePair(token_ids, segment_ids, is_next))
    return pairs


@again(cls_missing)
def cls_missing_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            whole = _written(cls_id, sep_id, document[i], second, follows)
            pairs.append(SentencePair(whole.token_ids[1:], whole.segment_ids[1:], follows))
    return pairs


@misconception(
    "middle_sep_missing",
    en="there is no [SEP] between A and B",
    fr="il n'y a pas de [SEP] entre A et B",
)
def middle_sep_missing(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            token_ids = [cls_id, *first, *second, sep_id]
            segment_ids = [0] * (len(first) + 1) + [1] * (len(second) + 1)
            pairs.append(SentencePair(token_ids, segment_ids, is_next))
    return pairs


@again(middle_sep_missing)
def middle_sep_missing_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            tokens, segments = [cls_id], [0]
            for segment, sentence in enumerate((document[i], second)):
                tokens.extend(sentence)
                segments.extend([segment] * len(sentence))
            pairs.append(SentencePair([*tokens, sep_id], [*segments, 1], follows))
    return pairs


@misconception(
    "last_sep_missing",
    en="your pairs do not end with [SEP]",
    fr="vos paires ne se terminent pas par [SEP]",
)
def last_sep_missing(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            token_ids = [cls_id, *first, sep_id, *second]
            segment_ids = [0] * (len(first) + 2) + [1] * len(second)
            pairs.append(SentencePair(token_ids, segment_ids, is_next))
    return pairs


@again(last_sep_missing)
def last_sep_missing_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            whole = _written(cls_id, sep_id, document[i], second, follows)
            pairs.append(SentencePair(whole.token_ids[:-1], whole.segment_ids[:-1], follows))
    return pairs


@misconception(
    "first_sep_in_segment_1",
    en="your first [SEP] has segment 1: it closes A, so it has segment 0",
    fr="votre premier [SEP] a le segment 1 : il ferme A, il a donc le segment 0",
)
def first_sep_in_segment_1(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            token_ids = [cls_id, *first, sep_id, *second, sep_id]
            segment_ids = [0] * (len(first) + 1) + [1] * (len(second) + 2)
            pairs.append(SentencePair(token_ids, segment_ids, is_next))
    return pairs


@again(first_sep_in_segment_1)
def first_sep_in_segment_1_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            whole = _written(cls_id, sep_id, document[i], second, follows)
            border = whole.token_ids.index(sep_id)
            segments = [int(place >= border) for place in range(len(whole.token_ids))]
            pairs.append(SentencePair(whole.token_ids, segments, follows))
    return pairs


@misconception(
    "cls_in_segment_1",
    en="your [CLS] has segment 1: all up to the first [SEP] has segment 0",
    fr="votre [CLS] a le segment 1 : tout a le segment 0 jusqu'au premier [SEP]",
)
def cls_in_segment_1(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            token_ids = [cls_id, *first, sep_id, *second, sep_id]
            segment_ids = [1] + [0] * (len(first) + 1) + [1] * (len(second) + 1)
            pairs.append(SentencePair(token_ids, segment_ids, is_next))
    return pairs


@again(cls_in_segment_1)
def cls_in_segment_1_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            whole = _written(cls_id, sep_id, document[i], second, follows)
            segments = [1, *whole.segment_ids[1:]]
            pairs.append(SentencePair(whole.token_ids, segments, follows))
    return pairs


@misconception(
    "last_sep_in_segment_0",
    en="your last [SEP] has segment 0: it closes B, so it has segment 1",
    fr="votre dernier [SEP] a le segment 0 : il ferme B, il a donc le segment 1",
)
def last_sep_in_segment_0(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            token_ids = [cls_id, *first, sep_id, *second, sep_id]
            segment_ids = [0] * (len(first) + 2) + [1] * len(second) + [0]
            pairs.append(SentencePair(token_ids, segment_ids, is_next))
    return pairs


@again(last_sep_in_segment_0)
def last_sep_in_segment_0_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            whole = _written(cls_id, sep_id, document[i], second, follows)
            segments = [*whole.segment_ids[:-1], 0]
            pairs.append(SentencePair(whole.token_ids, segments, follows))
    return pairs


@misconception(
    "segments_exchanged",
    en="your segments are exchanged: A has 0 and B has 1",
    fr="vos segments sont échangés : A a 0 et B a 1",
)
def segments_exchanged(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            token_ids = [cls_id, *first, sep_id, *second, sep_id]
            segment_ids = [1] * (len(first) + 2) + [0] * (len(second) + 1)
            pairs.append(SentencePair(token_ids, segment_ids, is_next))
    return pairs


@again(segments_exchanged)
def segments_exchanged_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            whole = _written(cls_id, sep_id, document[i], second, follows)
            segments = [1 - segment for segment in whole.segment_ids]
            pairs.append(SentencePair(whole.token_ids, segments, follows))
    return pairs


@misconception(
    "segments_of_words_only",
    en="your segments leave out the specials: there is one for each token, [CLS] and [SEP] too",
    fr="vos segments oublient les jetons spéciaux : il y en a un pour chaque jeton, [CLS] et [SEP] compris",
)
def segments_of_words_only(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            token_ids = [cls_id, *first, sep_id, *second, sep_id]
            segment_ids = [0] * len(first) + [1] * len(second)
            pairs.append(SentencePair(token_ids, segment_ids, is_next))
    return pairs


@again(segments_of_words_only)
def segments_of_words_only_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            whole = _written(cls_id, sep_id, document[i], second, follows)
            segments = [
                segment
                for token, segment in zip(whole.token_ids, whole.segment_ids, strict=True)
                if token not in (cls_id, sep_id)
            ]
            pairs.append(SentencePair(whole.token_ids, segments, follows))
    return pairs


@misconception(
    "generator_ignored",
    en="your draws do not come from the generator: give it to every function that draws",
    fr="vos tirages ne viennent pas du générateur : donnez-le à chaque fonction qui tire au hasard",
)
def generator_ignored(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, None) == 1
            second = following if is_next else _elsewhere(documents, index, None)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(generator_ignored)
def generator_ignored_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        others = [each for each in documents if each is not document]
        for i in range(len(document) - 1):
            if random.random() < 0.5:
                pairs.append(_written(cls_id, sep_id, document[i], document[i + 1], True))
            else:
                sentence = random.choice(random.choice(others))
                pairs.append(_written(cls_id, sep_id, document[i], sentence, False))
    return pairs


@misconception(
    "generator_for_the_label_only",
    en="the generator decides is_next but not the random sentence: give it to these draws too",
    fr="le générateur décide is_next mais pas la phrase au hasard : donnez-le aussi à ces tirages",
)
def generator_for_the_label_only(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, None)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(generator_for_the_label_only)
def generator_for_the_label_only_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        others = [each for each in documents if each is not document]
        for i in range(len(document) - 1):
            sentence = random.choice(random.choice(others))
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else sentence
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
    return pairs


@misconception(
    "generator_for_the_sentence_only",
    en="the generator draws the random sentence but does not decide is_next: give it to this draw too",
    fr="le générateur tire la phrase au hasard mais ne décide pas is_next : donnez-le aussi à ce tirage",
)
def generator_for_the_sentence_only(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, None) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(generator_for_the_sentence_only)
def generator_for_the_sentence_only_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = random.random() < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
    return pairs


@misconception(
    "input_mutated",
    en="you write [CLS] and [SEP] into the sentences of documents: make new lists, or the next call finds them there",
    fr="vous écrivez [CLS] et [SEP] dans les phrases de documents : faites de nouvelles listes, sinon l'appel suivant les y trouve",
)
def input_mutated(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            segment_ids = [0] * (len(first) + 2) + [1] * (len(second) + 1)
            first.insert(0, cls_id)
            first.append(sep_id)
            pairs.append(SentencePair(first + second + [sep_id], segment_ids, is_next))
    return pairs


@again(input_mutated)
def input_mutated_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            tokens = document[i]
            tokens[:0] = [cls_id]
            tokens += [sep_id]
            whole = [*tokens, *second, sep_id]
            pairs.append(SentencePair(whole, [int(k >= len(tokens)) for k in range(len(whole))], follows))
    return pairs


@misconception(
    "position_by_index",
    en="where a sentence occurs twice in a document you take what follows its first occurrence: go by position, not by index()",
    fr="quand une phrase est deux fois dans un document, vous prenez ce qui suit sa première occurrence : allez par position, et non par index()",
)
def position_by_index(documents, cls_id, sep_id, generator=None):
    documents, pairs = _usable(documents), []
    for index, document in enumerate(documents):
        for first in document[:-1]:
            is_next = _draw(2, generator) == 1
            following = document[document.index(first) + 1]
            second = following if is_next else _elsewhere(documents, index, generator)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(position_by_index)
def position_by_index_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = _checked(documents), []
    for document in documents:
        after = {}
        for i in range(len(document) - 1):
            after.setdefault(tuple(document[i]), document[i + 1])
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = after[tuple(document[i])] if follows else _of_another(documents, document, generator)
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
    return pairs


@misconception(
    "nothing_refused",
    en="documents that make no pair give an empty list: raise an InputError that says so",
    fr="des documents qui ne donnent aucune paire donnent une liste vide : levez une InputError qui le dit",
)
def nothing_refused(documents, cls_id, sep_id, generator=None):
    documents, pairs = [document for document in documents if document], []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(nothing_refused)
def nothing_refused_2(documents, cls_id, sep_id, generator=None):
    documents, pairs = list(filter(len, documents)), []
    for document in documents:
        for i in range(len(document) - 1):
            follows = _chance(generator) < 0.5
            second = document[i + 1] if follows else _of_another(documents, document, generator)
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
    return pairs


@misconception(
    "empty_document_drawn",
    en="an empty document may be drawn for B, and has no sentence: drop the empty ones first",
    fr="un document vide peut être tiré pour B, et n'a pas de phrase : écartez d'abord les documents vides",
)
def empty_document_drawn(documents, cls_id, sep_id, generator=None):
    _usable(documents)
    pairs = []
    for index, document in enumerate(documents):
        for first, following in pairwise(document):
            is_next = _draw(2, generator) == 1
            second = following if is_next else _elsewhere(documents, index, generator)
            pairs.append(_pair(cls_id, first, sep_id, second, is_next))
    return pairs


@again(empty_document_drawn)
def empty_document_drawn_2(documents, cls_id, sep_id, generator=None):
    _checked(documents)
    pairs = []
    for document in documents:
        others = [each for each in documents if each is not document]
        for i in range(len(document) - 1):
            second, follows = document[i + 1], _chance(generator) < 0.5
            if not follows:
                second = others[int(_chance(generator) * len(others))]
                second = second[_draw(len(second), generator)]
            pairs.append(_written(cls_id, sep_id, document[i], second, follows))
    return pairs
