"""An article's title in two lines at most; a longer one ends in an ellipsis and is whole in the tool-tip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy

from annotator.text import Utf16Map
from annotator.ui.chips import breakable, cut, plain_tip

_LINES = 2
_LONGEST = 300  # characters that are laid out
_SLACK = 4  # pixels; a label breaks its lines a little earlier than they are measured here


class TitleLabel(QLabel):
    """Shows a title; its text can be selected by the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self.setObjectName("title")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def show_title(self, title: str) -> None:
        """Show a title."""
        self._title = title
        self._fit()

    def heightForWidth(self, width: int) -> int:
        """Return the height of the title's lines, of two at most."""
        return min(super().heightForWidth(width), self._most())

    def minimumSizeHint(self) -> QSize:
        """Return a size that two lines are enough for."""
        return super().minimumSizeHint().boundedTo(QSize(1 << 20, self._most()))

    def _most(self) -> int:
        return _LINES * self.fontMetrics().lineSpacing() + 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the title to the new width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Cut the title anew in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        text = breakable(cut(self._title, _LONGEST))
        width = self.contentsRect().width() - _SLACK
        starts = self._starts(text, width)
        whole = len(starts) <= _LINES and len(self._title) <= _LONGEST
        if len(starts) > _LINES:
            last = starts[_LINES - 1]
            rest = self.fontMetrics().elidedText(text[last:], Qt.TextElideMode.ElideRight, width)
            text = f"{text[:last].rstrip()}\n{rest}"
        if text != self.text():
            self.setText(text)
        self.setToolTip("" if whole else plain_tip(self._title))
        self.setAccessibleName(self._title)

    def _starts(self, text: str, width: int) -> list[int]:
        """Return where each line begins (in Python's characters); one line where there is no width yet."""
        if width <= 0:
            return [0]
        layout = QTextLayout(text, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(option)
        starts = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            starts.append(line.textStart())
        layout.endLayout()
        units = Utf16Map(text)
        return [units.to_code_point(start) for start in starts] or [0]
