"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = (
    "split_without_transpose",
    "merge_without_transpose",
    "same_length_assumed",
    "dropout_in_evaluation",
)


@misconception(
    "merge_without_transpose",
    en="you merge the heads by a reshape alone: bring the positions back before the head axis first",
    fr="vous fusionnez les têtes par un simple reshape : remettez d'abord les positions avant l'axe des têtes",
    warning=text(
        "you merge the heads by a `reshape` alone", "vous fusionnez les têtes par un simple `reshape`"
    ),
)
def merge_without_transpose(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.reshape(batch, length, width)), weights


@again(merge_without_transpose)
def merge_without_transpose_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    heads = [
        projection(x).unflatten(-1, (self.n_heads, -1)).permute(0, 2, 1, 3)
        for projection, x in (
            (self.query_projection, query),
            (self.key_projection, memory),
            (self.value_projection, content),
        )
    ]
    output, weights = self.attend(*heads, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(output.flatten(1).view_as(query)), weights


@misconception(
    "split_without_transpose",
    en="you cut the width into heads with a view to (B, H, T, K): it mixes positions and heads; "
    "view to (B, T, H, K), then exchange the two axes",
    fr="vous coupez la largeur en têtes par un view vers (B, H, T, K) : positions et têtes se mélangent ; "
    "faites un view vers (B, T, H, K), puis échangez les deux axes",
    warning=text(
        "you cut the width into heads by a single `view`, to `(B, H, T, K)`",
        "vous coupez la largeur en têtes par un seul `view`, vers `(B, H, T, K)`",
    ),
)
def split_without_transpose(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    head = width // self.n_heads
    q = self.query_projection(query).view(batch, self.n_heads, length, head)
    k = self.key_projection(key).view(batch, self.n_heads, key.size(1), head)
    v = self.value_projection(value).view(batch, self.n_heads, value.size(1), head)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(split_without_transpose)
def split_without_transpose_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value

    def split(x):
        return x.flatten(1).unflatten(1, (self.n_heads, x.size(1), -1))

    output, weights = self.attend(
        split(self.query_projection(query)),
        split(self.key_projection(memory)),
        split(self.value_projection(content)),
        mask,
        dropout_p=self.dropout if self.training else 0,
    )
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "view_both_ways",
    en="you go from (B, T, D) to (B, H, T, K) and back by views alone: the heads hold pieces of several "
    "positions; exchange the axes T and H both times",
    fr="vous passez de (B, T, D) à (B, H, T, K), puis revenez, par de simples view : les têtes contiennent des "
    "morceaux de plusieurs positions ; échangez les axes T et H les deux fois",
)
def view_both_ways(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    head = width // self.n_heads
    q = self.query_projection(query).view(batch, self.n_heads, length, head)
    k = self.key_projection(key).view(batch, self.n_heads, key.size(1), head)
    v = self.value_projection(value).view(batch, self.n_heads, value.size(1), head)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.reshape(batch, length, width)), weights


@again(view_both_ways)
def view_both_ways_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = self.query_projection(query), self.key_projection(memory), self.value_projection(content)
    q, k, v = (x.flatten(1).unflatten(1, (self.n_heads, x.size(1), -1)) for x in (q, k, v))
    output, weights = self.attend(q, k, v, mask, self.dropout * self.training)
    return self.output_projection(output.flatten(1).reshape(query.shape)), weights


@misconception(
    "attention_over_heads",
    en="your attention runs over the heads of one position: without the exchange of axes the heads stand "
    "where the positions should, (B, T, H, K) instead of (B, H, T, K)",
    fr="votre attention porte sur les têtes d'une même position : sans l'échange des axes, les têtes sont à la "
    "place des positions, (B, T, H, K) au lieu de (B, H, T, K)",
)
def attention_over_heads(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.reshape(batch, length, width)), weights


@again(attention_over_heads)
def attention_over_heads_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    sizes = (self.n_heads, self.d_model // self.n_heads)
    q = self.query_projection(query).unflatten(2, sizes)
    k = self.key_projection(memory).unflatten(2, sizes)
    v = self.value_projection(content).unflatten(2, sizes)
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(output.flatten(-2)), weights


@misconception(
    "heads_interleaved",
    en="each head takes every H-th dimension: head i is the i-th block of K consecutive dimensions, "
    "so cut into (H, K), not (K, H)",
    fr="chaque tête prend une dimension sur H : la tête i est le i-ième bloc de K dimensions consécutives, "
    "coupez donc en (H, K) et non en (K, H)",
)
def heads_interleaved(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    head = width // self.n_heads
    q = self.query_projection(query).view(batch, length, head, self.n_heads).permute(0, 3, 1, 2)
    k = self.key_projection(key).view(batch, key.size(1), head, self.n_heads).permute(0, 3, 1, 2)
    v = self.value_projection(value).view(batch, value.size(1), head, self.n_heads).permute(0, 3, 1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.permute(0, 2, 3, 1).reshape(batch, length, width)), weights


@again(heads_interleaved)
def heads_interleaved_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    n = self.n_heads

    def split(x):
        return torch.stack([x[..., start::n] for start in range(n)], dim=1)

    output, weights = self.attend(
        split(self.query_projection(query)),
        split(self.key_projection(memory)),
        split(self.value_projection(content)),
        mask,
        self.dropout if self.training else 0.0,
    )
    merged = torch.empty_like(query)
    for start in range(n):
        merged[..., start::n] = output[:, start]
    return self.output_projection(merged), weights


@misconception(
    "heads_and_width_exchanged",
    en="you have K heads of width H: the number of heads and the width of a head are exchanged in the shape into which "
    "you cut; H heads of width K are asked for, (B, T, H, K) before the exchange of axes",
    fr="vous avez K têtes de largeur H : le nombre de têtes et la largeur d'une tête sont échangés dans la forme en "
    "laquelle vous coupez ; on demande H têtes de largeur K, (B, T, H, K) avant l'échange des axes",
)
def heads_and_width_exchanged(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    head = width // self.n_heads
    q = self.query_projection(query).view(batch, length, head, self.n_heads).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), head, self.n_heads).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), head, self.n_heads).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(heads_and_width_exchanged)
def heads_and_width_exchanged_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.split(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "split_interleaved",
    en="you cut the width in the order (K, H), so that each head takes every H-th dimension, and merge in the order "
    "(H, K): cut into (H, K) too, a head is K consecutive dimensions",
    fr="vous coupez la largeur dans l'ordre (K, H), si bien que chaque tête prend une dimension sur H, et fusionnez dans "
    "l'ordre (H, K) : coupez aussi en (H, K), une tête est faite de K dimensions consécutives",
)
def split_interleaved(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    head = width // self.n_heads
    q = self.query_projection(query).view(batch, length, head, self.n_heads).permute(0, 3, 1, 2)
    k = self.key_projection(key).view(batch, key.size(1), head, self.n_heads).permute(0, 3, 1, 2)
    v = self.value_projection(value).view(batch, value.size(1), head, self.n_heads).permute(0, 3, 1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(split_interleaved)
def split_interleaved_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    n = self.n_heads

    def split(x):
        return torch.stack([x[..., start::n] for start in range(n)], dim=1)

    q, k = split(self.query_projection(query)), split(self.key_projection(memory))
    v = split(self.value_projection(content))
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "merge_interleaved",
    en="you merge the heads in the order (K, H): the K dimensions of a head must stay together, order (H, K)",
    fr="vous fusionnez les têtes dans l'ordre (K, H) : les K dimensions d'une tête doivent rester ensemble, "
    "ordre (H, K)",
)
def merge_interleaved(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.permute(0, 2, 3, 1).reshape(batch, length, width)), weights


@again(merge_interleaved)
def merge_interleaved_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value

    def split(x):
        return torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)

    q, k = split(self.query_projection(query)), split(self.key_projection(memory))
    v = split(self.value_projection(content))
    output, weights = self.attend(q, k, v, mask, self.dropout * self.training)
    return self.output_projection(torch.stack(output.unbind(1), dim=-1).flatten(-2)), weights


@misconception(
    "no_output_projection",
    en="the output projection is missing: the merged heads go through output_projection last",
    fr="la projection de sortie manque : les têtes fusionnées passent en dernier par output_projection",
)
def no_output_projection(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return output.transpose(1, 2).reshape(batch, length, width), weights


@again(no_output_projection)
def no_output_projection_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value

    def split(x):
        return torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)

    q, k = split(self.query_projection(query)), split(self.key_projection(memory))
    v = split(self.value_projection(content))
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return torch.cat(tuple(output.unbind(1)), dim=-1), weights


@misconception(
    "value_through_key_projection",
    en="your values go through the key projection: they have a projection of their own",
    fr="vos valeurs passent par la projection des clés : elles ont leur propre projection",
)
def value_through_key_projection(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.key_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(value_through_key_projection)
def value_through_key_projection_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value

    def heads(x, weight, bias):
        return F.linear(x, weight, bias).unflatten(-1, (self.n_heads, -1)).movedim(2, 1)

    key_weight, key_bias = self.key_projection.weight, self.key_projection.bias
    q = heads(query, self.query_projection.weight, self.query_projection.bias)
    output, weights = self.attend(
        q, heads(memory, key_weight, key_bias), heads(content, key_weight, key_bias), mask,
        self.dropout if self.training else 0.0,
    )  # fmt: skip
    return self.output_projection(output.movedim(1, 2).flatten(2)), weights


@misconception(
    "one_projection_for_all",
    en="queries, keys and values all go through the query projection: each has its own",
    fr="requêtes, clés et valeurs passent toutes par la projection des requêtes : chacune a la sienne",
)
def one_projection_for_all(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.query_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.query_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(one_projection_for_all)
def one_projection_for_all_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value

    def heads(x):
        return torch.stack(self.query_projection(x).chunk(self.n_heads, dim=-1), dim=1)

    output, weights = self.attend(
        heads(query), heads(memory), heads(content), mask, self.dropout * self.training
    )
    return self.output_projection(output.permute(0, 2, 1, 3).flatten(2)), weights


@misconception(
    "no_projections",
    en="you cut the inputs into heads without projecting them: query_projection, key_projection and value_projection come first",
    fr="vous coupez les entrées en têtes sans les projeter : query_projection, key_projection et value_projection viennent d'abord",
)
def no_projections(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = query.view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = key.view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = value.view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(no_projections)
def no_projections_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (torch.stack(x.chunk(self.n_heads, dim=-1), dim=1) for x in (query, memory, content))
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "memory_ignored",
    en="key and value have no effect: your layer always reads the query itself, even in cross-attention",
    fr="key et value sont sans effet : votre couche lit toujours la requête elle-même, même en attention croisée",
)
def memory_ignored(self, query, key=None, value=None, mask=None):
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(memory_ignored)
def memory_ignored_2(self, query, key=None, value=None, mask=None):
    key = value = query
    q, k, v = (
        projection(x).unflatten(-1, (self.n_heads, -1)).movedim(-2, 1)
        for projection, x in zip(
            (self.query_projection, self.key_projection, self.value_projection),
            (query, key, value),
            strict=True,
        )
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout if self.training else 0.0)
    return self.output_projection(output.movedim(1, -2).flatten(-2)), weights


@misconception(
    "value_from_query",
    en="your values are taken from the query: in cross-attention they come from what is read",
    fr="vos valeurs sont prises dans la requête : en attention croisée, elles viennent de ce qui est lu",
)
def value_from_query(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(value_from_query)
def value_from_query_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key

    def heads(x):
        return x.unflatten(-1, (self.n_heads, -1)).permute(0, 2, 1, 3)

    value = self.value_projection(query)
    output, weights = self.attend(
        heads(self.query_projection(query)), heads(self.key_projection(memory)), heads(value), mask,
        self.dropout * self.training,
    )  # fmt: skip
    return self.output_projection(output.permute(0, 2, 1, 3).flatten(2)), weights


@misconception(
    "key_from_query",
    en="your keys are taken from the query: in cross-attention they come from what is read",
    fr="vos clés sont prises dans la requête : en attention croisée, elles viennent de ce qui est lu",
)
def key_from_query(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(key_from_query)
def key_from_query_2(self, query, key=None, value=None, mask=None):
    content = value if value is not None else key if key is not None else query
    q, k = self.query_projection(query), self.key_projection(query)
    v = self.value_projection(content)
    q, k, v = (torch.stack(x.split(self.d_model // self.n_heads, dim=-1), dim=1) for x in (q, k, v))
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "value_defaults_to_query",
    en="without value, you take the query; the default is the key: what is compared is also what is read",
    fr="sans value, vous prenez la requête ; par défaut, c'est key : ce qui est comparé est aussi ce qui est lu",
)
def value_defaults_to_query(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = query if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(value_defaults_to_query)
def value_defaults_to_query_2(self, query, key=None, value=None, mask=None):
    key, value = (query if x is None else x for x in (key, value))
    split = lambda x: x.unflatten(-1, (self.n_heads, -1)).movedim(2, 1)
    output, weights = self.attend(
        split(self.query_projection(query)),
        split(self.key_projection(key)),
        split(self.value_projection(value)),
        mask,
        self.dropout * self.training,
    )
    return self.output_projection(output.movedim(1, 2).flatten(2)), weights


@misconception(
    "value_ignored",
    en="value has no effect: you always read the keys' sequence",
    fr="value est sans effet : vous lisez toujours la séquence des clés",
)
def value_ignored(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(value_ignored)
def value_ignored_2(self, query, key=None, value=None, mask=None):
    memory = key if key is not None else query
    value = memory
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, -1), 1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(value))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout if self.training else 0.0)
    return self.output_projection(torch.cat(output.unbind(1), -1)), weights


@misconception(
    "query_and_key_exchanged",
    en="query and key are exchanged: your keys look for queries",
    fr="query et key sont échangées : vos clés cherchent des requêtes",
)
def query_and_key_exchanged(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(k, q, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, -1, width)), weights


@again(query_and_key_exchanged)
def query_and_key_exchanged_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    split = lambda x: torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
    output, weights = self.attend(
        query=split(self.key_projection(memory)),
        key=split(self.query_projection(query)),
        value=split(self.value_projection(content)),
        mask=mask,
        dropout_p=self.dropout * self.training,
    )
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "mask_not_passed",
    en="your layer takes the mask and does not hand it on: hidden keys still count",
    fr="votre couche reçoit le masque et ne le transmet pas : les clés cachées comptent encore",
)
def mask_not_passed(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, dropout_p=self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(mask_not_passed)
def mask_not_passed_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, None, self.dropout * self.training)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "mask_inverted",
    en="you invert the mask before the attention: True already means visible",
    fr="vous inversez le masque avant l'attention : True veut déjà dire visible",
)
def mask_inverted(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    hidden = None if mask is None else ~mask
    output, weights = self.attend(q, k, v, hidden, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(mask_inverted)
def mask_inverted_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    if mask is not None:
        mask = mask == 0
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "mask_unsqueezed",
    en="you insert a head axis into the mask: it already broadcasts to (B, H, T, S), leave it as it is",
    fr="vous insérez un axe des têtes dans le masque : il se diffuse déjà vers (B, H, T, S), laissez-le tel quel",
)
def mask_unsqueezed(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    if mask is not None:
        mask = mask.unsqueeze(1)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(mask_unsqueezed)
def mask_unsqueezed_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    mask = mask[:, None] if mask is not None else None
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(output.transpose(1, 2).reshape(len(query), -1, self.d_model)), weights


@misconception(
    "scale_dmodel",
    en="your scores are divided by √d_model: each head divides by √K, the root of its own width (self.attend does it)",
    fr="vos scores sont divisés par √d_model : chaque tête divise par √K, la racine de sa propre largeur "
    "(self.attend le fait)",
)
def scale_dmodel(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    scores = q @ k.transpose(-2, -1) / math.sqrt(width)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = torch.softmax(scores, dim=-1).nan_to_num(0.0)
    output = F.dropout(weights, self.dropout, self.training) @ v
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(scale_dmodel)
def scale_dmodel_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    scores = torch.einsum("bhtk,bhsk->bhts", q, k) * self.d_model**-0.5
    scores = scores if mask is None else torch.where(mask, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    output = torch.einsum("bhts,bhsk->bthk", F.dropout(weights, self.dropout, self.training), v)
    return self.output_projection(output.flatten(-2)), weights


@misconception(
    "scaled_twice",
    en="you scale the query and self.attend scales again: leave the division by √K to it",
    fr="vous divisez la requête et self.attend divise encore : laissez-lui la division par √K",
)
def scaled_twice(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    q = q / math.sqrt(q.size(-1))
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(scaled_twice)
def scaled_twice_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    scaling = (self.d_model // self.n_heads) ** -0.5
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (
            self.query_projection(query) * scaling,
            self.key_projection(memory),
            self.value_projection(content),
        )
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "one_wide_head",
    en="you attend once over the whole width: cut it into H heads first",
    fr="vous appliquez une seule attention à toute la largeur : coupez-la d'abord en H têtes",
)
def one_wide_head(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    q = self.query_projection(query).unsqueeze(1)
    k = self.key_projection(key).unsqueeze(1)
    v = self.value_projection(value).unsqueeze(1)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.squeeze(1)), weights


@again(one_wide_head)
def one_wide_head_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        x[:, None]
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(output.sum(dim=1)), weights


@misconception(
    "dropout_in_evaluation",
    en="dropout stays active in evaluation mode: pass self.dropout only when self.training is true",
    fr="l'abandon (dropout) reste actif en mode évaluation : ne passez self.dropout que si self.training est vrai",
)
def dropout_in_evaluation(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(dropout_in_evaluation)
def dropout_in_evaluation_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "dropout_never",
    en="self.dropout has no effect: pass it to self.attend in training",
    fr="self.dropout est sans effet : passez-le à self.attend pendant l'entraînement",
)
def dropout_never(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(dropout_never)
def dropout_never_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=0.0)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "dropout_backwards",
    en="dropout is active in evaluation mode and off in training: the test of self.training is the wrong way round",
    fr="l'abandon (dropout) est actif en évaluation et absent à l'entraînement : le test de self.training est inversé",
)
def dropout_backwards(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, 0.0 if self.training else self.dropout)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(dropout_backwards)
def dropout_backwards_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    probability = self.dropout * (not self.training)
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=probability)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "attend_ignored",
    en="your layer has an attention of its own and leaves self.attend unused: another attention could not take its place",
    fr="votre couche a sa propre attention et n'utilise pas self.attend : une autre attention ne pourrait la remplacer",
)
def attend_ignored(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = torch.softmax(scores, dim=-1).nan_to_num(0.0)
    output = F.dropout(weights, self.dropout, self.training) @ v
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(attend_ignored)
def attend_ignored_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    hidden = None
    if mask is not None:
        hidden = ~mask.expand(len(query), self.n_heads, query.size(1), memory.size(1)).flatten(0, 1)
    parts = (self.query_projection, self.key_projection, self.value_projection)
    bias = None if self.query_projection.bias is None else torch.cat([part.bias for part in parts])
    output, weights = F.multi_head_attention_forward(
        query.mT.permute(2, 0, 1), memory.mT.permute(2, 0, 1), content.mT.permute(2, 0, 1),
        self.d_model, self.n_heads, torch.cat([part.weight for part in parts]), bias, None, None, False,
        self.dropout, self.output_projection.weight, self.output_projection.bias,
        training=self.training, attn_mask=hidden, average_attn_weights=False,
    )  # fmt: skip
    return output.transpose(0, 1), weights


@misconception(
    "weights_averaged",
    en="you return the weights averaged over the heads: one map a head is asked for, (B, H, T, S)",
    fr="vous renvoyez les poids moyennés sur les têtes : on demande une carte par tête, (B, H, T, S)",
)
def weights_averaged(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights.mean(1)


@again(weights_averaged)
def weights_averaged_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    average = weights.sum(dim=-3) / self.n_heads
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), average


@misconception(
    "only_the_output",
    en="you return the output alone; the layer returns (output, weights)",
    fr="vous renvoyez seulement la sortie ; la couche renvoie (output, weights)",
)
def only_the_output(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, _ = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width))


@again(only_the_output)
def only_the_output_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)[0]
    return self.output_projection(torch.cat(output.unbind(1), dim=-1))


@misconception(
    "residual_inside",
    en="you add the query to the output: the residual connection belongs to the block around this layer",
    fr="vous ajoutez la requête à la sortie : la connexion résiduelle appartient au bloc qui entoure cette couche",
)
def residual_inside(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return query + self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(residual_inside)
def residual_inside_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    output = self.output_projection(torch.cat(output.unbind(1), dim=-1))
    output += query
    return output, weights


@misconception(
    "gradient_cut",
    en="no gradient reaches the projections before the attention: the heads were detached from the graph",
    fr="aucun gradient n'atteint les projections d'avant l'attention : les têtes ont été détachées du graphe",
)
def gradient_cut(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).view(batch, key.size(1), self.n_heads, -1).transpose(1, 2)
    v = self.value_projection(value).view(batch, value.size(1), self.n_heads, -1).transpose(1, 2)
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.detach().transpose(1, 2).reshape(batch, length, width)), weights


@again(gradient_cut)
def gradient_cut_2(self, query, key=None, value=None, mask=None):
    memory = query if key is None else key
    content = memory if value is None else value
    with torch.no_grad():
        q, k, v = (
            torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
            for x in (
                self.query_projection(query),
                self.key_projection(memory),
                self.value_projection(content),
            )
        )
        output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    return self.output_projection(torch.cat(output.unbind(1), dim=-1)), weights


@misconception(
    "same_length_assumed",
    en="your code supposes that what is read is as long as the query: in cross-attention S = key.size(1) may differ "
    "from T = query.size(1); cut keys and values with S, merge the heads with T",
    fr="votre code suppose que ce qui est lu est aussi long que la requête : en attention croisée, "
    "S = key.size(1) peut différer de T = query.size(1) ; coupez les clés et les valeurs avec S, fusionnez les têtes "
    "avec T",
)
def same_length_assumed(self, query, key=None, value=None, mask=None):
    key = query if key is None else key
    value = key if value is None else value
    batch, length, width = query.shape
    q = self.query_projection(query).view(batch, length, self.n_heads, -1).transpose(1, 2)
    k = self.key_projection(key).reshape(batch, length, self.n_heads, width // self.n_heads).transpose(1, 2)
    v = (
        self.value_projection(value)
        .reshape(batch, length, self.n_heads, width // self.n_heads)
        .transpose(1, 2)
    )
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(batch, length, width)), weights


@again(same_length_assumed)
def same_length_assumed_2(self, query, key=None, value=None, mask=None):
    # The heads are merged with the length of what was read.
    memory = query if key is None else key
    content = memory if value is None else value
    q, k, v = (
        torch.stack(x.chunk(self.n_heads, dim=-1), dim=1)
        for x in (self.query_projection(query), self.key_projection(memory), self.value_projection(content))
    )
    output, weights = self.attend(q, k, v, mask=mask, dropout_p=self.dropout * self.training)
    merged = output.permute(0, 2, 1, 3).reshape(memory.size(0), memory.size(1), self.d_model)
    return self.output_projection(merged), weights
