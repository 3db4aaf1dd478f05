"""In the stance panel: how sure somebody is of the article's stance and why, and what its passages say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from annotator.model import Label
from annotator.ui import theme
from annotator.ui.chip_button import ChipButton
from annotator.ui.chips import (
    SMALL,
    FlowLayout,
    Heading,
    breakable,
    cut,
    dashed_pen,
    elided,
    menu_text,
    one_line,
    plain_label,
    plain_tip,
    scaled,
)
from annotator.ui.claim_words import certainty_words
from annotator.weighing import Weighed, in_words

_GAP = 6.0  # pixels between what is labelled and what is only suggested
_LEAST = 18.0  # pixels of the smallest piece: a number fits in


@dataclass(frozen=True, slots=True)
class PassagesState:
    """What there is to show.

    ``stance`` is the article's, with ``certainty`` and ``note`` of it; None: there is none yet. ``suggested``
    counts the open suggestions by label.
    """

    labels: tuple[Label, ...]
    stance: str | None
    certainty: int | None
    note: str
    weighed: Weighed
    suggested: tuple[tuple[str, int], ...]


class PassagesBar(QWidget):
    """A piece for each label, as long as it has passages; those that are only suggested apart and dashed."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[tuple[str, str, int, bool]] = []  # label, colour, passages, suggested
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_pieces(self, pieces: Sequence[tuple[str, str, int, bool]], words: str) -> None:
        """Show ``pieces``, each (label, colour, passages, only suggested); ``words`` say the same."""
        self._pieces = list(pieces)
        self.setAccessibleName(words)
        self.setToolTip(plain_tip(words))
        self.updateGeometry()
        self.update()

    def _font(self) -> QFont:
        return scaled(self.font(), SMALL, bold=True)

    def sizeHint(self) -> QSize:
        """Return the height of a small line with some room around it."""
        return QSize(120, QFontMetrics(self._font()).height() + 8)

    def minimumSizeHint(self) -> QSize:
        """Return the same: it is never lower."""
        return QSize(40, self.sizeHint().height())

    def boxes(self) -> list[QRectF]:
        """Return where the pieces stand, in their order."""
        total = sum(number for _, _, number, _ in self._pieces)
        if not total:
            return []
        both = {suggested for *_, suggested in self._pieces} == {True, False}
        width = self.width() - 1.0 - (_GAP if both else 0.0) - _LEAST * len(self._pieces)
        left, before, boxes = 0.5, self._pieces[0][3], []
        for _, _, number, suggested in self._pieces:
            left += _GAP if suggested != before else 0.0
            piece = _LEAST + max(0.0, width) * number / total
            boxes.append(QRectF(left, 1, piece - 2, self.height() - 2))
            left, before = left + piece, suggested
        return boxes

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pieces with their labels and numbers, or the numbers alone where there is no room."""
        colors, font = theme.current(), self._font()
        metrics = QFontMetrics(font)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        for (label, color, number, suggested), box in zip(self._pieces, self.boxes(), strict=True):
            shades = theme.shades(color, colors)
            painter.setBrush(QColor(colors.base) if suggested else shades.tint)
            painter.setPen(dashed_pen(shades.line, 1.2) if suggested else QPen(shades.line, 1.2))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(shades.text)
            words = f"{one_line(label)} {number}"
            if metrics.horizontalAdvance(words) > box.width() - 8:
                short = elided(label, font, box.width() - 14 - metrics.horizontalAdvance(f"{number}"))
                words = f"{short} {number}" if len(short) > 2 else f"{number}"
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()


_TIPS = (
    "How sure you are of the article's stance, one to three",
    "Why the article has this stance",
    "Give the article the stance that its passages say",
    "Write down why the article's stance is another, if you like",
)


def _with(words: str, key: str) -> str:
    return f"{words}   {key}".rstrip()


class PassagesBox(QWidget):
    """Hidden as long as the article has neither a stance nor passages."""

    certainty_pressed = Signal()
    note_pressed = Signal()
    derive_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._enabled = True
        self._state: PassagesState | None = None
        self._keys = "", "", ""  # of how sure, of the note, of the derived stance
        self.certainty = _chip(_TIPS[0])
        self.note = _chip(_TIPS[1])
        self.certainty.clicked.connect(self.certainty_pressed)
        self.note.clicked.connect(self.note_pressed)
        self._said = QWidget()
        row = FlowLayout(spacing=4)
        self._said.setLayout(row)
        row.addWidget(self.certainty)
        row.addWidget(self.note)
        self.heading = Heading("PASSAGES")
        self.bar = PassagesBar()
        self.sentence = plain_label()
        self.counts = plain_label(muted=True)
        self.derive = _chip(_TIPS[2])
        self.derive.clicked.connect(self.derive_pressed)
        self.why = _chip(_TIPS[3])
        self.why.setAccessibleName("Write why the stance differs from the passages")
        self.why.clicked.connect(self.note_pressed)
        self._offers = QWidget()
        row = FlowLayout(spacing=4)
        self._offers.setLayout(row)
        row.addWidget(self.derive)
        row.addWidget(self.why)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        self._said.setContentsMargins(0, 0, 0, 4)
        for widget in (self._said, self.heading, self.bar, self.sentence, self._offers, self.counts):
            column.addWidget(widget)
        self.hide()

    def show_keys(self, certainty: str, note: str, derive: str) -> None:
        """Name these keys, "" for none."""
        if (certainty, note, derive) == self._keys:
            return
        self._keys = certainty, note, derive
        buttons = (self.certainty, self.note, self.derive, self.why)
        for button, words, key in zip(buttons, _TIPS, (certainty, note, derive, note), strict=True):
            button.setToolTip(plain_tip(f"{words} ({key})" if key else words))
        self.why.setText(_with("Write why", note))
        if self._state is not None:
            self._show(self._state)

    def show_state(self, state: PassagesState) -> None:
        """Show what is said of the article's stance, and by its passages."""
        if state == self._state:
            return
        self._state = state
        self._show(state)

    def _show(self, state: PassagesState) -> None:
        weighed, chosen = state.weighed, state.stance
        self._said.setVisible(chosen is not None)
        given = certainty_words(state.certainty)
        self.certainty.setText(
            _with(f"{given[:1].upper()}{given[1:]}" if given else "How sure?", self._keys[0])
        )
        self.certainty.setAccessibleName(f"How sure of the article's stance: {given or 'not said'}")
        words = f"Note: {menu_text(state.note, 32)}" if state.note else "Note"
        self.note.setText(words)
        self.note.setToolTip(plain_tip(state.note or f"{_TIPS[1]} ({self._keys[1]})".removesuffix(" ()")))
        self.note.setAccessibleName(f"Note on the article's stance: {cut(state.note, 300) or 'none'}")
        self._show_passages(state)
        offers = self._enabled and weighed.answer is not None and weighed.answer != chosen
        self.derive.setVisible(offers)
        self.derive.setText(_with(f"Take {menu_text(weighed.answer or '', 40)}", self._keys[2]))
        self.derive.setAccessibleName(f"Take {cut(weighed.answer or '', 100)} from the passages")
        self.why.setVisible(self._enabled and weighed.differs(chosen) and not state.note)
        self._offers.setVisible(offers or self.why.isVisibleTo(self._offers))
        self.setVisible(chosen is not None or bool(weighed.sides or state.suggested))

    def _show_passages(self, state: PassagesState) -> None:
        colors = {label.name: label.color for label in state.labels}
        pieces = [(s.label, colors.get(s.label, ""), s.passages, False) for s in state.weighed.sides]
        pieces += [(label, colors.get(label, ""), number, True) for label, number in state.suggested]
        counts = [f"{cut(side.label, 100)} {side.passages}" for side in state.weighed.sides]
        opened = ", ".join(f"{cut(label, 100)} {number}" for label, number in state.suggested)
        words = ", ".join(counts) or "none labelled"
        words += f" · only suggested: {opened}" if opened else ""
        for widget in (self.heading, self.bar):
            widget.setVisible(bool(pieces))
        number = state.weighed.passages
        left = sum(count for _, count in state.suggested)
        note = [f"{number:,} labelled"] if number else []
        self.heading.set_note(" · ".join(note + ([f"{left:,} suggested"] if left else [])))
        self.bar.show_pieces(pieces, f"Passages: {words}")
        self.sentence.setText(breakable(in_words(state.weighed, state.stance)))
        self.sentence.setVisible(bool(self.sentence.text()))
        self.counts.setText(breakable(words))  # a piece of the bar may be too short for its label
        self.counts.setVisible(len(pieces) > 1)

    def set_enabled_editing(self, enabled: bool) -> None:
        """Let things be said or not (a project open for reading)."""
        if enabled == self._enabled:
            return
        self._enabled = enabled
        if self._state is not None:
            self._show(self._state)
        for button in (self.certainty, self.note, self.derive, self.why):
            button.setEnabled(enabled)

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        self.heading.update()
        self.bar.update()


def _chip(tip: str) -> QPushButton:
    button = ChipButton()
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the article
    button.setToolTip(plain_tip(tip))
    return button
