"""Wrong implementations that people really write, each with what it computes instead.

The first version of each goes through fill_template and MaskedScorer, the second writes the masks into the
text and asks model and tokenizer itself.
"""

from __future__ import annotations

import math

import torch

from attentif.bias.association import AssociationScore, fill_template
from attentif.bias.scorer import MaskedScorer
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("prior_read_at_attribute", "first_mask_taken", "one_mask_for_the_attribute")


def mask_of(tokenizer):
    """(text, id) of the mask, for both kinds of tokenizer."""
    if hasattr(tokenizer, "mask_token_id"):
        return tokenizer.mask_token, tokenizer.mask_token_id
    return "[MASK]", tokenizer.mask_id


def pieces_in(tokenizer, said):
    """Ids of a text, without the specials around."""
    if hasattr(tokenizer, "mask_token_id"):
        return tokenizer(said, add_special_tokens=False)["input_ids"]
    return tokenizer.encode(said)


def unknown_in(tokenizer, word):
    """Whether the vocabulary lacks a part of a word."""
    unknown = tokenizer.unk_token_id if hasattr(tokenizer, "mask_token_id") else tokenizer.unk_id
    return unknown in pieces_in(tokenizer, word)


def ids_of(tokenizer, template, target, attribute):
    """Ids of the filled template, with the specials around."""
    said = template.replace("[TARGET]", target).replace("[ATTRIBUTE]", attribute)
    if hasattr(tokenizer, "mask_token_id"):
        return tokenizer(said)["input_ids"]
    return [tokenizer.cls_id, *tokenizer.encode(said), tokenizer.sep_id]


def row(model, ids, position):
    """Log-probabilities (V,) at a position of one sequence."""
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    return getattr(output, "logits", output)[0, position].log_softmax(-1)


def masked_texts(tokenizer, template, attribute):
    """(ids with the target masked, ids with the attribute masked too, position of the target)."""
    mask, mask_id = mask_of(tokenizer)
    masks = " ".join([mask] * len(pieces_in(tokenizer, attribute)))
    seen = ids_of(tokenizer, template, mask, attribute)
    return seen, ids_of(tokenizer, template, mask, masks), seen.index(mask_id)


def two_ids(tokenizer, first, second):
    """The first token of each of the two words."""
    return pieces_in(tokenizer, first)[0], pieces_in(tokenizer, second)[0]


@misconception(
    "prior_not_subtracted",
    en="corrected is raw: the prior, what the frame alone prefers, is still to be subtracted",
    fr="corrected vaut raw : il reste à soustraire prior, ce que le gabarit préfère à lui seul",
)
def prior_not_subtracted(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, corrected=raw)


@again(prior_not_subtracted)
def prior_not_subtracted_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw)


@misconception(
    "prior_added",
    en="you add the prior to raw: it is to be subtracted",
    fr="vous ajoutez prior à raw : il faut l'en soustraire",
)
def prior_added(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw + prior)


@again(prior_added)
def prior_added_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw + prior)


@misconception(
    "prior_minus_raw",
    en="corrected is prior − raw, of the wrong sign: what the attribute adds is raw − prior",
    fr="corrected vaut prior − raw, du mauvais signe : ce que l'attribut ajoute est raw − prior",
)
def prior_minus_raw(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, prior - raw)


@again(prior_minus_raw)
def prior_minus_raw_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    gain = row(model, unseen, here) - row(model, seen, here)
    raw, prior = (row(model, ids, here)[[one, two]].tolist() for ids in (seen, unseen))
    return AssociationScore(raw[0] - raw[1], prior[0] - prior[1], (gain[one] - gain[two]).item())


@misconception(
    "one_field_a_word",
    en="raw and prior hold ln(P / P prior) of one word each, as in Kurita et al.: here both are differences of the two "
    "words, raw with the attribute visible and prior with it masked",
    fr="raw et prior contiennent ln(P / P a priori) d'un mot chacun, comme chez Kurita et al. : ici, tous deux sont des "
    "différences entre les deux mots, raw avec l'attribut visible et prior avec l'attribut masqué",
)
def one_field_a_word(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    found = []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        found.append((rows[0] - rows[1])[said.ids[said.target]].item())
    return AssociationScore(found[0], found[1], found[0] - found[1])


@again(one_field_a_word)
def one_field_a_word_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    p, q = row(model, seen, here).exp(), row(model, unseen, here).exp()
    of_first, of_second = (math.log(p[word] / q[word]) for word in two_ids(tokenizer, first, second))
    return AssociationScore(raw=of_first, prior=of_second, corrected=of_first - of_second)


@misconception(
    "attribute_deleted",
    en="you delete the attribute for the prior, which makes another sentence of it: mask it, each of its tokens by one "
    "mask, so that the sentence keeps its length",
    fr="vous supprimez l'attribut pour prior, ce qui en fait une autre phrase : masquez-le, un masque pour chacun de ses "
    "jetons, et la phrase garde sa longueur",
)
def attribute_deleted(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    raw = prior = 0.0
    for sign, word in ((1, first), (-1, second)):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        kept = [token for place, token in enumerate(masked) if place not in said.attribute]
        here = said.target - sum(place < said.target for place in said.attribute)
        seen = scorer.log_probabilities([masked], [[said.target]])[0]
        unseen = scorer.log_probabilities([kept], [[here]])[0]
        raw += sign * seen[said.ids[said.target]].item()
        prior += sign * unseen[said.ids[said.target]].item()
    return AssociationScore(raw, prior, raw - prior)


@again(attribute_deleted)
def attribute_deleted_2(model, tokenizer, template, first, second, attribute):
    mask, mask_id = mask_of(tokenizer)
    seen, unseen = (ids_of(tokenizer, template, mask, said) for said in (attribute, ""))
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, seen.index(mask_id)), row(model, unseen, unseen.index(mask_id))
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "prior_read_at_attribute",
    en="you read the prior at the attribute's mask: the two words compete for the target's place, read it there",
    fr="vous lisez prior au masque de l'attribut : les deux mots sont en concurrence à la place de la cible, lisez-le là",
    warning=text("you read `prior` at the attribute's mask", "vous lisez `prior` au masque de l'attribut"),
)
def prior_read_at_attribute(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.attribute[0]]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(prior_read_at_attribute)
def prior_read_at_attribute_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    there = next(i for i, token in enumerate(unseen) if token == mask_of(tokenizer)[1] and i != here)
    p, q = row(model, seen, here), row(model, unseen, there)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "first_mask_taken",
    en="with two masks you read the first one of the sentence: it is the target's only if the target comes first",
    fr="quand il y a deux masques, vous lisez le premier de la phrase : ce n'est celui de la cible que si elle vient d'abord",
)
def first_mask_taken(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [min(said.target, *said.attribute)]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(first_mask_taken)
def first_mask_taken_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, unseen.index(mask_of(tokenizer)[1]))
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "last_mask_taken",
    en="with two masks you read the last one of the sentence: it is the target's only if the target comes last",
    fr="quand il y a deux masques, vous lisez le dernier de la phrase : ce n'est celui de la cible que si elle vient en dernier",
)
def last_mask_taken(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [max(said.target, *said.attribute)]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(last_mask_taken)
def last_mask_taken_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    masks = [i for i, token in enumerate(unseen) if token == mask_of(tokenizer)[1]]
    p, q = row(model, seen, here), row(model, unseen, masks[-1])
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "attribute_left_visible",
    en="your prior equals raw, as the attribute is visible in both: mask it for the prior",
    fr="votre prior est égal à raw, car l'attribut est visible dans les deux : masquez-le pour prior",
)
def attribute_left_visible(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = list(masked)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(attribute_left_visible)
def attribute_left_visible_2(model, tokenizer, template, first, second, attribute):
    seen, _, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, seen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "only_attribute_masked",
    en="for the prior you mask the attribute alone, and the target shows: mask both",
    fr="pour prior, vous ne masquez que l'attribut, et la cible se voit : masquez les deux",
)
def only_attribute_masked(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(said.ids, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(only_attribute_masked)
def only_attribute_masked_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p = row(model, seen, here)
    raw = (p[one] - p[two]).item()
    shown = []
    for token in (one, two):
        with_word = list(unseen)
        with_word[here] = token
        shown.append(row(model, with_word, here)[token].item())
    prior = shown[0] - shown[1]
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "target_left_visible",
    en="you score each word where it is written: it gives itself away, mask the target before you read its place",
    fr="vous évaluez chaque mot là où il est écrit : il se trahit lui-même, masquez la cible avant de lire à sa place",
)
def target_left_visible(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = list(said.ids)
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(target_left_visible)
def target_left_visible_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    shown = []
    for ids in (seen, unseen):
        for token in two_ids(tokenizer, first, second):
            with_word = [*ids[:here], token, *ids[here + 1 :]]
            shown.append(row(model, with_word, here)[token].item())
    raw, prior = shown[0] - shown[1], shown[2] - shown[3]
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "target_visible_in_raw",
    en="raw is read with the target visible, where the word gives itself away: only the attribute stays visible in raw, "
    "the target is masked there as in the prior",
    fr="raw est lu avec la cible visible, où le mot se trahit lui-même : seul l'attribut reste visible dans raw, la cible "
    "y est masquée comme dans prior",
)
def target_visible_in_raw(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        both = scorer.masked(said.ids, [said.target, *said.attribute])
        rows = scorer.log_probabilities([list(said.ids), both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(target_visible_in_raw)
def target_visible_in_raw_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    shown = [row(model, [*seen[:here], token, *seen[here + 1 :]], here)[token] for token in (one, two)]
    q = row(model, unseen, here)
    raw, prior = (shown[0] - shown[1]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "probability_ratio",
    en="you return ratios of probabilities: take their logarithms, and subtract these",
    fr="vous renvoyez des rapports de probabilités : prenez-en les logarithmes, et soustrayez ceux-ci",
)
def probability_ratio(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = math.exp(seen[0] - seen[1]), math.exp(unseen[0] - unseen[1])
    return AssociationScore(raw, prior, raw / prior)


@again(probability_ratio)
def probability_ratio_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here).exp(), row(model, unseen, here).exp()
    raw, prior = p[one] / p[two], q[one] / q[two]
    return AssociationScore(raw=raw.item(), prior=prior.item(), corrected=(raw / prior).item())


@misconception(
    "probability_difference",
    en="you subtract probabilities: subtract their logarithms",
    fr="vous soustrayez des probabilités : soustrayez leurs logarithmes",
)
def probability_difference(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].exp().item())
        unseen.append(rows[1, said.ids[said.target]].exp().item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(probability_difference)
def probability_difference_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here).softmax(-1), row(model, unseen, here).softmax(-1)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "bits",
    en="your logarithm has base 2: the contract asks for nats, the natural logarithm",
    fr="votre logarithme est de base 2 : le contrat demande des nats, le logarithme népérien",
)
def bits(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item() / math.log(2))
        unseen.append(rows[1, said.ids[said.target]].item() / math.log(2))
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(bits)
def bits_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, here)
    p, q = p.exp().log2(), q.exp().log2()
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "decimal_logarithm",
    en="your logarithm has base 10: the contract asks for nats, the natural logarithm",
    fr="votre logarithme est de base 10 : le contrat demande des nats, le logarithme népérien",
)
def decimal_logarithm(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]]) / math.log(10)
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(decimal_logarithm)
def decimal_logarithm_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, here)
    p, q = torch.log10(p.softmax(-1)), torch.log10(q.softmax(-1))
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "sign_reversed",
    en="your signs are reversed: it is the first word minus the second",
    fr="vos signes sont inversés : c'est le premier mot moins le second",
)
def sign_reversed(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[1] - seen[0], unseen[1] - unseen[0]
    return AssociationScore(raw, prior, raw - prior)


@again(sign_reversed)
def sign_reversed_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, second, first)
    p, q = row(model, seen, here), row(model, unseen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "raw_and_prior_exchanged",
    en="raw and the prior are exchanged: raw is read with the attribute visible, the prior with the attribute masked",
    fr="raw et prior sont échangés : raw se lit avec l'attribut visible, prior avec l'attribut masqué",
)
def raw_and_prior_exchanged(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    prior, raw = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(raw_and_prior_exchanged)
def raw_and_prior_exchanged_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = (row(model, ids, here) for ids in (unseen, seen))
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "share_of_the_two",
    en="you return the share of the first word among the two, between 0 and 1: the difference of their log-probabilities is asked for",
    fr="vous renvoyez la part du premier mot parmi les deux, entre 0 et 1 : on demande la différence de leurs log-probabilités",
)
def share_of_the_two(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw = math.exp(seen[0]) / (math.exp(seen[0]) + math.exp(seen[1]))
    prior = math.exp(unseen[0]) / (math.exp(unseen[0]) + math.exp(unseen[1]))
    return AssociationScore(raw, prior, raw - prior)


@again(share_of_the_two)
def share_of_the_two_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, here)
    raw, prior = (logs[[one, two]].softmax(0)[0].item() for logs in (p, q))
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "first_word_alone",
    en="you score the first word alone: subtract the log-probabilities of the second, in raw and in the prior",
    fr="vous n'évaluez que le premier mot : soustrayez les log-probabilités du second, dans raw et dans prior",
)
def first_word_alone(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    said = fill_template(scorer, template, first, attribute)
    masked = scorer.masked(said.ids, [said.target])
    both = scorer.masked(masked, said.attribute)
    rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
    raw, prior = rows[:, said.ids[said.target]].tolist()
    return AssociationScore(raw, prior, raw - prior)


@again(first_word_alone)
def first_word_alone_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one = pieces_in(tokenizer, first)[0]
    p, q = row(model, seen, here), row(model, unseen, here)
    raw, prior = p[one].item(), q[one].item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "one_mask_for_the_attribute",
    en="you put one mask in the place of an attribute of several tokens: the sentence becomes shorter, keep one mask a token",
    fr="vous mettez un seul masque à la place d'un attribut de plusieurs jetons : la phrase raccourcit, gardez un masque par jeton",
)
def one_mask_for_the_attribute(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        del both[said.attribute[0] + 1 : said.attribute[-1] + 1]
        here = said.target - (len(said.attribute) - 1) * (said.target > said.attribute[0])
        rows = scorer.log_probabilities([masked, both], [[said.target], [here]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(one_mask_for_the_attribute)
def one_mask_for_the_attribute_2(model, tokenizer, template, first, second, attribute):
    mask, mask_id = mask_of(tokenizer)
    seen = ids_of(tokenizer, template, mask, attribute)
    unseen = ids_of(tokenizer, template, mask, mask)
    masks = [i for i, token in enumerate(unseen) if token == mask_id]
    here = masks[template.index("[TARGET]") > template.index("[ATTRIBUTE]")]
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, seen.index(mask_id)), row(model, unseen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "first_piece_of_the_attribute",
    en="you mask the first token of the attribute alone: the rest of the word gives it away, mask them all",
    fr="vous ne masquez que le premier jeton de l'attribut : la fin du mot le trahit, masquez-les tous",
)
def first_piece_of_the_attribute(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute[:1])
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(first_piece_of_the_attribute)
def first_piece_of_the_attribute_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    there = min(i for i, token in enumerate(unseen) if token != seen[i])
    one, two = two_ids(tokenizer, first, second)
    unseen = [*seen[:there], mask_of(tokenizer)[1], *seen[there + 1 :]]
    p, q = row(model, seen, here), row(model, unseen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "position_without_first_special",
    en="you read one position before the target's mask: [CLS] stands before the text, count it",
    fr="vous lisez la position qui précède le masque de la cible : comptez aussi [CLS], placé devant le texte",
)
def position_without_first_special(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target - 1], [said.target - 1]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(position_without_first_special)
def position_without_first_special_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here - 1), row(model, unseen, here - 1)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "no_specials_around",
    en="you encode without the special tokens around: the model reads [CLS] text [SEP]",
    fr="vous encodez sans les jetons spéciaux autour : le modèle lit [CLS] texte [SEP]",
)
def no_specials_around(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked[1:-1], both[1:-1]], [[said.target - 1], [said.target - 1]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    raw, prior = seen[0] - seen[1], unseen[0] - unseen[1]
    return AssociationScore(raw, prior, raw - prior)


@again(no_specials_around)
def no_specials_around_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = (row(model, ids[1:-1], here - 1) for ids in (seen, unseen))
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "number_returned",
    en="you return the corrected number alone: an AssociationScore with raw, prior and corrected is asked for",
    fr="vous ne renvoyez que le nombre corrigé : on demande un AssociationScore avec raw, prior et corrected",
)
def number_returned(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    seen, unseen = [], []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        rows = scorer.log_probabilities([masked, both], [[said.target], [said.target]])
        seen.append(rows[0, said.ids[said.target]].item())
        unseen.append(rows[1, said.ids[said.target]].item())
    return (seen[0] - seen[1]) - (unseen[0] - unseen[1])


@again(number_returned)
def number_returned_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, here)
    return ((p[one] - p[two]) - (q[one] - q[two])).item()


@misconception(
    "target_cut_to_first_piece",
    en="of a target cut in several tokens you score the first one: refuse such a word with an InputError that names it",
    fr="d'une cible coupée en plusieurs jetons, vous évaluez le premier : refusez un tel mot par une InputError qui le nomme",
)
def target_cut_to_first_piece(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    for slot in ("[TARGET]", "[ATTRIBUTE]"):
        if template.count(slot) != 1:
            raise ValueError(f"expected {slot} once in the template")
    for word in (first, second, attribute):
        if unknown_in(tokenizer, word):
            raise ValueError(f"{word!r} is not in the vocabulary")
    masks = " ".join(["[MASK]"] * len(pieces_in(tokenizer, attribute)))
    ids = []
    for said in (attribute, masks):
        ids.append(scorer.encode(template.replace("[ATTRIBUTE]", said).replace("[TARGET]", "[MASK]")).ids)
    here = ids[0].index(scorer.mask_id)
    rows = scorer.log_probabilities(ids, [[here], [here]])
    one, two = two_ids(tokenizer, first, second)
    raw, prior = (rows[:, one] - rows[:, two]).tolist()
    return AssociationScore(raw, prior, raw - prior)


@again(target_cut_to_first_piece)
def target_cut_to_first_piece_2(model, tokenizer, template, first, second, attribute):
    if template.count("[TARGET]") != 1 or template.count("[ATTRIBUTE]") != 1:
        raise ValueError("the template has [TARGET] once and [ATTRIBUTE] once")
    for word in (first, second, attribute):
        if unknown_in(tokenizer, word):
            raise ValueError(f"the tokenizer does not know {word}")
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "unknown_scored",
    en="a word that the tokenizer does not know is scored as the unknown token: refuse it with an InputError that names it",
    fr="un mot que le tokenizer ne connaît pas est évalué comme le jeton inconnu : refusez-le par une InputError qui le nomme",
)
def unknown_scored(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    if not (template.count("[TARGET]") == template.count("[ATTRIBUTE]") == 1):
        raise ValueError("expected one [TARGET] and one [ATTRIBUTE]")
    ones = [pieces_in(tokenizer, word) for word in (first, second)]
    if any(len(pieces) > 1 for pieces in ones):
        raise ValueError(f"{first} and {second} must be single tokens")
    n = len(pieces_in(tokenizer, attribute))
    texts = [template.replace("[ATTRIBUTE]", said) for said in (attribute, " ".join(["[MASK]"] * n))]
    ids = [scorer.encode(said.replace("[TARGET]", "[MASK]")).ids for said in texts]
    here = ids[0].index(scorer.mask_id)
    rows = scorer.log_probabilities(ids, [[here], [here]])
    raw, prior = (rows[:, ones[0][0]] - rows[:, ones[1][0]]).tolist()
    return AssociationScore(raw, prior, raw - prior)


@again(unknown_scored)
def unknown_scored_2(model, tokenizer, template, first, second, attribute):
    for slot in ("[TARGET]", "[ATTRIBUTE]"):
        if slot not in template or template.index(slot) != template.rindex(slot):
            raise ValueError(f"the template needs {slot} exactly once")
    for word in (first, second):
        if len(pieces_in(tokenizer, word)) != 1:
            raise ValueError(f"{word} is cut in several tokens")
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "slots_not_checked",
    en="a template without [TARGET] or [ATTRIBUTE], or with one of them twice, is not refused, or not by a ValueError that names the slots: raise an InputError that names the slot",
    fr="un gabarit sans [TARGET] ou sans [ATTRIBUTE], ou qui contient deux fois l'un d'eux, n'est pas refusé, ou ne l'est pas par une ValueError qui nomme les emplacements : levez une InputError qui nomme l'emplacement",
)
def slots_not_checked(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    ones = [pieces_in(tokenizer, word) for word in (first, second)]
    whole = pieces_in(tokenizer, attribute)
    if len(ones[0]) + len(ones[1]) > 2:
        raise ValueError(f"{first} and {second} must be single tokens")
    if scorer.unk_id in [*ones[0], *ones[1], *whole]:
        raise ValueError("one of the words is unknown")
    ids = []
    for said in (attribute, " ".join(["[MASK]"] * len(whole))):
        ids.append(scorer.encode(template.replace("[ATTRIBUTE]", said).replace("[TARGET]", "[MASK]")).ids)
    here = ids[0].index(scorer.mask_id)
    rows = scorer.log_probabilities(ids, [[here], [here]])
    raw, prior = (rows[:, ones[0][0]] - rows[:, ones[1][0]]).tolist()
    return AssociationScore(raw, prior, raw - prior)


@again(slots_not_checked)
def slots_not_checked_2(model, tokenizer, template, first, second, attribute):
    for word in (first, second, attribute):
        if unknown_in(tokenizer, word):
            raise ValueError(f"unknown word: {word}")
        if word != attribute and len(pieces_in(tokenizer, word)) > 1:
            raise ValueError(f"several tokens: {word}")
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen, here), row(model, unseen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "training_mode_left_on",
    en="the model may be in training mode: without model.eval() its dropout changes the score",
    fr="le modèle peut être en mode entraînement : sans model.eval(), son abandon (dropout) fausse le score",
)
def training_mode_left_on(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    logs = []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        both = scorer.masked(masked, said.attribute)
        output = model(torch.tensor([masked, both]))
        rows = getattr(output, "logits", output)[:, said.target].detach().log_softmax(-1)
        logs.append(rows[:, said.ids[said.target]])
    raw, prior = (logs[0] - logs[1]).tolist()
    return AssociationScore(raw, prior, raw - prior)


@again(training_mode_left_on)
def training_mode_left_on_2(model, tokenizer, template, first, second, attribute):
    seen, unseen, here = masked_texts(tokenizer, template, attribute)
    one, two = two_ids(tokenizer, first, second)
    odds = []
    with torch.no_grad():
        for ids in (seen, unseen):
            output = model(torch.tensor(ids).unsqueeze(0))
            logits = output.logits if hasattr(output, "logits") else output
            odds.append((logits[0, here, one] - logits[0, here, two]).item())
    return AssociationScore(raw=odds[0], prior=odds[1], corrected=odds[0] - odds[1])


@misconception(
    "mask_name_assumed",
    en="you suppose that the mask is written [MASK]: CamemBERT writes <mask>; use tokenizer.mask_token, or mask by id",
    fr="vous supposez que le masque s'écrit [MASK] : CamemBERT l'écrit <mask> ; utilisez tokenizer.mask_token, ou masquez par identifiant",
)
def mask_name_assumed(model, tokenizer, template, first, second, attribute):
    masks = " ".join(["[MASK]"] * len(pieces_in(tokenizer, attribute)))
    mask_id = mask_of(tokenizer)[1]
    logs = []
    for said in (attribute, masks):
        ids = ids_of(tokenizer, template, "[MASK]", said)
        places = [i for i, token in enumerate(ids) if token == mask_id]
        first_of_two = template.index("[TARGET]") < template.index("[ATTRIBUTE]")
        logs.append(row(model, ids, places[0 if first_of_two else -1]))
    one, two = two_ids(tokenizer, first, second)
    raw, prior = [(each[one] - each[two]).item() for each in logs]
    return AssociationScore(raw, prior, raw - prior)


@again(mask_name_assumed)
def mask_name_assumed_2(model, tokenizer, template, first, second, attribute):
    mask_id = mask_of(tokenizer)[1]
    seen = torch.tensor(ids_of(tokenizer, template, "[MASK]", attribute))
    here = (seen == mask_id).nonzero()[0].item()
    n = len(pieces_in(tokenizer, attribute))
    unseen = ids_of(tokenizer, template, "[MASK]", "[MASK] " * n)
    one, two = two_ids(tokenizer, first, second)
    p, q = row(model, seen.tolist(), here), row(model, unseen, here)
    raw, prior = (p[one] - p[two]).item(), (q[one] - q[two]).item()
    return AssociationScore(raw=raw, prior=prior, corrected=raw - prior)


@misconception(
    "transformers_only",
    en="your function only works with models of transformers: use MaskedScorer, or handle both kinds",
    fr="votre code ne fonctionne qu'avec les modèles de transformers : utilisez MaskedScorer, ou traitez les deux sortes",
)
def transformers_only(model, tokenizer, template, first, second, attribute):
    model.eval()
    logs = []
    for word in (first, second):
        said = fill_template(MaskedScorer(model, tokenizer), template, word, attribute)
        ids = torch.tensor([said.ids, said.ids])
        ids[:, said.target] = tokenizer.mask_token_id
        ids[1, list(said.attribute)] = tokenizer.mask_token_id
        with torch.no_grad():
            rows = model(input_ids=ids).logits[:, said.target].log_softmax(-1)
        logs.append(rows[:, said.ids[said.target]])
    raw, prior = (logs[0] - logs[1]).tolist()
    return AssociationScore(raw, prior, raw - prior)


@again(transformers_only)
def transformers_only_2(model, tokenizer, template, first, second, attribute):
    mask = tokenizer.mask_token
    n = len(tokenizer.tokenize(attribute))
    odds = []
    model.eval()
    for said in (attribute, " ".join([mask] * n)):
        inputs = tokenizer(
            template.replace("[TARGET]", mask).replace("[ATTRIBUTE]", said), return_tensors="pt"
        )
        places = (inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero()[:, 0]
        place = places[0] if template.index("[TARGET]") < template.index("[ATTRIBUTE]") else places[-1]
        with torch.no_grad():
            logits = model(**inputs).logits[0, place]
        one, two = (tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in (first, second))
        odds.append((logits[one] - logits[two]).item())
    return AssociationScore(raw=odds[0], prior=odds[1], corrected=odds[0] - odds[1])


@misconception(
    "attentif_only",
    en="your function only works with models of attentif: use MaskedScorer, or handle both kinds",
    fr="votre code ne fonctionne qu'avec les modèles d'attentif : utilisez MaskedScorer, ou traitez les deux sortes",
)
def attentif_only(model, tokenizer, template, first, second, attribute):
    model.eval()
    logs = []
    for word in (first, second):
        said = fill_template(MaskedScorer(model, tokenizer), template, word, attribute)
        ids = torch.tensor([said.ids, said.ids])
        ids[:, said.target] = tokenizer.mask_id
        ids[1, list(said.attribute)] = tokenizer.mask_id
        with torch.no_grad():
            rows = model(ids)[:, said.target].log_softmax(-1)
        logs.append(rows[:, said.ids[said.target]])
    raw, prior = (logs[0] - logs[1]).tolist()
    return AssociationScore(raw, prior, raw - prior)


@again(attentif_only)
def attentif_only_2(model, tokenizer, template, first, second, attribute):
    n = len(tokenizer.encode(attribute))
    one, two = tokenizer.token_to_id(first), tokenizer.token_to_id(second)
    odds = []
    model.eval()
    for said in (attribute, " ".join(["[MASK]"] * n)):
        words = tokenizer.encode(template.replace("[ATTRIBUTE]", said).replace("[TARGET]", "[MASK]"))
        ids = torch.tensor([[tokenizer.cls_id, *words, tokenizer.sep_id]])
        places = (ids[0] == tokenizer.mask_id).nonzero()[:, 0]
        place = places[0] if template.index("[TARGET]") < template.index("[ATTRIBUTE]") else places[-1]
        with torch.no_grad():
            logits = model(ids)[0, place]
        odds.append((logits[one] - logits[two]).item())
    return AssociationScore(raw=odds[0], prior=odds[1], corrected=odds[0] - odds[1])
