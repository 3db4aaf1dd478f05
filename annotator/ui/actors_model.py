"""The project's actors as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from annotator.model import Actor, ActorRow
from annotator.ui.chips import one_line, plain_tip

NAME, KIND, BLOC, ALIASES, MENTIONS, ARTICLES = range(6)
_HEADS = ("Name", "Kind", "Bloc", "Also called", "Mentions", "Articles")
_Index = QModelIndex | QPersistentModelIndex


class ActorsModel(QAbstractTableModel):
    """Actors, filtered by what stands in their name, kind, bloc or aliases, and sorted by a column."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[ActorRow] = []
        self._all: Sequence[ActorRow] = ()
        self._typed: list[str] = []
        self._column, self._descending = NAME, False

    def set_rows(self, rows: Sequence[ActorRow]) -> None:
        """Show these actors, as far as they fit the filter."""
        self._all = rows
        self._show()

    def actors(self) -> list[Actor]:
        """Return all actors, also those that do not fit the filter."""
        return [row.actor for row in self._all]

    def set_filter(self, typed: str) -> None:
        """Show only the actors that have every word of ``typed`` somewhere."""
        self._typed = typed.casefold().split()
        self._show()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; within it by name."""
        self._column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._show()

    def number(self, name: str) -> int | None:
        """Return the row of the actor called ``name``, or None."""
        return next((n for n, row in enumerate(self.rows) if row.actor.name == name), None)

    def _show(self) -> None:
        self.beginResetModel()
        self.rows = [row for row in self._all if self._fits(row)]
        self.rows.sort(key=lambda row: row.actor.name.casefold())
        self.rows.sort(key=self._key, reverse=self._descending)
        self.endResetModel()

    def _fits(self, row: ActorRow) -> bool:
        actor = row.actor
        words = " ".join((actor.name, actor.kind or "", actor.bloc or "", *actor.aliases)).casefold()
        return all(word in words for word in self._typed)

    def _key(self, row: ActorRow) -> Any:
        if self._column in (MENTIONS, ARTICLES):
            return (row.mentions if self._column == MENTIONS else row.articles) or 0
        return _cells(row)[self._column].casefold()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return the number of actors."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Return 6."""
        return 0 if parent is not None and parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Name the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (MENTIONS, ARTICLES):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return a cell's words, its tooltip, or numbers at the right."""
        roles = Qt.ItemDataRole
        if not index.isValid():
            return None
        if role == roles.TextAlignmentRole and index.column() in (MENTIONS, ARTICLES):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role in (roles.DisplayRole, roles.ToolTipRole):
            words = _cells(self.rows[index.row()])[index.column()]
            return one_line(words) if role == roles.DisplayRole else plain_tip(words)
        return None


def _cells(row: ActorRow) -> tuple[str, ...]:
    actor = row.actor
    aliases = ", ".join(actor.aliases)
    return (
        actor.name,
        actor.kind or "–",
        actor.bloc or "–",
        aliases,
        _number(row.mentions),
        _number(row.articles),
    )


def _number(counted: int | None) -> str:
    return "…" if counted is None else f"{counted:,}"
