"""What the right mouse button, the Menu key and Shift+F10 offer on a span, an article, an actor.

The entries are the same actions as in the menus, so that both have the same words, keys and state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QMenu,
    QPushButton,
    QWidget,
)

from annotator.ui import mnemonics
from annotator.ui.command_table import ACTOR, EDGES, PASSAGE
from annotator.ui.commands import LABELS
from annotator.ui.span_layout import ShownSpan
from annotator.ui.spans_model import PanelSpan, SpanGroup

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

SEPARATOR = ""
Names = tuple[str, ...]
"""Ids of commands, and paths of menus within."""

WORDS: Names = (LABELS, SEPARATOR, "find", "find_project")
TEXT: Names = ("accept_all", "find", SEPARATOR, "metadata", "flag", "note", "done", "skip")
ARTICLE: Names = (
    "done",
    "skip",
    "flag",
    "note",
    SEPARATOR,
    "metadata",
    "accept_all",
    SEPARATOR,
    "next_article",
    "previous_article",
    SEPARATOR,
    "find_project",
)
NO_ARTICLE: Names = ("import", "import_folder", "paste", SEPARATOR, "new", "open")


def of_span(span: ShownSpan, mentions: int) -> Names:
    """Return what can be done with a span; ``mentions`` of its name are suggested as it is."""
    if span.suggested:
        answers = ["accept"]
        answers += ["accept_mentions"] if mentions > 1 else []
        answers += ["reject"]
        answers += ["reject_alone"] if not span.passage else []  # of names alone something follows elsewhere
    else:
        answers = ["remove"]
    about = [ACTOR] if span.layer == "entity" else []
    about += [PASSAGE] if span.layer == "stance" else ["certainty", "span_note"]
    everywhere = [SEPARATOR, "everywhere_here", "everywhere"] if span.layer != "stance" else []
    examples = [SEPARATOR, "example", "counter_example", "rule"]
    return (*answers, LABELS, EDGES, *about, *everywhere, *examples)


class ContextMenus(QObject):
    """Opens a menu for what is under the mouse, or for what the keyboard is at."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.menu: QMenu | None = None  # the one that was opened last
        self._areas: dict[QObject, Callable[[QPoint | None], tuple[Names, QPoint]]] = {}
        view, tree, table = window.pane.view, window.spans.tree, window.list.table
        for area, asked in ((view, self._in_text), (tree, self._in_spans), (table, self._in_list)):
            for part in (area, area.viewport()):
                self._areas[part] = asked
                part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open our menu in place of Qt's."""
        if event.type() != QEvent.Type.ContextMenu or watched not in self._areas:
            return False
        assert isinstance(event, QContextMenuEvent)
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        self._open(watched, event.pos() if by_mouse else None)
        return True

    def open_here(self) -> None:
        """Open the menu of what the keyboard is at: a span, words, an article, an actor."""
        focus = QApplication.focusWidget()
        if focus in self._areas:
            self._open(focus, None)

    def _open(self, area: QObject, point: QPoint | None) -> None:
        if QApplication.activePopupWidget() is not None:
            return  # the system sends its own event for the key that opened this one
        commands, at = self._areas[area](point)
        assert isinstance(area, QWidget)
        viewport = area.viewport() if isinstance(area, QAbstractScrollArea) else area
        self.popup(commands, viewport.mapToGlobal(at))

    def popup(self, commands: Names, at: QPoint) -> None:
        """Show a menu of these commands (menus within by their path) at a place on the screen."""
        window = self._window
        if self.menu is not None:
            self.menu.deleteLater()
        menu = self.menu = QMenu(window)
        for name in commands:
            if name == SEPARATOR:
                menu.addSeparator()
            elif "/" in name:
                # Not addMenu(), which would let it die with this one.
                menu.addAction(window.actions_.menu(name).menuAction())
            else:
                menu.addAction(window.actions_[name])
        menu.popup(at)

    # What is asked for, and where the menu opens

    def _in_text(self, point: QPoint | None) -> tuple[Names, QPoint]:
        view, labelling = self._window.pane.view, self._window.labelling
        if not labelling.article:
            return NO_ARTICLE, point or QPoint(20, 20)
        if point is not None:
            start, end = view.raw_selection()
            if start == end:
                view.clicked_at(point)  # the span under the mouse is meant, not the one before
        words_only = view.selected_span() is not None and view.active is None
        commands = WORDS if words_only else self._of_active() or TEXT
        return commands, point or view.cursorRect().bottomLeft()

    def _in_spans(self, point: QPoint | None) -> tuple[Names, QPoint]:
        tree = self._window.spans.tree
        index = tree.indexAt(point) if point is not None else tree.currentIndex()
        if point is not None and index.isValid():
            tree.setFocus()
            tree.setCurrentIndex(index)
        row = tree.model_.row(index)
        commands: Names
        if isinstance(row, PanelSpan):
            self._window.spans.activate(index)
            commands = self._of_active()
        elif isinstance(row, SpanGroup) and row.entity:
            commands = (*self._actor_commands(), SEPARATOR, "actors", "by_actor", "by_count")
        else:
            zones = isinstance(row, SpanGroup) and row.gathered
            commands = ("visit_zones",) if zones else ("by_actor", "by_count", "actors")
        return commands, point or tree.visualRect(index).bottomLeft()

    def _of_active(self) -> Names:
        active = self._window.pane.view.active
        return of_span(active, len(self._window.labelling.mentions(active))) if active is not None else ()

    def _actor_commands(self) -> list[str]:
        return [name for name, command in self._window.actions_.commands.items() if command.menu == ACTOR]

    def _in_list(self, point: QPoint | None) -> tuple[Names, QPoint]:
        table = self._window.list.table
        index = table.indexAt(point) if point is not None else table.currentIndex()
        if point is not None and index.isValid():
            table.setCurrentIndex(index)  # opens the article: the acts are about the open one
        commands = ARTICLE if self._window.labelling.article else NO_ARTICLE
        return commands, point or table.visualRect(index).bottomLeft()


class ButtonMenu(QObject):
    """The buttons beside a table as a menu on its rows."""

    def __init__(self, table: QAbstractItemView, buttons: Sequence[QPushButton]) -> None:
        super().__init__(table)
        self._table = table
        self._buttons = buttons
        self.menu: QMenu | None = None
        for part in (table, table.viewport()):
            part.installEventFilter(self)
        self.key = QShortcut(QKeySequence("Shift+F10"), table)
        self.key.setContext(Qt.ShortcutContext.WidgetShortcut)
        self.key.activated.connect(self._open)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open the menu at the row under the mouse, or at the current one."""
        if not isinstance(event, QContextMenuEvent):
            return False
        point = event.pos() if event.reason() == QContextMenuEvent.Reason.Mouse else None
        index = self._table.indexAt(point) if point is not None else self._table.currentIndex()
        if point is not None and index.isValid():
            self._table.setCurrentIndex(index)
        self._open(point)
        return True

    def _open(self, point: QPoint | None = None) -> None:
        if QApplication.activePopupWidget() is not None:
            return
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = QMenu(self._table)
        for button in self._buttons:
            action = self.menu.addAction(button.text(), button.click)
            action.setEnabled(button.isEnabled())
        mnemonics.complete(self.menu)
        place = point or self._table.visualRect(self._table.currentIndex()).bottomLeft()
        self.menu.popup(self._table.viewport().mapToGlobal(place))
