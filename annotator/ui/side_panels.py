"""The right pane: stance, entities, note, and the button that ends an article."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from annotator.ui.note_panel import NotePanel
from annotator.ui.spans_panel import SpansPanel
from annotator.ui.stance_panel import StancePanel


class SidePanels(QWidget):
    """The panels below each other; stance and entities share the height as the person likes."""

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
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 12)
        column.setSpacing(14)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.note)
        column.addWidget(self.done_button)

    def set_enabled_editing(self, enabled: bool) -> None:
        """Allow or forbid everything that changes the article's labels."""
        self.done_button.setEnabled(enabled)
        self.stance.set_enabled_editing(enabled)
        self.note.set_enabled_editing(enabled)

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        for panel in (self.stance, self.spans, self.note):
            panel.apply_theme()
