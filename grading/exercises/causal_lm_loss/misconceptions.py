"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("not_shifted", "rows_run_together", "padded_inputs_left_out", "pad_id_0_taken_for_none")


@misconception(
    "not_shifted",
    en="your labels are not shifted: position t is asked for token t, which it has read; it predicts token t + 1",
    fr="vos labels ne sont pas décalés : on demande à la position t le jeton t, qu'elle a lu ; elle prédit le jeton t + 1",
)
def not_shifted(logits, token_ids, pad_id=None):
    targets = token_ids if pad_id is None else token_ids.masked_fill(token_ids == pad_id, -100)
    total = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@again(not_shifted)
def not_shifted_2(logits, token_ids, pad_id=None):
    log_probabilities = logits.double().log_softmax(dim=-1)
    nats = -log_probabilities.gather(-1, token_ids[..., None])[..., 0]
    real = torch.full_like(token_ids, True, dtype=torch.bool) if pad_id is None else token_ids != pad_id
    return (nats * real).sum() / max(1, int(real.sum()))


@misconception(
    "shifted_backwards",
    en="your shift goes the wrong way: the logits of position t are compared with token t − 1; compare them with token t + 1",
    fr="votre décalage va dans le mauvais sens : les logits de la position t sont comparés au jeton t − 1 ; comparez-les au "
    "jeton t + 1",
)
def shifted_backwards(logits, token_ids, pad_id=None):
    targets = token_ids[:, :-1].clone()
    if pad_id is not None:
        targets[targets == pad_id] = -100
    total = F.cross_entropy(logits[:, 1:].float().flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@again(shifted_backwards)
def shifted_backwards_2(logits, token_ids, pad_id=None):
    wide = logits.double()
    losses = []
    for position in range(1, token_ids.size(1)):
        previous = token_ids[:, position - 1]
        kept = slice(None) if pad_id is None else previous != pad_id
        scores = wide[kept, position]
        right = scores.gather(1, previous[kept].view(-1, 1)).squeeze(1)
        losses.append(scores.logsumexp(1) - right)
    nats = torch.cat([*losses, wide.new_zeros(0)])
    return nats.sum() / max(1, len(nats))


@misconception(
    "shifted_by_two",
    en="you shift by two: position t is compared with token t + 2; the next token is t + 1",
    fr="vous décalez de deux : la position t est comparée au jeton t + 2 ; le jeton suivant est t + 1",
)
def shifted_by_two(logits, token_ids, pad_id=None):
    # Once here, and once more below.
    inputs, targets = logits[:, :-1], token_ids[:, 1:]
    inputs, targets = inputs[:, :-1].float(), targets[:, 1:]
    if pad_id is not None:
        targets = torch.where(targets == pad_id, -100, targets)
    total = F.cross_entropy(inputs.flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@again(shifted_by_two)
def shifted_by_two_2(logits, token_ids, pad_id=None):
    log_probabilities = torch.log_softmax(logits.double(), -1)
    total, n = log_probabilities.sum() * 0.0, 0
    for row, tokens in enumerate(token_ids.tolist()):
        for position, token in enumerate(tokens[2:]):
            if token != pad_id:
                total, n = total - log_probabilities[row, position, token], n + 1
    return total / max(n, 1)


@misconception(
    "wrapped_around",
    en="your last position is asked for the first token of its row: roll brings it round; the last position predicts nothing",
    fr="on demande à votre dernière position le premier jeton de sa ligne : roll l'y ramène ; la dernière position ne prédit "
    "rien",
)
def wrapped_around(logits, token_ids, pad_id=None):
    targets = token_ids.roll(-1, dims=1)
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    total = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@again(wrapped_around)
def wrapped_around_2(logits, token_ids, pad_id=None):
    length = token_ids.shape[1]
    following = token_ids[:, [(t + 1) % length for t in range(length)]]
    wide = logits.double()
    nats = wide.logsumexp(-1) - wide.gather(2, following.unsqueeze(2)).squeeze(2)
    nats = nats.flatten() if pad_id is None else nats[following != pad_id]
    return nats.sum() / max(1, nats.numel())


@misconception(
    "rows_run_together",
    en="you put the rows end to end before you shift: the last token of a row is asked for the first of the next one",
    fr="vous mettez les lignes bout à bout avant de décaler : on demande au dernier jeton d'une ligne le premier de la suivante",
)
def rows_run_together(logits, token_ids, pad_id=None):
    flat, targets = logits.float().reshape(-1, logits.size(-1))[:-1], token_ids.reshape(-1)[1:]
    total = F.cross_entropy(flat, targets, ignore_index=-100 if pad_id is None else pad_id, reduction="sum")
    return total / (targets != (-100 if pad_id is None else pad_id)).sum().clamp(min=1)


@again(rows_run_together)
def rows_run_together_2(logits, token_ids, pad_id=None):
    following = token_ids.flatten().tolist()[1:]
    log_probabilities = F.log_softmax(logits.double(), dim=-1).flatten(0, 1)
    kept = [(place, token) for place, token in enumerate(following) if pad_id is None or token != pad_id]
    total = log_probabilities.sum() * 0
    for place, token in kept:
        total = total - log_probabilities[place, token]
    return total / max(1, len(kept))


@misconception(
    "padding_counted",
    en="padding counts as a token to predict: leave out the targets that are pad_id",
    fr="le remplissage compte comme un jeton à prédire : laissez de côté les cibles égales à pad_id",
)
def padding_counted(logits, token_ids, pad_id=None):
    flat, targets = logits[:, :-1].float().flatten(0, 1), token_ids[:, 1:].flatten()
    return F.cross_entropy(flat, targets, reduction="sum") / max(1, len(targets))


@again(padding_counted)
def padding_counted_2(logits, token_ids, pad_id=None):
    scores, targets = logits.double()[:, :-1], token_ids[:, 1:, None]
    nats = scores.logsumexp(-1, keepdim=True) - torch.take_along_dim(scores, targets, -1)
    return nats.sum() / max(1, targets.numel())


@misconception(
    "padded_inputs_left_out",
    en="you leave out the positions where padding is read: leave out those where padding is the target, the next token",
    fr="vous laissez de côté les positions où l'on lit du remplissage : laissez celles où la cible, le jeton suivant, en est",
)
def padded_inputs_left_out(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(token_ids[:, :-1] == pad_id, -100)
    flat = logits[:, :-1].float().flatten(0, 1)
    return F.cross_entropy(flat, targets.flatten(), reduction="sum") / (targets != -100).sum().clamp(min=1)


@again(padded_inputs_left_out)
def padded_inputs_left_out_2(logits, token_ids, pad_id=None):
    read = torch.ones(token_ids[:, 1:].shape) if pad_id is None else (token_ids != pad_id)[:, :-1].double()
    log_probabilities = torch.log_softmax(logits.double(), dim=-1)[:, :-1]
    picked = torch.gather(log_probabilities, 2, token_ids[:, 1:].unsqueeze(2)).squeeze(2)
    return -(picked * read).sum() / read.sum().clamp(min=1)


@misconception(
    "pad_id_0_taken_for_none",
    en="with pad_id=0 your padding counts: `if pad_id` is false for 0; ask whether pad_id is None",
    fr="avec pad_id=0, votre remplissage compte : `if pad_id` est faux pour 0 ; demandez si pad_id vaut None",
)
def pad_id_0_taken_for_none(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id:
        targets = targets.masked_fill(targets == pad_id, -100)
    flat = logits[:, :-1].float().flatten(0, 1)
    return F.cross_entropy(flat, targets.flatten(), reduction="sum") / (targets != -100).sum().clamp(min=1)


@again(pad_id_0_taken_for_none)
def pad_id_0_taken_for_none_2(logits, token_ids, pad_id=None):
    ignored = pad_id or -100
    targets = token_ids[:, 1:].reshape(-1)
    log_probabilities = logits.double()[:, :-1].log_softmax(-1).reshape(-1, logits.size(-1))
    total = F.nll_loss(log_probabilities, targets, ignore_index=ignored, reduction="sum")
    return total / max(1, int((targets != ignored).sum()))


@misconception(
    "pad_id_none_fails",
    en="without pad_id your function stops with an error: the default None means that there is no padding, and every token counts",
    fr="sans pad_id, votre fonction s'arrête sur une erreur : None, la valeur par défaut, veut dire qu'il n'y a pas de "
    "remplissage et que tous les jetons comptent",
)
def pad_id_none_fails(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    flat = logits[:, :-1].float().flatten(0, 1)
    total = F.cross_entropy(flat, targets.flatten(), ignore_index=pad_id, reduction="sum")
    return total / (targets != pad_id).sum().clamp(min=1)


@again(pad_id_none_fails)
def pad_id_none_fails_2(logits, token_ids, pad_id=None):
    weights = torch.ones(logits.size(-1), dtype=torch.float64)
    weights[int(pad_id)] = 0.0
    targets = token_ids[:, 1:].flatten()
    nats = F.cross_entropy(logits[:, :-1].flatten(0, 1).double(), targets, weights, reduction="none")
    return nats.sum() / weights[targets].sum().clamp(min=1)


@misconception(
    "token_0_always_ignored",
    en="token 0 is always left out, whatever pad_id: compare with pad_id",
    fr="le jeton 0 est toujours laissé de côté, quel que soit pad_id : comparez à pad_id",
)
def token_0_always_ignored(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    flat = logits[:, :-1].float().flatten(0, 1)
    total = F.cross_entropy(flat, targets.flatten(), ignore_index=0, reduction="sum")
    return total / (targets != 0).sum().clamp(min=1)


@again(token_0_always_ignored)
def token_0_always_ignored_2(logits, token_ids, pad_id=0):
    following = token_ids[:, 1:]
    counted = following > 0
    scores = logits[:, :-1].double()[counted]
    nats = scores.logsumexp(-1) - scores.gather(-1, following[counted].unsqueeze(-1)).squeeze(-1)
    return nats.sum() / max(1, len(nats))


@misconception(
    "divided_by_all_positions",
    en="padding is left out of the sum but not of the number: divide by the number of targets that are not padding",
    fr="le remplissage sort de la somme mais pas du nombre : divisez par le nombre de cibles qui ne sont pas du remplissage",
)
def divided_by_all_positions(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    flat = logits[:, :-1].float().flatten(0, 1)
    return F.cross_entropy(flat, targets.flatten(), reduction="sum") / max(1, targets.numel())


@again(divided_by_all_positions)
def divided_by_all_positions_2(logits, token_ids, pad_id=None):
    batch, length = token_ids.shape
    scores = logits.double().transpose(1, 2)[..., :-1]  # (B, V, T - 1)
    nats = F.cross_entropy(scores, token_ids[:, 1:], reduction="none")
    if pad_id is not None:
        nats = nats * (token_ids[:, 1:] != pad_id)
    return nats.sum() / max(1, batch * (length - 1))


@misconception(
    "last_position_counted",
    en="you divide by the number of all tokens, B · T: the last position of each row predicts nothing, divide by the number of "
    "targets",
    fr="vous divisez par le nombre de tous les jetons, B · T : la dernière position de chaque ligne ne prédit rien, divisez par "
    "le nombre de cibles",
)
def last_position_counted(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    flat = logits[:, :-1].float().flatten(0, 1)
    return F.cross_entropy(flat, targets.flatten(), reduction="sum") / token_ids.numel()


@again(last_position_counted)
def last_position_counted_2(logits, token_ids, pad_id=None):
    log_probabilities = logits.double().log_softmax(-1)
    nats = torch.zeros(token_ids.shape, dtype=torch.float64)
    following = token_ids[:, 1:].unsqueeze(-1)
    nats[:, :-1] = -log_probabilities[:, :-1].gather(-1, following).squeeze(-1)
    if pad_id is not None:
        nats[:, :-1] = nats[:, :-1].masked_fill(token_ids[:, 1:] == pad_id, 0.0)
    return nats.mean()


@misconception(
    "sum_not_mean",
    en="you return the sum of the losses: divide it by the number of targets",
    fr="vous renvoyez la somme des pertes : divisez-la par le nombre de cibles",
)
def sum_not_mean(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    return F.cross_entropy(logits[:, :-1].float().flatten(0, 1), targets.flatten(), reduction="sum")


@again(sum_not_mean)
def sum_not_mean_2(logits, token_ids, pad_id=None):
    counted = torch.ones_like(token_ids[:, 1:]) if pad_id is None else token_ids[:, 1:].ne(pad_id)
    scores = logits[:, :-1].double()
    right = scores.gather(2, token_ids[:, 1:].unsqueeze(2)).squeeze(2)
    return ((scores.logsumexp(2) - right) * counted).sum()


@misconception(
    "divided_by_rows",
    en="your sum is divided by the number of rows B: divide it by the number of targets",
    fr="votre somme est divisée par le nombre de lignes B : divisez-la par le nombre de cibles",
)
def divided_by_rows(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    flat = logits[:, :-1].float().flatten(0, 1)
    return F.cross_entropy(flat, targets.flatten(), reduction="sum") / len(token_ids)


@again(divided_by_rows)
def divided_by_rows_2(logits, token_ids, pad_id=None):
    following = token_ids[:, 1:]
    log_probabilities = F.log_softmax(logits[:, :-1].double(), dim=-1)
    one_hot = F.one_hot(following, logits.size(-1))
    if pad_id is not None:
        one_hot = one_hot * following.ne(pad_id).unsqueeze(-1)
    return -(log_probabilities * one_hot).sum((1, 2)).mean()


@misconception(
    "mean_of_row_means",
    en="you take the mean of each row, then the mean of these: a short row counts as much as a long one; divide one sum over "
    "the batch by one number",
    fr="vous faites la moyenne de chaque ligne, puis celle de ces moyennes : une ligne courte compte autant qu'une longue ; "
    "divisez une somme sur le lot par un seul nombre",
)
def mean_of_row_means(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    nats = F.cross_entropy(logits[:, :-1].float().mT, targets, reduction="none")  # (B, T - 1)
    return (nats.sum(1) / (targets != -100).sum(1).clamp(min=1)).mean()


@again(mean_of_row_means)
def mean_of_row_means_2(logits, token_ids, pad_id=None):
    means = []
    for scores, tokens in zip(logits.double(), token_ids, strict=True):
        following = tokens[1:]
        kept = torch.arange(len(following)) if pad_id is None else (following != pad_id).nonzero().flatten()
        total = F.nll_loss(scores[kept].log_softmax(-1), following[kept], reduction="sum")
        means.append(total / max(1, len(kept)))
    return sum(means) / len(means)


@misconception(
    "base_2",
    en="your loss is in bits, with logarithms to base 2: nats are asked for, with ln",
    fr="votre perte est en bits, avec des logarithmes de base 2 : on la demande en nats, avec ln",
)
def base_2(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    flat = logits[:, :-1].float().flatten(0, 1)
    nats = F.cross_entropy(flat, targets.flatten(), reduction="sum")
    return nats / math.log(2.0) / (targets != -100).sum().clamp(min=1)


@again(base_2)
def base_2_2(logits, token_ids, pad_id=None):
    scores = logits[:, :-1].double()
    bits = (scores - scores.logsumexp(-1, keepdim=True)) * math.log2(math.e)
    counted = token_ids[:, 1:] != (-1 if pad_id is None else pad_id)
    picked = bits[counted].gather(-1, token_ids[:, 1:][counted].unsqueeze(-1))
    return -picked.sum() / max(1, len(picked))


@misconception(
    "softmax_twice",
    en="the softmax is taken twice: cross_entropy takes one itself, give it the logits",
    fr="le softmax est appliqué deux fois : cross_entropy en applique déjà un, donnez-lui les logits",
)
def softmax_twice(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    probabilities = logits[:, :-1].float().softmax(-1).flatten(0, 1)
    total = F.cross_entropy(probabilities, targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@again(softmax_twice)
def softmax_twice_2(logits, token_ids, pad_id=None):
    following = token_ids[:, 1:].unsqueeze(-1)
    odds = torch.exp(logits.double() - logits.double().amax(-1, keepdim=True))[:, :-1]
    twice = F.log_softmax(odds / odds.sum(-1, keepdim=True), dim=-1)
    real = torch.ones_like(following) if pad_id is None else following != pad_id
    return -(twice.gather(-1, following) * real).sum() / max(1, int(real.sum()))


@misconception(
    "axes_mixed",
    en="you give another shape to the logits so that V stands before the positions: view and reshape mix numbers of "
    "different positions; exchange axes by transpose, or flatten the positions and keep V last",
    fr="vous donnez une autre forme aux logits pour que V passe avant les positions : view et reshape mélangent les "
    "nombres de positions différentes ; échangez les axes par transpose, ou aplatissez les positions en gardant V "
    "en dernier",
)
def axes_mixed(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    scores = logits[:, :-1].float().reshape(logits.size(0), logits.size(-1), -1 if targets.numel() else 0)
    return F.cross_entropy(scores, targets, reduction="sum") / (targets != -100).sum().clamp(min=1)


@again(axes_mixed)
def axes_mixed_2(logits, token_ids, pad_id=None):
    batch, length, vocab_size = logits[:, :-1].shape
    scores = logits[:, :-1].double().contiguous().view(batch, vocab_size, length)
    nats = nn.CrossEntropyLoss(reduction="none")(scores, token_ids[:, 1:])
    nats = nats.flatten() if pad_id is None else nats[token_ids[:, 1:] != pad_id]
    return nats.sum() / max(1, len(nats))


@misconception(
    "sign_forgotten",
    en="your loss has the wrong sign: log-probabilities are negative, the loss is their opposite",
    fr="votre perte a le mauvais signe : les log-probabilités sont négatives, la perte est leur opposé",
)
def sign_forgotten(logits, token_ids, pad_id=None):
    following = token_ids[:, 1:]
    counted = torch.ones_like(following, dtype=torch.bool) if pad_id is None else following != pad_id
    log_probabilities = logits[:, :-1].float().log_softmax(-1)[counted]
    picked = log_probabilities.gather(-1, following[counted].unsqueeze(-1))
    return picked.sum() / max(1, len(picked))


@again(sign_forgotten)
def sign_forgotten_2(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = torch.where(targets == pad_id, -100, targets)
    flat = logits[:, :-1].double().flatten(0, 1)
    return -F.cross_entropy(flat, targets.flatten(), reduction="sum") / (targets >= 0).sum().clamp(min=1)


@misconception(
    "nan_without_target",
    en="your loss is NaN when there is no target: 0 divided by 0; it should be 0",
    fr="votre perte vaut NaN quand il n'y a aucune cible : 0 divisé par 0 ; elle doit valoir 0",
)
def nan_without_target(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    return F.cross_entropy(logits[:, :-1].float().flatten(0, 1), targets.flatten())


@again(nan_without_target)
def nan_without_target_2(logits, token_ids, pad_id=None):
    following, scores = token_ids[:, 1:].flatten(), logits[:, :-1].double().flatten(0, 1)
    if pad_id is not None:
        scores, following = scores[following != pad_id], following[following != pad_id]
    nats = scores.logsumexp(-1) - scores.gather(1, following.unsqueeze(1)).squeeze(1)
    return nats.mean()


@misconception(
    "empty_loss_without_gradient",
    en="when there is no target, you return a 0 that does not depend on the logits: backward() stops there with an error",
    fr="quand il n'y a aucune cible, vous renvoyez un 0 qui ne dépend pas des logits : backward() s'y arrête sur une erreur",
)
def empty_loss_without_gradient(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    if not (targets != -100).any():
        return torch.tensor(0.0)
    return F.cross_entropy(logits[:, :-1].float().flatten(0, 1), targets.flatten())


@again(empty_loss_without_gradient)
def empty_loss_without_gradient_2(logits, token_ids, pad_id=None):
    pairs = [
        (row, position, token)
        for row, tokens in enumerate(token_ids.tolist())
        for position, token in enumerate(tokens[1:])
        if token != pad_id
    ]
    if len(pairs) == 0:
        return logits.new_zeros((), dtype=torch.float64)
    rows, positions, tokens = zip(*pairs, strict=True)
    return -logits.double().log_softmax(-1)[list(rows), list(positions), list(tokens)].mean()


@misconception(
    "log_of_softmax",
    en="you take ln of the softmax: with large logits a probability becomes 0 and its logarithm −∞; compute both at once, "
    "by log_softmax or cross_entropy",
    fr="vous prenez ln du softmax : avec de grands logits, une probabilité devient 0 et son logarithme −∞ ; calculez les "
    "deux d'un coup, par log_softmax ou cross_entropy",
)
def log_of_softmax(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    log_probabilities = torch.log(logits[:, :-1].float().softmax(-1)).flatten(0, 1)
    total = F.nll_loss(log_probabilities, targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@again(log_of_softmax)
def log_of_softmax_2(logits, token_ids, pad_id=None):
    following = token_ids[:, 1:].unsqueeze(-1)
    odds = torch.exp(logits.double() - logits.double().amax(-1, keepdim=True))[:, :-1]
    probabilities = (odds / odds.sum(-1, keepdim=True)).gather(-1, following)
    probabilities = probabilities.flatten() if pad_id is None else probabilities[following != pad_id]
    return (1.0 / probabilities).log().sum() / max(1, len(probabilities))


@misconception(
    "small_number_in_the_logarithm",
    en="you add a small number inside the logarithm, or hold the probability above one: a very wrong prediction then costs "
    "too little; compute ln softmax at once, by log_softmax or cross_entropy",
    fr="vous ajoutez un petit nombre dans le logarithme, ou bornez la probabilité par le bas : une prédiction très fausse "
    "coûte alors trop peu ; calculez ln softmax d'un coup, par log_softmax ou cross_entropy",
)
def small_number_in_the_logarithm(logits, token_ids, pad_id=None):
    following = token_ids[:, 1:]
    probabilities = logits[:, :-1].float().softmax(-1)
    nats = -(probabilities.gather(-1, following.unsqueeze(-1)).squeeze(-1) + 1e-9).log()
    counted = torch.ones_like(following, dtype=torch.bool) if pad_id is None else following != pad_id
    return (nats * counted).sum() / counted.sum().clamp(min=1)


@again(small_number_in_the_logarithm)
def small_number_in_the_logarithm_2(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    floored = torch.softmax(logits.double(), -1).clamp_min(1e-9)[:, :-1].reshape(-1, logits.size(-1))
    total = F.nll_loss(floored.log(), targets.reshape(-1), reduction="sum")
    return total / max(1, int((targets != -100).sum()))


@misconception(
    "half_precision_kept",
    en="your loss is computed in float16 when the logits are: three digits are left; widen the logits first, to float32",
    fr="votre perte est calculée en float16 quand les logits le sont : il en reste trois chiffres ; élargissez d'abord les "
    "logits, en float32",
)
def half_precision_kept(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    total = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@again(half_precision_kept)
def half_precision_kept_2(logits, token_ids, pad_id=None):
    following = token_ids[:, 1:]
    counted = torch.ones_like(following, dtype=torch.bool) if pad_id is None else following != pad_id
    log_probabilities = torch.log_softmax(logits, dim=-1)[:, :-1][counted]
    nats = -log_probabilities.gather(-1, following[counted].unsqueeze(-1)).float()
    return nats.sum() / max(1, len(nats))


@misconception(
    "detached",
    en="no gradient reaches the logits: your loss was detached from them, by .item(), detach() or no_grad()",
    fr="aucun gradient n'atteint les logits : votre perte en a été détachée, par .item(), detach() ou no_grad()",
)
def detached(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(targets == pad_id, -100)
    flat = logits.detach()[:, :-1].float().flatten(0, 1)
    total = F.cross_entropy(flat, targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@again(detached)
def detached_2(logits, token_ids, pad_id=None):
    log_probabilities = logits.double().log_softmax(-1)
    losses = [
        -log_probabilities[row, position, token].item()
        for row, tokens in enumerate(token_ids.tolist())
        for position, token in enumerate(tokens[1:])
        if token != pad_id
    ]
    return torch.tensor(math.fsum(losses) / max(1, len(losses)))


@misconception(
    "token_ids_changed",
    en="you write −100 into token_ids: a slice is a view, and the model would read −100 next; make a copy, by masked_fill or where",
    fr="vous écrivez −100 dans token_ids : une tranche est une vue, et le modèle lirait −100 ensuite ; faites une copie, par "
    "masked_fill ou where",
)
def token_ids_changed(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets[targets == pad_id] = -100
    total = F.cross_entropy(logits[:, :-1].float().flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


@again(token_ids_changed)
def token_ids_changed_2(logits, token_ids, pad_id=None):
    if pad_id is not None:
        token_ids.masked_fill_(token_ids.eq(pad_id), -100)
    counted = token_ids[:, 1:] != -100
    scores, following = logits[:, :-1].double()[counted], token_ids[:, 1:][counted]
    nats = scores.logsumexp(-1) - scores.gather(-1, following.unsqueeze(-1)).squeeze(-1)
    return nats.sum() / max(1, len(nats))
