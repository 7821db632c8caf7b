"""Wrong decoder blocks outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch


def _block(self, x, look_back, look_up, feed_forward=None):
    """A right block with these sublayers."""
    steps = [(look_back, self.norm_self)]
    if self.cross_attention is not None:
        steps.append((look_up, self.norm_cross))
    for sublayer, norm in [*steps, (feed_forward or self.feed_forward, self.norm_feed_forward)]:
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


def tuple_not_unpacked(self, x, memory=None, mask=None, memory_mask=None):
    return _block(
        self,
        x,
        lambda h: self.self_attention(h, mask=mask),
        lambda h: self.cross_attention(h, memory, mask=memory_mask),
    )


def query_from_the_input(self, x, memory=None, mask=None, memory_mask=None):
    """The cross-attention asks with what came into the block, not with what the self-attention has made."""
    return _block(
        self,
        x,
        lambda h: self.self_attention(h, mask=mask)[0],
        lambda h: self.cross_attention(x, memory, mask=memory_mask)[0],
    )


def self_attention_reads_the_memory_too(self, x, memory=None, mask=None, memory_mask=None):
    def look_back(h):
        if memory is None:
            return self.self_attention(h, mask=mask)[0]
        both = torch.cat([h, memory], 1)
        seen = None
        if mask is not None:
            seen = torch.cat([mask, mask.new_ones(mask.size(0), memory.size(1))], -1)
        return self.self_attention(h, both, both, seen)[0]

    return _block(self, x, look_back, lambda h: self.cross_attention(h, memory, mask=memory_mask)[0])


def memory_averaged(self, x, memory=None, mask=None, memory_mask=None):
    def look_up(h):
        middle = memory.mean(1, keepdim=True)
        return self.cross_attention(h, middle, middle)[0]

    return _block(self, x, lambda h: self.self_attention(h, mask=mask)[0], look_up)


def memory_cut_to_the_length_of_x(self, x, memory=None, mask=None, memory_mask=None):
    def look_up(h):
        length = h.size(1)
        seen = None if memory_mask is None else memory_mask[..., :length]
        return self.cross_attention(h, memory[:, :length], mask=seen)[0]

    return _block(self, x, lambda h: self.self_attention(h, mask=mask)[0], look_up)


def masks_joined(self, x, memory=None, mask=None, memory_mask=None):
    joined = mask if memory_mask is None else memory_mask if mask is None else mask & memory_mask
    return _block(
        self,
        x,
        lambda h: self.self_attention(h, mask=mask)[0],
        lambda h: self.cross_attention(h, memory, mask=joined)[0],
    )


def own_causal_mask(self, x, memory=None, mask=None, memory_mask=None):
    """Causal always, whatever mask says."""
    past = torch.ones(x.size(1), x.size(1), dtype=torch.bool).tril()
    return _block(
        self,
        x,
        lambda h: self.self_attention(h, mask=past)[0],
        lambda h: self.cross_attention(h, memory, mask=memory_mask)[0],
    )


def memory_mask_inverted(self, x, memory=None, mask=None, memory_mask=None):
    hidden = None if memory_mask is None else ~memory_mask
    return _block(
        self,
        x,
        lambda h: self.self_attention(h, mask=mask)[0],
        lambda h: self.cross_attention(h, memory, mask=hidden)[0],
    )


def memory_returned(self, x, memory=None, mask=None, memory_mask=None):
    return x if memory is None else memory


def cross_added_to_self(self, x, memory=None, mask=None, memory_mask=None):
    """Both attentions side by side, in one residual sum."""

    def attend(h):
        output = self.self_attention(h, mask=mask)[0]
        if self.cross_attention is not None:
            output = output + self.cross_attention(h, memory, mask=memory_mask)[0]
        return output

    for sublayer, norm in ((attend, self.norm_self), (self.feed_forward, self.norm_feed_forward)):
        x = x + self.dropout(sublayer(norm(x))) if self.norm_first else norm(x + self.dropout(sublayer(x)))
    return x


def feed_forward_twice(self, x, memory=None, mask=None, memory_mask=None):
    return _block(
        self,
        x,
        lambda h: self.self_attention(h, mask=mask)[0],
        lambda h: self.cross_attention(h, memory, mask=memory_mask)[0],
        lambda h: self.feed_forward(self.feed_forward(h)),
    )


def gpt_block_forgets_its_mask(self, x, memory=None, mask=None, memory_mask=None):
    seen = None if self.cross_attention is None else mask
    return _block(
        self,
        x,
        lambda h: self.self_attention(h, mask=seen)[0],
        lambda h: self.cross_attention(h, memory, mask=memory_mask)[0],
    )


def no_mask_at_all(self, x, memory=None, mask=None, memory_mask=None):
    return _block(self, x, lambda h: self.self_attention(h)[0], lambda h: self.cross_attention(h, memory)[0])


def skipped_without_a_memory_mask(self, x, memory=None, mask=None, memory_mask=None):
    def look_up(h):
        if memory_mask is None:
            return torch.zeros_like(h)
        return self.cross_attention(h, memory, mask=memory_mask)[0]

    return _block(self, x, lambda h: self.self_attention(h, mask=mask)[0], look_up)


def dropout_twice_after_cross(self, x, memory=None, mask=None, memory_mask=None):
    return _block(
        self,
        x,
        lambda h: self.self_attention(h, mask=mask)[0],
        lambda h: self.dropout(self.cross_attention(h, memory, mask=memory_mask)[0]),
    )


def cross_without_gradient(self, x, memory=None, mask=None, memory_mask=None):
    @torch.no_grad()
    def look_up(h):
        return self.cross_attention(h, memory, mask=memory_mask)[0]

    return _block(self, x, lambda h: self.self_attention(h, mask=mask)[0], look_up)


def attribute_error(self, x, memory=None, mask=None, memory_mask=None):
    return self.norm1(x)


OUTSIDE = {
    tuple_not_unpacked: (),
    query_from_the_input: (),
    self_attention_reads_the_memory_too: (),
    memory_averaged: (),
    memory_cut_to_the_length_of_x: (),
    masks_joined: (),
    own_causal_mask: (),
    memory_mask_inverted: (),
    memory_returned: (),
    cross_added_to_self: (),
    feed_forward_twice: (),
    gpt_block_forgets_its_mask: (),
    no_mask_at_all: ("mask_not_passed", "memory_mask_not_passed"),
    skipped_without_a_memory_mask: ("cross_skipped",),
    dropout_twice_after_cross: (),
    cross_without_gradient: (),
    attribute_error: (),
}
