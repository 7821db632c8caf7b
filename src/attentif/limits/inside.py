"""The vectors inside a masked model, and the outputs of its attention heads, whichever library it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

import torch
from torch import Tensor, nn

from attentif.bias.reading import evaluation_mode, require_numbers
from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import text as both

# What mixes the heads of an attention, in the families of transformers (BERT, RoBERTa, CamemBERT, ELECTRA, DeBERTa;
# ALBERT; DistilBERT, XLM, FlauBERT; ModernBERT) and in this library.
_MIXER = re.compile(r"(^|\.)(attentions?(\.\d+)?\.(output\.dense|dense|out_lin|output_projection)|attn\.Wo)$")
Edit = Callable[[int, Tensor], Tensor | None]


def hidden_states(scorer: MaskedScorer, sequences: Sequence[Sequence[int]]) -> Tensor:
    """The vectors of a batch of sequences: what enters the first block, then what leaves each block.

    Of a pre-norm model of this library, the last ones are those after the final norm, which the head reads.

    Args:
        scorer: the model and its tokenizer.
        sequences: B lists of token ids, specials included; shorter ones are padded on the right, hidden from the model.

    Returns:
        (L + 1, B, T, D), on the CPU, T the length of the longest; what stands at padding means nothing.

    Raises:
        InputError: a model that does not show them, or whose vectors are no numbers.
    """
    model = scorer.model
    token_ids, visible = scorer.padded(sequences)  # (B, T)
    encoder = getattr(model, "encoder", None)
    blocks = getattr(encoder, "blocks", None)
    states: list[Tensor] = []
    with evaluation_mode(model), torch.no_grad(), ExitStack() as hooks:
        if blocks is None:
            with suppress(TypeError):  # a model without that argument
                output = model(input_ids=token_ids, attention_mask=visible, output_hidden_states=True)
                states = list(getattr(output, "hidden_states", None) or ())
        else:
            for module in (encoder.embeddings, *blocks):
                hook = module.register_forward_hook(lambda _, __, output: states.append(output))
                hooks.callback(hook.remove)
            final = model.hidden(token_ids)
            states[-1] = final
    if not states:
        raise InputError(
            expected=both(
                "a model that shows the vectors of its layers",
                "un modèle qui montre les vecteurs de ses couches",
            ),
            got=type(model).__name__,
            remedy=both("load it by masked_model", "chargez-le par masked_model"),
        )
    stacked = torch.stack([state.cpu() for state in states])  # (L + 1, B, T, D)
    require_numbers(model, stacked[:, visible.cpu().bool()])
    return stacked


def head_shape(model: nn.Module) -> tuple[int, int]:
    """(L, H): how many layers a model has, and how many heads each of them.

    Raises:
        InputError: a model whose attention is not known here.
    """
    config = getattr(model, "config", None)
    n_layers, n_heads = (
        next((value for name in names if isinstance(value := getattr(config, name, None), int)), None)
        for names in (("num_hidden_layers", "n_layers"), ("num_attention_heads", "n_heads"))
    )
    if n_layers is None or n_heads is None or not _mixers(model):
        raise InputError(
            expected=both(
                "a model of the families of BERT, or attentif.models.MaskedLM",
                "un modèle de la famille de BERT, ou attentif.models.MaskedLM",
            ),
            got=both(
                f"{type(model).__name__}, whose attention heads are not found",
                f"{type(model).__name__}, dont on ne trouve pas les têtes d'attention",
            ),
            remedy=both(
                "load BERT or CamemBERT by masked_model", "chargez BERT ou CamemBERT par masked_model"
            ),
        )
    return n_layers, n_heads


@contextmanager
def on_head_outputs(model: nn.Module, edit: Edit) -> Iterator[None]:
    """While it lasts, the outputs of all heads pass through `edit` before they are mixed.

    Called as edit(layer, outputs) in each layer of each pass, from layer 0, with outputs (B, T, H, K): what each head
    gives to each position, before the output projection. What it returns takes their place; None leaves them.

    Raises:
        InputError: a model whose attention is not known here.

    >>> from attentif.models import MaskedLM, ModelConfig
    >>> model, shapes = MaskedLM(ModelConfig(vocab_size=11, d_model=6, n_heads=3)), []
    >>> with on_head_outputs(model, lambda layer, outputs: shapes.append((layer, tuple(outputs.shape)))):
    ...     _ = model(torch.ones(2, 5, dtype=torch.long))
    >>> shapes
    [(0, (2, 5, 3, 2)), (1, (2, 5, 3, 2))]
    """
    _, n_heads = head_shape(model)
    layer = 0  # of the pass under way: ALBERT calls one and the same module in each of its layers

    def begin(*_: object) -> None:
        nonlocal layer
        layer = 0

    def before_mixing(_: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor] | None:
        nonlocal layer
        outputs = args[0].unflatten(-1, (n_heads, -1))  # (B, T, H, K)
        edited = edit(layer, outputs)
        layer += 1
        return None if edited is None else (edited.flatten(-2),)

    hooks = [model.register_forward_pre_hook(begin)]
    hooks += [mixer.register_forward_pre_hook(before_mixing) for mixer in _mixers(model)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _mixers(model: nn.Module) -> list[nn.Module]:
    return [module for name, module in model.named_modules() if _MIXER.search(name)]
