"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import torch

from attentif import sample_next_token
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = (
    "stops_at_the_first_eos",
    "eos_of_the_beginning_counts",
    "context_cropped_at_the_wrong_end",
    "dropout_active",
)


@misconception(
    "only_the_new_tokens",
    en="you return the new tokens only: the beginnings belong to the result, (B, T + new)",
    fr="vous ne renvoyez que les nouveaux jetons : les débuts font partie du résultat, (B, T + nouveaux)",
)
def only_the_new_tokens(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    length = token_ids.size(1)
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids[:, length:]


@again(only_the_new_tokens)
def only_the_new_tokens_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    new, done = [], torch.zeros(len(token_ids), dtype=torch.bool)
    while len(new) < max_new_tokens and not bool(done.all()):
        read = torch.cat([token_ids, *new], dim=1)[:, -model.config.max_length :]
        token = sample(model(read)[:, -1, :], temperature, top_k, top_p, generator).unsqueeze(1)
        if eos_id is not None:
            token[done] = eos_id
            done = done | (token[:, 0] == eos_id)
        new.append(token)
    return torch.cat(new, dim=1) if new else token_ids[:, :0]


@misconception(
    "first_position_read",
    en="you read the logits of the first position: those of the last one say what comes next",
    fr="vous lisez les logits de la première position : ce sont ceux de la dernière qui disent la suite",
)
def first_position_read(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, 0]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(first_position_read)
def first_position_read_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window).select(1, 0)
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "context_not_cropped",
    en="your function stops when the text exceeds the model's context: give the model the last "
    "model.config.max_length tokens",
    fr="votre fonction s'arrête quand le texte dépasse le contexte du modèle : donnez-lui les "
    "model.config.max_length derniers jetons",
)
def context_not_cropped(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids)[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(context_not_cropped)
def context_not_cropped_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns, dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "context_cropped_at_the_wrong_end",
    en="past the context you give the model the first tokens: it is the last ones that the next token "
    "follows",
    fr="au-delà du contexte, vous donnez au modèle les premiers jetons : c'est aux derniers que fait suite "
    "le jeton suivant",
)
def context_cropped_at_the_wrong_end(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, :context])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(context_cropped_at_the_wrong_end)
def context_cropped_at_the_wrong_end_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns, dim=1).narrow(1, 0, min(len(columns), model.config.max_length))
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "only_the_last_token_read",
    en="you give the model the last token alone: without the text before it, it does not know what to "
    "continue",
    fr="vous ne donnez au modèle que le dernier jeton : sans le texte qui précède, il ne sait pas ce qu'il "
    "continue",
)
def only_the_last_token_read(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -1:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(only_the_last_token_read)
def only_the_last_token_read_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        scores = model(columns[-1][:, None]).flatten(1)
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "stops_at_the_first_eos",
    en="you stop the whole batch as soon as one row has drawn eos_id: the others go on, stop when all have "
    "finished",
    fr="vous arrêtez tout le lot dès qu'une ligne a tiré eos_id : les autres continuent, arrêtez quand "
    "toutes ont fini",
)
def stops_at_the_first_eos(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.any():
            break
    return token_ids


@again(stops_at_the_first_eos)
def stops_at_the_first_eos_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and not done:
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "eos_ignored",
    en="eos_id changes nothing in your function: a row that has drawn it is finished",
    fr="eos_id ne change rien dans votre fonction : une ligne qui l'a tiré est finie",
)
def eos_ignored(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
    return token_ids


@again(eos_ignored)
def eos_ignored_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    length = token_ids.size(1)
    text = torch.zeros(len(token_ids), length + max_new_tokens, dtype=torch.long)
    text[:, :length] = token_ids
    for end in range(length, text.size(1)):
        read = text[:, max(0, end - model.config.max_length) : end]
        text[:, end] = sample(model(read)[:, -1, :], temperature, top_k, top_p, generator)
    return text


@misconception(
    "finished_rows_go_on",
    en="rows that have finished go on writing: after eos_id they repeat it",
    fr="des lignes finies continuent d'écrire : après eos_id, elles le répètent",
)
def finished_rows_go_on(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(finished_rows_go_on)
def finished_rows_go_on_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            done.update(row for row, token in enumerate(new.tolist()) if token == eos_id)
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "eos_only_if_all_at_once",
    en="you stop only if all rows draw eos_id at the same step: remember which rows have drawn it, and when",
    fr="vous n'arrêtez que si toutes les lignes tirent eos_id à la même étape : retenez lesquelles l'ont "
    "déjà tiré",
)
def eos_only_if_all_at_once(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if eos_id is not None and (drawn == eos_id).all():
            break
    return token_ids


@again(eos_only_if_all_at_once)
def eos_only_if_all_at_once_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), False
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and not done:
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        done = set(new.tolist()) == {eos_id}
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "does_not_stop",
    en="all rows have finished and you still add eos_id: stop with the row that finishes last",
    fr="toutes les lignes ont fini et vous ajoutez encore eos_id : arrêtez avec la ligne qui finit la "
    "dernière",
)
def does_not_stop(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
    return token_ids


@again(does_not_stop)
def does_not_stop_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest:
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "eos_of_the_beginning_counts",
    en="an eos_id in the beginning finishes the row: only one that has been drawn does",
    fr="un eos_id dans le début termine la ligne : seul un eos_id tiré la termine",
)
def eos_of_the_beginning_counts(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = (
        (token_ids == eos_id).any(1) if eos_id is not None else torch.zeros(len(token_ids), dtype=torch.bool)
    )
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(eos_of_the_beginning_counts)
def eos_of_the_beginning_counts_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = (
        list(token_ids.unbind(1)),
        {row for row, ids in enumerate(token_ids.tolist()) if eos_id in ids},
    )
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "generator_not_passed",
    en="the generator does not reach `sample`: hand it on, as generator=generator",
    fr="le générateur n'arrive pas à `sample` : transmettez-le, par generator=generator",
)
def generator_not_passed(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(generator_not_passed)
def generator_not_passed_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "temperature_not_passed",
    en="the temperature does not reach `sample`: hand it on",
    fr="la température n'arrive pas à `sample` : transmettez-la",
)
def temperature_not_passed(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(temperature_not_passed)
def temperature_not_passed_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=1.0, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "cuts_not_passed",
    en="top_k and top_p do not reach `sample`: hand them on",
    fr="top_k et top_p n'arrivent pas à `sample` : transmettez-les",
)
def cuts_not_passed(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, generator=generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(cuts_not_passed)
def cuts_not_passed_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "same_draw_at_every_step",
    en="your generator starts again at every step and draws the same numbers: make none, hand on the one "
    "that you are given",
    fr="votre générateur repart à chaque étape et tire les mêmes nombres : n'en créez pas, transmettez celui"
    " que l'on vous donne",
)
def same_draw_at_every_step(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        if generator is not None:
            generator.manual_seed(generator.initial_seed())
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(same_draw_at_every_step)
def same_draw_at_every_step_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        again = None if generator is None else torch.Generator().manual_seed(generator.initial_seed())
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=again)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "one_token_too_many",
    en="you write one token too many: max_new_tokens tokens at most",
    fr="vous écrivez un jeton de trop : au plus max_new_tokens jetons",
)
def one_token_too_many(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens + 1):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(one_token_too_many)
def one_token_too_many_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) <= longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "always_greedy",
    en="you always take the most probable token: draw with `sample`",
    fr="vous prenez toujours le jeton le plus probable : tirez avec `sample`",
)
def always_greedy(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = logits.argmax(-1)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(always_greedy)
def always_greedy_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    model.eval()
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = scores.softmax(-1).topk(1).indices[:, 0]
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)


@misconception(
    "dropout_active",
    en="the model writes in training mode, with dropout: call model.eval() first",
    fr="le modèle écrit en mode entraînement, avec dropout : appelez d'abord model.eval()",
)
def dropout_active(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    context = model.config.max_length
    finished = torch.zeros(len(token_ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(token_ids[:, -context:])[:, -1]
        drawn = sample(logits, temperature, top_k, top_p, generator)
        if eos_id is not None:
            drawn = torch.where(finished, eos_id, drawn)
            finished = finished | (drawn == eos_id)
        token_ids = torch.cat([token_ids, drawn[:, None]], dim=1)
        if finished.all():
            break
    return token_ids


@again(dropout_active)
def dropout_active_2(
    model,
    token_ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    top_p=None,
    eos_id=None,
    generator=None,
    sample=sample_next_token,
):
    columns, done = list(token_ids.unbind(1)), set()
    longest = len(columns) + max_new_tokens
    while len(columns) < longest and len(done) < len(token_ids):
        window = torch.stack(columns[-model.config.max_length :], dim=1)
        scores = model(window)[:, -1, :]
        new = sample(scores, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator)
        if eos_id is not None:
            new = torch.tensor([eos_id if row in done else token for row, token in enumerate(new.tolist())])
            done |= set((new == eos_id).nonzero().flatten().tolist())
        columns.append(new)
    return torch.stack(columns, dim=1)
