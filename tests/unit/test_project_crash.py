"""What was acknowledged is on the disk: a process is killed in the middle of its work."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from annotator.formats import export_jsonl
from annotator.model import ArticleInput
from annotator.project import Project, create_project, open_project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

SESSION = Path(__file__).with_name("crash_session.py")
ROOT = Path(__file__).parents[2]
IMPORTED = 25  # articles of one import of the session's
SPANS = range(0, 200, 5)  # where it suggests something in each of two articles
TARGETS = (  # the steps that take longest, and for how many seconds at the most
    *(("export", 0.005), ("import", 0.06), ("import", 0.06), ("accept", 0.06)),
    *(("delete", 0.03), ("revert", 0.02), ("compact", 0.02)),
)
KILLS = int(os.environ.get("ANNOTATOR_KILLS", "8"))  # a hundred take two minutes


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


@dataclass
class Acknowledged:
    """What the killed processes said they had done: step -> what; ``begun`` are the ones cut off."""

    done: dict[int, str] = field(default_factory=dict)
    begun: dict[int, str] = field(default_factory=dict)

    def did(self, what: str) -> list[int]:
        return [step for step, kind in self.done.items() if kind == what]

    def next(self) -> int:
        return max([0, *self.done, *self.begun]) + 1


def work_and_be_killed(path: Path, seed: int, said: Acknowledged, moment: random.Random) -> None:
    """Run the session until a random moment, and note what it acknowledged.

    One time in eight while it starts or at anything, else in one of ``TARGETS``.
    """
    arguments = [sys.executable, str(SESSION), str(path), str(seed), str(said.next())]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        before = ""
        if seed % 8 == 0:
            time.sleep(moment.uniform(0.1, 1.0))
        else:
            what, longest = TARGETS[seed % 8 - 1]
            while f" {what}\n" not in before:
                line = process.stdout.readline()
                assert line, "it ended by itself"
                before += line
            time.sleep(moment.uniform(0, longest))
        process.send_signal(signal.SIGKILL)
        lines = (before + process.stdout.read()).split("\n")
    for line in lines[:-1]:  # what follows the last line end was cut off
        if line != "ready":
            word, step, what = line.split()
            (said.done if word == "done" else said.begun)[int(step)] = what
    for step in said.done:
        said.begun.pop(step, None)


def labels(project: Project, *origins: str) -> set[int | None]:
    """Return where labels as the session sets them stand in article 1: of five characters, not of four."""
    spans = [a for a in project.annotations.of(1) if a.start is not None and a.end is not None]
    return {a.start for a in spans if a.end - a.start == 5 and a.origin in (origins or (a.origin,))}


def nothing_is_missing(project: Project, said: Acknowledged) -> None:
    """Each acknowledged step is there, none is there by half."""
    is_whole(project)
    assert labels(project) >= set(said.did("label"))
    cut = {step for step, what in said.begun.items() if what == "label"}
    assert labels(project, "manual") <= set(said.did("label")) | cut
    note = project.articles.progress(2).note
    assert note == "" or int(note.split()[1]) in said.begun
    imports = Counter(row.title for row in project.articles.rows(project.articles.ids()))
    assert set(imports.values()) <= {1, IMPORTED}  # 1: the two articles of the beginning
    assert {f"import {step}" for step in said.did("import")} <= set(imports)
    runs = [
        {s.component for s in project.suggestions.open(article)} - {"memory"}  # what was labelled leads to it
        for article in (1, 2)
    ]
    assert len(runs[0]) <= 1
    # One transaction wrote both. Of article 1 the labelled ones are not open any more, and of article 2 none
    # that were accepted.
    accepted = [a for a in project.annotations.of(2) if a.label == "GPE" and a.start in SPANS]
    assert accepted or runs[0] <= runs[1]
    written = max(said.did("suggest"), default=0)
    assert all(int(run.split()[1]) >= written for run in runs[1])
    accepts = said.did("accept")
    assert len(accepted) in (0, len(SPANS))  # all of them or none
    assert len(accepted) == len(SPANS) or not any(
        step < max(accepts, default=0) for step in said.did("suggest")
    )
    names = {label.name for label in project.codebook.read().labels("entity")}
    assert not names & {f"L{step}" for step in said.did("delete")}
    for step in (step for step, what in said.begun.items() if what == "delete"):
        # Labels by hand were acts of their own, deleting them was one.
        number = sum(a.label == f"L{step}" for a in project.annotations.of(2))
        assert number == 0 or f"L{step}" in names
    if "revert" not in said.begun.values():
        assert not project.articles.progress(2).flagged


def test_what_was_acknowledged_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    path, said, moment = tmp_path / "p.annot", Acknowledged(), random.Random(4)
    with create_project(path, annotator="anna") as project, project.act("imported"):
        project.articles.add(ArticleInput("word " * 4000, "first"))
        project.articles.add(ArticleInput("more " * 100, "second"))
    for folder in ("in", "out", "made"):
        (tmp_path / folder).mkdir()
    for kill in range(KILLS):
        work_and_be_killed(path, kill, said, moment)
        for export in (tmp_path / "out").glob("*.jsonl"):
            lines = export.read_text(encoding="utf-8").split("\n")
            assert lines.pop() == ""
            assert len(lines) >= 2  # of the articles of the beginning
            assert all(json.loads(line)["schema"] == "annotator/1" for line in lines)
        if kill % 2:
            # Readers come first sometimes: they must cope with what the writer left as well.
            with open_project(path, annotator="anna", read_only=True) as reader:
                assert labels(reader) >= set(said.did("label"))
        with open_project(path, annotator="anna") as project:
            nothing_is_missing(project, said)
            # SQLite leaves a journal that it had only begun where it is, and takes it for its next one.
            project.articles.set_flagged(1, kill % 2 == 0)
            for _ in export_jsonl(project, tmp_path / "out" / "last.jsonl"):
                pass
        create_project(tmp_path / "made" / f"again {kill}").close()
        for step in said.did("create"):
            assert (tmp_path / "made" / f"{step}.annot").exists()
        names = {p.name for folder in ("", "out", "made") for p in (tmp_path / folder).iterdir()}
        assert not [name for name in names if name.startswith(".") or "-journal" in name], names
    for made in (tmp_path / "made").glob("*.annot"):
        with open_project(made) as project:
            is_whole(project)
    print(f"{KILLS} kills; {len(said.done)} steps done, cut off: {Counter(said.begun.values())}")
    assert len(said.done) > KILLS


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
