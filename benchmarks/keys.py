"""Key presses for an article, from its opening to done, against what Prodigy and Label Studio need.

    python3 benchmarks/keys.py GOLD.jsonl

GOLD.jsonl has a line an article: ``{"id", "text", "spans": [{"start", "end", "label"}], "boilerplate":
[[start, end]]}``. A typist (typist.py) works on the real window by key events, from three beginnings: what
the program suggests, what the spaCy pipeline alone finds, and nothing. What the other two need is counted
from the same beginning and the same gold, by their documented keys; docs/keyboard.md has the last figures.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from PySide6.QtCore import QSettings, Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from typist import Name, Presses, Typist  # noqa: E402

from annotator.model import ArticleInput, PipelineInfo, Suggestion  # noqa: E402
from annotator.project import create_project, open_project  # noqa: E402
from annotator.text import normalise  # noqa: E402
from annotator.ui.main_window import MainWindow  # noqa: E402
from annotator.ui.session import Session  # noqa: E402
from annotator.ui.settings import Settings  # noqa: E402

Zone = tuple[int, int]
# Seconds of the keystroke-level model (Card, Moran & Newell 1980): a key of an average typist; to point,
# press and let go. A drag would take 2.4, a double click 1.5; neither homing nor thinking is counted.
KEY, CLICK = 0.28, 1.3


class Hands(NamedTuple):
    """What a tool with the mouse needs: key presses (a chord is one), and clicks and drags."""

    keys: int
    mouse: int

    @property
    def seconds(self) -> float:
        """How long that takes at least."""
        return self.keys * KEY + self.mouse * CLICK


def prodigy(gold: Sequence[Name], suggested: Sequence[Name]) -> Hands:
    """Count for Prodigy (``ner.correct``, then the stance as a choice): always the least that can be.

    A wrong span is taken off by a click, and a name is put on by one double click or drag. A label's digit
    is pressed once for all names with it, as if they were done in a row. ``a`` accepts the text; the digit
    of the stance accepts it too (``choice_auto_accept``).
    """
    to_add = set(gold) - set(suggested)
    return Hands(len({name.label for name in to_add}) + 2, len(set(suggested) - set(gold)) + len(to_add))


def label_studio(gold: Sequence[Name], suggested: Sequence[Name]) -> Hands:
    """Count for Label Studio with the suggestions as pre-annotations: always the least that can be.

    A span is chosen by a click. Then a digit gives it another label, Backspace deletes it, and a drag moves
    an edge. A label stays chosen for all new names with it. One key for the stance, Ctrl+Enter submits.
    """
    keys, mouse = 2, 0
    there = {(name.start, name.end) for name in suggested}
    to_add = {name for name in set(gold) - set(suggested) if name[:2] not in there}
    for wrong in sorted(set(suggested) - set(gold)):
        mouse += 1
        if any(name[:2] == wrong[:2] for name in gold):
            keys += 1
            continue
        over = [name for name in to_add if name.start < wrong.end and wrong.start < name.end]
        if over:
            to_add.discard(over[0])
            mouse += (over[0].start != wrong.start) + (over[0].end != wrong.end)
            keys += over[0].label != wrong.label
        else:
            keys += 1
    return Hands(keys + len({name.label for name in to_add}), mouse + len(to_add))


def typed(
    folder: Path,
    text: str,
    gold: Sequence[Name],
    suggested: Sequence[Name],
    zones: Sequence[Zone] = (),
    *,
    ignored: Sequence[Zone] = (),
    each: bool = False,
) -> Presses:
    """Let the typist do an article in a window of its own; raises ``SystemExit`` if gold is not what results.

    ``zones`` are suggested as boilerplate; what lies in ``ignored`` is not compared. The article is the
    second of its project: it is opened as in daily work, by the key that is done with the one before.
    """
    path = Path(tempfile.mkdtemp(dir=folder)) / "typed.annot"  # one that the settings do not know yet
    with create_project(path, annotator="typist") as project:
        with project.act("imported 2 articles"):
            project.articles.add(ArticleInput("Nothing happened.", "Before"))
            project.articles.add(ArticleInput(text, "Article"))
        suggestions = [
            Suggestion("entity", n.label, n.start, n.end, "ner", reason="a name") for n in suggested
        ]
        suggestions += [
            Suggestion("zone", "boilerplate", *zone, "zones", reason="not prose") for zone in zones
        ]
        suggestions.append(Suggestion("stance", "pro-West", None, None, "stance", reason="cues"))
        project.suggestions.replace(PipelineInfo("given", "1"), [(2, suggestions, None)])
    settings = Settings()
    settings.set("visit_zones", 0)  # the others know no zones
    settings.set("annotator", "typist")
    window = MainWindow(Session(settings))
    window.session.suggest_pending = lambda: None  # type: ignore[method-assign]  # nothing but what is given
    window.session.suggest_anew = lambda article: None  # type: ignore[method-assign]
    window.resize(1440, 860)
    window.show()
    window.open(path)
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.focus_article()
    QTest.keyClick(window.pane.view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert window.labelling.text == text
    pressed = Typist(window, gold, ignored, each=each).work()
    window.close()
    window.deleteLater()
    QApplication.processEvents()
    with open_project(path, annotator="typist") as project:
        named = [a for a in project.annotations.of(2) if a.layer == "entity"]
        everything = {
            Name(a.start, a.end, a.label) for a in named if a.start is not None and a.end is not None
        }
        found = {name for name in everything if _outside(ignored)(name)}
        if found != set(gold) or project.articles.progress(2).status != "done":
            raise SystemExit(f"Not as gold: {sorted(found ^ set(gold))}")
    return pressed


def beginnings(
    gold: list[dict[str, Any]], folder: Path
) -> list[tuple[str, list[list[Name]], list[list[Zone]]]]:
    """Return the three beginnings: what each is called, the names suggested for each article, its zones."""
    from gold import suggested

    from annotator.nlp.loading import load

    entity = {"PERSON", "ORG", "GPE", "NORP", "LOC", "EVENT", "FAC", "LAW", "PRODUCT"}
    ours, zones, raw = [], [], []
    for article, rows in zip(gold, suggested(gold, folder, None), strict=True):
        outside = _outside(article["boilerplate"])
        spans = [Name(r["start"], r["end"], r["label"]) for r in rows if r["layer"] == "entity"]
        ours.append([span for span in spans if outside(span)])
        zones.append([(r["start"], r["end"]) for r in rows if r["label"] == "boilerplate"])
    for article in gold:
        outside = _outside(article["boilerplate"])
        doc = load()(article["text"])
        spans = [Name(e.start_char, e.end_char, e.label_) for e in doc.ents if e.label_ in entity]
        raw.append([span for span in spans if outside(span)])
    nothing: list[list[Name]] = [[] for _ in gold]
    return [("Annotator's", ours, zones), ("spaCy's", raw, zones), ("none", nothing, zones)]


def _outside(zones: Sequence[Zone]) -> Callable[[Name], bool]:
    return lambda name: not any(name.start < end and start < name.end for start, end in zones)


def main() -> None:
    """Print the table, in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("gold", type=Path)
    chosen = parser.parse_args()
    articles = [
        json.loads(line) for line in chosen.gold.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "settings"))
        app = QApplication.instance() or QApplication([])
        print(
            "| article | suggestions | names | right | each looked at | the rest at once | with modifiers "
            "| Prodigy: keys + mouse | Label Studio: keys + mouse | seconds: ours, Prodigy, Label Studio |\n"
            + "|---" * 10
            + "|"
        )
        for what, suggested, zones in beginnings(articles, folder):
            for article, names, places in zip(articles, suggested, zones, strict=True):
                text = normalise(article["text"])
                outside = _outside(article["boilerplate"])
                spans = [Name(s["start"], s["end"], s["label"]) for s in article["spans"]]
                gold = [span for span in spans if outside(span)]
                ignored = article["boilerplate"]
                quick = typed(folder, text, gold, names, places, ignored=ignored)
                slow = typed(folder, text, gold, names, places, ignored=ignored, each=True)
                both = prodigy(gold, names), label_studio(gold, names)
                others = " | ".join(f"{hands.keys} + {hands.mouse} = {sum(hands)}" for hands in both)
                seconds = ", ".join(f"{hands.seconds:.0f}" for hands in (Hands(quick.keys, 0), *both))
                right = len(set(names) & set(gold))
                print(
                    f"| {article['id']} | {what} | {len(gold)} | {right} of {len(names)} | {slow.chords} "
                    f"| {quick.chords} | {quick.keys} | {others} | {seconds} |",
                    flush=True,
                )
        del app


if __name__ == "__main__":
    main()
