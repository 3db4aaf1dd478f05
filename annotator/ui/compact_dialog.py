"""Tools > Compact: what would go, said before it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.chips import plain_label

if TYPE_CHECKING:
    from annotator.project.compact import CompactPlan
    from annotator.ui.session import Session

_YEAR = 365
_WIDTH = 500


class CompactDialog(QDialog):
    """Asks whether old history may go, and says what that is."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session  # which is asked for the project each time: steps go on beside the dialog
        self.setWindowTitle("Compact")
        self.old = QCheckBox("&Also drop history older than")
        self.days = QSpinBox()
        self.days.lineEdit().setTextMargins(10, 0, 0, 0)
        self.days.setRange(0, 36_500)
        self.days.setValue(_YEAR)
        self.days.setSuffix(" days")
        self.days.setAccessibleName("Days of history to keep")
        self.days.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(self.old)
        row.addWidget(self.days)
        row.addStretch(1)
        self.words = plain_label()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("&Compact", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.resize(_WIDTH, 0)
        layout = QVBoxLayout(self)
        layout.addWidget(
            plain_label(
                "Makes the project file smaller. Articles, annotations and everything else that stands in "
                "the project stay as they are. A large project takes some seconds, and as much room again "
                "on the disk; it can be cancelled at any time."
            )
        )
        layout.addLayout(row)
        layout.addWidget(self.words)
        layout.addWidget(buttons)
        self.old.toggled.connect(self._choose)
        self.days.valueChanged.connect(self._choose)
        self._choose()

    def _choose(self) -> None:
        self.days.setEnabled(self.old.isChecked())
        plan = self.plan()
        self.words.setText(plan.summary() if plan is not None else "")
        layout = self.layout()
        assert layout is not None
        self.resize(_WIDTH, max(self.height(), layout.totalHeightForWidth(_WIDTH)))  # the words wrap

    def plan(self) -> CompactPlan | None:
        """Return what would go as the dialog stands; None: no project is open any more."""
        from annotator.project.compact import plan

        project = self._session.project
        if project is None:
            return None
        return plan(project, self.days.value() if self.old.isChecked() else None)
