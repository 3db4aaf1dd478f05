"""Tools > How good are the suggestions?: the figures, as tables, as text and as a file."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from annotator.evaluation import Evaluation, Judged, Table, answer_figures, stance_figures
from annotator.evaluation.report import NOTHING
from annotator.model import Change
from annotator.ui.chips import Heading, plain_label
from annotator.ui.figures_table import FiguresTable
from annotator.ui.files import ask_where_to_save
from annotator.ui.session import Session
from annotator.ui.stance_replay import StanceReplay
from annotator.ui.tasks import Progress, SteppedTask

if TYPE_CHECKING:
    from annotator.project import Project
    from annotator.project.stance_labels import StanceLabel
    from annotator.project.verdicts import Counted

_FILES = "Figures (*.csv *.json)"
_AGAIN = "The project has changed since: press Count again for figures of now."


def _count(project: Project) -> Generator[Progress, None, tuple[Counted, tuple[StanceLabel, ...]]]:
    """Count the answers, and read the stances that are to be judged again."""
    from annotator.project.stance_labels import given_stances_in_steps
    from annotator.project.verdicts import count_verdicts

    counted = yield from count_verdicts(project)
    return counted, (yield from given_stances_in_steps(project))


class EvaluationDialog(QDialog):
    """Stays open beside the work. What people answered is counted first; then stances are judged again."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._task: SteppedTask | None = None
        self._counted: Counted | None = None
        self._judged: Sequence[Judged] | None = None
        self._labels: tuple[StanceLabel, ...] = ()  # that were judged
        self._why = ""
        self.evaluation: Evaluation | None = None
        self.replay = StanceReplay(session, self)
        self.setWindowTitle("How good are the suggestions?")
        self._build()
        self.resize(QSize(1120, 720).boundedTo(parent.size()))
        self.replay.progressed.connect(self._progressed)
        self.replay.finished.connect(self._replayed)
        self.replay.failed.connect(self._not_replayed)
        session.changed.connect(self._changed)
        session.closing.connect(self._leave)

    def _build(self) -> None:
        self.words = plain_label(
            "Counted from what people answered, and from judging each labelled article again by what had "
            "been learnt before its label was given.",
            muted=True,
        )
        self.parts = QListWidget()
        self.parts.setAccessibleName("Parts of the report")
        self.parts.setFrameShape(QFrame.Shape.NoFrame)
        self.parts.setSpacing(3)
        self.parts.setFixedWidth(190)
        self.parts.currentRowChanged.connect(self._show_part)
        self._page = QScrollArea()
        self._page.setWidgetResizable(True)
        self._page.setFrameShape(QFrame.Shape.NoFrame)
        self.empty = plain_label(NOTHING, muted=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # or nobody would read it out
        self.progress = QProgressBar()
        self.progress.setFixedHeight(8)
        self.progress.setAccessibleName("Judging stances again")
        self.state = plain_label(muted=True)
        self.copy_button, self.save_button, self.again_button, self.stop_button, close = (
            QPushButton(words) for words in ("&Copy", "&Save as…", "Count &again", "S&top", "Close")
        )
        below = QHBoxLayout()
        for button in (self.copy_button, self.save_button, self.again_button, self.stop_button, close):
            button.setAutoDefault(False)
            if button is close:
                below.addStretch(1)
            below.addWidget(button)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self.save)
        self.again_button.clicked.connect(self.count)
        self.stop_button.clicked.connect(self._stop)
        close.clicked.connect(self.reject)
        middle = QHBoxLayout()
        middle.addWidget(self.parts)
        middle.addWidget(self._page, 1)
        middle.addWidget(self.empty, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(self.words)
        layout.addLayout(middle, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self.state)
        layout.addLayout(below)
        self._show_nothing("")

    # Counting

    def open_beside(self) -> None:
        """Show the dialog, or bring it to the front, with the figures of now."""
        self.show()
        self.activateWindow()
        self.count()

    def count(self) -> None:
        """Count what people answered; what goes on from an earlier count is dropped."""
        project = self._session.project
        if project is None or self._task is not None:
            return
        self.replay.stop()
        self.state.setText("")
        self._task = SteppedTask("Counting answers", _count(project), self)
        self._task.ended.connect(self._ended)
        self._task.finished.connect(self._have_counted)
        self._task.failed.connect(self._say)
        self._enable()

    def _ended(self) -> None:
        self._task = None
        self._enable()

    def _have_counted(self, found: tuple[Counted, tuple[StanceLabel, ...]]) -> None:
        """Show the counts, and judge the stances again unless that was done with the same labels."""
        from annotator.project.stance_labels import refits

        self._counted, labels = found
        if labels != self._labels or self._judged is None:
            self._judged, self._labels, self._why = None, labels, ""
            if labels:
                self.replay.start(labels, refits(labels))
        self._refresh()

    def _progressed(self, done: int, total: int) -> None:
        self.progress.setMaximum(total)
        self.progress.setValue(done)
        self.state.setText(
            f"Judging labelled articles again, before they are learnt from: {done:,} of {total:,}"
        )

    def _replayed(self, judged: list[Judged]) -> None:
        self._judged = judged
        self._refresh()
        self._say("")

    def _not_replayed(self, why: str) -> None:
        self._why = why
        self._refresh()
        self._say(why)

    def _stop(self) -> None:
        self.replay.stop()
        self._not_replayed("The stances were not judged again: it was stopped.")

    def _changed(self, change: Change) -> None:
        if self.isVisible() and self.evaluation is not None and not self.replay.running and change.tables:
            self.state.setText(_AGAIN)

    def _leave(self) -> None:
        """End what is going on in the project that is about to be closed, and forget it."""
        if self._task is not None:
            self._task.cancel()
        self.replay.stop()
        self._counted, self._judged, self._labels, self.evaluation = None, None, (), None
        self._show_nothing("")
        self.reject()

    def done(self, result: int) -> None:
        """Judge no further when the dialog is closed."""
        if self._task is not None:
            self._task.cancel()
        self.replay.stop()
        super().done(result)

    # Showing

    def _refresh(self) -> None:
        from annotator.project.verdicts import LAYERS

        if self._counted is None:
            return
        stances = stance_figures(self._judged) if self._judged is not None else None
        layers = tuple(answer_figures(self._counted.verdicts, layer) for layer in LAYERS)
        self.evaluation = Evaluation(layers, self._counted.blind, stances, self._why)
        if self.evaluation.empty:
            self._show_nothing("" if self.replay.running else NOTHING)
            return
        chosen = self.parts.currentItem().text() if self.parts.currentItem() is not None else ""
        groups = list(dict.fromkeys(table.group for table in self.evaluation.tables()))
        had_focus = self.focusWidget()
        self.parts.blockSignals(True)
        self.parts.clear()
        self.parts.addItems(groups)
        self.parts.setCurrentRow(groups.index(chosen) if chosen in groups else 0)
        self.parts.blockSignals(False)
        self.empty.hide()
        self.parts.show()
        self._page.show()
        self._show_part(self.parts.currentRow())
        if had_focus is None or not had_focus.isVisible():
            self.parts.setFocus()
        self._enable()

    def _show_nothing(self, words: str) -> None:
        self.parts.hide()
        self._page.hide()
        self.empty.setText(words)
        self.empty.setAccessibleName(words)
        self.empty.show()
        self._enable()

    def _show_part(self, row: int) -> None:
        if self.evaluation is None or row < 0:
            return
        group = self.parts.item(row).text()
        self._page.setAccessibleName(f"Figures: {group}")
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(12, 0, 12, 12)
        layout.setSpacing(6)
        for table in self.evaluation.tables():
            if table.group == group:
                self._add(table, layout)
        layout.addStretch(1)
        self._page.setWidget(inner)
        before: QWidget = self._page  # or Tab would come to the tables after the buttons
        for shown in inner.findChildren(FiguresTable):
            self.setTabOrder(before, shown)
            before = shown
        self.setTabOrder(before, self.copy_button)
        self._fit()

    def _add(self, table: Table, layout: QVBoxLayout) -> None:
        layout.addSpacing(8)
        layout.addWidget(Heading(table.title.upper()))
        if table.words:
            layout.addWidget(plain_label(table.words))
        if table.rows:
            layout.addWidget(FiguresTable(table))

    def _fit(self) -> None:
        for table in self._page.findChildren(FiguresTable):
            table.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let each table take the height that it needs at this width."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a larger font or another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            QTimer.singleShot(0, self, self._fit)

    def _enable(self) -> None:
        there = self.evaluation is not None and not self.evaluation.empty
        self.copy_button.setEnabled(there)
        self.save_button.setEnabled(there)
        self.again_button.setEnabled(self._task is None)
        self.stop_button.setVisible(self.replay.running)
        self.progress.setVisible(self.replay.running)

    def _say(self, words: str) -> None:
        """Show words below the report, and have them read out."""
        self.state.setText(words)
        self._enable()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words or "The figures are there."))

    # Taking it along

    def copy(self) -> None:
        """Copy the whole report as plain text."""
        if self.evaluation is not None:
            QGuiApplication.clipboard().setText(self.evaluation.text())
            self._say("The report is on the clipboard.")

    def save(self) -> None:
        """Ask where to save the numbers, as CSV or JSON by the file's name."""
        project = self._session.project
        if self.evaluation is None or project is None:
            return
        proposal = project.path.with_name(f"{project.name} suggestions.csv")
        path = ask_where_to_save(self, "Save the figures", proposal, _FILES, True)
        if path is not None:
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Write the numbers to ``path``: JSON where it ends so, else CSV."""
        assert self.evaluation is not None
        if path.suffix.lower() == ".json":
            text, encoding = (
                json.dumps(self.evaluation.as_dict(), ensure_ascii=False, indent=2) + "\n",
                "utf-8",
            )
        else:
            text, encoding = self.evaluation.csv(), "utf-8-sig"  # so that Excel takes no é for Ã©
        from annotator.project.leftovers import write_whole  # late: as the project's other modules

        try:
            write_whole(path, text.encode(encoding))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            self._say(f"{path.name} could not be written: {why}. Save it in another place.")
        else:
            self._say(f"Saved as {path}.")
