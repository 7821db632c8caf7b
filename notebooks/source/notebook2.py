# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title" lang="fr"
# # Devoir 2, carnet 2 : biais et limites d'un modèle de langue masqué
#
# **Avertissement.** Ce carnet montre des stéréotypes afin de les mesurer.
#
# Un modèle de langue apprend ce que son corpus contient, préjugés compris. Vous interrogez ici un modèle pré-entraîné,
# et vous apprenez à mesurer un biais **avec son incertitude**. Le modèle interrogé a été entraîné sur Microcosm,
# une langue où nous avons planté un biais de taille connue entre métiers et genre : vous saurez donc si votre mesure retrouve ce qui
# est là. Ce biais est inventé et, à dessein, ne suit pas ceux du monde réel.

# %% [markdown] name="title" lang="en"
# # Assignment 2, notebook 2: biases and limits of a masked language model
#
# **Content note.** This notebook shows stereotypes in order to measure them.
#
# A language model learns what its corpus holds, prejudice included. Here you question a pretrained model, and learn to
# measure a bias **with its uncertainty**. The model that you question was trained on Microcosm, a language in which
# we planted a bias of known size between occupations and gender: so you will know whether your measure finds what is there.
# That bias is invented, and on purpose does not follow those of the real world.

# %% name="setup" role="setup" lang="fr"
from typing import Any

import torch
from torch import nn

from attentif import InputError
from attentif.bias import calibration, cluster_bootstrap, log_probability_bias
from attentif.bias.scorer import MaskedScorer
from attentif.charts import plot_answers, plot_calibration
from attentif.checks import check
from attentif.corpus.microcosm import Microcosm
from attentif.notebook import setup, small_model, to_do

device = setup(language="fr")
world = Microcosm("fr")
model, tokenizer = small_model("microcosm-fr")

# %% name="setup" role="setup" lang="en"
from typing import Any

import torch
from torch import nn

from attentif import InputError
from attentif.bias import calibration, cluster_bootstrap, log_probability_bias
from attentif.bias.scorer import MaskedScorer
from attentif.charts import plot_answers, plot_calibration
from attentif.checks import check
from attentif.corpus.microcosm import Microcosm
from attentif.notebook import setup, small_model, to_do

device = setup(language="en")
world = Microcosm("en")
model, tokenizer = small_model("microcosm-en")

# %% [markdown] name="language" lang="fr"
# ## 1. La langue, et ce que le modèle en pense
#
# Voici un court texte de Microcosm, puis l'exercice : demander au modèle quel mot se cache sous `[MASK]`.

# %% [markdown] name="language" lang="en"
# ## 1. The language, and what the model thinks of it
#
# Here is a short text of Microcosm, then the exercise: ask the model which word hides under `[MASK]`.

# %% name="sample_text" role="figure"
print(world.text(world.documents(1, seed=3)[0]))

# %% name="exercise_fill_mask" exercise="fill_mask"

# %% name="fill_mask_picture" role="figure"
occupation = next(iter(world.planted))
sentence = world.templates[0].format(occupation=occupation)
if not to_do(fill_mask):
    answers = fill_mask(model, tokenizer, sentence, k=5)
    plot_answers(answers[0], title=sentence)

# %% [markdown] name="bias_idea" lang="fr"
# ## 2. Mesurer un biais
#
# Dans une phrase comme celle-ci, rien d'autre que le métier ne renseigne sur le genre. La différence des log-probabilités des
# deux pronoms, corrigée de ce que le modèle en dit quand le métier est masqué lui aussi (Kurita et al. 2019), mesure
# l'association du métier et du genre, en nats : positive, elle penche vers le féminin. Comparez-la, métier par métier, à ce que nous
# avons planté. `calibration` donne la droite des mesures sur les valeurs plantées (pente 1 et ordonnée 0 si tout est retrouvé), la corrélation
# `r`, l'écart quadratique moyen `rmse`, et le plus petit biais planté que la mesure distingue sûrement de l'absence de biais (`inf` : aucun).
# L'intervalle est celui de l'erreur moyenne, mesure moins valeur plantée, sur les métiers : il contient 0 si la mesure ne penche d'aucun côté.

# %% [markdown] name="bias_idea" lang="en"
# ## 2. Measuring a bias
#
# In a sentence like this one, nothing but the occupation tells of the gender. The difference of the log-probabilities of the
# two pronouns, corrected by what the model says of them when the occupation is masked too (Kurita et al. 2019), measures
# the association of occupation and gender, in nats: positive, it leans to the feminine. Compare it, occupation by occupation, with what
# we planted. `calibration` gives the line of the measures on the planted values (slope 1 and intercept 0 if all is found), the correlation
# `r`, the root mean square error `rmse`, and the smallest planted bias that the measure surely tells from none (`inf`: none of them).
# The interval is that of the mean error, measure minus planted value, over occupations: it holds 0 if the measure leans to neither side.

# %% name="measure_bias" role="figure"
masculine, feminine = world.pronouns
measured = {}
for occupation in world.planted:
    scores = []
    for template in world.templates:
        slots = template.replace("[MASK]", "[TARGET]").replace("{occupation}", "[ATTRIBUTE]")
        scores.append(log_probability_bias(model, tokenizer, slots, feminine, masculine, occupation).corrected)
    measured[occupation] = sum(scores) / len(scores)
plot_calibration(world.planted, measured);

# %% name="calibrate" role="figure"
found = calibration(list(world.planted.values()), list(measured.values()))
print(found)
errors = [measured[occupation] - world.planted[occupation] for occupation in measured]
interval = cluster_bootstrap(errors, list(measured))
print(interval)

# %% [markdown] name="report_idea" lang="fr"
# ## 3. Rapport

# %% [markdown] name="report_idea" lang="en"
# ## 3. Report

# %% [markdown] name="question_interval" lang="fr"
# **Question.** Votre mesure retrouve-t-elle le biais planté ? Commentez la pente, l'erreur et l'intervalle ; dites ce que vous
# pourriez, et ne pourriez pas, conclure de la même mesure sur un modèle dont le corpus vous est inconnu. (10 à 15 lignes)

# %% [markdown] name="question_interval" lang="en"
# **Question.** Does your measure find the planted bias? Comment on the slope, the error and the interval; say what you could,
# and could not, conclude from the same measure on a model whose corpus you do not know. (10 to 15 lines)

# %% [markdown] name="answer_interval" manual="question_interval" points=5 lang="fr"
# La pente est proche de 1 et la corrélation forte : la mesure retrouve l'ordre et la taille du biais planté, avec un écart qui tient à
# un entraînement fini. L'intervalle, calculé par métier, contient la valeur attendue. Sur un modèle inconnu, la même mesure décrit ce
# que ce modèle associe dans ces phrases-là ; elle ne dit ni d'où vient l'association, ni ce que le modèle ferait ailleurs, et l'absence de
# biais mesuré n'est pas la preuve d'une absence de biais.

# %% [markdown] name="answer_interval" manual="question_interval" points=5 lang="en"
# The slope is close to 1 and the correlation strong: the measure finds the order and the size of the planted bias, with an error due
# to finite training. The interval, taken by occupation, holds the expected value. On an unknown model the same measure describes
# what that model associates in these very sentences; it tells neither where the association comes from nor what the model would do
# elsewhere, and no measured bias is not a proof of no bias.
