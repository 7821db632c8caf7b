"""What masked language models do not do: negation, order, roles, facts, numbers, reference; and where it happens inside."""

from attentif.limits.attention import WordAttention, attention_to
from attentif.limits.cloze import Question, ask, distributions, gap
from attentif.limits.comparing import jensen_shannon
from attentif.limits.coreference import ReferentItem, ReferentResult, coreference_probe
from attentif.limits.facts import Fact, FactResult, fact_probe
from attentif.limits.inside import hidden_states, on_head_outputs
from attentif.limits.mediation import HeadEffect, head_effect
from attentif.limits.mediation_table import MediationPair, MediationTable, head_effects
from attentif.limits.negation import NegationItem, NegationResult, negation_probe
from attentif.limits.numbers import NumberItem, NumberResult, number_probe
from attentif.limits.proportion import Proportion, exact_proportion, proportion
from attentif.limits.representations import (
    LayerSimilarity,
    contextual_embeddings,
    layer_similarity,
    static_embeddings,
)
from attentif.limits.roles import RoleItem, RoleResult, role_probe
from attentif.limits.senses import SenseProfile, sense_profile
from attentif.limits.sensitivity import Edit, Sensitivity, edits_of, sensitivity_probe
from attentif.limits.word_order import WordOrderResult, shuffled, word_order_probe

__all__ = [
    "Edit",
    "Fact",
    "FactResult",
    "HeadEffect",
    "LayerSimilarity",
    "MediationPair",
    "MediationTable",
    "NegationItem",
    "NegationResult",
    "NumberItem",
    "NumberResult",
    "Proportion",
    "Question",
    "ReferentItem",
    "ReferentResult",
    "RoleItem",
    "RoleResult",
    "SenseProfile",
    "Sensitivity",
    "WordAttention",
    "WordOrderResult",
    "ask",
    "attention_to",
    "contextual_embeddings",
    "coreference_probe",
    "distributions",
    "edits_of",
    "exact_proportion",
    "fact_probe",
    "gap",
    "head_effect",
    "head_effects",
    "hidden_states",
    "jensen_shannon",
    "layer_similarity",
    "negation_probe",
    "number_probe",
    "on_head_outputs",
    "proportion",
    "role_probe",
    "sense_profile",
    "sensitivity_probe",
    "shuffled",
    "static_embeddings",
    "word_order_probe",
]
