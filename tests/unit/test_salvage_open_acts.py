"""Rescuing a project in which an act was going on: an import, an undo, a redo, a cancel, a reverting."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from annotator.model import ArticleInput
from annotator.project import Project, create_project, open_project, swapping
from annotator.project.check import check
from annotator.project.salvage import SalvageReport, _remains, salvage

PAGE = 4096
ARTICLES = 40
MODES = ("import", "cancel", "undo", "undo import", "redo", "redo import", "revert")
Dump = dict[str, list[tuple[Any, ...]]]


def bring_in(project: Project, name: str, number: int) -> None:
    for n in range(number):
        project.articles.add(ArticleInput(f"{name} {n}: Armenia and Russia. " * (n % 9 + 1), f"{name} {n}"))


def begun(project: Project, mode: str) -> Generator[Any, None, Any]:
    """Begin what ``mode`` says; each step of the generator leaves the file as a kill would find it."""
    if mode in ("undo import", "redo import"):
        with project.act("imported more"):
            bring_in(project, "More", ARTICLES)
    elif mode in ("import", "cancel"):
        act = project.long_act("importing more")
        for part in range(4):
            with act.step():
                bring_in(project, f"Part {part}", ARTICLES // 4)
            if mode == "import":
                yield
    if mode.startswith("redo"):
        for _ in project.history.undo_in_steps():
            pass
    if mode == "cancel":
        yield from swapping.take_back_in_steps(project, act.id)
    elif mode.startswith("undo"):
        yield from project.history.undo_in_steps()
    elif mode.startswith("redo"):
        yield from project.history.redo_in_steps()
    elif mode == "revert":
        last = project.history.last()
        assert last is not None
        yield from project.revert_in_steps(last.id)


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """For each mode the file as it was at up to seven moments of it."""
    states = dict[str, list[bytes]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(swapping, "_FIRST_STEP", 8)
        patch.setattr(swapping, "STEP_SECONDS", 1e-9)  # steps of eight rows, however quick the machine is
        for mode in MODES:
            path = tmp_path_factory.mktemp(mode.replace(" ", "_")) / "news.annot"
            project = create_project(path, annotator="anna")
            with project.act("imported"):
                bring_in(project, "Text", ARTICLES)
            project.annotations.add(1, "stance", "neutral")
            project.annotator = "ben"  # who comes to be with this act, and goes with its undo
            places = [(article, 0, 4) for article in project.articles.ids()]
            for _ in project.annotations.label_many("entity", "GPE", places):
                pass
            seen = list[bytes]()
            steps = begun(project, mode)
            for _ in steps:
                seen.append(path.read_bytes())
            while_open = [data for data in seen if _is_open(data, path.with_name("look.annot"))]
            assert len(while_open) >= 4, mode
            states[mode] = while_open[:: max(1, len(while_open) // 6)]
            project.close()
    return states


def _is_open(data: bytes, path: Path) -> bool:
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as db:
        return bool(db.execute("SELECT count(*) FROM acts WHERE state = 'open'").fetchone()[0])


def rescue(data: bytes, folder: Path) -> SalvageReport:
    path = folder / "broken.annot"
    path.write_bytes(data)
    for old in (folder / "new.annot", folder / "new-left-over.jsonl"):
        old.unlink(missing_ok=True)
    report = salvage(path, folder / "new.annot")
    assert path.read_bytes() == data
    assert report.problems == ()
    return report


@pytest.mark.parametrize("mode", MODES)
def test_a_rescue_finishes_what_was_going_on_as_an_opening_does(
    mode: str,
    cut_off: dict[str, list[bytes]],
    tmp_path: Path,
    human_rows: Callable[[Project], Dump],
    search_index_is_right: Callable[[Project], None],
) -> None:
    for data in cut_off[mode]:
        opened = tmp_path / "opened.annot"
        opened.write_bytes(data)
        with open_project(opened, annotator="anna") as project:
            expected, acts = human_rows(project), project.history.acts(1000)
        report = rescue(data, tmp_path)
        assert not any(report.lost.values())
        assert len(report.notes) == 1
        completed = mode.startswith(("undo", "redo"))
        assert ("that is completed" if completed else "it is taken back") in report.notes[0]
        with open_project(tmp_path / "new.annot", annotator="anna") as project:
            assert human_rows(project) == expected
            assert project.history.acts(1000) == acts
            search_index_is_right(project)
            assert project.db.execute("SELECT count(*) FROM swap_rows").fetchone() == (0,)
            while project.redo() is not None:
                pass
            while project.undo() is not None:
                pass
            assert project.articles.count() == 0
            search_index_is_right(project)


def pages_of(data: bytes, folder: Path, *tables: str) -> list[int]:
    """The pages of tables, first those that the others hang on, from 1."""
    path = folder / "pages.annot"
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as db:
        marks = ", ".join("?" * len(tables))
        roots = [
            row[0]
            for row in db.execute(f"SELECT rootpage FROM sqlite_master WHERE name IN ({marks})", tables)
        ]
    path.unlink()
    found = list[int]()
    while roots:
        page = roots.pop(0)
        found.append(page)
        start = (page - 1) * PAGE
        if data[start] in (2, 5):
            count = int.from_bytes(data[start + 3 : start + 5], "big")
            cells = [int.from_bytes(data[start + 12 + 2 * n :][:2], "big") for n in range(count)]
            roots += [int.from_bytes(data[start + cell :][:4], "big") for cell in cells]
            roots.append(int.from_bytes(data[start + 8 :][:4], "big"))
    return found


def readable_labels(path: Path) -> set[str]:
    """The uuids of the labels that can be read, in their table or as images of the act that was going on."""
    uuids, going_on = set[str](), set[object]()
    with _remains(path) as remains:
        rows = [(table, row) for table, row, _ in remains.rows()]
    for table, row in rows:
        if table == "annotations":
            uuids.add(str(row[2]))
        elif table == "swaps" or (table == "acts" and row[5] == "open"):
            going_on.add(row[0])
    for table, row in rows:
        waiting = table == "swap_rows" or (table == "act_rows" and row[0] in going_on)
        if waiting and row[1] == "annotations" and row[3] is not None:
            uuids.add(json.loads(str(row[3]))["uuid"])
    return uuids


def kept_labels(folder: Path) -> set[str]:
    with open_project(folder / "new.annot", annotator="anna") as project:
        assert check(project).problems == ()
        uuids = {row[0] for row in project.db.execute("SELECT uuid FROM annotations")}
        assert project.history.unfinished() is None
    apart = folder / "new-left-over.jsonl"
    for line in apart.read_text().splitlines() if apart.exists() else ():
        values = json.loads(line)
        if values["table"] == "annotations":
            uuids.add(values["row"]["uuid"])
        elif values["row"].get("tbl") == "annotations":
            uuids.add(json.loads(values["row"]["before"])["uuid"])
    return uuids


@pytest.mark.parametrize("mode", MODES)
def test_with_torn_pages_every_label_is_kept_that_can_be_read_anywhere(
    mode: str, cut_off: dict[str, list[bytes]], tmp_path: Path
) -> None:
    chance = random.Random(MODES.index(mode))
    tables = ("act_rows", "swap_rows", "annotations", "articles", "texts", "progress")
    for data in cut_off[mode][::2]:
        pages = pages_of(data, tmp_path, *tables)
        for _ in range(2):
            torn = bytearray(data)
            for page in chance.sample(pages, 2):
                torn[(page - 1) * PAGE : page * PAGE] = b"\xff" * PAGE
            report = rescue(bytes(torn), tmp_path)
            assert readable_labels(tmp_path / "broken.annot") <= kept_labels(tmp_path)
            assert any("can neither be completed nor taken back" in note for note in report.notes)
            assert any("Undo begins anew" in note for note in report.notes)


@pytest.mark.parametrize("table", ["swaps", "acts", "swap_rows", "act_rows"])
@pytest.mark.parametrize("mode", ["undo", "redo"])
def test_whichever_table_of_the_history_is_torn_no_label_is_lost(
    table: str, mode: str, cut_off: dict[str, list[bytes]], tmp_path: Path
) -> None:
    for data in cut_off[mode]:
        page = pages_of(data, tmp_path, table)[0]
        torn = bytearray(data)
        torn[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
        report = rescue(bytes(torn), tmp_path)
        assert readable_labels(tmp_path / "broken.annot") <= kept_labels(tmp_path)
        # Leaves are found without the root of their tree, which holds some rows itself.
        inner = data[(page - 1) * PAGE] == 2
        if inner or table in ("swaps", "acts"):
            lost = int.from_bytes(data[(page - 1) * PAGE + 3 :][:2], "big") if inner else 0
            assert len(kept_labels(tmp_path)) >= ARTICLES + 1 - lost
        (note,) = [note for note in report.notes if "can neither be completed" in note]
        if table in ("swaps", "swap_rows", "act_rows"):
            assert "labelled 40 places GPE" in note


@pytest.mark.parametrize("mode", ["undo", "redo"])
def test_where_rows_of_an_undo_are_missing_it_says_how_many(
    mode: str, cut_off: dict[str, list[bytes]], tmp_path: Path
) -> None:
    path = tmp_path / "short.annot"
    for data in cut_off[mode]:
        path.write_bytes(data)
        with closing(sqlite3.connect(path)) as db:
            gone = db.execute(
                "DELETE FROM act_rows WHERE act IN (SELECT act FROM swaps) "
                'AND (tbl, "row") IN (SELECT tbl, "row" FROM act_rows JOIN swaps USING (act) LIMIT 3)'
            ).rowcount
            db.commit()
        if not gone:
            continue
        report = rescue(path.read_bytes(), tmp_path)
        assert any(f"{gone} of its rows cannot be read" in note for note in report.notes)
        assert readable_labels(tmp_path / "broken.annot") <= kept_labels(tmp_path)
        return
    pytest.fail("no moment at which there is anything to lose")


def test_a_torn_text_that_an_undo_was_to_take_out_stays(
    cut_off: dict[str, list[bytes]], tmp_path: Path
) -> None:
    """The act is not completed then: what would be noted for the redo lacks the text."""
    data = bytearray(cut_off["undo import"][0])
    place = data.index(b"More 3: Armenia")
    while data[place - 1] == ord('"'):  # that is an image of it
        place = data.index(b"More 3: Armenia", place + 1)
    data[place : place + 4] = b"\xff\xfe\xff\xfe"
    report = rescue(bytes(data), tmp_path)
    assert any("can neither be completed nor taken back" in note for note in report.notes)
    with open_project(tmp_path / "new.annot", annotator="anna") as project:
        assert project.articles.count() == 2 * ARTICLES
        assert project.redo() is None
        assert check(project).problems == ()


def test_of_a_cancelled_import_no_article_stays_without_its_text(
    cut_off: dict[str, list[bytes]], tmp_path: Path
) -> None:
    """Its text went first, and what is torn keeps the rest from being taken back."""
    data = cut_off["cancel"][-1]
    (page,) = pages_of(data, tmp_path, "progress")
    rescue(data[: (page - 1) * PAGE] + bytes(PAGE) + data[page * PAGE :], tmp_path)
    with open_project(tmp_path / "new.annot", annotator="anna") as project:
        titles = [
            row[0] for row in project.db.execute("SELECT title FROM articles WHERE meta LIKE '%salvaged%'")
        ]
        assert titles == []
        there = project.articles.count()
    lines = (tmp_path / "new-left-over.jsonl").read_text().splitlines()
    apart = [line for line in map(json.loads, lines) if line["table"] == "articles"]
    assert apart
    path = tmp_path / "look.annot"
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (there + len(apart),)


def test_what_an_older_reverting_left_does_not_come_back(
    cut_off: dict[str, list[bytes]], tmp_path: Path
) -> None:
    path = tmp_path / "reverted.annot"
    path.write_bytes(cut_off["revert"][-1])
    with open_project(path, annotator="ben") as project:  # takes it back
        project.annotations.remove(project.annotations.of(2)[0].id)
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "INSERT INTO swap_rows SELECT 0, tbl, \"row\", before FROM act_rows WHERE tbl = 'annotations' "
            "AND before IS NOT NULL"
        )
        db.commit()
        assert db.execute("SELECT count(*) FROM swap_rows").fetchone() == (1,)
    data = path.read_bytes()
    page = pages_of(data, tmp_path, "progress")[0]
    for torn in (data, data[: (page - 1) * PAGE] + bytes(PAGE) + data[page * PAGE :]):
        rescue(torn, tmp_path)
        with open_project(tmp_path / "new.annot", annotator="ben") as project:
            assert project.annotations.of(2) == []
            assert len(project.annotations.of(3)) == 1
