"""The order of the list: a button that shows it, and the menu it is chosen from."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from annotator.model import Sort
from annotator.ui.chips import plain_tip

_WORDS: dict[Sort, str] = {
    "imported": "Import order",
    "title": "Title",
    "source": "Source",
    "published": "Date",
    "language": "Language",
    "status": "Status",
    "flagged": "Flagged first",
    "stance": "Stance",
    "suggested": "Suggested stance",
    "sureness": "Sureness of the suggestion",
    "labels": "Number of labels",
    "actors": "Number of actors",
    "open": "Open suggestions",
    "annotators": "Number of annotators",
    "random": "At random",
    "by_source": "At random, sources in turn",
    "by_month": "At random, months in turn",
    "uncertainty": "Least sure stance first",
}
DRAWN: tuple[Sort, ...] = ("random", "by_source", "by_month", "uncertainty")
_TIPS: dict[Sort, str] = {
    "sureness": "How sure the machine is of the stance that it suggests, the least sure first. Nothing is "
    "drawn at random here: for an estimate take “Least sure stance first”.",
    "random": "Always the same order for the project's seed. Work from the top: what is done is then a "
    "random sample.",
    "by_source": "At random within each source, and one of each source after another: none is missed.",
    "by_month": "At random within each month, and one of each month after another: none is missed.",
    "uncertainty": "Where the machine is least sure of the stance, your label tells most. Every fifth "
    "article is drawn at random and marked so in the export: only those tell how often something occurs.",
}


class SortButton(QToolButton):
    """Shows the order; its menu changes it."""

    chosen = Signal()
    settings_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("quiet", True)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        for sort in get_args(Sort):
            if sort == "random":
                menu.addSeparator()
            action = QAction(_WORDS[sort], menu, checkable=True, checked=sort == "imported")
            action.setData(sort)
            action.setToolTip(plain_tip(_TIPS.get(sort, _WORDS[sort])))
            action.triggered.connect(self._choose)
            group.addAction(action)
            menu.addAction(action)
        menu.addSeparator()
        self.turned = QAction("Descending", menu, checkable=True)
        self.turned.setToolTip(plain_tip("Turn the order round; what has no value stays at the end."))
        self.turned.triggered.connect(self._choose)
        menu.addAction(self.turned)
        menu.addAction("Seed and blind share…", self.settings_wanted.emit)
        self.setMenu(menu)
        self.show_order("imported", descending=False)

    @property
    def sort(self) -> Sort:
        """The order that is chosen."""
        chosen: Sort = next(
            action.data()
            for action in self.menu().actions()
            if action.isChecked() and action is not self.turned
        )
        return chosen

    @property
    def descending(self) -> bool:
        """Whether it is turned round; those that are drawn cannot be."""
        return self.turned.isChecked() and self.sort not in DRAWN

    def orders(self) -> dict[Sort, str]:
        """Return the orders that there are, in words."""
        return dict(_WORDS)

    def choose(self, sort: Sort) -> None:
        """Choose an order, as in the menu."""
        next(action for action in self.menu().actions() if action.data() == sort).trigger()

    def show_order(self, sort: Sort, *, descending: bool) -> None:
        """Show an order, without a signal."""
        for action in self.menu().actions():
            if action is not self.turned:
                action.setChecked(action.data() == sort)
        self.turned.setChecked(descending)
        self._update()

    def _choose(self) -> None:
        self._update()
        self.chosen.emit()

    def _update(self) -> None:
        words = _WORDS[self.sort]
        self.turned.setEnabled(self.sort not in DRAWN)
        self.setText(f"{'↓ ' if self.descending else ''}{words} ▾")
        told = f"{words}, descending" if self.descending else words
        self.setAccessibleName(f"Sort articles by: {told}")
        self.setToolTip(plain_tip(f"Sorted by: {told}"))
