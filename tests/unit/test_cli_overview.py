"""``annotator overview``: the charts' numbers without a display."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.model import ArticleInput
from annotator.project import create_project


@pytest.fixture
def made(tmp_path: Path) -> str:
    """A project in which anna and bob gave stances; anna is done with one article."""
    with create_project(tmp_path / "p.annot", annotator="anna") as project:
        with project.act("imported 2 articles"):
            project.articles.add(ArticleInput("Armenia.", "One", source="=paper\x1b[31m"))
            project.articles.add(ArticleInput("Russia.", "Two", source="b.example"))
        project.annotations.add(1, "stance", "pro-West")
        project.annotations.add(2, "stance", "neutral")
        project.articles.set_status(1, "done")
        project.annotator = "bob"
        project.annotations.add(2, "stance", "neutral")
    return str(tmp_path / "p.annot")


def test_all_charts_as_tables(made: str, capsys: Any) -> None:
    assert main(["overview", made]) == 0
    text = capsys.readouterr().out
    assert text.startswith("1 of 2 articles done\n")
    assert "Stance by source\n" in text
    assert ["b.example", "0", "2", "2"] in [line.split() for line in text.splitlines()]
    assert "\x1b" not in text
    assert "Nobody has answered a suggestion yet." in text  # an empty chart says what to do


def test_as_csv_and_as_json_of_one_annotator(made: str, capsys: Any) -> None:
    assert main(["overview", made, "--format", "csv"]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {line["name"]: line["number"] for line in lines if line["chart"] == "stance_by_source"} == {
        "'=paper\x1b[31m": "1",
        "b.example": "2",
    }
    assert main(["overview", made, "--format", "json", "--annotator", "bob"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["annotator"], found["articles"], found["done"]) == ("bob", 2, 0)
    (sources,) = (each for each in found["charts"] if each["key"] == "stance_by_source")
    assert sources["series"] == ["neutral"]
    assert sources["rows"] == [{"names": ["b.example"], "counts": [1]}]


def test_what_it_does_not_know_is_said(made: str, capsys: Any) -> None:
    assert main(["overview", made, "--format", "xml"]) == 2
    assert "none of text, csv, json" in capsys.readouterr().err
    assert main(["overview", made, "--annotator", "carl"]) == 1
    assert "no annotator called carl" in capsys.readouterr().err
