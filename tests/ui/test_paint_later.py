"""What the window shows first: an article's text, then what stands beside it, each in a turn of its own."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from annotator.model import Change
from annotator.ui.main_window import MainWindow
from annotator.ui.tasks import in_turn, paint_later

TURN = "a turn of the event loop"


class Noting(QObject):
    """Notes which widgets are painted, which of the others wait by then, and the turns of the event loop."""

    def __init__(self, **widgets: QWidget) -> None:
        super().__init__(next(iter(widgets.values())))
        self.seen: list[str] = []
        self.waiting: dict[str, list[str]] = {}  # when each is painted first
        self._widgets = widgets
        for widget in widgets.values():
            widget.installEventFilter(self)
        timer = QTimer(self, interval=0)
        timer.timeout.connect(lambda: self._note(TURN))
        timer.start()

    def _note(self, what: str) -> None:
        if self.seen[-1:] != [what]:
            self.seen.append(what)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint:
            name = next(name for name, widget in self._widgets.items() if widget is watched)
            self.waiting.setdefault(name, [n for n, w in self._widgets.items() if not w.updatesEnabled()])
            self._note(name)
        return False


def test_widgets_that_wait_are_painted_each_in_a_turn_of_its_own(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    widgets = {name: QWidget() for name in ("a", "b", "c")}
    for widget in widgets.values():
        layout.addWidget(widget)
    window.resize(200, 200)
    window.show()
    qtbot.waitExposed(window)
    qtbot.wait(50)
    notes = Noting(**widgets)
    for widget in widgets.values():
        paint_later(widget)
        paint_later(widget)  # asked twice, as where two acts follow each other
    qtbot.waitUntil(lambda: "c" in notes.seen)
    assert notes.waiting == {"a": ["b", "c"], "b": ["c"], "c": []}
    first = [notes.seen.index(name) for name in widgets]
    for before, after in pairwise(first):
        assert TURN in notes.seen[before:after], notes.seen


def test_of_what_asks_for_a_turn_of_its_own_each_gets_one_while_its_owner_lives(qtbot: QtBot) -> None:
    owner, gone = QObject(), QObject()
    seen: list[str] = []
    timer = QTimer(owner, interval=0)
    timer.timeout.connect(lambda: seen.append(TURN))
    timer.start()
    in_turn(gone, lambda: seen.append("gone"), after=1)
    for name in ("a", "b", "c"):
        in_turn(owner, partial(seen.append, name), after=1)
    gone.deleteLater()
    qtbot.waitUntil(lambda: "c" in seen)
    assert "gone" not in seen
    assert [name for name in seen if name != TURN] == ["a", "b", "c"]
    first = [seen.index(name) for name in ("a", "b", "c")]
    for before, after in pairwise(first):
        assert TURN in seen[before:after], seen


def test_the_panels_are_painted_after_the_text_of_another_article(window: MainWindow, qtbot: QtBot) -> None:
    first, second = window.session.project.articles.ids()[:2]  # type: ignore[union-attr]
    window.show_article(first)
    qtbot.waitUntil(window.panels.updatesEnabled)
    qtbot.wait(50)
    notes = Noting(text=window.pane.view.viewport(), panels=window.panels.stance)
    window.show_article(second)
    assert not notes.seen
    assert not window.panels.updatesEnabled()
    qtbot.waitUntil(lambda: "panels" in notes.seen)
    assert notes.waiting == {"text": ["panels"], "panels": []}
    before, after = notes.seen.index("text"), notes.seen.index("panels")
    assert TURN in notes.seen[:before], notes.seen
    assert TURN in notes.seen[before:after], notes.seen


def test_an_opening_paints_no_text_in_the_turn_that_reads_it(window: MainWindow, qtbot: QtBot) -> None:
    project = window.session.project
    assert project is not None
    window.show_article(project.articles.ids()[0])
    qtbot.waitUntil(window.panels.updatesEnabled)
    assert window.session.open(project.path)  # with the same article, which is read anew
    assert not window.pane.view.updatesEnabled()
    assert not window.panels.updatesEnabled()
    assert not window.list.table.updatesEnabled()
    qtbot.waitUntil(window.pane.view.updatesEnabled)
    qtbot.waitUntil(window.panels.updatesEnabled)
    qtbot.waitUntil(window.list.table.updatesEnabled)


def test_what_a_change_of_everything_shows_is_painted_turn_by_turn(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.panels.updatesEnabled)
    qtbot.waitUntil(window.list.table.updatesEnabled)
    qtbot.wait(50)
    notes = Noting(
        text=window.pane.view.viewport(), panels=window.panels.stance, articles=window.list.table.viewport()
    )
    window.session.changed.emit(Change("accepted all", None, frozenset({"annotations"})))
    assert not notes.seen
    qtbot.waitUntil(lambda: {"text", "panels", "articles"} <= set(notes.seen))
    first = [notes.seen.index(name) for name in ("text", "panels", "articles")]
    assert TURN in notes.seen[: first[0]], notes.seen
    for before, after in pairwise(first):
        assert TURN in notes.seen[before:after], notes.seen


def test_what_a_message_moves_is_painted_turn_by_turn(window: MainWindow, qtbot: QtBot) -> None:
    parts = (window.pane.view, window.panels, window.list.table)

    def all_painted() -> bool:
        return all(part.updatesEnabled() for part in parts)

    qtbot.waitUntil(all_painted)
    window.notice.hide()
    qtbot.wait(50)
    notes = Noting(
        text=window.pane.view.viewport(), panels=window.panels.stance, articles=window.list.table.viewport()
    )
    window.warn("Something did not work.")
    assert not any(part.updatesEnabled() for part in parts)
    qtbot.waitUntil(lambda: {"text", "panels", "articles"} <= set(notes.seen))
    first = [notes.seen.index(name) for name in ("text", "panels", "articles")]
    for before, after in pairwise(first):
        assert TURN in notes.seen[before:after], notes.seen
    qtbot.waitUntil(all_painted)
    window.warn("Something else did not.")  # in the place that is there now
    assert all_painted()
    assert window.notice.drop_warning()
    assert not any(part.updatesEnabled() for part in parts)
    qtbot.waitUntil(all_painted)
