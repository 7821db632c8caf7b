"""The demonstration's stages at a very small size; the whole of it is `make demo`."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from attentif.checks.text import set_language
from attentif_grading import demo as demonstration
from attentif_grading.demo_report import write_report

GRADED = {
    "graded": ["causal_mask"],
    "exercises": ["causal_mask"],
    "maximum": {"causal_mask": 2.0},
    "rows": [
        {
            "student": "reference",
            "marks": {"causal_mask": 2.0},
            "others": 8,
            "others_maximum": 8,
            "as_expected": True,
        },
        {
            "student": "<script>alert(1)</script>",
            "marks": {"causal_mask": 0.5},
            "others": 8,
            "others_maximum": 8,
            "as_expected": False,
        },
    ],
    "seconds": 1.0,
}


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.images = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attributes))


@pytest.fixture(scope="module", params=["fr", "en"])
def demo(request, tmp_path_factory):
    """A demonstration after its pretraining and its probe."""
    small = {"steps": 20, "batch": 8, "width": 16, "heads": 2, "layers": 1}
    runs = {name: {**settings, **small} for name, settings in demonstration.RUNS.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demonstration, "RUNS", runs)
        made = demonstration.Demo(request.param, tmp_path_factory.mktemp("demo"))
        set_language(request.param)
        made.summary["pretrain"] = {"seconds": 1.0, **made.pretrain()}
        made.summary["probe"] = {"seconds": 1.0, **made.probe()}
        yield made
    set_language("en")


def test_both_models_are_compared_with_their_floor(demo):
    for name in ("causal", "masked"):
        said = demo.summary["pretrain"][name]
        assert said["steps"] == 20 and said["loss"] > said["floor"] > 0
        assert said["excess"] == pytest.approx(said["difference"] / said["floor"])


def test_the_probe_measures_every_planted_occupation(demo):
    said = demo.summary["probe"]
    assert set(said["measured"]) == set(said["planted"]) and len(said["planted"]) >= 10
    assert said["error"]["low"] <= said["error"]["estimate"] <= said["error"]["high"]
    json.dumps(said, allow_nan=False)


def test_the_report_has_its_pictures_and_escapes_what_students_are_called(demo):
    summary = {**demo.summary, "build": {"seconds": 1.0}, "grade": GRADED}
    set_language(demo.language)
    page = write_report(demo.out, summary).read_text(encoding="utf-8")
    reader = _Reader()
    reader.feed(page)
    assert len(reader.images) == 5
    assert all(image["alt"] and image["src"].startswith("data:image/png;base64,") for image in reader.images)
    assert "script" not in reader.tags
    verdict = {"fr": "AUTRE QUE PRÉVU", "en": "NOT AS EXPECTED"}[demo.language]
    assert verdict in page


def test_a_failed_training_is_told_with_its_log(tmp_path, monkeypatch):
    monkeypatch.setattr(demonstration, "RUNS", {"causal": {"objective": "nonsense", "steps": 2}})
    with pytest.raises(RuntimeError, match="nonsense"):
        demonstration.Demo("en", tmp_path).pretrain()
