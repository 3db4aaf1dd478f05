"""One writer: locks of the dead, of who has their number now, of other machines, and races for them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from annotator.model import ArticleInput, LockedProjectError, ReadOnlyProjectError
from annotator.project import create_project, leftovers, lock, open_project, process
from annotator.project.leftovers import remove_leftovers, unfinished

ROOT = Path(__file__).parents[2]

RACE = """
import sys, time
from annotator.model import LockedProjectError
from annotator.project import open_project

print("ready", flush=True)
sys.stdin.readline()
try:
    project = open_project(sys.argv[1], annotator=sys.argv[2])
except LockedProjectError:
    print("refused", flush=True)
else:
    number = int(project.articles.progress(1).note or 0)
    time.sleep(0.05)
    project.articles.set_note(1, str(number + 1))
    print("wrote", flush=True)
    sys.stdin.readline()
    project.close()
"""


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A closed project file."""
    with create_project(tmp_path / "news", annotator="anna") as project:
        return project.path


def lock_of(path: Path, **values: object) -> Path:
    """Write a lock as this machine's, but for ``values``; None takes a value out."""
    content = lock._me() | {"user": "ben"} | values
    file = path.with_name(path.name + ".lock")
    file.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return file


def _a_pipe(path: Path) -> None:
    os.mkfifo(path)


def _a_lock_behind_a_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to(path.with_name("pipe"))


STRANGE: dict[str, Callable[[Path], object]] = {
    "brackets": lambda path: path.write_text("[" * 100_000),
    "few brackets": lambda path: path.write_text("[" * 4_000),
    "a gigabyte": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1 << 30),
    "a pipe": _a_pipe,
    "a link to a pipe": _a_lock_behind_a_pipe,
    "a link to nowhere": lambda path: path.symlink_to(path.with_name("nowhere")),
    "a link to itself": lambda path: path.symlink_to(path),
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are no files there")
@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE)
def test_a_lock_that_nobody_of_ours_made_is_named_and_not_waited_for(
    closed: Path, make: Callable[[Path], object]
) -> None:
    lock_file = closed.with_name("news.annot.lock")
    make(lock_file)
    began = time.process_time()
    with pytest.raises(LockedProjectError, match=r"delete news\.annot\.lock"):
        open_project(closed)
    assert time.process_time() - began < 2
    open_project(closed, read_only=True).close()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are no files there")
def test_a_pipe_in_the_place_of_our_lock_is_not_waited_for_on_closing(closed: Path) -> None:
    with open_project(closed):
        closed.with_name("news.annot.lock").unlink()
        os.mkfifo(closed.with_name("news.annot.lock"))
    assert closed.with_name("news.annot.lock").exists()


def test_a_lock_of_many_words_is_cut(closed: Path) -> None:
    lock_of(closed, user="b" * 3000, host="elsewhere")
    with pytest.raises(LockedProjectError) as refused:
        open_project(closed)
    assert len(str(refused.value)) < 400


def a_dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def test_a_lock_says_who_where_and_since_when(closed: Path) -> None:
    with open_project(closed):
        content = json.loads(closed.with_name("news.annot.lock").read_text())
    assert content["pid"] == os.getpid()
    assert content["host"] == socket.gethostname()
    assert content["started"] == process.started(os.getpid())
    assert content["machine"] == process.machine()


def test_a_process_number_that_was_given_out_again_does_not_keep_a_lock(closed: Path) -> None:
    if not process.started(os.getpid()):
        pytest.skip("this system does not tell when a process began")
    lock_of(closed, pid=os.getppid(), started=process.started(os.getppid()))
    with pytest.raises(LockedProjectError, match="ben, on this computer"):
        open_project(closed)
    lock_of(closed, pid=os.getppid(), started="12345678-1")  # the same number, another boot
    open_project(closed).close()


def test_a_lock_of_a_dead_process_without_more_is_taken_over(closed: Path) -> None:
    lock_of(closed, pid=a_dead_process(), started=None, machine=None)  # as other systems write it
    open_project(closed).close()
    lock_of(closed, pid=os.getppid(), started=None, machine=None)
    with pytest.raises(LockedProjectError):
        open_project(closed)


@pytest.mark.parametrize(
    "values",
    [
        {"host": "elsewhere", "machine": "another1"},
        {"machine": "another1"},
        {"host": "elsewhere", "machine": None},
    ],
)
def test_another_machines_lock_is_believed_also_when_it_has_our_name(
    closed: Path, values: dict[str, str]
) -> None:
    file = lock_of(closed, pid=a_dead_process(), **values)
    with pytest.raises(LockedProjectError, match=r"if it is not running any more, delete news\.annot\.lock"):
        open_project(closed)
    assert file.exists()
    with open_project(closed, read_only=True) as project:  # reading needs no lock
        assert project.articles.count() == 0


@pytest.mark.parametrize("kept", ["name", "id"])
def test_a_lock_is_ours_where_both_the_machines_id_and_its_name_are(
    closed: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    """Clones have the same id, and their processes are not among ours: a live lock would be taken over."""
    id_ = closed.with_name("machine-id")
    monkeypatch.setattr(process, "_MACHINE_ID", id_)
    id_.write_text("one\n")
    process.machine.cache_clear()
    try:
        lock_of(closed, pid=a_dead_process())
        if kept == "name":
            id_.write_text("another\n")
        else:
            monkeypatch.setattr("socket.gethostname", lambda: "its-clone")
        process.machine.cache_clear()
        with pytest.raises(LockedProjectError, match=r"delete news\.annot\.lock"):
            open_project(closed)
    finally:
        process.machine.cache_clear()


@pytest.mark.parametrize("pid", [0, -1, 10**30])
def test_a_lock_with_a_number_that_no_process_has_does_no_harm(closed: Path, pid: int) -> None:
    lock_of(closed, pid=pid, started=None)
    open_project(closed).close()


def test_where_there_are_no_links_the_lock_is_made_all_the_same(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*args: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    with open_project(closed):
        assert json.loads(closed.with_name("news.annot.lock").read_text())["pid"] == os.getpid()
        with pytest.raises(LockedProjectError):
            open_project(closed)
    assert [p.name for p in closed.parent.iterdir()] == ["news.annot"]


@pytest.mark.parametrize("stale", [False, True], ids=["free", "stale lock"])
def test_of_processes_that_race_for_a_project_one_writes_and_nothing_is_lost(
    closed: Path, stale: bool
) -> None:
    from annotator.model import ArticleInput

    with open_project(closed, annotator="anna") as project, project.act("imported"):
        project.articles.add(ArticleInput("text", "title"))
    rounds = 4
    for number in range(1, rounds + 1):
        if stale:
            lock_of(closed, pid=a_dead_process())
        racers = [
            subprocess.Popen(
                [sys.executable, "-c", RACE, str(closed), "anna"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )
            for _ in range(4)
        ]
        said = []
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        for racer in racers:
            assert racer.stdout is not None
            said.append(racer.stdout.readline().strip())
        for racer in racers:
            racer.communicate("end\n")
        assert sorted(said) == ["refused"] * 3 + ["wrote"]
        with open_project(closed, annotator="anna") as project:
            assert project.articles.progress(1).note == str(number)


def test_who_takes_a_dead_lock_does_not_take_the_one_that_another_made_meanwhile(closed: Path) -> None:
    ours = lock.ProjectLock(closed)
    stale = lock_of(closed, pid=a_dead_process()).read_text()
    fresh = lock_of(closed)  # another process was quicker
    ours._clear(stale)
    assert fresh.exists()
    lock_of(closed, pid=a_dead_process())
    ours._clear(ours.path.read_text())
    assert not fresh.exists()


# What dead processes leave


def leave(folder: Path, kind: str, **values: object) -> Path:
    name = unfinished(folder / "x", kind).name.removeprefix(".annotator-")
    machine, pid, rest = name.split("-", 2)
    since = rest.rsplit("-", 1)[0]
    tail = rest.rsplit("-", 1)[1]
    parts = {"machine": machine, "pid": pid, "since": since} | values
    path = folder / f".annotator-{parts['machine']}-{parts['pid']}-{parts['since']}-{tail}"
    path.write_text("half")
    return path


def test_only_what_dead_processes_of_ours_left_is_removed(tmp_path: Path) -> None:
    dead = a_dead_process()
    gone = [leave(tmp_path, kind, pid=dead) for kind in ("part", "new", "new-journal")]
    gone.append(leave(tmp_path, "folder", pid=dead))
    gone[-1].unlink()
    gone[-1].mkdir()
    (gone[-1] / "half.annot").write_text("half")
    gone.append(leave(tmp_path, "part", machine="0123456789ab"))
    week = time.time() - leftovers._OTHERS_AGE - 10
    os.utime(gone[-1], (week, week))
    kept = [leave(tmp_path, "part"), leave(tmp_path, "part", machine="ba9876543210")]
    for name in (
        ".annotator-notes",
        ".annotator-x-1--0.part",
        "thesis.part",
        ".0123.part",
        "a.new",
        ".a.annot.1.new",
    ):
        kept.append(tmp_path / name)
        kept[-1].write_text("somebody else's")
    remove_leftovers(tmp_path)
    assert not [path for path in gone if path.exists()]
    assert [path for path in kept if not path.exists()] == []
    remove_leftovers(tmp_path / "no such folder")


def test_opening_creating_and_exporting_clear_the_folder(closed: Path) -> None:
    from annotator.formats import export_jsonl

    dead = a_dead_process()
    left = leave(closed.parent, "new", pid=dead)
    (closed.parent / "backups").mkdir()
    backup = leave(closed.parent / "backups", "part", pid=dead)
    with open_project(closed) as project:
        assert not left.exists()
        assert not backup.exists()
        left = leave(closed.parent, "part", pid=dead)
        list(export_jsonl(project, closed.with_name("out.jsonl")))
        assert not left.exists()
    left = leave(closed.parent, "new", pid=dead)
    create_project(closed.with_name("another")).close()
    assert not left.exists()
    left = leave(closed.parent, "new", pid=dead)
    with open_project(closed, read_only=True):
        assert left.exists()  # who only reads changes nothing


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell a process's state")
def test_a_killed_process_that_nobody_has_asked_for_yet_runs_no_more() -> None:
    killed = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    since = process.started(killed.pid)
    assert process.is_running(killed.pid, since)
    killed.kill()
    state = Path(f"/proc/{killed.pid}/stat")
    while state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    assert not process.is_running(killed.pid, since)
    killed.wait()


def test_a_file_with_two_names_is_opened_for_reading_only(tmp_path: Path) -> None:
    path, second = tmp_path / "a.annot", tmp_path / "b.annot"
    with create_project(path) as project, project.act("imported"):
        project.articles.add(ArticleInput("Kyiv", "Kyiv"))
    second.hardlink_to(path)
    for name in (path, second):
        with pytest.raises(ReadOnlyProjectError, match="a hard link"):
            open_project(name)
        assert not name.with_name(f"{name.name}.lock").exists()
        with open_project(name, read_only=True) as project:
            assert project.articles.count() == 1
    second.unlink()
    with open_project(path) as project:
        project.articles.set_note(1, "mine")
