"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("over_positions", "unbiased_variance", "eps_outside_root", "input_changed")


@misconception(
    "unbiased_variance",
    en="your variance divides by D − 1, torch's default: divide by D (correction=0)",
    fr="votre variance divise par D − 1, comme torch si l'on ne précise rien : divisez par D (correction=0)",
    warning=text("your variance divides by D − 1", "votre variance divise par D − 1"),
)
def unbiased_variance(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True)
    return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@again(unbiased_variance)
def unbiased_variance_2(self, x):
    centred = x - x.sum(-1, keepdim=True) / x.size(-1)
    power = torch.einsum("...d,...d->...", centred, centred)[..., None]
    return torch.addcmul(self.bias, centred * (power / (x.size(-1) - 1) + self.eps).rsqrt(), self.weight)


@misconception(
    "eps_outside_root",
    en="you add ε to the standard deviation: add it to the variance, under the root",
    fr="vous ajoutez ε à l'écart type : ajoutez-le à la variance, sous la racine",
)
def eps_outside_root(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    deviation = x.std(dim=-1, keepdim=True, correction=0)
    return self.weight * (x - mean) / (deviation + self.eps) + self.bias


@again(eps_outside_root)
def eps_outside_root_2(self, x):
    centred = x - torch.mean(x, -1, True)
    root = centred.pow(2).mean(-1, True) ** 0.5
    return centred.div(root.add(self.eps)).mul(self.weight).add(self.bias)


@misconception(
    "unbiased_std_plus_eps",
    en="you divide by std + ε as the Annotated Transformer does: torch's std divides by D − 1, and ε belongs to the "
    "variance, under the root",
    fr="vous divisez par std + ε, comme l'Annotated Transformer : le std de torch divise par D − 1, et ε va avec la "
    "variance, sous la racine",
)
def unbiased_std_plus_eps(self, x):
    mean = x.mean(-1, keepdim=True)
    std = x.std(-1, keepdim=True)
    return self.weight * (x - mean) / (std + self.eps) + self.bias


@again(unbiased_std_plus_eps)
def unbiased_std_plus_eps_2(self, x):
    variance, mean = torch.var_mean(x, -1, keepdim=True)
    scale = self.weight / (torch.sqrt(variance) + self.eps)
    return torch.addcmul(self.bias, scale, x - mean)


@misconception(
    "eps_missing",
    en="there is no ε in your root: a constant vector gives NaN; add self.eps to the variance",
    fr="il n'y a pas d'ε sous votre racine : un vecteur constant donne NaN ; ajoutez self.eps à la variance",
)
def eps_missing(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    return self.weight * (x - mean) / x.var(dim=-1, keepdim=True, correction=0).sqrt() + self.bias


@again(eps_missing)
def eps_missing_2(self, x):
    centred = x - x.mean(-1, True)
    length = torch.linalg.vector_norm(centred, dim=-1, keepdim=True) / x.size(-1) ** 0.5
    return torch.addcmul(self.bias, centred / length, self.weight)


@misconception(
    "eps_fixed",
    en="your ε is a number of your own: take self.eps, which the constructor was given",
    fr="votre ε est un nombre à vous : prenez self.eps, que le constructeur a reçu",
)
def eps_fixed(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, correction=0)
    # Small enough not to show where ε is small.
    return self.weight * (x - mean) / torch.sqrt(variance + 1e-8) + self.bias


@again(eps_fixed)
def eps_fixed_2(self, x):
    return F.layer_norm(x, x.shape[-1:], self.weight, self.bias, eps=1e-8)


@misconception(
    "over_positions",
    en="your mean and variance run over the positions (dim=-2): they run over the components of each vector, the last "
    "axis",
    fr="votre moyenne et votre variance portent sur les positions (dim=-2) : elles portent sur les composantes de "
    "chaque vecteur, le dernier axe",
)
def over_positions(self, x):
    mean = x.mean(dim=-2, keepdim=True)
    variance = x.var(dim=-2, keepdim=True, correction=0)
    return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@again(over_positions)
def over_positions_2(self, x):
    normalised = F.layer_norm(x.transpose(-1, -2), x.shape[-2:-1], eps=self.eps).transpose(-1, -2)
    return torch.addcmul(self.bias, normalised, self.weight)


@misconception(
    "over_the_batch",
    en="your mean and variance run over the batch (dim=0), as in batch normalisation: they run over the components of "
    "each vector, the last axis",
    fr="votre moyenne et votre variance portent sur le lot (dim=0), comme dans la normalisation par lot : elles portent "
    "sur les composantes de chaque vecteur, le dernier axe",
)
def over_the_batch(self, x):
    mean = x.mean(dim=0, keepdim=True)
    variance = x.var(dim=0, keepdim=True, correction=0)
    return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@again(over_the_batch)
def over_the_batch_2(self, x):
    centred = x - torch.stack(tuple(x)).sum(0) / len(x)
    return centred * (centred.square().sum(0) / len(x) + self.eps) ** -0.5 * self.weight + self.bias


@misconception(
    "over_everything",
    en="your mean and variance are those of the whole tensor: no axis was named; each vector has its own, over the last "
    "axis",
    fr="votre moyenne et votre variance sont celles du tenseur entier, faute d'axe précisé : chaque vecteur a les "
    "siennes, sur le dernier axe",
)
def over_everything(self, x):
    mean, variance = x.mean(), x.var(correction=0)
    return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@again(over_everything)
def over_everything_2(self, x):
    return torch.addcmul(self.bias, F.layer_norm(x, x.shape, eps=self.eps), self.weight)


@misconception(
    "gain_and_bias_forgotten",
    en="self.weight and self.bias do not serve: multiply the normalised vector by the one and add the other",
    fr="self.weight et self.bias ne servent pas : multipliez le vecteur normalisé par l'un et ajoutez l'autre",
)
def gain_and_bias_forgotten(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(variance + self.eps)


@again(gain_and_bias_forgotten)
def gain_and_bias_forgotten_2(self, x):
    return F.layer_norm(x, x.shape[-1:], None, None, self.eps)


@misconception(
    "gain_forgotten",
    en="the gain self.weight does not serve: multiply the normalised vector by it",
    fr="le gain self.weight ne sert pas : multipliez-en le vecteur normalisé",
)
def gain_forgotten(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, correction=0)
    return (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@again(gain_forgotten)
def gain_forgotten_2(self, x):
    return F.layer_norm(x, x.shape[-1:], bias=self.bias, eps=self.eps)


@misconception(
    "bias_forgotten",
    en="self.bias does not serve: add it at the end",
    fr="self.bias ne sert pas : ajoutez-le à la fin",
)
def bias_forgotten(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, correction=0)
    return self.weight * (x - mean) / torch.sqrt(variance + self.eps)


@again(bias_forgotten)
def bias_forgotten_2(self, x):
    return F.layer_norm(x, x.shape[-1:], weight=self.weight, eps=self.eps)


@misconception(
    "gain_over_the_bias",
    en="you multiply the bias by the gain too: first the gain, then the bias",
    fr="vous multipliez aussi le biais par le gain : d'abord le gain, ensuite le biais",
)
def gain_over_the_bias(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, correction=0)
    return self.weight * ((x - mean) / torch.sqrt(variance + self.eps) + self.bias)


@again(gain_over_the_bias)
def gain_over_the_bias_2(self, x):
    shifted = F.layer_norm(x, x.shape[-1:], bias=self.bias, eps=self.eps)
    return torch.einsum("...d,d->...d", shifted, self.weight)


@misconception(
    "root_missing",
    en="you divide by the variance: divide by its square root",
    fr="vous divisez par la variance : divisez par sa racine carrée",
)
def root_missing(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, correction=0)
    return self.weight * (x - mean) / (variance + self.eps) + self.bias


@again(root_missing)
def root_missing_2(self, x):
    centred = x - x.mean(-1, True)
    power = torch.einsum("...d,...d->...", centred, centred).unsqueeze(-1) / x.size(-1)
    return torch.addcmul(self.bias, centred, self.weight / power.add(self.eps))


@misconception(
    "not_centred",
    en="you scale without subtracting the mean: that is RMSNorm; LayerNorm centres first",
    fr="vous divisez sans soustraire la moyenne : c'est RMSNorm ; LayerNorm centre d'abord",
)
def not_centred(self, x):
    square = x.square().mean(dim=-1, keepdim=True)
    return self.weight * x / torch.sqrt(square + self.eps) + self.bias


@again(not_centred)
def not_centred_2(self, x):
    return torch.addcmul(self.bias, F.rms_norm(x, x.shape[-1:], eps=self.eps), self.weight)


@misconception(
    "centred_in_the_variance_only",
    en="you divide x by its standard deviation without centring it: the mean is subtracted above the fraction bar too",
    fr="vous divisez x par son écart type sans le centrer : la moyenne se soustrait aussi au numérateur",
)
def centred_in_the_variance_only(self, x):
    variance = x.var(dim=-1, keepdim=True, correction=0)
    return self.weight * x / torch.sqrt(variance + self.eps) + self.bias


@again(centred_in_the_variance_only)
def centred_in_the_variance_only_2(self, x):
    centred = x - x.mean(-1, True)
    return torch.addcmul(self.bias, x * (centred.pow(2).mean(-1, True) + self.eps).rsqrt(), self.weight)


@misconception(
    "one_pass_variance",
    en="your variance is mean(x²) − mean(x)²: far from 0 it is the small difference of two large numbers and has lost "
    "its digits; subtract the mean before you square",
    fr="votre variance est mean(x²) − mean(x)² : loin de 0, c'est la petite différence de deux grands nombres, et elle a "
    "perdu ses chiffres ; soustrayez la moyenne avant d'élever au carré",
)
def one_pass_variance(self, x):
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x**2).mean(dim=-1, keepdim=True) - mean**2
    return self.weight * (x - mean) / torch.sqrt(variance.clamp(min=0.0) + self.eps) + self.bias


@again(one_pass_variance)
def one_pass_variance_2(self, x):
    n = x.size(-1)
    total, squares = x.sum(-1, True), torch.einsum("...d,...d->...", x, x).unsqueeze(-1)
    spread = torch.relu(squares - total * total / n) / n
    return torch.addcmul(self.bias, (x - total / n) * (spread + self.eps).rsqrt(), self.weight)


@misconception(
    "input_changed",
    en="you write into x itself (-=, /=, sub_): the residual connection that reads it afterwards finds something else; "
    "make a new tensor",
    fr="vous écrivez dans x lui-même (-=, /=, sub_) : la connexion résiduelle qui le lit ensuite y trouve autre chose ; "
    "formez un nouveau tenseur",
    warning=text("you write into `x` itself", "vous écrivez dans `x` lui-même"),
)
def input_changed(self, x):
    x -= x.mean(dim=-1, keepdim=True)
    x /= torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)
    return self.weight * x + self.bias


@again(input_changed)
def input_changed_2(self, x):
    variance, mean = torch.var_mean(x, -1, correction=0, keepdim=True)
    x.sub_(mean).mul_((variance + self.eps).rsqrt())
    return torch.addcmul(self.bias, x, self.weight)


@misconception(
    "statistics_detached",
    en="no gradient passes through your mean and your variance: they depend on x, do not detach them",
    fr="aucun gradient ne passe par votre moyenne ni par votre variance : elles dépendent de x, ne les détachez pas",
)
def statistics_detached(self, x):
    mean = x.mean(dim=-1, keepdim=True).detach()
    variance = x.var(dim=-1, keepdim=True, correction=0).detach()
    return self.weight * (x - mean) / torch.sqrt(variance + self.eps) + self.bias


@again(statistics_detached)
def statistics_detached_2(self, x):
    with torch.no_grad():
        variance, mean = torch.var_mean(x, -1, correction=0, keepdim=True)
        scale = (variance + self.eps).rsqrt()
    return torch.addcmul(self.bias, (x - mean) * scale, self.weight)
