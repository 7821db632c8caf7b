# %% [markdown] name="intro" lang="fr"
# # Notebook 1 : construire et pré-entraîner un Transformer

# %% [markdown] name="intro" lang="en"
# # Notebook 1: build and pretrain a Transformer

# %% name="language" role="setup" lang="fr"
LANGUAGE = "fr"

# %% name="language" role="setup" lang="en"
LANGUAGE = "en"

# %% name="imports" role="setup"
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif import InputError
from attentif.checks import check, set_language
from attentif.objectives import IGNORED

set_language(LANGUAGE)

# %% name="scaled_dot_product_attention" exercise="scaled_dot_product_attention"

# %% name="causal_mask" exercise="causal_mask"

# %% name="MultiHeadAttention" exercise="MultiHeadAttention"

# %% name="mask_tokens" exercise="mask_tokens"

# %% name="warmup_cosine" exercise="warmup_cosine"

# %% [markdown] name="why_causal" lang="fr"
# ### Question
#
# Pourquoi le masque causal empêche-t-il le modèle de tricher à l'entraînement ?

# %% [markdown] name="why_causal" lang="en"
# ### Question
#
# Why does the causal mask keep the model from cheating in training?

# %% [markdown] name="why_causal_answer" manual="why_causal" points=3 lang="fr"
# La prédiction de chaque position ne dépend que des positions précédentes : la cible est invisible.

# %% [markdown] name="why_causal_answer" manual="why_causal" points=3 lang="en"
# The prediction of each position depends on earlier positions only: the target is out of sight.
