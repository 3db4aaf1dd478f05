"""A person's session with the real program in a process of its own: label, die, come back, undo, export."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("driver.py")
TEXT = """Yerevan signs a new transit agreement

Armenia and the European Union signed a transit agreement in Brussels on Monday, officials said.
Prime Minister Nikol Pashinyan thanked France and Germany for their support. 🚀 Moscow did not comment.
"""
SECOND = "A second article\n\nRussia and Georgia opened a road in Tbilisi.\n"


class Program:
    """The program, run by the driver with a script of steps."""

    def __init__(
        self, project: Path | None, steps: list[list[str]], home: Path, root: Path = DRIVER.parents[2]
    ) -> None:
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "PYTHONPATH": str(root),
        }
        self.process = subprocess.Popen(
            [sys.executable, str(DRIVER), str(project or ""), json.dumps(steps)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def until(self, step: int) -> list[dict]:
        """Read until the program has acknowledged a step; return the states printed on the way."""
        states = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("state "):
                states.append(json.loads(line[6:]))
            if line.startswith(f"did {step} "):
                return states
        raise AssertionError(f"ended before step {step}: {self.process.stderr.read()}")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def end(self) -> None:
        """Wait for a quiet end: no error, nothing on stderr."""
        _, errors = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, errors
        assert errors == ""


def cli(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "annotator", *arguments],
        cwd=DRIVER.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_text(SECOND, encoding="utf-8")
    path = tmp_path / "p.annot"
    cli("new", str(path), "--annotator", "anna")
    cli("import", str(path), str(tmp_path / "in"))
    return path


def test_label_by_keys_die_come_back_undo_and_export(project: Path, tmp_path: Path) -> None:
    steps = [
        ["suggestions"],
        ["focus"],
        ["key", "W"],
        ["key", "Tab"],
        ["key", "A"],
        ["double_click", "transit"],
        ["key", "6"],
        ["double_click", "support"],
        ["key", "1"],
        ["key", "Ctrl+Z"],
        ["state"],
        ["key", "Ctrl+Return"],
        ["state"],
    ]
    program = Program(project, steps, tmp_path)
    states = program.until(len(steps) - 1)
    program.kill()
    first, after_done = states
    assert not first["spacy"], "spaCy was imported in the window's process"
    assert first["stance"] == "pro-West"
    start = TEXT.index("transit")
    assert [start, start + len("transit"), "EVENT", "manual"] in first["spans"]
    assert not any(TEXT[s:e] == "support" for s, e, _, _ in first["spans"]), "Ctrl+Z took it back"
    assert any(origin == "accepted" for *_, origin in first["spans"])
    assert len(first["spans"]) == 2
    assert after_done["article"] != first["article"]

    # The lock that the dead process left is recognised; everything acknowledged is there.
    again = Program(
        project,
        [["focus"], ["key", "K"], ["state"], ["key", "Ctrl+Z"], ["key", "Ctrl+Z"], ["state"], ["quit"]],
        tmp_path,
    )
    states = again.until(6)
    again.end()
    reopened, undone = states
    assert reopened["spans"] == first["spans"]
    assert reopened["stance"] == "pro-West"
    # Undo goes on where the session before ended: first the Done, then the last label.
    assert [start, start + len("transit"), "EVENT", "manual"] not in undone["spans"]
    assert len(undone["spans"]) == 1
    assert undone["stance"] == "pro-West"

    out = tmp_path / "out.jsonl"
    assert cli("export", str(project), str(out)).rstrip().endswith("1 of 1 spans verified")
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    (labelled,) = [line for line in lines if line["labels"]]
    assert labelled["labels"]["stance"]["label"] == "pro-West"
    (span,) = labelled["spans"]
    assert labelled["text"][span["start"] : span["end"]] == span["text"]
    assert span["origin"] == "accepted"


def test_the_first_start_makes_and_opens_the_sample_project_and_the_second_opens_it_again(
    tmp_path: Path,
) -> None:
    root = DRIVER.parents[2]
    checkout = tmp_path / "checkout"
    shutil.copytree(root / "annotator", checkout / "annotator", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "resources", checkout / "resources")
    shutil.copy(root / "pyproject.toml", checkout)
    first = Program(None, [["suggestions"], ["state"], ["key", "W"], ["quit"]], tmp_path, checkout)
    (state,) = first.until(1)
    first.end()
    assert "Sample" in state["title"]
    assert state["open"] > 0
    assert (checkout / "projects" / "Sample.annot").is_file()
    second = Program(None, [["state"], ["quit"]], tmp_path, checkout)
    (state,) = second.until(0)
    second.end()
    assert "Sample" in state["title"]
    assert state["stance"] == "pro-West"


def test_another_window_finds_the_project_read_only(project: Path, tmp_path: Path) -> None:
    first = Program(project, [["state"]], tmp_path)
    first.until(0)
    second = Program(project, [["focus"], ["key", "W"], ["state"], ["quit"]], tmp_path)
    (state,) = second.until(2)
    second.end()
    first.kill()
    assert "read only" in state["title"]
    assert "open in another Annotator" in state["notice"]
    assert state["stance"] is None


def test_without_a_display_it_says_so_in_one_sentence_and_fails() -> None:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=DRIVER.parents[2],
        env={key: value for key, value in os.environ.items() if key not in hidden},
        capture_output=True,
        text=True,
        check=False,
    )
    if sys.platform == "linux":
        assert done.returncode == 1
        assert "display" in done.stderr
        assert done.stderr.count("\n") == 1
