"""The list of articles: search, filters, sort, and a table that asks only for the rows it paints.

It knows ids and a function that gives rows for ids; what matches and in which order is the owner's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, get_args

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QActionGroup, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from annotator.model import ArticleFilter, ArticleRow
from annotator.ui.article_delegate import ROW_ROLE, ArticleDelegate, origin_of, row_in_words
from annotator.ui.chips import FlowLayout, plain_label, plain_tip
from annotator.ui.search_field import SearchField

if TYPE_CHECKING:
    from collections.abc import Iterator

RowsFor = Callable[[Sequence[int]], list[ArticleRow]]
Show = Literal["all", "todo", "done", "flagged"]
Sort = Literal["imported", "title", "source", "published"]

PAGE = 64
_PAGES_KEPT = 32
_SEARCH_DELAY_MS = 150
_SHOW: dict[Show, str] = {"all": "All", "todo": "To do", "done": "Done", "flagged": "Flagged"}
_SORT: dict[Sort, str] = {
    "imported": "Import order",
    "title": "Title",
    "source": "Source",
    "published": "Date",
}
_NO_ARTICLES = "Drop a folder of articles here, or press Ctrl+I"
_NO_MATCH = "No article matches."


class ArticleModel(QAbstractTableModel):
    """Ids, and the rows of those that were painted lately, fetched by the page."""

    def __init__(self, rows_for: RowsFor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows_for = rows_for
        self.ids: list[int] = []
        self._pages: OrderedDict[int, dict[int, ArticleRow]] = OrderedDict()  # page -> row number -> row

    def set_ids(self, ids: list[int]) -> None:
        """Show ``ids`` in their order; nothing is fetched yet."""
        self.beginResetModel()
        self.ids = ids
        self._pages.clear()
        self.endResetModel()

    def refresh(self, article: int | None) -> None:
        """Forget what is known of one article (None: of all) and have it painted anew."""
        if not self.ids:
            return
        if article is None:
            self._pages.clear()
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.ids) - 1, 0))
            return
        for page, rows in list(self._pages.items()):
            first = page * PAGE
            for number in range(first, min(first + PAGE, len(self.ids))):
                if self.ids[number] == article:
                    for row in self._rows_for([article]):
                        rows[number] = row
                    self.dataChanged.emit(self.index(number, 0), self.index(number, 0))
                    return

    def row(self, number: int) -> ArticleRow | None:
        """Return what is shown in row ``number``; None where the article is gone."""
        page = number // PAGE
        rows = self._pages.get(page)
        if rows is None:
            ids = self.ids[page * PAGE : (page + 1) * PAGE]
            found = {row.id: row for row in self._rows_for(ids)}
            rows = {page * PAGE + n: found[i] for n, i in enumerate(ids) if i in found}
            self._pages[page] = rows
            if len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(page)
        return rows.get(number)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of articles."""
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return 1."""
        return 0 if parent is not None and parent.isValid() else 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Name the one column, for screen readers."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return "Article"
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        """Return a row's title, its words for screen readers, its tooltip or the row itself."""
        roles = Qt.ItemDataRole
        if role not in (ROW_ROLE, roles.DisplayRole, roles.AccessibleTextRole, roles.ToolTipRole):
            return None
        row = self.row(index.row()) if index.isValid() else None
        if row is None or role == ROW_ROLE:
            return row
        if role == roles.DisplayRole:
            return row.title
        if role == roles.AccessibleTextRole:
            return row_in_words(row)
        return plain_tip("\n".join(part for part in (row.title, origin_of(row)) if part))


class _Table(QTableView):
    """One column of articles, moved through by row; it never looks at rows out of sight."""

    opened = Signal()

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: Qt would fetch every row to find one by its first letter."""

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Let Home and End mean the first and the last article (Qt: of the row)."""
        model: QAbstractItemModel = self.model()
        if action == QAbstractItemView.CursorAction.MoveHome:
            return model.index(0, 0)
        if action == QAbstractItemView.CursorAction.MoveEnd:
            return model.index(model.rowCount() - 1, 0)
        return super().moveCursor(action, modifiers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current article on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus only: Qt would make the first row current, which opens an article unasked."""
        selection = self.selectionModel()
        had_current = self.currentIndex().isValid()
        blocked = selection.blockSignals(not had_current)
        super().focusInEvent(event)
        if not had_current:
            selection.clearCurrentIndex()
        selection.blockSignals(blocked)

    def changeEvent(self, event: QEvent) -> None:
        """Make rows as high as a new font needs."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit_rows()

    def fit_rows(self) -> None:
        """Give each row the delegate's height."""
        delegate = self.itemDelegate()
        if isinstance(delegate, ArticleDelegate):
            self.verticalHeader().setDefaultSectionSize(delegate.row_height(self.font()))


class ArticleList(QWidget):
    """Search field, filters, sort and the table of articles."""

    filter_changed = Signal()
    article_selected = Signal(int)
    """Somebody moved to this article (never emitted for :meth:`select` or :meth:`set_articles`)."""
    opened = Signal(int)
    """Enter or a double click on this article."""

    def __init__(self, rows_for: RowsFor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[str, int] = {}
        self._applied = ArticleFilter()
        self._last_row = 0  # where the current article was, for when it has left the list
        self._silent = False
        self._timer = QTimer(self, singleShot=True, interval=_SEARCH_DELAY_MS)
        self._timer.timeout.connect(self._apply)

        self.search_field = SearchField("Ctrl+Shift+F")
        self.search_field.textChanged.connect(self._timer.start)
        self.search_field.returnPressed.connect(self._apply)
        self.search_field.cleared.connect(self._apply)
        self.search_field.down_pressed.connect(self._enter_table)

        self._chips = self._make_chips()
        self._sort = self._make_sort()
        self._found = plain_label(muted=True)
        self._found.setWordWrap(False)

        self._model = ArticleModel(rows_for, self)
        self._delegate = ArticleDelegate(self)
        self.table = self._make_table()
        self._empty, self._empty_text, self._show_all = self._make_empty()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self._lay_out()
        self.apply_theme()
        self.set_counts({})

    def _make_chips(self) -> dict[Show, QPushButton]:
        group = QButtonGroup(self)
        chips: dict[Show, QPushButton] = {}
        for show in get_args(Show):
            chip = QPushButton()
            chip.setCheckable(True)
            chip.setChecked(show == "all")
            chip.setProperty("chip", True)
            chip.setAutoDefault(False)
            chip.clicked.connect(self._apply)
            group.addButton(chip)
            chips[show] = chip
        return chips

    def _make_sort(self) -> QToolButton:
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("quiet", True)
        menu = QMenu(button)
        group = QActionGroup(menu)
        for sort, text in _SORT.items():
            action = QAction(text, menu, checkable=True, checked=sort == "imported")
            action.setData(sort)
            action.triggered.connect(self._apply)
            group.addAction(action)
            menu.addAction(action)
        button.setMenu(menu)
        return button

    def _make_table(self) -> _Table:
        table = _Table()
        table.setModel(self._model)
        table.setItemDelegate(self._delegate)
        table.setAccessibleName("Articles")
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setMouseTracking(True)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().hide()
        table.fit_rows()
        table.selectionModel().currentRowChanged.connect(self._on_current)
        table.opened.connect(self._on_opened)
        table.doubleClicked.connect(self._on_opened)
        return table

    def _make_empty(self) -> tuple[QWidget, Any, QPushButton]:
        page = QWidget()
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
        chips = FlowLayout(spacing=5)
        for chip in self._chips.values():
            chips.addWidget(chip)
        below = QHBoxLayout()
        below.setContentsMargins(2, 0, 0, 0)
        below.addWidget(self._found, 1)
        below.addWidget(self._sort)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(7)
        top.addWidget(self.search_field)
        top.addLayout(chips)
        top.addLayout(below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
        self.setFocusProxy(self.table)

    # What is shown

    def set_articles(self, ids: Sequence[int]) -> None:
        """Show ``ids`` in their order; the current article stays current if it is among them."""
        new, current = list(ids), self.current()
        if new == self._model.ids:
            self._model.refresh(None)
        else:
            with self._silently():
                scrolled = self.table.verticalScrollBar().value()
                self._model.set_ids(new)
                self.table.verticalScrollBar().setValue(scrolled)
            self.select(current)
        self._update_texts()

    def refresh(self, article: int | None) -> None:
        """Fetch one article's row again if it is shown; None: all rows."""
        self._model.refresh(article)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many articles there are: ``all``, ``todo``, ``done``, ``flagged``."""
        self._counts = dict(counts)
        self._update_texts()

    def ids(self) -> list[int]:
        """Return the ids in the order of the list."""
        return list(self._model.ids)

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
        self.table.viewport().update()

    # The current article

    def current(self) -> int | None:
        """Return the current article, None where no row is current."""
        index = self.table.currentIndex()
        return self._model.ids[index.row()] if index.isValid() else None

    def select(self, article: int | None) -> None:
        """Make ``article`` current and scroll to it, without a signal; none is current if it is not there."""
        with self._silently():
            if article is None or article not in self._model.ids:
                self.table.clearSelection()
                self.table.selectionModel().clearCurrentIndex()
                return
            index = self._model.index(self._model.ids.index(article), 0)
            self._last_row = index.row()
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)

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
        for action in self._sort.menu().actions():
            action.setChecked(action.data() == wanted.sort)
        self._applied = wanted
        self._update_texts()

    def show_all(self) -> None:
        """Drop search and filter, keep the order."""
        self.set_filter(ArticleFilter(sort=self._applied.sort))
        self.filter_changed.emit()
        self.search_field.setFocus()

    def _asked(self) -> ArticleFilter:
        show: Show = next(show for show, chip in self._chips.items() if chip.isChecked())
        sort: Sort = next(a.data() for a in self._sort.menu().actions() if a.isChecked())
        return ArticleFilter(search=self.search_field.text().strip(), show=show, sort=sort)

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
        self.article_selected.emit(self._model.ids[current.row()])

    def _on_opened(self) -> None:
        article = self.current()
        if article is not None:
            self.opened.emit(article)

    def _enter_table(self) -> None:
        self._apply()
        if self._model.ids:
            self.table.setFocus()

    def _update_texts(self) -> None:
        total = self._counts.get("all", 0)
        self.search_field.setPlaceholderText(f"Search {total:,} article{'' if total == 1 else 's'}")
        for show, chip in self._chips.items():
            chip.setText(f"{_SHOW[show]} {self._counts.get(show, 0):,}")
            chip.setAccessibleName(f"Show {_SHOW[show].lower()}: {self._counts.get(show, 0):,} articles")
        sort = _SORT[self._applied.sort]
        self._sort.setText(sort)
        self._sort.setAccessibleName(f"Sort articles by: {sort}")
        self._sort.setToolTip(plain_tip(f"Sorted by: {sort}"))
        shown = len(self._model.ids)
        self._found.setText(f"{shown:,} article{'' if shown == 1 else 's'}" if shown else "")
        self._sort.setVisible(bool(shown))
        self._empty_text.setText(_NO_MATCH if total else _NO_ARTICLES)
        self._show_all.setVisible(bool(total))
        self._stack.setCurrentWidget(self.table if shown else self._empty)
