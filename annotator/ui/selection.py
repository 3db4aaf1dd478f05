"""A read-only text whose selection is counted in code points; the mouse and the keyboard select in it."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt
from PySide6.QtGui import (
    QFont,
    QFontInfo,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QApplication, QTextEdit, QWidget

from annotator.text import (
    Utf16Map,
    next_sentence,
    paragraph_at,
    right_to_left,
    sentence_at,
    snap_to_words,
    trim,
    word_at,
    word_edges,
)
from annotator.ui.reading import Reading

BLANK_LINE_SHARE = 0.5
PARAGRAPH_GAP = 6
# Qt needs time in the square of a word's length to find out that it must break within it: a megabyte
# without a space took 160 s. Such texts are broken anywhere, which is linear.
_ENDLESS_WORD = 5_000
_SPACE = re.compile(r"\s")
CARET = 2  # its width
_BLANK_LINES = re.compile(r"^[^\S\n]*(?:\n[^\S\n]*)*$", re.MULTILINE)
# Characters that mean something else to QTextDocument (frames, embedded objects) are shown as U+FFFD. Byte
# order marks too, the usual one as another that is not seen: of a string's first character Qt makes nothing.
_OTHERS = {"\ufdd0": "\ufffd", "\ufdd1": "\ufffd", "\ufffc": "\ufffd", "\ufffe": "\ufffd", "\ufeff": "\u2060"}

_SIDEWAYS = {int(Qt.Key.Key_Right): 1, int(Qt.Key.Key_Left): -1}
_SHIFT_AND_PAD = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


def _has_endless_word(text: str) -> bool:
    """Tell whether a word is so long (one of half of that may count as well, which saves looking at each)."""
    half = _ENDLESS_WORD // 2
    return any(not _SPACE.search(text, at, at + half) for at in range(0, len(text) - half + 1, half))


class SelectableText(QTextEdit):
    """Shows a text without ever changing or reading it back; selects in code points.

    The text given to :meth:`set_text` is kept, and copying, snapping and counting use it: the widget
    would give back a space for a no-break space.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._map = Utf16Map("")
        self._exact = False
        self._line_percent = 100
        self._pitch = Reading().pitch
        self._pressed_at: QPoint | None = None
        self._double_clicked = False
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAcceptRichText(False)
        self.setAcceptDrops(False)  # dropped files are the window's
        self.setTabChangesFocus(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setCursorWidth(CARET)

    # The text

    def set_text(self, text: str) -> None:
        """Show ``text`` (already normalised: its only line end is a line feed), caret at its start."""
        self._text, self._map, self._exact = text, Utf16Map(text), False
        self.setWordWrapMode(
            QTextOption.WrapMode.WrapAnywhere
            if _has_endless_word(text)
            else QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
        )
        cursor = QTextCursor(self.document())
        # Not clear(), which lays the document out once more: half of what a switch would cost. And an edit is
        # laid out to its end at once, a whole document only as far as it is seen.
        self.document().setLayoutEnabled(False)
        cursor.beginEditBlock()
        self._select_all(cursor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(QTextBlockFormat())
        cursor.setBlockCharFormat(QTextCharFormat())
        cursor.setCharFormat(QTextCharFormat())
        shown = text
        for character, other in _OTHERS.items():
            shown = shown.replace(character, other)
        cursor.insertText(shown[:1])
        # The widget's own cursor stays at the start; brought back from the end it would have all laid out.
        self.setTextCursor(QTextCursor(self.document()))
        cursor.insertText(shown[1:])
        self._space_lines(cursor)
        cursor.endEditBlock()
        self.document().setLayoutEnabled(True)
        self.setTextCursor(QTextCursor(self.document()))

    def set_font(self, font: QFont, pitch: float | None = None) -> None:
        """Show the text in ``font``, its lines ``pitch`` times the font's size apart (None: as before)."""
        self.setFont(font)
        self._pitch = pitch or self._pitch
        metrics = QFontMetricsF(font)
        self._line_percent = round(100 * self._pitch * QFontInfo(font).pixelSize() / metrics.height())
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        self._space_lines(cursor)
        cursor.endEditBlock()

    def line_gap(self) -> float:
        """Return the room between two lines of the text, in pixels."""
        # Qt takes the percentage of the height in whole pixels.
        return math.ceil(QFontMetricsF(self.font()).height()) * (self._line_percent - 100) / 100

    def _space_lines(self, cursor: QTextCursor) -> None:
        """Set the height of all lines; blank ones are low: news has one or more between paragraphs."""
        proportional = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        line, blank, small = QTextBlockFormat(), QTextBlockFormat(), QTextCharFormat()
        line.setLineHeight(self._line_percent, proportional)
        line.setBottomMargin(PARAGRAPH_GAP)
        # By a smaller font: a line height below 100 % would leave the line as high for the mouse as it
        # was, on top of the next one.
        small.setFontPointSize(self.font().pointSizeF() * BLANK_LINE_SHARE)
        self._select_all(cursor)
        cursor.setBlockFormat(line)
        self._direct_lines(cursor)
        for stretch in _BLANK_LINES.finditer(self._text):
            cursor.setPosition(self._map.to_utf16(stretch.start()))
            cursor.setPosition(self._map.to_utf16(stretch.end()), QTextCursor.MoveMode.KeepAnchor)
            cursor.setBlockFormat(blank)
            cursor.setBlockCharFormat(small)
            if cursor.hasSelection():
                cursor.setCharFormat(small)

    def _select_all(self, cursor: QTextCursor) -> None:
        """Select the document; ``select`` would lay it out for it."""
        cursor.setPosition(0)
        cursor.setPosition(self.document().characterCount() - 1, QTextCursor.MoveMode.KeepAnchor)

    def _direct_lines(self, cursor: QTextCursor) -> None:
        """Let each line that has letters of both directions run as most of them do."""
        if self._text.isascii():
            return
        start = 0
        for line in self._text.split("\n"):
            if not line.isascii() and (rtl := right_to_left(line)) is not None:
                direction = QTextBlockFormat()
                direction.setLayoutDirection(
                    Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight
                )
                cursor.setPosition(self._map.to_utf16(start))
                cursor.mergeBlockFormat(direction)
            start += len(line) + 1

    @property
    def text(self) -> str:
        """The text as it was given, never read back from the widget."""
        return self._text

    # The selection

    @property
    def caret(self) -> int:
        """The code point before which the caret stands."""
        return self._map.to_code_point(self.textCursor().position())

    @property
    def exact(self) -> bool:
        """Whether the last selection was made with Alt held: it is then not widened to words."""
        return self._exact

    def raw_selection(self) -> tuple[int, int]:
        """Return the selection in code points as it is shown, empty at the caret where there is none."""
        cursor = self.textCursor()
        return (
            self._map.to_code_point(cursor.selectionStart()),
            self._map.to_code_point(cursor.selectionEnd()),
        )

    def selected_span(self, *, exact: bool = False) -> tuple[int, int] | None:
        """Return the selection in code points without white space at its edges; None where that is all.

        It is widened to whole words, unless ``exact`` or selected with Alt held.
        """
        start, end = self.raw_selection()
        if start == end:
            return None
        if exact or self._exact:
            start, end = trim(self._text, start, end)
            return (start, end) if start < end else None
        return snap_to_words(self._text, start, end)

    def select(self, start: int, end: int, *, exact: bool = False) -> None:
        """Select ``[start, end)`` in code points with the caret at ``end``; scrolls to the caret.

        ``exact``: just this is meant, not the whole words that it touches.
        """
        self._exact = exact
        cursor = self.textCursor()
        cursor.setPosition(self._map.to_utf16(start))
        cursor.setPosition(self._map.to_utf16(end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def clear_selection(self) -> None:
        """Select nothing; the caret stays."""
        cursor = self.textCursor()
        cursor.clearSelection()
        self.setTextCursor(cursor)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy the slice of the stored text: Qt would copy plain spaces for no-break ones."""
        data = QMimeData()
        start, end = self.raw_selection()
        data.setText(self._text[start:end])
        return data

    # Keyboard

    def event(self, event: QEvent) -> bool:
        """Claim no key before the window's shortcuts: only what they leave over is ours."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the caret and select; note whether Alt was held."""
        before = self.raw_selection()
        control = event.modifiers() & ~_SHIFT_AND_PAD == Qt.KeyboardModifier.ControlModifier
        if control and event.key() in _SIDEWAYS:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.move_by_word(self.onward(self.caret, _SIDEWAYS[event.key()]), selecting=shift)
        else:
            super().keyPressEvent(event)
        if self.raw_selection() != before:
            self.moved_by_key()
            self._exact = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)

    def move_caret(self, position: int, *, selecting: bool = False) -> None:
        """Put the caret before a code point and scroll to it; ``selecting``: the text on the way too."""
        cursor = self.textCursor()
        mode = QTextCursor.MoveMode.KeepAnchor if selecting else QTextCursor.MoveMode.MoveAnchor
        cursor.setPosition(self._map.to_utf16(position), mode)
        self.setTextCursor(cursor)
        self.moved_by_key()

    def moved_by_key(self) -> None:
        """Hear that a key moved the caret or selected something; for sub-classes."""

    def move_by_word(self, direction: int, *, selecting: bool = False) -> None:
        """Go to the start of the next (1) or previous (-1) word, by our words: ``U.S.`` is one.

        Selecting forward ends with a word, so that each press takes one along.
        """
        self.move_caret(self._word_from(self.caret, direction, at_end=selecting), selecting=selecting)

    def _word_from(self, position: int, direction: int, *, at_end: bool) -> int:
        if direction > 0:
            edges = word_edges(self._text)[1 if at_end else 0]
            return next((edge for edge in edges if edge > position), len(self._text))
        return next((edge for edge in reversed(word_edges(self._text)[0]) if edge < position), 0)

    def move_by_sentence(self, direction: int, *, selecting: bool = False) -> None:
        """Go to the start of the next (1), or of this or the previous (-1) sentence."""
        self.move_caret(next_sentence(self._text, self.caret, direction), selecting=selecting)

    def widen_selection(self) -> None:
        """Select the word at the caret, then its sentence, then its paragraph.

        Between two words the next one is meant.
        """
        start, end = self.raw_selection()
        between = start == end and word_at(self._text, start) is None
        place = self._word_from(start, 1, at_end=False) if between else start
        for around in (word_at, sentence_at, paragraph_at):
            found = around(self._text, place)
            if found is None or found == (start, end):
                continue
            if start == end or (found[0] <= start and end <= found[1]):
                self.select(*found)
                self.moved_by_key()
                return

    def beside(self, position: int, direction: int) -> int:
        """Return the place one character after (1) or before (-1) ``position``, as the caret goes.

        An emoji of several code points, or a letter with its accents, is one character.
        """
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._map.to_utf16(position))
        moves = QTextCursor.MoveOperation
        cursor.movePosition(moves.NextCharacter if direction > 0 else moves.PreviousCharacter)
        return self._map.to_code_point(cursor.position())

    def onward(self, position: int, direction: int) -> int:
        """Return which way in the text is right (1) or left (-1) at a place; Arabic runs to the left."""
        block = self.document().findBlock(self._map.to_utf16(position))
        return -direction if block.textDirection() == Qt.LayoutDirection.RightToLeft else direction

    # Mouse

    def clicked_at(self, point: QPoint) -> None:
        """Hear of a click (viewport coordinates) that selected nothing; for sub-classes."""

    def dragged(self) -> None:
        """Hear of a selection made by dragging; for sub-classes."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()
            self._double_clicked = False
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                # Otherwise a press on the selection begins to carry the text away, and a second
                # try at selecting within it would never select.
                self.clear_selection()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select while dragging; the tremble of a double click is no drag."""
        if self._double_clicked and not self._moved_far(event):
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click or a drag."""
        super().mouseReleaseEvent(event)
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        moved = self._moved_far(event)
        self._pressed_at = None
        if self.textCursor().hasSelection():
            self._exact = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            if moved and not self._double_clicked:
                self.dragged()
        elif not moved and not self._double_clicked:
            self.clicked_at(event.position().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select the word under the mouse, by our words (``U.S.`` is one), not Qt's."""
        super().mouseDoubleClickEvent(event)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed_at, self._double_clicked = event.position().toPoint(), True
        word = self.word_under(self._pressed_at)
        if word:
            self.select(*word)
        else:
            self.clear_selection()

    def word_under(self, point: QPoint) -> tuple[int, int] | None:
        """Return the word nearest to a point (viewport coordinates) of its line; None between words."""
        # The caret may go behind the character that was hit: both places touch the word.
        return word_at(self._text, self._map.to_code_point(self.cursorForPosition(point).position()))

    def _moved_far(self, event: QMouseEvent) -> bool:
        if self._pressed_at is None:
            return True
        way = event.position().toPoint() - self._pressed_at
        return way.manhattanLength() >= QApplication.startDragDistance()
