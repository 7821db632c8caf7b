"""The settings of transformers' models as ours, and ours as theirs."""

from __future__ import annotations

from typing import Any

from torch import nn

from attentif.errors import InputError
from attentif.huggingface_names import FAMILIES
from attentif.language import Said, text
from attentif.model_config import ModelConfig
from attentif.models import CausalLM, MaskedLM

# Their names of activations, and ours.
_ACTIVATIONS = {"gelu": "gelu", "relu": "relu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh"}


def family_of(model: nn.Module) -> str:
    """The name of a model's family.

    Raises:
        InputError: another family, or a model that ours cannot be.
    """
    config = getattr(model, "config", None)
    family = getattr(config, "model_type", None)
    if family not in FAMILIES:
        raise _refused(
            text(
                f"a model of transformers among {', '.join(FAMILIES)}",
                f"un modèle de transformers parmi {', '.join(FAMILIES)}",
            ),
            str(family or type(model).__name__),
            text("choose one of these", "choisissez l'un d'eux"),
        )
    return family


def config_of_theirs(model: Any, family: str) -> ModelConfig:
    """Our sizes of a model of theirs.

    Raises:
        InputError: a setting that ours have not.
    """
    theirs = model.config
    if family == "gpt2":
        _require(
            theirs, scale_attn_weights=True, scale_attn_by_inverse_layer_idx=False, add_cross_attention=False
        )
        return ModelConfig(
            vocab_size=theirs.vocab_size, d_model=theirs.n_embd, n_layers=theirs.n_layer, n_heads=theirs.n_head,
            max_length=theirs.n_positions, d_ff=theirs.n_inner, dropout=theirs.resid_pdrop, activation=_activation(theirs.activation_function),
            norm_first=True, n_segments=0, norm_eps=theirs.layer_norm_epsilon, init_std=theirs.initializer_range,
        )  # fmt: skip
    if family == "distilbert":
        _require(theirs, sinusoidal_pos_embds=False)
        return ModelConfig(
            vocab_size=theirs.vocab_size, d_model=theirs.dim, n_layers=theirs.n_layers, n_heads=theirs.n_heads,
            max_length=theirs.max_position_embeddings, d_ff=theirs.hidden_dim, dropout=theirs.dropout,
            activation=_activation(theirs.activation), norm_first=False, n_segments=1, pad_id=theirs.pad_token_id,
            norm_eps=1e-12, init_std=theirs.initializer_range,
        )  # fmt: skip
    _require(theirs, is_decoder=False, position_embedding_type="absolute")
    activation = _activation(theirs.hidden_act)
    if (
        hasattr(model, "get_output_embeddings")
        and model.get_output_embeddings() is not None
        and activation != "gelu"
    ):
        raise _refused(
            text(
                "the exact GELU, the activation of our masked head",
                "la GELU exacte, l'activation de notre tête masquée",
            ),
            theirs.hidden_act,
            text("load its body alone (AutoModel)", "chargez son corps seul (AutoModel)"),
        )
    offset = FAMILIES[family].position_offset
    before = 0 if offset is None else theirs.pad_token_id + offset
    return ModelConfig(
        vocab_size=theirs.vocab_size, d_model=theirs.hidden_size, n_layers=theirs.num_hidden_layers,
        n_heads=theirs.num_attention_heads, max_length=theirs.max_position_embeddings - before, d_ff=theirs.intermediate_size,
        dropout=theirs.hidden_dropout_prob, activation=activation, norm_first=family == "roberta-prelayernorm",
        n_segments=theirs.type_vocab_size, pad_id=theirs.pad_token_id, norm_eps=theirs.layer_norm_eps, init_std=theirs.initializer_range,
    )  # fmt: skip


def new_theirs(model: nn.Module) -> tuple[Any, str]:
    """A model of theirs with the sizes of one of ours, its weights not yet filled, and its family.

    Raises:
        InputError: a model that no class of transformers computes.
    """
    import transformers

    config = getattr(model, "config", None)
    if isinstance(model, CausalLM):
        if not config.norm_first:
            raise _refused(
                text(
                    "norms before the sublayers, as in GPT-2",
                    "des normes avant les sous-couches, comme dans GPT-2",
                ),
                "norm_first=False",
                text("pretrain with --pre-norm", "pré-entraînez avec --pre-norm"),
            )
        theirs = transformers.GPT2Config(
            vocab_size=config.vocab_size, n_embd=config.d_model, n_layer=config.n_layers, n_head=config.n_heads,
            n_positions=config.max_length, n_inner=config.hidden_width, activation_function=_theirs(config.activation),
            resid_pdrop=config.dropout, embd_pdrop=config.dropout, attn_pdrop=config.dropout,
            layer_norm_epsilon=1e-5 if config.norm_eps is None else config.norm_eps, tie_word_embeddings=not config.scale_embeddings,
            # Our five specials: a row begins with [CLS] and ends with [SEP].
            pad_token_id=config.pad_id, bos_token_id=2, eos_token_id=3,
        )  # fmt: skip
        return transformers.GPT2LMHeadModel(theirs), "gpt2"
    if not isinstance(model, MaskedLM) or not config.n_segments:
        raise _refused(
            text("a MaskedLM with segments, or a CausalLM", "un MaskedLM avec des segments, ou un CausalLM"),
            type(model).__name__ if not isinstance(model, MaskedLM) else "n_segments=0",
            text("give one of these", "donnez l'un d'eux"),
        )
    family = "roberta-prelayernorm" if config.norm_first else "bert"
    before = config.pad_id + 1 if config.norm_first else 0
    kind = transformers.RobertaPreLayerNormConfig if config.norm_first else transformers.BertConfig
    theirs = kind(
        vocab_size=config.vocab_size, hidden_size=config.d_model, num_hidden_layers=config.n_layers,
        num_attention_heads=config.n_heads, intermediate_size=config.hidden_width, max_position_embeddings=config.max_length + before,
        hidden_act=_theirs(config.activation), hidden_dropout_prob=config.dropout, attention_probs_dropout_prob=config.dropout,
        type_vocab_size=config.n_segments, pad_token_id=config.pad_id, layer_norm_eps=config.eps,
        bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    if config.activation != "gelu":
        raise _refused(
            text("the exact GELU, which their head uses too", "la GELU exacte, que leur tête emploie aussi"),
            config.activation,
            text('pretrain with activation "gelu"', 'pré-entraînez avec l\'activation "gelu"'),
        )
    made = transformers.RobertaPreLayerNormForMaskedLM if config.norm_first else transformers.BertForMaskedLM
    return made(theirs), family


def _activation(name: str) -> str:
    if name not in _ACTIVATIONS:
        raise _refused(
            text(
                f"an activation among {', '.join(_ACTIVATIONS)}",
                f"une activation parmi {', '.join(_ACTIVATIONS)}",
            ),
            repr(name),
            text("choose another model", "choisissez un autre modèle"),
        )
    return _ACTIVATIONS[name]


def _theirs(activation: str) -> str:
    return next(theirs for theirs, ours in _ACTIVATIONS.items() if ours == activation)


def _require(config: Any, **wanted: Any) -> None:
    for name, value in wanted.items():
        got = getattr(config, name, value)
        if got not in (value, None):
            raise _refused(
                f"{name}={value}", f"{name}={got}", text("choose another model", "choisissez un autre modèle")
            )


def _refused(expected: Said, got: Said, remedy: Said) -> InputError:
    return InputError(expected=expected, got=got, remedy=remedy)
