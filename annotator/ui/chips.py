"""Small parts that the lists and panels share: chips, headings, icons, tooltips, a row that wraps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFormLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from annotator.text import isolated
from annotator.ui import theme

SMALL = 0.85  # the size of second lines, chips and headings, as a share of the widget's own font
LONGEST_TIP = 2000  # characters; a tip that fills the screen cannot be read either
_LONG_WORD = re.compile(r"(\S{12})(?=\S{12})")
_LONGEST_SHOWN = 500  # measuring a line costs time in its length; nobody sees more of it anyway
_KEPT = 4000  # lines that were cut to a width: whatever is painted asks for the same ones each time
_elided: dict[tuple[str, str, int], str] = {}


def scaled(font: QFont, factor: float, bold: bool | None = None) -> QFont:
    """Return ``font`` at ``factor`` times its size; ``bold`` None leaves the weight alone."""
    result = QFont(font)
    if font.pointSizeF() > 0:
        result.setPointSizeF(font.pointSizeF() * factor)
    else:
        result.setPixelSize(max(1, round(font.pixelSize() * factor)))
    if bold is not None:
        result.setBold(bold)
    return result


def one_line(text: str) -> str:
    """Return ``text`` fit for one line: white space collapsed, cut where no window is wide enough."""
    return " ".join(text[: 2 * _LONGEST_SHOWN].split())[:_LONGEST_SHOWN]


def cut(text: str, limit: int) -> str:
    """Return ``text`` as one line of at most ``limit`` characters, with an ellipsis where more follows."""
    line = one_line(text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def sentence(words: str) -> str:
    """Return ``words``, "labelled 3 places" say, as a sentence."""
    return f"{words[:1].upper()}{words[1:]}."


def breakable(text: str) -> str:
    """Return ``text`` with places where a word that is too long for any line may be broken, unseen."""
    return _LONG_WORD.sub("\\1\u200b", text)


def elided(text: str, font: QFont, width: float) -> str:
    """Return ``text`` on one line, cut to ``width`` pixels with an ellipsis at its end."""
    asked = one_line(text), font.key(), max(0, int(width))
    found = _elided.get(asked)
    if found is None:
        if len(_elided) >= _KEPT:
            _elided.clear()
        line, _, pixels = asked
        found = QFontMetrics(font).elidedText(line, Qt.TextElideMode.ElideRight, pixels)
        _elided[asked] = found
    return found


class LineDelegate(QStyledItemDelegate):
    """Lets each cell's words, a title or quote, run in their own direction; they stay at the cell's left."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Isolate what is painted; if the cell were turned round, its check box would move, too."""
        super().initStyleOption(option, index)
        option.text = isolated(option.text)


def menu_text(text: str, limit: int = 80) -> str:
    """Return ``text`` for a menu or button as it stands: one line, no mnemonic, no column of its own, cut."""
    return cut(text, limit).replace("&", "&&")


def as_it_stands(text: str) -> str:
    """Return a tooltip of one line: as it is, or escaped where Qt might take it for HTML."""
    return plain_tip(text) if "<" in text or len(text) > LONGEST_TIP else text


def plain_tip(text: str) -> str:
    """Return a tooltip that shows ``text`` as it stands, wrapped.

    Qt guesses whether a tooltip is HTML; an escaped text that says it is HTML leaves nothing to guess.
    """
    if len(text) > LONGEST_TIP:
        text = text[: LONGEST_TIP - 1] + "…"
    return "<qt>" + escape(text).replace("\n", "<br>") + "</qt>" if text else ""


def plain_label(text: str = "", muted: bool = False) -> QLabel:
    """Return a label that wraps and never reads its text as HTML."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setWordWrap(True)
    if muted:
        label.setProperty("muted", True)
    return label


def level_labels(form: QFormLayout) -> None:
    """Let the labels of a form, with all its rows, stand at the height of the words in their fields.

    Qt makes them lower than a field with the padding of our style: their words would stand higher.
    """
    for row in range(form.rowCount()):
        item = form.itemAt(row, QFormLayout.ItemRole.LabelRole)
        label = item.widget() if item is not None else None
        if label is not None:
            label.setContentsMargins(0, 2, 0, 2)


def paint_icon(painter: QPainter, name: str, color: str, rect: QRect) -> None:
    """Paint ``resources/icons/NAME.svg`` into the square ``rect``, sharp at any scaling."""
    ratio = painter.device().devicePixelRatio() if painter.device() else 1.0
    pixmap = theme.svg_pixmap(name, color, max(1, round(rect.width() * ratio)))
    painter.drawPixmap(rect, pixmap)


def dashed_pen(color: QColor, width: float) -> QPen:
    """Return the pen that says "only suggested" without colour."""
    pen = QPen(color, width)
    pen.setDashPattern([3.0, 2.2])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def chip_size(text: str, font: QFont) -> QSize:
    """Return the size of a chip that shows ``text`` in full; ``font`` is the list's own."""
    metrics = QFontMetrics(scaled(font, SMALL, bold=True))
    return QSize(metrics.horizontalAdvance(text) + 16, metrics.height() + 4)


def paint_chip(
    painter: QPainter, rect: QRect, text: str, color: str, font: QFont, suggested: bool = False
) -> None:
    """Paint a rounded chip: a tinted ground where a person decided, a dashed outline where only suggested."""
    colors = theme.current()
    shades = theme.shades(color, colors)
    small = scaled(font, SMALL, bold=True)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(rect).adjusted(0.75, 0.75, -0.75, -0.75)
    if suggested:
        painter.setPen(dashed_pen(shades.line, 1.2 * colors.stroke))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        outlined = colors is theme.CONTRAST
        painter.setPen(QPen(shades.line, 1.2) if outlined else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(shades.tint)
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setPen(shades.text)
    painter.setFont(small)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, elided(text, small, rect.width() - 14))
    painter.restore()


class Heading(QLabel):
    """A panel's heading in small capitals' manner, with an optional note (a count) at its right.

    It derives its size from the panel's font while painting, so that a larger font reaches it too.
    """

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._note = ""
        self.setAccessibleName(text.capitalize())

    def set_note(self, note: str) -> None:
        """Show ``note`` (plain) at the right."""
        self._note = note
        self.setAccessibleName(f"{self.text().capitalize()}: {note}" if note else self.text().capitalize())
        self.setToolTip(plain_tip(note))
        self.update()

    def note(self) -> str:
        """Return what stands at the right."""
        return self._note

    def _font(self) -> QFont:
        font = scaled(self.font(), SMALL)
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 1.0)
        return font

    def sizeHint(self) -> QSize:
        """Return the size of the heading alone; the note takes what room is left."""
        metrics = QFontMetrics(self._font())
        return QSize(metrics.horizontalAdvance(self.text()), metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        """Return a size that lets the heading be cut in a very narrow window."""
        return QSize(20, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint heading and note."""
        painter = QPainter(self)
        painter.setPen(QColor(theme.current().muted))
        font, small = self._font(), scaled(self.font(), SMALL)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | middle, self.text())
        room = self.width() - QFontMetrics(font).horizontalAdvance(self.text()) - 12
        painter.setFont(small)
        painter.drawText(
            self.rect(), Qt.AlignmentFlag.AlignRight | middle, elided(self._note, small, max(0, room))
        )
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Take a new font's size."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)


class FlowLayout(QLayout):
    """Widgets side by side, wrapped to as many rows as the width needs.

    With ``fill`` each row's widgets share the room that is left, so that the right edge is straight.
    """

    def __init__(self, spacing: int = 6, fill: bool = False) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        self._fill = fill
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:
        """Append an item (called by ``addWidget``)."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem:
        """Return an item, None past the end (Qt asks until then)."""
        return self._items[index] if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def takeAt(self, index: int) -> QLayoutItem:
        """Remove and return an item, None past the end."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def expandingDirections(self) -> Qt.Orientation:
        """Return none: rows fill the width they are given and ask for no more."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return True: a narrower row wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height in pixels at ``width``."""
        rows = self._rows(width)
        heights = [max(item.sizeHint().height() for item in row) for row in rows]
        return sum(heights) + self.spacing() * max(0, len(rows) - 1)

    def sizeHint(self) -> QSize:
        """Return the size of everything in one row."""
        hints = [item.sizeHint() for item in self._items]
        width = sum(hint.width() for hint in hints) + self.spacing() * max(0, len(hints) - 1)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:
        """Return the size of the smallest single item: names are cut before the window grows."""
        return QSize(40, max((item.sizeHint().height() for item in self._items), default=0))

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        y = rect.top()
        for row in self._rows(rect.width()):
            hints = [item.sizeHint() for item in row]
            left = rect.width() - sum(h.width() for h in hints) - self.spacing() * (len(row) - 1)
            height = max(h.height() for h in hints)
            x = rect.left()
            for i, (item, hint) in enumerate(zip(row, hints, strict=True)):
                extra = 0
                if self._fill and left > 0:
                    extra = left * (i + 1) // len(row) - left * i // len(row)
                width = min(hint.width() + extra, rect.width())
                item.setGeometry(QRect(QPoint(x, y), QSize(width, height)))
                x += width + self.spacing()
            y += height + self.spacing()

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = []
        used = 0
        for item in self._items:
            if item.isEmpty():  # hidden
                continue
            need = item.sizeHint().width()
            if rows and used + self.spacing() + need <= width:
                rows[-1].append(item)
                used += self.spacing() + need
            else:
                rows.append([item])
                used = need
        return rows


def tab_through(place: QWidget, widgets: Iterable[QWidget]) -> None:
    """Let Tab come through ``widgets`` where ``place`` stands: made late, they would come after all else."""
    before = place.previousInFocusChain() or place
    while before is not place and before.focusPolicy() == Qt.FocusPolicy.NoFocus:
        before = before.previousInFocusChain() or place
    for widget in widgets:
        QWidget.setTabOrder(before, widget)  # does nothing behind what never has the keyboard
        before = widget
