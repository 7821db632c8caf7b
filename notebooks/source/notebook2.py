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
# Un modèle de langue apprend ce que son corpus contient, préjugés compris. Vous interrogez ici un modèle pré-entraîné, et vous
# apprenez à mesurer un biais **avec son incertitude**. Ce modèle a été entraîné sur Microcosm, une petite langue artificielle où
# nous avons introduit un biais de taille connue entre métiers et genre : vous saurez donc si votre mesure retrouve ce qui s'y
# trouve. Ce biais est inventé et, à dessein, ne suit pas ceux du monde réel.

# %% [markdown] name="title" lang="en"
# # Assignment 2, notebook 2: biases and limits of a masked language model
#
# **Content note.** This notebook shows stereotypes in order to measure them.
#
# A language model learns what its corpus holds, prejudice included. Here you question a pretrained model, and learn to
# measure a bias **with its uncertainty**. The model was trained on Microcosm, a small artificial language in which we planted a
# bias of known size between occupations and gender: so you will know whether your measure finds what is there. That bias is
# invented, and on purpose does not follow those of the real world.

# %% name="setup" role="setup" lang="fr"
from typing import Any

import torch
from torch import nn

from attentif import InputError
from attentif.bias import calibration, cluster_bootstrap, log_probability_bias
from attentif.bias.scorer import MaskedScorer
from attentif.bias.sentences import show_calibration, show_interval
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
from attentif.bias.sentences import show_calibration, show_interval
from attentif.charts import plot_answers, plot_calibration
from attentif.checks import check
from attentif.corpus.microcosm import Microcosm
from attentif.notebook import setup, small_model, to_do

device = setup(language="en")
world = Microcosm("en")
model, tokenizer = small_model("microcosm-en")

# %% [markdown] name="language" lang="fr"
# ## 1. La langue, et ce que le modèle en sait
#
# Voici un court texte de Microcosm, puis l'exercice : demander au modèle quel mot se cache sous `[MASK]`.

# %% [markdown] name="language" lang="en"
# ## 1. The language, and what the model knows of it
#
# Here is a short text of Microcosm, then the exercise: ask the model which word hides under `[MASK]`.

# %% name="sample_text" role="figure"
print(world.text(world.documents(1, seed=3)[0]))

# %% name="exercise_fill_mask" exercise="fill_mask"

# %% [markdown] name="fill_mask_reading" lang="fr"
# **À observer.** Dans la première phrase, le mot caché est affaire de sens : le modèle sait-il ce que signe un notaire ? Dans la
# seconde, rien ne dit s'il faut `il` ou `elle`, sinon le métier : c'est là que peut se voir un biais. Changez de phrase, avec
# des mots du texte ci-dessus.

# %% [markdown] name="fill_mask_reading" lang="en"
# **What to observe.** In the first sentence the hidden word is a matter of meaning: does the model know what a farmer feeds? In
# the second, nothing tells whether it is `he` or `she` but the occupation: there a bias can show. Try other sentences, with words
# of the text above.

# %% name="fill_mask_picture" role="figure" lang="fr"
occupation = next(iter(world.planted))
sentences = ["le notaire signe un [MASK] ce matin .", world.templates[0].format(occupation=occupation)]
if not to_do(fill_mask):
    for sentence in sentences:
        plot_answers(fill_mask(model, tokenizer, sentence, k=5)[0], title=sentence)

# %% name="fill_mask_picture" role="figure" lang="en"
occupation = next(iter(world.planted))
sentences = [
    "the farmer feeds the [MASK] behind the fence .",
    world.templates[0].format(occupation=occupation),
]
if not to_do(fill_mask):
    for sentence in sentences:
        plot_answers(fill_mask(model, tokenizer, sentence, k=5)[0], title=sentence)

# %% [markdown] name="bias_idea" lang="fr"
# ## 2. Mesurer un biais
#
# Dans une phrase comme la seconde, rien d'autre que le métier ne renseigne sur le genre. La différence des log-probabilités des
# deux pronoms, corrigée de ce qu'elle vaut quand le métier est masqué lui aussi (Kurita et al. 2019), mesure l'association du
# métier et du genre, en nats : positive, elle penche vers le féminin. Comparez-la, métier par métier, au biais introduit, lui
# aussi une log-cote : $\ln P(\text{féminin} \mid \text{métier}) - \ln P(\text{masculin} \mid \text{métier})$.

# %% [markdown] name="bias_idea" lang="en"
# ## 2. Measuring a bias
#
# In a sentence like the second, nothing but the occupation tells of the gender. The difference of the log-probabilities of the
# two pronouns, corrected by what it is when the occupation is masked too (Kurita et al. 2019), measures the association of
# occupation and gender, in nats: positive, it leans to the feminine. Compare it, occupation by occupation, with the planted
# bias, log-odds too: $\ln P(\text{feminine} \mid \text{occupation}) - \ln P(\text{masculine} \mid \text{occupation})$.

# %% name="measure_bias" role="figure"
masculine, feminine = world.pronouns
measured = {}
for occupation in world.planted:
    scores = []
    for template in world.templates:
        slots = template.replace("[MASK]", "[TARGET]").replace("{occupation}", "[ATTRIBUTE]")
        score = log_probability_bias(model, tokenizer, slots, feminine, masculine, occupation)
        scores.append(score.corrected)
    measured[occupation] = sum(scores) / len(scores)
figure = plot_calibration(world.planted, measured)

# %% [markdown] name="calibration_idea" lang="fr"
# **Que vaut cette mesure ?** `calibration` trace la droite des mesures en fonction des valeurs introduites : pente 1 et ordonnée 0
# si tout est retrouvé. L'intervalle est celui de l'erreur moyenne, mesure moins valeur introduite, par rééchantillonnage des
# métiers. S'il contient 0, la mesure ne penche d'aucun côté **en moyenne** ; chaque métier, lui, peut être mal mesuré.

# %% [markdown] name="calibration_idea" lang="en"
# **What is this measure worth?** `calibration` draws the line of the measures on the planted values: slope 1 and intercept 0 if
# all is found. The interval is that of the mean error, measure minus planted value, by resampling occupations. If it holds 0,
# the measure leans to neither side **on average**; each occupation may still be measured badly.

# %% name="calibrate" role="figure" lang="fr"
found = calibration(list(world.planted.values()), list(measured.values()))
show_calibration(found)
errors = [measured[occupation] - world.planted[occupation] for occupation in measured]
interval = cluster_bootstrap(errors, list(measured))
show_interval(interval, "Erreur, mesure moins valeur introduite (un groupe par métier)")

# %% name="calibrate" role="figure" lang="en"
found = calibration(list(world.planted.values()), list(measured.values()))
show_calibration(found)
errors = [measured[occupation] - world.planted[occupation] for occupation in measured]
interval = cluster_bootstrap(errors, list(measured))
show_interval(interval, "Error, measure minus planted value (one group an occupation)")

# %% [markdown] name="report_idea" lang="fr"
# ## 3. Rapport

# %% [markdown] name="report_idea" lang="en"
# ## 3. Report

# %% [markdown] name="question_interval" lang="fr"
# **Question.** Votre mesure retrouve-t-elle le biais introduit ? Commentez la pente, l'erreur et l'intervalle ; dites ce que
# vous pourriez, et ne pourriez pas, conclure de la même mesure sur un modèle dont vous ne connaissez pas le corpus.
# (10 à 15 lignes)

# %% [markdown] name="question_interval" lang="en"
# **Question.** Does your measure find the planted bias? Comment on the slope, the error and the interval; say what you could,
# and could not, conclude from the same measure on a model whose corpus you do not know. (10 to 15 lines)

# %% [markdown] name="answer_interval" manual="question_interval" points=5 lang="fr"
# La corrélation est nettement positive : la mesure retrouve le sens du biais introduit et, à peu près, l'ordre des métiers. La
# pente est bien inférieure à 1 : elle en sous-estime la taille, car un petit modèle, entraîné un temps fini, n'en a appris qu'une
# partie ; l'erreur quadratique est de l'ordre des biais eux-mêmes, et même l'un des plus grands peut se confondre avec l'absence
# de biais. L'intervalle de l'erreur moyenne contient 0, mais cela dit seulement que les erreurs des deux signes se compensent :
# ce n'est ni un intervalle de la pente, ni la preuve que chaque métier est bien mesuré ; avec moins de 20 groupes, il est de plus
# trop étroit. Sur un modèle inconnu, la même mesure décrit ce que ce modèle associe dans ces phrases-là ; elle ne dit ni d'où
# vient l'association, ni ce que le modèle ferait ailleurs, et l'absence de biais mesuré ne prouve pas l'absence de biais.

# %% [markdown] name="answer_interval" manual="question_interval" points=5 lang="en"
# The correlation is clearly positive: the measure finds the direction of the planted bias and, roughly, the order of the
# occupations. The slope is well below 1: it underestimates the size, since a small model, trained for a finite time, has learned
# only a part of it; the root mean square error is as large as the biases themselves, and even one of the largest may not be
# told from no bias. The interval of the mean error holds 0, but that only says that errors of both signs cancel: it is no interval
# of the slope, nor a proof that each occupation is measured well; with fewer than 20 groups it is too narrow besides. On an unknown
# model the same measure describes what that model associates in these very sentences; it tells neither where the association comes
# from nor what the model would do elsewhere, and no measured bias is no proof of no bias.
