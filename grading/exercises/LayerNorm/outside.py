"""Wrong layer normalisations outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def over_the_last_two_axes(self, x):
    normalised = F.layer_norm(x, x.shape[-2:], eps=self.eps)
    return self.weight * normalised + self.bias


def gain_plus_one(self, x):
    return F.layer_norm(x, x.shape[-1:], 1 + self.weight, self.bias, self.eps)


def gain_and_bias_exchanged(self, x):
    return F.layer_norm(x, x.shape[-1:], self.bias, self.weight, self.eps)


def eps_on_both_sides(self, x):
    centred = x - x.mean(-1, keepdim=True)
    deviation = (centred.square().mean(-1, keepdim=True) + self.eps).sqrt() + self.eps
    return self.weight * centred / deviation + self.bias


def mean_absolute_deviation(self, x):
    centred = x - x.mean(-1, keepdim=True)
    return self.weight * centred / (centred.abs().mean(-1, keepdim=True) + self.eps) + self.bias


def sum_of_squares(self, x):
    centred = x - x.mean(-1, keepdim=True)
    return self.weight * centred / (centred.square().sum(-1, keepdim=True) + self.eps).sqrt() + self.bias


def median_for_mean(self, x):
    centred = x - x.median(-1, keepdim=True).values
    return self.weight * centred / (centred.square().mean(-1, keepdim=True) + self.eps).sqrt() + self.bias


def between_zero_and_one(self, x):
    low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
    return self.weight * (x - low) / (high - low + self.eps) + self.bias


def axis_lost(self, x):
    return self.weight * (x - x.mean(-1)) / (x.var(-1, correction=0) + self.eps).sqrt() + self.bias


def always_float32(self, x):
    answer = F.layer_norm(x.float(), x.shape[-1:], self.weight.float(), self.bias.float(), self.eps)
    return answer


def through_float16(self, x):
    narrow = x.half()
    answer = F.layer_norm(narrow, x.shape[-1:], self.weight.half(), self.bias.half(), self.eps)
    return answer.to(x.dtype)


def unbiased_and_no_bias(self, x):
    mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True)
    return self.weight * (x - mean) / (variance + self.eps).sqrt()


def gain_detached(self, x):
    return F.layer_norm(x, x.shape[-1:], self.weight.detach(), self.bias, self.eps)


def only_three_axes(self, x):
    batch, length, width = x.shape
    return F.layer_norm(x.view(batch * length, width), (width,), self.weight, self.bias, self.eps).view(
        batch, length, width
    )


def input_changed_by_the_bias(self, x):
    answer = F.layer_norm(x, x.shape[-1:], self.weight, self.bias, self.eps)
    with torch.no_grad():
        x.add_(self.bias)
    return answer


def attribute_error(self, x):
    return self.gamma * x + self.beta


OUTSIDE = {
    over_the_last_two_axes: (),
    gain_plus_one: (),
    gain_and_bias_exchanged: (),
    eps_on_both_sides: (),
    mean_absolute_deviation: (),
    sum_of_squares: (),
    median_for_mean: (),
    between_zero_and_one: (),
    axis_lost: (),
    always_float32: (),
    through_float16: (),
    unbiased_and_no_bias: (),
    gain_detached: (),
    only_three_axes: (),
    input_changed_by_the_bias: ("input_changed",),
    attribute_error: (),
}
