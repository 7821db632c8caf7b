"""Wrong implementations that students really write, each with what it computes instead.

The first version asks model and tokenizer itself, the second goes through MaskedScorer.
"""

from __future__ import annotations

import torch

from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = (
    "position_without_first_special",
    "log_probabilities_returned",
    "renormalised_over_k",
    "flat_list_for_one_mask",
)


@misconception(
    "logits_returned",
    en="you return logits: probabilities are their softmax over the vocabulary",
    fr="vous renvoyez des logits : les probabilités sont leur softmax sur le vocabulaire",
)
def logits_returned(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(logits_returned)
def logits_returned_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    rows = (output.logits if hasattr(output, "logits") else output)[0, places]
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "log_probabilities_returned",
    en="you return log-probabilities: take their exponential",
    fr="vous renvoyez des log-probabilités : prenez-en l'exponentielle",
)
def log_probabilities_returned(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].log_softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(log_probabilities_returned)
def log_probabilities_returned_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places])
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "softmax_over_positions",
    en="your softmax runs over the positions: for one mask it runs over the vocabulary (dim=-1)",
    fr="votre softmax porte sur les positions : pour un masque, il porte sur le vocabulaire (dim=-1)",
)
def softmax_over_positions(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0].softmax(0)
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(softmax_over_positions)
def softmax_over_positions_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    logs = scorer.log_probabilities([ids], [list(range(len(ids)))])
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    scores = output.logits if hasattr(output, "logits") else output
    shares = torch.softmax(scores, dim=1)[0]
    rows = [shares[place] for place in places if logs is not None]
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "position_without_first_special",
    en="you read one position before the mask: [CLS] stands before the text, count it",
    fr="vous lisez la position qui précède le masque : comptez aussi [CLS], placé devant le texte",
)
def position_without_first_special(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids[1:-1]) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(position_without_first_special)
def position_without_first_special_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [[place - 1 for place in places]]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "reads_the_first_position",
    en="you read the logits of the first position ([CLS]): each mask has its own",
    fr="vous lisez les logits de la première position ([CLS]) : chaque masque a les siens",
)
def reads_the_first_position(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for _ in range(ids.count(mask_id)):
        best = logits[0].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(reads_the_first_position)
def reads_the_first_position_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [[0] * len(places)]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "reads_the_last_position",
    en="you read the logits of the last position, as for a model that writes from left to "
    "right: read those of the mask",
    fr="vous lisez les logits de la dernière position, comme pour un modèle qui écrit de gauche "
    "à droite : lisez ceux du masque",
)
def reads_the_last_position(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for _ in range(ids.count(mask_id)):
        best = logits[-1].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(reads_the_last_position)
def reads_the_last_position_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [[len(ids) - 1] * len(places)]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "only_the_first_mask",
    en="you answer the first mask only: one list a mask is asked for",
    fr="vous ne répondez qu'au premier masque : on demande une liste par masque",
)
def only_the_first_mask(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [ids.index(mask_id)]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(only_the_first_mask)
def only_the_first_mask_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places[:1]]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "flat_list_for_one_mask",
    en="for one mask you return its pairs without the list around: one list a mask, even for one",
    fr="pour un seul masque, vous renvoyez ses paires sans la liste qui les entoure : une liste "
    "par masque, même pour un seul",
)
def flat_list_for_one_mask(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers[0] if len(answers) == 1 else answers


@again(flat_list_for_one_mask)
def flat_list_for_one_mask_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    if len(places) > 1:
        return answers
    return answers.pop()


@misconception(
    "masks_filled_in_turn",
    en="you fill a mask before you answer the next: all masks stay masked while each is answered",
    fr="vous remplissez un masque avant de répondre au suivant : tous restent masqués pendant "
    "qu'on répond à chacun",
)
def masks_filled_in_turn(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        with torch.no_grad():
            output = model(torch.tensor([ids]))
        best = getattr(output, "logits", output)[0, position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
        ids[position] = best.indices[0].item()
    return answers


@again(masks_filled_in_turn)
def masks_filled_in_turn_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    answers = []
    for place in places:
        row = scorer.log_probabilities([ids], [[place]])[0].exp()
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
        ids[place] = order[0]
    return answers


@misconception(
    "sorted_by_id",
    en="your pairs are not in order: the most probable token comes first",
    fr="vos paires ne sont pas dans le bon ordre : le jeton le plus probable vient d'abord",
)
def sorted_by_id(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        probabilities = logits[position].softmax(-1)
        indices = sorted(probabilities.topk(k).indices.tolist())
        answers.append([(name(i), probabilities[i].item()) for i in indices])
    return answers


@again(sorted_by_id)
def sorted_by_id_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        limit = row.topk(k).values[-1]
        order = torch.nonzero(row >= limit).flatten().tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "least_probable_first",
    en="your order is upside down: the most probable of the k comes first",
    fr="votre ordre est inversé : le plus probable des k vient d'abord",
)
def least_probable_first(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)][::-1]
        )
    return answers


@again(least_probable_first)
def least_probable_first_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort()[-k:].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "k_least_probable",
    en="you return the k least probable tokens",
    fr="vous renvoyez les k jetons les moins probables",
)
def k_least_probable(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k, largest=False)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(k_least_probable)
def k_least_probable_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort()[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "renormalised_over_k",
    en="your k probabilities sum to 1: the softmax is over the whole vocabulary, before topk",
    fr="la somme de vos k probabilités vaut 1 : le softmax porte sur tout le vocabulaire, avant topk",
    warning=text(
        "your `k` probabilities are brought back to a sum of 1",
        "vos `k` probabilités sont ramenées à une somme de 1",
    ),
)
def renormalised_over_k(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].topk(k)
        answers.append(
            [
                (name(i), p)
                for i, p in zip(best.indices.tolist(), best.values.softmax(-1).tolist(), strict=True)
            ]
        )
    return answers


@again(renormalised_over_k)
def renormalised_over_k_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i] / row[order].sum())) for i in order])
    return answers


@misconception(
    "ids_returned",
    en="you return token ids: the tokens themselves are asked for, as strings",
    fr="vous renvoyez les identifiants des jetons : on demande les jetons eux-mêmes, des chaînes",
)
def ids_returned(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id = tokenizer.mask_token_id
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id = tokenizer.mask_id
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append([(i, p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)])
    return answers


@again(ids_returned)
def ids_returned_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(i, float(row[i])) for i in order])
    return answers


@misconception(
    "pair_exchanged",
    en="your pairs are (probability, token): the token comes first",
    fr="vos paires sont (probabilité, jeton) : le jeton vient d'abord",
)
def pair_exchanged(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(p, name(i)) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(pair_exchanged)
def pair_exchanged_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(float(row[i]), scorer.token(i)) for i in order])
    return answers


@misconception(
    "tokens_without_probabilities",
    en="you return tokens without their probabilities",
    fr="vous renvoyez les jetons sans leurs probabilités",
)
def tokens_without_probabilities(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append([name(i) for i in best.indices.tolist()])
    return answers


@again(tokens_without_probabilities)
def tokens_without_probabilities_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([scorer.token(i) for i in order])
    return answers


@misconception(
    "percentages",
    en="you return percentages: probabilities go from 0 to 1",
    fr="vous renvoyez des pourcentages : les probabilités vont de 0 à 1",
)
def percentages(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), 100 * p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(percentages)
def percentages_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i]) * 100.0) for i in order])
    return answers


@misconception(
    "rounded",
    en="you round the probabilities: return them as they are, rounding is for display",
    fr="vous arrondissez les probabilités : renvoyez-les telles quelles, on n'arrondit qu'à l'affichage",
)
def rounded(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), round(p, 2)) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(rounded)
def rounded_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(f"{row[i]:.2f}")) for i in order])
    return answers


@misconception(
    "k_ignored",
    en="k has no effect: you always return five tokens",
    fr="k est sans effet : vous renvoyez toujours cinq jetons",
)
def k_ignored(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(5)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(k_ignored)
def k_ignored_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:5].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "specials_left_out",
    en="you leave the special tokens out: the k best are those of the whole vocabulary",
    fr="vous écartez les jetons spéciaux : les k meilleurs sont ceux de tout le vocabulaire",
)
def specials_left_out(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    special = set(
        tokenizer.all_special_ids if hasattr(tokenizer, "all_special_ids") else tokenizer.special_ids
    )
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).sort(descending=True)
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        answers.append([(name(i), p) for i, p in pairs if i not in special][:k])
    return answers


@again(specials_left_out)
def specials_left_out_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = [i for i in row.argsort(descending=True).tolist() if i not in scorer.special_ids][:k]
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "no_specials_around",
    en="you encode without the special tokens around: the model reads [CLS] text [SEP]",
    fr="vous encodez sans les jetons spéciaux autour : le modèle lit [CLS] texte [SEP]",
)
def no_specials_around(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token), add_special_tokens=False)["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = tokenizer.encode(text)
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(no_specials_around)
def no_specials_around_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    ids = ids[1:-1]
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "nothing_without_mask",
    en="a text without mask gives an empty list: raise an InputError that says that the [MASK] is missing",
    fr="un texte sans masque donne une liste vide : levez une InputError qui dit que le [MASK] manque",
)
def nothing_without_mask(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(nothing_without_mask)
def nothing_without_mask_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        return []
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "obscure_error_without_mask",
    en="a text without mask ends in an error that does not speak of it: raise an InputError that says that the [MASK] is missing",
    fr="un texte sans masque finit sur une erreur qui n'en parle pas : levez une InputError qui dit que le [MASK] manque",
)
def obscure_error_without_mask(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    ids.index(mask_id)
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(obscure_error_without_mask)
def obscure_error_without_mask_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    first = places[0]
    places = sorted({first, *places})
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "k_not_checked",
    en="k out of range is not refused, or not by a ValueError that names k: for k below 1 or above V raise an InputError that names k",
    fr="un k hors limites n'est pas refusé, ou ne l'est pas par une ValueError qui nomme k : pour k inférieur à 1 ou supérieur à V, levez une "
    "InputError qui nomme k",
)
def k_not_checked(model, tokenizer, text, k=5):
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(k_not_checked)
def k_not_checked_2(model, tokenizer, text, k=5):
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    rows = scorer.log_probabilities([ids], [places]).exp()
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "training_mode_left_on",
    en="the model may be in training mode: without model.eval() its dropout changes the answers",
    fr="le modèle peut être en mode entraînement : sans model.eval(), son abandon (dropout) fausse les réponses",
)
def training_mode_left_on(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text.replace("[MASK]", tokenizer.mask_token))["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(training_mode_left_on)
def training_mode_left_on_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    from attentif.bias import MaskedScorer

    scorer = MaskedScorer(model, tokenizer)
    ids = list(scorer.encode(text).ids)
    places = [position for position, token in enumerate(ids) if token == scorer.mask_id]
    if not places:
        raise ValueError(f"a {scorer.mask_token} is missing in {text!r}")
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    rows = torch.softmax((output.logits if hasattr(output, "logits") else output)[0, places], dim=-1)
    answers = []
    for row in rows:
        order = row.argsort(descending=True)[:k].tolist()
        answers.append([(scorer.token(i), float(row[i])) for i in order])
    return answers


@misconception(
    "mask_name_assumed",
    en="you suppose that the mask is written [MASK]: CamemBERT writes <mask>; replace [MASK] by tokenizer.mask_token",
    fr="vous supposez que le masque s'écrit [MASK] : CamemBERT l'écrit <mask> ; remplacez [MASK] "
    "par tokenizer.mask_token",
)
def mask_name_assumed(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer(text)["input_ids"]
        mask_id, name = tokenizer.mask_token_id, tokenizer.convert_ids_to_tokens
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    if mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    logits = getattr(output, "logits", output)[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == mask_id]:
        best = logits[position].softmax(-1).topk(k)
        answers.append(
            [(name(i), p) for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)]
        )
    return answers


@again(mask_name_assumed)
def mask_name_assumed_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    if hasattr(tokenizer, "mask_token_id"):
        ids = tokenizer.encode(text)
        mask_id, name = tokenizer.mask_token_id, lambda i: tokenizer.decode([i])
    else:
        ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
        mask_id, name = tokenizer.mask_id, tokenizer.id_to_token
    places = [i for i in range(len(ids)) if ids[i] == mask_id]
    if not places:
        raise ValueError("the text has no mask")
    model.eval()
    with torch.inference_mode():
        output = model(torch.tensor([ids]))
    rows = (output.logits if hasattr(output, "logits") else output)[0, places].softmax(-1)
    orders = rows.argsort(dim=-1, descending=True)[:, :k]
    return [[(name(int(i)), float(row[i])) for i in order] for row, order in zip(rows, orders, strict=True)]


@misconception(
    "transformers_only",
    en="your function only works with models of transformers: use MaskedScorer, or handle both kinds",
    fr="votre code ne fonctionne qu'avec les modèles de transformers : utilisez MaskedScorer, "
    "ou traitez les deux sortes",
)
def transformers_only(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    inputs = tokenizer(text.replace("[MASK]", tokenizer.mask_token), return_tensors="pt")
    places = (inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero().flatten().tolist()
    if not places:
        raise ValueError(f"no mask in {text!r}")
    model.eval()
    with torch.no_grad():
        logits = model(**inputs).logits
    answers = []
    for place in places:
        best = logits[0, place].softmax(-1).topk(k)
        tokens = tokenizer.convert_ids_to_tokens(best.indices.tolist())
        answers.append(list(zip(tokens, best.values.tolist(), strict=True)))
    return answers


@again(transformers_only)
def transformers_only_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    ids = tokenizer.encode(text.replace("[MASK]", tokenizer.mask_token), return_tensors="pt")
    masked = ids == tokenizer.mask_token_id
    if not masked.any():
        raise ValueError("the mask is missing")
    with torch.inference_mode():
        probabilities = torch.softmax(model.eval()(input_ids=ids).logits[masked], dim=-1)
    answers = []
    for row in probabilities:
        order = row.argsort(descending=True)[:k]
        answers.append([(tokenizer.decode([i]), row[i].item()) for i in order.tolist()])
    return answers


@misconception(
    "attentif_only",
    en="your function only works with models of attentif: use MaskedScorer, or handle both kinds",
    fr="votre code ne fonctionne qu'avec les modèles d'attentif : utilisez MaskedScorer, "
    "ou traitez les deux sortes",
)
def attentif_only(model, tokenizer, text, k=5):
    if not 1 <= k <= model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    ids = [tokenizer.cls_id, *tokenizer.encode(text), tokenizer.sep_id]
    if tokenizer.mask_id not in ids:
        raise ValueError(f"no [MASK] in {text!r}")
    model.eval()
    with torch.no_grad():
        logits = model(torch.tensor([ids]))[0]
    answers = []
    for position in [i for i, token in enumerate(ids) if token == tokenizer.mask_id]:
        best = logits[position].softmax(-1).topk(k)
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        answers.append([(tokenizer.id_to_token(i), p) for i, p in pairs])
    return answers


@again(attentif_only)
def attentif_only_2(model, tokenizer, text, k=5):
    if k < 1 or k > model.config.vocab_size:
        raise ValueError(f"k must be from 1 to {model.config.vocab_size}, got {k}")
    inside = torch.tensor(tokenizer.encode(text))
    ids = torch.cat([torch.tensor([tokenizer.cls_id]), inside, torch.tensor([tokenizer.sep_id])])[None]
    masked = ids == tokenizer.mask_id
    if not masked.any():
        raise ValueError("the mask is missing")
    with torch.inference_mode():
        rows = torch.softmax(model.eval()(ids)[masked], dim=-1)
    orders = rows.argsort(dim=-1, descending=True)[:, :k].tolist()
    return [
        [(tokenizer.id_to_token(i), row[i].item()) for i in order]
        for row, order in zip(rows, orders, strict=True)
    ]
