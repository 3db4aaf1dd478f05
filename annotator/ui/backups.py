"""Backups in the window: made beside the work, switched off in the Tools menu, restored by a dialog."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.empty_state import EmptyState
from annotator.ui.session import Session
from annotator.ui.settings import projects_folder

if TYPE_CHECKING:
    from annotator.project.backup import Backup, BackupThread, CountingThread

PROJECTS = "Annotator projects (*.annot)"
LOOK = 200  # milliseconds between two looks at the thread
PATIENCE = 0.020  # seconds
_COLUMNS = ("When", "Articles", "Done", "Annotations", "Size", "Last step")
_NUMBERS = range(1, 5)  # of the columns: right-aligned, the heads above them too


class Backups(QObject):
    """Begins a backup when a project is opened for writing, and calls it off when it is closed."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._thread: BackupThread | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)
        session.opened.connect(self.start)
        session.closing.connect(self.stop)

    @property
    def wanted(self) -> bool:
        """Whether projects are backed up when they are opened."""
        return self._session.settings.number("backups", 1) != 0

    @property
    def running(self) -> bool:
        """Whether a backup is being made."""
        return self._thread is not None

    def toggle(self) -> None:
        """Switch backups on or off, and remember it."""
        self._session.settings.set("backups", int(not self.wanted))
        if self.wanted:
            self.start()
        else:
            self.stop()

    def start(self) -> None:
        """Back the open project up, unless that is switched off or nothing has changed."""
        project = self._session.project
        self.stop()
        if project is None or project.read_only or not self.wanted:
            return
        from annotator.project.backup import BackupThread

        self._thread = BackupThread(project.path)
        self._thread.start()
        self._timer.start()

    def stop(self) -> None:
        """Call off what is running."""
        self._timer.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.stop()

    def _look(self) -> None:
        thread = self._thread
        if thread is not None and not thread.is_alive():
            self.stop()
            if thread.error is not None:
                self._session.failed.emit(f"There is no backup of the present state. {thread.error}")


class RestoreDialog(QDialog):
    """Lists the backups of a project, newest first; the chosen one is to be restored into a new file."""

    def __init__(self, project: Path | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Restore a backup")
        self.project = project
        self._backups: list[Backup] = []
        self._counting: CountingThread | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._show_counted)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName("Backups")
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column in _NUMBERS:
            head = self.table.horizontalHeaderItem(column)
            assert head is not None
            head.setTextAlignment(right)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        EmptyState(self.table, "No backup is listed. Another project shows those of another file.")
        self.table.itemSelectionChanged.connect(self._enable)
        self.table.doubleClicked.connect(self.accept)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.restore_button = buttons.addButton("&Restore…", QDialogButtonBox.ButtonRole.AcceptRole)
        self.other_button = QPushButton("Another &project…")
        buttons.addButton(self.other_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.restore_button.setDefault(True)
        self.other_button.setAutoDefault(False)
        self.other_button.clicked.connect(self._choose_project)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self._words, self.table, buttons):
            layout.addWidget(widget)
        self.resize(820, 420)
        self.show_project(project)

    def show_project(self, project: Path | None) -> None:
        """List the backups of a project file, which may be damaged or gone, as they are read."""
        from annotator.project.backup import CountingThread

        self._stop()
        self.project = project
        self._backups = []
        self.table.setRowCount(0)
        if project is None:
            self._words.setText("Choose the project whose backups you want to see.")
        else:
            self._counting = CountingThread(project)
            self._counting.start()
            self._counting.join(PATIENCE)  # mostly they are small, and then nothing need flicker
            self._timer.start()
            self._show_counted()
        self._enable()

    def _show_counted(self) -> None:
        """Show the backups that were read since the last look."""
        counting = self._counting
        assert counting is not None
        assert self.project is not None
        over = not counting.is_alive()
        for backup in counting.found[len(self._backups) :]:
            self._add(backup)
        if over:
            self._timer.stop()
        if self._backups:
            rest = "" if over else f" Read so far: {len(self._backups)} of {counting.files}."
            self._words.setText(
                f"Backups of {self.project.name}, in {self._backups[0].path.parent}. The one that you choose "
                f"is restored into a new file; the project stays as it is.{rest}"
            )
        elif not over:
            self._words.setText(f"Reading the backups of {self.project.name}…")
        else:
            self._words.setText(
                f"There are no backups of {self.project.name} yet. One is made when it is opened and has "
                "changed."
            )

    def _add(self, backup: Backup) -> None:
        locale = QLocale()
        row = len(self._backups)
        self._backups.append(backup)
        self.table.setRowCount(row + 1)
        cells = (
            backup.made.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            locale.toString(backup.articles),
            locale.toString(backup.done),
            locale.toString(backup.annotations),
            locale.formattedDataSize(backup.size, 1, QLocale.DataSizeFormat.DataSizeSIFormat),
            backup.last_act,
        )
        for column, text in enumerate(cells):
            item = QTableWidgetItem(text)
            if column in _NUMBERS:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)
        if row == 0:
            self.table.selectRow(0)
            self.table.setFocus()

    def done(self, result: int) -> None:
        """Read no further when the dialog is closed."""
        self._stop()
        super().done(result)

    def _stop(self) -> None:
        self._timer.stop()
        counting, self._counting = self._counting, None
        if counting is not None:
            counting.stop()

    def chosen(self) -> Backup | None:
        """Return the backup of the selected row."""
        rows = self.table.selectionModel().selectedRows()
        return self._backups[rows[0].row()] if rows else None

    def proposal(self) -> Path:
        """Return a new file's name for the chosen backup, beside its project."""
        backup = self.chosen()
        assert backup is not None
        assert self.project is not None
        stem = f"{self.project.stem} restored {backup.made.astimezone().strftime('%Y-%m-%d %H%M')}"
        return self.project.with_name(f"{stem}.annot")

    def accept(self) -> None:
        """Close with an answer, where a backup is chosen."""
        if self.chosen() is not None:
            super().accept()

    def _enable(self) -> None:
        self.restore_button.setEnabled(self.chosen() is not None)

    def _choose_project(self) -> None:
        folder = self.project.parent if self.project is not None else projects_folder()
        name, _ = QFileDialog.getOpenFileName(self, "Backups of which project?", str(folder), PROJECTS)
        if name:
            self.show_project(Path(name))
