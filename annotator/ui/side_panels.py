"""The right pane: stance, entities, note, and the button that ends an article."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from annotator.ui.note_panel import NotePanel
from annotator.ui.spans_panel import SpansPanel
from annotator.ui.stance_panel import StancePanel

_MOST = 0.55  # of the height, for the stance, before the person chooses


class SidePanels(QWidget):
    """The panels below each other; stance and entities share the height as the person likes.

    Until somebody moves the handle, the stance has the height that its words need.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stance = StancePanel()
        self.spans = SpansPanel()
        self.note = NotePanel()
        self.done_button = QPushButton("Done, next article")
        self.done_button.setProperty("primary", True)
        self.done_button.setMinimumHeight(36)
        self.done_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the article
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.stance)
        self.splitter.addWidget(self.spans)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(14)
        self.moved = False
        """Whether somebody chose how the height is shared."""
        self.splitter.splitterMoved.connect(self._on_moved)
        self.stance.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 12)
        column.setSpacing(14)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.note)
        column.addWidget(self.done_button)

    def _on_moved(self) -> None:
        self.moved = True

    def _share(self) -> None:
        total = sum(self.splitter.sizes())
        wanted = min(self.stance.sizeHint().height(), int(total * _MOST))
        if not self.moved and total and wanted != self.splitter.sizes()[0]:
            self.splitter.setSizes([wanted, total - wanted])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the stance when its words need another height."""
        if watched is self.stance and event.type() == QEvent.Type.LayoutRequest:
            self._share()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new height."""
        super().resizeEvent(event)
        self._share()

    def set_enabled_editing(self, enabled: bool) -> None:
        """Allow or forbid everything that changes the article's labels."""
        self.done_button.setEnabled(enabled)
        self.stance.set_enabled_editing(enabled)
        self.note.set_enabled_editing(enabled)

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        for panel in (self.stance, self.spans, self.note):
            panel.apply_theme()
