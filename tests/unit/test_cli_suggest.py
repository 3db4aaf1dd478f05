"""``annotator suggest``: what is stored, and when it stops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.model import Actor, Answer, ArticleInput, PipelineError, PipelineInfo, Suggestion
from annotator.project import Project, create_project, open_project

Texts = Iterable[tuple[int, str, str | None]]


class TinyPipeline:
    """Suggests the first letter; stops or fails where it is told to."""

    def __init__(self, stop_at: int = 0, fail_at: int = 0) -> None:
        self.info = PipelineInfo("tiny", "1")
        self.stop_at, self.fail_at = stop_at, fail_at
        self.processes = 0
        self.seen: list[int] = []

    def set_actors(self, actors: list[Actor]) -> None:
        self.actors = actors

    def suggest(self, texts: Texts, *, processes: int, on_error: Any) -> Iterator[Answer]:
        self.processes = processes
        for article, _, language, *_ in texts:
            self.seen.append(article)
            if article == self.stop_at:
                raise KeyboardInterrupt
            if article == self.fail_at:
                on_error(article, PipelineError("too odd"))
                continue
            notice = "not English" if language == "ru" else None
            yield Answer(article, (Suggestion("entity", "GPE", 0, 1, "ner", "a letter"),), self.info, notice)


@pytest.fixture
def twenty(tmp_path: Path) -> Path:
    with create_project(tmp_path / "p.annot") as project, project.act("imported"):
        for number in range(1, 21):
            language = "ru" if number == 3 else None
            project.articles.add(ArticleInput(f"{number} text", f"Article {number}", language=language))
    return tmp_path / "p.annot"


def use(monkeypatch: pytest.MonkeyPatch, pipeline: TinyPipeline) -> TinyPipeline:
    monkeypatch.setattr("annotator.nlp.pipeline.build_pipeline", lambda model: pipeline)
    return pipeline


def reading(path: Path) -> Project:
    return open_project(path, read_only=True)


def test_articles_without_suggestions_get_some(
    twenty: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    pipeline = use(monkeypatch, TinyPipeline())
    assert main(["suggest", str(twenty), "--processes", "2"]) == 0
    assert capsys.readouterr().out == "Suggestions for 20 of 20 articles made with tiny 1.\n"
    assert pipeline.processes == 2
    with reading(twenty) as project:
        assert project.suggestions.pending() == []
        assert project.suggestions.notice(3) == "not English"
        assert project.suggestions.notice(4) is None


def test_a_second_run_does_nothing_unless_again(
    twenty: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    use(monkeypatch, TinyPipeline())
    assert main(["suggest", str(twenty)]) == 0
    second = use(monkeypatch, TinyPipeline())
    assert main(["suggest", str(twenty)]) == 0
    assert "have suggestions already" in capsys.readouterr().out
    assert second.seen == []
    assert main(["suggest", str(twenty), "--again"]) == 0
    assert second.seen == list(range(1, 21))


def test_ctrl_c_keeps_what_is_done(twenty: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    use(monkeypatch, TinyPipeline(stop_at=13))
    assert main(["suggest", str(twenty)]) == 1
    assert capsys.readouterr().out == (
        "Stopped: suggestions for 12 of 20 articles are stored. Start it again to go on.\n"
    )
    with reading(twenty) as project:
        assert project.suggestions.pending() == list(range(13, 21))
        assert len(project.suggestions.open(12)) == 1


def test_an_article_that_cannot_be_analysed_is_named(
    twenty: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    use(monkeypatch, TinyPipeline(fail_at=5))
    assert main(["suggest", str(twenty)]) == 1
    output = capsys.readouterr()
    assert output.err == "Article 5: too odd\n"
    assert "19 of 20" in output.out
    with reading(twenty) as project:
        assert project.suggestions.pending() == [5]


def test_an_unknown_model_changes_nothing(twenty: Path, capsys: Any) -> None:
    assert main(["suggest", str(twenty), "--model", "no_such_model", "--again"]) == 1
    assert capsys.readouterr().err.startswith("annotator: No spaCy pipeline called “no_such_model”")
    with reading(twenty) as project:
        assert len(project.suggestions.pending()) == 20


def test_equal_texts_are_analysed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    pipeline = use(monkeypatch, TinyPipeline())
    with create_project(tmp_path / "p.annot") as project:
        with project.act("imported"):
            for number in (1, 2):
                project.articles.add(ArticleInput("A wire story.", f"Paper {number}"))
        project.suggestions.store([Answer(1, (), pipeline.info)])
    assert main(["suggest", str(tmp_path / "p.annot")]) == 0
    assert pipeline.seen == []
    assert "1 have the text of another one" in capsys.readouterr().out
    with reading(tmp_path / "p.annot") as project:
        assert project.suggestions.pending() == []


def test_what_the_project_names_is_used_only_when_it_is_asked_for(
    twenty: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        "annotator.nlp.pipeline.build_pipeline", lambda models: asked.append(list(models)) or TinyPipeline()
    )
    with open_project(twenty) as project:
        project.model_choices.choose("ru", "evil_pipeline")
    assert main(["suggest", str(twenty)]) == 0
    assert asked == [[]]
    assert "names the pipeline evil_pipeline for Russian" in capsys.readouterr().err


def test_languages_without_a_model_are_counted(
    twenty: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    pipeline = TinyPipeline()
    pipeline.info = PipelineInfo("blank_hy", "3")
    use(monkeypatch, pipeline)
    assert main(["suggest", str(twenty)]) == 0
    assert "No spaCy model is installed for some (Armenian: 20)" in capsys.readouterr().out
