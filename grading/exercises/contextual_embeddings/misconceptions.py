"""Wrong implementations that people really write, each with what it computes instead.

The first version of each goes through find_words and hidden_states; the second looks for the words itself and asks the
model for one sentence at a time, or for a batch of its own.
"""

from __future__ import annotations

import re

import numpy as np
import torch

from attentif.bias.looking import word_positions
from attentif.bias.scorer import MaskedScorer
from attentif.checks.text import text
from attentif.limits.inside import hidden_states
from attentif.limits.representations import check_words, find_words
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("first_piece", "embeddings_left_out", "padding_attended")


def ids_of(tokenizer, said, specials=True):
    """Ids of a text, with or without the specials around."""
    if hasattr(tokenizer, "mask_token_id"):
        return tokenizer(said, add_special_tokens=specials)["input_ids"]
    ids = tokenizer.encode(said)
    return [tokenizer.cls_id, *ids, tokenizer.sep_id] if specials else ids


def unknown_of(tokenizer):
    """Id of the unknown token."""
    return tokenizer.unk_token_id if hasattr(tokenizer, "mask_token_id") else tokenizer.unk_id


def words_of(said):
    """The words and signs of a text."""
    return re.findall(r"\w+|[^\w\s]", said)


def list_of(sentences, words):
    """One word a sentence; ValueError where that cannot be."""
    if not sentences:
        raise ValueError("no sentences")
    words = [words for _ in sentences] if isinstance(words, str) else words
    if len(words) != len(sentences):
        raise ValueError("one word a sentence")
    return words


def positions_in(tokenizer, said, word, rank=0):
    """Positions of the pieces of a word, found by going through the words of the text."""
    if unknown_of(tokenizer) in ids_of(tokenizer, word, specials=False):
        raise ValueError(f"unknown word: {word}")
    position, found = 1, []
    for each in words_of(said):
        n = len(ids_of(tokenizer, each, specials=False))
        if each == word:
            found.append(list(range(position, position + n)))
        position += n
    if not found:
        raise ValueError(f"no such word: {word}")
    return found[rank]


def layers_of(model, tokenizer, said):
    """(L + 1, T, D) of one text."""
    if not hasattr(tokenizer, "mask_token_id"):
        return hidden_states(MaskedScorer(model, tokenizer), [ids_of(tokenizer, said)])[:, 0]
    model.eval()
    with torch.no_grad():
        output = model(input_ids=torch.tensor([ids_of(tokenizer, said)]), output_hidden_states=True)
    return torch.cat(output.hidden_states)


def word_starts(scorer, found):
    """For each token of a sentence, whether a word begins there, the specials left out."""
    tokens = [
        scorer.tokenizer.convert_ids_to_tokens(i)
        if hasattr(scorer.tokenizer, "mask_token_id")
        else scorer.tokenizer.id_to_token(i)
        for i in found.ids
    ]
    if any(token.startswith("▁") for token in tokens):
        return [token.startswith("▁") for token in tokens]
    return [i > 0 and not token.startswith("##") for i, token in enumerate(tokens)]


def unmasked(model, scorer, sequences):
    """(L + 1, B, T, D), the padding seen wherever the model does not know it by itself."""
    if not hasattr(scorer.tokenizer, "mask_token_id"):
        return hidden_states(scorer, sequences)
    ids, _ = scorer.padded(sequences)
    with torch.no_grad():
        return torch.stack(model.eval()(input_ids=ids, output_hidden_states=True).hidden_states)


def as_it_is(model, scorer, sequences):
    """(L + 1, B, T, D) in the mode in which the model is."""
    ids, visible = scorer.padded(sequences)
    with torch.no_grad():
        if hasattr(scorer.tokenizer, "mask_token_id"):
            output = model(input_ids=ids, attention_mask=visible, output_hidden_states=True)
            return torch.stack(output.hidden_states)
        return torch.stack(model.encoder(ids, visible.bool())[0])


@misconception(
    "first_piece",
    en="of a word cut in several pieces you take the first one only: take the mean over all its pieces",
    fr="d'un mot coupé en plusieurs morceaux, vous ne prenez que le premier : prenez la moyenne de tous ses morceaux",
)
def first_piece(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, each.places[0]])
    return torch.stack(vectors, dim=1)


@again(first_piece)
def first_piece_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[:, positions[0]])
    return torch.stack(columns, dim=1)


@misconception(
    "last_piece",
    en="of a word cut in several pieces you take the last one only: take the mean over all its pieces",
    fr="d'un mot coupé en plusieurs morceaux, vous ne prenez que le dernier : prenez la moyenne de tous ses morceaux",
)
def last_piece(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, each.places[-1]])
    return torch.stack(vectors, dim=1)


@again(last_piece)
def last_piece_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[:, max(positions)])
    return torch.stack(columns, dim=1)


@misconception(
    "sum_of_pieces",
    en="you add up the vectors of a word's pieces: take their mean, or a word in three pieces is three times as long as another",
    fr="vous additionnez les vecteurs des morceaux d'un mot : prenez leur moyenne, sinon un mot en trois morceaux est trois fois plus long qu'un autre",
)
def sum_of_pieces(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, list(each.places)].sum(dim=1))
    return torch.stack(vectors, dim=1)


@again(sum_of_pieces)
def sum_of_pieces_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(sum(layers[:, position] for position in positions))
    return torch.stack(columns, dim=1)


@misconception(
    "embeddings_left_out",
    en="the layer of the embeddings, what enters the first block, is missing: there are L + 1 layers, the first one included",
    fr="il manque la couche des plongements, ce qui entre dans le premier bloc : il y a L + 1 couches, en comptant celle-ci",
    warning=text("the layer of the embeddings is missing", "il manque la couche des plongements"),
)
def embeddings_left_out(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[1:, row, list(each.places)].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(embeddings_left_out)
def embeddings_left_out_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[-(len(layers) - 1) :, positions].mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "last_layer_only",
    en="you return the last layer alone: return all L + 1, one vector each",
    fr="vous ne renvoyez que la dernière couche : renvoyez les L + 1, un vecteur pour chacune",
)
def last_layer_only(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[-1, row, list(each.places)].mean(dim=0))
    return torch.stack(vectors)


@again(last_layer_only)
def last_layer_only_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[-1][positions].mean(dim=0).numpy())
    return torch.from_numpy(np.array(columns))


@misconception(
    "specials_not_counted",
    en="you count positions without the special token in front, and read the token before: the first word stands at position 1",
    fr="vous comptez les positions sans le jeton spécial du début, et lisez le jeton d'avant : le premier mot est en position 1",
)
def specials_not_counted(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, [place - 1 for place in each.places]].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(specials_not_counted)
def specials_not_counted_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[:, min(positions) - 1 : max(positions)].mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "word_number_as_position",
    en="you take the word's number in the sentence for its position: words before it that are cut in pieces push it further on",
    fr="vous prenez le rang du mot dans la phrase pour sa position : les mots coupés en morceaux qui le précèdent le repoussent plus loin",
)
def word_number_as_position(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            number = sum(word_starts(scorer, each)[: each.places[0] + 1])
            vectors.append(states[:, row, [number + i for i in range(len(each.places))]].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(word_number_as_position)
def word_number_as_position_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        number = words_of(said).index(word) + 1
        columns.append(layers[:, number : number + len(positions)].mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "last_occurrence",
    en="where a word occurs several times you take the last occurrence: the first one counts",
    fr="quand un mot figure plusieurs fois, vous prenez sa dernière occurrence : c'est la première qui compte",
)
def last_occurrence(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    said = list(zip(sentences, check_words(sentences, words), strict=True))
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row in range(len(part)):
            places = word_positions(scorer, *said[start + row], last=True)[1]
            vectors.append(states[:, row, list(places)].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(last_occurrence)
def last_occurrence_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word, rank=-1)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[:, positions].mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "found_inside_a_word",
    en="you find the word inside a longer one, un in une: look for whole words",
    fr="vous trouvez le mot à l'intérieur d'un plus long, un dans une : cherchez des mots entiers",
)
def found_inside_a_word(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    said = list(zip(sentences, check_words(sentences, words), strict=True))
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            before = said[start + row][0][: said[start + row][0].index(said[start + row][1])]
            place = 1 + len(ids_of(tokenizer, before, specials=False))
            vectors.append(states[:, row, [place + i for i in range(len(each.places))]].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(found_inside_a_word)
def found_inside_a_word_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        positions = positions_in(tokenizer, said, next(each for each in words_of(said) if word in each))
        columns.append(layers[:, positions].mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "piece_of_another_word",
    en="you look for the word's first piece, which another word may begin with too: all its pieces must follow each other",
    fr="vous cherchez le premier morceau du mot, par lequel un autre peut commencer aussi : tous ses morceaux doivent se suivre",
)
def piece_of_another_word(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            place = each.ids.index(each.ids[each.places[0]])
            vectors.append(states[:, row, place : place + len(each.places)].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(piece_of_another_word)
def piece_of_another_word_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        pieces = ids_of(tokenizer, word, specials=False)
        here = int((torch.tensor(ids_of(tokenizer, said)) == pieces[0]).nonzero()[0])
        columns.append(sum(layers[:, here + i] for i in range(len(pieces))) / len(pieces))
    return torch.stack(columns, dim=1)


@misconception(
    "sentence_mean",
    en="you average over all tokens of the sentence: only those of the word count",
    fr="vous faites la moyenne de tous les jetons de la phrase : seuls comptent ceux du mot",
)
def sentence_mean(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, : len(each.ids)].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(sentence_mean)
def sentence_mean_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers.mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "first_special_read",
    en="you read the vector of the special token in front, which stands for the sentence: read those of the word's tokens",
    fr="vous lisez le vecteur du jeton spécial du début, qui représente la phrase : lisez ceux des jetons du mot",
)
def first_special_read(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row in range(len(part)):
            vectors.append(states[:, row, 0])
    return torch.stack(vectors, dim=1)


@again(first_special_read)
def first_special_read_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers.select(1, 0))
    return torch.stack(columns, dim=1)


@misconception(
    "axes_exchanged",
    en="layers and sentences are exchanged: the layers come first, (L + 1, N, D)",
    fr="les couches et les phrases sont échangées : les couches viennent d'abord, (L + 1, N, D)",
)
def axes_exchanged(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, list(each.places)].mean(dim=1))
    return torch.stack(vectors)


@again(axes_exchanged)
def axes_exchanged_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[:, positions].mean(dim=1)[None])
    return torch.cat(columns)


@misconception(
    "order_not_restored",
    en="you sort the sentences by length and leave the vectors in that order: put them back into the order of the sentences",
    fr="vous triez les phrases par longueur et laissez les vecteurs dans cet ordre : remettez-les dans celui des phrases",
)
def order_not_restored(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = sorted(find_words(scorer, sentences, words), key=lambda each: len(each.ids))
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, list(each.places)].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(order_not_restored)
def order_not_restored_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in sorted(
        zip(sentences, list_of(sentences, words), strict=True),
        key=lambda pair: len(ids_of(tokenizer, pair[0])),
    ):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[:, positions].mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "padding_attended",
    en="in a batch, the model looks at the padding of the shorter sentences: give it the attention mask, or use hidden_states",
    fr="dans un lot, le modèle regarde le remplissage des phrases plus courtes : donnez-lui le masque d'attention, ou prenez hidden_states",
)
def padding_attended(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = unmasked(model, scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, list(each.places)].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(padding_attended)
def padding_attended_2(model, tokenizer, sentences, words, batch_size=32):
    words = list_of(sentences, words)
    places = [positions_in(tokenizer, *pair) for pair in zip(sentences, words, strict=True)]
    columns = []
    for start in range(0, len(words), batch_size):
        ids = [torch.tensor(ids_of(tokenizer, said)) for said in sentences[start : start + batch_size]]
        if not hasattr(tokenizer, "mask_token_id"):  # padding is known by its id
            layers = hidden_states(MaskedScorer(model, tokenizer), [row.tolist() for row in ids])
        else:
            model.eval()
            padded = torch.nn.utils.rnn.pad_sequence(
                ids, batch_first=True, padding_value=tokenizer.pad_token_id
            )
            layers = torch.stack(model(padded, output_hidden_states=True).hidden_states)
        for row, positions in enumerate(places[start : start + batch_size]):
            columns.append(layers[:, row, positions].mean(dim=1).detach())
    return torch.stack(columns, dim=1)


@misconception(
    "last_batch_missing",
    en="the sentences that do not fill a batch are left out: the last batch may be smaller",
    fr="les phrases qui ne remplissent pas un lot sont oubliées : le dernier lot peut être plus petit",
)
def last_batch_missing(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    batch_size = min(batch_size, len(found))
    vectors = []
    for number in range(len(found) // batch_size):
        part = found[number * batch_size : (number + 1) * batch_size]
        states = hidden_states(scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, list(each.places)].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(last_batch_missing)
def last_batch_missing_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[:, positions].mean(dim=1))
    n = len(columns)
    return torch.stack(columns[: n - n % min(batch_size, n)], dim=1)


@misconception(
    "training_mode_left_on",
    en="the model may be in training mode: without model.eval() its dropout changes the vectors",
    fr="le modèle peut être en mode entraînement : sans model.eval(), son abandon (dropout) fausse les vecteurs",
)
def training_mode_left_on(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = as_it_is(model, scorer, [each.ids for each in part])
        for row, each in enumerate(part):
            vectors.append(states[:, row, list(each.places)].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(training_mode_left_on)
def training_mode_left_on_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = as_it_is(model, MaskedScorer(model, tokenizer), [ids_of(tokenizer, said)])[:, 0]
        columns.append(layers[:, positions].mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "transformers_only",
    en="your function only works with models of transformers: use hidden_states, which handles both kinds",
    fr="votre code ne fonctionne qu'avec les modèles de transformers : utilisez hidden_states, qui traite les deux sortes",
)
def transformers_only(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        ids, visible = scorer.padded([each.ids for each in part])
        model.eval()
        states = model(input_ids=ids, attention_mask=visible, output_hidden_states=True).hidden_states
        states = torch.stack(states).detach()
        for row, each in enumerate(part):
            vectors.append(states[:, row, list(each.places)].mean(dim=1))
    return torch.stack(vectors, dim=1)


@again(transformers_only)
def transformers_only_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        positions = positions_in(tokenizer, said, word)
        layers = model.eval()(**tokenizer(said, return_tensors="pt"), output_hidden_states=True).hidden_states
        columns.append(torch.cat(layers)[:, positions].mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "unknown_accepted",
    en="a word that the tokenizer does not know gets the vector of the unknown token: refuse it, as find_words does",
    fr="un mot que le tokenizer ne connaît pas reçoit le vecteur du jeton inconnu : refusez-le, comme le fait find_words",
)
def unknown_accepted(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    found = []
    for sentence, word in zip(sentences, check_words(sentences, words), strict=True):
        encoding, places = word_positions(scorer, sentence, word)
        states = hidden_states(scorer, [encoding.ids])[:, 0]
        found.append(states[:, list(places)].mean(dim=1))
    return torch.stack(found, dim=1)


@again(unknown_accepted)
def unknown_accepted_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(sentences, list_of(sentences, words), strict=True):
        layers = layers_of(model, tokenizer, said)
        before = words_of(said)[: words_of(said).index(word)]
        start = 1 + sum(len(ids_of(tokenizer, each, specials=False)) for each in before)
        columns.append(layers[:, start : start + len(ids_of(tokenizer, word, specials=False))].mean(dim=1))
    return torch.stack(columns, dim=1)


@misconception(
    "lengths_not_checked",
    en="you go on with fewer words than sentences, or with none at all: refuse such lists, as find_words does",
    fr="vous continuez avec moins de mots que de phrases, ou sans aucune phrase : refusez de telles listes, comme le fait find_words",
)
def lengths_not_checked(model, tokenizer, sentences, words, batch_size=32):
    scorer = MaskedScorer(model, tokenizer)
    words = [words] * len(sentences) if isinstance(words, str) else words
    found = [find_words(scorer, [said], [word])[0] for said, word in zip(sentences, words, strict=False)]
    vectors = []
    for each in found:
        vectors.append(hidden_states(scorer, [each.ids])[:, 0, list(each.places)].mean(dim=1))
    return torch.stack(vectors, dim=1) if vectors else torch.zeros(0)


@again(lengths_not_checked)
def lengths_not_checked_2(model, tokenizer, sentences, words, batch_size=32):
    columns = []
    for said, word in zip(
        sentences, [words] * len(sentences) if isinstance(words, str) else words, strict=False
    ):
        positions = positions_in(tokenizer, said, word)
        layers = layers_of(model, tokenizer, said)
        columns.append(layers[:, positions].mean(dim=1))
    return torch.stack(columns, dim=1) if columns else None
