"""Projects and articles that are broken, or made to do harm: refused by name and cause, or mere text."""

from __future__ import annotations

import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from annotator.cli import main
from annotator.formats import ImportReport, export_jsonl, import_paths, import_text
from annotator.formats.files import find
from annotator.formats.jsonl import MEND
from annotator.model import AnnotatorError, ArticleInput, DamagedProjectError, NotAProjectError
from annotator.project import Project, create_project, layout, open_project
from annotator.project.check import check
from annotator.text import LARGEST_TEXT

from .conftest import finish

posix = pytest.mark.skipif(sys.platform == "win32", reason="there is no such thing there")


def do_import(project: Project, *paths: Path) -> ImportReport:
    report = finish(import_paths(project, paths))
    assert isinstance(report, ImportReport)
    return report


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A closed project with two articles and an annotation."""
    with create_project(tmp_path / "news", annotator="anna") as project:
        with project.act("imported"):
            for n in (1, 2):
                project.articles.add(ArticleInput(f"Armenia {n}. " + "word " * 200, f"title {n}"))
        project.annotations.add(1, "entity", "GPE", 0, 7)
        return project.path


def tamper(path: Path, *statements: str) -> bytes:
    """Change a project with another program; return its bytes then."""
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()
    return path.read_bytes()


# Project files


@pytest.mark.parametrize(
    "trigger",
    [
        "CREATE TRIGGER t AFTER INSERT ON acts BEGIN DELETE FROM annotations; END",
        "CREATE TRIGGER t AFTER INSERT ON _sqlite_migrations BEGIN DELETE FROM annotations; END",
        "CREATE TRIGGER t INSTEAD OF INSERT ON label_counts BEGIN DELETE FROM annotations; END",
        'CREATE TRIGGER "\'); DROP TABLE annotations; --" AFTER UPDATE ON articles BEGIN SELECT 1; END',
    ],
)
@pytest.mark.parametrize("read_only", [True, False])
def test_a_project_with_a_trigger_in_it_is_refused_untouched(
    closed: Path, trigger: str, read_only: bool
) -> None:
    before = tamper(closed, trigger)
    with pytest.raises(NotAProjectError, match=r"news\.annot has the trigger .*Nothing of it was run"):
        open_project(closed, read_only=read_only)
    assert closed.read_bytes() == before
    assert [p.name for p in closed.parent.iterdir()] == ["news.annot"]


@pytest.mark.parametrize(
    "statements",
    [
        [
            "DROP VIEW article_contents",
            "CREATE VIEW article_contents AS SELECT 1 AS id, 'x' AS title, 'y' AS text",
        ],
        [
            "DROP VIEW article_contents",
            "CREATE VIEW article_contents AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id FROM n) "
            "SELECT id, 'x' AS title, load_extension('evil') AS text FROM n",
        ],
        ["DROP TABLE texts", "CREATE VIEW texts AS SELECT 1 AS id, 'x' AS text"],
        ["ALTER TABLE labels DROP COLUMN definition"],
        ["DROP TABLE rejections"],
        ["DROP TABLE articles_fts"],
        ["ALTER TABLE settings RENAME TO preferences"],
    ],
)
@pytest.mark.parametrize("read_only", [True, False])
def test_a_project_that_is_laid_out_otherwise_is_refused(
    closed: Path, statements: list[str], read_only: bool
) -> None:
    before = tamper(closed, "PRAGMA foreign_keys = OFF", *statements)
    with pytest.raises(
        DamagedProjectError, match=r"news\.annot is damaged, or was changed by another program"
    ):
        open_project(closed, read_only=read_only)
    assert closed.read_bytes() == before


def test_a_migrations_table_that_is_a_view_is_refused(closed: Path) -> None:
    tamper(
        closed,
        "DROP TABLE _sqlite_migrations",
        "CREATE VIEW _sqlite_migrations AS WITH RECURSIVE n(name) AS (SELECT 'x' UNION ALL SELECT name "
        "FROM n) SELECT 'annotator' AS migration_set, name, '' AS applied_at FROM n",
    )
    with pytest.raises(NotAProjectError, match="has the view '_sqlite_migrations'"):
        open_project(closed)


def test_what_others_added_is_neither_read_nor_run(closed: Path) -> None:
    """A view of one's own is no reason to lock a researcher out; nothing ever reads it."""
    tamper(
        closed,
        "CREATE VIEW mine AS SELECT load_extension('evil') AS x",
        "CREATE TABLE notes (text TEXT)",
        "CREATE INDEX notes_text ON notes(lower(text))",
        "INSERT INTO settings(key, value) VALUES ('model', 'os.system'), ('pipeline', '/tmp/evil')",
    )
    with open_project(closed, annotator="anna") as project:
        project.articles.set_note(1, "works")
        assert check(project).problems == ()
        with pytest.raises(sqlite3.DatabaseError, match=r"unsafe use|not authorized|no such function"):
            project.db.execute("SELECT * FROM mine").fetchall()


@pytest.mark.parametrize("read_only", [False, True])
def test_what_a_file_holds_may_call_no_functions(closed: Path, read_only: bool) -> None:
    with open_project(closed, read_only=read_only) as project:
        assert project.db.execute("PRAGMA trusted_schema").fetchone() == (0,)


def test_extensions_cannot_be_loaded(project: Project) -> None:
    with pytest.raises(sqlite3.OperationalError, match=r"not authorized|no such function"):
        project.db.execute("SELECT load_extension('evil')")


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.6, 0.9, 0.98])
def test_a_truncated_project_is_called_damaged(closed: Path, keep: float) -> None:
    content = closed.read_bytes()
    closed.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises((DamagedProjectError, NotAProjectError), match=r"news\.annot"):
        open_project(closed)
    assert [p.name for p in closed.parent.iterdir()] == ["news.annot"]


def test_random_bytes_in_a_project_are_found_on_opening_or_do_no_harm(closed: Path) -> None:
    content, chance, found = closed.read_bytes(), random.Random(1), 0
    for _ in range(40):
        broken = bytearray(content)
        start = chance.randrange(100, len(broken) - 600)
        broken[start : start + 500] = chance.randbytes(500)
        closed.write_bytes(broken)
        try:
            with open_project(closed, annotator="anna", read_only=bool(start % 2)) as project:
                found += bool(check(project).problems)
        except (DamagedProjectError, NotAProjectError) as error:
            found += "news.annot" in str(error)
    assert found > 3  # most pages of a new project are empty: there bytes do no harm


def test_damage_is_found_before_the_first_write(closed: Path) -> None:
    content = bytearray(closed.read_bytes())
    with closing(sqlite3.connect(closed)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'annotations'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    content[(root - 1) * size + 8 : root * size - 200] = bytes(size - 208)
    closed.write_bytes(content)
    with pytest.raises(DamagedProjectError, match=r"is damaged \(.*File > Restore.*annotator salvage"):
        open_project(closed)
    assert closed.read_bytes() == content


def test_looking_a_file_over_on_opening_costs_under_50_ms(tmp_path: Path) -> None:
    with create_project(tmp_path / "p", annotator="anna") as project:
        with project.act("imported"):
            for n in range(1300):
                project.articles.add(ArticleInput(f"{n} " + "word text Armenia " * 200, f"title {n}"))
        assert 0.5 < project.path.stat().st_size / layout.QUICK_CHECK_BYTES < 1
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            layout.require_sound(project.db, project.path)
            times.append(time.perf_counter() - begin)
    assert min(times) < 0.05


@posix
def test_a_pipe_is_no_project_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.annot")
    for path in (tmp_path / "p.annot", Path("/dev/null"), Path("/dev/zero")):
        with pytest.raises(NotAProjectError, match="is not a regular file"):
            open_project(path)


# Names and words

NASTY = [
    "'; DROP TABLE annotations; --",
    "\"quoted\" \\ 'single'",
    "<b>bold</b><img src=x onerror=alert(1)>",
    "100 %s %d %(name)s {0} {name}",
    "=cmd|'/c calc'!A1",
    "nul\0inside",
    "line\nend\ttab",
    "\ud800 surrogate",
    "../../etc/passwd",
    "\u202eright to left\u202c",
    "\x1b[31mred\x1b[0m",
    "Ω" * 100_000,
]


@pytest.mark.parametrize("words", NASTY, ids=range(len(NASTY)))
def test_whatever_a_name_holds_it_is_stored_found_and_exported_as_it_is(
    project: Project, tmp_path: Path, words: str
) -> None:
    kept = words.replace("\0", "").replace("\ud800", "\ufffd")
    project.annotator = kept
    with project.act("imported"):
        project.articles.add(
            ArticleInput("Armenia " + words, words, source=words, author=words, meta={words: words})
        )
    article = project.articles.get(1)
    assert (article.title, article.source, article.author) == (kept, kept, kept)
    assert article.meta == {kept: kept}
    with project.act("label"):
        project.codebook.ensure("entity", words, whole_article=False)
    project.annotations.add(1, "entity", kept, 0, 7)
    project.annotations.add(1, "stance", "neutral")
    project.articles.set_note(1, words)
    project.articles.ids()
    assert project.history.last() is not None
    target = tmp_path / "out.jsonl"
    finish(export_jsonl(project, target))
    (line,) = (json.loads(line) for line in target.read_text(encoding="utf-8").splitlines() if line)
    assert (line["annotator"], line["title"], line["note"]) == (kept, kept, kept)
    assert line["spans"][0]["label"] == kept
    with create_project(tmp_path / "again", annotator="ben") as again:
        assert do_import(again, target).failed == ()
        finish(export_jsonl(again, tmp_path / "again.jsonl"))
        assert (tmp_path / "again.jsonl").read_bytes() == target.read_bytes()
    assert check(project).problems == ()
    project.undo()
    assert project.db.execute("SELECT count(*) FROM annotations").fetchone()[0] > 0


@pytest.mark.parametrize("words", NASTY[:-1], ids=range(len(NASTY) - 1))
def test_any_words_can_be_searched_for(with_articles: Project, words: str) -> None:
    from annotator.model import ArticleFilter

    for search in (
        words,
        f'"{words}',
        f"{words}*",
        f"title:{words}",
        f"NEAR({words})",
        f"-{words} OR",
        "(" * 50,
    ):
        with_articles.articles.ids(ArticleFilter(search=search))


def test_a_terminal_gets_no_orders_from_names_in_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.annot"
    with create_project(path, annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput("text", "\x1b[31mred\x07"))
            project.codebook.ensure("entity", "\x1b]0;title\x07", whole_article=False)
        project.annotations.add(1, "entity", "\x1b]0;title\x07", 0, 4)
        project.db.execute("UPDATE annotations SET quote = char(27) || '[2J'")
        project.db.conn.commit()
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps({"schema": "annotator/1", "\x1b[31m": 1}) + "\n")
    for arguments in (["stats", str(path)], ["check", str(path)], ["import", str(path), str(bad)]):
        main(arguments)
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
    assert "\x07" not in shown.out + shown.err
    assert "\ufffd[2J" in shown.out


# Articles


def test_a_broken_line_in_the_middle_is_named_and_nothing_of_the_file_comes_in(
    with_articles: Project, tmp_path: Path
) -> None:
    target = tmp_path / "out.jsonl"
    finish(export_jsonl(with_articles, target))
    lines = target.read_bytes().splitlines()
    for broken in (
        lines[1][:-20],
        lines[1].replace(b"{", b"[", 1),
        b"\xff" + lines[1],
        random.Random(3).randbytes(300),
    ):
        broken = broken.replace(b"\n", b"")
        target.write_bytes(b"\n".join([lines[0], broken, lines[2]]))
        with create_project(tmp_path / f"new{len(broken)}{broken[0]}") as project:
            (failure,) = do_import(project, target).failed
            assert failure[0] == str(target)
            assert failure[1].startswith("line 2: ")
            assert project.articles.count() == 0


def test_a_text_of_50_mb_is_refused_with_the_reason(project: Project, tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    huge.write_bytes(b"word " * 10_000_000)
    wide = tmp_path / "wide.txt"
    wide.write_text("word\n" * (LARGEST_TEXT // 5 + 1))
    line = tmp_path / "huge.jsonl"
    line.write_text(json.dumps({"text": "word " * 10_000_000}))
    endless = tmp_path / "endless.jsonl"
    endless.write_bytes(b"[" * 70_000_000)
    tracemalloc.start()
    report = do_import(project, huge, wide, line, endless)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    reasons = {Path(path).name: reason for path, reason in report.failed}
    assert reasons["huge.txt"].startswith(
        "is 50,000,000 bytes long, and an article may have 5,000,000 characters"
    )
    assert reasons["wide.txt"].startswith("is 5,000,005 characters long")
    assert reasons["endless.jsonl"] == f"line 1: is longer than 64,000,000 bytes; {MEND}"
    assert reasons["huge.jsonl"].startswith("line 1: ")
    assert project.articles.count() == 0
    assert peak < 250_000_000
    with pytest.raises(AnnotatorError, match="characters long"):
        import_text(project, "word\n" * (LARGEST_TEXT // 5 + 1))


def test_a_line_of_a_megabyte_comes_in_and_goes_out(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Title\n\n" + "wörd " * 200_000)
    assert do_import(project, tmp_path / "a.txt").new == 1
    project.annotations.add(1, "entity", "GPE", 999_000, 999_004)
    finish(export_jsonl(project, tmp_path / "out.jsonl"))
    with create_project(tmp_path / "again") as again:
        assert do_import(again, tmp_path / "out.jsonl").verified == 1


def test_ten_thousand_spans_on_one_article_come_in_and_go_out(project: Project, tmp_path: Path) -> None:
    text = "name " * 10_000
    with project.act("imported"):
        project.articles.add(ArticleInput(text, "many"))
    project.annotations.add(1, "entity", "GPE", 0, 4)
    finish(export_jsonl(project, tmp_path / "one.jsonl"))
    line = json.loads((tmp_path / "one.jsonl").read_text())
    span = line["spans"][0]
    line["spans"] = [span | {"id": str(n), "start": 5 * n, "end": 5 * n + 4} for n in range(10_000)]
    (tmp_path / "many.jsonl").write_text(json.dumps(line) + "\n")
    with create_project(tmp_path / "again", annotator="anna") as again:
        assert do_import(again, tmp_path / "many.jsonl").verified == 10_000
        begin = time.perf_counter()
        assert len(again.annotations.of(1)) == 10_000
        assert again.suggestions.open(1) == []
        assert time.perf_counter() - begin < 1
        report = finish(export_jsonl(again, tmp_path / "out.jsonl"))
        assert report.verified == 10_000


# Folders


@posix
def test_what_is_no_file_is_refused_and_the_rest_comes_in(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("A\n\na")
    os.mkfifo(folder / "pipe.txt")
    (folder / "device.jsonl").symlink_to("/dev/zero")
    with tempfile.TemporaryDirectory() as short, closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind(f"{short}/s.txt")  # the name of a socket has at most 100 bytes
        report = do_import(project, folder, Path(short))
    assert report.new == 1
    assert {Path(path).name: reason for path, reason in report.failed} == {
        "pipe.txt": "is not a regular file; leave it out",
        "device.jsonl": "is not a regular file; leave it out",
        "s.txt": "is not a regular file; leave it out",
    }


@posix
def test_loops_of_links_come_to_an_end(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("A\n\na")
    (folder / "deep" / "up").symlink_to("..")
    (folder / "x").symlink_to("y")
    (folder / "y").symlink_to("x")
    (folder / "self.txt").symlink_to("self.txt")
    report = do_import(project, folder)
    assert report.new == 1
    (failure,) = report.failed
    assert "self.txt" in failure[0]
    assert "symbolic link" in failure[1]


@posix
def test_folders_nested_more_deeply_than_calls_are_walked(project: Project, tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    with os.fdopen(os.open("a.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here), "w") as file:
        file.write("A\n\na")
    os.close(here)
    try:
        assert do_import(project, tmp_path / "d").new == 1
    finally:  # pytest could not remove it
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


@posix
def test_an_unreadable_folder_is_named(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in" / "secret").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text("A\n\na")
    listdir = os.listdir

    def refuse(path: Path) -> list[str]:  # not by chmod: it does not bind the superuser
        if path.name == "secret":
            raise PermissionError(13, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refuse)
    report = do_import(project, tmp_path / "in")
    assert report.new == 1
    assert report.failed == (
        (
            str(tmp_path / "in" / "secret"),
            "cannot be read: permission denied; make it readable, or leave it out",
        ),
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only there may names be any bytes")
def test_file_names_with_line_ends_and_wrong_bytes_give_clean_reports(
    project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in (b"a\nb.txt", b"c\x1b[31m.txt", b"d\xff.txt", b"-rf.txt", b"%s.txt", b"<b>.txt"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("")
    good = Path(os.fsdecode(os.fsencode(folder) + b"/e\n\xff%s.txt"))
    good.write_text("\n\nthe text of a file with a strange name")
    report = do_import(project, folder)
    assert report.new == 1
    assert len(report.failed) == 6
    lines = report.summary().split("\n")
    assert len(lines) == 9  # a line for each, and what to do
    assert all(line.isprintable() for line in lines)
    project.articles.get(1).meta["file"].encode()


def test_a_large_folder_is_listed_in_flat_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"article {n:06}.txt" for n in range(40_000)]
    for name in names[:3000]:
        (tmp_path / name).touch()
    real, folder = (tmp_path / names[0]).stat(), tmp_path.stat()
    monkeypatch.setattr(os, "listdir", lambda path: list(names))
    monkeypatch.setattr(Path, "stat", lambda path, **options: real if path.suffix else folder)
    tracemalloc.start()
    count = sum(1 for found in find([tmp_path], {".txt"}) if found.reason is None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 40_000
    assert peak < 8_000_000  # the names themselves


def test_a_folder_of_thousands_of_files_is_found_step_by_step(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(3000):
        (folder / f"{n}.txt").write_text(f"Title {n}\n\ntext")
    steps = import_paths(project, [folder], step_seconds=0.001)
    longest, begin = 0.0, time.perf_counter()
    seen = 0
    for _ in steps:
        longest, begin = max(longest, time.perf_counter() - begin), time.perf_counter()
        seen += 1
        if seen == 40:
            break
    steps.close()
    assert seen == 40
    assert longest < 0.5
    assert project.articles.count() == 0
