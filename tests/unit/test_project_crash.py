"""What was acknowledged is on the disk: a process is killed in the middle of its work."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from annotator.model import ArticleInput
from annotator.project import Project, create_project, open_project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

WORKER = """
import sys
from annotator.model import ArticleInput
from annotator.project import open_project

project = open_project(sys.argv[1], annotator="anna")
print("ready", flush=True)
start = int(project.articles.progress(1).note or 0) + 1
for i in range(start, 100_000):
    project.articles.set_note(1, str(i))
    project.annotations.add(1, "entity", ("GPE", "ORG")[i % 2], i % 200, i % 200 + 5)
    if i % 7 == 0:
        project.undo()
        project.redo()
    if i % 5 == 0:
        work = project.long_act("importing")
        for j in range(3):
            with work.step():
                project.articles.add(ArticleInput(f"text {i} {j}" * 500, f"title {i} {j}"))
        work.finish("imported 3 articles")
    print(i, flush=True)
"""


def is_whole(project: Project) -> None:
    assert project.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert project.db.execute("PRAGMA foreign_key_check").fetchall() == []
    project.db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('integrity-check', 1)")


@pytest.fixture
def path(project: Project) -> Path:
    """A closed project with one article of 300 characters."""
    with project.act("imported"):
        project.articles.add(ArticleInput("word " * 60 + ".", "title"))
    project.close()
    return project.path


def work_and_be_killed(path: Path, seconds: float) -> list[int]:
    """Run the worker for a while, kill it, and return the steps that it acknowledged."""
    with subprocess.Popen([sys.executable, "-c", WORKER, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        lines = process.stdout.read().split(b"\n")
    return [int(line) for line in lines[:-1]]  # what follows the last line end was cut off


def test_what_was_acknowledged_survives_a_kill_at_any_moment(path: Path) -> None:
    moments = random.Random(4)
    note, acknowledged = 0, set[int]()
    for kill in range(5):
        steps = work_and_be_killed(path, moments.uniform(0.05, 0.4))
        acknowledged.update(steps)
        note = steps[-1] if steps else note
        assert path.with_name(path.name + ".lock").exists()
        if kill % 2:
            # Readers come first sometimes: they must cope with what the writer left as well.
            with open_project(path, annotator="anna", read_only=True) as reader:
                assert int(reader.articles.progress(1).note or 0) >= note
        with open_project(path, annotator="anna") as project:
            is_whole(project)
            found = int(project.articles.progress(1).note or 0)
            assert found in (note, note + 1)  # the step that was being done may be there in part
            labelled = {a.start for a in project.annotations.of(1)}
            assert labelled >= {i % 200 for i in acknowledged}
            assert project.articles.count() % 3 == 1
            note = found
    assert len(acknowledged) > 5


def test_a_kill_inside_a_transaction_takes_back_only_that_one(path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from annotator.project import open_project\n"
        "project = open_project(sys.argv[1], annotator='anna')\n"
        "project.articles.set_note(1, 'kept')\n"
        "project.db.execute('PRAGMA cache_size = 1')  # so that pages reach the file before the commit\n"
        "with project.act('half'):\n"
        "    for i in range(2000):\n"
        "        values = [str(i), 'x' * 100 + str(i)]\n"
        "        project.db.execute('INSERT INTO actors(uuid, name) VALUES (?, ?)', values)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.with_name(path.name + "-journal").stat().st_size > 0
    with open_project(path, annotator="anna", read_only=True) as reader:
        assert reader.articles.progress(1).note == "kept"
    with open_project(path, annotator="anna") as project:
        is_whole(project)
        assert project.articles.progress(1).note == "kept"
        assert project.db.execute("SELECT count(*) FROM actors").fetchone() == (0,)
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name]


def test_a_kill_inside_a_long_act_is_reported_and_taken_back(path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from annotator.model import ArticleInput\n"
        "from annotator.project import open_project\n"
        "project = open_project(sys.argv[1], annotator='anna')\n"
        "work = project.long_act('importing')\n"
        "for i in range(3):\n"
        "    with work.step():\n"
        "        project.articles.add(ArticleInput(str(i), str(i)))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    with open_project(path, annotator="anna") as project:
        assert project.interrupted is not None
        assert project.interrupted.text == "importing"
        assert project.articles.count() == 1
        is_whole(project)


def test_the_folder_of_a_project_is_clean_after_closing(tmp_path: Path) -> None:
    with create_project(tmp_path / "p", annotator="anna") as project:
        project.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["p.annot"]
