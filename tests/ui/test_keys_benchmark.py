"""The counting of benchmarks/keys.py: what a press is, what other tools need, a typist that gets it right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.text import normalise

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
from keys import Hands, label_studio, prodigy, typed  # noqa: E402
from typist import Name, Presses  # noqa: E402

sys.path.remove(str(ROOT / "benchmarks"))

TEXT = (
    "Nikol Pashinyan met Antony Blinken 🚀 in Brussels. The talks with the EU were long.\n"
    "Blinken left Brussels."
)


def name(words: str, label: str, nth: int = 0) -> Name:
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(words, start + 1)
    return Name(start, start + len(words), label)


GOLD = [
    name("Nikol Pashinyan", "PERSON"),
    name("Antony Blinken", "PERSON"),
    name("Brussels", "GPE"),
    name("EU", "ORG"),
    name("Blinken", "PERSON", 1),
    name("Brussels", "GPE", 1),
]
WRONG = [
    name("Nikol Pashinyan met", "PERSON"),  # an edge
    name("Antony Blinken", "ORG"),  # a label
    name("Brussels", "GPE"),
    name("talks", "EVENT"),  # no name
]


def test_a_chord_is_one_press_and_its_modifiers_are_counted_beside_it() -> None:
    pressed = Presses(["A", "Ctrl+Return", "Ctrl+Shift+Return", "]", "Space"])
    assert (pressed.chords, pressed.keys) == (5, 8)


def test_what_other_tools_need_is_counted_by_their_keys_and_the_mouse() -> None:
    assert prodigy(GOLD, GOLD) == label_studio(GOLD, GOLD) == Hands(2, 0)
    assert prodigy(GOLD, []) == label_studio(GOLD, []) == Hands(2 + 3, 6)
    # Taken off: three. Put on: five, of three labels.
    assert prodigy(GOLD, WRONG) == Hands(2 + 3, 3 + 5)
    # An edge: click, drag. A label: click, digit. No name: click, Backspace. Put on: EU, Blinken, Brussels.
    assert label_studio(GOLD, WRONG) == Hands(2 + 1 + 1 + 3, 2 + 1 + 1 + 3)


@pytest.mark.parametrize(
    ("suggested", "each", "presses"),
    [
        (GOLD, False, "W Ctrl+Shift+Return"),
        (GOLD, True, "A A Z A A W Ctrl+Return"),
        # An edge; a label; accept; reject, on to the second Brussels (memory knows it); back to EU; Blinken.
        (WRONG, False, "Alt+Left Tab 1 A X Shift+Q Shift+Q 2 Q 1 W Ctrl+Shift+Return"),
    ],
)
def test_the_typist_labels_as_gold_and_every_press_is_counted(
    qtbot: QtBot, tmp_path: Path, suggested: list[Name], each: bool, presses: str
) -> None:
    assert " ".join(typed(tmp_path, TEXT, GOLD, suggested, each=each)) == presses


def test_what_is_not_as_gold_is_refused(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typist.Typist._next", lambda self: False)
    with pytest.raises(SystemExit, match="Not as gold"):
        typed(tmp_path, TEXT, GOLD, WRONG)


@pytest.fixture
def dev_articles() -> Path:
    """The articles that the page's figures are of; they are other people's and not in the repository."""
    path = Path(os.environ.get("ANNOTATOR_GOLD", ROOT.parent / "shared" / "gold" / "entities_dev.jsonl"))
    if not path.exists():
        pytest.skip("the gold standard is not here")
    return path


@pytest.mark.parametrize("nth", range(3))
def test_the_page_has_the_figures_that_are_measured(
    qtbot: QtBot, tmp_path: Path, dev_articles: Path, nth: int
) -> None:
    """From no suggestions at all, so that the figures hang on the keys and not on a model's version."""
    article = json.loads(dev_articles.read_text(encoding="utf-8").splitlines()[nth])
    zones = [(start, end) for start, end in article["boilerplate"]]
    spans = [Name(s["start"], s["end"], s["label"]) for s in article["spans"]]
    gold = [s for s in spans if not any(s.start < end and start < s.end for start, end in zones)]
    pressed = typed(tmp_path, normalise(article["text"]), gold, [], zones, ignored=zones)
    page = (ROOT / "docs" / "keyboard.md").read_text(encoding="utf-8")
    (row,) = [row for row in page.splitlines() if row.startswith(f"| {article['id']} | none |")]
    assert int(row.split("|")[6]) == pressed.chords


def test_the_script_runs_without_a_display_and_says_how_it_is_used() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "keys.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "GOLD" in run.stdout.upper()
