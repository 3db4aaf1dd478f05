"""The entities of the article as a table: names with their labels and counts, and each mention below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from annotator.text import isolated, right_to_left
from annotator.ui import theme
from annotator.ui.chips import SMALL, Heading, dashed_pen, elided, one_line, paint_icon, plain_label, scaled
from annotator.ui.spans_model import (
    BLOC,
    COUNT,
    GATHERED,
    LABEL,
    NAME,
    PanelSpan,
    Place,
    SpanGroup,
    SpansModel,
)
from annotator.ui.tasks import paint_later

__all__ = ["PanelSpan", "SpansPanel"]

_INDENT = 18
_SHORTEST_NAME = (
    14  # letters that a name needs; the blocs give way before it has fewer: the tooltip tells them
)


class _RowHeight(QStyledItemDelegate):
    """Gives all rows one height; the tree paints them itself, whole."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of a row."""
        return QSize(60, QFontMetrics(option.font).height() + 9)


class _Tree(QTreeView):
    """The table; it paints each row in one go, so that a mention's context has the whole width."""

    row_reached = Signal(QModelIndex)  # by a key

    def __init__(self, model: SpansModel) -> None:
        super().__init__()
        self.model_ = model
        self.active: tuple[str, int] | None = None
        self.setModel(model)
        self.setItemDelegate(_RowHeight(self))
        self.setObjectName("entities")
        self.setAccessibleName("Entities")
        self.setUniformRowHeights(True)
        self.setIndentation(_INDENT)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionsMovable(False)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: letters are keys of the program."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the active span follow the row that a key went to."""
        before = QPersistentModelIndex(self.currentIndex())
        super().keyPressEvent(event)
        if self.currentIndex().siblingAtColumn(NAME) != before.sibling(before.row(), NAME):
            self.row_reached.emit(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the columns what the new width has room for, and keep the current row in sight."""
        row = self.visualRect(self.currentIndex())
        seen = not row.isEmpty() and row.top() >= 0 and row.bottom() <= event.oldSize().height()
        super().resizeEvent(event)
        self.fit_columns()
        if seen:
            self.scrollTo(self.currentIndex())

    def fit_columns(self) -> None:
        """Make the label and count columns as wide as the widest of their texts."""
        metrics = QFontMetrics(self.font())
        labels = {group.label for group in self.model_.groups}
        most = max((len(group.mentions) for group in self.model_.groups), default=0)
        widest = max((metrics.horizontalAdvance(one_line(label)) for label in labels), default=0)
        head = QFontMetrics(self.header().font())
        self.header().resizeSection(
            LABEL, min(max(widest, head.horizontalAdvance("Label")) + 14, max(60, self.width() * 2 // 5))
        )
        blocs = {group.bloc for group in self.model_.groups} - {""}
        widest = max((metrics.horizontalAdvance(one_line(bloc)) for bloc in blocs), default=0)
        bloc = min(max(widest, head.horizontalAdvance("Bloc")) + 14, max(50, self.width() // 5))
        count = metrics.horizontalAdvance(f"×{most}") + 26
        name = self.viewport().width() - self.header().sectionSize(LABEL) - bloc - count - 2 * _INDENT
        roomy = name >= _SHORTEST_NAME * metrics.averageCharWidth()
        self.header().setSectionHidden(BLOC, not (blocs and self.model_.by_actor and roomy))
        self.header().resizeSection(BLOC, bloc)
        self.header().resizeSection(COUNT, count)

    def drawRow(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one row, a group's or a mention's."""
        colors = theme.current()
        rect: QRect = option.rect
        rect = QRect(0, rect.top(), self.viewport().width(), rect.height())
        row = self.model_.row(index)
        span = row if isinstance(row, PanelSpan) else None
        current = self.selectionModel().isSelected(self.model_.index(index.row(), NAME, index.parent()))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if current:
            painter.fillRect(rect, QColor(colors.selected))
            if self.hasFocus():
                painter.setPen(QColor(colors.accent))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
        if self._is_active(index, row):
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(colors.accent))
        if span is not None:
            self._paint_mention(painter, rect, span, colors)
        elif isinstance(row, SpanGroup):
            self._paint_group(painter, rect, index, row, colors)
        painter.restore()

    def _is_active(self, index: QModelIndex | QPersistentModelIndex, row: object) -> bool:
        if self.active is None:
            return False
        if isinstance(row, PanelSpan):
            return row.key == self.active
        first = self.model_.index(index.row(), NAME)
        return (
            isinstance(row, SpanGroup)
            and not self.isExpanded(first)
            and self.model_.group_of(self.active) == index.row()
        )

    def _paint_group(
        self,
        painter: QPainter,
        rect: QRect,
        index: QModelIndex | QPersistentModelIndex,
        group: SpanGroup,
        colors: theme.Theme,
    ) -> None:
        expanded = self.isExpanded(self.model_.index(index.row(), NAME))
        _paint_chevron(
            painter, QRect(rect.left(), rect.top(), _INDENT, rect.height()), expanded, colors.muted
        )
        size = QFontMetrics(self.font()).height() - 3
        mark = QRect(rect.left() + _INDENT + 1, rect.center().y() - size // 2 + 1, size, size)
        _paint_state(painter, mark, group.open == len(group.mentions), colors, partly=group.open > 0)
        header = self.header()
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        font = QFont(self.font())
        font.setItalic(self.model_.by_actor and bool(group.actor) and not group.confirmed)
        painter.setFont(font)
        painter.setPen(QColor(colors.text))
        left = mark.right() + 7
        beside = LABEL if group.label or group.bloc else COUNT  # the groups of passages have neither
        name = QRect(left, rect.top(), header.sectionViewportPosition(beside) - left - 6, rect.height())
        painter.drawText(name, middle, elided(isolated(group.name), font, name.width()))
        painter.setFont(self.font())
        painter.setPen(theme.shades(group.color, colors).text)
        label = QRect(
            header.sectionViewportPosition(LABEL), rect.top(), header.sectionSize(LABEL) - 8, rect.height()
        )
        painter.drawText(label, middle, elided(group.label, self.font(), label.width()))
        painter.setPen(QColor(colors.muted))
        if not header.isSectionHidden(BLOC):
            bloc = QRect(
                header.sectionViewportPosition(BLOC), rect.top(), header.sectionSize(BLOC) - 8, rect.height()
            )
            painter.drawText(
                bloc, middle, elided(group.bloc or ("–" if group.entity else ""), self.font(), bloc.width())
            )
        count = QRect(
            header.sectionViewportPosition(COUNT), rect.top(), header.sectionSize(COUNT) - 8, rect.height()
        )
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(count, right, f"×{len(group.mentions)}")

    def _paint_mention(self, painter: QPainter, rect: QRect, span: PanelSpan, colors: theme.Theme) -> None:
        size = QFontMetrics(self.font()).height() - 3
        mark = QRect(rect.left() + 2 * _INDENT + 1, rect.center().y() - size // 2 + 1, size, size)
        _paint_state(painter, mark, span.suggested, colors)
        font = scaled(self.font(), 0.92)
        strong = scaled(font, 1.0, bold=True)
        before, quote, after = _around(span)
        runs_left = span.layer not in GATHERED and bool(right_to_left(f"{before}{quote}{after}"))
        room = rect.right() - 6 - (mark.right() + 7)
        quote = elided(quote, strong, room)
        spare = room - QFontMetrics(strong).horizontalAdvance(quote)
        metrics = QFontMetrics(font)
        # The words before get what those after leave, at least half of the room: the name is always seen.
        half = max(spare // 2, spare - metrics.horizontalAdvance(after))
        before = metrics.elidedText(before, Qt.TextElideMode.ElideLeft, max(0, half))
        spare -= metrics.horizontalAdvance(before)
        after = metrics.elidedText(after, Qt.TextElideMode.ElideRight, max(0, spare))
        parts = ((before, font, colors.muted), (quote, strong, colors.text), (after, font, colors.muted))
        if runs_left:
            painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            parts = parts[::-1]
        x = mark.right() + 7
        baseline = rect.top() + (rect.height() + metrics.ascent() - metrics.descent()) // 2
        for part, face, color in parts:
            painter.setFont(face)
            painter.setPen(QColor(color))
            painter.drawText(x, baseline, part)
            x += QFontMetrics(face).horizontalAdvance(part)


def _around(span: PanelSpan) -> tuple[str, str, str]:
    """Return the words before, the name and the words after it, each on one line."""
    if span.layer in GATHERED:
        rest = span.words.removeprefix(one_line(span.label)).removeprefix(" · ")
        return "", span.label, f" · {isolated(rest)}" if rest else ""
    context, quote = one_line(span.tell(span).context), one_line(span.quote)
    # The same name may stand twice in it: the mention is the one in the middle.
    places = [m.start() for m in re.finditer(re.escape(quote), context)] if quote else []
    if not places:
        return "", context or quote, ""
    at = min(places, key=lambda place: abs(2 * place + len(quote) - len(context)))
    return context[:at], quote, context[at + len(quote) :]


def _paint_chevron(painter: QPainter, rect: QRect, expanded: bool, color: str) -> None:
    x, y = rect.center().x() + 1.5, rect.center().y() + 0.5
    path = QPainterPath()
    points = (
        ((-3.5, -1.75), (0.0, 1.75), (3.5, -1.75)) if expanded else ((-1.75, -3.5), (1.75, 0.0), (-1.75, 3.5))
    )
    path.moveTo(x + points[0][0], y + points[0][1])
    for dx, dy in points[1:]:
        path.lineTo(x + dx, y + dy)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(color), 1.4))
    painter.drawPath(path)


def _paint_state(
    painter: QPainter, rect: QRect, suggested: bool, colors: theme.Theme, partly: bool = False
) -> None:
    """Paint a check mark for what is decided, a dashed circle for what is only suggested.

    ``partly``: some mentions of a group are still only suggested: a dashed circle with a dot.
    """
    if not suggested and not partly:
        paint_icon(painter, "accept", colors.positive, rect)
        return
    box = QRectF(rect).adjusted(2, 2, -2, -2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(dashed_pen(QColor(colors.muted), 1.2))
    painter.drawEllipse(box)
    if not suggested:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.positive))
        painter.drawEllipse(box.center(), 2.2, 2.2)


class SpansPanel(QWidget):
    """A heading with counts and the table of entities."""

    span_activated = Signal(object)
    sorted_by_count = Signal(bool)
    """The key of the mention that somebody wants to see: a click or Enter on it or on its group."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = Heading("ENTITIES")
        self._model = SpansModel(self)
        self.tree = _Tree(self._model)
        self._expanded: list[tuple[str, str, str]] = []
        self._current: Place | None = None
        self._scrolled = 0
        self._model.modelAboutToBeReset.connect(self._keep_place)
        self.tree.clicked.connect(self.activate)
        self.tree.row_reached.connect(self._follow)
        self.tree.installEventFilter(self)
        self.tree.header().sectionClicked.connect(self._on_header)
        self._empty = plain_label(muted=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.tree)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._heading)
        layout.addWidget(self._stack, 1)
        self.setFocusProxy(self.tree)
        self.show_spans(())
        self.apply_theme()

    def show_spans(self, spans: Sequence[PanelSpan]) -> None:
        """Show ``spans``, in any order; expanded groups, the current row and the scroll place stay."""
        if self._model.set_spans(spans):
            self._take_place()
            self.tree.fit_columns()
            # In a turn of its own: painted in one with the text, the two take most of what a turn may take.
            paint_later(self.tree)
        names = [group for group in self._model.groups if not group.gathered]
        open_ = sum(group.open for group in names)
        decided = sum(len(group.mentions) for group in names) - open_
        note = [f"{decided:,} labelled"] if decided else []
        note += [f"{open_:,} left"] if open_ else []
        self._heading.set_note(" · ".join(note))
        self._stack.setCurrentWidget(self.tree if spans else self._empty)

    def _keep_place(self) -> None:
        """Remember what is expanded, current and in sight, before all rows are made anew."""
        tree, model = self.tree, self._model
        self._expanded = [
            group.key for n, group in enumerate(model.groups) if tree.isExpanded(model.index(n, NAME))
        ]
        self._current = model.place_of(model.row(tree.currentIndex()))
        self._scrolled = tree.verticalScrollBar().value()

    def _take_place(self) -> None:
        for key in self._expanded:
            number = self._model.group_number(key)
            if number is not None:
                self.tree.expand(self._model.index(number, NAME))
        self._make_current(self._model.index_of_place(self._current))
        self.tree.verticalScrollBar().setValue(self._scrolled)

    def set_empty(self, words: str) -> None:
        """Say this where there is no entity."""
        self._empty.setText(words)

    def set_by_actor(self, by_actor: bool) -> None:
        """Gather the mentions by the actor behind them, or by the name as it stands in the text."""
        self._heading.setText("ENTITIES BY ACTOR" if by_actor else "ENTITIES")
        self._model.set_by_actor(by_actor)
        self.tree.fit_columns()

    def chosen(self, active: tuple[str, int] | None) -> SpanGroup | PanelSpan | None:
        """Return the current row, or with the keyboard elsewhere the mention ``active``; None: neither."""
        row = self._model.row(self.tree.currentIndex()) if self.tree.hasFocus() else None
        return row or self._model.mention(active)

    def set_active(self, key: tuple[str, int] | None) -> None:
        """Mark the span with ``key`` and scroll to it, without a signal; None or unknown: none is marked."""
        self.tree.active = key
        number = self._model.group_of(key) if key is not None else None
        if key is not None and number is not None:
            group = self._model.index(number, NAME)
            if self._model.groups[number].gathered:
                self.tree.expand(group)  # the reason, or the claim, is in the zone's own row
            # On the group's own row Enter walks its mentions: the row stays current.
            if self.tree.isExpanded(group) and self.tree.currentIndex().siblingAtColumn(NAME) != group:
                row = next(n for n, m in enumerate(self._model.groups[number].mentions) if m.key == key)
                group = self._model.index(row, NAME, group)
            self._make_current(group)
            self.tree.scrollTo(group)
        self.tree.viewport().update()

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        font = scaled(self.font(), SMALL)
        self.tree.header().setFont(font)
        self.tree.fit_columns()
        self._heading.update()
        self.tree.viewport().update()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Activate on Enter, before the tree edits or opens anything."""
        if (
            watched is self.tree
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self.activate(self.tree.currentIndex())
            return True
        return False

    def changeEvent(self, event: QEvent) -> None:
        """Fit the columns to a new font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "tree"):
            self.apply_theme()

    def activate(self, index: QModelIndex) -> None:
        """Ask for the mention in a row to be seen; a group's row goes from one to the next."""
        row = self._model.row(index)
        if isinstance(row, SpanGroup):
            keys = [mention.key for mention in row.mentions]
            at = keys.index(self.tree.active) + 1 if self.tree.active in keys else 0
            key = keys[at % len(keys)]
        elif isinstance(row, PanelSpan):
            key = row.key
        else:
            return
        self.tree.active = key
        self.tree.viewport().update()
        self.span_activated.emit(key)

    def _follow(self, index: QModelIndex) -> None:
        """What a key went to is what the keys are about, a group's row as the first of its mentions."""
        row = self._model.row(index)
        mentions = row.mentions if isinstance(row, SpanGroup) else [row]
        if not any(mention is not None and mention.key == self.tree.active for mention in mentions):
            self.activate(index)

    def _on_header(self, column: int) -> None:
        self.sort(by_count=column == COUNT and not self._model.by_count)

    def sort(self, *, by_count: bool) -> None:
        """Put the most frequent names first, or all in the order of the text."""
        self._model.set_by_count(by_count)
        self.sorted_by_count.emit(by_count)
        self._model.headerDataChanged.emit(Qt.Orientation.Horizontal, COUNT, COUNT)

    def _make_current(self, index: QModelIndex) -> None:
        flags = QItemSelectionModel.SelectionFlag
        if index.isValid():
            self.tree.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
