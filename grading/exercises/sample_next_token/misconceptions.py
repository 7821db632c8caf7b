"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = (
    "temperature_zero_divides",
    "top_k_keeps_equal_ones",
    "top_p_loses_the_crossing_token",
    "rank_returned",
)


@misconception(
    "temperature_multiplied",
    en="you multiply the logits by the temperature: divide them, so that a temperature below 1 sharpens",
    fr="vous multipliez les logits par la température : divisez-les, pour qu'une température inférieure à 1 resserre "
    "la distribution",
)
def temperature_multiplied(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits * temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(temperature_multiplied)
def temperature_multiplied_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax((ranked * temperature)[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "temperature_without_effect",
    en="the temperature changes nothing: divide the logits by it before the softmax; dividing probabilities leaves their "
    "proportions",
    fr="la température ne change rien : divisez par elle les logits, avant le softmax ; diviser des probabilités garde leurs "
    "proportions",
)
def temperature_without_effect(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    probabilities = logits.softmax(-1) / temperature
    return torch.multinomial(probabilities, 1, generator=generator).squeeze(-1)


@again(temperature_without_effect)
def temperature_without_effect_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax(ranked, dim=1)
    shares = shares[:, : top_k or ranked.size(1)]
    shares = shares / shares.sum(1, keepdim=True)
    if top_p:
        shares = shares.where(shares.cumsum(1) - shares < top_p, 0.0)
    drawn = torch.multinomial(shares / temperature / shares.sum(1, keepdim=True), 1, generator=generator)
    return tokens.gather(1, drawn)[:, 0]


@misconception(
    "temperature_zero_divides",
    en="with temperature 0 your function divides by 0: return the most probable token before you divide",
    fr="avec la température 0, votre fonction divise par 0 : renvoyez le jeton le plus probable avant de diviser",
)
def temperature_zero_divides(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(temperature_zero_divides)
def temperature_zero_divides_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    sharpness = 1 / temperature
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    shares = F.softmax(sharpness * ranked[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "temperature_zero_draws",
    en="with temperature 0 you draw as with temperature 1: this temperature means the most probable token, without a draw",
    fr="avec la température 0, vous tirez comme à la température 1 : cette température veut dire le jeton le plus "
    "probable, sans tirage",
)
def temperature_zero_draws(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature > 0:
        logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(temperature_zero_draws)
def temperature_zero_draws_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    ranked = ranked / (temperature or 1.0)
    shares = F.softmax(ranked[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_k_without_effect",
    en="your top_k changes nothing: masked_fill returns a new tensor, which is to be kept",
    fr="votre top_k ne change rien : masked_fill renvoie un nouveau tenseur, qu'il faut garder",
)
def top_k_without_effect(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kth = logits.topk(min(top_k, logits.size(-1))).values[:, -1:]
        logits.masked_fill(logits < kth, -torch.inf)
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_k_without_effect)
def top_k_without_effect_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if not temperature:
        return logits.max(1).indices
    shares, tokens = torch.sort(F.softmax(logits / temperature, dim=1), dim=1, descending=True)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_k_one_too_many",
    en="your top_k keeps k + 1 tokens: the last that stays is the one of rank k − 1, counted from 0",
    fr="votre top_k garde k + 1 jetons : le dernier qui reste est celui de rang k − 1, compté à partir de 0",
)
def top_k_one_too_many(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None and top_k < logits.size(-1):
        limit = logits.sort(-1, descending=True).values[:, top_k]
        logits = logits.masked_fill(logits < limit[:, None], -torch.inf)
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_k_one_too_many)
def top_k_one_too_many_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    ranked = ranked / temperature
    if top_k:
        # All ranks up to k, and those that are equal to the last of them.
        last = ranked[:, min(top_k, ranked.size(1) - 1)].unsqueeze(1)
        ranked = ranked.where(ranked >= last, -torch.inf)
    shares = F.softmax(ranked, dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_k_keeps_equal_ones",
    en="among equal logits your top_k keeps more than k: a threshold lets all that are equal to it through",
    fr="parmi des logits égaux, votre top_k en garde plus de k : un seuil laisse passer tous ceux qui lui sont égaux",
)
def top_k_keeps_equal_ones(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p out of range")
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        values, _ = torch.topk(logits, min(top_k, logits.size(-1)))
        logits[logits < values[:, [-1]]] = -torch.inf
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_k_keeps_equal_ones)
def top_k_keeps_equal_ones_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax(ranked / temperature, dim=1)
    if top_k:
        kth = shares[:, min(top_k, shares.size(1)) - 1]
        shares = torch.where(shares >= kth[:, None], shares, 0.0)
        shares = shares / shares.sum(1, keepdim=True)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_k_along_the_rows",
    en="your top_k runs along the batch: each row has its own k best tokens, on the last axis",
    fr="votre top_k parcourt le lot : chaque ligne a ses propres k meilleurs jetons, sur le dernier axe",
)
def top_k_along_the_rows(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kth = torch.topk(logits, top_k, dim=0).values[-1]
        logits = logits.masked_fill(logits < kth, -torch.inf)
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_k_along_the_rows)
def top_k_along_the_rows_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.max(1).indices
    scores = logits / temperature
    if top_k:
        limits = torch.sort(scores, dim=0, descending=True)[0][top_k - 1 : top_k]
        if not len(limits):
            raise IndexError("fewer rows than top_k")
        scores = torch.where(scores >= limits, scores, -torch.inf)
    shares, tokens = torch.sort(F.softmax(scores, dim=1), dim=1, descending=True)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_k_one_threshold",
    en="one threshold serves for the whole batch: take the k-th best logit of each row for that row",
    fr="un même seuil sert pour tout le lot : prenez pour chaque ligne le k-ième meilleur logit de cette ligne",
)
def top_k_one_threshold(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        threshold = logits.topk(min(top_k, logits.size(-1))).values.min()
        logits = logits.masked_fill(logits < threshold, -torch.inf)
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_k_one_threshold)
def top_k_one_threshold_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    ranked = ranked / temperature
    if top_k:
        lowest = float(ranked[:, :top_k].min())
        ranked = torch.where(ranked < lowest, -torch.inf, ranked)
    shares = F.softmax(ranked, dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_k_logits_of_zero",
    en="your top_k sets logits to 0, which is no small one: set them to −∞, whose probability is 0",
    fr="votre top_k met des logits à 0, ce qui n'est pas peu : mettez-les à −∞, dont la probabilité est nulle",
)
def top_k_logits_of_zero(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.zeros_like(logits).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_k_logits_of_zero)
def top_k_logits_of_zero_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.max(1).indices
    scores = logits / temperature
    if top_k and top_k < scores.size(1):
        cut = torch.argsort(scores, dim=1, descending=True)[:, top_k:]
        scores[torch.arange(len(scores))[:, None], cut] = 0.0
    shares, tokens = torch.sort(torch.exp(scores - scores.logsumexp(1, keepdim=True)), dim=1, descending=True)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_k_above_v_fails",
    en="with top_k above V your function stops: then nothing is cut; take the smaller of top_k and V",
    fr="avec top_k supérieur à V, votre fonction s'arrête : on ne coupe alors rien ; prenez le plus petit de top_k et V",
)
def top_k_above_v_fails(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p out of range")
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(top_k).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_k_above_v_fails)
def top_k_above_v_fails_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.max(1).indices
    ranked, tokens = torch.topk(logits / temperature, top_k or logits.size(1), dim=1)
    shares = F.softmax(ranked, dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_p_loses_the_crossing_token",
    en="the token that crosses p is missing: it stays, so that the probability of what is kept reaches p",
    fr="il manque le jeton qui franchit p : il reste, pour que la probabilité de ce qu'on garde atteigne p",
    warning=text(
        "your `top_p` takes away the token that crosses `p`", "votre `top_p` enlève le jeton qui franchit `p`"
    ),
)
def top_p_loses_the_crossing_token(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) > top_p
        out[:, 0] = False
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_p_loses_the_crossing_token)
def top_p_loses_the_crossing_token_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax((ranked / temperature)[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        n_kept = (torch.cumsum(shares, 1) <= top_p).sum(1).clamp(min=1)
        shares = shares * (torch.arange(shares.size(1)) < n_kept[:, None])
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_p_may_keep_nothing",
    en="when the first token alone exceeds p, your top_p keeps nothing: the token that crosses p always stays",
    fr="quand le premier jeton dépasse p à lui seul, votre top_p ne garde rien : le jeton qui franchit p reste toujours",
)
def top_p_may_keep_nothing(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) > top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_p_may_keep_nothing)
def top_p_may_keep_nothing_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax((ranked / temperature)[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        shares = torch.where(torch.cumsum(shares, 1) <= top_p, shares, 0.0)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_p_one_too_many",
    en="your top_p keeps one token too many: the one that crosses p is the last",
    fr="votre top_p garde un jeton de trop : celui qui franchit p est le dernier",
)
def top_p_one_too_many(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares > top_p
        out[:, 1:] = out[:, :-1].clone()
        out[:, 0] = False
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_p_one_too_many)
def top_p_one_too_many_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax((ranked / temperature)[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        crossing = (torch.cumsum(shares, 1) < top_p).sum(1, keepdim=True)
        shares = shares * (torch.arange(shares.size(1)) <= crossing + 1)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_p_before_temperature",
    en="your top_p cuts the distribution from before the temperature: divide first, then cut what results",
    fr="votre top_p coupe la distribution d'avant la température : divisez d'abord, puis coupez ce qui en résulte",
)
def top_p_before_temperature(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_p_before_temperature)
def top_p_before_temperature_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    ranked = ranked[:, : top_k or ranked.size(1)]
    raw, shares = F.softmax(ranked, dim=1), F.softmax(ranked / temperature, dim=1)
    if top_p:
        shares = shares * (raw.cumsum(1) - raw < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_p_before_top_k",
    en="your top_p adds up the probabilities from before top_k: cut by top_k first, bring the sum back to 1, then add up",
    fr="votre top_p cumule les probabilités d'avant top_k : coupez d'abord par top_k, ramenez la somme à 1, puis cumulez",
)
def top_p_before_top_k(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_p_before_top_k)
def top_p_before_top_k_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    # The sum is not brought back to 1 after top-k.
    shares = F.softmax(ranked / temperature, dim=1)[:, : top_k or ranked.size(1)]
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "top_p_not_put_back",
    en="your top_p cuts by rank in logits that are in the order of the vocabulary: bring the cut back with the order of "
    "the sort",
    fr="votre top_p coupe par rang dans des logits qui sont dans l'ordre du vocabulaire : ramenez la coupe par l'ordre du tri",
)
def top_p_not_put_back(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares = logits.softmax(-1).sort(descending=True).values
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(out, -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_p_not_put_back)
def top_p_not_put_back_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.max(1).indices
    scores = logits / temperature
    if top_k:
        best = torch.argsort(scores, dim=1, descending=True)[:, :top_k]
        scores = scores + torch.full_like(scores, -torch.inf).scatter(1, best, 0.0)
    shares = F.softmax(scores, dim=1)
    if top_p:
        sums = torch.sort(shares, dim=1, descending=True)[0].cumsum(1)
        n_kept = 1 + (sums < top_p).sum(1)
        shares = shares * (torch.arange(shares.size(1)) < n_kept[:, None])
    return torch.multinomial(shares, 1, generator=generator)[:, 0]


@misconception(
    "top_p_without_sorting",
    en="your top_p adds up in the order of the vocabulary: sort from the most probable down first",
    fr="votre top_p cumule dans l'ordre du vocabulaire : triez d'abord du plus probable au moins probable",
)
def top_p_without_sorting(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares = logits.softmax(-1)
        logits = logits.masked_fill(shares.cumsum(-1) - shares >= top_p, -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_p_without_sorting)
def top_p_without_sorting_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.max(1).indices
    shares = F.softmax(logits / temperature, dim=1)
    if top_k:
        best = torch.argsort(shares, dim=1, descending=True)[:, :top_k]
        shares = shares * torch.zeros_like(shares).scatter(1, best, 1.0)
        shares = shares / shares.sum(1, keepdim=True)
    if top_p:
        before = torch.cat([torch.zeros(len(shares), 1), shares.cumsum(1)[:, :-1]], dim=1)
        shares = torch.where(before < top_p, shares, 0.0)
    return torch.multinomial(shares, 1, generator=generator)[:, 0]


@misconception(
    "top_p_as_a_threshold",
    en="your top_p keeps the tokens whose own probability reaches p: it is their sum, from the most probable down, that "
    "is to reach p",
    fr="votre top_p garde les jetons dont la probabilité propre atteint p : c'est leur somme, à partir du plus probable, "
    "qui doit atteindre p",
)
def top_p_as_a_threshold(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares = logits.softmax(-1)
        best = shares == shares.amax(-1, keepdim=True)
        logits = logits.masked_fill((shares < top_p) & ~best, -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(top_p_as_a_threshold)
def top_p_as_a_threshold_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax((ranked / temperature)[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        shares[:, 1:] *= shares[:, 1:] >= top_p
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@misconception(
    "only_one_cut",
    en="with both top_k and top_p you apply only one: top_p works on what top_k has left",
    fr="avec top_k et top_p ensemble, vous n'en appliquez qu'un : top_p travaille sur ce que top_k a laissé",
)
def only_one_cut(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p out of range")
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    elif top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(only_one_cut)
def only_one_cut_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax(ranked / temperature, dim=1)
    within = shares.cumsum(1) - shares < (top_p or 2.0)
    kept = torch.arange(shares.size(1)) < top_k if top_k else within
    return tokens.gather(1, torch.multinomial(shares * kept, 1, generator=generator))[:, 0]


@misconception(
    "rank_returned",
    en="you return the rank of the drawn token after sorting: look up which token has this rank",
    fr="vous renvoyez le rang du jeton tiré, après le tri : cherchez quel jeton a ce rang",
)
def rank_returned(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    ranked, _ = (logits / temperature).sort(-1, descending=True)
    if top_k is not None:
        ranked[:, top_k:] = -torch.inf
    if top_p is not None:
        shares = ranked.softmax(-1)
        ranked = ranked.masked_fill(shares.cumsum(-1) - shares >= top_p, -torch.inf)
    return torch.multinomial(ranked.softmax(-1), 1, generator=generator).squeeze(-1)


@again(rank_returned)
def rank_returned_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.max(1).indices
    best = torch.topk(
        F.softmax(logits / temperature, dim=1), min(top_k or logits.size(1), logits.size(1)), dim=1
    )
    shares = best.values / best.values.sum(1, keepdim=True)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return torch.multinomial(shares, 1, generator=generator)[:, 0]


@misconception(
    "always_greedy",
    en="you always return the most probable token: draw, each token with its probability (torch.multinomial)",
    fr="vous renvoyez toujours le jeton le plus probable : tirez au sort, chaque jeton avec sa probabilité "
    "(torch.multinomial)",
)
def always_greedy(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    return (logits / temperature).softmax(-1).argmax(-1)


@again(always_greedy)
def always_greedy_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    shares, tokens = torch.sort(F.softmax(logits / (temperature or 1.0), dim=1), dim=1, descending=True)
    shares = shares[:, :top_k]
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, shares.topk(1, dim=1).indices)[:, 0]


@misconception(
    "generator_ignored",
    en="your draws do not come from the generator: give generator=generator to what draws",
    fr="vos tirages ne viennent pas du générateur : donnez generator=generator à ce qui tire au hasard",
)
def generator_ignored(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p out of range")
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1).squeeze(-1)


@again(generator_ignored)
def generator_ignored_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax((ranked / temperature)[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    rank = torch.distributions.Categorical(probs=shares).sample()
    return tokens.gather(1, rank[:, None])[:, 0]


@misconception(
    "softmax_twice",
    en="you take the softmax twice: the probabilities are already such, a second one makes them nearly equal",
    fr="vous prenez le softmax deux fois : les probabilités le sont déjà, un second les rend presque égales",
)
def softmax_twice(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    probabilities = logits.softmax(-1)
    return torch.multinomial(probabilities.softmax(-1), 1, generator=generator).squeeze(-1)


@again(softmax_twice)
def softmax_twice_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    ranked = ranked / temperature
    ranked[:, top_k or ranked.size(1) :] = -torch.inf
    shares = F.softmax(ranked, dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
        shares = shares / shares.sum(1, keepdim=True)
    drawn = torch.multinomial(
        torch.exp(shares) / torch.exp(shares).sum(1, keepdim=True), 1, generator=generator
    )
    return tokens.gather(1, drawn)[:, 0]


@misconception(
    "not_brought_back_to_one",
    en="after a cut the probabilities no longer sum to 1, and what is missing falls to one token: divide them by their sum",
    fr="après une coupe, la somme des probabilités n'est plus 1, et ce qui manque échoit à un seul jeton : divisez-les par "
    "leur somme",
)
def not_brought_back_to_one(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    shares = (logits / temperature).softmax(-1)
    if top_k is not None:
        cut = shares.argsort(-1, descending=True)[:, top_k:]
        shares = shares.scatter(-1, cut, 0.0)
    if top_p is not None:
        ranked, order = shares.sort(-1, descending=True)
        out = ranked.cumsum(-1) - ranked >= top_p
        shares = shares.masked_fill(torch.zeros_like(out).scatter(-1, order, out), 0.0)
    u = torch.rand(len(shares), 1, generator=generator, dtype=shares.dtype)
    return (shares.cumsum(-1) <= u).sum(-1).clamp(max=shares.size(-1) - 1)


@again(not_brought_back_to_one)
def not_brought_back_to_one_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if not temperature:
        return logits.max(1).indices
    shares = F.softmax(logits / temperature, dim=1)
    ranked, tokens = torch.sort(shares, dim=1, descending=True)
    kept = torch.arange(ranked.size(1)) < (top_k or ranked.size(1))
    ranked = ranked * kept
    if top_p:
        ranked = ranked * (ranked.cumsum(1) - ranked < top_p)
    sums = torch.zeros_like(shares).scatter(1, tokens, ranked).cumsum(1)
    u = torch.rand(len(sums), 1, generator=generator, dtype=sums.dtype)
    found = torch.searchsorted(sums, u, right=True)[:, 0]
    return torch.where(found == sums.size(1), found - 1, found)


@misconception(
    "one_draw_for_all_rows",
    en="one random number serves for the whole batch: every row needs a draw of its own",
    fr="un seul nombre au hasard sert pour tout le lot : chaque ligne doit avoir son propre tirage",
)
def one_draw_for_all_rows(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    u = torch.rand(1, generator=generator, dtype=logits.dtype)
    return (logits.softmax(-1).cumsum(-1) <= u).sum(-1).clamp(max=logits.size(-1) - 1)


@again(one_draw_for_all_rows)
def one_draw_for_all_rows_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    shares = F.softmax((ranked / temperature)[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
        shares = shares / shares.sum(1, keepdim=True)
    target = torch.rand((), generator=generator).item()
    rank = torch.searchsorted(shares.cumsum(1), torch.full((len(shares), 1), target, dtype=shares.dtype))
    return tokens.gather(1, rank.clamp(max=shares.size(1) - 1))[:, 0]


@misconception(
    "axis_kept",
    en="you return (B, 1): torch.multinomial keeps an axis for the number of draws, which is to be taken off",
    fr="vous renvoyez (B, 1) : torch.multinomial garde un axe pour le nombre de tirages, qu'il faut enlever",
)
def axis_kept(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1, keepdim=True)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.size(-1))).indices
        logits = torch.full_like(logits, -torch.inf).scatter(-1, kept, logits.gather(-1, kept))
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator)


@again(axis_kept)
def axis_kept_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, :1]
    shares = F.softmax((ranked / temperature)[:, : top_k or ranked.size(1)], dim=1)
    if top_p:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))


@misconception(
    "options_not_checked",
    en="your draws are right, but options without meaning are accepted: refuse temperature < 0, top_k < 1 and top_p "
    "outside (0, 1]",
    fr="vos tirages sont justes, mais des options dépourvues de sens sont acceptées : refusez temperature < 0, top_k < 1 et "
    "top_p hors de ]0, 1]",
)
def options_not_checked(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        rank = logits.argsort(-1, descending=True).argsort(-1)
        logits = logits.masked_fill(rank >= max(top_k, 1), -torch.inf)
    if top_p is not None:
        shares, order = logits.softmax(-1).sort(descending=True)
        out = shares.cumsum(-1) - shares >= max(top_p, 1e-9)
        logits = logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(-1)


@again(options_not_checked)
def options_not_checked_2(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    ranked, tokens = torch.sort(logits, dim=1, descending=True)
    if temperature == 0:
        return tokens[:, 0]
    n_tokens = ranked.size(1) if not top_k or top_k < 0 else top_k
    shares = F.softmax((ranked / temperature)[:, :n_tokens], dim=1)
    if top_p and top_p > 0:
        shares = shares * (shares.cumsum(1) - shares < top_p)
    return tokens.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]
