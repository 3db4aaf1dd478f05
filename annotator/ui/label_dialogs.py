"""What is asked about a label: where its spans go, what a new one is called, what an import would change."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from annotator.project.codebook_editing import COUNTED
from annotator.ui.chips import cut, level_labels, menu_text, plain_label

_ANSWERS = QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel


def _buttons(dialog: QDialog, words: str) -> QDialogButtonBox:
    buttons = QDialogButtonBox(_ANSWERS)
    buttons.button(QDialogButtonBox.StandardButton.Ok).setText(words)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons


class DeleteLabelDialog(QDialog):
    """Asks where the annotations of a label go; the safe answer stands first."""

    def __init__(self, label: str, annotations: int, others: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Delete the label")
        many = f"{annotations:,} annotation{'s' if annotations != 1 else ''}"
        many = f"at least {many}" if annotations >= COUNTED else many
        words = plain_label(f"{cut(label, 60)} has {many}, of all annotators. What becomes of them?")
        self.retire_button = QRadioButton("They &stay: the label is retired, and no longer offered")
        self.retire_button.setChecked(True)
        self.move_button = QRadioButton("They &get another label:")
        self.move_button.setEnabled(bool(others))
        self.target = QComboBox()
        self.target.setAccessibleName("The label that they get")
        for other in others:
            self.target.addItem(menu_text(other).replace("&&", "&"), other)
        self.target.setEnabled(False)
        self.move_button.toggled.connect(self.target.setEnabled)
        self.delete_button = QRadioButton("They are &deleted with the label")
        column = QVBoxLayout(self)
        for widget in (words, self.retire_button, self.move_button, self.target, self.delete_button):
            column.addWidget(widget)
        column.addWidget(plain_label("Whichever it is can be undone.", muted=True))
        column.addWidget(_buttons(self, "Go on"))
        self.setMinimumWidth(420)

    def answer(self) -> tuple[str, str | None]:
        """Return ``("move", label)``, ``("retire", None)`` or ``("delete", None)``."""
        if self.move_button.isChecked():
            return "move", str(self.target.currentData())
        return ("retire" if self.retire_button.isChecked() else "delete"), None


class NewLayerDialog(QDialog):
    """Asks for a new layer's name and what its labels are put on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("New layer")
        self.name = QLineEdit()
        self.scope = QComboBox()
        for words, scope in (
            ("Passages and articles", "both"),
            ("Passages", "span"),
            ("Articles", "article"),
        ):
            self.scope.addItem(words, scope)
        self.exclusive = QCheckBox("An article has &one label of it at most")
        form = QFormLayout(self)
        form.addRow("&Name", self.name)
        form.addRow("Its &labels are for", self.scope)
        form.addRow("", self.exclusive)
        form.addRow(_buttons(self, "Add"))
        level_labels(form)


class CodebookImportDialog(QDialog):
    """Shows what importing a codebook would change, before it does."""

    def __init__(self, name: str, changes: str, anything: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import a codebook")
        self.text = QPlainTextEdit(changes)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("What would change")
        buttons = _buttons(self, "Import")
        buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(anything)
        column = QVBoxLayout(self)
        column.addWidget(
            plain_label(f"What {cut(name, 80)} would change in this project, as one step to undo:")
        )
        column.addWidget(self.text, 1)
        column.addWidget(buttons)
        self.resize(520, 420)
