"""Choosing a filter by typing: first what it is about, then the value; saved filters by their names.

It takes the place of the list while it is open, so that nothing floats and nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QPainter,
)
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from annotator.dates import date_range
from annotator.model import FIELDS, Condition, Field, FieldValue, SavedFilter
from annotator.text import isolated
from annotator.ui import theme
from annotator.ui.chips import SMALL, elided, one_line, plain_label, plain_tip, scaled
from annotator.ui.filter_words import FIELD_HINTS, FIELD_WORDS, value_words
from annotator.ui.search_field import SearchField

SHOWN = 200  # rows; who looks for another types on
_MOVES = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
_NOTE = Qt.ItemDataRole.UserRole + 1
_LONGEST_NAME = 80

Kind = Literal["field", "value", "saved", "save", "clear", "name"]
Step = Literal["fields", "values", "save", "rename"]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: what it does, with what, its words and a note at the right."""

    kind: Kind
    data: str
    words: str
    note: str = ""
    also: str = ""

    @property
    def found_by(self) -> str:
        """The words that typing looks through."""
        return f"{self.words} {self.also}".casefold()


class FilterChooser(QWidget):
    """A field to type in, and what fits."""

    chosen = Signal(object)  # the Condition
    saved_chosen = Signal(str)
    save_wanted = Signal(str)
    rename_wanted = Signal(str, str)
    delete_wanted = Signal(str)
    values_wanted = Signal(str)
    """Somebody chose this field: :meth:`show_values` is to be called, as often as there is more to tell."""
    cleared = Signal()
    last_unwanted = Signal()
    """Backspace in the empty field: the last chip goes."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step: Step = "fields"
        self._field: Field = "status"
        self._renamed = ""
        self._saved: Sequence[SavedFilter] = ()
        self._narrows = False
        self._writable = True
        self._rows: list[Row] = []
        self._taken = False  # Enter was pressed before what was typed for came
        self.edit = SearchField("")
        self.edit.installEventFilter(self)
        self.edit.textEdited.connect(self._typed)
        self.edit.cleared.connect(self._typed)
        self.heading = plain_label(muted=True)
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_RowDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays in the field
        self.list.itemClicked.connect(self._take)
        self.list.currentItemChanged.connect(self._speak)
        self.list.installEventFilter(self)
        self.hint = plain_label(muted=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 10)
        layout.setSpacing(6)
        layout.addWidget(self.heading)
        layout.addWidget(self.edit)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.hint)
        self.setFocusProxy(self.edit)

    # Opening

    def begin(self, saved: Sequence[SavedFilter], *, narrows: bool, writable: bool) -> None:
        """Offer fields and saved filters; ``narrows``: there is a filter that could be saved or cleared."""
        self._saved, self._narrows, self._writable = saved, narrows, writable
        self._go("fields")

    def show_values(self, field: Field, values: Sequence[FieldValue]) -> None:
        """Show what can be chosen for ``field``, where that is still what is asked."""
        if self._step != "values" or field != self._field:
            return
        self._rows = [
            Row(
                "value",
                value.value,
                value_words(field, value.value),
                "" if value.articles is None else f"{value.articles:,}",
                value.also,
            )
            for value in values
        ]
        self._show(stay=True)
        if self._taken:
            self._take()

    def back(self) -> None:
        """Go a step back; from the first one, close."""
        if self._step == "fields":
            self.closed.emit()
        else:
            self._go("fields")

    def _go(self, step: Step, text: str = "") -> None:
        self._step = step
        self._taken = False
        self._rows = self._fields() if step == "fields" else []
        words, hint, placeholder = {
            "fields": ("Show only articles by", "", "Field or saved filter"),
            "values": (FIELD_WORDS[self._field], "", "Type a few letters"),
            "save": ("Save this filter as", "A name that is there already is replaced.", "Name"),
            "rename": (f"Rename “{one_line(self._renamed)[:40]}” to", "", "New name"),
        }[step]
        if step == "values" and self._field == "published":
            hint = "Type 2024, Feb 2024, or a range: 2023-05..2024-02"
        self.heading.setText(words)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setAccessibleName(words)
        self.edit.setMaxLength(_LONGEST_NAME if step in ("save", "rename") else 500)
        self.list.setAccessibleName(words)
        self._hint = hint
        self.edit.setText(text)
        if text:
            self.edit.selectAll()
        self._show()
        if step == "values":
            self.values_wanted.emit(self._field)

    def _fields(self) -> list[Row]:
        rows = [Row("field", field, FIELD_WORDS[field], FIELD_HINTS[field]) for field in FIELDS]
        rows += [Row("saved", f.name, f.name, "saved") for f in self._saved]
        if self._narrows:
            if self._writable:
                rows.append(Row("save", "", "Save this filter…"))
            rows.append(Row("clear", "", "Clear all filters"))
        return rows

    # The list

    def _typed(self) -> None:
        self._taken = False
        self._show()

    def _show(self, *, stay: bool = False) -> None:
        """List what fits what is typed; what begins like it comes first.

        ``stay``: numbers and names come in, and the row that is to be taken next stays the current one.
        """
        current = self._current()
        typed = " ".join(self.edit.text().casefold().split())
        if self._step in ("save", "rename"):
            found = self._names()
        else:
            words = typed.split()
            found = [row for row in self._rows if all(word in row.found_by for word in words)]
            found.sort(key=lambda row: not row.found_by.startswith(typed))
            if self._step == "values" and self._field == "published" and date_range(self.edit.text()):
                value = self.edit.text().strip()
                found = [row for row in found if row.data != value]
                found.insert(0, Row("value", value, value_words("published", value), "typed"))
        own = (current.kind, current.data) if current else None
        same = [n for n, row in enumerate(found[:SHOWN]) if (row.kind, row.data) == own]
        blocked = self.list.blockSignals(True)  # of clearing, which makes each row current for a moment
        self.list.clear()
        for row in found[:SHOWN]:
            item = QListWidgetItem(one_line(row.words))
            item.setData(Qt.ItemDataRole.UserRole, row)
            item.setData(_NOTE, row.note)
            also = f" ({row.also})" if row.also else ""
            item.setToolTip(plain_tip(row.words + also))
            told = ""
            if row.kind == "value" and row.note[:1].isdigit():
                told = f", {row.note} article{'' if row.note == '1' else 's'}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, one_line(row.words) + also + told)
            self.list.addItem(item)
        self.list.setCurrentRow(same[0] if same and (stay or not self.edit.text()) else 0)
        self.list.blockSignals(blocked)
        if not (stay and same):  # else it was said, and only its number is another
            self._speak(self.list.currentItem())
        self._explain(len(found))

    def _explain(self, found: int) -> None:
        if found > SHOWN:
            words = f"{found:,} fit: type on to see fewer."
        elif found or self._step in ("save", "rename"):
            words = self._hint
        elif self._step == "values" and not self._rows:
            words = "Looking…"
        else:
            words = "Nothing fits. " + (self._hint or "Backspace goes back.")
        current = self._current()
        if current is not None and current.kind == "saved" and self._writable:
            words = "F2 renames it, Del deletes it."
        self.hint.setText(words)
        self.hint.setVisible(bool(words))

    def _names(self) -> list[Row]:
        typed = " ".join(self.edit.text().split())
        others = [f.name for f in self._saved if f.name != self._renamed or self._step == "save"]
        if self._step == "rename":
            return [Row("name", typed, f"Rename to {typed}")] if typed and typed not in others else []
        rows = [Row("name", typed, f"Save as {typed}")] if typed and typed not in others else []
        fold = typed.casefold()
        return rows + [Row("name", n, f"Replace {n}", "saved") for n in others if fold in n.casefold()]

    def _current(self) -> Row | None:
        item = self.list.currentItem()
        row: Row | None = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return row

    def _speak(self, item: QListWidgetItem | None) -> None:
        if item is not None and self.isVisible():  # a screen reader's focus is in the field
            words = str(item.data(Qt.ItemDataRole.AccessibleTextRole))
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.edit, words))

    def rows(self) -> list[tuple[str, str]]:
        """Return the words and the note of each row that is shown."""
        items = [self.list.item(n) for n in range(self.list.count())]
        return [(item.text(), item.data(_NOTE)) for item in items]

    def _take(self) -> None:
        row = self._current()
        if row is None:
            self._taken = self._step == "values" and bool(self.edit.text().strip())
            return
        if row.kind == "field":
            self._field = next(field for field in FIELDS if field == row.data)
            self._go("values")
        elif row.kind == "value":
            self.chosen.emit(Condition(self._field, row.data))
        elif row.kind == "saved":
            self.saved_chosen.emit(row.data)
        elif row.kind == "save":
            self._go("save")
        elif row.kind == "clear":
            self.cleared.emit()
        elif self._step == "rename":
            self.rename_wanted.emit(self._renamed, row.data)
        else:
            self.save_wanted.emit(row.data)

    def _rename(self) -> None:
        row = self._current()
        if row is not None and row.kind == "saved" and self._writable:
            self._renamed = row.data
            self._go("rename", row.data)

    def _at_end(self) -> bool:
        """Return whether Del would take no letter away."""
        letters = len(self.edit.text().encode("utf-16-le")) // 2  # as Qt counts them
        return not self.edit.hasSelectedText() and self.edit.cursorPosition() == letters

    def _delete(self) -> None:
        row = self._current()
        if row is not None and row.kind == "saved" and self._writable:
            self.delete_wanted.emit(row.data)

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Walk the list, take a row and go back while the keyboard stays in the field."""
        if event.type() == QEvent.Type.ContextMenu and watched is self.list:
            assert isinstance(event, QContextMenuEvent)
            return self._show_menu(event)
        if watched is not self.edit or not isinstance(event, QKeyEvent):
            return False
        key = event.key()
        if event.type() == QEvent.Type.ShortcutOverride:
            if key == Qt.Key.Key_F2:
                event.accept()  # not the metadata of the article
            return False
        if event.type() != QEvent.Type.KeyPress:
            return False
        if key in _MOVES:
            self.list.event(event)
            self._explain(self.list.count())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._take()
        elif key == Qt.Key.Key_F2:
            self._rename()
        elif key == Qt.Key.Key_Delete and self._at_end():
            self._delete()
        elif key == Qt.Key.Key_Backspace and not self.edit.text():
            if self._step == "fields":
                self.last_unwanted.emit()
            else:
                self.back()
        else:
            return False
        return True

    def _show_menu(self, event: QContextMenuEvent) -> bool:
        row = self._current()
        if row is None or row.kind != "saved" or not self._writable:
            return False
        menu = QMenu(self)
        menu.addAction("Use it", self._take)
        menu.addAction("Rename…\tF2", self._rename)
        menu.addAction("Delete\tDel", self._delete)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())
        return True

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        self.edit.apply_theme()
        self.list.viewport().update()


class _RowDelegate(QStyledItemDelegate):
    """Words at the left, the note (a count) at the right in grey; neither is ever read as HTML."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        words, shown.text = shown.text, ""
        style = shown.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, shown.widget)
        selected = bool(shown.state & QStyle.StateFlag.State_Selected)
        painter.save()
        rect = shown.rect.adjusted(8, 0, -8, 0)
        small = scaled(shown.font, SMALL)
        painter.setFont(small)
        note = elided(str(index.data(_NOTE) or ""), small, rect.width() * 0.5)
        wide = painter.fontMetrics().horizontalAdvance(note)
        middle = Qt.AlignmentFlag.AlignVCenter
        roles = shown.palette.ColorRole
        text = shown.palette.color(roles.HighlightedText if selected else roles.Text)
        room = rect.width() - wide - (12 if note else 0)
        full = shown.fontMetrics.horizontalAdvance(words)
        if full > room and not note[:1].isdigit():  # the words matter more than a hint
            room, note = rect.width(), ""
        painter.setPen(text if selected else QColor(theme.current().muted))
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | middle, note)
        painter.setFont(shown.font)
        painter.setPen(text)
        left = QRect(rect.left(), rect.top(), int(room), rect.height())
        painter.drawText(left, Qt.AlignmentFlag.AlignLeft | middle, elided(isolated(words), shown.font, room))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return a row's height in the list's font."""
        return QSize(40, option.fontMetrics.height() + 10)
