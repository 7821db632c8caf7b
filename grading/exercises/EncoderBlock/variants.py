"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif_grading.exercises import variant


@variant
def step_by_step(self, x, mask=None):
    residual = x
    if self.norm_first:
        x = self.norm_attention(x)
    x, _ = self.attention(query=x, key=x, value=x, mask=mask)
    x = residual + F.dropout(x, p=self.dropout.p, training=self.training)
    if not self.norm_first:
        x = self.norm_attention(x)
    residual = x
    if self.norm_first:
        x = self.norm_feed_forward(x)
    x = self.feed_forward(x)
    x = residual + F.dropout(x, p=self.dropout.p, training=self.training)
    return x if self.norm_first else self.norm_feed_forward(x)


@variant
def one_query_at_a_time(self, x, mask=None):
    length = x.size(1)
    read = self.norm_attention(x) if self.norm_first else x
    rows = []
    for t in range(length):
        seen = mask if mask is None or mask.size(-2) == 1 else mask[..., t : t + 1, :]
        rows.append(self.attention(read[:, t : t + 1], read, read, seen)[0])
    x = x + self.dropout(torch.cat(rows, dim=1))
    if self.norm_first:
        return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
    x = self.norm_attention(x)
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


@variant
def feed_forward_in_pieces(self, x, mask=None):
    def transform(h):
        # Positions do not meet in this sublayer: one after the other takes less memory.
        return self.dropout(torch.stack([self.feed_forward(h[:, t]) for t in range(h.size(1))], dim=1))

    if not self.norm_first:
        x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
        return self.norm_feed_forward(torch.add(x, transform(x)))
    attended = self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
    return attended + transform(self.norm_feed_forward(x + attended)) + x


@variant
def updates_added_last(self, x, mask=None):
    update = torch.zeros_like(x)
    sublayers = {
        self.norm_attention: lambda h: self.attention(h, h, h, mask)[0],
        self.norm_feed_forward: self.feed_forward,
    }
    for norm, sublayer in sublayers.items():
        if self.norm_first:
            update = update + self.dropout(sublayer(norm(x + update)))
        else:
            x = norm(self.dropout(sublayer(x)) + x)
    return x + update
