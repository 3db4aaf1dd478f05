"""The program on a virtual screen, driven by real key presses and mouse clicks (Xvfb and xdotool)."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"
)
# Every line is full of words, so that a double click anywhere in the text meets one.
WORDS = "Armenia Russia Brussels Yerevan transit railway customs parliament minister agreement "
TEXT = "Nikol Pashinyan went to Paris.\n" + "\n".join([WORDS * 30] * 4)


@pytest.fixture
def screen() -> Iterator[str]:
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    number = process.stdout.readline().strip()
    yield f":{number}"
    process.terminate()
    process.communicate()


def query(project: Path, sql: str) -> list[tuple]:
    connection = sqlite3.connect(f"file:{project}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def wait(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"never came true: {what}"
        time.sleep(0.1)


class Desktop:
    """A running program and the hands that use it."""

    def __init__(self, screen: str, project: Path, home: Path) -> None:
        self.environment = os.environ | {
            "DISPLAY": screen,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
        }
        self.process = subprocess.Popen(
            [sys.executable, "main.py", str(project)], cwd=ROOT, env=self.environment, stderr=subprocess.PIPE
        )
        wait(lambda: self.hands("search", "--onlyvisible", "--name", "– Annotator$", check=False), "window")
        window = self.hands("search", "--onlyvisible", "--name", "– Annotator$").split()[0]
        # There is no window manager: place and focus the window by hand.
        self.hands("windowmove", "--sync", window, "0", "0")
        self.hands("windowsize", "--sync", window, "1400", "860")
        self.hands("windowfocus", "--sync", window)

    def hands(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def press(self, *keys: str) -> None:
        for key in keys:
            self.hands("key", "--clearmodifiers", key)
            time.sleep(0.15)

    def click(self, x: int, y: int, times: int = 1) -> None:
        self.hands("mousemove", str(x), str(y), "click", "--repeat", str(times), "--delay", "60", "1")
        time.sleep(0.3)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


def test_labelling_with_real_keys_survives_a_kill(screen: str, tmp_path: Path) -> None:
    project = tmp_path / "p.annot"
    (tmp_path / "a.txt").write_text("First article\n\n" + TEXT, encoding="utf-8")
    (tmp_path / "b.txt").write_text("Second article\n\nFrance and Georgia met.\n", encoding="utf-8")
    for arguments in (("new", str(project)), ("import", str(project), str(tmp_path))):
        subprocess.run([sys.executable, "-m", "annotator", *arguments], cwd=ROOT, check=True)

    desktop = Desktop(screen, project, tmp_path)
    wait(lambda: query(project, "SELECT count(*) FROM suggested") == [(2,)], "suggestions")
    time.sleep(0.5)
    stance = "SELECT stance FROM article_stance"
    spans = "SELECT label, text, origin FROM entity_spans ORDER BY origin"

    desktop.click(900, 820)  # an empty place in the text: the keyboard is in the article now
    desktop.press("Escape", "w")
    wait(lambda: query(project, stance) == [("pro-West",)], "W sets the stance")
    desktop.press("Tab", "a")
    wait(lambda: len(query(project, spans)) == 1, "Tab and A accept a suggestion")
    desktop.click(600, 500, times=2)
    desktop.press("6")
    wait(lambda: len(query(project, spans)) == 2, "a digit labels the double-clicked word")
    label, word, _ = query(project, spans + " LIMIT 1 OFFSET 1")[0]
    assert label == "EVENT"
    assert word in WORDS.split()
    desktop.press("ctrl+z")
    wait(lambda: len(query(project, spans)) == 1, "Ctrl+Z takes it back")
    desktop.press("ctrl+Return")
    wait(lambda: query(project, "SELECT status FROM progress") == [("done",)], "Ctrl+Enter marks it done")
    kept = query(project, spans)
    desktop.kill()

    again = Desktop(screen, project, tmp_path)
    try:
        assert query(project, stance) == [("pro-West",)]
        assert query(project, spans) == kept
        again.click(600, 300)
        again.press("ctrl+z")
        wait(
            lambda: query(project, "SELECT status FROM progress") == [("in_progress",)], "undo after the kill"
        )
    finally:
        again.kill()
