"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import numpy as np
import torch

from attentif_grading.exercises import variant


@variant
def bernoulli_chain(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    inputs, labels = token_ids.clone(), token_ids.clone()
    chances = torch.full(labels.shape, probability)
    for special in special_ids:
        chances.masked_fill_(labels == special, 0.0)
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels[~chosen] = -100
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8), generator=generator).bool() & chosen
    inputs[replaced] = mask_id
    # Half of the 20 % that are left are the 10 % that become random.
    swap = torch.bernoulli(torch.full(labels.shape, 0.5), generator=generator).bool() & chosen & ~replaced
    words = torch.tensor([i for i in range(vocab_size) if i not in special_ids])
    inputs[swap] = words[torch.randint(len(words), labels.shape, generator=generator)][swap]
    return inputs, labels


@variant
def one_uniform_draw(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    words = torch.tensor(sorted(set(range(vocab_size)) - set(special_ids)))
    u = torch.rand(token_ids.shape, generator=generator, dtype=torch.float64)
    u = u.masked_fill(~torch.isin(token_ids, words), 2.0)
    random = words[torch.randint(len(words), token_ids.shape, generator=generator)]
    inputs = torch.where(u < 0.8 * probability, torch.full_like(token_ids, mask_id), token_ids)
    inputs = torch.where((u >= 0.8 * probability) & (u < 0.9 * probability), random, inputs)
    return inputs, token_ids.masked_fill(u >= probability, -100)


@variant
def row_by_row(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    is_word = torch.ones(vocab_size, dtype=torch.bool)
    is_word[list(special_ids)] = False
    shares = torch.tensor([0.8, 0.1, 0.1])
    rows, answers = [], []
    for row in token_ids:
        new, label = row.clone(), torch.full_like(row, -100)
        places = (is_word[row] & (torch.rand(len(row), generator=generator) < probability)).nonzero()[:, 0]
        if len(places):
            label[places] = row[places]
            kinds = torch.multinomial(shares, len(places), replacement=True, generator=generator)
            new[places[kinds == 0]] = mask_id
            n_random = int((kinds == 1).sum())
            if n_random:
                weights = is_word.float()
                new[places[kinds == 1]] = torch.multinomial(weights, n_random, True, generator=generator)
        rows.append(new)
        answers.append(label)
    return torch.stack(rows), torch.stack(answers)


@variant
def numpy_draws(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
    rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
    tokens = token_ids.numpy().copy()
    words = np.setdiff1d(np.arange(vocab_size), list(special_ids))
    selected = np.isin(tokens, words) & (rng.random(tokens.shape) < probability)
    labels = np.where(selected, tokens, -100)
    n = int(selected.sum())
    kinds = rng.choice(3, size=n, p=[0.8, 0.1, 0.1])
    tokens[selected] = np.select([kinds == 0, kinds == 1], [mask_id, rng.choice(words, n)], tokens[selected])
    return torch.from_numpy(tokens), torch.from_numpy(labels)
