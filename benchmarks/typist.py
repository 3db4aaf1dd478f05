"""A person at the window who never touches the mouse: real key events, each counted."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.matching import Sought
from annotator.project.occurrences import occurrences
from annotator.text import capitalised, next_sentence, word_edges
from annotator.ui.main_window import MainWindow
from annotator.ui.occurrences_dialog import OccurrencesDialog
from annotator.ui.span_layout import ShownSpan

WORTH_MOVING = (
    4  # presses that edges may take; beyond that a suggestion is rejected and the name labelled anew
)
_SENTENCES = 80  # how far the caret looks for the shortest way
_TYPED = {" ": "Space"}


class Name(NamedTuple):
    """A name as the gold standard has it, in code points, end exclusive."""

    start: int
    end: int
    label: str


class Presses(list[str]):
    """What was pressed: keys and chords, named as Qt names them."""

    @property
    def chords(self) -> int:
        """How many presses there were, a chord (Ctrl+Enter) counted once."""
        return len(self)

    @property
    def keys(self) -> int:
        """How many keys went down, a chord's modifiers counted too."""
        return sum(len(sequence.split("+")) for sequence in self)


class Typist:
    """Brings the open article's names to what the gold standard says, by the shortest way that it sees.

    ``each``: looks at every suggestion and decides on it; else what is right is accepted at once at the end.
    What stands in ``ignored``, boilerplate for the gold standard, counts for nothing and is left as it is.
    """

    def __init__(
        self,
        window: MainWindow,
        gold: Sequence[Name],
        ignored: Sequence[tuple[int, int]] = (),
        *,
        each: bool = False,
    ) -> None:
        self.pressed = Presses()
        self._window, self._view = window, window.pane.view
        self._gold = set(gold)
        self._ignored = ignored
        self._each = each
        self._text = window.labelling.text
        self._starts, self._ends = word_edges(self._text)
        self._keys = {label.name: label.key for label in window.labelling.codebook.labels("entity")}

    def press(self, *sequences: str) -> None:
        """Press keys, one after another, where the keyboard is."""
        for sequence in sequences:
            combination = QKeySequence(sequence)[0]
            target = QApplication.focusWidget() or self._view
            QTest.keyClick(target, combination.key(), combination.keyboardModifiers())
            self.pressed.append(sequence)
            if self._window.follower.busy:  # nobody types so fast that what follows from an act is not there
                wait(lambda: not self._window.follower.busy)

    def work(self) -> Presses:
        """Do the whole article: names, stance, done; return what was pressed."""
        while self._next():
            pass
        self.press("W")  # which of the three sides it is does not change the number
        self.press("Ctrl+Shift+Return" if self._suggested() else "Ctrl+Return")
        return self.pressed

    # What is to be done

    def _spans(self) -> list[ShownSpan]:
        return [span for span in self._view.spans() if span.layer == "entity" and self._counts(span)]

    def _counts(self, span: ShownSpan) -> bool:
        return not any(span.start < end and start < span.end for start, end in self._ignored)

    def _suggested(self) -> list[ShownSpan]:
        """Return what is open, in the order in which Tab walks it."""
        return [span for span in self._view.spans() if span.suggested and span.layer != "zone"]

    def _next(self) -> bool:
        """Do the first thing in reading order that is still to be done; False: there is none."""
        wrong = {
            s: self._meant(s)
            for s in self._suggested()
            if self._counts(s) and (_name(s) not in self._gold or self._each)
        }
        mended = set(wrong.values())
        there = {_name(span) for span in self._spans()}
        missing = sorted(self._gold - there - mended)
        first = min(wrong, key=lambda span: span.order, default=None)
        if first is not None and (not missing or (first.start, first.end) <= missing[0][:2]):
            self._answer(first, wrong[first])
        elif missing:
            self._add(missing[0])
        return first is not None or bool(missing)

    def _meant(self, span: ShownSpan) -> Name | None:
        """Return the name that a suggestion means, if its edges are worth moving there."""
        if _name(span) in self._gold:
            return _name(span)
        there = {_name(other)[:2] for other in self._spans() if other != span}
        over = [g for g in self._gold if g.start < span.end and span.start < g.end and g[:2] not in there]
        best = max(sorted(over), key=lambda g: min(g.end, span.end) - max(g.start, span.start), default=None)
        if best is None:
            return None
        presses = self._between(self._starts, span.start, best.start) + self._between(
            self._ends, span.end, best.end
        )
        return best if presses <= WORTH_MOVING else None

    # Doing it

    def _answer(self, span: ShownSpan, meant: Name | None) -> None:
        self._reach(span)
        if meant is None:
            words = self._text[span.start : span.end]
            others = self._gold - {Name(span.start, span.end, span.label)}
            named = any(self._text[o.start : o.end] == words and o.label == span.label for o in others)
            self.press("Shift+X" if named else "X")
        elif meant == _name(span):
            self.press(self._accepting(span))
        elif meant[:2] == (span.start, span.end):
            self.press(self._keys[meant.label])
        else:
            self._mend(meant)

    def _reach(self, span: ShownSpan) -> None:
        """Make a suggestion active: by Tab from the active span, or with the caret in front of it first."""
        active, caret = self._view.active, self._view.caret
        if active is not None and active.key == span.key:
            return
        order = [s.order for s in self._suggested()]
        here = order.index(span.order)
        if active is None and span.start < caret:  # the walk from name to name went past it
            self.press(*["Shift+Tab"] * sum(o >= span.order and o[0] < caret for o in order))
            return
        passed = sum((o > active.order if active else o[0] >= caret) and o < span.order for o in order)
        ways = [(passed + 1, list[str](), passed + 1)]
        for sentences in range(1, _SENTENCES):
            caret = next_sentence(self._text, caret, 1)
            if caret > span.start:
                break
            passed = sum(1 for o in order if o[0] >= caret and o < span.order)
            way = ["Ctrl+Down"] * sentences
            ways.append((len(way) + passed + 1, way, passed + 1))
        _, way, steps = min(ways)
        self.press(*way)
        for _ in range(steps):
            here = self._view.active
            if here is not None and here.key == span.key:
                break  # what was accepted with another stood in between
            # What is right is accepted in passing: it takes no more than passing over it.
            right = here is not None and here.suggested and _name(here) in self._gold
            self.press(self._accepting(here) if right and here is not None else "Tab")

    def _accepting(self, span: ShownSpan) -> str:
        """Return the key that accepts a suggestion that is right: all its mentions, where they all are."""
        mentions = self._window.labelling.mentions(span)
        right = all(self._counts(other) and _name(other) in self._gold for other in mentions)
        return "Z" if len(mentions) > 1 and right else "A"

    def _add(self, name: Name) -> None:
        """Label a name that nobody suggested, and the same name elsewhere with it where that is safe."""
        self.press(*min([*self._ways_to(name), *self._ways_to_find(name)], key=len), self._keys[name.label])
        if self._window.pane.find_bar.isVisible():
            self.press("Esc")
        if (active := self._view.active) is None or active.suggested:
            return  # the walk has gone on to the next
        self._mend(name)
        words = self._text[name.start : name.end]
        left = self._gold - {_name(span) for span in self._spans()}
        if any(self._text[m.start : m.end] == words and m.label == name.label for m in left):
            self._everywhere(name, words)

    def _ways_to_find(self, name: Name) -> list[list[str]]:
        """Return the way by the search: the name is typed, and Enter goes to it, the hits before it first."""
        words = self._text[name.start : name.end]
        if not all(letter == " " or (letter.isascii() and letter.isalpha()) for letter in words):
            return []
        hits = [start for start, _ in Sought((words,), whole=False, case=False).finder()(self._text)]
        caret = min(self._view.raw_selection())
        between = sum(1 for start in hits if caret <= start < name.start)
        if name.start < caret:
            between += sum(1 for start in hits if start >= caret)
        return [
            ["Ctrl+F", *(_TYPED.get(letter, letter.upper()) for letter in words), *["Return"] * (between + 1)]
        ]

    def _ways_to(self, name: Name) -> list[list[str]]:
        """Return ways to select a name, or the words around it."""
        ways = []
        taken = [(s.start, s.end) for s in self._view.spans() if s.layer == "entity" or s.boilerplate]
        places = capitalised(self._text, taken)
        active, (start, end) = self._view.active, self._view.raw_selection()
        if active is not None and start == end:
            start, end = active.start, active.end
        here = [(start, end)] if active is None and start < end else []  # what the walk has come to
        for key, row in (
            ("Q", here + [p for p in places if p[0] >= end]),
            ("Shift+Q", here + [p for p in reversed(places) if p[1] <= start]),
        ):
            hit = next((n for n, p in enumerate(row) if p[0] < name.end and name.start < p[1]), None)
            if hit is not None:
                ways.append([key] * (hit + 1 - len(here)) + self._fit(row[hit], name))
        words = bisect_right(self._ends, name.end) - bisect_right(self._starts, name.start)
        for jump, place in ([], self._view.caret), (["Ctrl+Home"], 0), (["Ctrl+End"], len(self._text)):
            for key, direction in (("Ctrl+Down", 1), ("Ctrl+Up", -1)):
                caret = place
                for sentences in range(_SENTENCES):
                    way = [*jump, *[key] * sentences, *self._by_word(caret, name.start)]
                    ways.append([*way, "V", *["Ctrl+Shift+Right"] * max(0, words)])
                    caret = next_sentence(self._text, caret, direction)
        return ways

    def _by_word(self, caret: int, place: int) -> list[str]:
        here, there = bisect_right(self._starts, caret), bisect_right(self._starts, place)
        if there > here:
            return ["Ctrl+Right"] * (there - here)
        if there == here:
            return []
        return ["Ctrl+Left"] * (here - there + (0 if caret in self._starts[here - 1 : here] else 1))

    def _mend(self, name: Name) -> None:
        """Move the active span's edges to where the name's are, by words and then by characters."""
        while (active := self._view.active) is not None and active.end != name.end:
            self.press(self._edge(self._ends, active.end, name.end, ("Alt+Right", "Alt+Left"), ("]", "[")))
        while (active := self._view.active) is not None and active.start != name.start:
            word, character = ("Alt+Shift+Right", "Alt+Shift+Left"), ("}", "{")
            self.press(self._edge(self._starts, active.start, name.start, word, character))
        if active is not None and active.label != name.label:
            self.press(self._keys[name.label])

    def _fit(self, place: tuple[int, int], name: Name) -> list[str]:
        """Return the keys that move a selection's edges to where the name's are."""
        keys, (start, end) = [], place
        while end != name.end:
            keys.append(self._edge(self._ends, end, name.end, ("Alt+Right", "Alt+Left"), ("]", "[")))
            end = self._moved(self._ends, end, keys[-1])
        while start != name.start:
            word = ("Alt+Shift+Right", "Alt+Shift+Left")
            keys.append(self._edge(self._starts, start, name.start, word, ("}", "{")))
            start = self._moved(self._starts, start, keys[-1])
        return keys

    @staticmethod
    def _moved(edges: Sequence[int], here: int, key: str) -> int:
        if not key.startswith("Alt+"):
            return here + (1 if key in "]}" else -1)
        onward = key.endswith("Right")
        return edges[bisect_right(edges, here)] if onward else edges[bisect_left(edges, here) - 1]

    @staticmethod
    def _edge(
        edges: Sequence[int], here: int, there: int, word: tuple[str, str], character: tuple[str, str]
    ) -> str:
        """Return the next key on an edge's way: a word where that does not go too far."""
        if there > here:
            following = next((e for e in edges if e > here), there + 1)
            return word[0] if following <= there else character[0]
        before = next((e for e in reversed(edges) if e < here), there - 1)
        return word[1] if before >= there else character[1]

    @staticmethod
    def _between(edges: Sequence[int], here: int, there: int) -> int:
        """Return how many presses an edge takes on its way, by words and then by characters."""
        low, high = min(here, there), max(here, there)
        words = [e for e in edges if low < e < high] + [there] * (there in edges and here != there)
        if there in edges:
            return len(words)
        last = (
            max((e for e in words if here < there), default=None)
            if here < there
            else min(words, default=None)
        )
        return len(words) + abs(there - (here if last is None else last))

    def _everywhere(self, name: Name, words: str) -> None:
        """Press G if what it labels is right: a list that comes up first is answered with Enter."""
        window = self._window
        project = window.session.project
        assert project is not None
        found = occurrences(project, Sought((words,)), ("entity", name.label), window.labelling.article)
        places = [place for step in found for place in step.places]
        free = {Name(p.start, p.end, name.label) for p in places if p.state == "free"}
        if not free or not free <= self._gold:
            return
        status = window.statusBar()
        status.clearMessage()
        self.press("G")
        if any(p.state not in ("free", "labelled") for p in places):
            wait(lambda: isinstance(QApplication.activeWindow(), OccurrencesDialog))
            wait(_can_label)
            self.press("Return")
        wait(lambda: status.currentMessage().startswith("Labelled"))
        wait(self._view.hasFocus)


def wait(condition: Callable[[], bool]) -> None:
    """Let the window work until something is so; raises ``SystemExit`` where it never is."""
    until = time.monotonic() + 60
    while not condition():
        if time.monotonic() > until:
            raise SystemExit("The window did not do what was expected of it.")
        QTest.qWait(5)


def _can_label() -> bool:
    dialog = QApplication.activeWindow()
    return isinstance(dialog, OccurrencesDialog) and dialog.label_button.isEnabled()


def _name(span: ShownSpan) -> Name:
    return Name(span.start, span.end, span.label)
