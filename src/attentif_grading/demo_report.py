"""The demonstration's report: one HTML page that opens offline, pictures included."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from attentif.checks.text import current_language
from attentif.pretraining import TrainingResult

_TEXTS = {
    "fr": {
        "title": "Attentif : la démonstration",
        "intro": "Construire le devoir, pré-entraîner deux modèles, mesurer un biais planté, corriger une classe.",
        "stage": "étape",
        "seconds": "secondes",
        "build": "Construction du devoir",
        "pretrain": "Pré-entraînement",
        "probe": "Sonde du biais planté",
        "grade": "Correction d'une classe d'exemple",
        "floor_text": "Microcosm est une langue engendrée dont les probabilités exactes sont connues : le plancher est la "
        "perte du meilleur modèle possible, calculée sur les mêmes phrases que celle du modèle.",
        "loss": "perte (nats)",
        "floor": "plancher (nats)",
        "excess": "au-dessus du plancher",
        "causal": "modèle causal",
        "masked": "modèle masqué",
        "samples": "Phrases écrites par le modèle causal",
        "probe_text": "Log-cote du pronom féminin contre le masculin, pour chaque métier, en face de celle qui a été plantée "
        "dans le corpus.",
        "slope": "pente",
        "rmse": "écart quadratique moyen (nats)",
        "error": "erreur systématique (nats), intervalle à 95 %",
        "grade_text": "Le code des étudiants tourne confiné, ses valeurs sont jugées à côté : une copie de référence, une copie intacte, et une copie par idée fausse de deux exercices. "
        "Chacune doit perdre les points de son exercice, et ceux-là seulement.",
        "submission": "copie",
        "others": "autres exercices",
        "verdict": "verdict",
        "as_expected": "comme prévu",
        "not_as_expected": "AUTRE QUE PRÉVU",
        "curve": "Perte du {name} au fil des pas, contre le plancher",
        "calibration": "Log-cotes mesurées contre log-cotes plantées, un point par métier",
        "attention": "Poids d'attention de la dernière couche du modèle masqué",
        "answers": "Réponses du modèle à : {sentence}",
    },
    "en": {
        "title": "Attentif: the demonstration",
        "intro": "Build the assignment, pretrain two models, measure a planted bias, grade a class.",
        "stage": "stage",
        "seconds": "seconds",
        "build": "Building the assignment",
        "pretrain": "Pretraining",
        "probe": "Probing the planted bias",
        "grade": "Grading a sample class",
        "floor_text": "Microcosm is a generated language whose exact probabilities are known: the floor is the loss of the best "
        "possible model, computed on the same sentences as the model's.",
        "loss": "loss (nats)",
        "floor": "floor (nats)",
        "excess": "above the floor",
        "causal": "causal model",
        "masked": "masked model",
        "samples": "Sentences written by the causal model",
        "probe_text": "Log-odds of the feminine pronoun against the masculine one, for each occupation, against those planted in the "
        "corpus.",
        "slope": "slope",
        "rmse": "root mean square error (nats)",
        "error": "systematic error (nats), 95 % interval",
        "grade_text": "Students' code runs confined, its values are judged outside: a reference submission, an untouched one, and one per misconception of two exercises. Each must "
        "lose the points of its exercise, and only those.",
        "submission": "submission",
        "others": "other exercises",
        "verdict": "verdict",
        "as_expected": "as expected",
        "not_as_expected": "NOT AS EXPECTED",
        "curve": "Loss of the {name} by step, against the floor",
        "calibration": "Measured against planted log-odds, one point an occupation",
        "attention": "Attention weights of the masked model's last layer",
        "answers": "The model's answers to: {sentence}",
    },
}


def write_report(out: Path, summary: dict[str, Any]) -> Path:
    """Write report.html from the summary and the runs below `out`; returns its path."""
    texts = _TEXTS[current_language()]
    environment = Environment(
        loader=PackageLoader("attentif_grading"), autoescape=select_autoescape(["html", "j2"])
    )
    page = environment.get_template("demo.html.j2").render(
        language=current_language(),
        t=texts,
        summary=summary,
        pictures=_pictures(out, summary, texts),
        samples=_samples(out / "causal"),
        shown=summary["grade"]["graded"],
    )
    path = out / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


def _pictures(out: Path, summary: dict[str, Any], texts: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    from attentif.charts import plot_answers, plot_calibration, plot_curve

    curves = []
    for name in ("causal", "masked"):
        lines = (out / name / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        result = TrainingResult(history=[json.loads(line) for line in lines])
        floor = summary["pretrain"][name]["floor"]
        figure = plot_curve(result, floor)
        figure.savefig(out / f"{name}.png", dpi=110)
        curves.append(_picture(figure, texts["curve"].format(name=texts[name])))
    found = summary["probe"]
    answers = [tuple(answer) for answer in found["example"]["answers"]]
    return {
        "pretrain": [*curves, _attention(out / "masked", texts)],
        "probe": [
            _picture(plot_calibration(found["planted"], found["measured"]), texts["calibration"]),
            _picture(plot_answers(answers), texts["answers"].format(sentence=found["example"]["sentence"])),
        ],
    }


def _attention(folder: Path, texts: dict[str, str]) -> dict[str, str]:
    import torch

    from attentif.charts import attention_maps, plot_attention
    from attentif.checkpoint import load_model
    from attentif.corpus.microcosm import Microcosm
    from attentif.corpus.tokenizers import load_tokenizer

    model, tokenizer = load_model(folder), load_tokenizer(folder)
    sentence = Microcosm(current_language()).documents(1, seed=7)[0][0]
    ids = [tokenizer.cls_id, *sentence, tokenizer.sep_id]
    maps = attention_maps(model, torch.tensor([ids]))
    return _picture(plot_attention(maps[-1][0], [tokenizer.id_to_token(i) for i in ids]), texts["attention"])


def _samples(folder: Path, count: int = 6) -> list[str]:
    import torch

    from attentif.checkpoint import load_model
    from attentif.corpus.tokenizers import load_tokenizer
    from attentif.decoding import generate

    model, tokenizer = load_model(folder), load_tokenizer(folder)
    beginning = torch.full((count, 1), tokenizer.cls_id)
    generator = torch.Generator().manual_seed(1)
    rows = generate(model, beginning, 30, temperature=0.8, eos_id=tokenizer.sep_id, generator=generator)
    return [tokenizer.decode(row, skip_special_tokens=True) for row in rows.tolist()]


def _picture(figure: Any, alt: str) -> dict[str, str]:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"data": f"data:image/png;base64,{data}", "alt": alt}
