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
#
# **Prévoyez environ 8 h**, dont 5 h 40 d'exercices, le reste pour lire, regarder les images et rédiger ; le carnet vaut **100 points**, dont 60 par les contrôles et 40 par le rapport.

# %% [markdown] name="title" lang="en"
# # Assignment 2, notebook 2: biases and limits of a masked language model
#
# **Content note.** This notebook shows stereotypes in order to measure them.
#
# A language model learns what its corpus holds, prejudice included. Here you question a pretrained model, and learn to
# measure a bias **with its uncertainty**. The model was trained on Microcosm, a small artificial language in which we planted a
# bias of known size between occupations and gender: so you will know whether your measure finds what is there. That bias is
# invented, and on purpose does not follow those of the real world.
#
# **Expect about 8 h**, of which 5 h 40 for the exercises, the rest to read, look at the pictures and write; the notebook is worth **100 points**, 60 by checks and 40 by the report.

# %% name="install" role="setup" lang="fr"
# La bibliothèque du devoir, si elle n'est pas là : une petite archive, qui ne change rien d'autre.
import glob
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("attentif") is None:
    places = ("", "../../dist/", "/content/", "/content/drive/MyDrive/", "/kaggle/input/*/")
    near = [wheel for place in places for wheel in sorted(glob.glob(f"{place}attentif-*.whl"))]
    if not (wheel := (*near, "WHEEL_ADDRESS")[0]):
        raise FileNotFoundError(
            "Où est la bibliothèque du devoir ? Déposez attentif-….whl (dossier dist du devoir) à côté de ce carnet ; "
            "sur Colab, dans le panneau Fichiers. Puis exécutez de nouveau cette cellule."
        )
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    importlib.invalidate_caches()

# %% name="install" role="setup" lang="en"
# The assignment's library, if it is not there: a small archive, which changes nothing else.
import glob
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("attentif") is None:
    places = ("", "../../dist/", "/content/", "/content/drive/MyDrive/", "/kaggle/input/*/")
    near = [wheel for place in places for wheel in sorted(glob.glob(f"{place}attentif-*.whl"))]
    if not (wheel := (*near, "WHEEL_ADDRESS")[0]):
        raise FileNotFoundError(
            "Where is the assignment's library? Put attentif-….whl (folder dist of the assignment) beside this notebook; "
            "on Colab, into the Files panel. Then run this cell again."
        )
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    importlib.invalidate_caches()

# %% name="setup" role="setup" lang="fr"
import itertools
import math
import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif import InputError
from attentif.bias import AssociationScore, Calibration, Interval
from attentif.bias.alignment import align_pair
from attentif.bias.association import fill_template
from attentif.bias.candidates import single_token
from attentif.bias.comparisons import show_adjusted, show_p, show_paired, show_sensitivity
from attentif.bias.counterfactual import OTHER, fitted, read_words
from attentif.bias.gender.words import with_capitals_of, written
from attentif.bias.groups import finite_numbers
from attentif.bias.likelihood import check_sentences
from attentif.bias.looking import attention_maps, look
from attentif.bias.material import material_for, slots
from attentif.bias.measures import (
    intervals_of,
    means,
    references_of,
    show_agreement,
    show_covered,
    show_measures,
)
from attentif.bias.nulls import RandomNull, checked_seeds, untrained_model
from attentif.bias.options import option_scores
from attentif.bias.pair_scores import KINDS, Kind, check_pairs, received_weights
from attentif.bias.paired import MOST_EXACT, PairedTest, check_p_values, coded_pairs
from attentif.bias.permutation import coded_words
from attentif.bias.preferences import Preferences, checked_scores
from attentif.bias.projection import debiased
from attentif.bias.scorer import MaskedScorer, Question
from attentif.bias.sentences import show_calibration, show_interval
from attentif.bias.statistics import coded_groups, paired_numbers
from attentif.bias.stereoset import StereoSetScores, checked_options
from attentif.bias.variance import TemplateSensitivity, checked_table
from attentif.bias.weat import checked_vectors
from attentif.bias.word_sets import alphabetic_halves, grouped, standings, word_sets
from attentif.charts import (
    plot_answers,
    plot_forest,
    plot_heads,
    plot_lines,
    plot_nulls,
    plot_referents,
    plot_shares,
    plot_strips,
)
from attentif.checks import check
from attentif.limits.attention import WordAttention, find_look
from attentif.limits.inside import head_shape, hidden_states, on_head_outputs
from attentif.limits.mediation import HeadEffect, check_mediation
from attentif.limits.representations import LayerSimilarity, check_vectors, find_words
from attentif.notebook import if_possible, note_rescue, or_rescue, setup, to_do
from attentif.pretrained import masked_model
from attentif.submission import soumettre

device = setup(language="fr")

# %% name="setup" role="setup" lang="en"
import itertools
import math
import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif import InputError
from attentif.bias import AssociationScore, Calibration, Interval
from attentif.bias.alignment import align_pair
from attentif.bias.association import fill_template
from attentif.bias.candidates import single_token
from attentif.bias.comparisons import show_adjusted, show_p, show_paired, show_sensitivity
from attentif.bias.counterfactual import OTHER, fitted, read_words
from attentif.bias.gender.words import with_capitals_of, written
from attentif.bias.groups import finite_numbers
from attentif.bias.likelihood import check_sentences
from attentif.bias.looking import attention_maps, look
from attentif.bias.material import material_for, slots
from attentif.bias.measures import (
    intervals_of,
    means,
    references_of,
    show_agreement,
    show_covered,
    show_measures,
)
from attentif.bias.nulls import RandomNull, checked_seeds, untrained_model
from attentif.bias.options import option_scores
from attentif.bias.pair_scores import KINDS, Kind, check_pairs, received_weights
from attentif.bias.paired import MOST_EXACT, PairedTest, check_p_values, coded_pairs
from attentif.bias.permutation import coded_words
from attentif.bias.preferences import Preferences, checked_scores
from attentif.bias.projection import debiased
from attentif.bias.scorer import MaskedScorer, Question
from attentif.bias.sentences import show_calibration, show_interval
from attentif.bias.statistics import coded_groups, paired_numbers
from attentif.bias.stereoset import StereoSetScores, checked_options
from attentif.bias.variance import TemplateSensitivity, checked_table
from attentif.bias.weat import checked_vectors
from attentif.bias.word_sets import alphabetic_halves, grouped, standings, word_sets
from attentif.charts import (
    plot_answers,
    plot_forest,
    plot_heads,
    plot_lines,
    plot_nulls,
    plot_referents,
    plot_shares,
    plot_strips,
)
from attentif.checks import check
from attentif.limits.attention import WordAttention, find_look
from attentif.limits.inside import head_shape, hidden_states, on_head_outputs
from attentif.limits.mediation import HeadEffect, check_mediation
from attentif.limits.representations import LayerSimilarity, check_vectors, find_words
from attentif.notebook import if_possible, note_rescue, or_rescue, setup, to_do
from attentif.pretrained import masked_model
from attentif.submission import submit

device = setup(language="en")

# %% [markdown] name="model_choice" lang="fr"
# ### Le modèle que vous interrogez
#
# Une variable le choisit. `microcosm-fr` est petit et fourni avec le devoir : il se passe de réseau, et son biais est connu. Faites
# d'abord tout le carnet avec lui : le rapport porte sur ses mesures.
#
# Essayez ensuite un vrai modèle, si vous avez un réseau : `camembert-base` (français, environ 450 Mo) ou
# `bert-base-multilingual-cased` (une centaine de langues, environ 700 Mo). Il vient du hub de Hugging Face et n'est téléchargé
# qu'une fois. Changez la variable, puis exécutez de nouveau tout ce qui suit ; sans GPU, comptez quelques minutes. Ses phrases
# sont alors du français courant. Et **personne ne connaît son vrai biais** : là où le carnet compare une mesure à la valeur
# introduite, il montre la mesure seule, avec son intervalle.

# %% [markdown] name="model_choice" lang="en"
# ### The model that you question
#
# One variable chooses it. `microcosm-en` is small and comes with the assignment: it needs no network, and its bias is known. Go
# through the whole notebook with it first: the report is about its measures.
#
# Then try a real model, if you have a network: `bert-base-uncased` (English, about 440 MB) or `bert-base-multilingual-cased` (a
# hundred languages, about 700 MB). It comes from the Hugging Face hub and is downloaded only once. Change the variable, then run
# all that follows again; without a GPU, allow a few minutes. Its sentences are then of everyday English. And **nobody knows its
# true bias**: where the notebook compares a measure with the planted value, it shows the measure alone, with its interval.

# %% name="model" role="setup" lang="fr"
MODEL = "microcosm-fr"  # ou `camembert-base`, `bert-base-multilingual-cased`
model, tokenizer = masked_model(MODEL, device)
material = material_for(model, tokenizer, "fr")

# %% name="model" role="setup" lang="en"
MODEL = "microcosm-en"  # or `bert-base-uncased`, `bert-base-multilingual-cased`
model, tokenizer = masked_model(MODEL, device)
material = material_for(model, tokenizer, "en")

# %% [markdown] name="language" lang="fr"
# ## 1. La langue, et ce que le modèle en sait
#
# Un modèle masqué a appris une seule chose : deviner un mot caché d'après ce qui l'entoure. Demandez-lui donc quel mot se cache sous `[MASK]` ;
# il ne répond pas par un mot, mais par une probabilité pour chaque mot de son vocabulaire. Une bonne réponse n'est pas toujours la seule : là où
# plusieurs mots conviennent, la façon dont il partage ses probabilités dit ce qu'il attend du monde. C'est l'outil de tout le carnet.
#
# $$P(w \mid \text{phrase}) = \mathrm{softmax}(z)_w = \frac{e^{z_w}}{\sum_v e^{z_v}}$$
#
# À la main : des logits 2, 1 et 0 donnent, divisés par la somme $e^2 + e + 1 = 11{,}1$, les probabilités 0,67, 0,24 et 0,09.
#
# Voici un court texte de Microcosm (avec un modèle du hub : les phrases qui lui seront soumises), puis l'exercice.

# %% [markdown] name="language" lang="en"
# ## 1. The language, and what the model knows of it
#
# A masked model has learned one thing: to guess a hidden word from what surrounds it. So ask it which word hides under `[MASK]`; its answer
# is not a word but a probability for each word of its vocabulary. A right answer is not always the only one: where several words fit, the way
# in which it shares out its probabilities tells what it expects of the world. That is the tool of this whole notebook.
#
# $$P(w \mid \text{sentence}) = \mathrm{softmax}(z)_w = \frac{e^{z_w}}{\sum_v e^{z_v}}$$
#
# By hand: logits 2, 1 and 0, divided by the sum $e^2 + e + 1 = 11.1$, give the probabilities 0.67, 0.24 and 0.09.
#
# Here is a short text of Microcosm (with a model of the hub: the sentences that it will be given), then the exercise.

# %% name="sample_text" role="figure"
print(material.sample)

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
sentences = [*material.blanks]  # ajoutez les vôtres, avec [MASK]
if not to_do(fill_mask):
    for sentence in sentences:
        plot_answers(fill_mask(model, tokenizer, sentence, k=5)[0], title=sentence)

# %% name="fill_mask_picture" role="figure" lang="en"
sentences = [*material.blanks]  # add your own, with [MASK]
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
#
# À la main : si le modèle donne 0,6 à `elle` et 0,3 à `il` quand il voit le métier, la différence est $\ln 0{,}6 - \ln 0{,}3 = \ln 2 = 0{,}69$ ; s'il
# donne 0,4 et 0,5 quand le métier est caché, elle est $\ln 0{,}8 = -0{,}22$. L'association vaut $0{,}69 + 0{,}22 = 0{,}92$ nat (arrondi) : le métier penche vers `elle`.

# %% [markdown] name="bias_idea" lang="en"
# ## 2. Measuring a bias
#
# In a sentence like the second, nothing but the occupation tells of the gender. The difference of the log-probabilities of the
# two pronouns, corrected by what it is when the occupation is masked too (Kurita et al. 2019), measures the association of
# occupation and gender, in nats: positive, it leans to the feminine. Compare it, occupation by occupation, with the planted
# bias, log-odds too: $\ln P(\text{feminine} \mid \text{occupation}) - \ln P(\text{masculine} \mid \text{occupation})$.
#
# By hand: if the model gives 0.6 to `she` and 0.3 to `he` when it sees the occupation, the difference is $\ln 0.6 - \ln 0.3 = \ln 2 = 0.69$; if it
# gives 0.4 and 0.5 when the occupation is hidden, it is $\ln 0.8 = -0.22$. The association is $0.69 + 0.22 = 0.92$ nats (rounded): the occupation leans to `she`.

# %% name="exercise_log_odds" exercise="log_odds"

# %% [markdown] name="log_odds_reading" lang="fr"
# **À observer.** Une seule phrase, tous les métiers : à droite de 0, le modèle préfère le féminin. Deux métiers qui penchent du même côté
# ne sont pas forcément associés tous deux à ce genre : la phrase elle-même peut appeler un pronom. C'est ce que retire l'exercice suivant.

# %% [markdown] name="log_odds_reading" lang="en"
# **What to observe.** One sentence, all occupations: to the right of 0 the model prefers the feminine. Two occupations that lean the same
# way need not both be associated with that gender: the sentence itself may call for one pronoun. That is what the next exercise takes away.

# %% name="log_odds_picture" role="figure" lang="fr"
masculine, feminine = material.pronouns
sentence = material.templates[0]  # essayez les autres
if not to_do(log_odds):
    said = {name: sentence.format(occupation=name) for name in material.occupations}
    odds = [(name, log_odds(model, tokenizer, text, feminine, masculine)) for name, text in said.items()]
    label = f"log-cote : {feminine} contre {masculine} (nats)"
    plot_answers(sorted(odds, key=lambda pair: -pair[1]), sentence.format(occupation="…"), label)

# %% name="log_odds_picture" role="figure" lang="en"
masculine, feminine = material.pronouns
sentence = material.templates[0]  # try the others
if not to_do(log_odds):
    said = {name: sentence.format(occupation=name) for name in material.occupations}
    odds = [(name, log_odds(model, tokenizer, text, feminine, masculine)) for name, text in said.items()]
    label = f"log-odds: {feminine} against {masculine} (nats)"
    plot_answers(sorted(odds, key=lambda pair: -pair[1]), sentence.format(occupation="…"), label)

# %% name="exercise_log_probability_bias" exercise="log_probability_bias"

# %% [markdown] name="measure_reading" lang="fr"
# **À observer.** Un point par métier : en abscisse le biais introduit, en ordonnée votre mesure, moyenne de plusieurs phrases. Sur la
# diagonale, tout ce qui a été introduit est retrouvé. La correction retire ce que le modèle attend du pronom avant de connaître
# le métier, la même valeur pour tous les métiers d'un gabarit : elle déplace donc tous les points ensemble, sans changer la pente.
# Sans elle, un pronom plus fréquent paraîtrait associé à tous les métiers. Pour un modèle du hub, il n'y a pas d'abscisse : une ligne
# par métier, et une fourchette qui dit combien la mesure change d'une phrase à l'autre.

# %% [markdown] name="measure_reading" lang="en"
# **What to observe.** One point for each occupation: on the x axis the planted bias, on the y axis your measure, the mean over several
# sentences. On the diagonal, all that was planted is found. The correction takes away what the model expects of the pronoun before
# it knows the occupation, the same value for all occupations of a template: so it moves all points together and leaves the slope
# alone. Without it, a pronoun that is more frequent would seem associated with every occupation. For a model of the hub there is no
# x axis: one line for each occupation, and a range that tells how much the measure changes from sentence to sentence.

# %% name="measure_bias" role="figure"
masculine, feminine = material.pronouns
measure = or_rescue(log_probability_bias)
scores = {}
for occupation in material.occupations:
    for template in material.templates:
        score = measure(model, tokenizer, slots(template), feminine, masculine, occupation)
        scores[occupation, template] = score.corrected
measured = means(scores)
figure = show_measures(scores, material.planted)

# %% [markdown] name="likelihood_idea" lang="fr"
# ## 3. Des phrases entières
#
# Un masque ne juge qu'un mot. Pour comparer deux phrases entières, on additionne ce que le modèle pense de chacun de leurs mots, caché
# l'un après l'autre : c'est la **pseudo-log-vraisemblance** (Salazar et al. 2020). Ce n'est pas une probabilité de la phrase, car les mots
# sont jugés chacun en voyant tous les autres ; mais entre deux phrases qui ne diffèrent que d'un mot, sa différence dit laquelle le
# modèle trouve la plus naturelle. C'est ainsi que procèdent CrowS-Pairs et ses pareils.
#
# À la main : deux mots, devinés avec les probabilités ½ et ⅛, donnent $\ln \frac{1}{2} + \ln \frac{1}{8} = -0{,}69 - 2{,}08 = -2{,}77$ nats. Si l'autre phrase de la paire donne
# −3,47, la première est préférée de 0,70 nat : deux fois plus « vraisemblable ».

# %% [markdown] name="likelihood_idea" lang="en"
# ## 3. Whole sentences
#
# A mask judges one word. To compare two whole sentences, add up what the model thinks of each of their words, hidden one after the
# other: the **pseudo-log-likelihood** (Salazar et al. 2020). It is no probability of the sentence, since each word is judged with all
# others in view; but between two sentences that differ in one word, its difference tells which the model finds the more
# natural. CrowS-Pairs and its like proceed that way.
#
# By hand: two words, guessed with probabilities ½ and ⅛, give $\ln \frac{1}{2} + \ln \frac{1}{8} = -0.69 - 2.08 = -2.77$ nats. If the other sentence of the pair gives
# −3.47, the first is preferred by 0.70 nats: twice as "likely".

# %% name="exercise_pseudo_log_likelihood" exercise="pseudo_log_likelihood"

# %% [markdown] name="likelihood_reading" lang="fr"
# **À observer.** La même association, mesurée par des phrases entières : dans chaque phrase, le pronom au féminin contre le pronom au
# masculin. Comparez avec l'image précédente : même ordre des métiers ? Même échelle ? Ici, rien ne retire l'a priori des pronoms,
# et l'association compte en partie deux fois (la pente monte, sans doubler) : quand on devine le pronom en voyant le métier, puis le métier en voyant le pronom.

# %% [markdown] name="likelihood_reading" lang="en"
# **What to observe.** The same association, measured by whole sentences: in each, the feminine pronoun against the masculine one. Compare
# with the picture before: the same order of occupations? The same scale? Nothing removes the prior of the pronouns here,
# and the association counts nearly twice (compare the slopes): when the pronoun is guessed with the occupation in view, then the occupation with the pronoun.

# %% name="likelihood_picture" role="figure"
score_sentences = or_rescue(pseudo_log_likelihood)
differences = {}
for occupation in material.occupations:
    filled = [template.format(occupation=occupation) for template in material.templates]
    pair = [[text.replace("[MASK]", pronoun) for text in filled] for pronoun in (feminine, masculine)]
    difference = score_sentences(model, tokenizer, pair[0]) - score_sentences(model, tokenizer, pair[1])
    differences |= {(occupation, text): float(nats) for text, nats in zip(filled, difference, strict=True)}
by_sentence = means(differences)
figure = show_measures(differences, material.planted)

# %% [markdown] name="pair_idea" lang="fr"
# ## 4. Des paires
#
# Deux phrases ne diffèrent que par un mot, et l'une est plus stéréotypée que l'autre : laquelle le modèle préfère-t-il ? Le jeu CrowS-Pairs
# (Nangia et al. 2020) en demande autant de 1 508 paires. Mais préférer, c'est donner un score plus haut, et plusieurs scores portent le même
# nom : on évalue les jetons **communs** sachant les modifiés, les **modifiés** sachant les communs, ou la phrase entière sans rien masquer. Un
# mot fréquent est probable partout : le score des modifiés mesure donc d'abord sa fréquence, que celui des communs laisse de côté. Et quand
# rien n'est masqué, le jeton à deviner est sous les yeux du modèle.
#
# À la main : « elle dort peu » et « il dort peu » ont en commun `dort` et `peu`. Si le modèle les devine avec les probabilités ½ et ¼ après `elle`, ¼ et ¼ après `il`,
# les scores sont $\ln \frac{1}{8} = -2{,}08$ et $\ln \frac{1}{16} = -2{,}77$ nats : la première phrase est préférée. S'il donne 0,1 à `elle` et 0,4 à `il`, le score des
# modifiés dit le contraire : $\ln 0{,}1 = -2{,}30$ contre $\ln 0{,}4 = -0{,}92$.

# %% [markdown] name="pair_idea" lang="en"
# ## 4. Pairs
#
# Two sentences differ in one word, and one of them is more stereotyped than the other: which does the model prefer? CrowS-Pairs
# (Nangia et al. 2020) asks this of 1,508 pairs. But to prefer is to give a higher score, and several scores go by one name: they take
# the **shared** tokens given the changed ones, the **changed** ones given the shared, or the whole sentence with nothing masked. A frequent
# word is probable anywhere: so the score of the changed tokens measures first of all how frequent they are, which that of the shared ones
# leaves aside. And where nothing is masked, the token to guess stands before the model's eyes.
#
# By hand: "she sleeps little" and "he sleeps little" share `sleeps` and `little`. If the model guesses them with probabilities ½ and ¼ after `she`, ¼ and ¼ after `he`,
# the scores are $\ln \frac{1}{8} = -2.08$ and $\ln \frac{1}{16} = -2.77$ nats: the first sentence is preferred. If it gives 0.1 to `she` and 0.4 to `he`, the score of the
# changed tokens says the contrary: $\ln 0.1 = -2.30$ against $\ln 0.4 = -0.92$.

# %% name="exercise_pair_scores" exercise="pair_scores"

# %% name="exercise_crows_pairs_metric" exercise="crows_pairs_metric"

# %% [markdown] name="pair_reading" lang="fr"
# **À observer.** Chaque paire est un gabarit avec un métier, au féminin puis au masculin ; chaque barre dit dans quelle part des phrases
# le féminin est préféré, 50 % s'il n'y a pas de préférence. Les métiers vont du plus féminin au plus masculin selon le biais introduit (avec un
# modèle du hub, dans l'ordre de la liste). Quelles définitions retrouvent cet ordre ? Les deux premières le suivent, mais `modified` penche
# en bloc vers le pronom que le modèle donne le plus volontiers. Les deux dernières ne masquent rien : le modèle recopie le mot qu'il a sous les
# yeux, et la différence des deux phrases, de l'ordre du millième de nat, décide pourtant de toute une barre. La part ne dit pas de combien une
# phrase est préférée : une différence de 0,001 nat y compte autant qu'une de 3.

# %% [markdown] name="pair_reading" lang="en"
# **What to observe.** Each pair is a template with an occupation, in the feminine and then in the masculine; each bar tells in which share of the
# templates the feminine is preferred, 50 % if there is no preference. Occupations go from the most feminine to the most masculine by the planted
# bias (with a model of the hub, in the order of the list). Which definitions find that order? All four follow it roughly, but `modified`
# leans as a whole to the pronoun that the model gives most readily. The last two mask nothing: the model copies the word
# before its eyes, and the difference of the two sentences, some hundredths of a nat at most, decides a whole bar all the same. A share does not tell by how
# much a sentence is preferred: a difference of 0.001 nats counts as much as one of 3.

# %% name="pair_picture" role="figure" lang="fr"
ranked = sorted(material.occupations, key=lambda occupation: -material.planted.get(occupation, 0.0))
frames = [text.format(occupation=occupation) for occupation in ranked for text in material.templates]
pairs = [tuple(text.replace("[MASK]", pronoun) for pronoun in (feminine, masculine)) for text in frames]
if not (to_do(pair_scores) or to_do(crows_pairs_metric)):
    shares = {}
    for kind in KINDS:
        tables = np.split(pair_scores(model, tokenizer, pairs, kind), len(ranked))
        of = [crows_pairs_metric(table).metric for table in tables]
        shares[kind] = dict(zip(ranked, of, strict=True))
    plot_shares(shares, f"phrases où {feminine} l'emporte sur {masculine}")

# %% name="pair_picture" role="figure" lang="en"
ranked = sorted(material.occupations, key=lambda occupation: -material.planted.get(occupation, 0.0))
frames = [text.format(occupation=occupation) for occupation in ranked for text in material.templates]
pairs = [tuple(text.replace("[MASK]", pronoun) for pronoun in (feminine, masculine)) for text in frames]
if not (to_do(pair_scores) or to_do(crows_pairs_metric)):
    shares = {}
    for kind in KINDS:
        tables = np.split(pair_scores(model, tokenizer, pairs, kind), len(ranked))
        of = [crows_pairs_metric(table).metric for table in tables]
        shares[kind] = dict(zip(ranked, of, strict=True))
    plot_shares(shares, f'sentences in which "{feminine}" is preferred to "{masculine}"')

# %% [markdown] name="options_idea" lang="fr"
# ### Et connaît-il sa langue ?
#
# Un modèle qui ne sait rien n'a pas de préférence : faut-il l'en féliciter ? StereoSet ajoute à chaque cas un mot sans rapport, et retient deux
# parts : celle des options sensées préférées à ce mot, et celle des stéréotypes préférés à leur contraire. ICAT les réunit en un nombre.
#
# À la main : si une option sensée l'emporte 80 fois sur 100 et le stéréotype 60 fois sur 100, ICAT vaut $80 \times 40 / 50 = 64$. Un modèle au hasard, 50 et 50, obtient
# $50 \times 50 / 50 = 50$ ; un modèle qui connaît sa langue et suit tous les stéréotypes, 100 et 100, obtient 0.

# %% [markdown] name="options_idea" lang="en"
# ### And does it know its language?
#
# A model that knows nothing has no preference: is that to its credit? StereoSet adds an unrelated word to each case, and keeps two shares: of
# meaningful options preferred to that word, and of stereotypes preferred to their contrary. ICAT makes one number of them.
#
# By hand: if a meaningful option wins 80 times in 100 and the stereotype 60 times in 100, ICAT is $80 \times 40 / 50 = 64$. A random model, 50 and 50, gets
# $50 \times 50 / 50 = 50$; one that knows its language and follows every stereotype, 100 and 100, gets 0.

# %% name="exercise_stereoset_scores" exercise="stereoset_scores"

# %% [markdown] name="options_reading" lang="fr"
# **À observer.** Pour chaque métier qui penche d'un côté, le « stéréotype » est le pronom de ce côté (avec un modèle du hub : le féminin), le mot sans
# rapport est « avec ». À gauche votre modèle, à droite trois fois le même sans entraînement, aux poids tirés au hasard (avec un modèle du hub : une
# fois). Lequel a le meilleur ICAT ? Un nombre unique peut récompenser l'ignorance : rapportez toujours les deux parts qui le composent. Et
# l'ICAT d'un modèle au hasard, imprimé pour chaque graine, n'est 50 que par chance : avec si peu de mots différents, ses préférences sont celles de
# deux ou trois mots.

# %% [markdown] name="options_reading" lang="en"
# **What to observe.** For each occupation that leans to a side, the "stereotype" is the pronoun of that side (with a model of the hub: the feminine one), the
# unrelated word is "with". On the left your model, on the right three times the same without training, its weights drawn at random (with a model of the hub:
# once). Which has the best ICAT? One single number can reward ignorance: always report the two shares that make it. And the ICAT of a random model,
# printed for each seed, is 50 only by luck: with so few different words, its preferences are those of two or three words.

# %% name="options_picture" role="figure" lang="fr"
targets = [
    name for name in material.occupations if material.planted.get(name, 1.0) for _ in material.templates
]
frames = [text.format(occupation=name) for name in dict.fromkeys(targets) for text in material.templates]
leaning = {name: material.pronouns[:: -1 if material.planted.get(name, 1.0) > 0 else 1] for name in targets}
options = [(*leaning[name], "avec") for name in targets]
if not to_do(stereoset_scores):
    asked = {"votre modèle": model}
    for seed in (1, 2, 3) if material.planted else (1,):
        asked[f"au hasard, graine {seed}"] = untrained_model(model.config, seed, device)
    shares = {}
    for name, each in asked.items():
        found = stereoset_scores(option_scores(each, tokenizer, frames, options), targets)
        shares[name] = {part: getattr(found, part) for part in ("language_model", "stereotype", "icat")}
        print(f"{name} : ICAT {found.icat:.1f}".replace(".", ","))
    plot_shares(shares)

# %% name="options_picture" role="figure" lang="en"
targets = [
    name for name in material.occupations if material.planted.get(name, 1.0) for _ in material.templates
]
frames = [text.format(occupation=name) for name in dict.fromkeys(targets) for text in material.templates]
leaning = {name: material.pronouns[:: -1 if material.planted.get(name, 1.0) > 0 else 1] for name in targets}
options = [(*leaning[name], "with") for name in targets]
if not to_do(stereoset_scores):
    asked = {"your model": model}
    for seed in (1, 2, 3) if material.planted else (1,):
        asked[f"random, seed {seed}"] = untrained_model(model.config, seed, device)
    shares = {}
    for name, each in asked.items():
        found = stereoset_scores(option_scores(each, tokenizer, frames, options), targets)
        shares[name] = {part: getattr(found, part) for part in ("language_model", "stereotype", "icat")}
        print(f"{name}: ICAT {found.icat:.1f}")
    plot_shares(shares)

# %% [markdown] name="null_idea" lang="fr"
# ### Et celui qui n'a rien appris ?
#
# Un modèle au hasard n'est à 50 que par chance, et d'autres poids donnent d'autres parts. 50 n'est donc qu'un repère
# théorique : ce qui compte, c'est où se trouvent vraiment les modèles sans entraînement. Tirez-en quelques dizaines, évaluez chacun comme le vôtre, et
# regardez si celui-ci est parmi eux. Comptez celles de leurs $N$ valeurs qui atteignent ou dépassent la sienne, puis celles qui ne la dépassent pas ; avec
# $b$ le plus petit de ces deux nombres,
#
# $$p = \min\Big(1,\ \frac{2\,(1 + b)}{N + 1}\Big)$$
#
# À la main : votre modèle préfère le stéréotype dans 58 % des paires. Sur 39 modèles au hasard, trois font 58 % ou davantage : $p = 2 \times 4 / 40 = 0{,}20$, rien ne
# le distingue d'eux. À 70 %, que n'atteint aucun d'eux, $p = 2 \times 1 / 40 = 0{,}05$ : 39 modèles ne peuvent donner moins.

# %% [markdown] name="null_idea" lang="en"
# ### And one that has learned nothing?
#
# A random model is at 50 only by luck, and other weights give other shares. So 50 is only a theoretical mark: what counts is
# where models without training really are. Draw a few dozen of them, score each as you do yours, and see whether yours is among them. Count those of
# their $N$ values that reach or exceed its own, then those that do not exceed it; with $b$ the smaller of these two counts,
#
# $$p = \min\Big(1,\ \frac{2\,(1 + b)}{N + 1}\Big)$$
#
# By hand: your model prefers the stereotype in 58 % of the pairs. Of 39 random models, three get 58 % or more: $p = 2 \times 4 / 40 = 0.20$, nothing sets it
# apart from them. At 70 %, which none of them reaches, $p = 2 \times 1 / 40 = 0.05$: 39 models cannot give less.

# %% name="exercise_random_null" exercise="random_null"

# %% [markdown] name="null_reading" lang="fr"
# **À observer.** Deux questions posées aux mêmes paires, et un point par modèle aux poids tirés au hasard. Dans quelle part des phrases le féminin
# l'emporte-t-il ? Ces modèles-là donnent tout, de 0 à 100 : les phrases ne diffèrent que par deux mots, et qui préfère l'un le préfère partout. Toutes ces paires
# n'en valent guère plus d'une, et l'écart de votre modèle à 50 ne prouve rien. Et dans quelle part le pronom du stéréotype l'emporte-t-il ? Il y a
# autant de métiers de chaque côté : préférer un mot partout donne 50, les modèles au hasard s'y serrent, et le vôtre en est loin. (Avec un modèle du
# hub : cinq modèles au hasard, car chacun prend du temps, et la première question seule.)

# %% [markdown] name="null_reading" lang="en"
# **What to observe.** Two questions put to the same pairs, and a point for each model with weights drawn at random. In which share of the sentences is the feminine
# preferred? Such models give anything from 0 to 100: the sentences differ in two words only, and whoever prefers one of them prefers it everywhere. All these pairs
# are worth hardly more than one, and how far your model is from 50 proves nothing. And in which share is the pronoun of the stereotype preferred? There are
# nearly as many occupations on either side: preferring one word everywhere gives about 50, random models keep close to it, and yours is far from them. (With a model of the
# hub: five random models, as each takes time, and the first question alone.)

# %% name="null_picture" role="figure" lang="fr"
seeds = range(39 if material.planted else 5)
sides = {name: material.planted.get(name, 1.0) for name in material.occupations}
feminine_first, stereotyped_first = [], []
for name, frame in itertools.product((name for name in sides if sides[name]), material.templates[:2]):
    pair = [frame.format(occupation=name).replace("[MASK]", pronoun) for pronoun in (feminine, masculine)]
    feminine_first.append(tuple(pair))
    stereotyped_first.append(tuple(pair if sides[name] > 0 else pair[::-1]))
about = {"le féminin l'emporte": feminine_first}
if material.planted:
    about["le stéréotype l'emporte"] = stereotyped_first


def first_preferred(pairs):
    """La métrique qui dit dans quelle part des paires la première phrase l'emporte."""
    return lambda asked: crows_pairs_metric(pair_scores(asked, tokenizer, pairs, "modified")).metric


if not (to_do(random_null) or to_do(pair_scores) or to_do(crows_pairs_metric)):
    scored = {}
    for name, pairs in about.items():
        metric = first_preferred(pairs)
        scored[name] = metric(model), random_null(metric, model.config, seeds, device)
    plot_nulls(scored, "part des paires (%)")

# %% name="null_picture" role="figure" lang="en"
seeds = range(39 if material.planted else 5)
sides = {name: material.planted.get(name, 1.0) for name in material.occupations}
feminine_first, stereotyped_first = [], []
for name, frame in itertools.product((name for name in sides if sides[name]), material.templates[:2]):
    pair = [frame.format(occupation=name).replace("[MASK]", pronoun) for pronoun in (feminine, masculine)]
    feminine_first.append(tuple(pair))
    stereotyped_first.append(tuple(pair if sides[name] > 0 else pair[::-1]))
about = {"the feminine is preferred": feminine_first}
if material.planted:
    about["the stereotype is preferred"] = stereotyped_first


def first_preferred(pairs):
    """The metric that tells in which share of the pairs the first sentence is preferred."""
    return lambda asked: crows_pairs_metric(pair_scores(asked, tokenizer, pairs, "modified")).metric


if not (to_do(random_null) or to_do(pair_scores) or to_do(crows_pairs_metric)):
    scored = {}
    for name, pairs in about.items():
        metric = first_preferred(pairs)
        scored[name] = metric(model), random_null(metric, model.config, seeds, device)
    plot_nulls(scored, "share of the pairs (%)")

# %% [markdown] name="uncertainty_idea" lang="fr"
# ## 5. Avec quelle incertitude ?
#
# Seize métiers, quelques phrases chacun : d'autres métiers auraient donné d'autres nombres. Le **rééchantillonnage** (*bootstrap*) imite ce
# hasard : on tire de nouveau, avec remise, parmi ce que l'on a, on recalcule, et l'étendue des résultats fait un intervalle. Mais
# les phrases d'un même métier se ressemblent : ce sont donc les **métiers entiers** que l'on tire, sans quoi l'intervalle, trop étroit,
# ferait croire à plus de données qu'il n'y en a.
#
# À la main : trois métiers de deux phrases chacun, de valeurs (1 ; 1), (3 ; 3) et (5 ; 5). La moyenne est 3. Un tirage de trois métiers, par exemple le
# premier, le premier et le troisième, donne $(1 + 1 + 1 + 1 + 5 + 5) / 6 = 2{,}33$ ; une fois sur 27, les trois tirages tombent sur le premier, et la moyenne
# est 1. Tirer six phrases une à une ne donnerait 1 qu'une fois sur 729 : l'intervalle paraîtrait plus sûr qu'il n'est.

# %% [markdown] name="uncertainty_idea" lang="en"
# ## 5. With what uncertainty?
#
# Fifteen occupations, a few sentences each: other occupations would have given other numbers. The **bootstrap** imitates that chance: draw
# again, with replacement, from what there is, compute again, and the spread of the results makes an interval. But sentences of one
# occupation are alike: so **whole occupations** are drawn, or else the interval, too narrow, would suggest more data than
# there are.
#
# By hand: three occupations of two sentences each, with values (1, 1), (3, 3) and (5, 5). The mean is 3. A draw of three occupations, say the
# first, the first and the third, gives $(1 + 1 + 1 + 1 + 5 + 5) / 6 = 2.33$; once in 27, all three draws fall on the first, and the mean is 1.
# Drawing six sentences one by one would give 1 only once in 729: the interval would seem surer than it is.

# %% name="exercise_cluster_bootstrap" exercise="cluster_bootstrap"

# %% [markdown] name="interval_reading" lang="fr"
# **À observer.** L'erreur de votre mesure, mesure moins valeur introduite, et son intervalle, deux fois : un groupe par métier, puis
# comme si chaque phrase était une observation à part. Le second promet plus qu'il ne sait. Si un intervalle contient 0, la mesure ne
# penche d'aucun côté **en moyenne** ; chaque métier, lui, peut être mal mesuré. Les biais introduits se compensent exactement : une mesure
# qui les réduirait tous de moitié aurait, elle aussi, une erreur moyenne nulle. C'est la pente, plus bas, qui la trahirait.

# %% [markdown] name="interval_reading" lang="en"
# **What to observe.** The error of your measure, measure minus planted value, and its interval, twice: one group per occupation, then as if
# each sentence were an observation of its own. The second promises more than it knows. If an interval holds 0, the measure leans to
# neither side **on average**; each occupation may still be measured badly. The planted biases nearly cancel out (they sum to −0.25 over fifteen
# occupations): a measure that halved them all would have a mean error of almost zero too, 0.01. It is the slope, below, that would give it away.

# %% name="intervals" role="figure" lang="fr"
errors = [value - material.planted.get(occupation, 0.0) for (occupation, _), value in scores.items()]
what = "Erreur moyenne" if material.planted else "Association moyenne"
resample = or_rescue(cluster_bootstrap)
note_rescue(measure)
interval = resample(errors, [occupation for occupation, _ in scores])
show_interval(interval, f"{what}, un groupe par métier")
naive = resample(errors, list(range(len(errors))))
show_interval(naive, f"{what}, un groupe par phrase (à tort)")

# %% name="intervals" role="figure" lang="en"
errors = [value - material.planted.get(occupation, 0.0) for (occupation, _), value in scores.items()]
what = "Mean error" if material.planted else "Mean association"
resample = or_rescue(cluster_bootstrap)
note_rescue(measure)
interval = resample(errors, [occupation for occupation, _ in scores])
show_interval(interval, f"{what}, one group per occupation")
naive = resample(errors, list(range(len(errors))))
show_interval(naive, f"{what}, one group per sentence (wrongly)")

# %% [markdown] name="forest_reading" lang="fr"
# **À observer.** Une ligne par métier, du plus féminin au plus masculin selon la mesure : le tiret vertical est sa moyenne, la barre un
# intervalle obtenu en tirant ses **phrases**, le losange la valeur introduite, quand elle est connue. Tout en bas, la moyenne de tous
# les métiers, dont l'intervalle vient du tirage des **métiers**. La ligne imprimée dit combien de barres de métiers couvrent leur losange :
# est-ce 95 % ? Une barre courte dit que les phrases s'accordent, non que la mesure est juste : ce que le modèle n'a pas appris, aucune
# phrase ne le montre. Et avec si peu de phrases, chaque barre est trop courte.

# %% [markdown] name="forest_reading" lang="en"
# **What to observe.** One line for each occupation, from the most feminine to the most masculine by the measure: the upright dash is its mean, the
# bar an interval made by drawing its **sentences**, the diamond the planted value, where it is known. At the bottom, the mean of
# all occupations, whose interval comes from drawing **occupations**. The printed line tells how many bars of occupations cover their
# diamond: is that 95 %? A short bar says that the sentences agree, not that the measure is right: what the model has not learned, no
# sentence shows. And with so few sentences, each bar is too short.

# %% name="forest" role="figure"
note_rescue(measure, resample)
ranges = intervals_of(scores, resample)
show_covered(ranges, material.planted)
figure = plot_forest(ranges, references_of(material.planted))

# %% [markdown] name="calibration_idea" lang="fr"
# ## 6. Que vaut cette mesure ?
#
# Presque jamais on ne connaît le vrai biais ; ici, si. La droite des mesures en fonction des valeurs introduites en dit l'essentiel : pente 1 et
# ordonnée à l'origine 0 si tout est retrouvé ; une pente plus faible si la mesure, ou le modèle, atténue ; une ordonnée qui n'est pas 0 si elle voit un penchant
# là où il n'y en a pas. Ce que la droite ne dit pas, la corrélation `r` le dit : à quel point les mesures s'en écartent. Et le plus petit biais qui dépasse toutes les
# mesures des métiers sans biais, c'est ce que l'on peut détecter.
#
# $$m \approx a + b\,p \qquad b = \frac{\sum_i (p_i - \bar p)(m_i - \bar m)}{\sum_i (p_i - \bar p)^2} \qquad a = \bar m - b\,\bar p$$
#
# À la main : introduits −1, 0 et 1 ; mesurés −0,4, 0,1 et 0,6. La droite passe par les trois points : $m = 0{,}1 + 0{,}5\,p$. La pente 0,5 dit que la mesure réduit les biais de
# moitié, l'ordonnée 0,1 qu'elle penche vers le féminin ; et `r` = 1, car les points sont alignés.

# %% [markdown] name="calibration_idea" lang="en"
# ## 6. What is this measure worth?
#
# The true bias is almost never known; here it is. The line of the measures on the planted values tells most of it: slope 1 and intercept 0
# if all is found; a smaller slope if the measure, or the model, damps; an intercept other than 0 if it sees a lean where there is none. What the
# line does not tell, the correlation `r` does: how far the measures are from it. And the smallest bias that exceeds all measures of occupations
# without bias is what can be detected.
#
# $$m \approx a + b\,p \qquad b = \frac{\sum_i (p_i - \bar p)(m_i - \bar m)}{\sum_i (p_i - \bar p)^2} \qquad a = \bar m - b\,\bar p$$
#
# By hand: planted −1, 0 and 1; measured −0.4, 0.1 and 0.6. The line goes through all three points: $m = 0.1 + 0.5\,p$. The slope of 0.5 says that the measure halves the
# biases, the intercept of 0.1 that it leans to the feminine; and `r` = 1, since the points are on one line.

# %% name="exercise_calibration" exercise="calibration"

# %% [markdown] name="calibration_reading" lang="fr"
# **À observer.** Laquelle des deux mesures a la pente la plus proche de 1, et laquelle penche d'un côté ? Un `r` proche de 1 suffit-il à la dire juste ? À partir de
# quelle taille un biais se distingue-t-il des métiers sans biais ? (Avec un modèle du hub, on ne peut comparer que les deux mesures entre elles.)

# %% [markdown] name="calibration_reading" lang="en"
# **What to observe.** Which of the two measures has the slope nearer to 1, and which leans to one side? Is an `r` near 1 enough to call it right? From which
# size on is a bias told from the occupations without one? (With a model of the hub, only the two measures can be compared with each other.)

# %% name="calibrate" role="figure" lang="fr"
fit = or_rescue(calibration)
note_rescue(measure, score_sentences)
if material.planted:
    sizes = sorted(set(material.planted.values()))
    curves = {"tout retrouvé": sizes}
    for name, values in (("au masque", measured), ("par phrases entières", by_sentence)):
        found = fit(list(material.planted.values()), list(values.values()))
        show_calibration(found, name, detects=fit is calibration)
        curves[name] = [found.intercept + found.slope * size for size in sizes]
    figure = plot_lines(curves, sizes, "biais introduit (nats)", "mesuré, par la droite")
else:
    show_agreement(measured, by_sentence)

# %% name="calibrate" role="figure" lang="en"
fit = or_rescue(calibration)
note_rescue(measure, score_sentences)
if material.planted:
    sizes = sorted(set(material.planted.values()))
    curves = {"all found": sizes}
    for name, values in (("at the mask", measured), ("by whole sentences", by_sentence)):
        found = fit(list(material.planted.values()), list(values.values()))
        show_calibration(found, name, detects=fit is calibration)
        curves[name] = [found.intercept + found.slope * size for size in sizes]
    figure = plot_lines(curves, sizes, "planted bias (nats)", "measured, by the line")
else:
    show_agreement(measured, by_sentence)

# %% [markdown] name="vectors_idea" lang="fr"
# ## 7. Les vecteurs : tests d'association
#
# Un modèle écrit chaque mot par un vecteur, son **plongement**. Si le modèle associe un métier au féminin, son vecteur pourrait être
# plus proche de ceux de `elle` ou `une` que de ceux de `il` ou `un` : c'est l'idée de WEAT (Caliskan et al. 2017), l'une des
# plus anciennes mesures de biais. Elle compare deux ensembles de **cibles** (des métiers) par leur association à deux ensembles
# d'**attributs** (des mots de chaque genre), et l'exprime en écarts types. Une taille d'effet ne dit pas si le hasard en ferait autant :
# on répartit donc les mots autrement, et l'on compte. Ce qui se répartit, ce sont les **mots** : les phrases d'un même mot se
# ressemblent, comme plus haut.
#
# $$s(w) = \overline{\cos(w, a)} - \overline{\cos(w, b)} \qquad d = \frac{\overline{s(x)} - \overline{s(y)}}{\sigma} \qquad p = P(t \ge t_\text{observé})$$
#
# où $a$ et $b$ parcourent les deux ensembles d'attributs, $x$ et $y$ les deux ensembles de cibles, $\sigma$ est l'écart type de $s$ sur toutes les cibles, et $t$ la différence des deux moyennes.
#
# À la main : deux cibles d'associations 0,9 et 0,5, deux autres 0,1 et −0,3. Les moyennes, 0,7 et −0,1, diffèrent de 0,8. La moyenne des quatre
# est 0,3, et la somme des carrés des écarts $0{,}36 + 0{,}04 + 0{,}04 + 0{,}36 = 0{,}8$ ; l'écart type est donc $\sqrt{0{,}8 / 3} = 0{,}52$, et
# $d = 0{,}8 / 0{,}52 = 1{,}55$. Quatre mots se répartissent en deux et deux de 6 façons, de différences 0,8, 0,4, 0, 0, −0,4 et −0,8 : une seule
# atteint 0,8, celle observée, donc $p = 1/6$. Si grand que soit $d$, quatre mots ne permettent pas mieux.

# %% [markdown] name="vectors_idea" lang="en"
# ## 7. Vectors: association tests
#
# A model writes each word as a vector, its **embedding**. If the model associates an occupation with women, its vector might be
# closer to those of `she` or `her` than to those of `he` or `him`: that is the idea of WEAT (Caliskan et al. 2017), one of the
# oldest measures of bias. It compares two sets of **targets** (occupations) by their association with two sets of **attributes** (words of
# each gender), in standard deviations. An effect size does not tell whether chance would do as much: so the words are divided
# otherwise, and one counts. What is divided are **words**: sentences of one word are alike, as above.
#
# $$s(w) = \overline{\cos(w, a)} - \overline{\cos(w, b)} \qquad d = \frac{\overline{s(x)} - \overline{s(y)}}{\sigma} \qquad p = P(t \ge t_\text{observed})$$
#
# where $a$ and $b$ run over the two sets of attributes, $x$ and $y$ over the two sets of targets, $\sigma$ is the standard deviation of $s$ over all targets, and $t$ the difference of the two means.
#
# By hand: two targets with associations 0.9 and 0.5, two others with 0.1 and −0.3. Their means, 0.7 and −0.1, differ by 0.8. The mean of
# all four is 0.3, and the sum of squares around it $0.36 + 0.04 + 0.04 + 0.36 = 0.8$; so the standard deviation is $\sqrt{0.8 / 3} = 0.52$, and
# $d = 0.8 / 0.52 = 1.55$. Four words can be divided into two and two in 6 ways, with differences 0.8, 0.4, 0, 0, −0.4 and −0.8: only one
# reaches 0.8, the observed one, so $p = 1/6$. However large $d$ is, four words allow no better.

# %% name="exercise_weat_effect_size" exercise="weat_effect_size"

# %% name="exercise_permutation_p_value" exercise="permutation_p_value"

# %% [markdown] name="vectors_reading" lang="fr"
# **À observer.** Une ligne par ensemble : les métiers où un biais féminin a été introduit, puis masculin (pour un modèle du hub : ceux que les
# enquêtes associent à chacun). Un point par métier : de combien son vecteur penche vers les mots féminins, comparé à tous les autres,
# par votre `weat_effect_size`. Les deux lignes se séparent-elles autant que les mesures au masque ? Ces vecteurs sont ceux de la table des
# plongements, **hors contexte** : un biais peut se loger ailleurs, dans l'attention et les couches, que cette mesure ne voit pas.
#
# Puis deux ensembles qui ne veulent rien dire, la première et la seconde moitié de l'alphabet, et les mesures au masque, une par phrase. Que
# devient $p$ quand on répartit les phrases au lieu des mots ? Des résultats publiés ont été jugés significatifs ainsi.

# %% [markdown] name="vectors_reading" lang="en"
# **What to observe.** One line for each set: the occupations where a feminine bias was planted (in Microcosm, by the sign), then a masculine one (for
# a model of the hub: those that surveys associate with each). One point for each occupation: how far its vector leans to the feminine
# words, compared with all others, by your `weat_effect_size`. Do the two lines part as clearly as the measures at the mask? These vectors
# are those of the table of embeddings, **out of context**: a bias may live elsewhere, in attention and layers, where this measure does not look.
#
# Then two sets that mean nothing, the first and the second half of the alphabet, and the measures at the mask, one per sentence. What
# becomes of $p$ when sentences are divided instead of words? Published results were found significant that way.

# %% name="vectors_picture" role="figure" lang="fr"
if not to_do(weat_effect_size):
    leaning = standings(weat_effect_size, model, tokenizer, word_sets(material))
    rows = dict(zip(("biais féminin", "biais masculin"), leaning, strict=True))
    figure = plot_strips(
        rows, "association au féminin, comparée aux autres métiers (écarts types)", named=True
    )
    if not to_do(permutation_p_value):
        show_p(
            permutation_p_value(*(list(side.values()) for side in leaning)),
            "Biais féminin contre masculin, par les vecteurs",
        )

# %% name="vectors_picture" role="figure" lang="en"
if not to_do(weat_effect_size):
    leaning = standings(weat_effect_size, model, tokenizer, word_sets(material))
    rows = dict(zip(("feminine bias", "masculine bias"), leaning, strict=True))
    figure = plot_strips(
        rows,
        "association with the feminine, compared with other occupations (standard deviations)",
        named=True,
    )
    if not to_do(permutation_p_value):
        show_p(
            permutation_p_value(*(list(side.values()) for side in leaning)),
            "Feminine against masculine bias, by vectors",
        )

# %% name="alphabet" role="figure" lang="fr"
if not to_do(permutation_p_value):
    note_rescue(measure)
    first_half, second_half, words = grouped(scores, *alphabetic_halves(material.occupations))
    show_p(permutation_p_value(first_half, second_half, words), "Deux moitiés de l'alphabet")
    show_p(permutation_p_value(first_half, second_half), "Deux moitiés de l'alphabet", sentences=True)

# %% name="alphabet" role="figure" lang="en"
if not to_do(permutation_p_value):
    note_rescue(measure)
    first_half, second_half, words = grouped(scores, *alphabetic_halves(material.occupations))
    show_p(permutation_p_value(first_half, second_half, words), "Two halves of the alphabet")
    show_p(permutation_p_value(first_half, second_half), "Two halves of the alphabet", sentences=True)

# %% [markdown] name="comparison_idea" lang="fr"
# ## 8. Deux modèles, plusieurs tests
#
# Un remède a-t-il servi ? On mesure les **mêmes** phrases avant et après, et l'on compare à l'intérieur de chaque paire : les phrases
# diffèrent entre elles bien plus que les modèles. Si le remède ne changeait rien, chaque différence aurait aussi bien pu avoir
# l'autre signe ; on change donc les signes, un par métier, et l'on compte les sommes aussi éloignées de 0. Reste à savoir si un
# autre **gabarit** aurait dit la même chose : la part de la variance qui revient aux gabarits y répond. Et qui fait un test par gabarit en
# fait plusieurs : par hasard, un sur vingt est « significatif » au seuil de 5 %. Holm corrige : la plus petite des $m$ valeurs p se multiplie par $m$, la suivante par $m - 1$ …
#
# À la main : trois différences, 0,5, 0,3 et −0,1, de somme 0,7. Les 8 choix de signes donnent ±0,9, ±0,7, ±0,3 et ±0,1 ; quatre
# sont à 0,7 ou plus de 0, donc $p = 4/8 = 0{,}5$ ; avec trois paires, $p$ ne descend jamais sous $2/8$. Et un tableau de deux gabarits, (1 ; 2) et
# (3 ; 4) : moyennes 1,5 et 3,5, moyenne générale 2,5. Des gabarits, $2 \times (1 + 1) = 4$ ; en tout, $2{,}25 + 0{,}25 + 0{,}25 + 2{,}25 = 5$ ; donc
# $\eta^2 = 4/5$ : ici, le gabarit compte bien plus que le mot.

# %% [markdown] name="comparison_idea" lang="en"
# ## 8. Two models, several tests
#
# Has a remedy helped? Measure the **same** sentences before and after, and compare within each pair: sentences differ from each
# other far more than models do. If the remedy changed nothing, each difference might as well have had the other sign; so the signs
# are flipped, one per occupation, and one counts the sums as far from 0. Then, would another **template** have said the same? The share
# of the variance by template answers that. And who makes one test per template makes several: by chance, one in twenty is
# "significant" at the 5 % level. Holm corrects that: the smallest of the $m$ p-values is multiplied by $m$, the next by $m - 1$ …
#
# By hand: three differences, 0.5, 0.3 and −0.1, with a sum of 0.7. The 8 choices of signs give ±0.9, ±0.7, ±0.3 and ±0.1; four are 0.7 or
# more from 0, so $p = 4/8 = 0.5$; with three pairs $p$ is never below $2/8$. And a table of two templates, (1, 2) and (3, 4): means 1.5 and
# 3.5, mean of all 2.5. Of the templates, $2 \times (1 + 1) = 4$; in all, $2.25 + 0.25 + 0.25 + 2.25 = 5$; so $\eta^2 = 4/5$: here the template
# counts far more than the word.

# %% name="exercise_paired_test" exercise="paired_test"

# %% name="exercise_holm" exercise="holm"

# %% name="exercise_template_sensitivity" exercise="template_sensitivity"

# %% [markdown] name="comparison_reading" lang="fr"
# **À observer.** Le remède retire des vecteurs des métiers la direction qui va de `il` à `elle` (Bolukbasi et al. 2016). La **taille** du biais,
# sans son signe, est mesurée au masque avant et après : une différence positive dit qu'il a diminué. Puis un test par gabarit, et leurs $p$
# ajustés pour leur nombre (Holm 1979). Le remède a-t-il servi à ce modèle-ci ? Rapprochez la réponse de l'image précédente : ce qui n'est pas dans la table des plongements, aucune projection
# de cette table ne l'enlève. Et si l'on avait publié le seul gabarit de plus petit $p$ ?

# %% [markdown] name="comparison_reading" lang="en"
# **What to observe.** The remedy takes the direction from `he` to `she` out of the vectors of the occupations (Bolukbasi et al. 2016). The **size**
# of the bias, without its sign, is measured at the mask before and after: a positive difference says that it went down. Then one test per template, and
# their $p$ adjusted for how many they are (Holm 1979). Has the remedy helped this model? Compare with the picture before: what is not in the table of embeddings, no projection of that table
# takes away. And had one published the one template with the smallest $p$?

# %% name="remedy" role="figure" lang="fr"
if not to_do(paired_test):
    note_rescue(measure)
    projected = debiased(model, tokenizer, [material.pronouns], material.occupations)
    before = {key: abs(value) for key, value in scores.items()}
    after = {
        (occupation, template): abs(
            measure(projected, tokenizer, slots(template), feminine, masculine, occupation).corrected
        )
        for occupation, template in scores
    }
    words = [occupation for occupation, _ in scores]
    found = paired_test(list(before.values()), list(after.values()), groups=words)
    show_paired(found, "Taille du biais, avant − après")
    tests = {}
    for template in material.templates:
        sizes = [[each[name, template] for name in material.occupations] for each in (before, after)]
        tests[template] = paired_test(*sizes)
        show_paired(tests[template], template.format(occupation="…"))
    if not to_do(holm):
        show_adjusted(holm([test.p_value for test in tests.values()]))

# %% name="remedy" role="figure" lang="en"
if not to_do(paired_test):
    note_rescue(measure)
    projected = debiased(model, tokenizer, [material.pronouns], material.occupations)
    before = {key: abs(value) for key, value in scores.items()}
    after = {
        (occupation, template): abs(
            measure(projected, tokenizer, slots(template), feminine, masculine, occupation).corrected
        )
        for occupation, template in scores
    }
    words = [occupation for occupation, _ in scores]
    found = paired_test(list(before.values()), list(after.values()), groups=words)
    show_paired(found, "Size of the bias, before − after")
    tests = {}
    for template in material.templates:
        sizes = [[each[name, template] for name in material.occupations] for each in (before, after)]
        tests[template] = paired_test(*sizes)
        show_paired(tests[template], template.format(occupation="…"))
    if not to_do(holm):
        show_adjusted(holm([test.p_value for test in tests.values()]))

# %% [markdown] name="templates_reading" lang="fr"
# **À observer.** Une ligne par gabarit, un point par métier, un trait pour la moyenne. Les lignes se ressemblent-elles ? Comparez la part des
# gabarits à celle que le hasard leur donne ; et regardez le signe de chaque métier : un gabarit change-t-il la **conclusion**, ou seulement le
# nombre ?

# %% [markdown] name="templates_reading" lang="en"
# **What to observe.** One line for each template, one point for each occupation, a mark for the mean. Are the lines alike? Compare the share of the templates with
# what chance gives them; and look at the sign of each occupation: does a template change the **conclusion**, or only the number?

# %% name="templates" role="figure" lang="fr"
by_template = {
    template.format(occupation="…"): {name: scores[name, template] for name in material.occupations}
    for template in material.templates
}
note_rescue(measure)
figure = plot_strips(by_template, "association au féminin, au masque (nats)", named=True)
if not to_do(template_sensitivity):
    show_sensitivity(template_sensitivity([list(row.values()) for row in by_template.values()]))

# %% name="templates" role="figure" lang="en"
by_template = {
    template.format(occupation="…"): {name: scores[name, template] for name in material.occupations}
    for template in material.templates
}
note_rescue(measure)
figure = plot_strips(by_template, "association with the feminine, at the mask (nats)", named=True)
if not to_do(template_sensitivity):
    show_sensitivity(template_sensitivity([list(row.values()) for row in by_template.values()]))

# %% [markdown] name="counterfactual_idea" lang="fr"
# ### La même phrase, au masculin et au féminin
#
# Jusqu'ici, seul un pronom changeait, dans des phrases écrites pour cela. Une phrase ordinaire dit le genre en plusieurs endroits. Sa phrase
# **contrefactuelle** dit la même chose de quelqu'un de l'autre genre : elle sert à mesurer un biais sur n'importe quel texte, ou à équilibrer
# un corpus avant l'entraînement (Lu et al. 2020 ; Zmigrod et al. 2019). Encore faut-il que tout s'accorde :
#
# $$\text{forme du mot} = \begin{cases} \text{féminine} & \text{si tous les mots qui en décident sont au féminin après l'échange,} \\ \text{masculine} & \text{sinon.} \end{cases}$$
#
# À la main : si le modèle donne −20,0 nats à « une dentiste est inquiète, car elle est prudente », −21,1 à « un dentiste est inquiet, car il est prudent »
# et −37,8 à « une dentiste est inquiète, car **il** est prudente », la première différence, 1,1 nat, est une préférence : $e^{1{,}1} \approx 3$ fois plus
# probable. La seconde, 17,8 nats, est une faute de grammaire : $e^{17{,}8}$, plus de cinquante millions de fois.

# %% [markdown] name="counterfactual_idea" lang="en"
# ### The same sentence, of a man and of a woman
#
# So far one pronoun alone changed, in sentences written for that. An ordinary sentence tells the gender in several places. Its **counterfactual**
# says the same of somebody of the other gender: it serves to measure a bias on any text, or to balance a corpus before training
# (Lu et al. 2020; Zmigrod et al. 2019). But all of it must agree:
#
# $$\text{form of the word} = \begin{cases} \text{feminine} & \text{if all the words that decide on it are feminine after the swap,} \\ \text{masculine} & \text{otherwise.} \end{cases}$$
#
# By hand: if the model gives −20.0 nats to "this chef is proud because she may wash her carrot", −21.2 to "this chef is proud because he may wash his
# carrot" and −33.3 to "this chef is proud because **he** may wash her carrot", the first difference, 1.2 nats, is a preference: $e^{1.2} \approx 3$
# times as probable. The second, 13.3 nats, is a mistake of grammar: $e^{13.3}$, some six hundred thousand times.

# %% name="exercise_swap_gender" exercise="swap_gender"

# %% [markdown] name="counterfactual_reading" lang="fr"
# **À observer.** D'abord quelques phrases et leur contrefactuelle ; une flèche vers la gauche montre un second échange qui ne redonne pas la
# phrase. Lesquelles sont fausses ? Des règles suivent la grammaire, non le sens. Puis des phrases sur une seule personne : de combien le modèle préfère la
# phrase à sa contrefactuelle (en haut), et à la même phrase où **seul le pronom** a changé (en bas). L'une des deux différences est un biais,
# l'autre est de la grammaire : que mesurerait un jeu de paires échangées à moitié ?

# %% [markdown] name="counterfactual_reading" lang="en"
# **What to observe.** First some sentences and their counterfactuals; an arrow to the left shows a second swap that does not give the sentence
# back. Which are wrong? Rules follow grammar, not meaning. Then sentences about one person: by how much the model prefers the
# sentence to its counterfactual (above), and to the same sentence in which **the pronoun alone** has changed (below). One of the two differences is
# bias, the other is grammar: what would a set of pairs measure that are swapped halfway?

# %% name="counterfactual_picture" role="figure" lang="fr"
ordinary = [
    "Le père et la mère sont fatigués.",
    "L'homme parle d'elle à son amie : elle est prête.",
    "La directrice lit la lettre, car elle est longue.",
    "Un avocat bien mûr est sur la table.",
    "Le médecin range la table, elle est là.",
]  # ajoutez les vôtres
if not to_do(swap_gender):
    for said in ordinary:
        swapped = swap_gender(said, "fr")
        print(f"{said}\n    → {swapped}")
        if (back := swap_gender(swapped, "fr")) != said:
            print(f"    ← {back}")
    persons = list(material.persons)
    other = {masculine: feminine, feminine: masculine}
    variants = {
        "tout accordé": [swap_gender(said, material.language) for said in persons],
        "pronom seul": [" ".join(other.get(token, token) for token in said.split(" ")) for said in persons],
    }
    note_rescue(score_sentences)
    before, rows = score_sentences(model, tokenizer, persons), {}
    for name, changed in variants.items():
        lost = before - score_sentences(model, tokenizer, changed)
        rows[name] = dict(zip(persons, lost.tolist(), strict=True))
    figure = plot_strips(rows, "ce que perd la phrase, en pseudo-log-vraisemblance (nats)")

# %% name="counterfactual_picture" role="figure" lang="en"
ordinary = [
    "She gave her father his keys.",
    "The king saw her, and she saw his crown.",
    "A monk gave him bread.",
    "Miss Martin sees her brother.",
    "The nurse is pregnant, and she is careful.",
]  # add your own
if not to_do(swap_gender):
    for said in ordinary:
        swapped = swap_gender(said, "en")
        print(f"{said}\n    → {swapped}")
        if (back := swap_gender(swapped, "en")) != said:
            print(f"    ← {back}")
    persons = list(material.persons)
    other = {masculine: feminine, feminine: masculine}
    variants = {
        "all in agreement": [swap_gender(said, material.language) for said in persons],
        "pronoun alone": [" ".join(other.get(token, token) for token in said.split(" ")) for said in persons],
    }
    note_rescue(score_sentences)
    before, rows = score_sentences(model, tokenizer, persons), {}
    for name, changed in variants.items():
        lost = before - score_sentences(model, tokenizer, changed)
        rows[name] = dict(zip(persons, lost.tolist(), strict=True))
    figure = plot_strips(rows, "what the sentence loses, in pseudo-log-likelihood (nats)")

# %% [markdown] name="looking_idea" lang="fr"
# ## 9. Ce que regarde le modèle
#
# Pour deviner un mot, chaque jeton regarde les autres, et chaque **tête** de chaque couche partage ce regard à sa façon. Un pronom ne
# dit rien par lui-même : son sens est celui du mot qu'il remplace. On peut donc se demander si une tête, en lisant le pronom, regarde ce
# mot plutôt qu'un autre qui conviendrait aussi. Deux phrases presque pareilles, dont le pronom ne remplace pas le même mot, sont
# le bon instrument : ce qui ne change pas de l'une à l'autre ne peut pas venir du sens. Les petits modèles, eux, ne connaissent
# que des pronoms qui remplacent le sujet.
#
# À la couche $\ell$ et à la tête $h$, le pronom, en position $p$, regarde un mot fait des jetons $M$ avec le poids
#
# $$a^{(\ell,h)}(M) = \sum_{j \in M} \operatorname{softmax}_j\!\left(\frac{q_p^{(\ell,h)} \cdot k_j^{(\ell,h)}}{\sqrt{d_k}}\right).$$
#
# À la main : si `elle` répartit son regard ainsi, 0,1 sur `[CLS]`, 0,3 sur `infirm`, 0,2 sur `##ière`, 0,1 sur `dort`, 0,2 sur lui-même et 0,1 sur
# `[SEP]`, alors il regarde `infirmière` avec le poids $0{,}3 + 0{,}2 = 0{,}5$, `dort` avec 0,1, et le reste, 0,4, va ailleurs.

# %% [markdown] name="looking_idea" lang="en"
# ## 9. What it looks at
#
# To guess a word, each token looks at the others, and each **head** of each layer shares out that look in its own way. A pronoun says
# nothing by itself: its meaning is that of the word it stands for. So one may ask whether some head, reading the pronoun, looks at
# that word rather than at another that would fit too. Two sentences that are almost the same, with a pronoun that does not stand for
# the same word, are the right instrument: what does not change between them cannot come from the meaning. The small models know
# only pronouns that stand for the subject.
#
# In layer $\ell$ and head $h$, the pronoun at position $p$ looks at a word made of the tokens $M$ with the weight
#
# $$a^{(\ell,h)}(M) = \sum_{j \in M} \operatorname{softmax}_j\!\left(\frac{q_p^{(\ell,h)} \cdot k_j^{(\ell,h)}}{\sqrt{d_k}}\right).$$
#
# By hand: if `she` shares out its look so, 0.1 on `[CLS]`, 0.3 on `garden`, 0.2 on `##er`, 0.1 on `rests`, 0.2 on itself and 0.1 on `[SEP]`, then it
# looks at `gardener` with the weight $0.3 + 0.2 = 0.5$, at `rests` with 0.1, and the rest, 0.4, goes elsewhere.

# %% name="exercise_attention_to" exercise="attention_to"

# %% [markdown] name="looking_reading" lang="fr"
# **À observer.** Pour chaque phrase, un carré par couche (ligne) et par tête (colonne), et une image par candidat : plus il est clair,
# plus le pronom regarde ce mot. Y a-t-il une tête qui regarde fortement l'un des deux ? Avec un modèle du hub, le regarde-t-elle encore dans l'autre phrase,
# ou change-t-elle avec le sens ? (Pour le petit modèle, le pronom remplace toujours le sujet : la question ne s'y pose pas.) Une carte **n'est pas une explication** : le poids dit d'où vient l'information, non ce qu'elle
# contient ni ce que les couches suivantes en font, et, parmi tant de têtes, il s'en trouve toujours une qui semble avoir compris. Il
# faudrait la supprimer et voir ce qui change dans la réponse.

# %% [markdown] name="looking_reading" lang="en"
# **What to observe.** For each sentence, one square for each layer (row) and head (column), and one picture for each candidate: the brighter, the more
# the pronoun looks at that word. Is there a head that looks strongly at one of the two? With a model of the hub, does it still in the other
# sentence, or does it change with the meaning? (For the small model the pronoun always stands for the subject: there the question does not arise.) A map **is no explanation**: the weight tells where information comes from, not what it holds nor
# what later layers make of it; and among so many heads there is always one that seems to have understood. One would have to
# remove it and see what changes in the answer.

# %% name="looking" role="figure"
for said in material.references:
    seen = look(model, tokenizer, said.sentence, said.pronoun, said.candidates)
    plot_referents(seen.weights, seen.query, seen.candidates, seen.tokens, title=said.sentence)

# %% [markdown] name="shares_reading" lang="fr"
# **À observer.** Les mêmes regards, en moyenne sur toutes les couches et têtes : ce que le pronom donne à chaque candidat, et ce qui va ailleurs. Où
# passe l'essentiel ? Une moyenne cache des têtes très différentes : comparez avec l'image précédente.

# %% [markdown] name="shares_reading" lang="en"
# **What to observe.** The same looks, as means over all layers and heads: what the pronoun gives to each candidate, and what goes elsewhere. Where
# does most of it go? A mean hides heads that differ much: compare with the picture before.

# %% name="looking_shares" role="figure" lang="fr"
if not to_do(attention_to):
    for said in material.references:
        looked = attention_to(model, tokenizer, said.sentence, said.pronoun, said.candidates)
        shares = [(name, float(table.mean())) for name, table in looked.weights.items()]
        figure = plot_answers(
            [*shares, ("(ailleurs)", float(looked.elsewhere.mean()))],
            title=said.sentence,
            label="part du regard",
        )

# %% name="looking_shares" role="figure" lang="en"
if not to_do(attention_to):
    for said in material.references:
        looked = attention_to(model, tokenizer, said.sentence, said.pronoun, said.candidates)
        shares = [(name, float(table.mean())) for name, table in looked.weights.items()]
        figure = plot_answers(
            [*shares, ("(elsewhere)", float(looked.elsewhere.mean()))],
            title=said.sentence,
            label="share of the look",
        )

# %% [markdown] name="mediation_idea" lang="fr"
# Une carte ne dit pas ce que le modèle *fait* de ce qu'il regarde. On peut le savoir en intervenant : on lit deux textes qui diffèrent d'un
# seul métier, et dans le premier, on donne à une tête, et à elle seule, la sortie qu'elle a sur le second. Si la réponse change autant que si
# l'on avait changé le métier, l'information passait par cette tête. C'est la **médiation causale** ; elle mesure, là où la carte suggère.
#
# À la main : au masque, la log-cote de `elle` contre `il` vaut −0,4 après `notaire` et 1,1 après `juriste` : l'effet total est $1{,}1 - (-0{,}4) = 1{,}5$ nat. Avec
# le texte du notaire et une seule tête greffée, elle vaut 0,5 : l'effet par cette tête est $0{,}5 - (-0{,}4) = 0{,}9$, soit 60 % du total. Une autre tête peut en porter
# 80 % : si la seconde lit ce que la première écrit, les deux parts ne s'additionnent pas.

# %% [markdown] name="mediation_idea" lang="en"
# A map does not tell what the model *makes* of what it looks at. To know that one can intervene: read two texts that differ in one occupation,
# and in the first give one head, and it alone, the output that it has on the second. If the answer changes as much as if the
# occupation had been changed, the information passed through this head. That is **causal mediation**; it measures where the map suggests.
#
# By hand: at the mask the log-odds of `she` against `he` are −0.4 after `butcher` and 1.1 after `doctor`: the total effect is $1.1 - (-0.4) = 1.5$ nats. With the
# text of the butcher and a single head patched they are 0.5: the effect through this head is $0.5 - (-0.4) = 0.9$, or 60 % of the total. Another head may carry
# 80 %: if the second reads what the first writes, the two shares do not add up.

# %% name="exercise_head_effect" exercise="head_effect"

# %% [markdown] name="heads_reading" lang="fr"
# **À observer.** L'effet par chaque tête du modèle, en moyenne sur les gabarits, quand le métier que votre mesure trouve le plus masculin est
# remplacé par le plus féminin. Combien de têtes portent le genre ? Chacune porte-t-elle tout l'effet total, ou une partie ? Si
# deux têtes de couches différentes en portent presque tout chacune, que fait la seconde de ce qu'écrit la première ? Comparez avec les cartes :
# la tête qui porte le genre est-elle de celles qui semblaient regarder le bon mot ?

# %% [markdown] name="heads_reading" lang="en"
# **What to observe.** The effect through each head of the model, as a mean over the templates, when the occupation that your measure finds the most
# masculine is exchanged for the most feminine one. How many heads carry the gender? Does each carry all of the total effect, or a part? If
# two heads of different layers carried nearly all of it each, what would the second make of what the first writes? Compare with the maps:
# is the head that carries the gender one of those that seemed to look at the right word?

# %% name="heads_map" role="figure" lang="fr"
if not to_do(head_effect):
    note_rescue(measure)
    ranked = sorted(measured, key=measured.get)
    n_pieces = len(tokenizer.tokenize(ranked[0]))
    ends = (ranked[0], next(each for each in reversed(ranked) if len(tokenizer.tokenize(each)) == n_pieces))
    n_layers, n_heads = head_shape(model)
    heads = [(layer, head) for layer in range(n_layers) for head in range(n_heads)]
    found = []
    for template in material.templates:
        pair = [template.format(occupation=occupation) for occupation in ends]
        found.append(head_effect(model, tokenizer, *pair, (feminine, masculine), heads))
    effects = np.mean([each.indirect for each in found], axis=0).reshape(n_layers, n_heads)
    total = float(np.mean([each.total for each in found]))
    print(f"Effet total, de {ends[0]} à {ends[1]} : {total:.2f} nat".replace(".", ","))
    figure = plot_heads(effects, total, title=f"Effet par chaque tête, de {ends[0]} à {ends[1]}")

# %% name="heads_map" role="figure" lang="en"
if not to_do(head_effect):
    note_rescue(measure)
    ranked = sorted(measured, key=measured.get)
    n_pieces = len(tokenizer.tokenize(ranked[0]))
    ends = (ranked[0], next(each for each in reversed(ranked) if len(tokenizer.tokenize(each)) == n_pieces))
    n_layers, n_heads = head_shape(model)
    heads = [(layer, head) for layer in range(n_layers) for head in range(n_heads)]
    found = []
    for template in material.templates:
        pair = [template.format(occupation=occupation) for occupation in ends]
        found.append(head_effect(model, tokenizer, *pair, (feminine, masculine), heads))
    effects = np.mean([each.indirect for each in found], axis=0).reshape(n_layers, n_heads)
    total = float(np.mean([each.total for each in found]))
    print(f"Total effect, from {ends[0]} to {ends[1]}: {total:.2f} nats")
    figure = plot_heads(effects, total, title=f"Effect through each head, from {ends[0]} to {ends[1]}")

# %% [markdown] name="context_idea" lang="fr"
# ## 10. Des mots en contexte
#
# La table des plongements donne à chaque mot un seul vecteur, qu'il s'agisse d'un avocat qui plaide ou d'un avocat que l'on mange. Mais
# ce vecteur n'est que le point de départ : à chaque couche, l'attention y ajoute ce que le mot trouve autour de lui. On peut donc
# suivre un mot de couche en couche, et demander ce qui le rapproche ou l'éloigne d'un autre. L'instrument est le **cosinus** de deux
# vecteurs : 1 s'ils ont la même direction, 0 s'ils n'ont rien en commun. Attention toutefois : dans bien des modèles, deux vecteurs
# *quelconques* d'une même couche se ressemblent déjà, et un cosinus ne se lit qu'à côté d'un autre.
#
# Un mot coupé en morceaux reçoit la moyenne de leurs vecteurs, dans chaque couche $\ell$ : $v_\ell = \frac{1}{|P|} \sum_{t \in P} h_\ell[t]$, et
#
# $$\cos(u, v) = \frac{u \cdot v}{\lVert u \rVert \, \lVert v \rVert}.$$
#
# À la main, en deux dimensions : les deux morceaux d'`infirmière` ont pour vecteurs (1 ; 0) et (0 ; 2) ; le mot a donc (0,5 ; 1). Si dans une
# autre phrase il a (1 ; 0,5), le cosinus des deux est $(0{,}5 + 0{,}5) / (0{,}5^2 + 1^2) = 1 / 1{,}25 = 0{,}8$. Le premier morceau seul aurait donné
# $1 / \sqrt{1{,}25} = 0{,}89$ : ce n'est pas le même nombre.

# %% [markdown] name="context_idea" lang="en"
# ## 10. Words in context
#
# The embedding table gives each word one vector, be it the bank of a river or a bank that lends money. But that vector is only where it
# starts: in each layer, attention adds what the word finds around it. So one can follow a word from layer to layer, and ask what brings it
# nearer to another or takes it away. The instrument is the **cosine** of two vectors: 1 if they have the same direction, 0 if they
# have nothing in common. But take care: in many models *any* two vectors of a layer are already alike, so a cosine can only be
# read beside another.
#
# A word that is cut in pieces has the mean of their vectors, in each layer $\ell$: $v_\ell = \frac{1}{|P|} \sum_{t \in P} h_\ell[t]$, and
#
# $$\cos(u, v) = \frac{u \cdot v}{\lVert u \rVert \, \lVert v \rVert}.$$
#
# By hand, in two dimensions: the two pieces of `gardener` have the vectors (1, 0) and (0, 2), so the word has (0.5, 1). If in another
# sentence it has (1, 0.5), the cosine of the two is $(0.5 + 0.5) / (0.5^2 + 1^2) = 1 / 1.25 = 0.8$. The first piece alone would have given
# $1 / \sqrt{1.25} = 0.89$: that is not the same number.

# %% name="exercise_contextual_embeddings" exercise="contextual_embeddings"

# %% [markdown] name="context_reading" lang="fr"
# **À observer.** Trois comparaisons, de la couche 0 (les plongements) à la dernière, en moyenne sur tous les métiers et toutes les phrases. Le
# métier dans deux phrases qui ne diffèrent que par le pronom : son vecteur prend-il un genre ? Les deux pronoms, à la même place : à
# quelle couche s'éloignent-ils l'un de l'autre, et que faut-il au modèle pour deviner la suite ? Enfin le métier dans sa phrase et
# le métier seul, hors de toute phrase : la couche 0 ne montre que la différence de position, et ce qui suit est l'effet du contexte.
# Le petit modèle n'a jamais lu de phrase d'un seul mot ; un vecteur hors contexte n'est donc pas un vecteur neutre.

# %% [markdown] name="context_reading" lang="en"
# **What to observe.** Three comparisons, from layer 0 (the embeddings) to the last, as means over all occupations and sentences. The occupation in
# two sentences that differ in the pronoun alone: does its vector take a gender? The two pronouns, in the same place: in which layer
# do they part, if at all, and what does the model need to guess the rest? Finally the occupation in its sentence and the
# occupation alone, without a sentence: layer 0 shows the difference of position only, and what follows is the effect of the
# context. The small model never read a sentence of one word; so a vector out of context is no neutral vector.

# %% name="context_profile" role="figure" lang="fr"
embed = or_rescue(contextual_embeddings)
named = list(material.occupations)
names = ("un métier, l'autre pronom", "les deux pronoms", "un métier, hors contexte")
profiles = {name: [] for name in names}
alone = embed(model, tokenizer, named, named)
for template in material.templates:
    filled = [template.format(occupation=occupation) for occupation in named]
    pair = [[text.replace("[MASK]", pronoun) for text in filled] for pronoun in material.pronouns]
    his, her = (embed(model, tokenizer, texts, named) for texts in pair)
    he, she = (embed(model, tokenizer, *each) for each in zip(pair, material.pronouns, strict=True))
    compared = ((his, her), (he, she), (her, alone))
    for name, (one, other) in zip(names, compared, strict=True):
        profiles[name].append(torch.cosine_similarity(one, other, dim=-1).mean(dim=1))
curves = {name: torch.stack(rows).mean(dim=0).tolist() for name, rows in profiles.items()}
figure = plot_lines(
    curves, range(len(alone)), "couche", "cosinus", "Ce que devient un mot, couche par couche"
)

# %% name="context_profile" role="figure" lang="en"
embed = or_rescue(contextual_embeddings)
named = list(material.occupations)
names = ("occupation, other pronoun", "the two pronouns", "occupation, out of context")
profiles = {name: [] for name in names}
alone = embed(model, tokenizer, named, named)
for template in material.templates:
    filled = [template.format(occupation=occupation) for occupation in named]
    pair = [[text.replace("[MASK]", pronoun) for text in filled] for pronoun in material.pronouns]
    his, her = (embed(model, tokenizer, texts, named) for texts in pair)
    he, she = (embed(model, tokenizer, *each) for each in zip(pair, material.pronouns, strict=True))
    compared = ((his, her), (he, she), (her, alone))
    for name, (one, other) in zip(names, compared, strict=True):
        profiles[name].append(torch.cosine_similarity(one, other, dim=-1).mean(dim=1))
curves = {name: torch.stack(rows).mean(dim=0).tolist() for name, rows in profiles.items()}
figure = plot_lines(curves, range(len(alone)), "layer", "cosine", "What becomes of a word, layer by layer")

# %% name="exercise_layer_similarity" exercise="layer_similarity"

# %% [markdown] name="senses_reading" lang="fr"
# **À observer.** Les deux pronoms, pris comme un seul mot qui aurait deux sens, le masculin et le féminin, dans tous les gabarits d'un même
# métier. Deux occurrences du même pronom (`within`) se ressemblent-elles plus que deux métiers (`baseline`) ? Le pronom au masculin et
# au féminin (`across`) se ressemblent-ils plus, ou moins, que deux métiers ? `static` dit combien le pronom ressemble encore à son propre vecteur de la couche 0. L'écart entre `within` et `across`, c'est ce que
# la couche sait du genre : où grandit-il ? Pour un vrai modèle, refaites l'image avec un mot à deux sens, comme `avocat`.

# %% [markdown] name="senses_reading" lang="en"
# **What to observe.** The two pronouns, taken for one word with two senses, the masculine and the feminine, in all templates of one occupation. Are two
# occurrences of the same pronoun (`within`) more alike than two occupations (`baseline`)? Are the masculine and the feminine
# pronoun (`across`) more alike, or less, than two occupations? `static` tells how much the pronoun still resembles its own vector of layer 0. The gap between `within` and `across` is what the
# layer knows of the gender: where does it grow? For a real model, make the picture again with a word of two senses, such as `bank`.

# %% name="senses_profile" role="figure" lang="fr"
if not to_do(layer_similarity):
    note_rescue(embed)
    filled = [template.format(occupation=named[0]) for template in material.templates]
    genders = [pronoun for pronoun in material.pronouns for _ in filled]
    texts = [text.replace("[MASK]", pronoun) for pronoun in material.pronouns for text in filled]
    texts_of_others = [
        material.templates[0].format(occupation=each).replace("[MASK]", genders[0]) for each in named
    ]
    profile = layer_similarity(
        embed(model, tokenizer, texts, genders), genders, embed(model, tokenizer, texts_of_others, named)
    )
    curves = {name: getattr(profile, name).tolist() for name in ("within", "across", "static", "baseline")}
    figure = plot_lines(curves, range(len(alone)), "couche", "cosinus", " / ".join(material.pronouns))

# %% name="senses_profile" role="figure" lang="en"
if not to_do(layer_similarity):
    note_rescue(embed)
    filled = [template.format(occupation=named[0]) for template in material.templates]
    genders = [pronoun for pronoun in material.pronouns for _ in filled]
    texts = [text.replace("[MASK]", pronoun) for pronoun in material.pronouns for text in filled]
    texts_of_others = [
        material.templates[0].format(occupation=each).replace("[MASK]", genders[0]) for each in named
    ]
    profile = layer_similarity(
        embed(model, tokenizer, texts, genders), genders, embed(model, tokenizer, texts_of_others, named)
    )
    curves = {name: getattr(profile, name).tolist() for name in ("within", "across", "static", "baseline")}
    figure = plot_lines(curves, range(len(alone)), "layer", "cosine", " / ".join(material.pronouns))

# %% [markdown] name="limits_idea" lang="fr"
# ## 11. Limites
#
# Un modèle peut se tromper sans préjugé, faute de comprendre. La **négation** est l'épreuve la plus simple : un seul petit mot, et le vrai devient
# faux. On pose donc la même question deux fois, sans et avec lui, et l'on attend deux réponses contraires (Ettinger 2020). Un modèle qui
# ne l'entend pas a tout juste la première fois, tout faux la seconde, et ses deux réponses sont les mêmes. Mais un mot que le
# vocabulaire n'a pas ne peut être ni juste ni faux : le compter comme faux, ce qui s'est fait, accuserait le modèle à tort.
#
# Soit $p$ la distribution sans négation, $q$ celle avec, et $m = \frac{1}{2}(p + q)$ ; ce qui change de l'une à l'autre, de 0 à 1 :
#
# $$d(p, q) = \sqrt{\tfrac{1}{2} \sum_w p_w \log_2 \frac{p_w}{m_w} + \tfrac{1}{2} \sum_w q_w \log_2 \frac{q_w}{m_w}}.$$
#
# À la main : trois mots, `poisson`, `oiseau` et `arbre`. Au texte « le maquereau est un [MASK] », le modèle donne (0,8 ; 0,1 ; 0,1) ; au texte nié,
# (0,6 ; 0,3 ; 0,1). La bonne fin y est `oiseau` : 0,3 < 0,6, donc `sensitivity` échoue ; le mot le plus probable est le même, donc `overlap`
# vaut 1 ; et, avec $m$ = (0,7 ; 0,2 ; 0,1), $d = \sqrt{\frac{1}{2} \cdot 0{,}054 + \frac{1}{2} \cdot 0{,}042} = 0{,}22$. Le modèle a entendu quelque chose, mais pas assez.

# %% [markdown] name="limits_idea" lang="en"
# ## 11. Limits
#
# A model can be wrong without prejudice, for want of understanding. **Negation** is the simplest test: one small word, and what was true
# is false. So the same question is asked twice, without it and with it, and two contrary answers are expected (Ettinger 2020). A model that
# does not hear it gets everything right the first time, everything wrong the second, and gives the same answer twice. But a word that the vocabulary lacks can be
# neither right nor wrong: to count it as wrong, which has been done, would accuse the model of what it did not do.
#
# With $p$ the distribution without the negation, $q$ the one with it, and $m = \frac{1}{2}(p + q)$, what changes between the two, from 0 to 1:
#
# $$d(p, q) = \sqrt{\tfrac{1}{2} \sum_w p_w \log_2 \frac{p_w}{m_w} + \tfrac{1}{2} \sum_w q_w \log_2 \frac{q_w}{m_w}}.$$
#
# By hand: three words, `fish`, `bird` and `tree`. For "a mackerel is a [MASK]" the model gives (0.8, 0.1, 0.1); for the negated text,
# (0.6, 0.3, 0.1). There the right completion is `bird`: 0.3 < 0.6, so `sensitivity` fails; the most probable word is the same, so `overlap`
# is 1; and, with $m$ = (0.7, 0.2, 0.1), $d = \sqrt{\frac{1}{2} \cdot 0.054 + \frac{1}{2} \cdot 0.042} = 0.22$. The model heard something, but not enough.

# %% name="limits_tools" role="setup"
from collections.abc import Callable, Iterable

from attentif.bias.groups import FEWEST_GROUPS
from attentif.language import Remark
from attentif.limits import (
    NegationItem,
    NegationResult,
    NumberItem,
    NumberResult,
    WordOrderResult,
    distributions,
    exact_proportion,
    gap,
    jensen_shannon,
    proportion,
    shuffled,
)
from attentif.limits.cloze import ask_items, check_settings
from attentif.limits.comparing import is_best, rank
from attentif.limits.facts import Fact, FactResult, ask_candidates, where_enough
from attentif.limits.material import questions_for
from attentif.limits.numbers import check_numbers
from attentif.limits.word_order import known_sentences, shares_bounded, with_middle_hidden

questions = questions_for(model, material.language)

# %% name="exercise_negation_probe" exercise="negation_probe"

# %% [markdown] name="negation_reading" lang="fr"
# **À observer.** Une image par changement ; chaque ligne est une proportion, ou la distance, avec son intervalle. Avec le petit modèle, la première
# ajoute une négation : dans Microcosm, on dit « mais il est fatigué » comme « mais il n'est pas fatigué ». La négation n'y change rien à ce qui
# suit : le modèle n'avait aucune raison de l'entendre, et la distance est presque nulle. `overlap` le dit mal : quatre adjectifs, aussi probables à peu
# près, se disputent la première place. La seconde image remplace « car » par « mais », qui change tout dans ce corpus : `overlap` tombe à 0, et la
# distance approche 1. Un modèle entend ce qui aide à deviner dans son corpus, non ce qui compte pour nous. Que font les intervalles là où toutes les
# réponses sont justes ?

# %% [markdown] name="negation_reading" lang="en"
# **What to observe.** Each line is a share, or the distance, with its interval. Microcosm's English has no "not": items with it would all be left out,
# and counted. But it has "although", which turns round what "because" lets expect: with the small model `overlap` falls to 0 and the distance comes
# near 1, for nothing else in its corpus tells that adjective so well. Had "although" been followed by the same adjectives as "because", the model would have
# had no reason to hear it: the distance would be almost 0, while `overlap` would say little, since adjectives that are about as probable compete for the
# first place. A model hears what helps to guess in its corpus, not what matters to us. What would you expect of "not", for a model of the hub? And what do
# the intervals do where all answers are right?

# %% name="negation_picture" role="figure" lang="fr"
if not to_do(negation_probe):
    note_rescue(resample)
    for change, items in questions.negations.items():
        heard = if_possible(negation_probe, model, tokenizer, items, k=5, interval=resample)
        if heard:
            print(f"{change} : {heard.n_used} items, {len(heard.unknown)} laissés de côté.")
            rows = {name: value for name, value in vars(heard).items() if name not in ("n_used", "unknown")}
            figure = plot_forest(rows, title=change, unit="proportion, ou distance")

# %% name="negation_picture" role="figure" lang="en"
if not to_do(negation_probe):
    note_rescue(resample)
    for change, items in questions.negations.items():
        heard = if_possible(negation_probe, model, tokenizer, items, k=5, interval=resample)
        if heard:
            print(f"{change}: {heard.n_used} items, {len(heard.unknown)} left out.")
            rows = {name: value for name, value in vars(heard).items() if name not in ("n_used", "unknown")}
            figure = plot_forest(rows, title=change, unit="share, or distance")

# %% [markdown] name="order_idea" lang="fr"
# ### L'ordre des mots
#
# Un sac de mots suffit à deviner bien des choses : un modèle qui ne verrait que lui pourrait paraître savant. Mélangez donc les mots, et
# voyez ce que la phrase y perd, par jeton, en pseudo-log-vraisemblance. En gardant ensemble `n` mots voisins, on voit de quel ordre il s'agit : celui
# des voisins, ou celui de la phrase entière. À la main : une phrase de trois jetons vaut −6 nats, ses deux mélanges −12 et −9, en moyenne −10,5 ;
# le coût est $(-6 + 10{,}5) / 3 = 1{,}5$ nat par jeton, et chaque jeton devient $e^{1{,}5} \approx 4{,}5$ fois moins probable.
#
# $$\mathrm{cost}(S) = \frac{1}{T} \Big[\mathrm{PLL}(S) - \frac{1}{K} \sum_{k=1}^{K} \mathrm{PLL}(\pi_k(S))\Big]$$

# %% [markdown] name="order_idea" lang="en"
# ### Word order
#
# A bag of words is enough to guess many things: a model that saw nothing else could seem learned. So shuffle the words, and see what the
# sentence loses, per token, in pseudo-log-likelihood. If `n` neighbouring words are kept together, it shows what order it is about: that of
# neighbours, or that of the whole sentence. By hand: a sentence of three tokens is worth −6 nats, its two shuffles −12 and −9, on average −10.5;
# the cost is $(-6 + 10.5) / 3 = 1.5$ nats per token, and each token becomes $e^{1.5} \approx 4.5$ times less probable.
#
# $$\mathrm{cost}(S) = \frac{1}{T} \Big[\mathrm{PLL}(S) - \frac{1}{K} \sum_{k=1}^{K} \mathrm{PLL}(\pi_k(S))\Big]$$

# %% name="exercise_word_order_probe" exercise="word_order_probe"

# %% [markdown] name="order_reading" lang="fr"
# **À observer.** En haut le coût, qui vaudrait 0 pour un sac de mots ; en bas la part des mélanges qui laissent la première réponse au masque telle
# qu'elle était, qui vaudrait 1. De quoi le modèle se sert-il le plus : des voisins immédiats, ou du reste ? Un coût élevé ne prouve pas qu'il
# comprend la syntaxe : il suffit d'avoir appris quels mots se suivent. Et une phrase mélangée est loin de tout ce qu'il a lu : ses réponses n'y
# ont plus grand sens, ce que le coût mesure aussi.

# %% [markdown] name="order_reading" lang="en"
# **What to observe.** Above, the cost, which would be 0 for a bag of words; below, the share of shuffles that leave the first guess at the mask as it
# was, which would be 1. What does the model use most: the immediate neighbours, or the rest? A high cost is no proof that it understands
# syntax: to have learned which words follow each other is enough. And a shuffled sentence is far from all that it has read: its answers
# there make little sense, which the cost measures too.

# %% name="order_picture" role="figure" lang="fr"
if not to_do(word_order_probe):
    note_rescue(score_sentences, resample)
    ordered = {
        f"n = {n}": if_possible(
            word_order_probe,
            model,
            tokenizer,
            questions.sentences,
            n=n,
            n_shuffles=4,
            likelihood=score_sentences,
            interval=resample,
        )
        for n in (1, 2, 3)
    }
    if all(ordered.values()):
        plot_forest({n: each.cost for n, each in ordered.items()}, title="coût", unit="nats par jeton")
        plot_forest(
            {n: each.retention for n, each in ordered.items()}, title="réponse inchangée", unit="proportion"
        )

# %% name="order_picture" role="figure" lang="en"
if not to_do(word_order_probe):
    note_rescue(score_sentences, resample)
    ordered = {
        f"n = {n}": if_possible(
            word_order_probe,
            model,
            tokenizer,
            questions.sentences,
            n=n,
            n_shuffles=4,
            likelihood=score_sentences,
            interval=resample,
        )
        for n in (1, 2, 3)
    }
    if all(ordered.values()):
        plot_forest({n: each.cost for n, each in ordered.items()}, title="cost", unit="nats per token")
        plot_forest({n: each.retention for n, each in ordered.items()}, title="same guess", unit="share")

# %% [markdown] name="facts_idea" lang="fr"
# ### Ce qu'il sait
#
# Cachez la réponse d'un fait : si le modèle la retrouve, la savait-il, ou a-t-il deviné un mot du bon **type** ? On le voit à ses erreurs, et en
# comparant la réponse à des candidats du même type. Un mot faux placé devant, l'**amorce**, met ce savoir à l'épreuve : qui sait n'en est pas troublé.
# Et un modèle qui se trompe avec assurance est plus dangereux que celui qui hésite.
#
# $$\mathrm{MRR} = \frac{1}{N} \sum_{i=1}^{N} \frac{1}{\mathrm{rang}_i} \qquad \mathrm{rang}_i = 1 + \text{le nombre d'autres candidats au moins aussi probables que la réponse}$$
#
# À la main : « la capitale de la France est [MASK] », avec `Rome` 0,4, `Paris` 0,3, `Londres` 0,1. `Paris` est manquée, mais son rang est 2 : 1 / rang = ½. Le mot
# le plus probable, `Rome`, est un candidat : cela sonne juste, et c'est faux ; l'assurance dans l'erreur est 0,4. Si, après « Londres ? », `Paris` tombe à 0,1, l'amorce
# lui a fait perdre $\ln 0{,}3 - \ln 0{,}1 = 1{,}10$ nat.

# %% [markdown] name="facts_idea" lang="en"
# ### What it knows
#
# Hide the answer of a fact: if the model finds it, did it know, or guess a word of the right **kind**? Its errors show it, and so does a comparison of the
# answer with candidates of the same kind. A wrong word before the text, the **prime**, puts that knowledge to the test: who knows is not troubled by it.
# And a model that errs with confidence is more dangerous than one that hesitates.
#
# $$\mathrm{MRR} = \frac{1}{N} \sum_{i=1}^{N} \frac{1}{\mathrm{rank}_i} \qquad \mathrm{rank}_i = 1 + \text{the number of other candidates that are at least as probable as the answer}$$
#
# By hand: "the capital of France is [MASK]", with `Rome` 0.4, `Paris` 0.3, `London` 0.1. `Paris` is missed, but its rank is 2: 1 / rank = ½. The most probable
# word, `Rome`, is a candidate: it sounds right, and is false; the confidence in the error is 0.4. If `Paris` falls to 0.1 behind "London?", the prime has taken
# away $\ln 0.3 - \ln 0.1 = 1.10$ nats.

# %% name="exercise_fact_probe" exercise="fact_probe"

# %% [markdown] name="facts_reading" lang="fr"
# **Ce que dit chaque ligne.** `precision` : la part des faits dont la réponse est le mot le plus probable de tout le vocabulaire. `reciprocal_rank` : $\mathrm{MRR}$.
# `right_type_wrong_fact` : la part de ceux dont le mot le plus probable est un candidat, donc faux. `confidence_when_wrong` : la probabilité moyenne de ce mot quand il
# n'est pas la réponse. `misprime_drop` : ce que l'amorce fait perdre à `precision` ; négatif, il dit que la réponse est plus souvent première après l'amorce. Là où
# plusieurs mots sont justes, il suffit pour cela que l'amorce change leur ordre.
#
# **À observer.** Dans Microcosm, un fait est de savoir quelle chose va avec quel verbe : on réserve une chambre, on ne la signe pas. La réponse est devant tous les
# candidats faux (`reciprocal_rank` proche de 1), et pourtant `precision` est bien plus basse : plusieurs mots sont justes, un seul est « la » réponse. Que mesure donc
# `precision`, le savoir du modèle ou le choix de celui qui pose la question ? L'amorce le trouble-t-elle ? Une ligne manque là où il reste moins de cinq
# groupes : mieux vaut ne rien dire.

# %% [markdown] name="facts_reading" lang="en"
# **What each line says.** `precision`: the share of facts whose answer is the most probable word of the whole vocabulary. `reciprocal_rank`: $\mathrm{MRR}$.
# `right_type_wrong_fact`: the share of those whose most probable word is a candidate, so false. `confidence_when_wrong`: the mean probability of that word where it is
# not the answer. `misprime_drop`: what the prime takes from `precision`; negative, it says that the answer comes first more often after the prime. Where
# several words are right, it is enough for that if the prime changes their order.
#
# **What to observe.** In Microcosm, a fact is which thing goes with which verb: one peels an onion, and does not draw it. The answer is ahead of all false
# candidates (`reciprocal_rank` near 1), and yet `precision` is much lower: several words are right, and one alone is "the" answer. So what does `precision` measure,
# what the model knows or what the person who asks has chosen? Does the prime trouble it? A line is missing where fewer than five groups
# are left: it is better to say nothing.

# %% name="facts_picture" role="figure" lang="fr"
if not to_do(fact_probe):
    note_rescue(resample)
    known = if_possible(fact_probe, model, tokenizer, questions.facts, interval=resample)
    if known:
        shares = {name: value for name, value in vars(known).items() if isinstance(value, Interval)}
        shift = shares.pop("misprime_shift", None)
        plot_forest(shares, title=f"{known.n_used} faits", unit="proportion, ou probabilité")
        if shift:
            show_interval(shift, "Ce que l'amorce fait perdre à la réponse")

# %% name="facts_picture" role="figure" lang="en"
if not to_do(fact_probe):
    note_rescue(resample)
    known = if_possible(fact_probe, model, tokenizer, questions.facts, interval=resample)
    if known:
        shares = {name: value for name, value in vars(known).items() if isinstance(value, Interval)}
        shift = shares.pop("misprime_shift", None)
        plot_forest(shares, title=f"{known.n_used} facts", unit="share, or probability")
        if shift:
            show_interval(shift, "What the prime takes from the answer")

# %% [markdown] name="numbers_idea" lang="fr"
# ### Les nombres
#
# Un nombre n'est pour un modèle masqué qu'un jeton, ou plusieurs : rien ne dit que `72` est plus grand que `15`, sinon les phrases lues. Posez donc des questions à
# deux ou plusieurs réponses, et comptez les bonnes. Un compte n'est rien sans le **hasard** : qui choisit les yeux fermés parmi $m$ mots réussit une fois sur $m$. Et un
# intervalle exact dit entre quelles proportions le vrai taux peut se trouver, même quand tout est juste.
#
# $$P(\text{au moins } k \text{ réussites sur } n) = \sum_{j=k}^{n} \binom{n}{j} p^j (1 - p)^{n - j} \qquad p = \frac{1}{m}$$
#
# À la main : 4 réussites sur 4, à deux mots au choix, arrivent par hasard $\left(\frac{1}{2}\right)^4 = 6$ fois sur 100, et autant d'échecs aussi souvent : valeur p 0,125, rien n'est
# montré. Avec quatre mots au choix, ce serait $\left(\frac{1}{4}\right)^4 = 0{,}004$.

# %% [markdown] name="numbers_idea" lang="en"
# ### Numbers
#
# To a masked model, a number is no more than a token, or several: nothing tells that `72` is larger than `15` but the sentences it has read. So ask questions with
# two answers or more, and count the right ones. A count is nothing without **chance**: whoever chooses with closed eyes among $m$ words is right once in $m$. And an
# exact interval tells between what shares the true rate may be, even where all is right.
#
# $$P(\text{at least } k \text{ hits of } n) = \sum_{j=k}^{n} \binom{n}{j} p^j (1 - p)^{n - j} \qquad p = \frac{1}{m}$$
#
# By hand: 4 hits of 4, with two words to choose from, come by chance $\left(\frac{1}{2}\right)^4 = 6$ times in 100, and as many misses as often: a p-value of 0.125, nothing is
# shown. With four words to choose from, it would be $\left(\frac{1}{4}\right)^4 = 0.004$.

# %% name="exercise_number_probe" exercise="number_probe"

# %% [markdown] name="numbers_reading" lang="fr"
# **À observer.** Le petit modèle ne connaît aucun chiffre : aucun entier ne peut s'écrire, ce que dit la première ligne. Il ne connaît que le nombre de la grammaire, un seul
# ou plusieurs, et il s'y tient. L'intervalle exclut-il le hasard ? De combien d'items aurait-on eu besoin pour le montrer ? Avec un modèle du hub, comparez les
# types de question : ceux où les mots autour suffisent, et ceux où il faudrait comparer deux nombres. En combien de morceaux coupe-t-il les entiers ?

# %% [markdown] name="numbers_reading" lang="en"
# **What to observe.** The small model knows no digit: no integer can be written, which the first line tells. It knows no number but that of grammar, one or
# several, and keeps to it. Does the interval exclude chance? How many items would have been needed to show it? With a model of the hub, compare the
# kinds of question: those where the words around are enough, and those where two numbers would have to be compared. Into how many pieces does it cut integers?

# %% name="numbers_picture" role="figure" lang="fr"
if not to_do(number_probe):
    counted = if_possible(number_probe, model, tokenizer, questions.numbers)
    if counted:
        print(
            f"Entiers de 0 à 99 : {len(counted.pieces)} peuvent s'écrire, {len(counted.unknown_integers)} non."
        )
        shares = {
            f"{kind} (hasard : 1/{round(1 / share.chance)})": share
            for kind, share in counted.accuracy.items()
        }
        chances = {name: share.chance for name, share in zip(shares, counted.accuracy.values(), strict=True)}
        plot_forest(
            shares, title="réponses justes", unit="proportion", neutrals=chances, neutral_name="hasard"
        )

# %% name="numbers_picture" role="figure" lang="en"
if not to_do(number_probe):
    counted = if_possible(number_probe, model, tokenizer, questions.numbers)
    if counted:
        print(
            f"Integers from 0 to 99: {len(counted.pieces)} can be written, {len(counted.unknown_integers)} cannot."
        )
        shares = {
            f"{kind} (chance: 1/{round(1 / share.chance)})": share for kind, share in counted.accuracy.items()
        }
        chances = {name: share.chance for name, share in zip(shares, counted.accuracy.values(), strict=True)}
        plot_forest(shares, title="right answers", unit="share", neutrals=chances, neutral_name="chance")

# %% [markdown] name="report_idea" lang="fr"
# ## 12. Rapport
#
# Répondez dans les cellules, en phrases, avec vos nombres, leurs intervalles et vos images pour preuves. Chaque réponse est notée sur
# 10 : l'explication est juste (5), elle s'appuie sur vos mesures (3), elle est claire, prudente et tient dans la longueur (2). Chacun de ces
# critères a quatre niveaux : complet, presque complet, ébauché, absent.
#
# **Assistants.** Un assistant peut vous expliquer une notion, un article ou un message d'erreur, vous aider à tracer une figure, et vous signaler
# les fautes de langue d'une réponse que vous avez écrite. Il n'écrit pas vos réponses, n'en fait pas le plan, ne les reformule pas, ne les traduit
# pas, et n'interprète pas vos résultats : c'est ce qui est noté. À la fin de votre dernière réponse, dites en une ou deux lignes lequel vous avez
# employé et pour quoi, ou que vous n'en avez pas employé ; ces lignes ne comptent pas dans la longueur. Un usage permis et déclaré ne coûte
# aucun point.

# %% [markdown] name="report_idea" lang="en"
# ## 12. Report
#
# Answer in the cells, in sentences, with your numbers, their intervals and your pictures as evidence. Each answer is marked out of 10:
# the explanation is right (5), it rests on your measurements (3), it is clear, careful and keeps to the length (2). Each of these
# criteria has four levels: complete, nearly complete, begun, missing.
#
# **Assistants.** An assistant may explain a notion, a paper or an error message to you, help you to draw a figure, and point out mistakes of language
# in an answer that you have written. It does not write your answers, outline, rephrase or translate them, and it does not interpret your
# results: that is what is marked. At the end of your last answer, tell in one or two lines which one you used and for what, or that you used none;
# these lines do not count in the length. A use that is allowed and declared costs no points.

# %% [markdown] name="question_interval" lang="fr"
# **Question 1.** Votre mesure retrouve-t-elle le biais introduit ? Commentez la pente, l'erreur et l'intervalle ; dites ce que
# vous pourriez, et ne pourriez pas, conclure de la même mesure sur un modèle dont vous ne connaissez pas le corpus.
# (10 à 15 lignes)

# %% [markdown] name="question_interval" lang="en"
# **Question 1.** Does your measure find the planted bias? Comment on the slope, the error and the interval; say what you could,
# and could not, conclude from the same measure on a model whose corpus you do not know. (10 to 15 lines)

# %% [markdown] name="answer_interval" manual="question_interval" points=10 lang="fr"
# La corrélation est nettement positive (plus de 0,9) : la mesure retrouve le sens du biais introduit et, à peu près, l'ordre des métiers.
# La pente est inférieure à 1 (0,6 environ) : elle en sous-estime la taille, car un petit modèle, entraîné un temps fini, n'en a appris
# qu'une partie ; l'erreur quadratique est de l'ordre des plus petits biais, et seuls les plus grands se distinguent d'une absence de
# biais. L'intervalle de l'erreur moyenne, s'il contient 0, dit seulement que les erreurs des deux signes se compensent : ce n'est ni
# un intervalle de la pente, ni la preuve que chaque métier est bien mesuré ; avec moins de 20 groupes, il est de plus trop étroit. Sur
# un modèle inconnu, la même mesure décrit ce que ce modèle associe dans ces phrases-là ; elle ne dit ni d'où vient l'association, ni
# ce que le modèle ferait ailleurs, et l'absence de biais mesuré ne prouve pas l'absence de biais.
# Barème : `grading/rubric.fr.md`.

# %% [markdown] name="answer_interval" manual="question_interval" points=10 lang="en"
# The correlation is clearly positive (about 0.9): the measure finds the direction of the planted bias and, roughly, the order of the
# occupations. The slope is near 1, so the size is found on average; but the root mean square error is about as large as the smaller
# biases, so a single occupation cannot be trusted, and only the largest can be told from none. The interval of the mean error
# is all above 0: on average the measure is a little higher than what was planted. Had it held 0, it would only say that errors of both
# signs cancel: it is no interval of the slope, nor a proof that each occupation is measured well; with fewer than 20 groups it is too
# narrow besides. On an unknown model the same measure describes what that model associates in
# these very sentences; it tells neither where the association comes from nor what the model would do elsewhere, and no measured bias is
# no proof of no bias.
# Rubric: `grading/rubric.en.md`.

# %% [markdown] name="question_measures" lang="fr"
# **Question 2.** Comparez les deux mesures, au masque et par phrases entières : que corrige la première que la seconde ne corrige pas ?
# Donnez un cas où elles se contrediraient, et dites laquelle vous emploieriez sur un modèle réel, et pourquoi. (10 à 15 lignes)

# %% [markdown] name="question_measures" lang="en"
# **Question 2.** Compare the two measures, at the mask and by whole sentences: what does the first correct that the second does not? Give a
# case in which they would contradict each other, and say which you would use on a real model, and why. (10 to 15 lines)

# %% [markdown] name="answer_measures" manual="question_measures" points=10 lang="fr"
# La première retire l'a priori : ce que le modèle pense des deux pronoms quand le métier est caché. La seconde additionne tous les mots de
# la phrase ; la fréquence des pronoms y reste, et chaque autre mot est jugé avec le pronom en vue. Si un pronom est bien plus fréquent,
# toutes les différences de la seconde penchent du même côté, alors que la première peut être nulle. Sur un modèle réel : la première
# pour un mot cible d'une seule pièce et des phrases choisies ; la seconde quand les phrases diffèrent de plusieurs mots, avec des paires
# de même longueur et des témoins.
# Barème : `grading/rubric.fr.md`.

# %% [markdown] name="answer_measures" manual="question_measures" points=10 lang="en"
# The first removes the prior: what the model thinks of both pronouns when the occupation is hidden. The second adds up all words of the
# sentence; the frequency of the pronouns stays in it, and each other word is judged with the pronoun in view. If one pronoun is far
# more frequent, all differences of the second lean the same way while the first can be zero. On a real model: the first for a target word of
# a single piece and chosen sentences; the second when the sentences differ in several words, with pairs of the same length and
# controls.
# Rubric: `grading/rubric.en.md`.

# %% [markdown] name="question_groups" lang="fr"
# **Question 3.** Pourquoi tirer des métiers entiers plutôt que des phrases ? Comparez vos deux intervalles, et la taille effective de
# chacun. Que deviendraient-ils avec dix fois plus de phrases pour les mêmes métiers ? Avec dix fois plus de métiers ? (8 à 12 lignes)

# %% [markdown] name="question_groups" lang="en"
# **Question 3.** Why draw whole occupations rather than sentences? Compare your two intervals, and the effective size of each. What would
# become of them with ten times the sentences for the same occupations? With ten times the occupations? (8 to 12 lines)

# %% [markdown] name="answer_groups" manual="question_groups" points=10 lang="fr"
# Les phrases d'un métier partagent son erreur : elles ne sont pas des observations indépendantes. L'intervalle par phrase suppose
# qu'elles le sont et se trompe d'assurance ; l'intervalle par métier est plus large et sa taille effective proche du nombre de métiers. Dix
# fois plus de phrases : l'intervalle par phrase rétrécit d'environ √10, à tort ; celui par métier à peine, car la variation entre
# métiers demeure. Dix fois plus de métiers : le bon intervalle rétrécit d'environ √10. Ce qui se généralise est ce que l'on a tiré.
# Barème : `grading/rubric.fr.md`.

# %% [markdown] name="answer_groups" manual="question_groups" points=10 lang="en"
# Sentences of one occupation share its error: they are no independent observations. The interval by sentence supposes that they are and is
# wrongly confident; the interval by occupation is wider, its effective size near the number of occupations. Ten times the sentences: the
# interval by sentence shrinks by about √10, wrongly; that by occupation hardly, since the variation between occupations stays. Ten times the
# occupations: the right interval shrinks by about √10. What generalises is what was drawn.
# Rubric: `grading/rubric.en.md`.

# %% [markdown] name="question_deployment" lang="fr"
# **Question 4.** Un service de recrutement veut classer des lettres avec un modèle comme celui-ci, plus grand, et dit avoir mesuré « aucun
# biais de genre ». Que lui demandez-vous avant de le croire ? Distinguez ce qui est dans le corpus, dans le modèle, dans la mesure et dans
# l'usage. (10 à 15 lignes)

# %% [markdown] name="question_deployment" lang="en"
# **Question 4.** A recruiting service wants to rank letters with a model like this one, only larger, and claims to have measured "no gender
# bias". What do you ask before you believe it? Tell apart what is in the corpus, in the model, in the measure and in the use. (10 to
# 15 lines)

# %% [markdown] name="answer_deployment" manual="question_deployment" points=10 lang="fr"
# Corpus : d'où il vient, qui y parle, ce que l'on sait de ses associations. Modèle : ce qu'il en a appris, qui change avec la taille et
# l'ajustement. Mesure : quelles phrases, quels mots, quel intervalle, combien de groupes ; ce qu'un modèle au hasard obtiendrait ; un
# intervalle large qui contient 0 n'est pas une absence de biais, et une mesure intrinsèque (au masque) prédit mal l'effet dans une tâche.
# Usage : la mesure qui compte est celle de la décision (taux de sélection à compétence égale, lettres appariées), avec des humains, un
# recours et un suivi.
# Barème : `grading/rubric.fr.md`.

# %% [markdown] name="answer_deployment" manual="question_deployment" points=10 lang="en"
# Corpus: where it comes from, who speaks in it, what is known of its associations. Model: what it learned of them, which changes with size
# and fine-tuning. Measure: which sentences, which words, which interval, how many groups; what a random model would score; a wide
# interval that holds 0 is no absence of bias, and an intrinsic measure (at the mask) predicts badly the effect in a task. Use: the measure
# that counts is that of the decision (rate of selection at equal skill, matched letters), with humans, an appeal and follow-up.
# Rubric: `grading/rubric.en.md`.

# %% [markdown] name="handing_in" lang="fr"
# ## 13. Rendre
#
# Enregistrez le carnet (Ctrl+S, Cmd+S sur un Mac), puis exécutez la cellule ci-dessous. Elle repasse tous les contrôles, dit quelles
# questions restent sans réponse, et écrit **le fichier à rendre** : votre carnet, sans ce que Colab y note de vous (votre nom, votre
# photo), avec un reçu. Si vous changez quoi que ce soit ensuite, exécutez-la de nouveau. Jupyter peut vous demander où est le carnet.

# %% [markdown] name="handing_in" lang="en"
# ## 13. Handing in
#
# Save the notebook (Ctrl+S, on a Mac Cmd+S), then run the cell below. It goes through all checks once more, tells which questions have no
# answer yet, and writes **the file to hand in**: your notebook without what Colab notes of you in it (your name, your picture), with a
# receipt. If you change anything afterwards, run it again. Jupyter may ask you where the notebook is.

# %% name="submit" role="figure" lang="fr"
soumettre()

# %% name="submit" role="figure" lang="en"
submit()
