"""Pictures of who sees whom: masks, attention maps by layer and head, what a pronoun looks at, positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from attentif.charts.picture import Picture, new_figure, shown
from attentif.language import Text, number, say, text

_WORDS: dict[str, Text] = {
    "visible": text("bright: visible", "clair : visible"),
    "head": text("head {n}", "tête {n}"),
    "layer": text("layer {n}", "couche {n}"),
    "query": text("query: the token that looks", "requête : le jeton qui regarde"),
    "key": text("key: the token looked at", "clé : le jeton regardé"),
    "weight": text("weight (1 a row in all)", "poids (1 au total par ligne)"),
    "sum": text('weight on "{name}"', "poids sur « {name} »"),
    "heads": text("head", "tête"),
    "layers": text("layer", "couche"),
    "mask_alt": text(
        "A mask of {rows} queries by {columns} keys, {visible} of {cells} pairs visible. Keys seen by each query, "
        "from the first to the last: {counts}.",
        "Un masque de {rows} requêtes sur {columns} clés : {visible} paires visibles sur {cells}. Nombre de clés vues par "
        "chaque requête, de la première à la dernière : {counts}.",
    ),
    "map_alt": text(
        "Attention maps{title}. Largest mean weight from a query to one key, head by head: {heads}.",
        "Cartes d'attention{title}. Plus grand poids moyen des requêtes vers une même clé, tête par tête : {heads}.",
    ),
    "map_head": text('head {n}, "{token}" ({weight})', "tête {n}, « {token} » ({weight})"),
    "layers_alt": text(
        "The attention maps of all {layers} layers and {heads} heads, one small square each, on: {sentence}.",
        "Les cartes d'attention des {layers} couches et {heads} têtes, un petit carré pour chacune, sur : {sentence}.",
    ),
    "referents_alt": text(
        'How much "{query}" looks at {names}, by layer and head, in: {sentence}. {most}',
        "Combien « {query} » regarde {names}, par couche et par tête, dans : {sentence}. {most}",
    ),
    "most": text(
        'On "{name}" the mean is {mean} and the largest weight {weight}, in head {head} of layer {layer}.',
        "Sur « {name} », la moyenne est {mean} et le plus grand poids {weight}, à la tête {head} de la couche {layer}.",
    ),
    "and": text(" and ", " et "),
    "position": text("position", "position"),
    "dimension": text("dimension", "dimension"),
    "table": text("the encoding", "l'encodage"),
    "products": text("dot products of two positions", "produits scalaires de deux positions"),
    "positions_alt": text(
        "On the left, the encoding of {length} positions in {width} dimensions: it oscillates fast in the first ones, slowly in the last. "
        "On the right, the dot products: position {middle} with itself {itself}, with the next {near}, with the last ({last}) {far}; "
        "they depend on the distance alone.",
        "À gauche, l'encodage de {length} positions en {width} dimensions : il oscille vite dans les premières, lentement dans les dernières. "
        "À droite, les produits scalaires : la position {middle} avec elle-même {itself}, avec la suivante {near}, avec la dernière ({last}) {far} ; "
        "ils ne dépendent que de la distance.",
    ),
}


def _word(key: str, /, **values: Any) -> str:
    return say(_WORDS[key]).format(**values)


def _quoted(names: Sequence[str]) -> str:
    return _word("and").join(say(text('"{name}"', "« {name} »")).format(name=name) for name in names)


def plot_mask(mask: Tensor) -> Picture:
    """A boolean mask (T, S): bright where a key is visible."""
    figure, axes = new_figure(3.2, 3.2)
    seen = mask.cpu().bool()
    axes.imshow(seen.numpy(), cmap="cividis", vmin=0, vmax=1)
    axes.set(xlabel=_word("key"), ylabel=_word("query"), title=_word("visible"))
    counts = ", ".join(map(str, seen.sum(dim=-1).tolist()))
    visible = int(seen.sum())
    rows, columns = seen.shape
    alt = _word("mask_alt", rows=rows, columns=columns, visible=visible, cells=seen.numel(), counts=counts)
    return shown(figure, alt)


def plot_attention(weights: Tensor, tokens: Sequence[str], title: str = "") -> Picture:
    """Attention maps (H, T, S) of one layer, one picture a head: a row for each query, a column for each key.

    Args:
        weights: (H, T, S), each row a distribution over keys.
        tokens: the T = S tokens that label both axes.
        title: above all the pictures.
    """
    n_heads, n_tokens = weights.size(0), len(tokens)
    columns = min(n_heads, 2 if n_tokens > 8 else 4)
    rows = -(-n_heads // columns)
    side = max(2.6, 0.27 * n_tokens)  # a label needs a quarter of an inch
    figure, grid = new_figure(
        side * columns + 1.9,
        side * rows + 0.4 * rows + 1.1,
        rows,
        columns,
        squeeze=False,
        sharex=True,
        sharey=True,
    )
    shares = weights.detach().float().cpu()
    for head, axis in enumerate(grid.flat):
        if head >= n_heads:
            axis.set_axis_off()
            continue
        image = axis.imshow(shares[head].numpy(), cmap="viridis", vmin=0, vmax=1)
        axis.set_xticks(range(n_tokens), tokens, rotation=90, fontsize=9)
        axis.set_yticks(range(n_tokens), tokens, fontsize=9)
        if n_heads % columns == 0:  # else a column's lowest picture is not in the last row
            axis.label_outer()
        if n_heads > 1:
            axis.set_title(_word("head", n=head + 1), fontsize=10)
    figure.supxlabel(_word("key"), fontsize=10)
    figure.supylabel(_word("query"), fontsize=10)
    figure.colorbar(image, ax=grid, shrink=0.6).set_label(_word("weight"), fontsize=9)
    if title:
        figure.suptitle(title, fontsize=11)
    means = shares.mean(dim=1)  # (H, S)
    heads = (
        _word("map_head", n=head + 1, token=tokens[int(row.argmax())], weight=number(float(row.max()), 2))
        for head, row in enumerate(means)
    )
    titled = say(text(": {title}", " : {title}")).format(title=title) if title else ""
    return shown(figure, _word("map_alt", title=titled, heads=", ".join(heads)))


def plot_layers(weights: Sequence[Tensor], tokens: Sequence[str]) -> Picture:
    """Every attention map of a model, small and without labels: a row of pictures for each layer, one a head.

    Args:
        weights: for each layer, from the first, its maps (H, T, S).
        tokens: the T = S tokens, named in the alternative text.
    """
    n_layers, n_heads = len(weights), weights[0].size(0)
    side = min(1.6, 9.0 / n_heads)
    figure, grid = new_figure(side * n_heads + 0.4, side * n_layers + 0.4, n_layers, n_heads, squeeze=False)
    for layer, (maps, axes) in enumerate(zip(weights, grid, strict=True), 1):
        for head, axis in enumerate(axes, 1):
            axis.imshow(maps[head - 1].detach().float().cpu().numpy(), cmap="viridis", vmin=0, vmax=1)
            axis.set(xticks=[], yticks=[])
            if layer == 1:
                axis.set_title(_word("head", n=head) if n_heads < 7 else str(head), fontsize=8)
        axes[0].set_ylabel(_word("layer", n=layer), fontsize=8)
    sentence = " ".join(tokens)
    return shown(figure, _word("layers_alt", layers=n_layers, heads=n_heads, sentence=sentence))


def plot_referents(
    weights: Sequence[Tensor],
    query: int,
    candidates: Mapping[str, Sequence[int]],
    tokens: Sequence[str],
    title: str = "",
) -> Picture:
    """How much one token, a pronoun, looks at each of several words: a square for each layer and head.

    Args:
        weights: for each layer, from the first, its maps (H, T, S).
        query: position of the token that looks.
        candidates: name of a word → the positions of its pieces, whose weights add up.
        tokens: the T = S tokens.
        title: above the pictures.
    """
    rows = torch.stack([maps[:, query].detach().float().cpu() for maps in weights])  # (L, H, S)
    shares = {name: rows[..., list(positions)].sum(dim=-1) for name, positions in candidates.items()}
    n_layers, n_heads = rows.shape[:2]
    width, height = 0.8 + max(2.2, 0.3 * n_heads), 1.1 + max(0.9, 0.3 * n_layers)
    figure, axes = new_figure(width * len(shares) + 0.8, height, 1, len(shares), squeeze=False, sharey=True)
    largest = max(0.05, max(float(share.max()) for share in shares.values()))
    for axis, (name, share) in zip(axes[0], shares.items(), strict=True):
        image = axis.imshow(share.numpy(), cmap="viridis", vmin=0, vmax=largest, aspect="auto")
        axis.set_xticks(range(n_heads), range(1, n_heads + 1), fontsize=8)
        axis.set_yticks(range(n_layers), range(1, n_layers + 1), fontsize=8)
        axis.set_title(_word("sum", name=name), fontsize=10)
        axis.set_xlabel(_word("heads"), fontsize=9)
    axes[0, 0].set_ylabel(_word("layers"), fontsize=9)
    figure.colorbar(image, ax=axes)
    sentence = " ".join(tokens)
    figure.suptitle(title or sentence, fontsize=10)
    said = []
    for name, share in shares.items():
        layer, head = divmod(int(share.argmax()), n_heads)
        mean, weight = number(float(share.mean()), 2), number(float(share.max()), 2)
        said.append(_word("most", name=name, mean=mean, weight=weight, head=head + 1, layer=layer + 1))
    names = _quoted(list(shares))
    alt = _word("referents_alt", query=tokens[query], names=names, sentence=sentence, most=" ".join(said))
    return shown(figure, alt)


def plot_positions(encoding: Tensor) -> Picture:
    """A positional encoding (T, D) as a heat map, and the dot products (T, T) of its positions beside it."""
    table = encoding.detach().float().cpu()
    products = table @ table.T  # (T, T)
    figure, axes = new_figure(9.5, 3.6, 1, 2)
    image = axes[0].imshow(table.numpy(), cmap="cividis", aspect="auto", vmin=-1, vmax=1)
    axes[0].set(xlabel=_word("dimension"), ylabel=_word("position"), title=_word("table"))
    figure.colorbar(image, ax=axes[0])
    image = axes[1].imshow(products.numpy(), cmap="viridis")
    axes[1].set(xlabel=_word("position"), ylabel=_word("position"), title=_word("products"))
    figure.colorbar(image, ax=axes[1])
    middle = len(table) // 2
    near = min(middle + 1, len(table) - 1)
    alt = _word(
        "positions_alt", length=table.size(0), width=table.size(1), middle=middle, last=len(table) - 1,
        itself=number(float(products[middle, middle])), near=number(float(products[middle, near])),
        far=number(float(products[middle, -1])),
    )  # fmt: skip
    return shown(figure, alt)


def attention_maps(model: nn.Module, *inputs: Tensor) -> list[Tensor]:
    """The weights (B, H, T, S) of every attention of a model on these inputs, in order of their call.

    An attention that forms no weights (a fused one) is left out.
    """
    maps: list[Tensor] = []

    def keep(module: nn.Module, arguments: Any, result: Any) -> None:
        if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], Tensor):
            maps.append(result[1].detach())

    names = ("attention", "self_attention", "cross_attention")
    attentions = [m for name, m in model.named_modules() if name.split(".")[-1] in names]
    handles = [module.register_forward_hook(keep) for module in attentions]
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            model(*inputs)
    finally:
        model.train(was_training)
        for handle in handles:
            handle.remove()
    return maps
