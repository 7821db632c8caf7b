"""What every answer does for the first time, done once before the zygote is copied.

The first use of a function of torch or numpy finds and prepares what later uses find ready. A copy that answers for
one exercise is young: without a rehearsal it would spend most of its time on first times.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from attentif.checks.store import known_exercises, load_exercise
from attentif.checks.student import LocalStudent
from attentif_worker.packing import pack
from attentif_worker.remote_parts import remote_classes


def rehearse() -> None:
    """Build the arguments of every stored request for code that does nothing, and use what answers are made of."""
    remote_classes()
    for name in known_exercises():
        exercise = load_exercise(name)
        target = _idle if exercise.method is None else type(name, (nn.Module,), {exercise.method: _idle})
        student = LocalStudent(target, exercise.method, alone=True)
        for case in exercise.cases.values():
            with suppress(Exception):  # a child finds out by itself what is wrong here
                pack(student.run(case.request))
    with suppress(Exception):
        for dtype in (torch.float32, torch.float64):
            _forward_and_backward(dtype)
        _draws()
    torch.default_generator.manual_seed(0)


def _idle(*args: object, **kwargs: object) -> None:
    """An answer that answers nothing."""


def _forward_and_backward(dtype: torch.dtype) -> None:
    model = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Dropout(0.1), nn.Linear(16, 8), nn.LayerNorm(8))
    model.to(dtype).load_state_dict(model.state_dict())
    x = torch.randn(2, 6, 8, dtype=dtype, requires_grad=True)
    heads = model(x).unflatten(-1, (2, 4)).transpose(1, 2)
    hidden = torch.ones(6, 6).triu(1).bool()
    scores = (heads @ heads.mT / 2).masked_fill(hidden, -torch.inf).softmax(-1)
    mixed = torch.einsum("bhij,bhjd->bihd", scores, heads).flatten(2)
    attended = functional.scaled_dot_product_attention(heads, heads, heads, attn_mask=~hidden)
    targets = torch.arange(12) % 8
    losses = functional.cross_entropy(mixed.reshape(12, 8), targets, ignore_index=1, reduction="none")
    likely = mixed.log_softmax(-1).gather(-1, targets.view(2, 6, 1)).logsumexp(-1).exp()
    loss = losses.mean() + attended.var() + likely.sum() / (mixed.std() + 1).sqrt()
    torch.autograd.grad(loss, [x, *model.parameters()], retain_graph=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (step + 1))
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    optimizer.zero_grad()
    embedded = nn.Embedding(8, 4)(targets)
    torch.cat([embedded, embedded.sin()]).cos().topk(2)
    torch.zeros(3, 4)[:, 0::2] = torch.arange(2.0).exp()


def _draws() -> None:
    generator = torch.Generator().manual_seed(0)
    probabilities = torch.rand(4, 8, generator=generator).softmax(-1)
    ranked, places = probabilities.sort(dim=-1, descending=True)
    kept = ranked.cumsum(-1) - ranked < 0.5
    torch.zeros(4, 8).scatter(-1, places, kept.float())
    torch.multinomial(probabilities, 1, generator=generator)
    chosen = torch.rand(4, 8, generator=generator) < 0.5
    torch.where(chosen & torch.isin(places, torch.tensor([1, 2])), places, torch.randint(8, (4, 8)))
    torch.isfinite(probabilities).all().item()
    torch.bernoulli(probabilities, generator=generator)
    torch.equal(torch.argmax(probabilities, -1), torch.tensor([1, 2, 3, 4]))
    random = np.random.default_rng(0)
    drawn = random.normal(size=(8, 4))[random.integers(8, size=8)]
    np.quantile(drawn.mean(0), [0.1, 0.9])
    np.bincount(random.integers(3, size=8), weights=drawn[:, 0])
    np.unique(drawn.round(), return_inverse=True)
    np.exp(np.log(np.abs(drawn) + 1)).std(ddof=1)
