"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from attentif.embeddings import check_length
from attentif.errors import InputError
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("absent_segments_are_left_out", "tokens_normalised_alone", "full_table_refused")


@misconception(
    "position_without_gradient",
    en="no gradient reaches the position table: it is read through detach, .data or no_grad, so positions never "
    "learn; read it as you read the two other tables",
    fr="aucun gradient n'atteint la table des positions : elle est lue à travers detach, .data ou no_grad, et les "
    "positions n'apprennent jamais ; lisez-la comme les deux autres tables",
)
def position_without_gradient(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position.weight.data[: token_ids.size(1)]
    return self.dropout(self.norm(x))


@again(position_without_gradient)
def position_without_gradient_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    segments = token_ids * 0 if segment_ids is None else segment_ids
    with torch.no_grad():
        places = self.position(torch.arange(length, device=token_ids.device)).unsqueeze(0)
    summed = F.embedding(token_ids, self.token.weight) + F.embedding(segments, self.segment.weight) + places
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "positions_from_one",
    en="your positions are counted from 1: the first token stands at position 0, the last at T − 1",
    fr="vos positions sont comptées à partir de 1 : le premier jeton est à la position 0, le dernier à T − 1",
)
def positions_from_one(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(1, token_ids.size(1) + 1, device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return self.dropout(self.norm(x))


@again(positions_from_one)
def positions_from_one_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    segments = token_ids * 0 if segment_ids is None else segment_ids
    places = torch.ones_like(token_ids).cumsum(dim=1)
    summed = F.embedding(places, self.position.weight) + self.token(token_ids) + self.segment(segments)
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "positions_from_the_end",
    en="your positions are counted from the end of the sequence: the first token stands at position 0",
    fr="vos positions sont comptées depuis la fin de la séquence : c'est le premier jeton qui est à la position 0",
)
def positions_from_the_end(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1) - 1, -1, -1, device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return self.dropout(self.norm(x))


@again(positions_from_the_end)
def positions_from_the_end_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    segments = token_ids * 0 if segment_ids is None else segment_ids
    places = self.position.weight[:length].flip(0)
    summed = torch.stack(
        [self.token(token_ids), self.segment(segments), places.expand(len(token_ids), -1, -1)]
    )
    return F.dropout(self.norm(summed.sum(0)), self.dropout.p, self.training)


@misconception(
    "position_missing",
    en="no position is added: without it, the model cannot tell one order of the words from another",
    fr="aucune position n'est ajoutée : sans elle, le modèle ne distingue pas un ordre des mots d'un autre",
)
def position_missing(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    return self.dropout(self.norm(self.token(token_ids) + self.segment(segment_ids)))


@again(position_missing)
def position_missing_2(self, token_ids, segment_ids=None):
    if token_ids.shape[1] > self.max_length:
        raise ValueError("the sequence is too long")
    summed = self.token.weight[token_ids]
    summed = summed + self.segment.weight[0 if segment_ids is None else segment_ids]
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "segment_ignored",
    en="segment_ids has no effect: the segment's vector is never added",
    fr="segment_ids est sans effet : le vecteur du segment n'est jamais ajouté",
)
def segment_ignored(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    return self.dropout(self.norm(self.token(token_ids) + self.position(positions)))


@again(segment_ignored)
def segment_ignored_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.token.weight[token_ids] + self.position.weight[None, :length]
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "segments_always_zero",
    en="you always add segment 0, even where segment_ids says 1: the zeros replace it only when it is absent",
    fr="vous ajoutez toujours le segment 0, même là où segment_ids vaut 1 : les zéros ne le remplacent que "
    "s'il est absent",
)
def segments_always_zero(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return self.dropout(self.norm(x))


@again(segments_always_zero)
def segments_always_zero_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.token.weight[token_ids] + (self.position.weight[:length] + self.segment.weight[0])
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "absent_segments_are_one",
    en="without segment_ids you take segment 1 (sentence B): a text alone is sentence A, segment 0",
    fr="sans segment_ids, vous prenez le segment 1 (phrase B) : un texte seul est la phrase A, le segment 0",
)
def absent_segments_are_one(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.ones_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return self.dropout(self.norm(x))


@again(absent_segments_are_one)
def absent_segments_are_one_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    segments = (
        self.segment.weight[1] if segment_ids is None else F.embedding(segment_ids, self.segment.weight)
    )
    summed = segments + self.position.weight[:length] + self.token.weight[token_ids]
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "absent_segments_are_left_out",
    en="without segment_ids you add no segment at all: an absent segment is segment 0, whose vector is added too",
    fr="sans segment_ids, vous n'ajoutez aucun segment : un segment absent est le segment 0, dont on ajoute aussi "
    "le vecteur",
)
def absent_segments_are_left_out(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.position(positions)
    if segment_ids is not None:
        x = x + self.segment(segment_ids)
    return self.dropout(self.norm(x))


@again(absent_segments_are_left_out)
def absent_segments_are_left_out_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    segments = 0.0 if segment_ids is None else self.segment.weight[segment_ids]
    summed = self.token.weight[token_ids] + self.position.weight[:length] + segments
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "segment_of_the_token_id",
    en="you look the token ids up in the segment table: it is asked for segment_ids",
    fr="vous cherchez les identifiants des jetons dans la table des segments : on y lit segment_ids",
)
def segment_of_the_token_id(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.segment(token_ids) + self.position(positions)
    return self.dropout(self.norm(x))


@again(segment_of_the_token_id)
def segment_of_the_token_id_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.position.weight[:length].expand(len(token_ids), -1, -1)
    for table in (self.token, self.segment):
        summed = summed + F.embedding(token_ids, table.weight)
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "segment_from_the_token_table",
    en="you look segment_ids up in the token table: segments have a table of their own, self.segment",
    fr="vous cherchez segment_ids dans la table des jetons : les segments ont leur propre table, self.segment",
)
def segment_from_the_token_table(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.token(segment_ids) + self.position(positions)
    return self.dropout(self.norm(x))


@again(segment_from_the_token_table)
def segment_from_the_token_table_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    segments = token_ids * 0 if segment_ids is None else segment_ids
    both = self.token.weight[torch.stack([token_ids, segments])].sum(0)
    return F.dropout(self.norm(both + self.position.weight[:length]), self.dropout.p, self.training)


@misconception(
    "tokens_scaled",
    en="you multiply the tokens' vectors by √d_model, as the original Transformer does: BERT does not, it "
    "normalises the sum",
    fr="vous multipliez les vecteurs des jetons par √d_model, comme le Transformer d'origine : BERT ne le fait pas, "
    "il normalise la somme",
)
def tokens_scaled(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    tokens = self.token(token_ids) * math.sqrt(self.token.embedding_dim)
    return self.dropout(self.norm(tokens + self.segment(segment_ids) + self.position(positions)))


@again(tokens_scaled)
def tokens_scaled_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    segments = self.segment.weight[0 if segment_ids is None else segment_ids]
    root = self.token.weight.shape[1] ** 0.5
    summed = segments + self.position.weight[:length] + root * F.embedding(token_ids, self.token.weight)
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "no_norm",
    en="the normalisation is missing: the sum of the three vectors goes through self.norm",
    fr="la normalisation manque : la somme des trois vecteurs passe par self.norm",
)
def no_norm(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    return self.dropout(self.token(token_ids) + self.segment(segment_ids) + self.position(positions))


@again(no_norm)
def no_norm_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.segment.weight[0 if segment_ids is None else segment_ids] + self.position.weight[:length]
    return F.dropout(summed + self.token.weight[token_ids], self.dropout.p, self.training)


@misconception(
    "tokens_normalised_alone",
    en="you normalise the tokens' vectors before the segment and the position are added: first the whole sum, then "
    "self.norm",
    fr="vous normalisez les vecteurs des jetons avant d'ajouter le segment et la position : d'abord toute la somme, "
    "puis self.norm",
)
def tokens_normalised_alone(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.norm(self.token(token_ids)) + self.segment(segment_ids) + self.position(positions)
    return self.dropout(x)


@again(tokens_normalised_alone)
def tokens_normalised_alone_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    around = self.segment.weight[0 if segment_ids is None else segment_ids] + self.position.weight[:length]
    normalised = self.norm(F.embedding(token_ids, self.token.weight))
    return F.dropout(around + normalised, self.dropout.p, self.training)


@misconception(
    "each_normalised",
    en="you normalise the three vectors one by one and add them: it is their sum that is normalised, once",
    fr="vous normalisez les trois vecteurs un à un avant de les additionner : c'est leur somme qui est normalisée, "
    "une seule fois",
)
def each_normalised(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.norm(self.token(token_ids))
    x = x + self.norm(self.segment(segment_ids)) + self.norm(self.position(positions))
    return self.dropout(x)


@again(each_normalised)
def each_normalised_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    segments = token_ids * 0 if segment_ids is None else segment_ids
    places = self.position.weight[:length].expand(len(token_ids), -1, -1)
    three = torch.stack([self.segment(segments), places, self.token(token_ids)], dim=2)
    return F.dropout(self.norm(three).sum(2), self.dropout.p, self.training)


@misconception(
    "norm_without_its_parameters",
    en="you centre and scale the sum, without the gain and the bias that self.norm has: call self.norm",
    fr="vous centrez et réduisez la somme, sans le gain ni le biais que possède self.norm : appelez self.norm",
)
def norm_without_its_parameters(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return self.dropout(F.layer_norm(x, x.shape[-1:]))


@again(norm_without_its_parameters)
def norm_without_its_parameters_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.segment.weight[0 if segment_ids is None else segment_ids] + self.position.weight[:length]
    summed = summed + self.token.weight[token_ids]
    centred = summed - summed.mean(-1, keepdim=True)
    spread = centred.pow(2).mean(-1, keepdim=True).add(1e-12).sqrt()
    return F.dropout(centred / spread, self.dropout.p, self.training)


@misconception(
    "dropout_before_norm",
    en="dropout comes before the normalisation in your code, so that nothing is 0 after it: normalise first, then "
    "drop",
    fr="dans votre code, l'abandon (dropout) vient avant la normalisation, si bien qu'après elle rien ne vaut 0 : "
    "normalisez d'abord, abandonnez ensuite",
)
def dropout_before_norm(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return self.norm(self.dropout(x))


@again(dropout_before_norm)
def dropout_before_norm_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.segment.weight[0 if segment_ids is None else segment_ids] + self.position.weight[:length]
    summed = summed + self.token.weight[token_ids]
    if self.training:
        kept = torch.rand_like(summed) >= self.dropout.p
        summed = summed * kept / (1 - self.dropout.p)
    return self.norm(summed)


@misconception(
    "dropout_always_on",
    en="your dropout is active in evaluation mode too: self.dropout knows the mode, F.dropout has to be told "
    "(training=self.training)",
    fr="votre abandon (dropout) agit aussi en mode évaluation : self.dropout connaît le mode, F.dropout doit "
    "l'apprendre (training=self.training)",
)
def dropout_always_on(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return F.dropout(self.norm(x), self.dropout.p)


@again(dropout_always_on)
def dropout_always_on_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.segment.weight[0 if segment_ids is None else segment_ids] + self.position.weight[:length]
    normalised = self.norm(summed + self.token.weight[token_ids])
    kept = torch.bernoulli(torch.full_like(normalised, 1 - self.dropout.p))
    return normalised * kept / (1 - self.dropout.p)


@misconception(
    "dropout_missing",
    en="nothing is ever dropped: the normalised vectors go through self.dropout",
    fr="rien n'est jamais abandonné : les vecteurs normalisés passent par self.dropout",
)
def dropout_missing(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    return self.norm(self.token(token_ids) + self.segment(segment_ids) + self.position(positions))


@again(dropout_missing)
def dropout_missing_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.segment.weight[0 if segment_ids is None else segment_ids] + self.position.weight[:length]
    return self.norm(F.embedding(token_ids, self.token.weight) + summed)


@misconception(
    "dropout_not_rescaled",
    en="the components that you keep are left as they are: dropout divides them by 1 − p, as self.dropout does",
    fr="les composantes gardées restent telles quelles : l'abandon (dropout) les divise par 1 − p, comme le fait "
    "self.dropout",
)
def dropout_not_rescaled(self, token_ids, segment_ids=None):
    check_length(token_ids, self.max_length)
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.norm(self.token(token_ids) + self.segment(segment_ids) + self.position(positions))
    if self.training:
        x = x.masked_fill(torch.rand_like(x) < self.dropout.p, 0.0)
    return x


@again(dropout_not_rescaled)
def dropout_not_rescaled_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if length > self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.segment.weight[0 if segment_ids is None else segment_ids] + self.position.weight[:length]
    normalised = self.norm(summed + self.token.weight[token_ids])
    return F.dropout(normalised, self.dropout.p, self.training) * (1 - self.dropout.p * self.training)


@misconception(
    "too_long_not_refused",
    en="a sequence longer than max_length ends in torch's own error, which on a GPU stops everything and explains "
    "nothing: test the length first, and raise an InputError",
    fr="une séquence plus longue que max_length finit sur une erreur de torch, qui sur un GPU arrête tout sans rien "
    "expliquer : testez d'abord la longueur, et levez une InputError",
)
def too_long_not_refused(self, token_ids, segment_ids=None):
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return self.dropout(self.norm(x))


@again(too_long_not_refused)
def too_long_not_refused_2(self, token_ids, segment_ids=None):
    summed = self.segment.weight[0 if segment_ids is None else segment_ids]
    summed = summed + self.position.weight[: token_ids.shape[1]] + self.token.weight[token_ids]
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "too_long_answered",
    en="a sequence longer than max_length gets an answer, cut or with positions used twice: refuse it, so that "
    "nobody loses text without knowing",
    fr="une séquence plus longue que max_length reçoit une réponse, coupée ou avec des positions répétées : "
    "refusez-la, pour que personne ne perde de texte sans le savoir",
)
def too_long_answered(self, token_ids, segment_ids=None):
    token_ids = token_ids[:, : self.max_length]
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    segment_ids = segment_ids[:, : self.max_length]
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return self.dropout(self.norm(x))


@again(too_long_answered)
def too_long_answered_2(self, token_ids, segment_ids=None):
    places = torch.arange(token_ids.shape[1], device=token_ids.device).clamp(max=self.max_length - 1)
    summed = self.position.weight[places] + self.token.weight[token_ids]
    summed = summed + self.segment.weight[0 if segment_ids is None else segment_ids]
    return F.dropout(self.norm(summed), self.dropout.p, self.training)


@misconception(
    "full_table_refused",
    en="a sequence of exactly max_length tokens is refused: it still fits, the first that is too long has one more",
    fr="une séquence d'exactement max_length jetons est refusée : elle tient encore, la première trop longue en a "
    "un de plus",
)
def full_table_refused(self, token_ids, segment_ids=None):
    if token_ids.size(1) >= self.max_length:
        raise InputError(
            expected=f"fewer than {self.max_length} tokens",
            got=str(token_ids.size(1)),
            remedy="shorten the text",
        )
    if segment_ids is None:
        segment_ids = torch.zeros_like(token_ids)
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    x = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)
    return self.dropout(self.norm(x))


@again(full_table_refused)
def full_table_refused_2(self, token_ids, segment_ids=None):
    length = token_ids.shape[1]
    if not length < self.max_length:
        raise ValueError(f"{length} tokens are too long")
    summed = self.segment.weight[0 if segment_ids is None else segment_ids] + self.position.weight[:length]
    return F.dropout(self.norm(summed + self.token.weight[token_ids]), self.dropout.p, self.training)
