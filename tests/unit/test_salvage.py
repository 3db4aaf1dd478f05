"""Rescuing damaged projects: as much as there is, never a traceback, and the result is sound."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.model import (
    ArticleInput,
    NotAProjectError,
    PipelineInfo,
    ProjectError,
    StorageError,
    Suggestion,
)
from annotator.project import Project, create_project, open_project
from annotator.project.backup import make_backup
from annotator.project.check import check
from annotator.project.codebook_file import export_codebook
from annotator.project.salvage import SalvageReport, _remains, damage, salvage
from annotator.text import sha256

PAGE = 4096
ARTICLES = 40

Dump = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A project of some hundred pages: 40 articles with everything, short ones and some of many pages."""
    path = tmp_path_factory.mktemp("sound") / "news.annot"
    with create_project(path, annotator="anna") as project:
        with project.act("imported"):
            for n in range(ARTICLES):
                text = f"Article {n} on Armenia 🚀. " + "Russia denied it. " * (n * 37 % 500)
                project.articles.add(ArticleInput(text, f"T{n}", source="b.example"))
        for article in project.articles.ids():
            suggestions = [
                Suggestion("entity", "GPE", 0, 7, "ner", "ner: GPE"),
                Suggestion("entity", "ORG", 8, 9, "ner", "ner: ORG"),
            ]
            project.suggestions.replace(PipelineInfo("by_hand", "1"), [(article, suggestions, None)])
            project.annotations.accept(article, 1)
            project.annotations.reject(article, 2)
            project.annotations.add(article, "stance", "neutral")
            project.articles.set_note(article, f"note {article}")
        project.codebook_editing.edit_label("entity", "GPE", rule="With a government.")
        project.codebook_editing.add_example("entity", "GPE", 5, 0, 7, fits=False)
    return path.read_bytes()


@pytest.fixture
def broken(sound: bytes, tmp_path: Path) -> Callable[[Callable[[bytearray], object]], Path]:
    """Write the project, damaged by a function."""

    def write(damage: Callable[[bytearray], object]) -> Path:
        data = bytearray(sound)
        damage(data)
        path = tmp_path / "broken.annot"
        path.write_bytes(data)
        return path

    return write


def rescue(path: Path) -> SalvageReport:
    """Rescue into new.annot and see that the broken file is as it was and the new one sound."""
    before = hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns
    new = path.with_name("new.annot")
    apart = path.with_name("new-left-over.jsonl")
    for old in (new, apart):
        old.unlink(missing_ok=True)
    report = salvage(path, new)
    assert (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns) == before
    made = [p.name for p in (apart, new) if p != apart or report.left_over]
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name, *made]
    assert report.problems == ()
    # Every readable row of what people decided is in the new project, or in the file beside it.
    read = {table: set[object]() for table in ("progress", "annotations", "rejections")}
    with _remains(path) as remains:
        for table, row, loose in remains.rows():
            if table in read and not loose:
                read[table].add(row[0 if table == "progress" else 1])
    lines = [json.loads(line) for line in apart.read_text().splitlines()] if report.left_over else []
    with open_project(new, read_only=True) as project:
        for table, ids in read.items():
            kept = {id_ for (id_,) in project.db.execute(f"SELECT id FROM {table}")}
            assert ids <= kept | {line["row"]["id"] for line in lines if line["table"] == table}
    with open_project(new, annotator="anna") as project:
        assert check(project).problems == ()
        assert project.codebook.read().labels("stance")
        project.undo()
        assert check(project).problems == ()
    return report


def page_of(data: bytes, table: str, tmp_path: Path) -> int:
    """The offset of a table's root page."""
    import sqlite3
    from contextlib import closing

    path = tmp_path / "page.annot"
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
    path.unlink()
    return (int(root) - 1) * PAGE


def test_everything_comes_back_from_a_sound_file(
    broken: Callable[..., Path], human_rows: Callable[[Project], Dump]
) -> None:
    path = broken(lambda data: None)
    with open_project(path, read_only=True) as project:
        before, acts = human_rows(project), len(project.history.acts(1000))
    report = salvage(path, path.with_name("new.annot"))
    assert not any(report.lost.values())
    assert report.notes == []
    with open_project(path.with_name("new.annot"), annotator="anna") as project:
        assert human_rows(project) == before
        assert len(project.history.acts(1000)) == acts
        while project.undo() is not None:
            pass
        assert project.articles.count() == 0
        assert check(project).problems == ()


def test_a_torn_first_page_loses_only_undo(broken: Callable[..., Path]) -> None:
    def tear(data: bytearray) -> None:
        data[:PAGE] = bytes(PAGE)

    report = rescue(broken(tear))
    assert report.rescued["articles"] == report.rescued["texts"] == ARTICLES
    assert report.rescued["annotations"] == 2 * ARTICLES
    assert report.rescued["rejections"] == report.rescued["progress"] == ARTICLES
    assert (report.rescued["annotators"], report.rescued["layers"], report.rescued["labels"]) == (1, 3, 16)
    assert report.rescued["acts"] == 0
    assert "Undo begins anew" in report.summary()


@pytest.mark.parametrize("table", ["articles", "texts", "annotations"])
def test_a_torn_root_page_loses_none_of_the_rows_under_it(
    table: str, broken: Callable[..., Path], sound: bytes, tmp_path: Path
) -> None:
    start = page_of(sound, table, tmp_path)
    path = broken(lambda data: data.__setitem__(slice(start, start + PAGE), bytes(PAGE)))
    report = rescue(path)
    assert report.rescued["articles"] >= ARTICLES - 1
    assert report.rescued["annotations"] >= 2 * ARTICLES - 3  # an inner page of theirs holds rows itself


def test_lost_metadata_keep_their_text_labels_and_uuid(broken: Callable[..., Path], sound: bytes) -> None:
    place = sound.index(b"T7b.example")
    path = broken(lambda data: data.__setitem__(slice(place - 200, place - 140), b"\xff" * 60))
    before = {}
    with open_project(broken(lambda data: None), read_only=True) as project:
        for article in project.articles.ids():
            before[article] = project.articles.get(article).uuid
    path = broken(lambda data: data.__setitem__(slice(place - 180, place), b"\xff" * 180))
    report = rescue(path)
    assert report.lost["articles"] > 0
    assert report.rescued["articles"] == ARTICLES - report.lost["articles"]
    assert report.rescued["texts"] == ARTICLES
    assert "whose metadata are lost" in report.summary()
    with open_project(path.with_name("new.annot"), annotator="anna") as project:
        article = project.articles.get(8)
        assert (article.title, article.source) == ("T7", "b.example")  # two indexes know them
        assert article.uuid == before[8]
        assert "metadata" in article.meta["salvaged"]
        assert {a.label for a in project.annotations.of(8)} == {"GPE", "neutral"}


def test_an_altered_text_is_kept_and_told_with_the_labels_that_still_fit(
    broken: Callable[..., Path], sound: bytes
) -> None:
    place = sound.index(b"Article 3 on Armenia") + len("Article 3 on ")

    def alter(data: bytearray) -> None:
        data[place : place + 7] = b"Albania"

    report = rescue(broken(alter))
    assert report.rescued["texts"] == ARTICLES
    assert report.rescued["annotations"] == 2 * ARTICLES
    assert "not as it was imported" in report.summary()
    assert "T3" in report.summary()


def test_a_label_whose_text_changed_puts_it_right(broken: Callable[..., Path], sound: bytes) -> None:
    place = sound.index(b"Article 3 on Armenia")
    path = broken(lambda data: data.__setitem__(slice(place, place + 7), b"Artikel"))
    report = rescue(path)
    assert not any(report.lost.values())
    assert "whole again, as its SHA-256 proves: T3." in report.summary()
    assert "Undo begins anew" not in report.summary()


def test_what_fits_nowhere_is_a_line_of_a_file_beside(broken: Callable[..., Path], sound: bytes) -> None:
    place = sound.index(b"Article 3 on Armenia")
    path = broken(lambda data: data.__setitem__(slice(place, place + 7), b"?" * 7))
    report = rescue(path)
    assert report.rescued["annotations"] == 2 * ARTICLES - 1
    assert report.lost["annotations"] == 1
    assert "not as it was imported, compare them with their source: T3." in report.summary()
    assert report.left_over == path.with_name("new-left-over.jsonl")
    assert "new-left-over.jsonl, a line each" in report.summary()
    lines = [json.loads(line) for line in report.left_over.read_text(encoding="utf-8").splitlines()]
    (line,) = [line for line in lines if line["table"] == "annotations"]
    assert (line["row"]["start"], line["row"]["end"], line["row"]["quote"]) == (0, 7, "Article")
    text = f"Article 3 on Armenia 🚀. {'Russia denied it. ' * 111}"
    assert line["article"]["title"] == "T3"
    assert line["article"]["sha256"] == sha256(text)
    assert any(line["table"] == "acts" for line in lines)
    path.with_name("new.annot").unlink()
    with pytest.raises(ProjectError, match=r"new-left-over\.jsonl exists already"):
        salvage(path, path.with_name("new.annot"))


def test_an_example_whose_text_changed_keeps_its_words(broken: Callable[..., Path], sound: bytes) -> None:
    text = (
        "Article 4 on Armenia 🚀. " + "Russia denied it. " * 6
    )  # longer than what stands around the example
    place = sound.index(text.encode())
    path = broken(lambda data: data.__setitem__(slice(place, place + 7), b"?" * 7))
    rescue(path)
    with open_project(path.with_name("new.annot"), read_only=True) as project:
        (example,) = project.codebook_editing.examples("entity", "GPE")
        assert (example.quote, example.article, example.start) == ("Article", None, None)
        assert project.codebook.read().label("entity", "GPE").rule == "With a government."


def test_lost_annotators_and_labels_leave_a_name_to_their_work(
    broken: Callable[..., Path], sound: bytes, tmp_path: Path
) -> None:
    starts = [page_of(sound, table, tmp_path) for table in ("annotators", "labels")]

    def tear(data: bytearray) -> None:
        for start in starts:
            data[start : start + PAGE] = bytes(PAGE)

    path = broken(tear)
    report = rescue(path)
    assert report.rescued["annotations"] == 2 * ARTICLES
    assert "annotator 1 (name lost)" in report.summary()
    with open_project(path.with_name("new.annot"), annotator="annotator 1 (name lost)") as project:
        # The codebook was the default one: its labels are known.
        assert {a.label for a in project.annotations.of(1)} == {"GPE", "neutral"}


def test_what_was_removed_does_not_come_back(project: Project) -> None:
    with project.act("imported"):
        for n in range(30):
            project.articles.add(ArticleInput(f"text {n} " * 300, f"title {n}"))
    for _ in range(20):
        project.db.execute("DELETE FROM acts WHERE 0")
    project.undo()
    with project.act("imported"):
        project.articles.add(ArticleInput("the only one", "title"))
    project.close()
    report = salvage(project.path, project.path.with_name("new.annot"))
    assert report.rescued["articles"] == report.rescued["texts"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_a_killed_writer_had_begun_is_taken_back_first(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / "broken.annot"
    path.write_bytes(sound)
    code = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('PRAGMA cache_size = 1')\n"
        "db.execute('UPDATE texts SET text = replace(text, \\'Russia\\', \\'Utopia\\')')\n"
        "os.kill(os.getpid(), 9)"
    )
    process = subprocess.run([sys.executable, "-c", code, path], check=False)
    assert process.returncode == -signal.SIGKILL
    assert path.with_name("broken.annot-journal").exists()
    assert b"Utopia" in path.read_bytes()
    report = salvage(path, tmp_path / "new.annot")
    assert report.problems == ()
    assert "not as it was imported" not in report.summary()
    assert b"Utopia" not in (tmp_path / "new.annot").read_bytes()
    assert path.with_name("broken.annot-journal").exists()


def test_a_file_that_exists_is_not_replaced_and_what_is_not_there_is_said(
    broken: Callable[..., Path], tmp_path: Path
) -> None:
    path = broken(lambda data: None)
    (tmp_path / "new.annot").write_text("precious")
    with pytest.raises(ProjectError, match="exists already"):
        salvage(path, tmp_path / "new")
    assert (tmp_path / "new.annot").read_text() == "precious"
    with pytest.raises(NotAProjectError, match="There is no file"):
        salvage(tmp_path / "gone.annot", tmp_path / "other.annot")


@pytest.mark.parametrize("content", [b"", b"text" * 5000, bytes(50_000)], ids=["empty", "text", "zeros"])
def test_where_nothing_is_left_there_is_no_new_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.annot"
    path.write_bytes(content)
    with pytest.raises(NotAProjectError, match="Nothing of an Annotator project"):
        salvage(path, tmp_path / "new.annot")
    assert damage(path) == []
    assert [p.name for p in tmp_path.iterdir()] == ["broken.annot"]


def test_a_codebook_of_which_no_article_is_left_is_rescued(project: Project, tmp_path: Path) -> None:
    project.codebook_editing.add_label("entity", "FLEET", color="#1f77b4", definition="Ships of one owner.")
    project.close()
    with closing(sqlite3.connect(project.path)) as db, db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'articles'").fetchone()
    with project.path.open("rb+") as file:
        file.seek((page - 1) * PAGE)
        file.write(bytes(PAGE))
    rescue(project.path)
    with open_project(project.path.with_name("new.annot")) as found:
        assert "FLEET" in [label.name for label in found.codebook.read().layers[0].labels]


# Random damage, the same at each run


def _truncate(data: bytearray, numbers: random.Random) -> None:
    del data[numbers.randrange(100, len(data)) :]


def _single_bytes(data: bytearray, numbers: random.Random) -> None:
    for _ in range(numbers.choice([1, 10, 300])):
        data[numbers.randrange(len(data))] = numbers.randrange(256)


def _random_pages(data: bytearray, numbers: random.Random) -> None:
    for _ in range(numbers.choice([1, 3, 20])):
        start = numbers.randrange(len(data) // PAGE) * PAGE
        data[start : start + PAGE] = numbers.randbytes(PAGE)


def _zeros(data: bytearray, numbers: random.Random) -> None:
    start = numbers.randrange(len(data))
    length = min(numbers.randrange(1, 40_000), len(data) - start)
    data[start : start + length] = bytes(length)


def _swapped_pages(data: bytearray, numbers: random.Random) -> None:
    a, b = (numbers.randrange(1, len(data) // PAGE) * PAGE for _ in range(2))
    data[a : a + PAGE], data[b : b + PAGE] = data[b : b + PAGE], data[a : a + PAGE]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("harm", [_truncate, _single_bytes, _random_pages, _zeros, _swapped_pages])
def test_random_damage_is_survived(
    harm: Callable[[bytearray, random.Random], None],
    seed: int,
    broken: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = broken(lambda data: harm(data, random.Random(seed)))
    assert main(["check", str(path)]) in (0, 1)
    output = capsys.readouterr()
    assert "Traceback" not in output.out + output.err
    assert output.out or output.err
    try:
        report = rescue(path)
    except NotAProjectError:
        assert harm is _truncate
        assert damage(path) == []
    else:
        worth = ("articles", "texts", "annotations", "rejections", "labels", "actors")
        assert any(report.rescued[table] for table in worth)


# On the command line


@pytest.fixture
def torn(broken: Callable[..., Path], sound: bytes, tmp_path: Path) -> Path:
    start = page_of(sound, "texts", tmp_path)
    return broken(lambda data: data.__setitem__(slice(start, start + PAGE), b"\xff" * PAGE))


def test_check_says_what_is_damaged_and_what_to_do(torn: Path, capsys: Any) -> None:
    assert main(["check", str(torn)]) == 1
    out = capsys.readouterr().out
    assert f"articles: {ARTICLES} rows, 0 that cannot be read" in out
    assert "1 of " in out
    assert "annotator salvage broken.annot NEW.annot" in out
    assert "newest backup" not in out


def test_check_names_the_newest_backup(torn: Path, sound: bytes, capsys: Any) -> None:
    bad = torn.read_bytes()
    torn.write_bytes(sound)
    made = make_backup(torn)
    torn.write_bytes(bad)
    assert main(["check", str(torn)]) == 1
    assert made is not None
    out = capsys.readouterr().out
    assert f"Its newest backup is backups/{made.name}, made " in out
    assert f"annotator copy {made} NEW.annot" in out


@pytest.mark.parametrize("length", [100, 4096, 100_000])
def test_check_of_a_truncated_file_is_a_sentence(
    length: int, broken: Callable[..., Path], capsys: Any
) -> None:
    path = broken(lambda data: data.__delitem__(slice(length, None)))
    assert main(["check", str(path)]) == 1
    output = capsys.readouterr()
    assert "broken.annot is damaged" in output.out + output.err


def test_salvage_on_the_command_line_reports_by_table(torn: Path, capsys: Any) -> None:
    new = torn.with_name("new.annot")
    assert main(["salvage", str(torn), str(new)]) == 0
    out = capsys.readouterr().out
    assert f"articles: {ARTICLES} rescued, 0 lost" in out
    assert main(["check", str(new)]) == 0
    assert main(["salvage", str(torn), str(new)]) == 1


def test_copy_on_the_command_line(broken: Callable[..., Path], capsys: Any) -> None:
    path = broken(lambda data: None)
    new = path.with_name("copy.annot")
    assert main(["copy", str(path), str(new)]) == 0
    assert capsys.readouterr().out == f"{new} made.\n"
    assert main(["check", str(new)]) == 0
    assert main(["copy", str(path), str(new)]) == 1
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["compact --older-than 0 --yes", "codebook --import FILE --yes"])
def test_commands_that_drop_or_replace_back_up_first_unless_told_not_to(
    broken: Callable[..., Path], tmp_path: Path, command: str
) -> None:
    path, backups = broken(lambda data: None), tmp_path / "backups"
    with create_project(tmp_path / "other.annot") as other:
        other.codebook_editing.edit_label("entity", "ORG", rule="Only bodies.")
        export_codebook(other, tmp_path / "codebook.toml")
    name, *rest = command.replace("FILE", str(tmp_path / "codebook.toml")).split()

    def state() -> tuple[object, ...]:
        with open_project(path, read_only=True) as project:
            return project.acts.ids(), project.codebook.read()

    before = state()
    assert main(["compact", str(path)]) == 0
    assert not backups.exists(), "nothing went that is worth one"
    shutil.copy(path, kept := tmp_path / "kept")
    assert main([name, str(path), *rest, "--no-backup"]) == 0
    assert not backups.exists()
    assert state() != before
    shutil.copy(kept, path)
    assert main([name, str(path), *rest]) == 0
    (backup,) = backups.iterdir()
    assert state() != before
    shutil.copy(backup, path)
    assert state() == before


def test_commands_that_write_back_up_first_unless_told_not_to(
    broken: Callable[..., Path], tmp_path: Path, capsys: Any
) -> None:
    path = broken(lambda data: None)
    (tmp_path / "a.txt").write_text("Another article.")
    assert main(["import", str(path), str(tmp_path / "a.txt"), "--no-backup"]) == 0
    assert not (tmp_path / "backups").exists()
    (tmp_path / "b.txt").write_text("Yet another article.")
    assert main(["import", str(path), str(tmp_path / "b.txt")]) == 0
    (backup,) = (tmp_path / "backups").iterdir()
    with open_project(backup, read_only=True) as project:
        assert project.articles.count() == ARTICLES + 1
    shutil.rmtree(tmp_path / "backups")
    (tmp_path / "backups").write_text("in the way")
    assert main(["import", str(path), str(tmp_path / "c.txt")]) == 1
    assert "Or go on without a backup: --no-backup" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["making", "locking", "filling", "opening"])
def test_without_room_the_folder_is_named_that_people_know(
    place: str, broken: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    from annotator.project import lock, store
    from annotator.project import salvage as salvaging

    def full(*args: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    def refused(*args: object) -> None:
        raise OSError(28, "No space left on device")

    if place == "locking":
        monkeypatch.setattr(lock, "_publish", refused)
    elif place == "opening":
        monkeypatch.setattr(salvaging, "check", full)
    else:
        monkeypatch.setattr(*{"making": (store, "_migrate"), "filling": (salvaging, "_fill")}[place], full)
    path = broken(lambda data: None)
    with pytest.raises(StorageError) as caught:
        salvage(path, path.with_name("new.annot"))
    words = str(caught.value)
    assert words.startswith(f"new.annot was not made in {path.parent}: ")
    assert words.endswith("Make room there or choose another folder, then try again.")
    assert "no space left" in words or "disk is full" in words
    assert [file.name for file in path.parent.iterdir()] == [path.name]
