"""Small editors that open beside what they are about: a name by a few letters, a note.

They belong to the window's centre, not to the article, so that its letter keys stay with the article.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from annotator.ui import theme
from annotator.ui.chips import SMALL, cut, one_line, plain_label, scaled
from annotator.ui.name_choices import NameChoice, find, is_known

_WIDTH = 360
_GAP = 6  # pixels between the editor and what it is about
_SHOWN = 50  # names at once; who looks for another types on
_ROWS, _LEAST_ROWS = 7, 3  # names seen without scrolling
_NOBODY = "Nobody in particular"
Anchor = Callable[[], QRect]
"""Where what an editor is about stands now, in global coordinates."""

_KEYS = frozenset(
    (
        Qt.Key.Key_Escape,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Tab,
        Qt.Key.Key_Backtab,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    )
)


class QuickEditor(QFrame):
    """A frame over the window with a heading, a field and a line about its keys. Esc leaves it."""

    def __init__(self, parent: QWidget, field: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("quick")
        self.setAutoFillBackground(True)
        self.heading = plain_label()
        self.keys = plain_label(muted=True)
        self.field = field
        self._back: QWidget | None = None  # where the keyboard was
        self._anchor: Anchor = QRect
        self._pane = parent
        self._moving = QTimer(self, singleShot=True, interval=0)
        self._moving.timeout.connect(self._place)
        field.installEventFilter(self)
        parent.installEventFilter(self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 10, 12, 10)
        self.column.setSpacing(6)
        for widget in (self.heading, field, self.keys):
            self.column.addWidget(widget)
        self.hide()

    def open_at(self, anchor: Anchor, heading: str, pane: QWidget) -> None:
        """Open below ``anchor``, or above it where there is no room, and take the keyboard.

        It stays within the sides of ``pane``, so that the panes beside it can be seen.
        """
        self._back = QApplication.focusWidget() if not self.isVisible() else self._back
        self._anchor, self._pane = anchor, pane
        self.heading.setText(cut(heading, 160))
        self.field.setAccessibleName(self.heading.text())
        self.apply_theme()
        self.show()
        self.raise_()
        self._place()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self) -> None:
        parent, anchor = self.parentWidget(), self._anchor()
        assert parent is not None
        room = parent.rect()
        room.setLeft(self._pane.mapTo(parent, self._pane.rect().topLeft()).x())
        room.setWidth(self._pane.width())
        room.adjust(8, 8, -8, -8)
        at = QRect(parent.mapFromGlobal(anchor.topLeft()), anchor.size())
        width = min(max(_WIDTH, 26 * QFontMetrics(self.font()).averageCharWidth()), room.width())
        self.ensurePolished()
        under, over = room.bottom() - at.bottom() - _GAP, at.top() - _GAP - room.top()
        wanted, least = (
            self.column.totalHeightForWidth(width),
            self.column.totalMinimumHeightForWidth(width),
        )
        # Rather a lower list than one over the words that it is about.
        height = min(max(least, min(wanted, max(under, over))), room.height())
        top = at.bottom() + _GAP if height <= under or over < height else at.top() - _GAP - height
        top = max(room.top(), min(top, room.bottom() - height))
        left = max(room.left(), min(at.left(), room.right() - width))
        self.setGeometry(left, top, width, height)

    def leave(self) -> bool:
        """Close without changing anything, the keyboard where it was; False where it is not open."""
        if not self.isVisible():
            return False
        back, self._back = self._back, None
        had_focus = self.field.hasFocus()
        self.hide()
        if back is not None and (had_focus or QApplication.focusWidget() is None):
            back.setFocus(Qt.FocusReason.PopupFocusReason)
        return True

    def pressed(self, event: QKeyEvent) -> bool:
        """Do what a key of the editor does; False leaves it to the field. For sub-classes."""
        return False

    def left_by_focus(self) -> None:
        """Close since the keyboard went elsewhere by a click; for sub-classes that keep what was typed."""
        self.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the editor's keys from the window's shortcuts, hear of them and of the focus, and go along.

        What comes or goes above the text, such as a notice, moves the words that the editor is about.
        """
        moves = event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize)
        if watched is self.parentWidget() and moves and self.isVisible():
            self._moving.start()
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self._is_mine(event):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                if event.key() == Qt.Key.Key_Escape:
                    self.leave()
                    return True
                return self._is_mine(event) and self.pressed(event)
        if watched is self.field and event.type() == QEvent.Type.FocusOut and self.isVisible():
            focus = QApplication.focusWidget()
            if focus is not self.field and QApplication.activePopupWidget() is None and focus is not None:
                self.left_by_focus()
        return super().eventFilter(watched, event)

    @staticmethod
    def _is_mine(event: QKeyEvent) -> bool:
        return event.key() in _KEYS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier

    def apply_theme(self) -> None:
        """Take the theme's colours and the font's size."""
        colors = theme.current()
        self.setStyleSheet(
            f"#quick {{ background: {colors.base}; border: 1px solid {colors.accent}; border-radius: 8px; }}"
        )
        self.keys.setFont(scaled(self.font(), SMALL))
        self.heading.setFont(scaled(self.font(), 1.0, bold=True))


class NamePicker(QuickEditor):
    """A field and the names that fit what is typed; with nothing typed, nobody and the article's own."""

    taken = Signal(object, bool)
    """The ``NameChoice`` that was taken (None: nobody), and whether by Tab: on to the next field."""

    def __init__(self, parent: QWidget) -> None:
        self._edit = QLineEdit()
        super().__init__(parent, self._edit)
        self._choices: Sequence[NameChoice] = ()
        self._touched = False  # something was typed or gone to
        self._edit.setMaxLength(300)
        self._edit.setPlaceholderText("Type a few letters of a name")
        self._edit.textChanged.connect(self._filter)
        self.list = QListWidget()
        self.list.setAccessibleName("Names")
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays in the field
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.itemClicked.connect(self._clicked)
        self.list.currentRowChanged.connect(self._tell)
        self.column.insertWidget(2, self.list)

    def choose(
        self,
        anchor: Anchor,
        heading: str,
        pane: QWidget,
        choices: Sequence[NameChoice],
        current: str | None,
        keys: str,
    ) -> None:
        """Open at ``anchor`` with the present name, selected: typing replaces it."""
        self._choices = choices
        self.keys.setText(keys)
        blocked = self._edit.blockSignals(True)
        self._edit.setText(current or "")
        self._edit.blockSignals(blocked)
        self._edit.selectAll()
        row = QFontMetrics(self.list.font()).height() + 9
        self.list.setMinimumHeight(_LEAST_ROWS * row + 4)
        self.list.setMaximumHeight(_ROWS * row + 4)
        found = find(choices, "", _SHOWN)
        if current is not None and all(choice.name != current for choice in found):
            # Behind the last that is shown; and Enter or Tab, with nothing typed, leaves it as it is.
            known = (choice for choice in choices if choice.name == current)
            found = [next(known, NameChoice(current)), *found]
        self._list(found, nobody=True)
        names = [choice.name for choice in found]
        self.list.setCurrentRow(names.index(current) + 1 if current is not None else 0)
        self._touched = False
        self.open_at(anchor, heading, pane)

    def flush(self) -> None:
        """Close; take the current name where somebody typed or went to it."""
        if self.isVisible() and self._touched:
            self._take(on=False)
        self.leave()

    def names(self) -> list[str]:
        """Return what the list says, row by row."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def _filter(self, typed: str) -> None:
        self._touched = True
        typed = " ".join(typed.split())
        self._list(find(self._choices, typed, _SHOWN), nobody=not typed)
        if typed and not is_known(self._choices, typed):
            self._add(f"New: {typed}", NameChoice(typed, here=False))
        self.list.setCurrentRow(0)

    def _list(self, found: Sequence[NameChoice], *, nobody: bool) -> None:
        self.list.clear()
        if nobody:
            self._add(_NOBODY, None)
        for choice in found:
            words = choice.name + (f"   ({', '.join(choice.also[:6])})" if choice.also else "")
            self._add(words if choice.here else f"{words} · not in this article", choice)

    def _add(self, words: str, choice: NameChoice | None) -> None:
        item = QListWidgetItem(one_line(words))
        item.setData(Qt.ItemDataRole.UserRole, choice)
        self.list.addItem(item)

    def _tell(self, row: int) -> None:
        item = self.list.item(row)
        if item is not None and self.isVisible():  # a screen reader's focus is in the field
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._edit, item.text()))

    def pressed(self, event: QKeyEvent) -> bool:
        """Move through the list; take its current name with Enter, or with Tab and go on."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take(on=event.key() == Qt.Key.Key_Tab)
        elif event.key() != Qt.Key.Key_Backtab:
            step = 1 if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) else _ROWS
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_PageUp):
                step = -step
            self._touched = True
            self.list.setCurrentRow(max(0, min(self.list.currentRow() + step, self.list.count() - 1)))
        return True

    def _clicked(self) -> None:
        self._take(on=False)

    def _take(self, *, on: bool) -> None:
        item = self.list.currentItem()
        if item is not None:
            choice: NameChoice | None = item.data(Qt.ItemDataRole.UserRole)
            self.leave()
            self.taken.emit(choice, on)


class NoteField(QuickEditor):
    """A note of some lines: Enter takes it, and so does leaving it by a click; Esc leaves it as it was."""

    taken = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        self._edit = QPlainTextEdit()
        super().__init__(parent, self._edit)
        self._before = ""
        self.keys.setText("Enter takes it · Shift+Enter a new line · Esc leaves it as it was")

    def write(self, anchor: Anchor, heading: str, pane: QWidget, note: str) -> None:
        """Open at ``anchor`` with the present note, the caret at its end."""
        self._edit.setPlainText(note)
        self._before = self.note()
        self._edit.moveCursor(self._edit.textCursor().MoveOperation.End)
        self._edit.setFixedHeight(4 * QFontMetrics(self._edit.font()).lineSpacing() + 22)
        self.open_at(anchor, heading, pane)

    def note(self) -> str:
        """Return the note as it stands in the field."""
        # Not toPlainText(), which turns no-break spaces into plain ones. Paragraphs end in U+2029.
        return self._edit.document().toRawText().replace("\u2029", "\n").replace("\u2028", "\n")

    def pressed(self, event: QKeyEvent) -> bool:
        """Take the note with Enter."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._edit.insertPlainText("\n")
        else:
            self.take()
        return True

    def left_by_focus(self) -> None:
        """Keep what was typed."""
        self.take()

    def take(self) -> None:
        """Close, and tell of the note if it was open and is another now."""
        note, changed = self.note(), self.note() != self._before
        if self.leave() and changed:
            self.taken.emit(note)
