"""What a notebook says of a rescue part that is simpler than what it replaces: what it does, and what its numbers are not.

Parts that give what the exercise asks for, by torch's own functions, have nothing to say.
"""

from __future__ import annotations

from attentif.language import Text, joined, text

_OTHER_NUMBERS = text(
    "; its numbers are not those described under What to observe",
    " ; ses nombres ne sont pas ceux que décrit « À observer »",
)

# By the name of the exercise that each replaces.
SIMPLER: dict[str, Text] = {
    "padding_mask": text(
        "everything is visible to it, so attention reads the padding too",
        "elle montre tout, et l'attention lit aussi le remplissage",
    ),
    "sinusoidal_encoding": text(
        "it gives random numbers, the same ones to a position whatever the length",
        "elle donne des nombres au hasard, les mêmes à une position quelle que soit la longueur",
    ),
    "MaskedLMHead": text(
        "it compares with the token embeddings, and does nothing before or after",
        "elle compare aux plongements des jetons, et ne fait rien avant ni après",
    ),
    "NextSentenceHead": text(
        "one linear layer on the mean over the positions",
        "une seule couche linéaire, sur la moyenne des positions",
    ),
    "mask_tokens": text(
        "it replaces the chosen tokens by [MASK], always",
        "elle remplace toujours les jetons choisis par [MASK]",
    ),
    "sentence_pairs": text(
        "the two kinds of pairs take turns, without chance",
        "les deux sortes de paires alternent, sans hasard",
    ),
    "warmup_cosine": text(
        "the rate is the mean of peak and floor, all the time",
        "le taux est la moyenne de peak et de floor, tout le temps",
    ),
    "parameter_groups": text("nothing decays in it", "rien n'y décroît"),
    "training_step": text(
        "all in float32; the pieces of a step count alike, and a long gradient slows the step down",
        "tout en float32 ; les morceaux d'une étape comptent autant, et un gradient long la ralentit",
    ),
    "perplexity": joined(
        text(
            "all batches count alike, whatever their number of tokens",
            "tous les lots comptent autant, quel que soit leur nombre de jetons",
        ),
        _OTHER_NUMBERS,
    ),
    "bits_per_character": joined(
        text(
            "all batches count alike, each for an equal share of the text",
            "tous les lots comptent autant, chacun pour une part égale du texte",
        ),
        _OTHER_NUMBERS,
    ),
    "count_parameters": joined(
        text("it counts the blocks alone", "elle ne compte que les blocs"), _OTHER_NUMBERS
    ),
    "training_flops": joined(
        text("it counts the forward pass alone", "elle ne compte que la passe avant"), _OTHER_NUMBERS
    ),
    "sample_next_token": text(
        "it draws at the given temperature, and takes the most probable token where top_k or top_p is asked for",
        "elle tire à la température donnée, et prend le jeton le plus probable là où top_k ou top_p est demandé",
    ),
    "generate": text(
        "it writes the most probable token each time, from the last one alone",
        "elle écrit chaque fois le jeton le plus probable, d'après le dernier seul",
    ),
    "beam_search": text(
        "it gives the best next tokens, one each, and goes no further",
        "elle donne les meilleurs jetons suivants, un chacun, et ne va pas plus loin",
    ),
    "log_probability_bias": joined(
        text(
            "a difference from which no prior is subtracted",
            "une différence dont aucun a priori n'est retiré",
        ),
        _OTHER_NUMBERS,
    ),
    "pseudo_log_likelihood": joined(
        text(
            "nothing is masked, and each token is read where it stands written",
            "rien n'est masqué, et chaque jeton est lu là où il est écrit",
        ),
        _OTHER_NUMBERS,
    ),
    "cluster_bootstrap": joined(
        text(
            "a normal interval from the means of the groups, without draws",
            "un intervalle normal d'après les moyennes des groupes, sans tirages",
        ),
        _OTHER_NUMBERS,
    ),
    "calibration": text(
        "torch's own line, correlation and error; the smallest bias detected, described under What to observe, is not calculated",
        "la droite, la corrélation et l'erreur de torch ; le plus petit biais détecté, que décrit « À observer », n'est pas calculé",
    ),
    "contextual_embeddings": text(
        "a word cut in pieces counts by its last one; for such words its numbers are not those described under What to observe",
        "un mot coupé en morceaux y compte par le dernier ; pour de tels mots, ses nombres ne sont pas ceux que décrit « À observer »",
    ),
}
