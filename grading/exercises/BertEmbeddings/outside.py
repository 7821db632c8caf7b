"""Wrong answers to BertEmbeddings outside its catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif.embeddings import check_length


def _parts(self, token_ids, segment_ids):
    """The three vectors of each token."""
    check_length(token_ids, self.max_length)
    segments = torch.zeros_like(token_ids) if segment_ids is None else segment_ids
    places = torch.arange(token_ids.size(1)).expand_as(token_ids)
    return self.token(token_ids), self.segment(segments), self.position(places)


def product_of_the_three(self, token_ids, segment_ids=None):
    token, segment, position = _parts(self, token_ids, segment_ids)
    return self.dropout(self.norm(token * segment * position))


def mean_of_the_three(self, token_ids, segment_ids=None):
    return self.dropout(self.norm(sum(_parts(self, token_ids, segment_ids))) / 3)


def position_counted_twice(self, token_ids, segment_ids=None):
    token, segment, position = _parts(self, token_ids, segment_ids)
    return self.dropout(self.norm(token + segment + 2 * position))


def position_after_the_norm(self, token_ids, segment_ids=None):
    token, segment, position = _parts(self, token_ids, segment_ids)
    return self.dropout(self.norm(token + segment) + position)


def position_of_the_row(self, token_ids, segment_ids=None):
    token, segment, _ = _parts(self, token_ids, segment_ids)
    rows = torch.arange(token_ids.size(0))[:, None]
    return self.dropout(self.norm(token + segment + self.position(rows)))


def positions_within_the_segment(self, token_ids, segment_ids=None):
    token, segment, position = _parts(self, token_ids, segment_ids)
    if segment_ids is not None:
        places = torch.stack([(segment_ids == s).long().cumsum(1) - 1 for s in (0, 1, 2)])
        position = self.position(places.gather(0, segment_ids[None])[0])
    return self.dropout(self.norm(token + segment + position))


def segment_number_added(self, token_ids, segment_ids=None):
    # One number added to all dimensions vanishes in the normalisation: the segment has no effect.
    token, _, position = _parts(self, token_ids, segment_ids)
    number = 0 if segment_ids is None else segment_ids.unsqueeze(-1)
    return self.dropout(self.norm(token + number + position))


def segments_exchanged(self, token_ids, segment_ids=None):
    last = self.segment.num_embeddings - 1
    segments = torch.zeros_like(token_ids) if segment_ids is None else segment_ids
    return self.dropout(self.norm(sum(_parts(self, token_ids, last - segments))))


def token_zero_is_padding(self, token_ids, segment_ids=None):
    x = self.dropout(self.norm(sum(_parts(self, token_ids, segment_ids))))
    return x * (token_ids != 0).unsqueeze(-1)


def norm_over_the_positions_too(self, token_ids, segment_ids=None):
    x = sum(_parts(self, token_ids, segment_ids))
    return self.dropout(F.layer_norm(x, x.shape[1:]) * self.norm.weight + self.norm.bias)


def unit_length(self, token_ids, segment_ids=None):
    return self.dropout(F.normalize(sum(_parts(self, token_ids, segment_ids)), dim=-1))


def normalised_twice(self, token_ids, segment_ids=None):
    return self.dropout(self.norm(self.norm(sum(_parts(self, token_ids, segment_ids)))))


def whole_vectors_dropped(self, token_ids, segment_ids=None):
    x = self.norm(sum(_parts(self, token_ids, segment_ids)))
    kept = F.dropout(torch.ones_like(x[..., :1]), self.dropout.p, self.training)
    return x * kept


def the_same_dropped_in_every_row(self, token_ids, segment_ids=None):
    x = self.norm(sum(_parts(self, token_ids, segment_ids)))
    return x * F.dropout(torch.ones_like(x[0]), self.dropout.p, self.training)


def dropped_twice(self, token_ids, segment_ids=None):
    return self.dropout(self.dropout(self.norm(sum(_parts(self, token_ids, segment_ids)))))


def everything_refused(self, token_ids, segment_ids=None):
    raise ValueError("the sequence is too long")


def asserted(self, token_ids, segment_ids=None):
    assert token_ids.size(1) <= self.max_length
    return self.dropout(self.norm(sum(_parts(self, token_ids, segment_ids))))


def all_gradients_cut(self, token_ids, segment_ids=None):
    return self.dropout(self.norm(sum(_parts(self, token_ids, segment_ids)).detach()))


def from_one_without_norm(self, token_ids, segment_ids=None):
    token, segment, _ = _parts(self, token_ids, segment_ids)
    return self.dropout(token + segment + self.position(torch.arange(1, token_ids.size(1) + 1)))


def only_the_ids(self, token_ids, segment_ids=None):
    return token_ids


OUTSIDE = {
    product_of_the_three: (),
    mean_of_the_three: (),
    position_counted_twice: (),
    position_after_the_norm: (),
    position_of_the_row: (),
    positions_within_the_segment: (),
    segment_number_added: ("segment_ignored",),
    segments_exchanged: ("absent_segments_are_one",),
    token_zero_is_padding: (),
    norm_over_the_positions_too: (),
    unit_length: (),
    normalised_twice: (),
    whole_vectors_dropped: (),
    the_same_dropped_in_every_row: (),
    dropped_twice: (),
    everything_refused: (),
    asserted: (),
    all_gradients_cut: ("position_without_gradient",),
    from_one_without_norm: ("positions_from_one", "no_norm"),
    only_the_ids: (),
}
