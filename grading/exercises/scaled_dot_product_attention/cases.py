"""Stored inputs of the public checks: all dimensions different, no neutral values, float64."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.other_inputs import larger

B, H, T, S, K, VALUE_WIDTH = 2, 3, 4, 5, 6, 7


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    sizes = larger(rng, B, H, T, S, K, VALUE_WIDTH)
    twin, rng = rng is not None, rng or np.random.default_rng(20_170)

    b, h, n_queries, n_keys, k, width = sizes

    def inputs(
        *, batch: tuple[int, ...] = (b, h), t: int = n_queries, s: int = n_keys, size: float = 1.0
    ) -> dict:
        # Rows of very different lengths: a wrong scale then changes the softmax, not only its sharpness.
        return {
            "query": size * rng.normal(size=(*batch, t, k)) * rng.uniform(0.5, 2.0, (t, 1)),
            "key": rng.normal(size=(*batch, s, k)) + 0.3,
            "value": rng.normal(size=(*batch, s, width)) - 0.2,
        }

    plain = inputs()
    # Irregular, so that no mask of another orientation equals it, and every row sees something.
    mask = rng.random((b, 1, n_queries, n_keys)) < 0.6
    mask[..., 0] |= ~mask.any(-1)
    blind = mask.copy()
    blind[0, 0, 1] = False
    blind[1, 0, 3] = False
    # Small scores, so that no weight is near 0, and an orthogonal value: output @ value.T are the weights.
    other = rng if twin else np.random.default_rng(20_173)
    few = {"query": 0.5 * other.normal(size=(6, 3)), "key": other.normal(size=(16, 3))}
    few["value"] = np.linalg.qr(other.normal(size=(16, 16)))[0]
    return {
        "before_dropout": Request(kwargs=few),
        "plain": Request(kwargs=plain),
        "masked": Request(kwargs={**inputs(), "mask": mask}),
        "nothing_visible": Request(kwargs={**inputs(), "mask": blind}),
        "broadcast_mask": Request(kwargs={**inputs(), "mask": rng.permutation(np.arange(n_keys) < 3)[None]}),
        "one_position": Request(kwargs=inputs(batch=(1, 1), t=1, s=1)),
        "two_axes": Request(kwargs=inputs(batch=(), t=3, s=2)),
        "large_scores": Request(kwargs=inputs(size=400.0)),
        "gradients": Request(
            kwargs={**inputs(), "mask": mask},
            cotangent=rng.normal(size=(b, h, n_queries, width)),
            wrt=("query", "key", "value"),
        ),
    }
