"""Wrong encoder blocks outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def _block(self, x, attend, feed_forward=None):
    """A right block with these sublayers."""
    for sublayer, norm in (
        (attend, self.norm_attention),
        (feed_forward or self.feed_forward, self.norm_feed_forward),
    ):
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


def tuple_not_unpacked(self, x, mask=None):
    return _block(self, x, lambda h: self.attention(h, mask=mask))


def weights_taken(self, x, mask=None):
    return _block(self, x, lambda h: self.attention(h, mask=mask)[1])


def both_returned(self, x, mask=None):
    return _block(self, x, lambda h: self.attention(h, mask=mask)[0]), None


def nothing_returned(self, x, mask=None):
    _block(self, x, lambda h: self.attention(h, mask=mask)[0])


def attention_twice(self, x, mask=None):
    return _block(self, x, lambda h: self.attention(self.attention(h, mask=mask)[0], mask=mask)[0])


def feed_forward_twice(self, x, mask=None):
    return _block(
        self, x, lambda h: self.attention(h, mask=mask)[0], lambda h: self.feed_forward(self.feed_forward(h))
    )


def feed_forward_skipped(self, x, mask=None):
    return _block(self, x, lambda h: self.attention(h, mask=mask)[0], torch.zeros_like)


def residual_doubled(self, x, mask=None):
    return _block(self, x, lambda h: h + self.attention(h, mask=mask)[0])


def residual_multiplied(self, x, mask=None):
    return _block(self, x, lambda h: x * self.attention(h, mask=mask)[0])


def residual_averaged(self, x, mask=None):
    return _block(self, x, lambda h: self.attention(h, mask=mask)[0]) / 2


def normalised_before_and_after(self, x, mask=None):
    for sublayer, norm in (
        (lambda h: self.attention(h, mask=mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ):
        x = norm(x + self.dropout(sublayer(norm(x))))
    return x


def own_plain_norm(self, x, mask=None):
    def norm(h):
        return F.layer_norm(h, h.shape[-1:])

    for sublayer in (lambda h: self.attention(h, mask=mask)[0], self.feed_forward):
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


def pre_norm_half_way(self, x, mask=None):
    """Pre-norm around the attention, post-norm around the feed-forward network, whatever norm_first says."""
    x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
    return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


def mask_transposed(self, x, mask=None):
    seen = mask.mT if mask is not None and mask.size(-1) == mask.size(-2) else mask
    return _block(self, x, lambda h: self.attention(h, mask=seen)[0])


def mask_forgotten_in_pre_norm(self, x, mask=None):
    return _block(self, x, lambda h: self.attention(h, mask=None if self.norm_first else mask)[0])


def mask_on_the_output(self, x, mask=None):
    def attend(h):
        output = self.attention(h)[0]
        return output if mask is None else output * mask.any(-1)[:, 0].unsqueeze(-1)

    return _block(self, x, attend)


def no_mask_and_no_dropout(self, x, mask=None):
    if self.norm_first:
        x = x + self.attention(self.norm_attention(x))[0]
        return x + self.feed_forward(self.norm_feed_forward(x))
    x = self.norm_attention(x + self.attention(x)[0])
    return self.norm_feed_forward(x + self.feed_forward(x))


def dropout_twice(self, x, mask=None):
    return _block(self, x, lambda h: self.dropout(self.attention(h, mask=mask)[0]))


def dropout_of_whole_positions(self, x, mask=None):
    def dropped(h):
        kept = torch.rand(*h.shape[:-1], 1) >= self.dropout.p
        return h * kept / (1 - self.dropout.p) if self.training else h

    for sublayer, norm in (
        (lambda h: self.attention(h, mask=mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ):
        x = x + dropped(sublayer(norm(x))) if self.norm_first else norm(x + dropped(sublayer(x)))
    return x


def dropout_once_for_both(self, x, mask=None):
    kept = self.dropout(torch.ones_like(x))
    for sublayer, norm in (
        (lambda h: self.attention(h, mask=mask)[0], self.norm_attention),
        (self.feed_forward, self.norm_feed_forward),
    ):
        x = x + kept * sublayer(norm(x)) if self.norm_first else norm(x + kept * sublayer(x))
    return x


def attention_detached(self, x, mask=None):
    return _block(self, x, lambda h: self.attention(h, mask=mask)[0].detach())


def residual_detached(self, x, mask=None):
    return _block(self, x.detach(), lambda h: self.attention(h, mask=mask)[0])


def half_precision(self, x, mask=None):
    return _block(self, x, lambda h: self.attention(h, mask=mask)[0]).bfloat16().to(x.dtype)


def attribute_error(self, x, mask=None):
    return self.norm1(x)


OUTSIDE = {
    tuple_not_unpacked: (),
    weights_taken: (),
    both_returned: (),
    nothing_returned: (),
    attention_twice: (),
    feed_forward_twice: (),
    feed_forward_skipped: (),
    residual_doubled: (),
    residual_multiplied: (),
    residual_averaged: (),
    normalised_before_and_after: (),
    own_plain_norm: (),
    pre_norm_half_way: ("feed_forward_always_post_norm",),
    mask_transposed: (),
    mask_forgotten_in_pre_norm: ("mask_not_passed", "mask_not_passed_in_pre_norm"),
    mask_on_the_output: ("mask_not_passed",),
    no_mask_and_no_dropout: ("mask_not_passed", "dropout_missing"),
    dropout_twice: (),
    dropout_of_whole_positions: (),
    dropout_once_for_both: (),
    attention_detached: (),
    residual_detached: (),
    half_precision: (),
    attribute_error: (),
}
