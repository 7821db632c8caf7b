"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import numpy as np
import torch

from attentif.bias.scorer import MaskedScorer
from attentif.limits.inside import head_shape, on_head_outputs
from attentif.limits.mediation import HeadEffect, check_mediation
from attentif_grading.exercises import variant


@variant
def in_a_single_pass(model, tokenizer, original, counterfactual, words, heads):
    # The counterfactual text is in the same batch: each copy takes its head from there, layer by layer.
    scorer = MaskedScorer(model, tokenizer)
    ids, other, position, (one, two) = check_mediation(scorer, original, counterfactual, words, heads)
    rows = [ids, other] + [ids for _ in heads]

    def exchange(layer, outputs):
        outputs = outputs.clone()
        for number, (at, head) in enumerate(heads, start=2):
            if at == layer:
                outputs[number, :, head] = outputs[1, :, head]
        return outputs

    with on_head_outputs(model, exchange):
        table = scorer.log_probabilities(rows, [[position] for _ in rows])
    odds = (table[:, one] - table[:, two]).numpy()
    return HeadEffect(total=odds[1] - odds[0], indirect=odds[2:] - odds[0])


@variant
def one_head_at_a_time(model, tokenizer, original, counterfactual, words, heads):
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)

    def log_odds(sequence, edit):
        with on_head_outputs(model, edit):
            row = scorer.log_probabilities([sequence], [[position]])[0]
        return float(row[tokens[0]]) - float(row[tokens[1]])

    kept = []
    after = log_odds(other_ids, lambda layer, outputs: kept.append(outputs))
    before = log_odds(ids, lambda layer, outputs: None)
    indirect = np.empty(len(heads))
    for number, (at, head) in enumerate(heads):
        chosen = torch.zeros(kept[0].shape[2], 1, dtype=torch.bool)
        chosen[head] = True

        def edit(layer, outputs, at=at, chosen=chosen):
            return torch.where(chosen, kept[at], outputs) if layer == at else None

        indirect[number] = log_odds(ids, edit) - before
    return HeadEffect(after - before, indirect)


@variant
def own_hooks_and_logits(model, tokenizer, original, counterfactual, words, heads):
    # Both words stand under one softmax, so their logits differ as their log-probabilities do.
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, (one, two) = check_mediation(scorer, original, counterfactual, words, heads)
    mixers = [module for name, module in model.named_modules() if name.split(".")[-1] == "output_projection"]
    n_heads, training = head_shape(model)[1], model.training
    model.eval()

    def ask(sequence):
        with torch.inference_mode():
            answer = model(torch.tensor([sequence]))
        row = getattr(answer, "logits", answer)[0, position].float()
        return (row[one] - row[two]).item()

    seen = {}
    hooks = [
        m.register_forward_pre_hook(lambda m, args: seen.__setitem__(m, args[0].clone())) for m in mixers
    ]
    after = ask(other_ids)
    for hook in hooks:
        hook.remove()
    before, effects = ask(ids), []
    for layer, head in heads:
        mixer = mixers[layer]
        width = mixer.in_features // n_heads

        def exchange(_, args, mixer=mixer, start=head * width, width=width):
            return (
                torch.cat(
                    [
                        args[0][..., :start],
                        seen[mixer][..., start : start + width],
                        args[0][..., start + width :],
                    ],
                    dim=-1,
                ),
            )

        hook = mixer.register_forward_pre_hook(exchange)
        effects.append(ask(ids) - before)
        hook.remove()
    model.train(training)
    return HeadEffect(after - before, np.array(effects))  # fmt: skip
