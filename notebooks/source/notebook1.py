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
# **Prévoyez environ 8 h**, dont 6 h 25 d'exercices, le reste pour lire, entraîner et rédiger ; le carnet vaut **100 points**, dont 70 par les contrôles et 30 par le rapport.
#
# - Chaque **exercice** a un énoncé, une cellule à compléter, et une cellule `check(...)` qui dit ce qui est juste,
#   ce qui ne l'est pas, et pourquoi. D'autres contrôles s'exécutent à la correction.
# - Un exercice laissé de côté n'arrête pas le carnet : une **partie de secours** prend sa place, sans rapporter de
#   points. Si votre code est faux au point de bloquer la suite, remettez `raise NotImplementedError()` dans sa cellule.
# - Une pièce qui vous est donnée, sans exercice, se lit : son code est celui de la bibliothèque `attentif`.
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
# **Expect about 8 h**, of which 6 h 25 for the exercises, the rest to read, train and write; the notebook is worth **100 points**, 70 by checks and 30 by the report.
#
# - Each **exercise** has a statement, a cell to complete, and a `check(...)` cell that says what is right, what is
#   not, and why. Further checks run at grading.
# - An exercise left out does not stop the notebook: a **rescue part** takes its place. It earns no points. If your code is
#   so wrong that it blocks the rest, put `raise NotImplementedError()` back into its cell.
# - A part that is given to you, without an exercise, is there to be read: its code is that of the `attentif` library.
# - Everywhere, a mask is boolean and **`True` means visible**.
#
# Shape letters, the same everywhere: `B` size of the batch, `T` length of the sequence that looks (the queries), `S` length
# of the one that is read (the keys), `H` number of heads, `D` model width, `K` head width, `V` size of the vocabulary.

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
import random
from collections.abc import Callable, Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif import InputError, Parts, SentencePair, StepResult
from attentif.attention import check_heads
from attentif.charts import (
    attention_maps,
    plot_answers,
    plot_attention,
    plot_layers,
    plot_lines,
    plot_mask,
    plot_positions,
    plot_schedule,
)
from attentif.checks import check
from attentif.decoding import Beam
from attentif.embeddings import check_length
from attentif.evaluation import losses_by_batch, validation_rows
from attentif.experiment import RunConfig, prepare
from attentif.language import number
from attentif.layers import ACTIVATIONS, check_activation
from attentif.notebook import corpus_within_reach, or_rescue, setup, to_do
from attentif.objectives import IGNORED
from attentif.optimization import clip_gradients
from attentif.run_folder import run_folder
from attentif.submission import soumettre
from attentif.training_cell import train
from attentif.training_objectives import Batch

device = setup(language="fr")

# %% name="setup" role="setup" lang="en"
import itertools
import math
import random
from collections.abc import Callable, Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif import InputError, Parts, SentencePair, StepResult
from attentif.attention import check_heads
from attentif.charts import (
    attention_maps,
    plot_answers,
    plot_attention,
    plot_layers,
    plot_lines,
    plot_mask,
    plot_positions,
    plot_schedule,
)
from attentif.checks import check
from attentif.decoding import Beam
from attentif.embeddings import check_length
from attentif.evaluation import losses_by_batch, validation_rows
from attentif.experiment import RunConfig, prepare
from attentif.language import number
from attentif.layers import ACTIVATIONS, check_activation
from attentif.notebook import corpus_within_reach, or_rescue, setup, to_do
from attentif.objectives import IGNORED
from attentif.optimization import clip_gradients
from attentif.run_folder import run_folder
from attentif.submission import submit
from attentif.training_cell import train
from attentif.training_objectives import Batch

device = setup(language="en")

# %% [markdown] name="attention_idea" lang="fr"
# ## 1. L'attention
#
# Un réseau récurrent lit une phrase mot à mot et doit tout garder en mémoire. L'attention, elle, laisse chaque
# position regarder directement toutes les autres : elle pose une question (la requête), chaque position propose une
# réponse (la clé), et la sortie est la moyenne des contenus (les valeurs), pondérée par l'accord entre la question et
# les réponses. La distance ne compte plus : du premier mot au dernier, le chemin est direct. Commencez sur le papier.

# %% [markdown] name="attention_idea" lang="en"
# ## 1. Attention
#
# A recurrent network reads a sentence word by word and must keep everything in memory. Attention lets each
# position look at all others directly: it asks a question (the query), each position offers an answer (the key), and
# the output is the average of the contents (the values), weighted by how well answers fit the question. Distance
# no longer counts: from the first word to the last, the way is direct. Begin on paper.

# %% name="exercise_by_hand" exercise="attention_by_hand"

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
    plot_attention(weights.unsqueeze(0), ["1", "2", "3"])

# %% [markdown] name="masks_idea" lang="fr"
# ## 2. Les masques
#
# Un modèle qui prédit le mot suivant ne doit pas le voir : il le recopierait au lieu d'apprendre. Le masque causal cache
# à chaque position ce qui la suit, et permet d'entraîner toutes les positions d'une phrase en une seule passe. Le masque de
# remplissage cache, lui, les jetons vides qui complètent les phrases courtes d'un lot : ils ne veulent rien dire, et personne
# ne doit les lire. Un masque se combine à un autre par un « et » : est visible ce qui l'est dans les deux.
#
# À la main : trois jetons, tous les scores égaux. Sans masque, chacun donne ⅓ à chacun. Avec le masque causal, le premier se donne 1, le deuxième partage ½ et ½ entre le
# premier et lui-même, le troisième donne ⅓ à chacun. Si le troisième est du remplissage, il disparaît partout : sa propre ligne, elle, donne ½ et ½ aux deux vrais jetons.

# %% [markdown] name="masks_idea" lang="en"
# ## 2. Masks
#
# A model that predicts the next word must not see it, or it copies instead of learning. The causal mask hides the
# future from each position, and lets all positions of a sentence be trained in one pass. The padding mask hides the empty
# tokens that fill the short sentences of a batch: they mean nothing, and nobody should read them. Two masks combine by
# "and": what both show is visible.
#
# By hand: three tokens, all scores equal. Without a mask, each gives ⅓ to each. With the causal mask, the first gives 1 to itself, the second shares ½ and ½ between the
# first and itself, the third gives ⅓ to each. If the third is padding, it disappears everywhere: its own row gives ½ and ½ to the two real tokens.

# %% name="exercise_causal_mask" exercise="causal_mask"

# %% name="causal_picture" role="figure"
if not to_do(causal_mask):
    plot_mask(causal_mask(8))

# %% name="exercise_padding_mask" exercise="padding_mask"

# %% [markdown] name="both_masks" lang="fr"
# **À observer.** Les deux masques ensemble, pour une phrase de cinq jetons complétée par trois jetons vides : les trois dernières
# colonnes ont disparu. Une ligne de remplissage voit encore les vrais jetons ; ce qu'elle calcule n'entre dans aucune perte.

# %% [markdown] name="both_masks" lang="en"
# **What to observe.** Both masks together, for a sentence of five tokens filled up with three empty ones: the last three columns
# are gone. A row of padding still sees the real tokens; what it computes enters no loss.

# %% name="both_masks_picture" role="figure"
if not to_do(causal_mask) and not to_do(padding_mask):
    row = torch.tensor([[2, 17, 8, 31, 3, 0, 0, 0]])
    plot_mask((causal_mask(8) & padding_mask(row, pad_id=0))[0, 0])

# %% [markdown] name="multi_head_idea" lang="fr"
# ## 3. Plusieurs têtes
#
# Une seule moyenne ne peut suivre qu'une relation à la fois. L'attention à plusieurs têtes découpe la largeur `D` en
# `H` sous-espaces de largeur `K = D / H`, regarde dans chacun, puis réunit et mélange ce que les têtes ont trouvé. Chaque tête a ses propres
# projections, donc ses propres questions : l'une peut suivre l'accord, une autre le mot précédent. Ensemble, elles coûtent autant qu'une seule tête
# de largeur `D`. La formule : $\mathrm{tête}_h = \mathrm{Attention}(X W^Q_h, X W^K_h, X W^V_h)$, et la sortie est $[\mathrm{tête}_1; \dots; \mathrm{tête}_H]\,W^O$.

# %% [markdown] name="multi_head_idea" lang="en"
# ## 3. Several heads
#
# One average can follow one relation at a time. Multi-head attention cuts the width `D` into `H` subspaces of width
# `K = D / H`, looks in each, then joins and mixes what the heads have found. Each head has projections of its own, hence questions of its
# own: one may follow agreement, another the previous word. All together they cost as much as one head of width `D`. The formula:
# $\mathrm{head}_h = \mathrm{Attention}(X W^Q_h, X W^K_h, X W^V_h)$, and the output is $[\mathrm{head}_1; \dots; \mathrm{head}_H]\,W^O$.

# %% name="exercise_multi_head" exercise="MultiHeadAttention"

# %% [markdown] name="heads_reading" lang="fr"
# **À observer.** Trois jetons, `D = 4`, `H = 2`, et des projections qui ne changent rien : la tête 1 compare les deux premières composantes, la
# tête 2 les deux dernières. Les jetons 1 et 2 ont la même première moitié, les jetons 1 et 3 la même seconde moitié : la première tête lie
# les uns, la seconde les autres. Une seule attention de largeur 4 les mêlerait : les poids du jeton 1 y seraient 0,787, 0,107 et 0,107. À la main : pour la tête 1, les scores du jeton 1 sont
# $4/\sqrt{2}$, $4/\sqrt{2}$ et 0, donc ses poids 0,486, 0,486 et 0,029.

# %% [markdown] name="heads_reading" lang="en"
# **What to observe.** Three tokens, `D = 4`, `H = 2`, and projections that change nothing: head 1 compares the first two components, head 2 the last
# two. Tokens 1 and 2 have the same first half, tokens 1 and 3 the same second half: the first head ties the former, the second the
# latter. A single attention of width 4 would mix them: there the weights of token 1 would be 0.787, 0.107 and 0.107. By hand: for head 1, the scores of token 1 are $4/\sqrt{2}$, $4/\sqrt{2}$
# and 0, hence its weights 0.486, 0.486 and 0.029.

# %% name="heads_figure" role="figure"
if not to_do(MultiHeadAttention) and not to_do(scaled_dot_product_attention):
    two_heads = MultiHeadAttention(d_model=4, n_heads=2, bias=False, attend=scaled_dot_product_attention)
    with torch.no_grad():
        for matrix in two_heads.parameters():
            matrix.copy_(torch.eye(4))
        x = torch.tensor([[[2.0, 0.0, 0.0, 2.0], [2.0, 0.0, 2.0, 0.0], [0.0, 2.0, 0.0, 2.0]]])
        weights = two_heads(x)[1]
    plot_attention(weights[0], ["1", "2", "3"])

# %% [markdown] name="order_idea" lang="fr"
# ## 4. Dire l'ordre
#
# Mélangez les mots d'une phrase : l'attention rend les mêmes vecteurs, mélangés de la même façon. Elle ne voit qu'un
# ensemble. Il faut donc dire à chaque jeton où il se trouve : on ajoute à son vecteur celui de sa position, fixé par des sinus
# de périodes croissantes (le Transformer de 2017) ou appris comme le reste (BERT, GPT). Les sinus n'ont rien à apprendre et vont aussi loin que l'on veut ; un
# tableau appris s'arrête à sa dernière ligne.

# %% [markdown] name="order_idea" lang="en"
# ## 4. Telling the order
#
# Shuffle the words of a sentence: attention gives the same vectors, shuffled the same way. It sees only a set. So each token must
# be told where it stands: the vector of its position is added to its own, fixed by sines of growing periods (the Transformer of
# 2017) or learned like the rest (BERT, GPT). Sines have nothing to learn and go on as far as one likes; a learned table ends with
# its last row.

# %% name="exercise_positions" exercise="sinusoidal_encoding"

# %% [markdown] name="positions_reading" lang="fr"
# **À observer.** L'image de gauche est le tableau : ses premières composantes changent à chaque position, les dernières à peine, comme les
# chiffres d'un compteur, des unités aux milliers. L'image de droite montre les produits scalaires : celui de deux positions ne
# dépend que de leur distance, d'où ses diagonales. À la main : pour `D = 4`, la position 2 est $(\sin 2, \cos 2, \sin 0{,}02, \cos 0{,}02) = (0{,}909 ; -0{,}416 ; 0{,}020 ; 1{,}000)$. (Les deux modèles que vous entraînerez plus loin, à la GPT et à la BERT,
# apprennent leurs positions : ce tableau n'y sert pas.)

# %% [markdown] name="positions_reading" lang="en"
# **What to observe.** The picture on the left is the table: its first components change at every position, the last ones hardly, like the
# digits of a counter, from units to thousands. The picture on the right shows the dot products: that of two positions depends on
# their distance alone, hence its diagonals. By hand: for `D = 4`, position 2 is $(\sin 2, \cos 2, \sin 0.02, \cos 0.02) = (0.909, -0.416, 0.020, 1.000)$. (The two models that you will train below, GPT-like and BERT-like, learn their
# positions: this table does not serve there.)

# %% name="positions_picture" role="figure"
if not to_do(sinusoidal_encoding):
    encoding = sinusoidal_encoding(64, 32)
    plot_positions(encoding)
    for first, second in ((3, 5), (20, 22), (3, 40)):
        print(f"{first} · {second} =", number((encoding[first] @ encoding[second]).item(), 3))

# %% [markdown] name="blocks_idea" lang="fr"
# ## 5. Les blocs
#
# Un Transformer empile des blocs identiques. Chacun fait deux choses : les positions échangent (l'attention), puis chacune
# réfléchit seule (le réseau à deux couches). Autour de chaque étape, une **connexion résiduelle** garde ce qui était là,
# et une **normalisation** garde les nombres à une taille commode ; avant l'étape (*pre-norm*, GPT) ou après la somme (*post-norm*,
# le Transformer de 2017 et BERT). Le bloc de décodeur ajoute, entre les deux, une attention croisée qui lit une autre suite.

# %% [markdown] name="blocks_idea" lang="en"
# ## 5. Blocks
#
# A Transformer stacks identical blocks. Each does two things: positions exchange (attention), then each thinks alone (the network
# of two layers). Around each step a **residual connection** keeps what was there, and a **normalisation** keeps the numbers at a
# handy size; before the step (*pre-norm*, GPT) or after the sum (*post-norm*, the Transformer of 2017 and BERT). The decoder block
# adds, between the two, a cross-attention that reads another sequence.

# %% name="exercise_layer_norm" exercise="LayerNorm"

# %% [markdown] name="norm_reading" lang="fr"
# **À observer.** Les nombres 1, 2, 3 et 6 : moyenne 3, variance 3,5 (divisée par 4), donc $(1-3)/\sqrt{3{,}5} = -1{,}069$ pour le premier. Multipliez-les par
# 10, ajoutez 100 : la sortie ne change pas (à ε près). C'est ce qui garde les nombres à une taille commode, quoi que fassent les couches.

# %% [markdown] name="norm_reading" lang="en"
# **What to observe.** The numbers 1, 2, 3 and 6: mean 3, variance 3.5 (divided by 4), hence $(1-3)/\sqrt{3.5} = -1.069$ for the first. Multiply them by
# 10, add 100: the output does not change (but for ε). This keeps the numbers at a handy size, whatever the layers do.

# %% name="norm_figure" role="figure"
if not to_do(LayerNorm):
    with torch.no_grad():
        for numbers in ([1.0, 2.0, 3.0, 6.0], [110.0, 120.0, 130.0, 160.0]):
            print(
                *(number(each, 0) for each in numbers),
                "->",
                *(number(value.item(), 3) for value in LayerNorm(4)(torch.tensor([numbers]))[0]),
            )

# %% name="exercise_feed_forward" exercise="FeedForward"

# %% name="exercise_encoder_block" exercise="EncoderBlock"

# %% [markdown] name="depth_reading" lang="fr"
# **À observer.** Douze blocs neufs, l'un sur l'autre : la longueur moyenne des vecteurs après chacun. En *pre-norm*, chaque bloc ajoute sa part à la
# connexion résiduelle, que rien ne ramène à une taille fixe : elle grandit avec la profondeur, et une norme finale la borne. En *post-norm*, chaque
# somme est normalisée : la longueur reste $\sqrt{D}$, ici $\sqrt{32} = 5{,}66$, mais le gradient traverse toutes ces normes.
# La formule d'un bloc : $x + f(\mathrm{norme}(x))$ en *pre-norm*, $\mathrm{norme}(x + f(x))$ en *post-norm*, pour $f$ l'attention, puis le réseau.

# %% [markdown] name="depth_reading" lang="en"
# **What to observe.** Twelve new blocks on top of each other: the mean length of the vectors after each. With *pre-norm*, every block adds its share to the
# residual connection, which nothing brings back to a fixed size: it grows with depth, and a final norm bounds it. With *post-norm*, every sum
# is normalised: the length stays $\sqrt{D}$, here $\sqrt{32} = 5.66$, but the gradient goes through all these norms.
# The formula of a block: $x + f(\mathrm{norm}(x))$ with *pre-norm*, $\mathrm{norm}(x + f(x))$ with *post-norm*, for $f$ the attention, then the network.

# %% name="depth_figure" role="figure" lang="fr"
if not to_do(EncoderBlock):
    lengths = {"pre-norm": [], "post-norm": []}
    heads, network = or_rescue(MultiHeadAttention), or_rescue(FeedForward)
    attend = or_rescue(scaled_dot_product_attention)
    for name, after_each in lengths.items():
        torch.manual_seed(0)
        x = torch.randn(1, 6, 32)
        for _ in range(12):
            norms = nn.LayerNorm(32), nn.LayerNorm(32)
            block = EncoderBlock(
                heads(32, 4, attend=attend), network(32, 128), *norms, norm_first=name == "pre-norm"
            )
            x = block(x).detach()
            after_each.append(x.norm(dim=-1).mean().item())
    plot_lines(lengths, list(range(1, 13)), "bloc", "longueur moyenne d'un vecteur")

# %% name="depth_figure" role="figure" lang="en"
if not to_do(EncoderBlock):
    lengths = {"pre-norm": [], "post-norm": []}
    heads, network = or_rescue(MultiHeadAttention), or_rescue(FeedForward)
    attend = or_rescue(scaled_dot_product_attention)
    for name, after_each in lengths.items():
        torch.manual_seed(0)
        x = torch.randn(1, 6, 32)
        for _ in range(12):
            norms = nn.LayerNorm(32), nn.LayerNorm(32)
            block = EncoderBlock(
                heads(32, 4, attend=attend), network(32, 128), *norms, norm_first=name == "pre-norm"
            )
            x = block(x).detach()
            after_each.append(x.norm(dim=-1).mean().item())
    plot_lines(lengths, list(range(1, 13)), "block", "mean length of a vector")

# %% name="exercise_decoder_block" exercise="DecoderBlock"

# %% [markdown] name="ends_idea" lang="fr"
# ## 6. Du texte aux vecteurs, et retour
#
# À l'entrée de BERT, un jeton est la somme de trois vecteurs : quel mot, dans quelle phrase, à quelle place. À la sortie, une
# **tête** compare le vecteur de chaque position à ceux de tous les mots du vocabulaire ; c'est la matrice de l'entrée qui sert
# une seconde fois, ce qui économise des paramètres et fait que deux mots proches à l'entrée le sont à la sortie. Le vecteur du premier jeton, `[CLS]`, sert à
# autre chose : une seconde tête y lit si deux phrases se suivent. Tout ce que le modèle sait passe donc par les mêmes vecteurs.
#
# À la main, à l'entrée : un mot (2 ; 0), dans la première phrase (0 ; 1), à une place (1 ; 1), font (3 ; 2) ; la normalisation en fait (1 ; −1), à ε près : moyenne 2,5, écart type 0,5.

# %% [markdown] name="ends_idea" lang="en"
# ## 6. From text to vectors, and back
#
# At BERT's input a token is the sum of three vectors: which word, in which sentence, at which place. At the output a **head**
# compares the vector of each position with those of all words of the vocabulary; the input's matrix serves a second time, which
# saves parameters and makes words that are close at the input close at the output. The vector of the first token, `[CLS]`, serves another
# purpose: a second head reads in it whether two sentences follow each other. So all that the model knows goes through the same vectors.
#
# By hand, at the input: a word (2, 0), in the first sentence (0, 1), at a place (1, 1), make (3, 2); the norm makes (1, −1) of it, up to ε: mean 2.5, standard deviation 0.5.

# %% [markdown] name="ends_reading" lang="fr"
# **À observer.** Trois mots, `D = 2`. Le vecteur de sortie (2 ; 1) est comparé aux plongements : $2 \times 1 + 1 \times 0 = 2$ pour « chat »,
# $2 \times 0{,}8 + 1 \times 0{,}6 = 2{,}2$ pour « chien », $-2 + 0{,}5 = -1{,}5$ pour « table » ; le softmax en fait des probabilités. Deux plongements proches reçoivent des
# probabilités proches : la matrice partagée fait généraliser. La formule : $P(w) = \mathrm{softmax}(E\,h + b)_w$, où $E$ est la matrice des plongements et $h$ le vecteur déjà transformé et normalisé par la tête.

# %% [markdown] name="ends_reading" lang="en"
# **What to observe.** Three words, `D = 2`. The output vector (2, 1) is compared with the embeddings: $2 \times 1 + 1 \times 0 = 2$ for "cat",
# $2 \times 0.8 + 1 \times 0.6 = 2.2$ for "dog", $-2 + 0.5 = -1.5$ for "table"; the softmax makes probabilities of them. Two embeddings that are close get close
# probabilities: the shared matrix makes the model generalise. The formula: $P(w) = \mathrm{softmax}(E\,h + b)_w$, where $E$ is the matrix of embeddings and $h$ the vector that the head has already transformed and normalised.

# %% name="ends_figure" role="figure" lang="fr"
embeddings = {"chat": [1.0, 0.0], "chien": [0.8, 0.6], "table": [-1.0, 0.5]}
hidden = torch.tensor([2.0, 1.0])  # ce que le modèle pense de la position cachée
logits = torch.tensor(list(embeddings.values())) @ hidden
chances = F.softmax(logits, dim=0).tolist()
plot_answers([("chat", chances[0]), ("chien", chances[1]), ("table", chances[2])])

# %% name="ends_figure" role="figure" lang="en"
embeddings = {"cat": [1.0, 0.0], "dog": [0.8, 0.6], "table": [-1.0, 0.5]}
hidden = torch.tensor([2.0, 1.0])  # what the model thinks of the hidden position
logits = torch.tensor(list(embeddings.values())) @ hidden
chances = F.softmax(logits, dim=0).tolist()
plot_answers([("cat", chances[0]), ("dog", chances[1]), ("table", chances[2])])

# %% name="exercise_bert_embeddings" exercise="BertEmbeddings"

# %% name="exercise_masked_head" exercise="MaskedLMHead"

# %% name="exercise_next_sentence_head" exercise="NextSentenceHead"

# %% [markdown] name="objectives_idea" lang="fr"
# ## 7. Que faut-il prédire ?
#
# Un texte brut contient ses propres questions. Un modèle **causal** prédit chaque mot à partir de ceux qui le précèdent. Un modèle
# **masqué** devine des mots cachés d'après ce qui les entoure, des deux côtés. On sélectionne 15 % des jetons ; parmi eux, 80 %
# deviennent `[MASK]`, 10 % un jeton au hasard, et 10 % restent tels quels : ainsi, le modèle ne peut se fier aveuglément à aucun
# mot, même visible. Dans les deux cas, la perte est une entropie croisée, en nats par jeton prédit, et seuls comptent les
# jetons que l'on a demandés : $\mathcal{L} = -\frac{1}{|M|} \sum_{t \in M} \ln P(w_t)$.
#
# À la main : deux positions, dont le bon jeton a les probabilités ½ et ¼ : $\mathcal{L} = (0{,}69 + 1{,}39) / 2 = 1{,}04$ nat ; les positions marquées −100 ne comptent pas.

# %% [markdown] name="objectives_idea" lang="en"
# ## 7. What is to be predicted?
#
# A raw text holds its own questions. A **causal** model predicts each word from those before it. A **masked** model guesses hidden
# words from what surrounds them on both sides. 15 % of the tokens are selected; of these, 80 % become `[MASK]`, 10 % a random
# token, and 10 % stay as they are: so the model can blindly trust no word, even a visible one. In both cases the loss is a
# cross-entropy, in nats per predicted token, and only the tokens that were asked for count: $\mathcal{L} = -\frac{1}{|M|} \sum_{t \in M} \ln P(w_t)$.
#
# By hand: two positions, whose right token has probabilities ½ and ¼: $\mathcal{L} = (0.69 + 1.39) / 2 = 1.04$ nats; positions marked −100 do not count.

# %% name="exercise_mask_tokens" exercise="mask_tokens"

# %% [markdown] name="corruption_reading" lang="fr"
# **À observer.** La même phrase, masquée quatre fois ; une étoile marque les jetons sélectionnés, ceux que le modèle doit retrouver. Au-dessous, ce que
# deviennent les jetons sélectionnés de 4 000 lignes : 80 %, 10 % et 10 %, à peu près ; le jeton tiré au hasard peut être le bon, ici une fois sur
# neuf : « un autre jeton » est donc un peu sous 10 %, et « inchangé » un peu au-dessus. Vos tirages peuvent différer ; si aucun jeton n'est remplacé au
# hasard dans les quatre phrases, changez la graine.

# %% [markdown] name="corruption_reading" lang="en"
# **What to observe.** The same sentence, masked four times; a star marks the selected tokens, those that the model must find. Below, what becomes of the
# selected tokens of 4,000 rows: 80 %, 10 % and 10 %, roughly; the token drawn at random may be the right one, here once in
# nine: so "another token" is a little under 10 %, and "unchanged" a little over. Your draws may differ; if no token is replaced at random in
# the four sentences, change the seed.

# %% name="corruption_figure" role="figure" lang="fr"
vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
vocabulary += ["le", "chat", "dort", "sur", "un", "tapis", "et", "chien", "mange"]
row = torch.tensor([[2, 5, 6, 7, 8, 9, 10, 11, 5, 12, 13, 3]])
if not to_do(mask_tokens):
    generator = torch.Generator().manual_seed(3)
    for _ in range(4):
        seen, labels = mask_tokens(row, 4, len(vocabulary), range(5), generator)
        print(
            *(
                f"{vocabulary[i]}" + ("*" if label != IGNORED else "")
                for i, label in zip(seen[0], labels[0], strict=True)
            )
        )
    many = row.repeat(4000, 1)
    seen, labels = mask_tokens(many, 4, len(vocabulary), range(5), generator)
    chosen, masked, same = labels != IGNORED, seen == 4, seen == many
    shares = [("[MASK]", masked), ("un autre jeton", ~masked & ~same), ("inchangé", same)]
    plot_answers(
        [(name, (which & chosen).sum().item() / chosen.sum().item()) for name, which in shares],
        label="part des jetons sélectionnés",
    )

# %% name="corruption_figure" role="figure" lang="en"
vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
vocabulary += ["the", "cat", "sleeps", "on", "a", "rug", "and", "dog", "eats"]
row = torch.tensor([[2, 5, 6, 7, 8, 9, 10, 11, 5, 12, 13, 3]])
if not to_do(mask_tokens):
    generator = torch.Generator().manual_seed(3)
    for _ in range(4):
        seen, labels = mask_tokens(row, 4, len(vocabulary), range(5), generator)
        print(
            *(
                f"{vocabulary[i]}" + ("*" if label != IGNORED else "")
                for i, label in zip(seen[0], labels[0], strict=True)
            )
        )
    many = row.repeat(4000, 1)
    seen, labels = mask_tokens(many, 4, len(vocabulary), range(5), generator)
    chosen, masked, same = labels != IGNORED, seen == 4, seen == many
    shares = [("[MASK]", masked), ("another token", ~masked & ~same), ("unchanged", same)]
    plot_answers(
        [(name, (which & chosen).sum().item() / chosen.sum().item()) for name, which in shares],
        label="share of the selected tokens",
    )

# %% name="exercise_masked_loss" exercise="masked_lm_loss"

# %% name="exercise_causal_loss" exercise="causal_lm_loss"

# %% name="exercise_sentence_pairs" exercise="sentence_pairs"

# %% [markdown] name="learning_idea" lang="fr"
# ## 8. Apprendre
#
# Au départ, les poids sont aléatoires et les gradients sont grands : le taux d'apprentissage part de 0, monte en ligne
# droite jusqu'à son pic, puis redescend doucement, le long d'un demi-cosinus. Une étape d'optimisation peut réunir plusieurs
# lots quand la mémoire n'en porte qu'un : leurs gradients s'ajoutent, chacun avec son juste poids. Elle borne enfin la norme du
# gradient, pour qu'un lot étrange n'efface pas ce qui est appris. Et les matrices seules sont ramenées vers 0 à chaque étape ; les biais et les normalisations n'en ont pas besoin.

# %% [markdown] name="learning_idea" lang="en"
# ## 8. Learning
#
# At first the weights are random and the gradients large: the learning rate starts at 0, climbs in a straight line to its
# peak, then comes down gently along half a cosine. One optimizer step may gather several batches when memory holds only one:
# their gradients add up, each with its fair weight. Last, it bounds the norm of the gradient, so that one strange batch does not
# wipe out what was learned. And the matrices alone are pulled toward 0 at each step; biases and norms do not need it.

# %% name="exercise_warmup_cosine" exercise="warmup_cosine"

# %% [markdown] name="clipping_reading" lang="fr"
# **À observer.** Le taux d'apprentissage de 1 000 étapes : $\eta_t = \eta_{max}\,t / t_0$ jusqu'à l'étape $t_0 = 100$, puis
# $\eta_{min} + \frac{1}{2}(\eta_{max} - \eta_{min})(1 + \cos \pi u)$, où $u$ va de 0 à 1. À mi-chemin de la descente, $u = 0{,}5$ : c'est, à l'étape 550, la moyenne des deux extrêmes, 0,001 et 0,0001, soit 0,00055.
# Et un gradient (3 ; 4), de norme 5, borné à la norme 1 : il garde sa direction, et devient (0,6 ; 0,8).

# %% [markdown] name="clipping_reading" lang="en"
# **What to observe.** The learning rate over 1,000 steps: $\eta_t = \eta_{max}\,t / t_0$ up to step $t_0 = 100$, then
# $\eta_{min} + \frac{1}{2}(\eta_{max} - \eta_{min})(1 + \cos \pi u)$, with $u$ from 0 to 1. Halfway down, $u = 0.5$: at step 550 it is the mean of the two extremes, 0.001 and 0.0001, that is 0.00055.
# And a gradient (3, 4), of norm 5, bounded at norm 1: it keeps its direction, and becomes (0.6, 0.8).

# %% name="clipping_figure" role="figure"
weight = nn.Parameter(torch.zeros(2))
weight.grad = torch.tensor([3.0, 4.0])
norm = clip_gradients([weight], max_norm=1.0)
print(number(float(norm), 1), "->", *(number(value.item(), 1) for value in weight.grad))
if not to_do(warmup_cosine):
    print(number(warmup_cosine(550, 1e-3, 1e-4, 100, 1000), 5))

# %% name="schedule_picture" role="figure"
if not to_do(warmup_cosine):
    plot_schedule(warmup_cosine, peak=1e-3, floor=1e-4, warmup_steps=100, total_steps=1000)

# %% name="exercise_parameter_groups" exercise="parameter_groups"

# %% name="exercise_training_step" exercise="training_step"

# %% [markdown] name="measures_idea" lang="fr"
# ## 9. Mesurer
#
# La perplexité, l'exponentielle de la perte, se lit comme un nombre : le modèle hésite comme s'il avait à choisir entre tant de
# mots également probables. Les bits par caractère permettent de comparer des modèles qui ne découpent pas le texte de la même façon.
# Le nombre de paramètres et celui d'opérations disent ce qu'un modèle coûte : en mémoire, et en temps. Comparer deux modèles sans comparer leurs coûts ne dit pas grand-chose.

# %% [markdown] name="measures_idea" lang="en"
# ## 9. Measuring
#
# Perplexity, the exponential of the loss, reads as a number: the model hesitates as if it had to choose among that many equally
# likely words. Bits per character compare models that do not cut the text alike. The number of parameters and that of operations
# tell what a model costs, in memory and in time. Comparing two models without comparing their costs does not say much.

# %% name="exercise_perplexity" exercise="perplexity"

# %% [markdown] name="measures_reading" lang="fr"
# **À observer.** Deux jetons, prédits avec les probabilités ½ et ⅛ : la perte moyenne est $\frac{1}{2}(\ln 2 + \ln 8) = \ln 4$, et la perplexité 4. Sur l'image, un modèle de
# douze couches et 30 000 mots : les plongements ($V D$) dominent tant que $D$ est petit, les blocs ($12 L D^2$) ensuite. Où se croisent-ils ? Là où
# $12 L D = V$, soit $D = 30\,000 / 144 \approx 208$.

# %% [markdown] name="measures_reading" lang="en"
# **What to observe.** Two tokens, predicted with probabilities ½ and ⅛: the mean loss is $\frac{1}{2}(\ln 2 + \ln 8) = \ln 4$, and the perplexity 4. In the picture, a model of
# twelve layers and 30,000 words: the embeddings ($V D$) dominate while $D$ is small, the blocks ($12 L D^2$) afterwards. Where do they cross? Where
# $12 L D = V$, that is $D = 30{,}000 / 144 \approx 208$.

# %% name="measures_figure" role="figure" lang="fr"
if not to_do(perplexity):
    print(number(perplexity([math.log(2), math.log(8)], [1, 1])))
widths = [64, 128, 256, 512, 1024]
blocks = [12 * 12 * width**2 / 1e6 for width in widths]
words_alone = [30_000 * width / 1e6 for width in widths]
plot_lines(
    {"blocs": blocks, "plongements": words_alone},
    widths,
    "largeur D",
    "paramètres (millions)",
    logarithmic=True,
)

# %% name="measures_figure" role="figure" lang="en"
if not to_do(perplexity):
    print(round(perplexity([math.log(2), math.log(8)], [1, 1]), 2))
widths = [64, 128, 256, 512, 1024]
blocks = [12 * 12 * width**2 / 1e6 for width in widths]
words_alone = [30_000 * width / 1e6 for width in widths]
plot_lines(
    {"blocks": blocks, "embeddings": words_alone},
    widths,
    "width D",
    "parameters (millions)",
    logarithmic=True,
)

# %% name="exercise_bits" exercise="bits_per_character"

# %% name="exercise_count" exercise="count_parameters"

# %% name="exercise_flops" exercise="training_flops"

# %% [markdown] name="training_idea" lang="fr"
# ## 10. Pré-entraîner votre modèle causal
#
# Le modèle est fait de **vos** pièces (attention, blocs, normalisation), et c'est **votre** étape d'optimisation qui l'entraîne. Il apprend Microcosm, une petite
# langue artificielle dont les probabilités exactes sont connues : la perte a donc un **plancher**, l'entropie de la langue, sous
# lequel aucun modèle ne peut descendre. La courbe dit ainsi non seulement si le modèle progresse, mais aussi ce qu'il lui reste à
# apprendre. Le modèle causal s'entraîne en 2 000 étapes d'optimisation de 128 phrases sur un GPU, en 800 de 64 sur un CPU, où il en
# saura moins ; le modèle masqué en demande trois fois plus. Sur deux cœurs rapides, c'est moins d'une minute pour chacun ; comptez-en quelques-unes ailleurs.
#
# La courbe se dessine pendant l'entraînement, avec la norme du gradient au-dessous. Le bouton d'arrêt met en pause : l'état est gardé, et
# la même cellule, exécutée de nouveau, continue. Si Colab vous déconnecte, exécutez tout de nouveau : l'entraînement continue là
# où il en était, à condition que l'état soit dans votre Drive ; c'est pourquoi la cellule suivante en demande l'accès sur Colab.

# %% [markdown] name="training_idea" lang="en"
# ## 10. Pretraining your causal model
#
# The model is made of **your** parts (attention, blocks, norms), and **your** optimizer step trains it. It learns Microcosm, a small generated language whose
# exact probabilities are known: so the loss has a **floor**, the entropy of the language, below which no model can go. The curve
# thus tells not only whether the model makes progress, but also what is left to learn. The causal model trains for 2,000 optimizer
# steps of 128 sentences on a GPU, for 800 of 64 on a CPU, where it will know less; the masked model needs three times as many. On two fast cores that is less than a
# minute for each; elsewhere, allow a few.
#
# The curve is drawn while the model trains, with the gradient norm below it. The stop button pauses: the state is kept, and the same
# cell, run again, goes on. If Colab disconnects you, run everything again: training goes on where it was, provided that the state is
# in your Drive; that is why the next cell asks for access to it on Colab.

# %% name="keeping" role="training"
runs = run_folder()

# %% name="parts" role="definition"
parts = Parts(
    attend=or_rescue(scaled_dot_product_attention),
    causal_mask=or_rescue(causal_mask),
    padding_mask=or_rescue(padding_mask),
    positions=or_rescue(sinusoidal_encoding),
    attention=or_rescue(MultiHeadAttention),
    feed_forward=or_rescue(FeedForward),
    norm=or_rescue(LayerNorm),
    encoder_block=or_rescue(EncoderBlock),
    decoder_block=or_rescue(DecoderBlock),
    bert_embeddings=or_rescue(BertEmbeddings),
    masked_head=or_rescue(MaskedLMHead),
    next_sentence_head=or_rescue(NextSentenceHead),
)
learning = {
    "learning_rate": or_rescue(warmup_cosine),
    "groups": or_rescue(parameter_groups),
    "step": or_rescue(training_step),
}

# %% name="train_causal" role="training" lang="fr"
steps = 2000 if device.type == "cuda" else 800
batch = 128 if device.type == "cuda" else 64
description = RunConfig(
    corpus="microcosm:fr", objective="causal", batch=batch, steps=steps, learning_rate=4e-3
)
writer = prepare(description, parts, loss=or_rescue(causal_lm_loss))
words = writer.tokenizer
written_run = train(writer, "causal-fr", runs, title="modèle causal", **learning)

# %% name="train_causal" role="training" lang="en"
steps = 2000 if device.type == "cuda" else 800
batch = 128 if device.type == "cuda" else 64
description = RunConfig(
    corpus="microcosm:en", objective="causal", batch=batch, steps=steps, learning_rate=4e-3
)
writer = prepare(description, parts, loss=or_rescue(causal_lm_loss))
words = writer.tokenizer
written_run = train(writer, "causal-en", runs, title="causal model", **learning)

# %% [markdown] name="perplexity_reading" lang="fr"
# **À observer.** La perplexité de votre modèle sur des phrases qu'il n'a jamais lues, ce qu'elle coûte en bits par caractère, la
# taille du modèle, exacte et par la formule $12 L D^2 + V D$ (qui néglige les biais, les normalisations et les positions), et le nombre
# d'opérations de l'entraînement que vous venez de faire.

# %% [markdown] name="perplexity_reading" lang="en"
# **What to observe.** The perplexity of your model on sentences it has never read, what that is in bits per character, the model's size,
# exact and by the formula $12 L D^2 + V D$ (which leaves out biases, norms and positions), and the number of operations of the training
# you have just done.

# %% name="cost" role="figure" lang="fr"
mean_losses, token_counts = losses_by_batch(writer)
n_characters = sum(len(words.decode(row, skip_special_tokens=True)) for row in validation_rows(writer))
n_parameters = writer.model.n_parameters()
estimate = or_rescue(count_parameters)(description.layers, description.width, words.vocab_size)
operations = or_rescue(training_flops)(n_parameters, steps * writer.batches[0]["token_ids"].numel())
print("perplexité :", number(or_rescue(perplexity)(mean_losses, token_counts), 2))
print(
    "bits par caractère :", number(or_rescue(bits_per_character)(mean_losses, token_counts, n_characters), 3)
)
print("paramètres :", n_parameters, "; par la formule :", estimate)
print("opérations :", f"{operations:.1e}")

# %% name="cost" role="figure" lang="en"
mean_losses, token_counts = losses_by_batch(writer)
n_characters = sum(len(words.decode(row, skip_special_tokens=True)) for row in validation_rows(writer))
n_parameters = writer.model.n_parameters()
estimate = or_rescue(count_parameters)(description.layers, description.width, words.vocab_size)
operations = or_rescue(training_flops)(n_parameters, steps * writer.batches[0]["token_ids"].numel())
print("perplexity:", round(or_rescue(perplexity)(mean_losses, token_counts), 2))
print("bits per character:", round(or_rescue(bits_per_character)(mean_losses, token_counts, n_characters), 3))
print("parameters:", n_parameters, "; by the formula:", estimate)
print("operations:", f"{operations:.1e}")

# %% [markdown] name="decoding_idea" lang="fr"
# ## 11. Écrire
#
# Un modèle causal ne donne que des probabilités ; encore faut-il choisir. Prendre toujours le mot le plus probable donne des phrases
# correctes et toutes pareilles ; tirer au hasard donne de la variété, et des accidents. La **température** aplatit ou creuse la
# distribution ; **top-k** et **top-p** (le noyau) coupent la queue des mots improbables, là où le modèle se trompe le plus. La recherche en **faisceau** garde
# plusieurs débuts à la fois et rend la suite la plus probable en tout, ce que le plus probable mot à mot ne trouve pas toujours.
#
# $$P_\tau(w) = \mathrm{softmax}(z / \tau)_w$$
#
# À la main : des logits 2, 1 et 0 donnent 0,67, 0,24 et 0,09 à $\tau = 1$ ; à $\tau = 0{,}5$, 0,87, 0,12 et 0,02 ; à $\tau = 2$, 0,51, 0,31 et 0,19. Top-p à 0,9, sans température, garde les
# deux premiers ($0{,}67 + 0{,}24 = 0{,}91$), et leur rend 0,73 et 0,27.

# %% [markdown] name="decoding_idea" lang="en"
# ## 11. Writing
#
# A causal model only gives probabilities; one must still choose. Always taking the most probable word gives correct sentences, all
# alike; drawing at random gives variety, and accidents. **Temperature** flattens or sharpens the distribution; **top-k** and
# **top-p** (the nucleus) cut the tail of improbable words, where the model errs most. **Beam search** keeps several beginnings at a time and
# gives the sequence that is the most probable as a whole, which the most probable word each time does not always find.
#
# $$P_\tau(w) = \mathrm{softmax}(z / \tau)_w$$
#
# By hand: logits 2, 1 and 0 give 0.67, 0.24 and 0.09 at $\tau = 1$; at $\tau = 0.5$, 0.87, 0.12 and 0.02; at $\tau = 2$, 0.51, 0.31 and 0.19. Top-p at 0.9, without
# temperature, keeps the first two ($0.67 + 0.24 = 0.91$), and makes 0.73 and 0.27 of them.

# %% name="exercise_sample" exercise="sample_next_token"

# %% name="exercise_generate" exercise="generate"

# %% name="exercise_beam_search" exercise="beam_search"

# %% [markdown] name="writing" lang="fr"
# **À observer.** Votre modèle écrit, de quatre façons ; et, au-dessous, les probabilités qu'il donne au mot qui suit le début de phrase, à trois températures. Que sait-il déjà : l'ordre des mots, les accords, de quoi parle la phrase ? Où voyez-vous
# la variété augmenter, et où commencent les fautes ?

# %% [markdown] name="writing" lang="en"
# **What to observe.** Your model writes, in four ways; and, below, the probabilities that it gives to the word after the beginning, at three temperatures. What does it know already: word order, agreement, what the sentence is about? Where do you see
# variety grow, and where do the mistakes begin?

# %% name="samples" role="figure" lang="fr"
beginning = torch.full((3, 1), words.cls_id, device=next(writer.model.parameters()).device)
ways = {
    "le plus probable": {"temperature": 0.0},
    "température 0,7": {"temperature": 0.7},
    "top-p 0,9": {"top_p": 0.9},
    "température 2": {"temperature": 2.0},
}
write, draw = or_rescue(generate), or_rescue(sample_next_token)
for name, options in ways.items():
    print(f"\n{name}")
    for row in write(writer.model, beginning, 24, eos_id=words.sep_id, sample=draw, **options).tolist():
        print("  ", words.decode(row, skip_special_tokens=True))

# %% name="samples" role="figure" lang="en"
beginning = torch.full((3, 1), words.cls_id, device=next(writer.model.parameters()).device)
ways = {
    "the most probable": {"temperature": 0.0},
    "temperature 0.7": {"temperature": 0.7},
    "top-p 0.9": {"top_p": 0.9},
    "temperature 2": {"temperature": 2.0},
}
write, draw = or_rescue(generate), or_rescue(sample_next_token)
for name, options in ways.items():
    print(f"\n{name}")
    for row in write(writer.model, beginning, 24, eos_id=words.sep_id, sample=draw, **options).tolist():
        print("  ", words.decode(row, skip_special_tokens=True))

# %% name="temperatures_picture" role="figure" lang="fr"
with torch.no_grad():
    next_logits = writer.model(beginning[:1])[0, -1].float().cpu()
likely = next_logits.topk(8).indices.tolist()
curves = {
    f"τ = {number(each, 1)}": (next_logits / each).softmax(dim=-1)[likely].tolist()
    for each in (0.5, 1.0, 2.0)
}
plot_lines(curves, range(1, 9), "rang du mot", "probabilité")

# %% name="temperatures_picture" role="figure" lang="en"
with torch.no_grad():
    next_logits = writer.model(beginning[:1])[0, -1].float().cpu()
likely = next_logits.topk(8).indices.tolist()
curves = {
    f"τ = {number(each, 1)}": (next_logits / each).softmax(dim=-1)[likely].tolist()
    for each in (0.5, 1.0, 2.0)
}
plot_lines(curves, range(1, 9), "rank of the word", "probability")

# %% [markdown] name="masked_idea" lang="fr"
# ## 12. Pré-entraîner votre modèle masqué
#
# Le même plan, avec vos blocs d'encodeur : tout le monde voit tout le monde, sauf le remplissage. La tâche est plus difficile à
# apprendre (à 15 %, six jetons sur sept ne disent rien au gradient), et son plancher est plus bas : on devine mieux un mot quand on en lit
# la suite. Pour aider le modèle à démarrer, `early_masking=0.4` masque quatre jetons sur dix, plus difficiles à deviner, pendant les
# premiers 70 % des étapes : passé le début, la courbe d'entraînement y reste donc au-dessus de celle de validation, qui en masque toujours 15 %. En taille
# réduite, sur un CPU, ce modèle s'arrête loin de son plancher : le budget, et non vos pièces, en est la cause.

# %% [markdown] name="masked_idea" lang="en"
# ## 12. Pretraining your masked model
#
# The same plan with your encoder blocks: everyone sees everyone, but for the padding. The task is harder to learn (at 15 %, six tokens in seven
# tell the gradient nothing), and its floor is lower: a word is easier to guess when what follows it can be read. To help the model start,
# `early_masking=0.4` masks four tokens in ten, which are harder to guess, for the first 70 % of the steps: there, after the start, the training curve stays above
# that of validation, which always masks 15 %. At the reduced size, on a CPU, this model stops far from its floor: the budget is the
# cause, not your parts.

# %% name="train_masked" role="training" lang="fr"
description = RunConfig(
    corpus="microcosm:fr",
    objective="masked",
    batch=batch,
    steps=3 * steps,
    learning_rate=4e-3,
    early_masking=0.4,
)
filler = prepare(description, parts, mask=or_rescue(mask_tokens), loss=or_rescue(masked_lm_loss))
filled_run = train(filler, "masked-fr", runs, title="modèle masqué", **learning)

# %% name="train_masked" role="training" lang="en"
description = RunConfig(
    corpus="microcosm:en",
    objective="masked",
    batch=batch,
    steps=3 * steps,
    learning_rate=4e-3,
    early_masking=0.4,
)
filler = prepare(description, parts, mask=or_rescue(mask_tokens), loss=or_rescue(masked_lm_loss))
filled_run = train(filler, "masked-en", runs, title="masked model", **learning)

# %% [markdown] name="blanks_reading" lang="fr"
# **Vos trous, remplis.** Dans une phrase que le modèle n'a jamais lue, un mot est caché. Voici ce qu'il propose, et ce qui y était.
# Changez `hidden_place` et la graine `seed` ; cherchez un mot que la grammaire impose, puis un mot que seul le sens choisit.

# %% [markdown] name="blanks_reading" lang="en"
# **Your blanks, filled.** In a sentence that the model has never read, one word is hidden. Here is what it offers, and what stood
# there. Change `hidden_place` and the seed `seed`; look for a word that grammar imposes, then for one that only meaning chooses.

# %% name="blanks" role="figure"
seed, hidden_place = 7, 7
sentence = filler.corpus.world.documents(1, seed=seed)[0][0]
ids = torch.tensor([[words.cls_id, *sentence, words.sep_id]], device=next(filler.model.parameters()).device)
blanked = ids.clone()
blanked[0, hidden_place] = words.mask_id
with torch.no_grad():
    ranking = F.softmax(filler.model(blanked), dim=-1)[0, hidden_place].sort(descending=True)
offered = map(words.id_to_token, ranking.indices.tolist()[:5])
plot_answers(
    list(zip(offered, ranking.values.tolist(), strict=False)), title=words.decode(blanked[0].tolist())
)
print(words.id_to_token(ids[0, hidden_place].item()))

# %% [markdown] name="attention_reading" lang="fr"
# **Ce que regarde votre modèle.** Voici les cartes d'attention du modèle masqué sur la même phrase : toutes, en petit, une ligne par
# couche et une colonne par tête ; puis celles de la dernière couche, en grand. Chaque **ligne** est une requête : le jeton qui regarde ; chaque **colonne**, une clé : le jeton regardé.
# Une case claire est un grand poids, et la somme de chaque ligne vaut 1. Cherchez une tête qui regarde le jeton voisin, une
# autre qui relie un verbe ou un adjectif à son sujet, une colonne que presque tous regardent (souvent `[CLS]`, `[SEP]` ou le
# point). Une carte dit où une tête lit, et non ce que le modèle en fait : ce n'est pas encore une explication.

# %% [markdown] name="attention_reading" lang="en"
# **What your model looks at.** Here are the attention maps of the masked model on the same sentence: all of them, small, a row for each
# layer and a column for each head; then those of the last layer, large. Each **row** is a query: the token that looks; each **column** is a key: the token looked at. A bright square is a
# large weight, and each row sums to 1. Look for a head that looks at the next token, another that ties a verb or an adjective to
# its subject, a column at which nearly all look (often `[CLS]`, `[SEP]` or the full stop). A map tells where a head reads, not
# what the model makes of it: it is no explanation yet.

# %% name="attention_picture" role="figure"
maps = [weights[0] for weights in attention_maps(filler.model, ids)]
tokens = [words.id_to_token(i) for i in ids[0].tolist()]
if maps:
    plot_layers(maps, tokens)
    plot_attention(maps[-1], tokens)

# %% [markdown] name="corpus_idea" lang="fr"
# ## 13. Un vrai corpus
#
# Microcosm a un plancher, une langue réelle n'en a pas de connu : on se compare à d'autres modèles, et l'on relit ce qui s'écrit. Avec un
# GPU et du réseau, la cellule ci-dessous entraîne **vos pièces** sur un corpus du *hub* de Hugging Face, découpé en jetons par BPE : environ
# dix minutes sur un T4. Le modèle y est plus grand (six couches, largeur 384), et il lit des fenêtres de 256 jetons qui ne s'arrêtent pas aux
# phrases. Sans GPU ou sans réseau, la même cellule prend le grand Microcosm, de plusieurs milliers de mots, en taille réduite. La perte en
# nats par jeton dépend du découpage : pour comparer deux corpus ou deux vocabulaires, convertissez-la en bits par caractère.

# %% [markdown] name="corpus_idea" lang="en"
# ## 13. A real corpus
#
# Microcosm has a floor; a real language has none that is known: one compares with other models, and reads what is written. With a GPU and a
# network, the cell below trains **your parts** on a corpus of the Hugging Face *hub*, cut into tokens by BPE: about ten minutes on a
# T4. The model is larger there (six layers, a width of 384), and reads windows of 256 tokens that do not end with sentences. Without a GPU or
# without a network, the same cell takes the large Microcosm, of several thousand words, at a reduced size. A loss in nats per token
# depends on the cutting: to compare two corpora or two vocabularies, convert it to bits per character.

# %% name="train_real" role="training" lang="fr"
# Un autre choix : "hub:LeMoussel/wikisource_fr", des livres en français, avec rows=2_000.
large = {
    "corpus": "hub:wikimedia/wikipedia:20231101.fr",
    "rows": 4_000,
    "tokenizer": "bpe",
    "vocab_size": 8192,
}
large |= {"layers": 6, "heads": 6, "width": 384, "context": 256, "batch": 64, "learning_rate": 1e-3}
small = {"corpus": "microcosm:fr:full", "batch": 32, "learning_rate": 4e-3}
steps = 2000 if device.type == "cuda" else 800
chosen = large if corpus_within_reach(large["corpus"], device) else small
description = RunConfig(objective="causal", steps=steps, **chosen)
reader = prepare(description, parts, loss=or_rescue(causal_lm_loss))
real_run = train(reader, "real-fr", runs, title="modèle du vrai corpus", **learning)

# %% name="train_real" role="training" lang="en"
# Another choice: "hub:Salesforce/wikitext:wikitext-103-raw-v1", an encyclopaedia, with rows=400_000.
large = {"corpus": "hub:roneneldan/TinyStories", "rows": 60_000, "tokenizer": "bpe", "vocab_size": 8192}
large |= {"layers": 6, "heads": 6, "width": 384, "context": 256, "batch": 64, "learning_rate": 1e-3}
small = {"corpus": "microcosm:en:full", "batch": 32, "learning_rate": 4e-3}
steps = 2000 if device.type == "cuda" else 800
chosen = large if corpus_within_reach(large["corpus"], device) else small
description = RunConfig(objective="causal", steps=steps, **chosen)
reader = prepare(description, parts, loss=or_rescue(causal_lm_loss))
real_run = train(reader, "real-en", runs, title="model of the real corpus", **learning)

# %% [markdown] name="corpus_reading" lang="fr"
# **À observer.** Le même début, tiré du texte de validation, continué de trois façons ; et la perte en bits par caractère, à
# comparer à celle de votre petit modèle. Que sait ce modèle que l'autre n'avait pas à savoir ? Où perd-il le fil ?

# %% [markdown] name="corpus_reading" lang="en"
# **What to observe.** The same beginning, taken from the validation text, continued in three ways; and the loss in bits per character, to
# compare with that of your small model. What does this model know that the other did not need? Where does it lose the thread?

# %% name="real_samples" role="figure" lang="fr"
losses, counts = losses_by_batch(reader)
length = sum(len(reader.tokenizer.decode(row, skip_special_tokens=True)) for row in validation_rows(reader))
print("bits par caractère :", number(or_rescue(bits_per_character)(losses, counts, length), 3))
opening = torch.tensor([validation_rows(reader)[0][:8]], device=next(reader.model.parameters()).device)
for name in ("le plus probable", "température 0,7", "top-p 0,9"):
    row = write(reader.model, opening, 40, eos_id=reader.tokenizer.sep_id, sample=draw, **ways[name])
    print(f"\n{name}\n  ", reader.tokenizer.decode(row[0].tolist(), skip_special_tokens=True))

# %% name="real_samples" role="figure" lang="en"
losses, counts = losses_by_batch(reader)
length = sum(len(reader.tokenizer.decode(row, skip_special_tokens=True)) for row in validation_rows(reader))
print("bits per character:", round(or_rescue(bits_per_character)(losses, counts, length), 3))
opening = torch.tensor([validation_rows(reader)[0][:8]], device=next(reader.model.parameters()).device)
for name in ("the most probable", "temperature 0.7", "top-p 0.9"):
    row = write(reader.model, opening, 40, eos_id=reader.tokenizer.sep_id, sample=draw, **ways[name])
    print(f"\n{name}\n  ", reader.tokenizer.decode(row[0].tolist(), skip_special_tokens=True))

# %% [markdown] name="report_idea" lang="fr"
# ## 14. Rapport
#
# Répondez dans les cellules, en phrases, avec vos propres courbes, cartes et phrases pour preuves. Chaque réponse est notée sur 6 :
# l'explication est juste (3), elle s'appuie sur ce que vous avez observé (2), elle est claire et tient dans la longueur (1). Chacun de ces
# critères a quatre niveaux : complet, presque complet, ébauché, absent.
#
# **Assistants.** Un assistant peut vous expliquer une notion, un article ou un message d'erreur, vous aider à tracer une figure, et vous signaler
# les fautes de langue d'une réponse que vous avez écrite. Il n'écrit pas vos réponses, n'en fait pas le plan, ne les reformule pas, ne les traduit
# pas, et n'interprète pas vos résultats : c'est ce qui est noté. À la fin de votre dernière réponse, dites en une ou deux lignes lequel vous avez
# employé et pour quoi, ou que vous n'en avez pas employé ; ces lignes ne comptent pas dans la longueur. Un usage permis et déclaré ne coûte
# aucun point.

# %% [markdown] name="report_idea" lang="en"
# ## 14. Report
#
# Answer in the cells, in sentences, with your own curves, maps and samples as evidence. Each answer is marked out of 6: the
# explanation is right (3), it rests on what you have observed (2), it is clear and keeps to the length (1). Each of these criteria
# has four levels: complete, nearly complete, begun, missing.
#
# **Assistants.** An assistant may explain a notion, a paper or an error message to you, help you to draw a figure, and point out mistakes of language
# in an answer that you have written. It does not write your answers, outline, rephrase or translate them, and it does not interpret your
# results: that is what is marked. At the end of your last answer, tell in one or two lines which one you used and for what, or that you used none;
# these lines do not count in the length. A use that is allowed and declared costs no points.

# %% [markdown] name="question_recurrence" lang="fr"
# **Question 1.** Comparez l'attention et un réseau récurrent : longueur du chemin entre deux mots éloignés, calcul en parallèle
# pendant l'entraînement, coût quand la suite s'allonge. Qu'est-ce que l'attention perd, et que votre modèle retrouve autrement ?
# (8 à 12 lignes)

# %% [markdown] name="question_recurrence" lang="en"
# **Question 1.** Compare attention with a recurrent network: length of the path between two distant words, parallel computation in
# training, cost when the sequence grows. What does attention lose, which your model gets back in another way? (8 to 12 lines)

# %% [markdown] name="answer_recurrence" manual="question_recurrence" points=6 lang="fr"
# Chemin : une étape entre deux positions quelconques, contre autant d'étapes que de mots d'écart dans un réseau récurrent, où
# l'information et le gradient s'usent en route. Calcul : toutes les positions d'une couche en même temps, alors qu'un état récurrent
# attend le précédent. Coût : T² scores par tête et par couche (mémoire comprise), contre T pas de coût fixe : l'attention est chère
# pour les très longues suites. Elle perd l'ordre : sans positions, elle ne voit qu'un ensemble ; les vecteurs de position le
# rendent.
# Barème : `grading/rubric.fr.md`.

# %% [markdown] name="answer_recurrence" manual="question_recurrence" points=6 lang="en"
# Path: one step between any two positions, against as many steps as words between them in a recurrent network, where information and
# gradient wear out on the way. Computation: all positions of a layer at once, while a recurrent state waits for the one before. Cost: T²
# scores a head and a layer (memory too), against T steps of fixed cost: attention is dear for very long sequences. It loses order:
# without positions it sees a set; position vectors give it back.
# Rubric: `grading/rubric.en.md`.

# %% [markdown] name="question_causal" lang="fr"
# **Question 2.** Comment le masque causal garantit-il que le modèle ne triche pas pendant l'entraînement ? Dites ce que
# deviendrait votre courbe sans lui, et pourquoi le plancher permettrait de s'en apercevoir. (8 à 12 lignes)

# %% [markdown] name="question_causal" lang="en"
# **Question 2.** How does the causal mask guarantee that the model does not cheat in training? Say what would become of
# your curve without it, and why the floor would let you notice. (8 to 12 lines)

# %% [markdown] name="answer_causal" manual="question_causal" points=6 lang="fr"
# À la position t, le score de toute clé s > t vaut −∞, donc son poids est nul : la sortie, et par elle la prédiction de x_{t+1}, ne
# dépend que de x_1 … x_t. Toutes les positions s'entraînent pourtant en une passe. Sans masque, la position t lit x_{t+1} par
# l'attention : la perte passe sous le plancher de la langue, vers 0, ce qui trahit la fuite, et la génération échoue, car la
# suite n'existe pas encore.
# Barème : `grading/rubric.fr.md`.

# %% [markdown] name="answer_causal" manual="question_causal" points=6 lang="en"
# At position t the score of every key s > t is −∞, so its weight is zero: the output, and through it the prediction of x_{t+1},
# depends on x_1 … x_t alone. Yet all positions are trained in one pass. Without the mask, position t reads x_{t+1} through attention:
# the loss falls below the floor of the language, towards 0, which betrays the leak, and generation fails since the future does not
# exist yet.
# Rubric: `grading/rubric.en.md`.

# %% [markdown] name="question_directions" lang="fr"
# **Question 3.** Modèle causal, modèle masqué : que voit chacun, combien de jetons de chaque phrase servent à l'apprentissage, et à
# quelles tâches convient-il ? Comparez leurs deux planchers et la distance de vos deux modèles au leur. (8 à 12 lignes)

# %% [markdown] name="question_directions" lang="en"
# **Question 3.** Causal model, masked model: what does each see, how many tokens of each sentence serve in learning, and which tasks
# does it suit? Compare their two floors, and the distance of your two models from theirs. (8 to 12 lines)

# %% [markdown] name="answer_directions" manual="question_directions" points=6 lang="fr"
# Le causal voit le passé et apprend de chaque jeton : il écrit. Le masqué voit les deux côtés et n'apprend que des 15 % sélectionnés :
# il donne de bons vecteurs de mots en contexte (classer, étiqueter, chercher) et remplit des trous, mais n'écrit pas
# naturellement. Le plancher masqué est plus bas, parce que la suite renseigne aussi ; le modèle masqué en reste plus loin, parce qu'il a
# moins de cibles et doit combiner deux contextes.
# Barème : `grading/rubric.fr.md`.

# %% [markdown] name="answer_directions" manual="question_directions" points=6 lang="en"
# The causal model sees the past and learns from every token: it writes. The masked one sees both sides and learns from the selected
# 15 % alone: it gives good vectors of words in context (to classify, tag, search) and fills in blanks, but does not naturally write. The
# masked floor is lower because what follows informs too; the masked model stays further from it because it has fewer targets and
# must combine two contexts.
# Rubric: `grading/rubric.en.md`.

# %% [markdown] name="question_curve" lang="fr"
# **Question 4.** Lisez la courbe de votre modèle causal : quelle perte attendez-vous avant tout apprentissage, que montre l'écart
# entre entraînement et validation, et que reste-t-il jusqu'au plancher ? Que feriez-vous d'un budget d'opérations dix fois plus grand ?
# (8 à 12 lignes)

# %% [markdown] name="question_curve" lang="en"
# **Question 4.** Read the curve of your causal model: which loss do you expect before any learning, what does the gap between training
# and validation show, and what is left down to the floor? What would you do with ten times the operations? (8 to 12 lines)

# %% [markdown] name="answer_curve" manual="question_curve" points=6 lang="fr"
# Avant d'apprendre, la perte est proche de ln V, un peu au-dessus (ln V + ½ Var des logits, ici environ ½ de plus). Les phrases de
# Microcosm étant neuves à chaque étape, entraînement et validation se suivent : il n'y a pas de surapprentissage. Ce qui reste jusqu'au
# plancher est ce que le modèle n'a pas encore appris (accords lointains, sujet de la phrase), non du bruit. Dix fois plus
# d'opérations (6 N D) : surtout plus d'étapes ici, où le modèle est assez large ; sur un vrai corpus, partager entre paramètres et
# jetons.
# Barème : `grading/rubric.fr.md`.

# %% [markdown] name="answer_curve" manual="question_curve" points=6 lang="en"
# Before learning the loss is near ln V, a little above (ln V + ½ Var of the logits, here about ½ more). As the sentences of Microcosm
# are new at each step, training and validation go together: there is no overfitting. What is left down to the floor is what the
# model has not learned yet (distant agreement, the sentence's topic), not noise. Ten times the operations (6 N D): mostly more steps
# here, where the model is wide enough; on a real corpus, shared between parameters and tokens.
# Rubric: `grading/rubric.en.md`.

# %% [markdown] name="question_writing" lang="fr"
# **Question 5.** Comparez les quatre façons d'écrire, avec des exemples de votre modèle. Choisissez ensuite une tête de vos cartes
# d'attention : que semble-t-elle lire, et quelle expérience faudrait-il pour dire qu'elle **sert** à cela ? (8 à 12 lignes)

# %% [markdown] name="question_writing" lang="en"
# **Question 5.** Compare the four ways of writing, with examples from your model. Then choose one head of your attention maps: what does
# it seem to read, and which experiment would it take to say that it **serves** for that? (8 to 12 lines)

# %% [markdown] name="answer_writing" manual="question_writing" points=6 lang="fr"
# Le plus probable : correct et répété (les trois lignes sont les mêmes). Température 0,7 et top-p 0,9 : variété sans beaucoup de
# fautes ; la première creuse toute la distribution, la seconde en coupe la queue. Température 2 : accords et sens se perdent. Une
# carte montre où une tête lit ; pour dire qu'elle sert, il faut intervenir : supprimer la tête ou ses poids sur ce jeton, et
# mesurer la perte sur des phrases où l'accord en dépend, contre d'autres têtes et d'autres phrases pour témoins.
# Barème : `grading/rubric.fr.md`.

# %% [markdown] name="answer_writing" manual="question_writing" points=6 lang="en"
# The most probable: correct and repeated (the three lines are the same). Temperature 0.7 and top-p 0.9: variety without many mistakes;
# the first sharpens the whole distribution, the second cuts its tail. Temperature 2: agreement and meaning are lost. A map shows where
# a head reads; to say that it serves one must intervene: remove the head, or its weights on that token, and measure the loss on
# sentences where agreement depends on it, against other heads and other sentences as controls.
# Rubric: `grading/rubric.en.md`.

# %% [markdown] name="handing_in" lang="fr"
# ## 15. Rendre
#
# Enregistrez le carnet (Ctrl+S, Cmd+S sur un Mac), puis exécutez la cellule ci-dessous. Elle repasse tous les contrôles, dit quelles
# questions restent sans réponse, et écrit **le fichier à rendre** : votre carnet, sans ce que Colab y note de vous (votre nom, votre
# photo), avec un reçu. Si vous changez quoi que ce soit ensuite, exécutez-la de nouveau. Jupyter peut vous demander où est le carnet.

# %% [markdown] name="handing_in" lang="en"
# ## 15. Handing in
#
# Save the notebook (Ctrl+S, on a Mac Cmd+S), then run the cell below. It goes through all checks once more, tells which questions have no
# answer yet, and writes **the file to hand in**: your notebook without what Colab notes of you in it (your name, your picture), with a
# receipt. If you change anything afterwards, run it again. Jupyter may ask you where the notebook is.

# %% name="submit" role="figure" lang="fr"
soumettre()

# %% name="submit" role="figure" lang="en"
submit()
