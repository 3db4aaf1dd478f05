"""Ctrl+K: everything that can be done, every label and article, by typing a few letters of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from annotator.text import isolated
from annotator.ui import theme
from annotator.ui.chips import SMALL, cut, elided, plain_label, scaled
from annotator.ui.commands import Command, plain
from annotator.ui.keymap import PRESETS
from annotator.ui.palette_match import fit
from annotator.ui.search_field import SearchField

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

SHOWN = 60  # rows; who looks for another types on
ARTICLES = 6
REMEMBERED = 8
_ARTICLES_AFTER_MS = 120  # a pause in typing
_WIDTH, _HEIGHT = 640, 440
_NOTHING = "Nothing fits. Type a word of a menu entry, of a label, or of an article's title."
_ROLE = Qt.ItemDataRole.UserRole
_MOVES = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a command, or an article to open."""

    name: str
    where: str  # the menu, or "Article"
    key: str
    missing: str  # what it needs, "" where it can be done
    run: Callable[[], object]
    command: str = ""


class Palette(QFrame):
    """Lies over the window until something is chosen, Esc is pressed or the keyboard goes elsewhere."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._before: QWidget | None = None
        self.setObjectName("palette")
        self.setAccessibleName("Commands")
        self.field = SearchField("", self)
        self.field.setPlaceholderText("What to do, a label, or an article's title")
        self.field.setAccessibleName("What to do")
        self.list = QListWidget()
        self.list.setAccessibleName("What fits")
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._take)
        self.list.currentItemChanged.connect(self._speak)
        empty = plain_label(_NOTHING, muted=True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.stack, 1)
        self._later = QTimer(self, singleShot=True, interval=_ARTICLES_AFTER_MS)
        self._later.timeout.connect(self._add_articles)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        window.installEventFilter(self)
        self._others = (window.note.edit, window.list.search_field, window.pane.find_bar.field)
        for other in self._others:
            other.installEventFilter(self)
        window.session.closing.connect(self.leave)
        self.hide()

    # Opening and closing

    def open(self) -> None:
        """Show it, or close it where it is open."""
        if self.leave():
            return
        colors = theme.current()
        self.setStyleSheet(
            f"#palette {{ background: {colors.base}; border: 1px solid {colors.muted}; "
            "border-radius: 10px; }"
            "#palette QListWidget { border: none; }"
        )
        self.field.apply_theme()
        self._before = QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.clear()
        self._filter()

    def leave(self) -> bool:
        """Close it and give the keyboard back; tell whether it was open."""
        if self.isHidden():
            return False
        had = self.field.hasFocus()
        self._later.stop()
        self.hide()
        if had:
            (self._before or self._window.pane.view).setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _place(self) -> None:
        window = self._window
        width = min(_WIDTH, window.width() - 60)
        rows = max(3, self.list.count()) * self.list.sizeHintForRow(0) if self.list.count() else 80
        height = min(_HEIGHT, window.height() - 120, rows + self.field.sizeHint().height() + 34)
        self.setGeometry((window.width() - width) // 2, 56, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the keyboard in the field: arrows move the list, Enter takes, Esc closes."""
        if watched is self._window:
            if event.type() == QEvent.Type.Resize and self.isVisible():
                self._place()
            return False
        if watched in self._others:  # some desktops delete to the line's end by Ctrl+K
            if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
                return False
            pressed = QKeySequence(event.keyCombination())
            ours = pressed in self._window.actions_["palette"].shortcuts()  # no letter alone is among them
            if ours:
                event.ignore()
            return ours
        if event.type() == QEvent.Type.FocusOut:
            if self.isVisible() and not self._window.isActiveWindow():
                return False
            self.leave()
            return False
        if not isinstance(event, QKeyEvent) or event.type() not in (
            QEvent.Type.KeyPress,
            QEvent.Type.ShortcutOverride,
        ):
            return False
        mine = event.key() in (*_MOVES, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        if event.type() == QEvent.Type.ShortcutOverride:
            if mine:
                event.accept()
            return mine
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentItem())
            return True
        elif event.key() in _MOVES:
            self.list.event(event)
        return mine

    # What fits

    def _filter(self, *_: object) -> None:
        typed = self.field.text()
        entries = self._commands()
        if typed.strip():
            recent = self._recent()
            scored = []
            for place, entry in enumerate([*entries, *self._choices()]):
                points = fit(typed, entry.name, f"{entry.where} {entry.key}")
                if points:
                    points += 5 if entry.command in recent else 0
                    scored.append((-points, place, entry))
            entries = [entry for *_, entry in sorted(scored, key=lambda row: row[:2])]
        self._show(entries[:SHOWN] if typed.strip() else entries)
        self._later.stop()
        if len(typed.strip()) > 2:
            self._later.start()

    def _show(self, entries: list[Entry]) -> None:
        blocked = self.list.blockSignals(True)  # of clearing, which makes each row current for a moment
        self.list.clear()
        self.list.blockSignals(blocked)
        for entry in entries:
            self._add(entry)
        self.list.setCurrentRow(0)
        self.list.scrollToTop()
        self.stack.setCurrentIndex(0 if entries else 1)
        self._place()

    def _add(self, entry: Entry) -> None:
        item = QListWidgetItem(entry.name)
        item.setData(_ROLE, entry)
        spoken = ", ".join(part for part in (entry.name, entry.where, entry.key, entry.missing) if part)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        self.list.addItem(item)

    def _commands(self) -> list[Entry]:
        """Return all commands: those used here last come first, then the menus' order."""
        actions = self._window.actions_
        recent = self._recent()
        ids = [name for name in recent if name in actions.commands]
        ids += [name for name in actions.commands if name not in recent and name != "palette"]
        return [self._entry(actions.commands[name]) for name in ids]

    def _entry(self, command: Command) -> Entry:
        actions = self._window.actions_
        action = actions[command.id]
        name = "Undo" if command.id == "undo" else "Redo" if command.id == "redo" else plain(command.text)
        if command.checkable and action.isChecked():
            name += " ✓"
        where = plain(command.menu.replace("/", " › "))
        missing = "" if action.isEnabled() else self._missing(command)
        return Entry(name, where, actions.shown(command.id), missing, action.trigger, command.id)

    def _choices(self) -> list[Entry]:
        """Return what is no command but looked for by its name: orders of the list, sets of keys."""
        window, button = self._window, self._window.list.sort_button
        missing = "" if window.session.project is not None else "needs an open project"
        orders = [
            Entry(f"Order: {words}", "Sort the list", "", missing, partial(button.choose, sort))
            for sort, words in button.orders().items()
        ]
        sets = [
            Entry(f"Keys as in {name}", "Preset of keys", "", "", window.dialogs.show_keys)
            for name in PRESETS
        ]
        return [*orders, *sets]

    def _missing(self, command: Command) -> str:
        session = self._window.session
        if session.project is None:
            return "needs an open project"
        if command.needs in ("writable", "labelling") and not session.writable:
            return "the project is open for reading only"
        if command.needs in ("article", "labelling") and not self._window.labelling.article:
            return "needs an open article"
        return "nothing to do at the moment"

    def _add_articles(self) -> None:
        project = self._window.session.project
        if project is None or self.isHidden():
            return
        for article, title in project.articles.with_title(self.field.text(), ARTICLES):
            self._add(Entry(cut(title, 200), "Article", "", "", partial(self._open, article)))
        self._place()
        if self.list.count():
            self.stack.setCurrentIndex(0)
            if self.list.currentRow() < 0:
                self.list.setCurrentRow(0)

    def _open(self, article: int) -> None:
        self._window.show_article(article)
        self._window.focus_article()

    # Doing it

    def _take(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        entry: Entry = item.data(_ROLE)
        if entry.missing:
            words = f"{entry.name}: {entry.missing}."
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
            return
        self.leave()
        if entry.command:
            self._remember(entry.command)
        entry.run()

    def _recent(self) -> list[str]:
        try:
            return [str(name) for name in json.loads(self._window.session.settings.text("palette", "[]"))]
        except (ValueError, TypeError):
            return []

    def _remember(self, command: str) -> None:
        others = [name for name in self._recent() if name != command]
        self._window.session.settings.set("palette", json.dumps([command, *others][:REMEMBERED]))

    def _speak(self, item: QListWidgetItem | None, _: object) -> None:
        if item is not None and self.isVisible():
            words = str(item.data(Qt.ItemDataRole.AccessibleTextRole))
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.field, words))


class _Rows(QStyledItemDelegate):
    """Paints a row: the name, what is missing or its menu, and the key at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, QFontMetrics(option.font).height() + 14)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(_ROLE)
        colors = theme.current()
        painter.save()
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colors.selected))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(colors.accent))
        inner = rect.adjusted(12, 0, -12, 0)
        small = scaled(option.font, SMALL)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(option.font)
        painter.setPen(QColor(colors.muted))
        key_width = QFontMetrics(option.font).horizontalAdvance(entry.key) + (14 if entry.key else 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | middle, entry.key)
        beside = entry.missing or entry.where
        beside_width = QFontMetrics(small).horizontalAdvance(beside) + 14
        room = inner.width() - key_width
        name = elided(isolated(entry.name), option.font, max(room - beside_width, room // 2))
        painter.setPen(QColor(colors.muted if entry.missing else colors.text))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | middle, name)
        painter.setFont(small)
        painter.setPen(QColor(colors.muted))
        left = inner.adjusted(QFontMetrics(option.font).horizontalAdvance(name) + 12, 1, -key_width, 0)
        painter.drawText(left, Qt.AlignmentFlag.AlignLeft | middle, elided(beside, small, left.width()))
        painter.restore()
