"""The stance of the article: a button a label, and what is suggested, with the sentences that speak for it.

Everything shown comes from articles and pipelines and is never read as HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from annotator.model import Label, Suggestion
from annotator.ui import theme
from annotator.ui.article_labels import ArticleLabels
from annotator.ui.chips import (
    FlowLayout,
    Heading,
    breakable,
    cut,
    plain_label,
    tab_through,
)
from annotator.ui.passages_box import PassagesBox
from annotator.ui.stance_buttons import QuoteButton, StanceButton

_LONGEST = 1000  # characters of a reason; laying out more than anybody reads takes seconds
_NOTHING = "No suggestion yet"
_QUOTE_MARKS = tuple('“”„«»"')


class _ButtonRow(QWidget):
    """The buttons, wrapped, in a widget that is always as high as its rows.

    It does not pass a height for a width on: Qt would bound that by the height of a single row.
    """

    def __init__(self) -> None:
        super().__init__()
        self.flow = FlowLayout(spacing=4, fill=True)
        self.setLayout(self.flow)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def hasHeightForWidth(self) -> bool:
        """Return False; see the class."""
        return False

    def fit(self) -> None:
        """Take the height of the rows at the present width."""
        self.setFixedHeight(self.flow.heightForWidth(max(self.width(), 120)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew at another width."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Follow buttons whose size changed (a check mark, another font)."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return done


class _Card(QFrame):
    """The soft ground with an accent bar at its left; framed where the keys are about what it says."""

    current = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground."""
        colors = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colors.soft))
        painter.fillRect(0, 0, 3, self.height(), QColor(colors.accent))
        if self.current:
            painter.setPen(QPen(QColor(colors.accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()


class _FittingScroll(QScrollArea):
    """As high as its content while there is room, and scrolling when there is not."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the content when it asks for another height."""
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Give the content the height of its wrapped words, and a scroll bar only where that is too much.

        Left to itself the content would be made as low as if no label were wrapped.
        """
        needed = self._height_at(self.width()) > self.height()
        bar = self.verticalScrollBar().sizeHint().width() if needed else 0
        policies = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policies.ScrollBarAlwaysOn if needed else policies.ScrollBarAlwaysOff)
        self._content.setMinimumHeight(self._height_at(self.width() - bar))
        self.updateGeometry()

    def _height_at(self, width: int) -> int:
        layout = self._content.layout()
        return layout.totalHeightForWidth(max(width, 120)) if layout else 0

    def sizeHint(self) -> QSize:
        """Return the content's height at the present width."""
        return QSize(220, self._height_at(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Return about six lines, or less where the content is less."""
        return QSize(60, min(self._height_at(self.width()), 6 * QFontMetrics(self.font()).height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for another height where the width changed."""
        super().resizeEvent(event)
        self._fit()


class StancePanel(QWidget):
    """Buttons for the article's stance and the card with its suggestion."""

    chosen = Signal(str)
    """The name of the label that somebody chose."""
    cleared = Signal()
    """The chosen label was pressed again."""
    evidence_clicked = Signal(int)
    """The index of the quote whose sentence somebody wants to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[object, ...] = ()
        self._enabled = True
        self._current = self._key_words = ""  # what keys do with the suggestion
        self._labels: tuple[Label, ...] = ()
        self.buttons: list[StanceButton] = []
        self.quotes: list[QuoteButton] = []
        self._heading = Heading("STANCE OF THE ARTICLE")
        self._row = _ButtonRow()
        self.passages = PassagesBox()
        self.article_labels = ArticleLabels()  # of other layers

        self.headline = QLabel()
        self.headline.setTextFormat(Qt.TextFormat.RichText)  # only bold; what it shows is escaped
        self.headline.setWordWrap(True)
        self.reason = plain_label(muted=True)
        self.keys = plain_label(muted=True)
        self.notice = plain_label(muted=True)
        self._quotes = QVBoxLayout()
        self._quotes.setSpacing(2)
        self._card = _Card()
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(16, 11, 12, 11)
        inside.setSpacing(5)
        inside.addWidget(self.headline)
        inside.addLayout(self._quotes)
        inside.insertWidget(1, self.reason)  # before the quotes: it is what a decision needs
        for label in (self.keys, self.notice):
            inside.addWidget(label)
        content = QWidget()
        both = QVBoxLayout(content)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(8)
        both.addWidget(self._row)
        both.addWidget(self.passages)
        both.addWidget(self._card)
        self._scroll = _FittingScroll(content)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addWidget(self._scroll)
        layout.addWidget(self.article_labels)  # in sight also where the stance scrolls
        layout.addStretch(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.show_stance((), None, None, False, (), None)

    def show_stance(
        self,
        labels: Sequence[Label],
        chosen: str | None,
        suggestion: Suggestion | None,
        suggestion_open: bool,
        quotes: Sequence[str],
        notice: str | None,
    ) -> None:
        """Show the stance of one article.

        ``labels`` are the stance labels in codebook order (a retired one only where it is chosen, at the
        end), ``chosen`` the decided one's name. ``quotes``
        are the texts of the suggestion's evidence, in its order. ``suggestion_open``: nobody has decided
        on it yet. ``notice`` says why there is no suggestion, or something about it.
        """
        shown = (tuple(labels), chosen, suggestion, suggestion_open, tuple(quotes), notice)
        if shown == self._shown:
            return  # so that a refresh does not take the focus from a quote
        self._shown = shown
        self._show_buttons(tuple(labels), chosen, suggestion if suggestion_open else None)
        self._show_quotes(tuple(quotes) if suggestion else ())
        self.headline.setText(_headline(suggestion, len(quotes)) if suggestion else "")
        self.headline.setVisible(suggestion is not None)
        reason = suggestion.reason if suggestion else ""
        self.reason.setText(breakable(reason[:_LONGEST]))
        self.reason.setVisible(bool(reason))
        can_accept = suggestion is not None and suggestion.label is not None and suggestion_open
        key = next((label.key for label in labels if suggestion and label.name == suggestion.label), "")
        self._key_words = f"{key} accepts it" if can_accept and key else ""
        self._show_keys()
        text = notice or ("" if suggestion else _NOTHING)
        self.notice.setText(breakable(text[:_LONGEST]))
        self.notice.setVisible(bool(text))
        self._scroll.updateGeometry()

    def set_current(self, words: str) -> None:
        """Frame the suggestion where keys are about it; ``words`` tell what they do, "": they are not."""
        self._current = words
        self._card.current = bool(words)
        self._show_keys()
        self._card.update()

    def _show_keys(self) -> None:
        self.keys.setText((self._current or self._key_words) if self._enabled else "")
        self.keys.setVisible(bool(self.keys.text()))

    def set_enabled_editing(self, enabled: bool) -> None:
        """Let the stance be changed or not (a project open for reading); evidence stays clickable."""
        for button in self.buttons:
            button.setEnabled(enabled)
        self._enabled = enabled
        self._show_keys()
        self.passages.set_enabled_editing(enabled)

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        for widget in (self._heading, self._card, self.article_labels, *self.buttons, *self.quotes):
            widget.update()
        self.passages.apply_theme()

    def _show_buttons(self, labels: tuple[Label, ...], chosen: str | None, opened: Suggestion | None) -> None:
        if labels != self._labels:
            self._labels = labels
            for button in self.buttons:
                self._row.flow.removeWidget(button)
                button.hide()
                button.deleteLater()
            self.buttons = []
            for label in labels:
                button = StanceButton(label)
                button.setEnabled(self._enabled)
                button.clicked.connect(self._on_button)
                self._row.flow.addWidget(button)
                self.buttons.append(button)
            tab_through(self._row, self.buttons)
        for button in self.buttons:
            name = button.label.name
            button.show_state(name == chosen, opened is not None and name == opened.label)
            button.updateGeometry()
        self._row.fit()

    def _show_quotes(self, quotes: tuple[str, ...]) -> None:
        for old in self.quotes:
            self._quotes.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.quotes = []
        for number, quote in enumerate(quotes, start=1):
            button = QuoteButton(quote, number)
            button.clicked.connect(self._on_quote)
            self._quotes.addWidget(button)
            self.quotes.append(button)
        tab_through(self._card, self.quotes)

    def _on_button(self) -> None:
        button = self.sender()
        if isinstance(button, StanceButton):
            if button.chosen:
                self.cleared.emit()
            else:
                self.chosen.emit(button.label.name)

    def _on_quote(self) -> None:
        button = self.sender()
        if isinstance(button, QuoteButton):
            self.evidence_clicked.emit(self.quotes.index(button))


def _headline(suggestion: Suggestion, sentences: int) -> str:
    """Return what is suggested as rich text with everything from outside escaped."""
    if suggestion.label is None and suggestion.scores is None:
        return "<b>Not judged</b>"
    if suggestion.label is None:
        scores = sorted((suggestion.scores or {}).items(), key=lambda item: -item[1])
        listed = ", ".join(f"{cut(name, 100)} {score:.2f}" for name, score in scores)
        return "<b>Not sure</b>" + (f": {escape(breakable(listed))}" if listed else "")
    parts = [f"<b>Suggested: {escape(breakable(cut(suggestion.label, 100)))}</b>"]
    if suggestion.score is not None:
        parts.append(f"{suggestion.score:.2f}")
    if sentences:
        parts.append(f"from {sentences} sentence{'' if sentences == 1 else 's'}")
    return " · ".join(parts)
