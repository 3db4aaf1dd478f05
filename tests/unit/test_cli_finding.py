"""``annotator articles`` lists what a filter asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.model import ArticleFilter, ArticleInput, Condition
from annotator.project import create_project


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with create_project(tmp_path / "p.annot", annotator="anna") as project:
        with project.act("imported"):
            for n, source in enumerate(("tass.com", "bbc.com", None), 1):
                project.articles.add(
                    ArticleInput(
                        f"Text {n}.", f"Title\n{n}", source=source, published=f"202{n}-05-01", uuid=str(n)
                    )
                )
        project.annotations.add(1, "entity", "GPE", 0, 4)
        project.articles.set_status(2, "done")
        project.filters.save(
            "mine", ArticleFilter(sort="published", conditions=(Condition("source", "tass.com"),))
        )
    return tmp_path


def run(capsys: Any, *arguments: str) -> list[str]:
    assert main(["articles", "p.annot", "--annotator", "anna", *arguments]) == 0
    return [line.split()[0] for line in capsys.readouterr().out.splitlines()]


def test_filters_combine_and_sort(made: Path, capsys: Any) -> None:
    assert run(capsys) == ["1", "2", "3"]
    assert run(capsys, "--sort", "published", "--descending") == ["3", "2", "1"]
    assert run(capsys, "--filter", "source=") == ["3"]
    assert run(
        capsys, "--filter", "source=TASS.com", "--filter", "source=bbc.com", "--filter", "status=done"
    ) == ["2"]
    assert run(capsys, "--filter", "label=GPE") == run(capsys, "--filter", "label=entity/GPE") == ["1"]
    assert run(capsys, "--filter", "published=2022..") == ["2", "3"]
    assert run(capsys, "--search", "text", "--saved", "mine") == ["1"]


def test_a_line_says_what_the_window_says(made: Path, capsys: Any) -> None:
    assert main(["articles", "p.annot", "--annotator", "anna", "--filter", "status=done"]) == 0
    assert capsys.readouterr().out == "2  Title 2 (bbc.com, 2022-05-01, done)\n"
    assert main(["articles", "p.annot", "--annotator", "anna", "--filter", "status=done", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "id": "2",
        "title": "Title\n2",
        "source": "bbc.com",
        "published": "2022-05-01",
        "status": "done",
        "flagged": False,
        "stance": None,
    }


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--filter", "colour=red"], 2, "FIELD=VALUE"),
        (["--filter", "status"], 2, "FIELD=VALUE"),
        (["--filter", "status=finished"], 2, "todo"),
        (["--filter", "published=soon"], 2, "2024-02"),
        (["--sort", "moon"], 2, "imported"),
        (["--saved", "theirs"], 1, "no saved filter"),
    ],
)
def test_what_cannot_be_asked_is_said(
    made: Path, capsys: Any, arguments: list[str], code: int, said: str
) -> None:
    assert main(["articles", "p.annot", *arguments]) == code
    assert said in capsys.readouterr().err
