"""What the window shows first: an article's text, then what stands beside it."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from annotator.ui.main_window import MainWindow
from annotator.ui.tasks import paint_later


class Noting(QWidget):
    """Notes, when it is painted, which of the widgets may be painted by then."""

    def __init__(self, parent: QWidget, widgets: list[Noting], seen: list[list[bool]]) -> None:
        super().__init__(parent)
        self._widgets, self._seen = widgets, seen
        widgets.append(self)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        self._seen.append([widget.updatesEnabled() for widget in self._widgets])


def test_widgets_that_wait_are_painted_each_in_a_turn_of_its_own(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    widgets: list[Noting] = []
    seen: list[list[bool]] = []
    layout = QVBoxLayout(window)
    for _ in range(3):
        layout.addWidget(Noting(window, widgets, seen))
    window.resize(200, 200)
    window.show()
    qtbot.waitUntil(lambda: len(seen) >= 3)
    qtbot.wait(50)
    seen.clear()
    for widget in widgets:
        paint_later(widget)
        paint_later(widget)  # asked twice, as where two acts follow each other
    qtbot.waitUntil(lambda: all(widget.updatesEnabled() for widget in widgets) and len(seen) >= 3)
    assert seen[0] == [True, False, False]
    assert seen[1] == [True, True, False]


def test_the_panels_are_painted_after_the_text_of_another_article(window: MainWindow, qtbot: QtBot) -> None:
    first, second = window.session.project.articles.ids()[:2]  # type: ignore[union-attr]
    window.show_article(first)
    qtbot.waitUntil(window.panels.updatesEnabled)
    window.show_article(second)
    assert not window.panels.updatesEnabled()
    assert window.pane.view.updatesEnabled()
    qtbot.waitUntil(window.panels.updatesEnabled)
