# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title" lang="fr"
# # Devoir 2, carnet 1 : construire et pré-entraîner un Transformer
#
# Vous écrivez ici, de zéro, les pièces d'un Transformer, puis vous pré-entraînez le vôtre : un modèle
# causal (à la GPT) qui écrit, et un modèle masqué (à la BERT) qui remplit des trous.
#
# - Chaque **exercice** a un énoncé, une cellule à compléter, et une cellule `check(...)` qui dit ce qui est juste,
#   ce qui ne l'est pas, et pourquoi. D'autres contrôles s'exécutent à la correction.
# - Un exercice laissé de côté n'arrête pas le carnet : une **partie de secours** prend sa place, sans rapporter de
#   points. Si votre code est faux au point de bloquer la suite, remettez `raise NotImplementedError()` dans sa cellule.
# - Partout, un masque est booléen et **`True` veut dire visible**.
#
# Les lettres des dimensions, partout les mêmes : `B` taille du lot, `T` longueur de la suite qui regarde (les requêtes),
# `S` longueur de celle qui est lue (les clés), `H` nombre de têtes, `D` largeur du modèle, `K` largeur d'une tête,
# `V` taille du vocabulaire.

# %% [markdown] name="title" lang="en"
# # Assignment 2, notebook 1: build and pretrain a Transformer
#
# You write the parts of a Transformer from scratch, then pretrain your own: a causal model (like GPT) that
# writes, and a masked model (like BERT) that fills in blanks.
#
# - Each **exercise** has a statement, a cell to complete, and a `check(...)` cell that says what is right, what is
#   not, and why. Further checks run at grading.
# - An exercise left out does not stop the notebook: a **rescue part** takes its place. It earns no points. If your code is
#   so wrong that it blocks the rest, put `raise NotImplementedError()` back into its cell.
# - Everywhere, a mask is boolean and **`True` means visible**.
#
# Shape letters, the same everywhere: `B` size of the batch, `T` length of the sequence that looks (the queries), `S` length
# of the one that is read (the keys), `H` number of heads, `D` model width, `K` head width, `V` size of the vocabulary.

# %% name="setup" role="setup" lang="fr"
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif import InputError, Parts, generate
from attentif.charts import attention_maps, plot_attention, plot_mask, plot_schedule
from attentif.checks import check
from attentif.experiment import RunConfig, prepare, run
from attentif.notebook import or_rescue, setup, show_run, to_do
from attentif.objectives import IGNORED

device = setup(language="fr")

# %% name="setup" role="setup" lang="en"
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif import InputError, Parts, generate
from attentif.charts import attention_maps, plot_attention, plot_mask, plot_schedule
from attentif.checks import check
from attentif.experiment import RunConfig, prepare, run
from attentif.notebook import or_rescue, setup, show_run, to_do
from attentif.objectives import IGNORED

device = setup(language="en")

# %% [markdown] name="attention_idea" lang="fr"
# ## 1. L'attention
#
# Un réseau récurrent lit une phrase mot à mot et doit tout garder en mémoire. L'attention, elle, laisse chaque
# position regarder directement toutes les autres : elle pose une question (la requête), chaque position propose une
# réponse (la clé), et la sortie est la moyenne des contenus (les valeurs), pondérée par l'accord entre la question et
# les réponses. La distance ne compte plus : du premier mot au dernier, le chemin est direct.

# %% [markdown] name="attention_idea" lang="en"
# ## 1. Attention
#
# A recurrent network reads a sentence word by word and must keep everything in memory. Attention lets each
# position look at all others directly: it asks a question (the query), each position offers an answer (the key), and
# the output is the average of the contents (the values), weighted by how well answers fit the question. Distance
# no longer counts: from the first word to the last, the way is direct.

# %% name="exercise_attention" exercise="scaled_dot_product_attention"

# %% [markdown] name="attention_example" lang="fr"
# **À observer.** Trois jetons, `T = S = 3`, et `K = 2` : de petits nombres, que vous pouvez recalculer à la main. La somme
# de chaque ligne des poids vaut 1. La deuxième et la troisième clé ont toutes deux la direction de la première requête ; la
# troisième, deux fois plus longue, reçoit le plus grand poids : c'est le produit scalaire qui compte, et non l'angle seul.

# %% [markdown] name="attention_example" lang="en"
# **What to observe.** Three tokens, `T = S = 3`, and `K = 2`: numbers small enough to compute by hand. Each row of weights sums
# to 1. The second and third keys both point the way of the first query; the third, twice as long, gets the largest
# weight: it is the dot product that counts, not the angle alone.

# %% name="attention_by_numbers" role="figure"
query = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
key = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 0.0]])
value = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
if not to_do(scaled_dot_product_attention):
    output, weights = scaled_dot_product_attention(query, key, value)
    print("weights", weights.round(decimals=3), "output", output.round(decimals=3), sep="\n")

# %% [markdown] name="causal_idea" lang="fr"
# ## 2. Le masque causal
#
# Un modèle qui prédit le mot suivant ne doit pas le voir : il le recopierait au lieu d'apprendre. Le masque causal cache
# à chaque position ce qui la suit, et permet d'entraîner toutes les positions d'une phrase en une seule passe.

# %% [markdown] name="causal_idea" lang="en"
# ## 2. The causal mask
#
# A model that predicts the next word must not see it, or it copies instead of learning. The causal mask hides the
# future from each position, and lets all positions of a sentence be trained in one pass.

# %% name="exercise_causal_mask" exercise="causal_mask"

# %% name="causal_picture" role="figure"
if not to_do(causal_mask):
    plot_mask(causal_mask(8))

# %% [markdown] name="multi_head_idea" lang="fr"
# ## 3. Plusieurs têtes
#
# Une seule moyenne ne peut suivre qu'une relation à la fois. L'attention à plusieurs têtes découpe la largeur `D` en
# `H` sous-espaces de largeur `K = D / H`, regarde dans chacun, puis réunit et mélange ce que les têtes ont trouvé.

# %% [markdown] name="multi_head_idea" lang="en"
# ## 3. Several heads
#
# One average can follow one relation at a time. Multi-head attention cuts the width `D` into `H` subspaces of width
# `K = D / H`, looks in each, then joins and mixes what the heads have found.

# %% name="exercise_multi_head" exercise="MultiHeadAttention"

# %% [markdown] name="masking_idea" lang="fr"
# ## 4. Apprendre en remplissant des trous
#
# BERT apprend à deviner des mots cachés d'après ce qui les entoure, des deux côtés. On sélectionne 15 % des jetons ; parmi
# eux, 80 % deviennent `[MASK]`, 10 % un jeton au hasard, et 10 % restent tels quels : ainsi, le modèle ne peut se fier
# aveuglément à aucun mot, même visible.

# %% [markdown] name="masking_idea" lang="en"
# ## 4. Learning by filling in blanks
#
# BERT learns to guess hidden words from what surrounds them on both sides. 15 % of the tokens are selected; of these, 80 %
# become `[MASK]`, 10 % a random token, and 10 % stay as they are: so the model can blindly trust no word, even a visible one.

# %% name="exercise_mask_tokens" exercise="mask_tokens"

# %% [markdown] name="schedule_idea" lang="fr"
# ## 5. Le taux d'apprentissage
#
# Au départ, les poids sont aléatoires et les gradients sont grands : le taux d'apprentissage part de 0, monte en ligne
# droite jusqu'à son pic, puis redescend doucement, le long d'un demi-cosinus.

# %% [markdown] name="schedule_idea" lang="en"
# ## 5. The learning rate
#
# At first the weights are random and the gradients large: the learning rate starts at 0, climbs in a straight line to its
# peak, then comes down gently along half a cosine.

# %% name="exercise_warmup_cosine" exercise="warmup_cosine"

# %% name="schedule_picture" role="figure"
if not to_do(warmup_cosine):
    plot_schedule(warmup_cosine, peak=1e-3, floor=1e-4, warmup_steps=100, total_steps=1000)

# %% [markdown] name="training_idea" lang="fr"
# ## 6. Pré-entraîner votre modèle
#
# Le modèle est fait de **vos** pièces. Il apprend Microcosm, une petite langue artificielle dont les probabilités exactes
# sont connues : la perte a donc un **plancher**, l'entropie de la langue, sous lequel aucun modèle ne peut descendre. La courbe
# dit ainsi non seulement si le modèle progresse, mais aussi ce qu'il lui reste à apprendre. Le modèle causal s'entraîne en
# 4 000 étapes d'optimisation sur un GPU, en 600 sur un CPU, où il en saura moins ; le modèle masqué en demande trois fois plus.

# %% [markdown] name="training_idea" lang="en"
# ## 6. Pretraining your model
#
# The model is made of **your** parts. It learns Microcosm, a small generated language whose exact probabilities are
# known: so the loss has a **floor**, the entropy of the language, below which no model can go. The curve thus tells not only
# whether the model makes progress, but also what is left to learn. The causal model trains for 4,000 optimizer steps on a GPU,
# for 600 on a CPU, where it will know less; the masked model needs three times as many.

# %% name="parts" role="definition"
parts = Parts(
    attend=or_rescue(scaled_dot_product_attention),
    attention=or_rescue(MultiHeadAttention),
    causal_mask=or_rescue(causal_mask),
)

# %% name="train_causal" role="training" lang="fr"
steps = 4000 if device.type == "cuda" else 600
description = RunConfig(corpus="microcosm:fr", objective="causal", batch=64, steps=steps, learning_rate=4e-3)
writer = prepare(description, parts)
written_run = run(writer, learning_rate=or_rescue(warmup_cosine))
show_run(writer, written_run, title="Modèle causal")

# %% name="train_causal" role="training" lang="en"
steps = 4000 if device.type == "cuda" else 600
description = RunConfig(corpus="microcosm:en", objective="causal", batch=64, steps=steps, learning_rate=4e-3)
writer = prepare(description, parts)
written_run = run(writer, learning_rate=or_rescue(warmup_cosine))
show_run(writer, written_run, title="Causal model")

# %% [markdown] name="writing" lang="fr"
# **Votre modèle écrit.** Que sait-il déjà : l'ordre des mots, les accords, de quoi parle la phrase ?

# %% [markdown] name="writing" lang="en"
# **Your model writes.** What does it know already: word order, agreement, what the sentence is about?

# %% name="samples" role="figure"
words = writer.tokenizer
beginning = torch.full((6, 1), words.cls_id, device=next(writer.model.parameters()).device)
for row in generate(writer.model, beginning, 24, temperature=0.8, eos_id=words.sep_id).tolist():
    print(words.decode(row, skip_special_tokens=True))

# %% name="train_masked" role="training" lang="fr"
description = RunConfig(
    corpus="microcosm:fr",
    objective="masked",
    batch=64,
    steps=3 * steps,
    learning_rate=4e-3,
    early_masking=0.4,
)
filler = prepare(description, parts, mask=or_rescue(mask_tokens))
filled_run = run(filler, learning_rate=or_rescue(warmup_cosine))
show_run(filler, filled_run, title="Modèle masqué")

# %% name="train_masked" role="training" lang="en"
description = RunConfig(
    corpus="microcosm:en",
    objective="masked",
    batch=64,
    steps=3 * steps,
    learning_rate=4e-3,
    early_masking=0.4,
)
filler = prepare(description, parts, mask=or_rescue(mask_tokens))
filled_run = run(filler, learning_rate=or_rescue(warmup_cosine))
show_run(filler, filled_run, title="Masked model")

# %% [markdown] name="attention_reading" lang="fr"
# **Ce que regarde votre modèle.** Voici les cartes d'attention de la dernière couche du modèle masqué, une par tête, sur une
# phrase de Microcosm. Chaque **ligne** est une requête : le jeton qui regarde ; chaque **colonne**, une clé : le jeton regardé.
# Une case claire est un grand poids, et la somme de chaque ligne vaut 1. Cherchez une tête qui regarde le jeton voisin, une
# autre qui relie un verbe ou un adjectif à son sujet, une colonne que presque tous regardent (souvent `[CLS]`, `[SEP]` ou le
# point). Une carte dit où une tête lit, et non ce que le modèle en fait : ce n'est pas encore une explication.

# %% [markdown] name="attention_reading" lang="en"
# **What your model looks at.** Here are the attention maps of the masked model's last layer, one a head, on a sentence of
# Microcosm. Each **row** is a query: the token that looks; each **column** is a key: the token looked at. A bright square is a
# large weight, and each row sums to 1. Look for a head that looks at the next token, another that ties a verb or an adjective to
# its subject, a column at which nearly all look (often `[CLS]`, `[SEP]` or the full stop). A map tells where a head reads, not
# what the model makes of it: it is no explanation yet.

# %% name="attention_picture" role="figure"
world = filler.corpus.world
sentence = world.documents(1, seed=7)[0][0]
ids = torch.tensor([[words.cls_id, *sentence, words.sep_id]], device=next(filler.model.parameters()).device)
maps = attention_maps(filler.model, ids)
if maps:
    plot_attention(maps[-1][0], [words.id_to_token(i) for i in ids[0].tolist()])

# %% [markdown] name="report_idea" lang="fr"
# ## 7. Rapport

# %% [markdown] name="report_idea" lang="en"
# ## 7. Report

# %% [markdown] name="question_causal" lang="fr"
# **Question.** Comment le masque causal garantit-il que le modèle ne triche pas pendant l'entraînement ? Dites ce que
# deviendrait votre courbe sans lui. (8 à 12 lignes)

# %% [markdown] name="question_causal" lang="en"
# **Question.** How does the causal mask guarantee that the model does not cheat in training? Say what would become of
# your curve without it. (8 to 12 lines)

# %% [markdown] name="answer_causal" manual="question_causal" points=5 lang="fr"
# À la position t, le score de toute clé s > t vaut −∞, donc son poids est nul : la sortie, et par elle la prédiction de x_{t+1}, ne
# dépend que de x_1 … x_t. Toutes les positions s'entraînent pourtant en une passe. Sans masque, la position t lit x_{t+1} par
# l'attention : la perte passe sous le plancher de la langue, vers 0, ce qui trahit la fuite, et la génération échoue, car la
# suite n'existe pas encore.

# %% [markdown] name="answer_causal" manual="question_causal" points=5 lang="en"
# At position t the score of every key s > t is −∞, so its weight is zero: the output, and through it the prediction of x_{t+1},
# depends on x_1 … x_t alone. Yet all positions are trained in one pass. Without the mask, position t reads x_{t+1} through attention:
# the loss falls below the floor of the language, towards 0, which betrays the leak, and generation fails since the future does not
# exist yet.
