# %% [markdown] name="intro" lang="fr"
# # Notebook 2 : biais et limites de BERT

# %% [markdown] name="intro" lang="en"
# # Notebook 2: biases and limitations of BERT

# %% name="language" role="setup" lang="fr"
LANGUAGE = "fr"

# %% name="language" role="setup" lang="en"
LANGUAGE = "en"

# %% name="imports" role="setup"
from typing import Any

import torch
from torch import nn

from attentif import InputError
from attentif.bias.scorer import MaskedScorer
from attentif.checks import check, set_language

set_language(LANGUAGE)

# %% name="fill_mask" exercise="fill_mask"
