"""The list of articles: search, filters, sort, and a table that asks only for the rows it paints.

It knows ids and a function that gives rows for ids; what matches and in which order is the owner's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, get_args

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from annotator.model import ArticleFilter
from annotator.ui.article_delegate import ArticleDelegate
from annotator.ui.article_table import ArticleModel, ArticleTable, RowsFor
from annotator.ui.chip_button import ChipButton
from annotator.ui.chips import FlowLayout, plain_label, scaled
from annotator.ui.empty_state import EmptyPage
from annotator.ui.filter_chips import FilterChips
from annotator.ui.filter_chooser import FilterChooser
from annotator.ui.search_field import SearchField
from annotator.ui.sort_button import SortButton
from annotator.ui.tasks import paint_later

if TYPE_CHECKING:
    from collections.abc import Iterator

Show = Literal["all", "todo", "done", "flagged"]

_SEARCH_DELAY_MS = 150
_CHIP_SIZE = 0.88
_SHOW: dict[Show, str] = {"all": "All", "todo": "To do", "done": "Done", "flagged": "Flagged"}
_NO_ARTICLES = "Drop a folder of articles here, or press {import}"
_NO_PROJECT = "No project is open. Make one with {new}, or open one with {open}"
_NO_MATCH = "No article fits. {escape} takes the last filter away, {show_all} all of them"
_NO_HIT = "No article fits. {escape} shows all articles"
_LOOKING = "Looking…"


class ArticleList(QWidget):
    """Search field, filters, sort and the table of articles."""

    filter_changed = Signal()
    article_selected = Signal(int)
    """Somebody moved to this article (never emitted for :meth:`select` or :meth:`set_articles`)."""
    filter_wanted = Signal()
    """Somebody wants to choose a filter."""
    settings_wanted = Signal()
    """Somebody wants to see the seed of the drawn orders."""
    opened = Signal(int)
    """Enter or a double click on this article."""
    failed = Signal(str)
    """Why rows could not be read."""

    def __init__(self, rows_for: RowsFor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[str, int] = {}
        self.with_keys: Callable[[str], str] = str
        """Puts the present keys of commands in braces into words."""
        self._applied = ArticleFilter()
        self._last_row = 0  # where the current article was, for when it has left the list
        self._awaited: int | None = None  # selected, listed or not
        self._silent = False
        self._looking = False
        self._timer = QTimer(self, singleShot=True, interval=_SEARCH_DELAY_MS)
        self._timer.timeout.connect(self._apply)

        self.search_field = SearchField("")
        self.search_field.textChanged.connect(self._timer.start)
        self.search_field.returnPressed.connect(self._open_first)
        self.search_field.cleared.connect(self._apply)
        self.search_field.down_pressed.connect(self._enter_table)

        self._chips = self._make_chips()
        self.filter_chips = FilterChips()
        self.filter_chips.changed.connect(self._apply)
        self.filter_chips.cleared.connect(self._clear)
        self.filter_chips.left.connect(self._enter_table)
        self.filter_button = self._make_filter_button()
        self.chooser = FilterChooser()
        self.sort_button = SortButton()
        self.sort_button.chosen.connect(self._apply)
        self.sort_button.settings_wanted.connect(self.settings_wanted)
        self._found = plain_label(muted=True)
        self._found.setWordWrap(False)
        self._found.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

        self._model = ArticleModel(rows_for, self)
        # Not at once: what is told while a row is painted would lay the window out meanwhile.
        self._model.failed.connect(self.failed, Qt.ConnectionType.QueuedConnection)
        self._delegate = ArticleDelegate(self)
        self.table = ArticleTable(self._model, self._delegate)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.table.opened.connect(self._on_opened)
        self.table.doubleClicked.connect(self._on_opened)
        self._empty, self._empty_text, self._show_all = self._make_empty()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.chooser)
        self._lay_out()
        self._fit_chips()
        self.apply_theme()
        self.set_counts({})

    def _make_chips(self) -> dict[Show, QPushButton]:
        group = QButtonGroup(self)
        chips: dict[Show, QPushButton] = {}
        for show in get_args(Show):
            chip = ChipButton()
            chip.setCheckable(True)
            chip.setChecked(show == "all")
            chip.clicked.connect(self._apply)
            group.addButton(chip)
            chips[show] = chip
        return chips

    def _make_filter_button(self) -> QPushButton:
        button = ChipButton("+ Filter")
        button.setAccessibleName("Filter articles")
        button.clicked.connect(self.filter_wanted)
        return button

    def _make_empty(self) -> tuple[QWidget, Any, QPushButton]:
        page = EmptyPage()
        text = plain_label(muted=True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        button = QPushButton("Show all")
        button.setAccessibleName("Show all articles")
        button.clicked.connect(self.show_all)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(14)
        layout.addStretch(2)
        layout.addWidget(text)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        return page, text, button

    def _lay_out(self) -> None:
        chips = FlowLayout(spacing=1)
        for chip in self._chips.values():
            chips.addWidget(chip)
        chips.addWidget(self.filter_button)
        below = QHBoxLayout()
        below.setContentsMargins(2, 0, 0, 0)
        below.addWidget(self._found, 1)
        below.addWidget(self.sort_button)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(7)
        top.addWidget(self.search_field)
        top.addLayout(chips)
        top.addWidget(self.filter_chips)
        top.addLayout(below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
        self.setFocusProxy(self.table)

    # What is shown

    def set_articles(self, ids: Sequence[int]) -> None:
        """Show ``ids`` in their order; the article that was selected last is current if it is among them."""
        self._looking = False
        new = list(ids)
        if new == self._model.ids:
            self._model.refresh(None)
        else:
            with self._silently():
                scrolled = self.table.verticalScrollBar().value()
                self._model.set_ids(new)
                self.table.verticalScrollBar().setValue(scrolled)
            self.select(self._awaited)
        self._update_texts()

    def show_looking(self) -> None:
        """Say that what fits is still being looked for, instead of showing what fitted before."""
        if not self._looking:
            self.set_articles([])
            self._looking = True
            self._update_texts()

    def add_articles(self, ids: Sequence[int]) -> None:
        """Show ``ids`` below the others; an article that was selected before it came becomes current."""
        if not ids:
            return
        with self._silently():
            self._model.add_ids(list(ids))
        if self._awaited in ids:
            self.select(self._awaited)
        self._update_texts()

    def refresh(self, article: int | None) -> None:
        """Fetch one article's row again if it is shown; None: all rows, which are painted by themselves."""
        if article is None:
            paint_later(self.table)
        self._model.refresh(article)

    def stop(self) -> None:
        """Let go of the project: it is about to be closed."""
        self._model.stop()
        paint_later(self.table)  # with the next list, where that comes at once
        with self._silently():
            self._model.set_ids([])  # a key that comes before the next list goes nowhere

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many articles there are: ``all``, ``todo``, ``done``, ``flagged``."""
        self._counts = dict(counts)
        self._update_texts()

    @property
    def total(self) -> int:
        """How many articles there are, listed or not."""
        return self._counts.get("all", 0)

    def show_keys(self) -> None:
        """Name other keys: they have changed."""
        self._update_texts()

    def ids(self) -> list[int]:
        """Return the ids in the order of the list."""
        return list(self._model.ids)

    def in_sight(self) -> list[int]:
        """Return the ids of the rows that can be seen."""
        first = self.table.rowAt(0)
        last = self.table.rowAt(self.table.viewport().height() - 1)
        if first < 0:
            return []
        return self._model.ids[first : last + 1 if last >= 0 else None]

    @property
    def stance_colors(self) -> Mapping[str, str]:
        """The base colour (``#rrggbb``) of each stance label."""
        return self._delegate.stance_colors

    @stance_colors.setter
    def stance_colors(self, colors: Mapping[str, str]) -> None:
        self._delegate.stance_colors = dict(colors)
        self.table.viewport().update()

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        self.search_field.apply_theme()
        self.filter_chips.apply_theme()
        self.chooser.apply_theme()
        self.table.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the chips a little smaller than the rest."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_chips()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say how many articles are shown as fully as the width allows."""
        super().resizeEvent(event)
        self._fit_found()

    def _fit_found(self) -> None:
        shown = len(self._model.ids)
        text = f"{shown:,} article{'' if shown == 1 else 's'}" if shown else ""
        room = self.width() - self.sort_button.sizeHint().width() - 40
        fits = self._found.fontMetrics().horizontalAdvance(text) <= room
        self._found.setText(text if fits else f"{shown:,}")
        self._found.setAccessibleName(text)

    def tell_number(self) -> None:
        """Say to a screen reader how many articles are listed, or why there is none."""
        words = self._found.accessibleName() or self._empty.accessibleName()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _fit_chips(self) -> None:
        for chip in (*self._chips.values(), self.filter_button):
            chip.setFont(scaled(self.font(), _CHIP_SIZE))

    # The current article

    def current(self) -> int | None:
        """Return the current article, None where no row is current."""
        index = self.table.currentIndex()
        return self._model.ids[index.row()] if index.isValid() else None

    def select(self, article: int | None) -> None:
        """Make ``article`` current and scroll to it, without a signal; none is current if it is not there."""
        self._awaited = article
        with self._silently():
            row = self._row_of(article)
            if row is None:
                self.table.clearSelection()
                self.table.selectionModel().clearCurrentIndex()
                return
            index = self._model.index(row, 0)
            self._last_row = row
            if row != self.table.currentIndex().row():
                paint_later(self.table)  # the article itself comes first
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)

    def _row_of(self, article: int | None) -> int | None:
        """Return where ``article`` stands: mostly beside the last one, so that no long list is searched."""
        ids = self._model.ids
        near = range(max(0, self._last_row - 1), min(len(ids), self._last_row + 2))
        for row in near:
            if ids[row] == article:
                return row
        try:
            return ids.index(article) if article is not None else None
        except ValueError:
            return None

    def first(self) -> int | None:
        """Return the first article of the list, None where it is empty."""
        return self._model.ids[0] if self._model.ids else None

    def neighbour(self, direction: int) -> int | None:
        """Return the next (``direction`` 1) or previous (-1) article, None at the end of the list.

        Where the current article has left the list (it is done, and only what is to do is shown), the
        article that took its place is the next one.
        """
        ids = self._model.ids
        if self.current() is not None:
            row = self.table.currentIndex().row() + direction
        else:
            row = self._last_row if direction > 0 else self._last_row - 1
        return ids[row] if 0 <= row < len(ids) else None

    def around(self) -> tuple[list[int], list[int]]:
        """Return the articles before and after the current one, or before and after its former place."""
        ids, index = self._model.ids, self.table.currentIndex()
        if index.isValid():
            return ids[: index.row()], ids[index.row() + 1 :]
        return ids[: self._last_row], ids[self._last_row :]

    # The filter

    def filter(self) -> ArticleFilter:
        """Return what was asked for last: search words, filter and order."""
        return self._applied

    def set_filter(self, wanted: ArticleFilter) -> None:
        """Show ``wanted`` in the controls, without a signal."""
        self._timer.stop()
        blocked = self.search_field.blockSignals(True)
        if self.search_field.text() != wanted.search:
            self.search_field.setText(wanted.search)
        self.search_field.blockSignals(blocked)
        self.search_field.show_clear()
        self._chips[wanted.show].setChecked(True)
        self.filter_chips.set_conditions(wanted.conditions)
        self.sort_button.show_order(wanted.sort, descending=wanted.descending)
        self._applied = wanted
        self._update_texts()

    def show_all(self) -> None:
        """Drop search and filter, keep the order."""
        self.set_filter(ArticleFilter(sort=self._applied.sort, descending=self._applied.descending))
        self.filter_changed.emit()
        self.search_field.setFocus()

    def show_chooser(self, shown: bool) -> None:
        """Put the chooser of filters in the place of the articles, or the articles back."""
        if shown:
            self._stack.setCurrentWidget(self.chooser)
        elif self._stack.currentWidget() is self.chooser:
            self._stack.setCurrentWidget(self.table if self._model.ids else self._empty)

    def take_keyboard(self) -> None:
        """Put the keyboard into the articles, or where they would be."""
        page = self._stack.currentWidget() or self.table
        page.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def has_keyboard(self) -> bool:
        """Return whether the keyboard is anywhere in the list."""
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def _show_page(self) -> None:
        """Show the articles or, where there are none, why; the keyboard goes along."""
        before = self._stack.currentWidget() or self.table
        page = self.table if self._model.ids else self._empty
        if before in (self.chooser, page):
            return
        focus = QApplication.focusWidget()
        moves = focus is not None and (focus is before or before.isAncestorOf(focus))
        self._stack.setCurrentWidget(page)
        if moves:
            self.take_keyboard()

    def leave(self) -> bool:
        """Go back within the list, as Esc does: from the chooser, or from a filter that nothing fits."""
        if self._stack.currentWidget() is self.chooser:
            self.chooser.back()
            return True
        if not self._model.ids and self._applied.narrows and self.has_keyboard():
            if self.filter_chips.conditions:
                self.filter_chips.remove_last()
                self.take_keyboard()
            else:
                self.show_all()
            return True
        return False

    def _clear(self) -> None:
        """Drop the chips alone."""
        self.filter_chips.set_conditions(())
        self._apply()
        self._enter_table()

    def _asked(self) -> ArticleFilter:
        show: Show = next(show for show, chip in self._chips.items() if chip.isChecked())
        return ArticleFilter(
            search=self.search_field.text().strip(),
            show=show,
            sort=self.sort_button.sort,
            conditions=self.filter_chips.conditions,
            descending=self.sort_button.descending,
        )

    def _apply(self) -> None:
        self._timer.stop()
        asked = self._asked()
        if asked != self._applied:
            self._applied = asked
            self._update_texts()
            self.filter_changed.emit()

    # Inside

    @contextmanager
    def _silently(self) -> Iterator[None]:
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._silent or not current.isValid():
            return
        self._last_row = current.row()
        self._awaited = self._model.ids[current.row()]
        self.article_selected.emit(self._model.ids[current.row()])

    def _open_first(self) -> None:
        """Search at once and open the first match: the keyboard goes on in the article."""
        self._apply()
        if self._model.ids:
            self.article_selected.emit(self._model.ids[0])
            self.opened.emit(self._model.ids[0])

    def _on_opened(self) -> None:
        article = self.current()
        if article is not None:
            self.opened.emit(article)

    def _enter_table(self) -> None:
        self._apply()
        if self._model.ids:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _update_texts(self) -> None:
        total = self.total
        self.search_field.setPlaceholderText(f"Search {total:,} article{'' if total == 1 else 's'}")
        for show, chip in self._chips.items():
            chip.setText(f"{_SHOW[show]} {self._counts.get(show, 0):,}")
            chip.setAccessibleName(f"Show {_SHOW[show].lower()}: {self._counts.get(show, 0):,} articles")
        shown = len(self._model.ids)
        self._fit_found()
        self.sort_button.setVisible(bool(shown))
        self.filter_button.setEnabled(bool(self._counts))  # without a project there is nothing to choose
        self.filter_button.setToolTip(self.with_keys("Filter articles ({filter})"))
        unfit = _NO_MATCH if self._applied.conditions else _NO_HIT
        nothing = _LOOKING if self._looking else unfit if self._applied.narrows else _NO_ARTICLES
        self._empty_text.setText(self.with_keys(nothing if self._counts else _NO_PROJECT))
        self._empty.setAccessibleName(self._empty_text.text())
        self._show_all.setVisible(bool(total) and not self._looking)
        self._show_page()
