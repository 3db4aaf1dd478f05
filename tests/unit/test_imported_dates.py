"""Dates on their way in: in words they become ISO 8601, in two ways they stay and are said."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.formats import ImportReport, export_jsonl, import_paths, preview
from annotator.project import Project, create_project

from .conftest import finish

WORDS = {
    "4 февраля 2024": "2024-02-04",
    "February 4, 2024": "2024-02-04",
    "4 Feb. 2024": "2024-02-04",
    "4 փետրվարի 2024": "2024-02-04",
    "փետրվարի 4, 2024": "2024-02-04",
    "2024-02-04T10:30:00Z": "2024-02-04T10:30:00Z",
    "Sun, 04 Feb 2024 10:30:00 GMT": "2024-02-04T10:30:00+00:00",
    "03/04/2024": "03/04/2024",
    "last spring": "last spring",
}
TEXT = "It rained in Yerevan."


def written(name: str, dates: list[str]) -> str:
    """Return a file of a tool with an article a date."""
    texts = [f"{TEXT} {number}" for number in range(len(dates))]
    pairs = list(zip(texts, dates, strict=True))
    if name == "table.csv":
        return "text,date\n" + "".join(f'{text},"{day}"\n' for text, day in pairs)
    if name == "rows.json":
        return json.dumps([{"text": text, "published_at": day} for text, day in pairs])
    if name == "prodigy.jsonl":
        lines: list[Any] = [
            {"text": t, "meta": {"date": d}, "answer": "accept", "_task_hash": n}
            for n, (t, d) in enumerate(pairs)
        ]
    elif name == "doccano.jsonl":
        lines = [{"id": n, "text": t, "label": [], "published": d} for n, (t, d) in enumerate(pairs)]
    else:
        return json.dumps(
            [{"id": n, "data": {"text": t, "date": d}, "annotations": []} for n, (t, d) in enumerate(pairs)]
        )
    return "\n".join(map(json.dumps, lines))


@pytest.mark.parametrize(
    "name", ["table.csv", "rows.json", "prodigy.jsonl", "doccano.jsonl", "label_studio.json"]
)
def test_dates_in_words_become_iso_and_the_others_stay_and_are_said(
    project: Project, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_text(written(name, [*WORDS]), "utf-8")
    seen = finish(preview(project, [path]))
    report: ImportReport = finish(import_paths(project, [path]))
    assert [project.articles.get(n).published for n in range(1, len(WORDS) + 1)] == [*WORDS.values()]
    said = (
        "2 dates kept as written and not sorted by date, since which day is meant is not certain "
        "(“03/04/2024”): set it in the article's metadata, or say which order they have when you import."
    )
    assert said in report.summary()
    assert said in seen.summary()


@pytest.mark.parametrize(("order", "wanted"), [("day first", "2024-04-03"), ("month first", "2024-03-04")])
@pytest.mark.parametrize("name", ["table.csv", "rows.json"])
def test_a_person_may_say_in_which_order_dates_are(
    project: Project, tmp_path: Path, name: str, order: str, wanted: str
) -> None:
    path = tmp_path / name
    path.write_text(written(name, ["03/04/2024", "23/04/2024", "04/23/2024"]), "utf-8")
    report = finish(import_paths(project, [path], mapping={"dates": order}))
    assert [project.articles.get(n).published for n in (1, 2, 3)] == [wanted, "2024-04-23", "2024-04-23"]
    assert "kept as written" not in report.summary()


def test_the_command_line_takes_the_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, project = tmp_path / "table.csv", str(tmp_path / "p.annot")
    path.write_text(written("table.csv", ["03/04/2024"]), "utf-8")
    assert main(["new", project]) == 0
    assert main(["import", project, str(path), "--map", "dates=perhaps"]) == 2
    assert "dates is one of: day first, month first" in " ".join(capsys.readouterr().err.split())
    assert main(["import", project, str(path), "--map", "dates=day first", "--no-backup"]) == 0
    assert main(["articles", project]) == 0
    assert "2024-04-03" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "key"), [("table.csv", "date"), ("prodigy.jsonl", "date")])
def test_what_a_date_cannot_hold_is_kept_beside_it(
    project: Project, tmp_path: Path, name: str, key: str
) -> None:
    path = tmp_path / name
    path.write_text(written(name, ["Feb. 4, 2024 at 10:30 a.m. EST"]), "utf-8")
    report = finish(import_paths(project, [path]))
    article = project.articles.get(1)
    assert article.published == "2024-02-04"
    assert article.meta[key] == "Feb. 4, 2024 at 10:30 a.m. EST"
    assert "kept as written" not in report.summary()


def test_our_own_export_brings_a_date_as_it_was(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(written("rows.json", ["last spring"]), "utf-8")
    finish(import_paths(project, [path]))
    project.articles.edit_metadata(1, published="4 Feb 2024")
    finish(export_jsonl(project, tmp_path / "out.jsonl"))
    with create_project(tmp_path / "other.annot", annotator="ben") as other:
        finish(import_paths(other, [tmp_path / "out.jsonl"]))
        assert other.articles.get(1).published == "4 Feb 2024"


@pytest.mark.parametrize(
    ("origin", "wanted"), [("Other 1", "2024-02-04"), ("Annotator 0.1.0", "4 Feb. 2024")]
)
def test_a_variable_of_another_program_becomes_a_date_and_ours_stays(
    project: Project, tmp_path: Path, origin: str, wanted: str
) -> None:
    variable, source = "00000000-0000-0000-0000-000000000031", "00000000-0000-0000-0000-000000000021"
    xml = (
        f'<Project xmlns="urn:QDA-XML:project:1.0" name="p" origin="{origin}">'
        f'<Variables><Variable guid="{variable}" name="Published" typeOfVariable="Text"/></Variables>'
        f'<Sources><TextSource guid="{source}" name="Rain" plainTextPath="internal://a.txt">'
        f'<VariableValue><VariableRef targetGUID="{variable}"/><TextValue>4 Feb. 2024</TextValue>'
        "</VariableValue></TextSource></Sources></Project>"
    )
    with zipfile.ZipFile(tmp_path / "p.qdpx", "w") as file:
        file.writestr("project.qde", xml)
        file.writestr("sources/a.txt", TEXT)
    assert finish(import_paths(project, [tmp_path / "p.qdpx"])).failed == ()
    assert project.articles.get(1).published == wanted
