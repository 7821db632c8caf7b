"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import torch

from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("draws_81_9_10", "specials_drawn", "labels_after_corruption", "input_mutated")


@misconception(
    "draws_81_9_10",
    en="your shares are 81/9/10: of two independent draws, one takes away a part of the other's tokens; decide by one "
    "draw per token",
    fr="vos proportions sont 81/9/10 : de deux tirages indépendants, l'un prend une partie des jetons de l'autre ; "
    "décidez par un seul tirage par jeton",
    warning=text(
        "your shares come out as 81/9/10 instead of 80/10/10",
        "vos proportions sont de 81/9/10 au lieu de 80/10/10",
    ),
)
def draws_81_9_10(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    unchanged = selected & (torch.rand(token_ids.shape, generator=generator) < 0.1)
    random = selected & (torch.rand(token_ids.shape, generator=generator) < 0.1)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(random & ~unchanged, drawn, token_ids)
    inputs = torch.where(selected & ~random & ~unchanged, mask_id, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(draws_81_9_10)
def draws_81_9_10_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.clone()
    labels[~chosen] = -100
    keep = torch.bernoulli(0.1 * chosen, generator=generator).bool()
    replace = torch.bernoulli(0.1 * chosen, generator=generator).bool()
    inputs = token_ids.clone()
    inputs[chosen & ~keep & ~replace] = mask_id
    swap = replace & ~keep
    words = sorted(set(range(vocab_size)) - set(special_ids))
    picks = torch.randint(0, len(words), (int(swap.sum()),), generator=generator)
    inputs[swap] = torch.tensor(words)[picks]
    return inputs, labels


@misconception(
    "draws_72_10_18",
    en="your shares are 72/10/18: random tokens are written over a part of the masks; decide by one draw per token",
    fr="vos proportions sont 72/10/18 : les jetons au hasard recouvrent une partie des [MASK] ; décidez par un seul "
    "tirage par jeton",
)
def draws_72_10_18(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    masked = selected & (torch.rand(token_ids.shape, generator=generator) < 0.8)
    random = selected & (torch.rand(token_ids.shape, generator=generator) < 0.1)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(masked, mask_id, token_ids)
    inputs = torch.where(random, drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(draws_72_10_18)
def draws_72_10_18_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    flat, labels = token_ids.reshape(-1).clone(), torch.full_like(token_ids, -100).reshape(-1)
    eligible = torch.ones_like(flat, dtype=torch.bool)
    for special in special_ids:
        eligible &= flat != special
    places = torch.nonzero(eligible & (torch.rand(flat.shape, generator=generator) < probability)).squeeze(1)
    labels[places] = flat[places]
    first = torch.rand(len(places), generator=generator)
    flat[places[first < 0.8]] = mask_id
    second = torch.rand(len(places), generator=generator)
    swapped = places[second < 0.1]
    flat[swapped] = words[torch.randint(len(words), (len(swapped),), generator=generator)]
    return flat.view(token_ids.shape), labels.view(token_ids.shape)


@misconception(
    "draws_80_2_18",
    en="your shares are 80/2/18: 10 % of what [MASK] left over is 2 %; half of it is needed, 0.5 instead of 0.1",
    fr="vos proportions sont 80/2/18 : 10 % de ce que [MASK] a laissé font 2 % ; il en faut la moitié, 0,5 au lieu de 0,1",
)
def draws_80_2_18(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    masked = selected & (torch.rand(token_ids.shape, generator=generator) < 0.8)
    random = selected & ~masked & (torch.rand(token_ids.shape, generator=generator) < 0.1)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(masked, mask_id, torch.where(random, drawn, token_ids))
    return inputs, torch.where(selected, token_ids, -100)


@again(draws_80_2_18)
def draws_80_2_18_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances.masked_fill_(token_ids == special, 0.0)
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.masked_fill(~chosen, -100)
    replaced = torch.bernoulli(torch.full(token_ids.shape, 0.8), generator=generator).bool() & chosen
    inputs = token_ids.masked_fill(replaced, mask_id)
    swap = torch.bernoulli(torch.full(token_ids.shape, 0.1), generator=generator).bool() & chosen & ~replaced
    words = sorted(set(range(vocab_size)) - set(special_ids))
    inputs[swap] = torch.tensor(words)[torch.randint(len(words), (int(swap.sum()),), generator=generator)]
    return inputs, labels


@misconception(
    "always_mask",
    en="every selected token becomes [MASK]: 10 % become a random token and 10 % stay as they are",
    fr="tout jeton sélectionné devient [MASK] : 10 % deviennent un jeton au hasard et 10 % restent tels quels",
)
def always_mask(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    return torch.where(selected, mask_id, token_ids), torch.where(selected, token_ids, -100)


@again(always_mask)
def always_mask_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator) == 1
    inputs, labels = token_ids.clone(), token_ids.clone()
    inputs[chosen] = mask_id
    labels[~chosen] = -100
    return inputs, labels


@misconception(
    "no_token_kept",
    en="your shares are 80/20/0: half of the tokens that are not masked stay as they are",
    fr="vos proportions sont 80/20/0 : la moitié des jetons non masqués reste telle quelle",
)
def no_token_kept(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected, torch.where(action < 0.8, mask_id, drawn), token_ids)
    return inputs, torch.where(selected, token_ids, -100)


@again(no_token_kept)
def no_token_kept_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    inputs, labels = token_ids.clone(), torch.full_like(token_ids, -100)
    eligible = torch.isin(token_ids, words)
    chosen = eligible & (torch.rand(token_ids.shape, generator=generator) < probability)
    labels[chosen] = token_ids[chosen]
    n = int(chosen.sum())
    replacement = words[torch.randint(len(words), (n,), generator=generator)]
    replacement[torch.rand(n, generator=generator) < 0.8] = mask_id
    inputs[chosen] = replacement
    return inputs, labels


@misconception(
    "no_random_token",
    en="your shares are 80/0/20: 10 % of the selected tokens become a random token",
    fr="vos proportions sont 80/0/20 : 10 % des jetons sélectionnés deviennent un jeton au hasard",
)
def no_random_token(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    masked = selected & (torch.rand(token_ids.shape, generator=generator) < 0.8)
    return torch.where(masked, mask_id, token_ids), torch.where(selected, token_ids, -100)


@again(no_random_token)
def no_random_token_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    inputs, labels = token_ids.clone(), token_ids.masked_fill(~chosen, -100)
    inputs[torch.bernoulli(0.8 * chosen, generator=generator).bool()] = mask_id
    return inputs, labels


@misconception(
    "specials_selected",
    en="special tokens are selected too: [CLS], [SEP] and padding are nothing to predict",
    fr="des jetons spéciaux sont sélectionnés aussi : il n'y a rien à prédire pour [CLS], [SEP] et le remplissage",
)
def specials_selected(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    selected = torch.rand(token_ids.shape, generator=generator) < probability
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(specials_selected)
def specials_selected_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    chosen = torch.bernoulli(torch.full(token_ids.shape, probability), generator=generator).bool()
    labels = token_ids.clone()
    labels[~chosen] = -100
    inputs = token_ids.clone()
    n = int(chosen.sum())
    action = torch.multinomial(
        torch.tensor([0.8, 0.1, 0.1]), max(n, 1), replacement=True, generator=generator
    )[:n]
    new = inputs[chosen]
    new[action == 0] = mask_id
    new[action == 1] = words[torch.randint(len(words), (int((action == 1).sum()),), generator=generator)]
    inputs[chosen] = new
    return inputs, labels


@misconception(
    "specials_drawn",
    en="your random tokens may be special: draw from the vocabulary without the special ids",
    fr="vos jetons au hasard peuvent être spéciaux : tirez dans le vocabulaire sans les identifiants spéciaux",
)
def specials_drawn(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    drawn = torch.randint(vocab_size, token_ids.shape, generator=generator)
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(specials_drawn)
def specials_drawn_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.clone()
    labels[~chosen] = -100
    inputs = token_ids.clone()
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    inputs[swap] = torch.randint(0, vocab_size, labels.shape, generator=generator)[swap]
    return inputs, labels


@misconception(
    "last_token_never_drawn",
    en="the last token of the vocabulary is never drawn: randint excludes its upper bound by itself",
    fr="le dernier jeton du vocabulaire n'est jamais tiré : randint exclut déjà sa borne supérieure",
)
def last_token_never_drawn(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words) - 1, token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(last_token_never_drawn)
def last_token_never_drawn_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = [i for i in range(vocab_size - 1) if i not in special_ids]
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.masked_fill(~chosen, -100)
    inputs = token_ids.clone()
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    inputs[swap] = torch.tensor(words)[torch.randint(len(words), (int(swap.sum()),), generator=generator)]
    return inputs, labels


@misconception(
    "draws_not_shifted",
    en="you draw from 0 to V − number of specials: that shortens the range at its end and leaves the specials in",
    fr="vous tirez entre 0 et V moins le nombre de spéciaux : l'intervalle perd sa fin et garde les spéciaux",
)
def draws_not_shifted(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    drawn = torch.randint(vocab_size - len(special_ids), token_ids.shape, generator=generator)
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(draws_not_shifted)
def draws_not_shifted_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    n_words = vocab_size - len(special_ids)
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.masked_fill(~chosen, -100)
    action = torch.rand(int(chosen.sum()), generator=generator)
    new = token_ids[chosen]
    new[action < 0.8] = mask_id
    random = (action >= 0.8) & (action < 0.9)
    new[random] = (torch.rand(int(random.sum()), generator=generator) * n_words).long()
    inputs = token_ids.clone()
    inputs[chosen] = new
    return inputs, labels


@misconception(
    "specials_assumed_first",
    en="you draw from number-of-specials to V: the special ids need not be the first of the vocabulary",
    fr="vous tirez entre le nombre de spéciaux et V : les identifiants spéciaux ne sont pas toujours les premiers du "
    "vocabulaire",
)
def specials_assumed_first(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    drawn = torch.randint(len(special_ids), vocab_size, token_ids.shape, generator=generator)
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(specials_assumed_first)
def specials_assumed_first_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    first_word = len(set(special_ids))
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.masked_fill(~chosen, -100)
    inputs = token_ids.clone()
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    inputs[swap] = first_word + torch.randint(
        vocab_size - first_word, (int(swap.sum()),), generator=generator
    )
    return inputs, labels


@misconception(
    "one_random_token",
    en="one random token replaces all that are to be random: draw one for each",
    fr="un seul jeton tiré au hasard remplace tous ceux qui doivent l'être : tirez-en un pour chacun",
)
def one_random_token(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), (1,), generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(one_random_token)
def one_random_token_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = sorted(set(range(vocab_size)) - set(special_ids))
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels, inputs = token_ids.masked_fill(~chosen, -100), token_ids.clone()
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    inputs[swap] = words[int(torch.randint(len(words), (), generator=generator))]
    return inputs, labels


@misconception(
    "input_mutated",
    en="your function writes to token_ids: the caller still needs it, work on a copy",
    fr="votre fonction écrit dans token_ids : l'appelant en a encore besoin, travaillez sur une copie",
)
def input_mutated(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    labels = torch.where(selected, token_ids, -100)
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    token_ids[selected & (action < 0.8)] = mask_id
    random = selected & (action >= 0.9)
    token_ids[random] = drawn[random]
    return token_ids, labels


@again(input_mutated)
def input_mutated_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.clone()
    labels[~chosen] = -100
    inputs = token_ids  # an alias, not a copy
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs.masked_fill_(replaced, mask_id)
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    inputs[swap] = words[torch.randint(len(words), (int(swap.sum()),), generator=generator)]
    return inputs, labels


@misconception(
    "labels_everywhere",
    en="your labels hold every token: −100 belongs where nothing is to be predicted",
    fr="vos labels contiennent tous les jetons : il faut −100 là où il n'y a rien à prédire",
)
def labels_everywhere(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, token_ids.clone()


@again(labels_everywhere)
def labels_everywhere_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    labels = token_ids.clone()
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    inputs = token_ids.clone()
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    inputs[swap] = words[torch.randint(len(words), (int(swap.sum()),), generator=generator)]
    return inputs, labels


@misconception(
    "labels_zero",
    en="your labels are 0 where nothing is predicted: 0 is a token; the loss ignores −100",
    fr="vos labels valent 0 là où rien n'est prédit : 0 est un jeton ; la perte ignore −100",
)
def labels_zero(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, 0)


@again(labels_zero)
def labels_zero_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    inputs, labels = token_ids.clone(), token_ids * chosen
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    inputs[swap] = words[torch.randint(len(words), (int(swap.sum()),), generator=generator)]
    return inputs, labels


@misconception(
    "labels_another_negative",
    en="your labels hold another negative number than −100, −1 for instance, where nothing is predicted: the loss "
    "ignores −100 only, and takes −1 for a token",
    fr="vos labels contiennent un autre nombre négatif que −100, par exemple −1, là où rien n'est prédit : la perte "
    "n'ignore que −100 et prend −1 pour un jeton",
)
def labels_another_negative(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -1)


@again(labels_another_negative)
def labels_another_negative_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    inputs, labels = token_ids.clone(), token_ids.clone()
    labels[~chosen] = -999
    masked = chosen & torch.bernoulli(torch.full(token_ids.shape, 0.8), generator=generator).bool()
    inputs[masked] = mask_id
    swapped = chosen & ~masked & (torch.rand(token_ids.shape, generator=generator) < 0.5)
    words = sorted(set(range(vocab_size)) - set(special_ids))
    picks = torch.randint(0, len(words), (int(swapped.sum()),), generator=generator)
    inputs[swapped] = torch.tensor(words)[picks]
    return inputs, labels


@misconception(
    "labels_after_corruption",
    en="your labels hold the corrupted tokens: take them from token_ids before you change anything",
    fr="vos labels contiennent les jetons corrompus : prenez-les dans token_ids avant tout changement",
)
def labels_after_corruption(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, inputs, -100)


@again(labels_after_corruption)
def labels_after_corruption_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    inputs = token_ids.clone()
    replaced = torch.bernoulli(torch.full(inputs.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(inputs.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    inputs[swap] = words[torch.randint(len(words), (int(swap.sum()),), generator=generator)]
    labels = inputs.clone()
    labels[~chosen] = -100
    return inputs, labels


@misconception(
    "labels_only_where_changed",
    en="a selected token that stays as it is has no label: the loss counts all selected tokens, the kept ones too",
    fr="un jeton sélectionné qui reste tel quel n'a pas de label : la perte compte tous les jetons sélectionnés, "
    "y compris les conservés",
)
def labels_only_where_changed(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(inputs != token_ids, token_ids, -100)


@again(labels_only_where_changed)
def labels_only_where_changed_2(
    token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15
):
    inputs, labels = token_ids.clone(), torch.full_like(token_ids, -100)
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    draw = (
        torch.rand(token_ids.shape, generator=generator) / probability
        if probability
        else torch.ones(token_ids.shape)
    )
    eligible = torch.isin(token_ids, words)
    masked = eligible & (draw < 0.8)
    random = eligible & (draw >= 0.8) & (draw < 0.9)
    inputs[masked] = mask_id
    inputs[random] = words[torch.randint(len(words), (int(random.sum()),), generator=generator)]
    # What a random draw left as it was stays unlabelled as well.
    for place in (masked, random & (inputs != token_ids)):
        labels[place] = token_ids[place]
    return inputs, labels


@misconception(
    "specials_counted_in_the_share",
    en="you select 15 % of all positions, specials counted, among the words: more than 15 % of the words",
    fr="vous sélectionnez, parmi les mots, 15 % de toutes les positions, spéciaux compris : plus de 15 % des mots",
)
def specials_counted_in_the_share(
    token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15
):
    eligible = ~torch.isin(token_ids, torch.tensor(list(special_ids)))
    n_words = int(eligible.sum())
    share = min(1.0, probability * token_ids.numel() / max(n_words, 1))
    selected = (torch.rand(token_ids.shape, generator=generator) < share) & eligible
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(specials_counted_in_the_share)
def specials_counted_in_the_share_2(
    token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15
):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    eligible = torch.isin(token_ids, words)
    wanted = probability * token_ids.numel()
    chances = (eligible * wanted / eligible.sum().clamp(min=1)).clamp(max=1.0)
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels, inputs = token_ids.masked_fill(~chosen, -100), token_ids.clone()
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    inputs[swap] = words[torch.randint(len(words), (int(swap.sum()),), generator=generator)]
    return inputs, labels


@misconception(
    "fixed_number_a_batch",
    en="you select a fixed number of tokens in each batch: each token is selected by a draw of its own",
    fr="vous sélectionnez un nombre fixe de jetons par lot : chaque jeton est sélectionné par son propre tirage",
)
def fixed_number_a_batch(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    eligible = ~torch.isin(token_ids, torch.tensor(list(special_ids)))
    places = torch.nonzero(eligible.flatten()).squeeze(1)
    places = places[torch.randperm(len(places), generator=generator)[: round(probability * len(places))]]
    selected = torch.zeros(token_ids.numel(), dtype=torch.bool)
    selected[places] = True
    selected = selected.view_as(token_ids)
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(fixed_number_a_batch)
def fixed_number_a_batch_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    scores = torch.rand(token_ids.shape, generator=generator).masked_fill(~torch.isin(token_ids, words), 2.0)
    n = int((scores < 2.0).sum() * probability)
    chosen = torch.zeros_like(scores, dtype=torch.bool)
    chosen.view(-1)[scores.flatten().argsort()[:n]] = True
    labels, inputs = token_ids.masked_fill(~chosen, -100), token_ids.clone()
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    inputs[swap] = words[torch.randint(len(words), (int(swap.sum()),), generator=generator)]
    return inputs, labels


@misconception(
    "fixed_number_a_row",
    en="you select a fixed number of tokens in each row: each token is selected by a draw of its own",
    fr="vous sélectionnez un nombre fixe de jetons par ligne : chaque jeton est sélectionné par son propre tirage",
)
def fixed_number_a_row(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    eligible = ~torch.isin(token_ids, torch.tensor(list(special_ids)))
    scores = torch.rand(token_ids.shape, generator=generator).masked_fill(~eligible, 2.0)
    rank = scores.argsort(dim=1).argsort(dim=1)
    selected = rank < (probability * eligible.sum(1, keepdim=True)).round()
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(fixed_number_a_row)
def fixed_number_a_row_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    inputs, labels = token_ids.clone(), torch.full_like(token_ids, -100)
    for row in range(len(token_ids)):
        places = torch.nonzero(torch.isin(token_ids[row], words)).flatten()
        n = round(probability * len(places))
        chosen = places[torch.randperm(len(places), generator=generator)[:n]]
        labels[row, chosen] = token_ids[row, chosen]
        action = torch.rand(n, generator=generator)
        random = words[torch.randint(len(words), (n,), generator=generator)]
        new = torch.where(action < 0.8, mask_id, torch.where(action < 0.9, random, inputs[row, chosen]))
        inputs[row, chosen] = new
    return inputs, labels


@misconception(
    "same_positions_in_all_rows",
    en="the same positions are selected in all rows of the batch: draw for (B, T), not for T",
    fr="les mêmes positions sont sélectionnées dans toutes les lignes du lot : tirez pour (B, T), et non pour T",
)
def same_positions_in_all_rows(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.size(1), generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(same_positions_in_all_rows)
def same_positions_in_all_rows_2(
    token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15
):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    columns = torch.bernoulli(torch.full((1, token_ids.size(1)), probability), generator=generator).bool()
    chosen = columns.expand_as(token_ids) & torch.isin(token_ids, words)
    labels, inputs = token_ids.masked_fill(~chosen, -100), token_ids.clone()
    n = int(chosen.sum())
    action = torch.rand(n, generator=generator)
    random = words[torch.randint(len(words), (n,), generator=generator)]
    inputs[chosen] = torch.where(action < 0.8, mask_id, torch.where(action < 0.9, random, token_ids[chosen]))
    return inputs, labels


@misconception(
    "probability_ignored",
    en="0.15 is written in your code: the share to select is the argument probability",
    fr="0,15 est écrit dans votre code : la part à sélectionner est l'argument probability",
)
def probability_ignored(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < 0.15) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(probability_ignored)
def probability_ignored_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    u = torch.rand(token_ids.shape, generator=generator).masked_fill(~torch.isin(token_ids, words), 1.0)
    inputs, labels = token_ids.clone(), token_ids.masked_fill(u >= 0.15, -100)
    inputs[u < 0.12] = mask_id
    random = (u >= 0.12) & (u < 0.135)
    inputs[random] = words[torch.randint(len(words), (int(random.sum()),), generator=generator)]
    return inputs, labels


@misconception(
    "complement_selected",
    en="you select 85 % of the tokens: the comparison with probability is the wrong way round",
    fr="vous sélectionnez 85 % des jetons : la comparaison avec probability est inversée",
)
def complement_selected(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) > probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(complement_selected)
def complement_selected_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    kept_out = torch.bernoulli(torch.full(token_ids.shape, probability), generator=generator).bool()
    chosen = ~kept_out & torch.isin(token_ids, words)
    labels, inputs = token_ids.masked_fill(~chosen, -100), token_ids.clone()
    n = int(chosen.sum())
    action = torch.rand(n, generator=generator)
    random = words[torch.randint(len(words), (n,), generator=generator)]
    inputs[chosen] = torch.where(action < 0.8, mask_id, torch.where(action < 0.9, random, token_ids[chosen]))
    return inputs, labels


@misconception(
    "generator_ignored",
    en="the generator has no effect: give generator=generator to every function that draws",
    fr="le générateur est sans effet : donnez generator=generator à chaque fonction qui tire au hasard",
)
def generator_ignored(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape) < probability) & ~special
    action = torch.rand(token_ids.shape)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(generator_ignored)
def generator_ignored_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances).bool()
    labels, inputs = token_ids.masked_fill(~chosen, -100), token_ids.clone()
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8)).bool() & chosen
    inputs[replaced] = mask_id
    swap = torch.bernoulli(torch.full(labels.shape, 0.5)).bool() & chosen & ~replaced
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    inputs[swap] = words[torch.randint(len(words), (int(swap.sum()),))]
    return inputs, labels


@misconception(
    "generator_for_selection_only",
    en="only the selection takes the generator: the choice between [MASK], random and kept draws elsewhere",
    fr="seule la sélection utilise le générateur : le choix entre [MASK], hasard et conservation tire ailleurs",
)
def generator_for_selection_only(
    token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15
):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(generator_for_selection_only)
def generator_for_selection_only_2(
    token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15
):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    chances = torch.isin(token_ids, words) * probability
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.masked_fill(~chosen, -100)
    mixed = torch.rand(token_ids.shape)
    other = words[(torch.rand(token_ids.shape) * len(words)).long()]
    inputs = torch.where(mixed < 0.8, mask_id, torch.where(mixed < 0.9, other, token_ids))
    return torch.where(chosen, inputs, token_ids), labels


@misconception(
    "random_tokens_without_generator",
    en="the generator does not draw the random tokens: give it to this draw too",
    fr="le générateur ne tire pas les jetons au hasard : donnez-le aussi à ce tirage",
)
def random_tokens_without_generator(
    token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15
):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(random_tokens_without_generator)
def random_tokens_without_generator_2(
    token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15
):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    chances = torch.isin(token_ids, words) * probability
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.masked_fill(~chosen, -100)
    mixed = torch.rand(token_ids.shape, generator=generator)
    other = words[(torch.rand(token_ids.shape) * len(words)).long()]
    inputs = torch.where(mixed < 0.8, mask_id, torch.where(mixed < 0.9, other, token_ids))
    return torch.where(chosen, inputs, token_ids), labels


@misconception(
    "action_without_generator",
    en="the generator does not choose between [MASK], random and kept: give it to this draw too",
    fr="le générateur ne choisit pas entre [MASK], hasard et conservation : donnez-le aussi à ce tirage",
)
def action_without_generator(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return inputs, torch.where(selected, token_ids, -100)


@again(action_without_generator)
def action_without_generator_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    chances = torch.isin(token_ids, words) * probability
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels = token_ids.masked_fill(~chosen, -100)
    mixed = torch.rand(token_ids.shape)
    other = words[(torch.rand(token_ids.shape, generator=generator) * len(words)).long()]
    inputs = torch.where(mixed < 0.8, mask_id, torch.where(mixed < 0.9, other, token_ids))
    return torch.where(chosen, inputs, token_ids), labels


@misconception(
    "results_exchanged",
    en="you return (labels, inputs): the inputs come first",
    fr="vous renvoyez (labels, inputs) : les entrées (inputs) viennent d'abord",
)
def results_exchanged(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    special = torch.isin(token_ids, torch.tensor(list(special_ids)))
    selected = (torch.rand(token_ids.shape, generator=generator) < probability) & ~special
    action = torch.rand(token_ids.shape, generator=generator)
    words = torch.tensor([i for i in range(vocab_size) if i not in set(special_ids)])
    drawn = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(selected & (action < 0.8), mask_id, token_ids)
    inputs = torch.where(selected & (action >= 0.9), drawn, inputs)
    return torch.where(selected, token_ids, -100), inputs


@again(results_exchanged)
def results_exchanged_2(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    chosen = torch.bernoulli(torch.isin(token_ids, words) * probability, generator=generator).bool()
    n = int(chosen.sum())
    action = torch.rand(n, generator=generator)
    random = words[torch.randint(len(words), (n,), generator=generator)]
    inputs, labels = token_ids.clone(), token_ids.clone()
    inputs[chosen] = torch.where(action < 0.8, mask_id, torch.where(action < 0.9, random, token_ids[chosen]))
    labels[~chosen] = -100
    return labels, inputs
