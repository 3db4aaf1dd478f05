"""The note on the article: a small text that grows with what is written into it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from annotator.ui.chips import Heading

_DELAY_MS = 600
_MOST_LINES = 4


class _NoteEdit(QPlainTextEdit):
    """A plain text of one to four lines' height, then scrolling."""

    left = Signal()
    unfocused = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("note")
        self.setAccessibleName("Note on the article")
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)

    def fit(self) -> None:
        """Be as high as the lines that are written, four at most."""
        lines = round(self.document().size().height())  # this document counts in lines, not in pixels
        shown = min(max(1, lines), _MOST_LINES)
        # The frame and padding of the style, and the document's own margin, above and below.
        around = self.height() - self.viewport().height() + 2 * int(self.document().documentMargin())
        around = max(around, 2 * int(self.document().documentMargin()) + 2)
        self.setFixedHeight(QFontMetrics(self.font()).lineSpacing() * shown + around)
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if lines > _MOST_LINES
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )

    def sizeHint(self) -> QSize:
        """Return the present height at a usual width."""
        return QSize(220, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Count the lines again at another width."""
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        """Take a new font's or style's height."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that the focus went; its own context menu does not count."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.unfocused.emit()


class NotePanel(QWidget):
    """A heading and the note; a pause in typing or leaving makes one change of all that was typed.

    Before another article's note is shown the owner calls :meth:`flush`. What was typed stays
    ``pending`` until the owner shows it as stored: a note that could not be saved is not lost.
    """

    note_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stored = ""  # what the owner has
        self._shown = ""  # the same as the field gives it back: line ends may be others there
        self._question = ""
        self._heading = Heading("NOTE")
        self.edit = _NoteEdit()
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self.flush)
        self.edit.textChanged.connect(self._timer.start)
        self.edit.unfocused.connect(self.flush)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addWidget(self.edit)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setFocusProxy(self.edit)

    def note(self) -> str:
        """Return the note as it stands in the field."""
        # Not toPlainText(), which turns no-break spaces into plain ones. Paragraphs end in U+2029.
        return self.edit.document().toRawText().replace("\u2029", "\n")

    @property
    def pending(self) -> bool:
        """Whether there is something typed that the owner has not stored."""
        return self.note() != self._shown

    def set_note(self, note: str) -> None:
        """Show ``note``, which is stored, without a signal.

        The same note again leaves the caret and what is being typed just now as they are.
        """
        if note != self._stored and note != self.note():
            self._timer.stop()
            blocked = self.edit.blockSignals(True)
            self.edit.setPlainText(note)
            self.edit.blockSignals(blocked)
            self.edit.fit()
        elif note != self.note():
            return
        self._stored, self._shown = note, self.note()

    def forget(self) -> None:
        """Take what was typed for stored: its article is gone."""
        self._stored = self._shown = self.note()

    def set_enabled_editing(self, enabled: bool) -> None:
        """Let the note be changed or not (a project open for reading)."""
        self.edit.setReadOnly(not enabled)
        self._show_question()

    def ask(self, question: str) -> None:
        """Ask ``question`` where no note is yet."""
        self._question = question
        self._show_question()

    def _show_question(self) -> None:
        self.edit.setPlaceholderText("No note" if self.edit.isReadOnly() else self._question)
        self.edit.viewport().update()  # Qt paints other words there only once something else is painted

    def flush(self) -> None:
        """Emit a change that is still waiting for the end of typing."""
        self._timer.stop()
        if self.pending:
            self.note_changed.emit(self.note())

    def apply_theme(self) -> None:
        """Take the colours of the current theme (the field's come from the style sheet)."""
        self._heading.update()
