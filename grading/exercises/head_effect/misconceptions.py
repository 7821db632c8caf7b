"""Wrong implementations that people really write, each with what it computes instead.

The first version of each patches N copies of the text at once through on_head_outputs; the second one head at a time,
by hooks of its own on what mixes the heads.
"""

from __future__ import annotations

import numpy as np
import torch

from attentif.bias.scorer import MaskedScorer
from attentif.checks.text import text
from attentif.limits.inside import head_shape, on_head_outputs
from attentif.limits.mediation import HeadEffect, check_mediation
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("whole_layer_patched", "at_the_mask_only", "patched_in_the_counterfactual")


def as_it_is(model, sequences, positions):
    """ln P (N, V) at one position a sequence, in the mode in which the model is."""
    with torch.no_grad():
        output = model(torch.tensor([list(ids) for ids in sequences]))
    logits = getattr(output, "logits", output)
    return logits[torch.arange(len(logits)), [place for (place,) in positions]].log_softmax(dim=-1)


def in_evaluation(model, sequences, positions):
    """The same in evaluation mode."""
    return as_it_is(model.eval(), sequences, positions)


class Asked:
    """A model asked about one gap, with what enters the mixers of its heads kept, and changed on demand."""

    def __init__(
        self,
        model,
        scorer,
        position,
        tokens,
        how=lambda row, one, two: row[one] - row[two],
        ask=in_evaluation,
    ):
        self.model, self.position, self.tokens, self.how, self.ask = model, position, tokens, how, ask
        self.mixers = [each for name, each in model.named_modules() if name.endswith("output_projection")]
        self.width = self.mixers[0].in_features // head_shape(model)[1]

    def columns(self, head):
        """Where the output of a head stands."""
        return slice(head * self.width, (head + 1) * self.width)

    def split(self, z):
        """The same numbers (1, T, H, K), head by head."""
        return z.unflatten(-1, (-1, self.width))

    def run(self, ids, edit=None):
        """(log-odds, what enters each mixer (1, T, D))."""
        seen, hooks = [], []
        for layer, mixer in enumerate(self.mixers):

            def before(_, args, layer=layer):
                z = args[0].clone()
                if edit is not None:
                    edit(layer, z)
                seen.append(z)
                return (z,)

            hooks.append(mixer.register_forward_pre_hook(before))
        try:
            row = self.ask(self.model, [ids], [[self.position]])[0]
        finally:
            for hook in hooks:
                hook.remove()
        return float(self.how(row, *self.tokens)), seen


@misconception(
    "counted_from_one",
    en="you count the layers from 1, and patch the layer before: they are counted from 0",
    fr="vous comptez les couches à partir de 1, et greffez la couche d'avant : elles se comptent à partir de 0",
)
def counted_from_one(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer - 1 == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(counted_from_one)
def counted_from_one_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at + 1 == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "layer_and_head_exchanged",
    en="you read the pairs as (head, layer): they are (layer, head)",
    fr="vous lisez les paires comme (tête, couche) : ce sont des (couche, tête)",
)
def layer_and_head_exchanged(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (head, at_layer) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(layer_and_head_exchanged)
def layer_and_head_exchanged_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for head, layer in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                number = columns.start // asked.width
                asked.split(z)[:, :, number] = asked.split(other[at])[:, :, number]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "whole_layer_patched",
    en="you exchange the outputs of all heads of the layer: only that of the one head",
    fr="vous remplacez les sorties de toutes les têtes de la couche : seulement celle de la tête demandée",
    warning=text(
        "you exchange the outputs of all heads of the layer",
        "vous remplacez les sorties de toutes les têtes de la couche",
    ),
)
def whole_layer_patched(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, _) in enumerate(heads):
            if at_layer == layer:
                found[copy] = outputs[layer][1]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(whole_layer_patched)
def whole_layer_patched_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z.copy_(other[at])

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "every_layer_patched",
    en="you exchange the head in every layer: only in its own",
    fr="vous remplacez la tête dans toutes les couches : seulement dans la sienne",
)
def every_layer_patched(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (_, head) in enumerate(heads):
            if layer in outputs:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(every_layer_patched)
def every_layer_patched_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at >= 0:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "patched_together",
    en="you exchange all heads at once: each is patched alone, in a copy of the text of its own",
    fr="vous remplacez toutes les têtes à la fois : chacune est greffée seule, dans une copie du texte qui lui est propre",
)
def patched_together(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for at_layer, head in heads:
            if at_layer == layer:
                found[:, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(patched_together)
def patched_together_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            for layer, head in heads:
                if at == layer:
                    z[..., asked.columns(head)] = other[at][..., asked.columns(head)]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "at_the_mask_only",
    en="you exchange the head's output at the mask alone: at every position",
    fr="vous ne remplacez la sortie de la tête qu'au masque : faites-le à toutes les positions",
    warning=text(
        "you exchange the head's output at the mask alone",
        "vous ne remplacez la sortie de la tête qu'au masque",
    ),
)
def at_the_mask_only(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, position, head] = outputs[layer][1, position, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(at_the_mask_only)
def at_the_mask_only_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[:, position, columns] = other[at][:, position, columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "at_the_changed_word_only",
    en="you exchange the head's output where the two texts differ alone: at every position",
    fr="vous ne remplacez la sortie de la tête que là où les deux textes diffèrent : faites-le à toutes les positions",
)
def at_the_changed_word_only(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                differ = [one != other for one, other in zip(ids, other_ids, strict=True)]
                found[copy, differ, head] = outputs[layer][1, differ, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(at_the_changed_word_only)
def at_the_changed_word_only_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                for place in range(len(ids)):
                    if ids[place] != other_ids[place]:
                        z[:, place, columns] = other[at][:, place, columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "patched_in_the_counterfactual",
    en="you give the head its original output in the counterfactual text: the original text goes through the model, with the head as in the counterfactual one",
    fr="vous rendez à la tête sa sortie d'origine dans le texte contrefactuel : c'est le texte original qui traverse le modèle, avec la tête comme dans le contrefactuel",
    warning=text("you patch the counterfactual text", "vous greffez le texte contrefactuel"),
)
def patched_in_the_counterfactual(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][0, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([other_ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[1]).numpy())


@again(patched_in_the_counterfactual)
def patched_in_the_counterfactual_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, own = asked.run(ids)
    after, _ = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = own[at][..., columns]

        effects.append(asked.run(other_ids, edit)[0] - after)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "patched_by_itself",
    en="you give the head the output that it has anyway, on the original text: take it from the counterfactual one",
    fr="vous donnez à la tête la sortie qu'elle a déjà, sur le texte original : prenez-la du texte contrefactuel",
)
def patched_by_itself(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][0, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(patched_by_itself)
def patched_by_itself_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, own = asked.run(ids)
    after, _ = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = own[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "total_for_indirect",
    en="you return the total effect for each head: only the head is as in the counterfactual text, all else comes from the original one",
    fr="vous renvoyez l'effet total pour chaque tête : seule la tête est comme dans le texte contrefactuel, tout le reste vient de l'original",
)
def total_for_indirect(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (whole[1] - whole[0]).expand(len(heads)).numpy())


@again(total_for_indirect)
def total_for_indirect_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(other_ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "against_the_counterfactual",
    en="from the patched log-odds you subtract those of the counterfactual text: subtract those of the original one",
    fr="à la log-cote greffée, vous soustrayez celle du texte contrefactuel : soustrayez celle de l'original",
)
def against_the_counterfactual(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[1]).numpy())


@again(against_the_counterfactual)
def against_the_counterfactual_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - after)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "original_not_subtracted",
    en="indirect holds the patched log-odds themselves: subtract those of the original text",
    fr="indirect contient la log-cote greffée elle-même : soustrayez celle du texte original",
)
def original_not_subtracted(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), patched.numpy())


@again(original_not_subtracted)
def original_not_subtracted_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0])
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "head_removed",
    en="you set the head's output to zero: give it the output that it has on the counterfactual text",
    fr="vous annulez la sortie de la tête : donnez-lui celle qu'elle a sur le texte contrefactuel",
)
def head_removed(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = 0
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(head_removed)
def head_removed_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, _ = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns].zero_()

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "words_exchanged",
    en="the sign is reversed, for you subtract the first word's log-probability from the second's: first minus second",
    fr="le signe est inversé, car vous soustrayez la log-probabilité du premier mot à celle du second : le premier moins le second",
)
def words_exchanged(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[1]] - rows[:, tokens[0]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(words_exchanged)
def words_exchanged_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(before - after, -np.array(effects))


@misconception(
    "total_reversed",
    en="total is reversed, original minus counterfactual: the counterfactual text comes first",
    fr="total est inversé, original moins contrefactuel : le texte contrefactuel vient d'abord",
)
def total_reversed(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[0] - whole[1]), (patched - whole[0]).numpy())


@again(total_reversed)
def total_reversed_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(before - after, np.array(effects))


@misconception(
    "first_word_alone",
    en="you follow the log-probability of the first word alone: subtract that of the second",
    fr="vous ne suivez que la log-probabilité du premier mot : soustrayez celle du second",
)
def first_word_alone(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(first_word_alone)
def first_word_alone_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens, how=lambda row, one, two: row[one])
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "probabilities",
    en="you subtract probabilities: take the difference of their logarithms, the log-odds",
    fr="vous soustrayez des probabilités : prenez la différence de leurs logarithmes, la log-cote",
)
def probabilities(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]].exp() - rows[:, tokens[1]].exp() for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(probabilities)
def probabilities_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens, how=lambda row, one, two: row.exp()[one] - row.exp()[two])
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "ratios_returned",
    en="you return ratios of odds minus 1, as the paper does: return differences of log-odds, the properties compute the ratios",
    fr="vous renvoyez des rapports de cotes moins 1, comme l'article : renvoyez des différences de log-cotes, les propriétés calculent les rapports",
)
def ratios_returned(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float((whole[1] - whole[0]).exp() - 1), ((patched - whole[0]).exp() - 1).numpy())


@again(ratios_returned)
def ratios_returned_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(np.exp(after) / np.exp(before) - 1, np.expm1(np.array(effects)))


@misconception(
    "share_of_the_total",
    en="indirect is divided by the total: return the effects themselves, in nats",
    fr="indirect est divisé par le total : renvoyez les effets eux-mêmes, en nats",
)
def share_of_the_total(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), ((patched - whole[0]) / (whole[1] - whole[0])).numpy())


@again(share_of_the_total)
def share_of_the_total_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array([effect / (after - before) for effect in effects]))


@misconception(
    "training_mode_left_on",
    en="the model may be in training mode: without model.eval() its dropout changes the effects",
    fr="le modèle peut être en mode entraînement : sans model.eval(), son abandon (dropout) fausse les effets",
)
def training_mode_left_on(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = as_it_is(model, [ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = as_it_is(model, [ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(training_mode_left_on)
def training_mode_left_on_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    asked = Asked(model, scorer, position, tokens, ask=as_it_is)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "heads_not_checked",
    en="a head that the model does not have is patched nowhere, or another in its place: refuse it, as check_mediation does",
    fr="une tête que le modèle n'a pas n'est greffée nulle part, ou une autre à sa place : refusez-la, comme le fait check_mediation",
)
def heads_not_checked(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, [(0, 0)])
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(heads_not_checked)
def heads_not_checked_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, [(1, 1)])
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))


@misconception(
    "texts_not_checked",
    en="you go on with texts whose masks stand in different places: refuse them, as check_mediation does",
    fr="vous continuez avec des textes dont les masques sont à des places différentes : refusez-les, comme le fait check_mediation",
)
def texts_not_checked(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, _, position, tokens = check_mediation(scorer, original, original, words, heads)
    other_ids = check_mediation(scorer, counterfactual, counterfactual, words, heads)[0]
    outputs = {}

    def keep(layer, found):
        outputs[layer] = found

    def patch(layer, found):
        found = found.clone()
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))
    whole, patched = (rows[:, tokens[0]] - rows[:, tokens[1]] for rows in (whole, patched))
    return HeadEffect(float(whole[1] - whole[0]), (patched - whole[0]).numpy())


@again(texts_not_checked)
def texts_not_checked_2(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    other_ids = check_mediation(scorer, counterfactual, counterfactual, words, heads)[0]
    ids, _, position, tokens = check_mediation(scorer, original, original, words, heads)
    asked = Asked(model, scorer, position, tokens)
    before, _ = asked.run(ids)
    after, other = asked.run(other_ids)
    effects = []
    for layer, head in heads:
        columns = asked.columns(head)

        def edit(at, z, layer=layer, columns=columns):
            if at == layer:
                z[..., columns] = other[at][..., columns]

        effects.append(asked.run(ids, edit)[0] - before)
    return HeadEffect(after - before, np.array(effects))
