"""Runs the real ``main()`` in this process and plays a script of steps into its window.

    python driver.py PROJECT STEPS      # STEPS: a JSON list of [name, argument...]

After each step it prints ``did N NAME`` and flushes: what was printed was acknowledged. Key steps are
real key events to the widget that has the focus, so that shortcuts and their scopes are tried too.
"""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeySequence, QMouseEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.cli import main
from annotator.text import Utf16Map


class Player:
    """Plays the steps one by one, each when the one before has had its effect."""

    def __init__(self, steps: list[list[str]]) -> None:
        self.steps = steps
        self.place = 0
        self.deadline = time.monotonic() + 120
        self.timer = QTimer()
        self.timer.timeout.connect(self.play)

    def play(self) -> None:
        window = next((w for w in QApplication.topLevelWidgets() if hasattr(w, "labelling")), None)
        if window is None or window.session.project is None or not window.labelling.article:
            if time.monotonic() > self.deadline:
                raise SystemExit("the window never showed an article")
            return
        if self.place == len(self.steps):
            self.timer.stop()
            return
        name, *arguments = self.steps[self.place]
        try:
            finished = getattr(self, name)(window, *arguments)
        except Exception:
            self.timer.stop()
            raise
        if finished is False:
            if time.monotonic() > self.deadline:
                raise SystemExit(f"step {self.place} {name} never came true")
            return
        print("did", self.place, name, flush=True)
        self.place += 1

    # Steps; False means "not yet"

    def suggestions(self, window):
        """Wait until every article has its suggestions."""
        return not window.session.project.suggestions.pending() and bool(window.labelling.suggestions)

    def focus(self, window):
        window.activateWindow()
        window.focus_article()
        return window.pane.view.hasFocus()

    def key(self, window, keys):
        combination = QKeySequence(keys)[0]
        target = QApplication.focusWidget()
        QTest.keyClick(target, combination.key(), combination.keyboardModifiers())

    def double_click(self, window, word):
        view = window.pane.view
        start = window.labelling.text.index(word)
        cursor = QTextCursor(view.document())
        cursor.setPosition(Utf16Map(window.labelling.text).to_utf16(start) + 1)
        view.setTextCursor(cursor)
        view.ensureCursorVisible()
        spot = view.cursorRect(cursor).center() + QPoint(2, 0)
        for kind in (
            QEvent.Type.MouseButtonPress,
            QEvent.Type.MouseButtonRelease,
            QEvent.Type.MouseButtonDblClick,
        ):
            button = Qt.MouseButton.LeftButton
            event = QMouseEvent(
                kind,
                QPointF(spot),
                view.viewport().mapToGlobal(QPointF(spot)),
                button,
                button,
                Qt.KeyboardModifier.NoModifier,
            )
            QApplication.sendEvent(view.viewport(), event)

    def state(self, window):
        """Print what the window shows of the open article."""
        labelling = window.labelling
        print(
            "state",
            json.dumps(
                {
                    "article": labelling.article,
                    "stance": labelling.stance(),
                    "spans": sorted(
                        (a.start, a.end, a.label, a.origin)
                        for a in labelling.annotations.values()
                        if a.start is not None
                    ),
                    "open": labelling.open_count(),
                    "title": window.windowTitle(),
                    "notice": window.notice.text,
                    "spacy": "spacy" in sys.modules,
                }
            ),
            flush=True,
        )

    def quit(self, window):
        QTimer.singleShot(0, window.close)


if __name__ == "__main__":
    player = Player(json.loads(sys.argv[2]))
    real = QApplication.exec

    def exec_(*_: object) -> int:
        player.timer.start(5)
        return real()

    QApplication.exec = exec_
    raise SystemExit(main([sys.argv[1]] if sys.argv[1] else []))
