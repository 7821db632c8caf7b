"""Wrong sentence pairs that no misconception describes."""

from __future__ import annotations

import torch

from attentif import InputError, SentencePair


def _pairs(
    documents,
    cls_id,
    sep_id,
    generator,
    *,
    share=0.5,
    own=False,
    build=None,
    order=None,
    place=None,
    offset=1,
):
    documents = [document for document in documents if document]
    if len(documents) < 2 or max(map(len, documents)) < 2:
        raise InputError(expected="a pair", got="none", remedy="give more text")

    def draw(n):
        return int(torch.randint(n, (), generator=generator))

    def written(first, second, is_next):
        tokens = [cls_id, *first, sep_id, *second, sep_id]
        return SentencePair(tokens, [0] * (len(first) + 2) + [1] * (len(second) + 1), is_next)

    pairs = []
    for index, document in enumerate(documents):
        for position in range(len(document) - 1):
            is_next = float(torch.rand((), generator=generator)) < share
            second = document[(position + offset) % len(document)]
            if not is_next:
                other = draw(len(documents) - 1)
                other = index if own and draw(50) == 0 else other + (other >= index)
                n = len(documents[other])
                second = documents[other][draw(n) if place is None else place(n, draw)]
            pairs.append((build or written)(document[position], second, is_next))
    return order(pairs, draw) if order else pairs


def one_in_fifty_from_the_same_document(documents, cls_id, sep_id, generator=None):
    return _pairs(documents, cls_id, sep_id, generator, own=True)


def forty_percent(documents, cls_id, sep_id, generator=None):
    return _pairs(documents, cls_id, sep_id, generator, share=0.38)


def sentence_before(documents, cls_id, sep_id, generator=None):
    return _pairs(documents, cls_id, sep_id, generator, offset=-1)


def two_sentences_further(documents, cls_id, sep_id, generator=None):
    return _pairs(documents, cls_id, sep_id, generator, offset=2)


def shuffled(documents, cls_id, sep_id, generator=None):
    def order(pairs, draw):
        return [pairs[i] for i in torch.randperm(len(pairs), generator=generator)]

    return _pairs(documents, cls_id, sep_id, generator, order=order)


def halves_exchanged(documents, cls_id, sep_id, generator=None):
    def build(first, second, is_next):
        tokens = [cls_id, *second, sep_id, *first, sep_id]
        return SentencePair(tokens, [0] * (len(second) + 2) + [1] * (len(first) + 1), is_next)

    return _pairs(documents, cls_id, sep_id, generator, build=build)


def three_separators(documents, cls_id, sep_id, generator=None):
    def build(first, second, is_next):
        tokens = [cls_id, *first, sep_id, sep_id, *second, sep_id]
        return SentencePair(tokens, [0] * (len(first) + 2) + [1] * (len(second) + 2), is_next)

    return _pairs(documents, cls_id, sep_id, generator, build=build)


def late_sentences_preferred(documents, cls_id, sep_id, generator=None):
    return _pairs(documents, cls_id, sep_id, generator, place=lambda n, draw: max(draw(n), draw(n)))


def plain_tuples(documents, cls_id, sep_id, generator=None):
    return _pairs(
        documents, cls_id, sep_id, generator, build=lambda first, second, is_next: (first, second, is_next)
    )


def segments_as_numbers_of_tokens(documents, cls_id, sep_id, generator=None):
    def build(first, second, is_next):
        tokens = [cls_id, *first, sep_id, *second, sep_id]
        return SentencePair(tokens, list(range(len(tokens))), is_next)

    return _pairs(documents, cls_id, sep_id, generator, build=build)


def labels_as_texts(documents, cls_id, sep_id, generator=None):
    def build(first, second, is_next):
        tokens = [cls_id, *first, sep_id, *second, sep_id]
        segments = [0] * (len(first) + 2) + [1] * (len(second) + 1)
        return SentencePair(tokens, segments, "IsNext" if is_next else "NotNext")

    return _pairs(documents, cls_id, sep_id, generator, build=build)


def inverted_without_last_separator(documents, cls_id, sep_id, generator=None):
    def build(first, second, is_next):
        tokens = [cls_id, *first, sep_id, *second]
        return SentencePair(tokens, [0] * (len(first) + 2) + [1] * len(second), not is_next)

    return _pairs(documents, cls_id, sep_id, generator, build=build)


def fixed_seed(documents, cls_id, sep_id, generator=None):
    return _pairs(documents, cls_id, sep_id, torch.Generator().manual_seed(0))


def always_the_next_document(documents, cls_id, sep_id, generator=None):
    pairs = []
    for pair in _pairs(documents, cls_id, sep_id, generator):
        owner = next(
            i
            for i, document in enumerate(documents)
            if pair.token_ids[1 : pair.token_ids.index(sep_id)] in document
        )
        following = next(document for document in documents[owner + 1 :] + documents if document)
        second = following[int(torch.randint(len(following), (), generator=generator))]
        tokens = [*pair.token_ids[: pair.token_ids.index(sep_id) + 1], *second, sep_id]
        segments = [int(k > tokens.index(sep_id)) for k in range(len(tokens))]
        pairs.append(pair if pair.is_next else SentencePair(tokens, segments, False))
    return pairs


def nothing_made(documents, cls_id, sep_id, generator=None):
    return []


OUTSIDE = {
    one_in_fifty_from_the_same_document: ("own_document_drawn",),
    forty_percent: (),
    sentence_before: (),
    two_sentences_further: (),
    shuffled: (),
    halves_exchanged: (),
    three_separators: (),
    late_sentences_preferred: (),
    plain_tuples: (),
    segments_as_numbers_of_tokens: (),
    labels_as_texts: (),
    inverted_without_last_separator: ("last_sep_missing", "labels_inverted"),
    always_the_next_document: (),
    fixed_seed: ("generator_ignored",),
    nothing_made: (),
}
