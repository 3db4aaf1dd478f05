"""The stance of the article: a button a label, and what is suggested, with the sentences that speak for it.

Everything shown comes from articles and pipelines and is never read as HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextLayout,
)
from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from annotator.model import Label, Suggestion
from annotator.text import Utf16Map
from annotator.ui import theme
from annotator.ui.chips import (
    FlowLayout,
    Heading,
    dashed_pen,
    elided,
    one_line,
    paint_icon,
    plain_label,
    plain_tip,
    scaled,
)

_NOTHING = "No suggestion yet"
_QUOTE_LINES = 3


class _Button(QAbstractButton):
    """A painted button that Enter presses as Space does, with a ring where the keyboard is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press on Enter too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            event.accept()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Stop showing so."""
        super().leaveEvent(event)
        self.update()

    def paint_focus(self, painter: QPainter) -> None:
        """Paint the ring around the whole button if it has the focus."""
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.current().accent), 1.4))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.8, 0.8, -0.8, -0.8), 8, 8)


class StanceButton(_Button):
    """One label: chosen (tinted, solid border, check mark), suggested (dashed border), or neither."""

    def __init__(self, label: Label, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = label
        self.chosen = False
        self.suggested = False
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setToolTip(plain_tip(label.definition))
        self.setAccessibleDescription(label.definition)
        self.show_state(chosen=False, suggested=False)

    def nextCheckState(self) -> None:
        """Keep the state: it shows what was decided, which the owner says."""

    def show_state(self, chosen: bool, suggested: bool) -> None:
        """Show whether the label is chosen, or only suggested."""
        self.chosen, self.suggested = chosen, suggested and not chosen
        self.setChecked(chosen)
        state = ", chosen" if self.chosen else ", suggested" if self.suggested else ""
        self.setAccessibleName(self.label.name + state)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that shows name, key and check mark in full."""
        metrics = QFontMetrics(scaled(self.font(), 1.0, bold=True))
        key = metrics.horizontalAdvance(self.label.key) + 8 if self.label.key else 0
        width = metrics.horizontalAdvance(one_line(self.label.name)) + key + 20
        return QSize(width + (metrics.height() + 2 if self.chosen else 0), metrics.height() + 19)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button."""
        colors = theme.current()
        shades = theme.shades(self.label.color, colors)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        painter.setBrush(
            QColor(colors.soft) if self.underMouse() and self.isEnabled() else QColor(colors.base)
        )
        painter.setPen(QPen(QColor(colors.line), 1))
        if self.chosen:
            painter.setBrush(shades.tint)
            painter.setPen(QPen(shades.line, 1.6))
        elif self.suggested:
            painter.setPen(dashed_pen(shades.line, 1.8))
        painter.drawRoundedRect(box, 6, 6)
        self.paint_focus(painter)

        font = scaled(self.font(), 1.0, bold=True)
        metrics = QFontMetrics(font)
        name_color = shades.text if self.isEnabled() else QColor(colors.muted)
        left, right = 10, self.width() - 10
        if self.chosen:
            size = metrics.height() - 1
            square = self.rect().adjusted(left - 2, (self.height() - size) // 2, 0, 0)
            square.setSize(QSize(size, size))
            paint_icon(painter, "accept", name_color.name(), square)
            left += size + 1
        painter.setFont(font)
        painter.setPen(name_color)
        middle = Qt.AlignmentFlag.AlignVCenter
        if self.label.key:
            painter.setOpacity(0.85)
            painter.drawText(
                self.rect().adjusted(0, 0, -10, 0), Qt.AlignmentFlag.AlignRight | middle, self.label.key
            )
            painter.setOpacity(1.0)
            right -= metrics.horizontalAdvance(self.label.key) + 8
        room = self.rect().adjusted(left, 0, right - self.width(), 0)
        painter.drawText(
            room, Qt.AlignmentFlag.AlignLeft | middle, elided(self.label.name, font, room.width())
        )
        painter.end()


class QuoteButton(_Button):
    """A sentence of the article in at most three lines; a press asks to see it there."""

    def __init__(self, quote: str, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = f"“{' '.join(quote[:2000].split())}”"
        self.setText(self._text.replace("&", "&&"))
        self.setToolTip(plain_tip(quote[:2000]))
        self.setAccessibleName(f"Evidence {number}: {quote[:2000]}")
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def lines(self, width: int) -> list[str]:
        """Return the lines that are shown at ``width`` pixels, the last one cut with an ellipsis."""
        units = Utf16Map(self._text)
        layout = QTextLayout(self._text, self.font())
        starts: list[int] = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(20, width - 12))
            starts.append(units.to_code_point(line.textStart()))
            if len(starts) > _QUOTE_LINES:
                break
        layout.endLayout()
        shown = starts[:_QUOTE_LINES]
        ends = [*shown[1:], len(self._text)]
        lines = [self._text[start:end].rstrip() for start, end in zip(shown, ends, strict=True)]
        if len(starts) > _QUOTE_LINES:
            lines[-1] = elided(lines[-1], self.font(), width - 12)
        return lines

    def hasHeightForWidth(self) -> bool:
        """Return True: a narrower panel wraps the sentence."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height in pixels at ``width``."""
        return self._line_height() * len(self.lines(width)) + 8

    def sizeHint(self) -> QSize:
        """Return the size at a usual width."""
        return QSize(220, self.heightForWidth(max(self.width(), 120)))

    def minimumSizeHint(self) -> QSize:
        """Return the size of one line."""
        return QSize(60, self._line_height() + 8)

    def _line_height(self) -> int:
        return QFontMetrics(self.font()).height() + 3

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines, underlined as the evidence is in the article."""
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetrics(self.font())
        hot = self.underMouse() and self.isEnabled()
        y = 4
        for line in self.lines(self.width()):
            painter.setPen(QColor(colors.text))
            painter.drawText(6, y + metrics.ascent(), line)
            painter.setPen(
                QPen(QColor(colors.accent), 1.2, Qt.PenStyle.SolidLine if hot else Qt.PenStyle.DotLine)
            )
            base = y + metrics.ascent() + 2.5
            painter.drawLine(6, round(base), 6 + metrics.horizontalAdvance(line), round(base))
            y += self._line_height()
        self.paint_focus(painter)
        painter.end()


class _Card(QFrame):
    """The soft ground with an accent bar at its left."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground."""
        colors = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colors.soft))
        painter.fillRect(0, 0, 3, self.height(), QColor(colors.accent))
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

    def _content_height(self) -> int:
        layout = self._content.layout()
        return layout.totalHeightForWidth(max(self.width(), 120)) if layout else 0

    def sizeHint(self) -> QSize:
        """Return the content's height at the present width."""
        return QSize(220, self._content_height())

    def minimumSizeHint(self) -> QSize:
        """Return about four lines, or less where the content is less."""
        return QSize(60, min(self._content_height(), 5 * QFontMetrics(self.font()).height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for another height where the width changed."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


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
        self._labels: tuple[Label, ...] = ()
        self.buttons: list[StanceButton] = []
        self.quotes: list[QuoteButton] = []
        self._heading = Heading("STANCE OF THE ARTICLE")
        self._row = FlowLayout(spacing=4, fill=True)

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
        for label in (self.reason, self.keys, self.notice):
            inside.addWidget(label)
        self._scroll = _FittingScroll(self._card)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addLayout(self._row)
        layout.addSpacing(2)
        layout.addWidget(self._scroll)
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

        ``labels`` are the stance labels in codebook order, ``chosen`` the decided one's name. ``quotes``
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
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        can_accept = suggestion is not None and suggestion.label is not None and suggestion_open
        self.keys.setText("A accepts, X rejects" if can_accept else "")
        self.keys.setVisible(can_accept)
        text = notice or ("" if suggestion else _NOTHING)
        self.notice.setText(text)
        self.notice.setVisible(bool(text))
        self._scroll.updateGeometry()

    def set_enabled_editing(self, enabled: bool) -> None:
        """Let the stance be changed or not (a project open for reading); evidence stays clickable."""
        for button in self.buttons:
            button.setEnabled(enabled)
        self._enabled = enabled

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        for widget in (self._heading, self._card, *self.buttons, *self.quotes):
            widget.update()

    def _show_buttons(self, labels: tuple[Label, ...], chosen: str | None, opened: Suggestion | None) -> None:
        if labels != self._labels:
            self._labels = labels
            for button in self.buttons:
                self._row.removeWidget(button)
                button.hide()
                button.deleteLater()
            self.buttons = []
            for label in labels:
                button = StanceButton(label)
                button.setEnabled(self._enabled)
                button.clicked.connect(self._on_button)
                self._row.addWidget(button)
                self.buttons.append(button)
        for button in self.buttons:
            name = button.label.name
            button.show_state(name == chosen, opened is not None and name == opened.label)
            button.updateGeometry()

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
    if suggestion.label is None:
        scores = sorted((suggestion.scores or {}).items(), key=lambda item: -item[1])
        listed = ", ".join(f"{name} {score:.2f}" for name, score in scores)
        return "<b>Not sure</b>" + (f": {escape(listed)}" if listed else "")
    parts = [f"<b>Suggested: {escape(suggestion.label)}</b>"]
    if suggestion.score is not None:
        parts.append(f"{suggestion.score:.2f}")
    if sentences:
        parts.append(f"from {sentences} sentence{'' if sentences == 1 else 's'}")
    return " · ".join(parts)
