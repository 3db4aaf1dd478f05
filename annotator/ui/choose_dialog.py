"""Choosing one of many names by typing a few of its letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QInputDialog,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotator.model import Actor
from annotator.ui.chips import one_line, plain_label
from annotator.ui.empty_state import EmptyState
from annotator.ui.search_field import SearchField

SHOWN = 200  # names at once; who looks for another types on

Choice = tuple[str, str]
"""A name, and what else can be found by: aliases."""


class ChooseDialog(QDialog):
    """A field and the names that have what is typed in it; Enter takes the current one."""

    def __init__(
        self, title: str, words: str, choices: Sequence[Choice], parent: QWidget, *, new: bool = False
    ) -> None:
        """``new``: a name that is not among ``choices`` may be typed, too."""
        super().__init__(parent)
        self._choices = choices
        self._new = new
        self.setWindowTitle(title)
        label = plain_label(words)
        label.setWordWrap(True)
        self.field = SearchField("", self)
        self.field.setPlaceholderText("Type a few letters" + (", or a new name" if new else ""))
        self.field.setAccessibleName(words)
        self.list = QListWidget()
        self.list.setAccessibleName("Names")
        self.list.setUniformItemSizes(True)
        EmptyState(self.list, "Nothing has these letters. Type others" + (", or a new name." if new else "."))
        self.list.itemActivated.connect(self.accept)
        self.list.itemDoubleClicked.connect(self.accept)
        self.list.currentItemChanged.connect(self._speak)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._ok: QPushButton = buttons.button(QDialogButtonBox.StandardButton.Ok)
        layout = QVBoxLayout(self)
        for widget in (label, self.field, self.list, buttons):
            layout.addWidget(widget)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.resize(460, 420)
        self._filter("")
        self.field.setFocus()

    def chosen(self) -> str | None:
        """Return the name that was taken."""
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else None

    def _filter(self, typed: str) -> None:
        words = typed.casefold().split()
        found = [
            choice
            for choice in self._choices
            if all(word in f"{choice[0]} {choice[1]}".casefold() for word in words)
        ]
        # What begins like that comes first.
        start = " ".join(words)
        found.sort(key=lambda choice: not choice[0].casefold().startswith(start))
        blocked = self.list.blockSignals(True)  # of clearing, which makes each name current for a moment
        self.list.clear()
        self.list.blockSignals(blocked)
        for name, also in found[:SHOWN]:
            self._add(f"{name}   ({also})" if also else name, name)
        new = " ".join(typed.split())
        if self._new and new and new not in {name for name, _ in self._choices}:
            self._add(f"New: {new}", new)
        self.list.setCurrentRow(0)
        self._ok.setEnabled(self.list.count() > 0)

    def _add(self, words: str, name: str) -> None:
        item = QListWidgetItem(one_line(words))
        item.setData(Qt.ItemDataRole.UserRole, name)
        self.list.addItem(item)

    def _speak(self, item: QListWidgetItem | None) -> None:
        if item is not None and self.field.hasFocus():  # in the list itself, Qt says it
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.field, item.text()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move through the list with the arrows while the keyboard stays in the field."""
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
        ):
            self.list.event(event)
            return True
        return False


def choose(
    title: str, words: str, choices: Sequence[Choice], parent: QWidget, *, new: bool = False
) -> str | None:
    """Ask for one of ``choices``; None where the person thought better of it."""
    dialog = ChooseDialog(title, words, choices, parent, new=new)
    name = dialog.chosen() if dialog.exec() == QDialog.DialogCode.Accepted else None
    dialog.deleteLater()
    return name


def choices(known: list[Actor], names: set[str], but: str) -> list[Choice]:
    """Return what can be chosen from: actors with their aliases, and bare names; all but ``but``."""
    found = [(actor.name, ", ".join(actor.aliases)) for actor in known]
    found += [(name, "") for name in names]
    return sorted(choice for choice in found if choice[0] != but)


def ask_name(parent: QWidget, title: str, words: str, name: str) -> str | None:
    """Ask for a name; None where none was given."""
    given, accepted = QInputDialog.getText(parent, title, words, text=name)
    return given.strip() or None if accepted else None
