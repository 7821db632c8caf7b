"""Wrong implementations that people really write, each with what it computes instead.

What a version does not get wrong it takes from the right parts below: the first ones from `logs_of`, which goes
through single_token and MaskedScorer, the second ones from `row_at`, which asks model and tokenizer itself.
"""

from __future__ import annotations

import math

import torch

from attentif.bias.candidates import single_token, written
from attentif.bias.scorer import MaskedScorer
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("ratio_of_probabilities", "first_piece_taken", "word_left_visible")


def logs_of(model, tokenizer, template, first, second, find=single_token, shift=0, hide=True):
    """ln P of each of the two words, by MaskedScorer."""
    scorer = MaskedScorer(model, tokenizer)
    found = []
    for word in (first, second):
        ids, place = find(scorer, template, word)
        asked = scorer.masked(ids, [place] if hide else [])
        found.append(scorer.log_probabilities([asked], [[place + shift]])[0, ids[place]].item())
    return found


def is_hub(tokenizer):
    """Whether the tokenizer is of transformers' kind."""
    return hasattr(tokenizer, "mask_token_id")


def pieces_of(tokenizer, said):
    """Ids of a text, without the specials around."""
    if is_hub(tokenizer):
        return tokenizer(said, add_special_tokens=False)["input_ids"]
    return tokenizer.encode(said)


def asked_of(tokenizer, template):
    """(ids with the specials around, positions of the masks)."""
    if is_hub(tokenizer):
        ids, mask = (
            tokenizer(template.replace("[MASK]", tokenizer.mask_token))["input_ids"],
            tokenizer.mask_token_id,
        )
    else:
        ids, mask = [tokenizer.cls_id, *tokenizer.encode(template), tokenizer.sep_id], tokenizer.mask_id
    return ids, [place for place, token in enumerate(ids) if token == mask]


def one_mask(tokenizer, template):
    """As `asked_of`, with the position of the one mask."""
    ids, places = asked_of(tokenizer, template)
    if len(places) != 1:
        raise ValueError(f"expected one [MASK], got {len(places)}")
    return ids, places[0]


def one_piece(tokenizer, word):
    """The id of a word."""
    pieces = pieces_of(tokenizer, word)
    unknown = tokenizer.unk_token_id if is_hub(tokenizer) else tokenizer.unk_id
    if unknown in pieces:
        raise ValueError(f"the vocabulary does not know {word}")
    if len(pieces) != 1:
        raise ValueError(f"{word} has {len(pieces)} tokens")
    return pieces[0]


def logits_at(model, ids, place, evaluate=True):
    """(V,) at a position of one sequence."""
    if evaluate:
        model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    return getattr(output, "logits", output)[0, place]


def row_at(model, tokenizer, template, first, second, back=0, evaluate=True):
    """(log-probabilities (V,) at the mask, ids of the two words)."""
    ids, place = one_mask(tokenizer, template)
    logits = logits_at(model, ids, place - back, evaluate)
    return logits.log_softmax(-1), one_piece(tokenizer, first), one_piece(tokenizer, second)


@misconception(
    "ratio_of_probabilities",
    en="you return the ratio of the two probabilities: the log-odds are its logarithm",
    fr="vous renvoyez le rapport des deux probabilités : la log-cote en est le logarithme",
)
def ratio_of_probabilities(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second)
    return math.exp(a) / math.exp(b)


@again(ratio_of_probabilities)
def ratio_of_probabilities_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second)
    return (logs[one].exp() / logs[two].exp()).item()


@misconception(
    "difference_of_probabilities",
    en="you subtract probabilities: subtract their logarithms",
    fr="vous soustrayez des probabilités : soustrayez leurs logarithmes",
)
def difference_of_probabilities(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second)
    return math.exp(a) - math.exp(b)


@again(difference_of_probabilities)
def difference_of_probabilities_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second)
    return (logs.exp()[one] - logs.exp()[two]).item()


@misconception(
    "ratio_of_logarithms",
    en="you divide one logarithm by the other: the logarithm of a ratio is a difference",
    fr="vous divisez un logarithme par l'autre : le logarithme d'un rapport est une différence",
)
def ratio_of_logarithms(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second)
    return a / b


@again(ratio_of_logarithms)
def ratio_of_logarithms_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second)
    return (logs[one] / logs[two]).item()


@misconception(
    "odds_of_the_first",
    en="you return ln(p / (1 − p)) of the first word alone: compare it with the second, not with all others",
    fr="vous renvoyez ln(p / (1 − p)) du seul premier mot : comparez-le au second, non à tous les autres",
)
def odds_of_the_first(model, tokenizer, template, first, second):
    a = logs_of(model, tokenizer, template, first, second)[0]
    return a - math.log1p(-math.exp(a))


@again(odds_of_the_first)
def odds_of_the_first_2(model, tokenizer, template, first, second):
    logs, one, _ = row_at(model, tokenizer, template, first, second)
    return torch.logit(logs[one].exp()).item()


@misconception(
    "difference_of_odds",
    en="you subtract ln(p / (1 − p)) of the two words: subtract their ln p",
    fr="vous soustrayez les ln(p / (1 − p)) des deux mots : soustrayez leurs ln p",
)
def difference_of_odds(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second)
    return (a - math.log1p(-math.exp(a))) - (b - math.log1p(-math.exp(b)))


@again(difference_of_odds)
def difference_of_odds_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second)
    odds = torch.logit(logs.exp())
    return (odds[one] - odds[two]).item()


@misconception(
    "second_minus_first",
    en="your sign is reversed: it is first minus second",
    fr="votre signe est inversé : c'est first moins second",
)
def second_minus_first(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second)
    return b - a


@again(second_minus_first)
def second_minus_first_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second)
    return (logs[two] - logs[one]).item()


@misconception(
    "bits",
    en="your logarithm has base 2: the contract asks for nats, the natural logarithm",
    fr="votre logarithme est de base 2 : le contrat demande des nats, le logarithme népérien",
)
def bits(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second)
    return (a - b) / math.log(2)


@again(bits)
def bits_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second)
    return (logs[one].exp().log2() - logs[two].exp().log2()).item()


@misconception(
    "decimal_logarithm",
    en="your logarithm has base 10: the contract asks for nats, the natural logarithm",
    fr="votre logarithme est de base 10 : le contrat demande des nats, le logarithme népérien",
)
def decimal_logarithm(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second)
    return (a - b) / math.log(10)


@again(decimal_logarithm)
def decimal_logarithm_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second)
    return math.log10(logs[one].exp().item() / logs[two].exp().item())


@misconception(
    "size_only",
    en="you return the size of the difference: its sign tells which of the two words is preferred",
    fr="vous renvoyez la taille de la différence : son signe dit lequel des deux mots est préféré",
)
def size_only(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second)
    return abs(a - b)


@again(size_only)
def size_only_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second)
    return (logs[one] - logs[two]).abs().item()


@misconception(
    "prior_subtracted",
    en="you subtract what the two words are worth in a text that is nothing but a mask: the log-odds have no prior, log_probability_bias will",
    fr="vous soustrayez ce que valent les deux mots dans un texte qui n'est qu'un masque : la log-cote n'a pas d'a priori, log_probability_bias en aura un",
)
def prior_subtracted(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second)
    c, d = logs_of(model, tokenizer, "[MASK]", first, second)
    return (a - b) - (c - d)


@again(prior_subtracted)
def prior_subtracted_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second)
    alone, _, _ = row_at(model, tokenizer, "[MASK]", first, second)
    return (logs[one] - logs[two] - alone[one] + alone[two]).item()


@misconception(
    "word_left_visible",
    en="you write each word into the text and read it there, visible: read both at the mask, where the model must guess",
    fr="vous écrivez chaque mot dans le texte et l'y lisez, visible : lisez les deux au masque, là où le modèle doit deviner",
)
def word_left_visible(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second, hide=False)
    return a - b


@again(word_left_visible)
def word_left_visible_2(model, tokenizer, template, first, second):
    ids, place = one_mask(tokenizer, template)
    found = []
    for word in (first, second):
        ids[place] = one_piece(tokenizer, word)
        found.append(logits_at(model, ids, place).log_softmax(-1)[ids[place]].item())
    return found[0] - found[1]


@misconception(
    "position_without_first_special",
    en="you read one position before the mask: [CLS] stands before the text, count it",
    fr="vous lisez la position qui précède le masque : comptez aussi [CLS], placé devant le texte",
)
def position_without_first_special(model, tokenizer, template, first, second):
    a, b = logs_of(model, tokenizer, template, first, second, shift=-1)
    return a - b


@again(position_without_first_special)
def position_without_first_special_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second, back=1)
    return (logs[one] - logs[two]).item()


@misconception(
    "first_piece_taken",
    en="a word of several tokens is cut down to its first piece, which is another word: refuse it with an InputError that names it",
    fr="un mot de plusieurs jetons est réduit à son premier morceau, qui est un autre mot : refusez-le par une InputError qui le nomme",
)
def first_piece_taken(model, tokenizer, template, first, second):
    def first_piece(scorer, said, word):
        ids, places = written(scorer, said, word)
        if scorer.unk_id in [ids[place] for place in places]:
            raise ValueError(f"unknown word {word}")
        return [*ids[: places[0] + 1], *ids[places[-1] + 1 :]], places[0]

    a, b = logs_of(model, tokenizer, template, first, second, find=first_piece)
    return a - b


@again(first_piece_taken)
def first_piece_taken_2(model, tokenizer, template, first, second):
    ids, place = one_mask(tokenizer, template)
    unknown = tokenizer.unk_token_id if is_hub(tokenizer) else tokenizer.unk_id
    two = [pieces_of(tokenizer, word)[0] for word in (first, second)]
    if unknown in two:
        raise ValueError(f"a word is not in the vocabulary: {first}, {second}")
    logs = logits_at(model, ids, place).log_softmax(-1)
    return (logs[two[0]] - logs[two[1]]).item()


@misconception(
    "unknown_scored",
    en="a word that the tokenizer does not know is scored as the unknown token: refuse it with an InputError that names it",
    fr="un mot que le tokenizer ne connaît pas est évalué comme le jeton inconnu : refusez-le par une InputError qui le nomme",
)
def unknown_scored(model, tokenizer, template, first, second):
    def known_or_not(scorer, said, word):
        ids, places = written(scorer, said, word)
        if len(places) > 1:
            raise ValueError(f"{word} has several tokens")
        return ids, places[0]

    a, b = logs_of(model, tokenizer, template, first, second, find=known_or_not)
    return a - b


@again(unknown_scored)
def unknown_scored_2(model, tokenizer, template, first, second):
    ids, place = one_mask(tokenizer, template)
    pieces = [pieces_of(tokenizer, word) for word in (first, second)]
    if any(len(each) > 1 for each in pieces):
        raise ValueError("a word has several tokens")
    logs = logits_at(model, ids, place).log_softmax(-1)
    return (logs[pieces[0][0]] - logs[pieces[1][0]]).item()


@misconception(
    "first_of_several_masks",
    en="in a text with several masks you read the first one: refuse the text, nothing tells which one is meant",
    fr="dans un texte à plusieurs masques, vous lisez le premier : refusez ce texte, rien ne dit lequel est visé",
)
def first_of_several_masks(model, tokenizer, template, first, second):
    scorer = MaskedScorer(model, tokenizer)
    said = template.replace(scorer.mask_token, "[MASK]")
    ids, place = single_token(scorer, "[MASK]", first)
    token, other = ids[place], single_token(scorer, "[MASK]", second)[0][place]
    asked = scorer.encode(said).ids
    if scorer.mask_id not in asked:
        raise ValueError("no mask in the text")
    here = asked.index(scorer.mask_id)
    logs = scorer.log_probabilities([asked], [[here]])[0]
    return (logs[token] - logs[other]).item()


@again(first_of_several_masks)
def first_of_several_masks_2(model, tokenizer, template, first, second):
    ids, places = asked_of(tokenizer, template)
    if not places:
        raise ValueError("no mask")
    logs = logits_at(model, ids, places[0]).log_softmax(-1)
    return (logs[one_piece(tokenizer, first)] - logs[one_piece(tokenizer, second)]).item()


@misconception(
    "training_mode_left_on",
    en="dropout is still active: call model.eval() first",
    fr="l'abandon (dropout) est encore actif : appelez model.eval() avant",
)
def training_mode_left_on(model, tokenizer, template, first, second):
    scorer, found = MaskedScorer(model, tokenizer), []
    for word in (first, second):
        ids, place = single_token(scorer, template, word)
        output = model(torch.tensor([scorer.masked(ids, [place])]))
        logits = output.logits if hasattr(output, "logits") else output
        found.append(logits.detach()[0, place].log_softmax(-1)[ids[place]].item())
    return found[0] - found[1]


@again(training_mode_left_on)
def training_mode_left_on_2(model, tokenizer, template, first, second):
    logs, one, two = row_at(model, tokenizer, template, first, second, evaluate=False)
    return (logs[one] - logs[two]).item()


@misconception(
    "transformers_only",
    en="your function only works with models of transformers: use MaskedScorer, or handle both kinds",
    fr="votre code ne fonctionne qu'avec les modèles de transformers : utilisez MaskedScorer, ou traitez les deux sortes",
)
def transformers_only(model, tokenizer, template, first, second):
    encoded = tokenizer(template.replace("[MASK]", tokenizer.mask_token), return_tensors="pt")
    logs, one, two = row_at(model, tokenizer, template, first, second)
    del encoded
    return (logs[one] - logs[two]).item()


@again(transformers_only)
def transformers_only_2(model, tokenizer, template, first, second):
    ids = tokenizer.convert_tokens_to_ids(tokenizer.tokenize(first))
    a, b = logs_of(model, tokenizer, template, first, second)
    return a - b if ids else math.nan


@misconception(
    "attentif_only",
    en="your function only works with models of attentif: use MaskedScorer, or handle both kinds",
    fr="votre code ne fonctionne qu'avec les modèles d'attentif : utilisez MaskedScorer, ou traitez les deux sortes",
)
def attentif_only(model, tokenizer, template, first, second):
    ids = [tokenizer.cls_id, *tokenizer.encode(template), tokenizer.sep_id]
    logs, one, two = row_at(model, tokenizer, template, first, second)
    return (logs[one] - logs[two]).item() if ids else math.nan


@again(attentif_only)
def attentif_only_2(model, tokenizer, template, first, second):
    mask = tokenizer.id_to_token(tokenizer.mask_id)
    a, b = logs_of(model, tokenizer, template.replace(mask, "[MASK]"), first, second)
    return a - b
