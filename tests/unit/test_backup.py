"""Backups: when one is made, which are kept, and that a killed one does no harm."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.model import (
    ArticleInput,
    DamagedProjectError,
    ProjectError,
    ReadOnlyProjectError,
    StorageError,
)
from annotator.project import Project, backup, copying, create_project, open_project
from annotator.project.backup import (
    BackupThread,
    _whose,
    backup_files,
    is_current,
    list_backups,
    make_backup,
    to_delete,
)
from annotator.project.check import check
from annotator.project.copying import copy_pages

NOON = datetime(2099, 6, 24, 12, tzinfo=UTC)  # a Wednesday, after every act of these tests
STAMPS = st.integers(0, 90 * 24 * 60).map(lambda minutes: NOON - timedelta(minutes=minutes))


def names(project: Path) -> list[str]:
    return sorted(path.name for path in (project.parent / "backups").iterdir())


# Which may go


def test_the_last_five_stay_however_old() -> None:
    old = [NOON - timedelta(days=400 + n) for n in range(8)]
    assert to_delete(old, NOON) == set(old[5:])


def test_one_a_day_for_a_week_and_one_a_week_for_a_month_stay() -> None:
    hourly = [NOON - timedelta(hours=hours) for hours in range(24 * 60)]
    kept = sorted(set(hourly) - to_delete(hourly, NOON), reverse=True)
    assert kept[:5] == hourly[:5]
    # midnights are the days' ends: 23:00 is the last full hour of a day
    days = [datetime(2099, 6, day, 23, tzinfo=UTC) for day in (23, 22, 21, 20, 19, 18, 17)]
    weeks = [datetime(2099, 6, 14, 23, tzinfo=UTC), datetime(2099, 6, 7, 23, tzinfo=UTC)]
    weeks += [datetime(2099, 5, 31, 23, tzinfo=UTC), datetime(2099, 5, 24, 23, tzinfo=UTC)]
    assert kept[5:] == [*days, *weeks]


@given(st.lists(STAMPS, unique=True))
def test_the_newest_is_never_deleted_nor_more_than_there_is(times: list[datetime]) -> None:
    gone = to_delete(times, NOON)
    assert gone <= set(times)
    assert not gone & set(sorted(times, reverse=True)[:5])
    assert len(set(times) - gone) <= 5 + 8 + 6


@given(st.lists(STAMPS, unique=True, min_size=1), STAMPS)
def test_a_clock_that_was_set_back_deletes_nothing_that_seems_to_come_later(
    times: list[datetime], now: datetime
) -> None:
    gone = to_delete([*times, now], now)
    assert all(time <= now for time in gone)
    assert now not in gone


def test_deleting_again_deletes_no_more() -> None:
    numbers = random.Random(3)
    times = {NOON - timedelta(minutes=numbers.randrange(60 * 24 * 60)) for _ in range(300)}
    left = times - to_delete(times, NOON)
    assert to_delete(left, NOON) == set()


# Making one


def test_a_backup_is_a_whole_project(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    suggested.articles.set_status(1, "done")
    made = make_backup(suggested.path, now=NOON)
    assert made == suggested.path.parent / "backups" / "fresh-20990624T120000Z.annot"
    assert names(suggested.path) == [made.name]
    with open_project(made, read_only=True) as copy:
        assert check(copy).problems == ()
        assert [a.quote for a in copy.annotations.of(1, 1)] == ["Armenia"]
    (listed,) = list_backups(suggested.path)
    assert (listed.made, listed.articles, listed.done, listed.annotations) == (NOON, 3, 1, 1)
    assert listed.last_act == suggested.history.last().text  # type: ignore[union-attr]
    assert listed.size == made.stat().st_size


def test_nothing_is_backed_up_twice(with_articles: Project) -> None:
    path = with_articles.path
    assert make_backup(path) is not None
    assert is_current(path)
    assert make_backup(path) is None
    with_articles.close()
    open_project(path).close()
    assert make_backup(path) is None
    with open_project(path, annotator="anna") as again:
        again.articles.set_note(1, "new")
    assert make_backup(path) is not None
    assert len(names(path)) == 2


def test_backups_within_one_second_do_not_replace_each_other(with_articles: Project) -> None:
    for note in ("one", "two"):
        with_articles.articles.set_note(1, note)
        make_backup(with_articles.path, now=NOON)
    assert names(with_articles.path) == ["fresh-20990624T120000Z.annot", "fresh-20990624T120001Z.annot"]


def test_old_ones_go_and_everything_else_stays(with_articles: Project) -> None:
    path = with_articles.path
    foreign = path.parent / "backups"
    foreign.mkdir()
    others = [
        "fresh-copy.annot",
        "notes.txt",
        "fresh-20200101T000000Z.annot.txt",
        "other-20200101T000000Z.annot",
    ]
    for name in others:
        (foreign / name).write_text("mine")
    for n in range(9):
        with_articles.articles.set_note(1, str(n))
        make_backup(path, now=NOON + timedelta(minutes=n))
    assert [made.minute for made in backup_files(path)] == [8, 7, 6, 5, 4]
    assert set(others) <= set(names(path))


def test_a_backup_is_only_read(with_articles: Project) -> None:
    made = make_backup(with_articles.path)
    assert made is not None
    link = with_articles.path.with_name("link.annot")
    link.symlink_to(made)
    before = made.read_bytes()
    for path in (made, link):
        with pytest.raises(ReadOnlyProjectError, match=r"is a backup.*Restore it into a new file"):
            open_project(path)
    with open_project(made, read_only=True) as project:
        assert project.articles.count() == 3
    assert made.read_bytes() == before
    assert names(with_articles.path) == [made.name]
    with pytest.raises(ProjectError, match="Choose another name"):
        create_project(made.with_name("new-20260101T000000Z.annot"))
    # elsewhere, or called otherwise, it is a project as any other
    for there in (made.with_name("news.annot"), made.parents[1] / made.name):
        there.write_bytes(before)
        open_project(there).close()


def test_a_backup_that_somebody_works_on_or_has_worked_on_stays(with_articles: Project) -> None:
    path = with_articles.path

    def back_up(first: int, last: int) -> list[Path]:
        made = []
        for n in range(first, last):
            with_articles.articles.set_note(1, str(n))
            made.append(make_backup(path, now=NOON + timedelta(minutes=n)))
        return [each for each in made if each is not None]

    locked, journal, written, left = back_up(0, 4)
    locked.with_name(locked.name + ".lock").write_text("{}")
    journal.with_name(journal.name + "-journal").write_text("")
    # as programs before this one did
    with closing(sqlite3.connect(written)) as db, db:
        db.execute(
            "UPDATE acts SET created_at = '2099-06-24T12:02:01.000Z' WHERE id = (SELECT max(id) FROM acts)"
        )
    back_up(4, 12)
    assert [each.exists() for each in (locked, journal, written, left)] == [True, True, True, False]


def test_an_act_during_the_copying_is_none_after_it(
    with_articles: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(project: Path, part: Path, step: Any) -> bool:
        time.sleep(1.1)
        with_articles.articles.set_note(1, "meanwhile")
        return copy_pages(project, part, step)

    monkeypatch.setattr("annotator.project.backup.copy_pages", slow)
    made = make_backup(with_articles.path)
    assert made is not None
    ((stamp, _),) = backup_files(with_articles.path).items()
    _, last_act = _whose(made)
    assert last_act < (stamp + timedelta(seconds=1)).isoformat()


def test_backups_of_another_project_that_had_the_name_stay(tmp_path: Path) -> None:
    path = tmp_path / "news.annot"
    for n in range(2):
        with create_project(path, annotator="anna") as project:
            for note in range(7):
                with project.act("imported"):
                    project.articles.add(ArticleInput(f"text {n} {note}", "title"))
                make_backup(path, now=NOON + timedelta(hours=n, minutes=note))
        path.unlink()
    kept = [(made.hour, made.minute) for made in backup_files(path)]
    assert kept == [(13, 6), (13, 5), (13, 4), (13, 3), (13, 2), *((12, m) for m in (6, 5, 4, 3, 2))]


@pytest.mark.parametrize("name", ["a.b", "50% [x]*", "Հայաստան", "a-20260101T000000Z"])
def test_any_project_name_will_do(tmp_path: Path, name: str) -> None:
    with create_project(tmp_path / name) as project:
        made = make_backup(project.path)
        assert made is not None
        assert list(backup_files(project.path).values()) == [made]
        assert list(backup_files(tmp_path / "a.annot")) == []


def test_what_goes_wrong_leaves_no_half_backup_and_the_old_ones(
    with_articles: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_backup(with_articles.path, now=NOON)
    with_articles.articles.set_note(1, "new")

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "to_disk", full)
    with pytest.raises(StorageError, match="no space left"):
        make_backup(with_articles.path)
    assert first is not None
    assert names(with_articles.path) == [first.name]


def test_a_damaged_project_replaces_no_good_backup(with_articles: Project) -> None:
    path = with_articles.path
    first = make_backup(path, now=NOON)
    with_articles.close()
    data = bytearray(path.read_bytes())
    for start in range(4096 * 4, len(data), 4096):
        data[start : start + 300] = b"\xff" * 300
    path.write_bytes(data)
    with pytest.raises(DamagedProjectError, match="annotator salvage"):
        make_backup(path)
    assert first is not None
    assert names(path) == [first.name]


# Beside the work


@pytest.fixture
def large(project: Project) -> Project:
    """A project of some 10 MB."""
    numbers = random.Random(1)
    with project.act("imported"):
        for n in range(100):
            project.articles.add(ArticleInput(numbers.randbytes(25_000).hex(), f"title {n}"))
    return project


def test_an_act_in_between_is_not_kept_waiting_and_is_in_the_backup_as_a_whole(
    large: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGES", 16)
    monkeypatch.setattr(backup, "RESTARTS", 1000)
    thread = BackupThread(large.path)
    waits = []
    thread.start()
    for n in range(5):
        begun = time.monotonic()
        large.articles.set_note(1, str(n))
        waits.append(time.monotonic() - begun)
    thread.join()
    assert thread.error is None
    assert thread.made is not None
    assert sorted(waits)[2] < 0.05  # one may be the machine's, not ours
    with open_project(thread.made, read_only=True, annotator="anna") as copy:
        assert check(copy).problems == ()
        assert copy.articles.count() == 100


def test_it_waits_for_quiet_after_some_new_beginnings(
    large: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "QUIET", 0.05)
    monkeypatch.setattr(copying, "PAGES", 4)
    thread = BackupThread(large.path)
    stopped = []
    wait = thread._wait_for_quiet
    monkeypatch.setattr(thread, "_wait_for_quiet", lambda: (stopped.append(1), wait()))
    thread.start()
    n = 0
    while not stopped and thread.is_alive():
        large.articles.set_note(1, str(n := n + 1))
    thread.join()
    assert stopped
    assert thread.made is not None
    with open_project(thread.made, read_only=True, annotator="anna") as copy:
        assert copy.articles.progress(1).note == str(n)


def test_closing_calls_it_off_at_once(large: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PAGES", 1)
    thread = BackupThread(large.path)
    thread.start()
    while not (large.path.parent / "backups").exists():
        time.sleep(0.001)
    begun = time.monotonic()
    thread.stop()
    assert time.monotonic() - begun < 1
    assert thread.made is None
    assert thread.error is None
    assert names(large.path) == []


def test_looking_the_copy_over_is_called_off_too(large: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(copy: sqlite3.Connection) -> bool:
        thread._stop_event.set()
        slow = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
        return bool(copy.execute(slow).fetchone())

    monkeypatch.setattr(copying, "_is_sound", stop)
    thread = BackupThread(large.path)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert thread.made is None
    assert names(large.path) == []


def test_what_cannot_be_made_is_said(with_articles: Project) -> None:
    (with_articles.path.parent / "backups").write_text("in the way")
    thread = BackupThread(with_articles.path)
    thread.run()
    assert isinstance(thread.error, StorageError)
    assert os.fspath(with_articles.path.parent) in str(thread.error)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("moment", ["to_disk", "_is_sound"])
def test_a_process_killed_at_a_backup_leaves_nothing_that_bears_a_name(
    with_articles: Project, moment: str
) -> None:
    code = (
        "import os, sys; from pathlib import Path; from annotator.project import backup, copying\n"
        f"copying.{moment} = lambda *_: os.kill(os.getpid(), 9)\n"
        "backup.make_backup(Path(sys.argv[1]))"
    )
    path = with_articles.path
    process = subprocess.run([sys.executable, "-c", code, path], check=False)
    assert process.returncode == -9
    assert list_backups(path) == []
    assert len(names(path)) == 1
    made = make_backup(path)
    assert made is not None
    assert names(path) == [made.name]
    with_articles.articles.set_note(1, "and the project goes on")
