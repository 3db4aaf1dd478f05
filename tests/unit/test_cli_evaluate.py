"""``annotator evaluate``: the report, its numbers, and that nothing is judged by what came after it."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.cli.evaluating import replay
from annotator.evaluation.report import NOTHING
from annotator.model import Answer, ArticleInput, PipelineInfo, Suggestion, ZoneDecisions
from annotator.nlp.pipeline import Pipeline, blank_pipeline, build_pipeline
from annotator.nlp.stance.classifier import LabelledText
from annotator.project import Project, create_project, open_project
from annotator.project.stance_labels import given_stances
from annotator.resources import resource

STANCES = ("pro-West", "neutral", "pro-Russia")
ARTICLES = 45
NOUNS = (
    "bread bridge budget cattle coal copper cotton ferry fishing flood forest garden grain granite grapes "
    "heating honey housing iron ladder lamps leather linen market mills paper pensions potatoes pumps rails"
)


def fill(project: Project) -> None:
    """Forty-five labelled articles; the twentieth and the fortieth have the text of the third."""
    with project.act(f"imported {ARTICLES} articles"):
        for number in range(1, ARTICLES + 1):
            told = 3 if number in (20, 40) else number
            words = " ".join(random.Random(told).sample(NOUNS.split(), 12))
            text = f"The council spoke of the harbour: {words}."
            project.articles.add(ArticleInput(text, f"Article {number}", language="en"))
    for number in range(1, ARTICLES + 1):
        project.annotations.add(number, "stance", STANCES[number % 3])
        when = f"2026-01-01T00:{number:02}:00.000Z"
        project.db.execute("UPDATE annotations SET created_at = ? WHERE article = ?", [when, number])


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    with create_project(tmp_path / "labelled.annot", annotator="anna") as project:
        fill(project)
    return tmp_path / "labelled.annot"


class Spied:
    """Remembers what had been learnt from when each article was judged."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.judged: list[tuple[int, tuple[str, ...]]] = []
        known: list[str] = []
        learn, answer = Pipeline.learn, Pipeline.stance_answer

        def learns(pipeline: Pipeline, labelled: Sequence[LabelledText]) -> None:
            known[:] = [text.sha256 for text in labelled]
            learn(pipeline, labelled)

        def answers(
            pipeline: Pipeline, article: int, text: str, language: str | None, decided: ZoneDecisions
        ) -> Answer:
            self.judged.append((article, tuple(known)))
            return answer(pipeline, article, text, language, decided)

        monkeypatch.setattr(Pipeline, "learn", learns)
        monkeypatch.setattr(Pipeline, "stance_answer", answers)


def test_no_article_is_judged_by_its_own_label_or_a_later_one(
    labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spied = Spied(monkeypatch)
    with open_project(labelled, read_only=True) as project:
        steps = replay(project)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                found = end.value
                break
        order = {known.article: place for place, known in enumerate(given_stances(project))}
        texts = {known.article: known.sha256 for known in given_stances(project)}
    # Five of each are there long before; at thirty and at forty it learns.
    by_learnt = {0: 0, 30: 0, 40: 0}
    for article, learnt in spied.judged:
        by_learnt[len(learnt)] += 1
        assert texts[article] not in learnt
        assert list(learnt) == [texts[other] for other in order if order[other] < len(learnt)]
        assert not learnt or order[article] >= len(learnt)
    assert by_learnt == {0: 43, 30: 9, 40: 5}  # not the two whose text was known
    assert [(one.article, one.learnt) for one in found] == [
        (n, 0 if n <= 30 else 30 if n <= 40 else 40) for n in range(1, ARTICLES + 1) if n not in (20, 40)
    ]
    assert [one.label for one in found[:3]] == ["neutral", "pro-Russia", "pro-West"]


def test_the_report_is_a_table_and_the_json_has_its_numbers(labelled: Path, capsys: Any) -> None:
    with open_project(labelled, annotator="anna") as project:
        text = project.articles.text(1)
        start = text.index("harbour")
        places = [(start, start + 7), (text.index("council"), text.index("council") + 7)]
        found = [Suggestion("entity", "LOC", *place, "ner") for place in places]
        project.suggestions.replace(PipelineInfo("tiny", "1"), [(n, found, None) for n in range(1, 21)])
        for number in range(1, 21):
            (first, second) = project.suggestions.open(number)
            project.annotations.accept(number, first.id)
            (project.annotations.reject if number > 5 else project.annotations.accept)(number, second.id)
            project.articles.set_status(number, "done")
    capsys.readouterr()
    assert main(["evaluate", str(labelled)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    row = next(line for line in out.splitlines() if line.startswith("  LOC"))
    assert row.split()[:3] == ["LOC", "40", "62%"]
    assert "43 labelled articles, each judged by what had been learnt before its label." in out
    assert main(["evaluate", str(labelled), "--json"]) == 0
    numbers = json.loads(capsys.readouterr().out)
    (entity,) = (layer for layer in numbers["layers"] if layer["layer"] == "entity")
    total = entity["total"]
    assert (total["answered"], total["accepted"], total["rejected"], total["missed"]) == (40, 25, 15, 0)
    assert total["recall"]["n"] == 25
    assert numbers["stances"]["articles"] == 43
    assert [point["labels_from"] for point in numbers["stances"]["learning_curve"]] == [0, 30]
    assert numbers["blind"]["sentence"].startswith("No stance was chosen blind")


def test_an_empty_project_says_what_to_do_first(tmp_path: Path, capsys: Any) -> None:
    create_project(tmp_path / "new.annot", annotator="anna").close()
    assert main(["evaluate", str(tmp_path / "new.annot")]) == 0
    assert capsys.readouterr().out == NOTHING + "\n"


def test_nothing_is_written(labelled: Path, capsys: Any) -> None:
    before = labelled.read_bytes()
    assert main(["evaluate", str(labelled)]) == 0
    assert labelled.read_bytes() == before


def test_a_stance_needs_no_model() -> None:
    full, blank = build_pipeline(), blank_pipeline()
    files = sorted(f for f in resource("sample").iterdir() if f.name.endswith(".txt"))
    assert len(files) > 5
    for file in files:
        text = file.read_bytes().decode("utf-8", "replace")
        ours = blank.stance_answer(1, text, "en").suggestions
        assert ours == full.stance_answer(1, text, "en").suggestions
