"""The conditions of the list's filter as chips that can be taken away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from annotator.model import Condition
from annotator.ui import theme
from annotator.ui.chip_button import ChipButton
from annotator.ui.chips import FlowLayout, elided, one_line, plain_tip, scaled, tab_through
from annotator.ui.filter_words import chip_words

_SIZE = 0.88  # as the other chips above the list
_ICON = 14  # pixels, at the usual text size
_ROOM = 38  # pixels beside the words: the cross and the edges
_LONGEST = 60  # characters; more do not fit into any list


class FilterChip(ChipButton):
    """One condition; a click, Space, Enter, Del or Backspace takes it away."""

    removed = Signal()
    moved = Signal(int)
    """An arrow leads to the next (1) or previous (-1) chip."""

    def __init__(self, words: str, name: str) -> None:
        super().__init__()
        self._words = one_line(words)
        self.setCheckable(True)
        self.setChecked(True)  # in the colours of what is in force
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands behind the words
        self.setIconSize(QSize(_ICON, _ICON))
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(f"{self._words}\nTake it away (Del)"))
        self.clicked.connect(self.removed)
        self.apply_theme()
        self._fit()

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        self.setIcon(theme.icon("close", theme.current().text))

    def words(self) -> str:
        """Return what it says, however much of it fits."""
        return self._words

    def sizeHint(self) -> QSize:
        """Return the size that shows all its words."""
        shown = self._words[:_LONGEST]
        width = self.fontMetrics().horizontalAdvance(shown) + 1  # Qt rounds down, and would cut them then
        return QSize(width + _ROOM, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return a size that lets the words be cut."""
        return QSize(40, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the words to the width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Cut the words anew in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take it away, or go to its neighbours."""
        keys = Qt.Key
        if event.key() in (keys.Key_Delete, keys.Key_Backspace, keys.Key_Return, keys.Key_Enter):
            self.removed.emit()
        elif event.key() in (keys.Key_Left, keys.Key_Right):
            self.moved.emit(1 if event.key() == keys.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        text = elided(self._words, self.font(), self.width() - _ROOM).replace("&", "&&")
        if text != self.text():
            self.setText(text)


class FilterChips(QWidget):
    """All conditions that are in force, wrapped; hidden where there is none."""

    changed = Signal()
    cleared = Signal()
    left = Signal()
    """The last chip that had the keyboard is gone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Filters in force")
        self._conditions: tuple[Condition, ...] = ()
        self._chips: list[FilterChip] = []
        self._flow = FlowLayout(spacing=1)
        self.setLayout(self._flow)
        self.clear = ChipButton("Clear all")
        self.clear.setFont(scaled(self.font(), _SIZE))
        self.clear.setAccessibleName("Clear all filters")
        self.clear.clicked.connect(self.cleared)
        self.hide()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions in force, those on one field side by side."""
        return self._conditions

    def chips(self) -> list[FilterChip]:
        """Return the chips in their order."""
        return list(self._chips)

    def set_conditions(self, conditions: Sequence[Condition]) -> None:
        """Show ``conditions``, without a signal."""
        if tuple(conditions) == self._conditions:
            return
        self._conditions = tuple(conditions)
        for widget in (*self._chips, self.clear):
            self._flow.removeWidget(widget)
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = []
        before = None
        for place, condition in enumerate(self._conditions):
            words = chip_words(condition, condition.field == before)
            before = condition.field
            chip = FilterChip(words, f"Filter {chip_words(condition, again=False)}. Delete takes it away")
            chip.setFont(scaled(self.font(), _SIZE))
            chip.removed.connect(lambda place=place: self._remove(place))
            chip.moved.connect(lambda step, place=place: self._go(place + step))
            self._flow.addWidget(chip)
            chip.show()  # now, so that it can take the keyboard
            self._chips.append(chip)
        self._flow.addWidget(self.clear)
        tab_through(self, (*self._chips, self.clear))
        self.setVisible(bool(self._chips))
        self.updateGeometry()

    def add(self, condition: Condition) -> None:
        """Put one more into force, beside those on its field."""
        if condition in self._conditions:
            return
        same = [n for n, c in enumerate(self._conditions) if c.field == condition.field]
        place = same[-1] + 1 if same else len(self._conditions)
        self.set_conditions((*self._conditions[:place], condition, *self._conditions[place:]))
        self.changed.emit()

    def remove_last(self) -> None:
        """Take the last one away."""
        if self._conditions:
            self.set_conditions(self._conditions[:-1])
            self.changed.emit()

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        for chip in self._chips:
            chip.apply_theme()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the chips a little smaller than the rest."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            for widget in (*self._chips, self.clear):
                widget.setFont(scaled(self.font(), _SIZE))

    def _remove(self, place: int) -> None:
        self.set_conditions((*self._conditions[:place], *self._conditions[place + 1 :]))
        if self._chips:
            self._go(min(place, len(self._chips) - 1))
        else:
            self.left.emit()
        self.changed.emit()

    def _go(self, place: int) -> None:
        if 0 <= place < len(self._chips):
            self._chips[place].setFocus(Qt.FocusReason.TabFocusReason)
