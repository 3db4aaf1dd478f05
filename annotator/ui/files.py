"""What the File menu does: projects, importing, pasting, exporting, dropping."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QMessageBox, QWidget

from annotator.model import AnnotatorError
from annotator.ui import mnemonics
from annotator.ui.backups import PROJECTS, RestoreDialog
from annotator.ui.dialogs import ExportCheckDialog, ExportDialog, PasteDialog
from annotator.ui.import_offer import ImportOffer
from annotator.ui.session import Session
from annotator.ui.settings import Settings, projects_folder
from annotator.ui.tasks import APPEARS, Progress, SteppedTask, in_turn

if TYPE_CHECKING:
    from annotator.formats import ExportCheck, ExportReport, Format, ImportReport
    from annotator.formats.importing import Names
    from annotator.ui.main_window import MainWindow


def ask_where_to_save(
    window: QWidget, title: str, proposal: Path, files: str, may_replace: bool
) -> Path | None:
    """Ask for a file to write, its suffix added before it is asked whether to replace one; None: nowhere."""
    dialog = QFileDialog(window, title, str(proposal.parent), files)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(proposal.suffix)
    dialog.selectFile(proposal.name)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not may_replace)
    chosen = dialog.selectedFiles() if dialog.exec() == QDialog.DialogCode.Accepted else []
    dialog.deleteLater()
    return Path(chosen[0]) if chosen else None


class RecentMenu(QMenu):
    """Lists the recent projects that are still there."""

    chosen = Signal(Path)

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__("Open &recent", parent)
        self._settings = settings
        self.aboutToShow.connect(self._fill)
        self.triggered.connect(self._choose)

    def _fill(self) -> None:
        self.clear()
        for path, _ in self._settings.recent():
            if path.exists():
                action = self.addAction(f"{path.stem}   {path.parent}".replace("&", "&&"))
                action.setData(str(path))
        if self.isEmpty():
            self.addAction("No recent projects").setEnabled(False)
        mnemonics.complete(self)

    def _choose(self, action: QAction) -> None:
        if action.data():
            self.chosen.emit(Path(action.data()))


class Files(QObject):
    """Asks for files and runs imports and exports step by step."""

    imported = Signal(object)  # ImportReport

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._task: SteppedTask | None = None
        self.offer = ImportOffer(self, session)

    @property
    def window(self) -> QWidget:
        """The window that dialogs belong to."""
        return self._window

    def stop(self) -> None:
        """Cancel what is running: the project is about to be closed."""
        if self._task is not None:
            self._task.cancel()

    def may_leave(self, purpose: str) -> bool:
        """Ask whether to lose a note that cannot be saved, and to stop what is running, for something else.

        True where nothing is lost, or may be.
        """
        note = self._window.note
        note.flush()
        if (note.pending and not self._window.dialogs.may_lose_note()) or not self._may_stop(purpose):
            return False
        note.forget()  # or it would be kept with an article of the next project
        return True

    def _may_stop(self, purpose: str) -> bool:
        task = self._task
        if task is None or not task.can_cancel:
            return True
        task.show()
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(task.title)
        box.setTextFormat(Qt.TextFormat.PlainText)  # a file may have any name
        box.setText(f"{task.title} is not finished. Stop it and {purpose}?")
        box.setInformativeText("What it has done so far would be taken back.")
        stop = box.addButton("&Stop it", QMessageBox.ButtonRole.DestructiveRole)
        go_on = box.addButton("&Go on with it", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(go_on)
        box.setEscapeButton(go_on)
        box.exec()
        wanted = box.clickedButton() is stop
        box.deleteLater()
        return wanted

    def run(
        self,
        title: str,
        work: Generator[Progress, None, Any],
        *,
        appears: int = APPEARS,
        interrupt: Callable[[], None] | None = None,
        is_act: bool = False,
    ) -> SteppedTask | None:
        """Begin a long step unless another one is running, which is said; what it needs is to be connected.

        ``appears`` and ``interrupt`` as for :class:`SteppedTask`. It ``is_act`` that is to be saved in the
        project: every view hears of it when it is refused.
        """
        if self._task is not None:
            self._session.failed.emit("Another long step is still running. Wait for it or cancel it first.")
            return None
        task = self._task = SteppedTask(title, work, self._window, appears=appears, interrupt=interrupt)
        task.ended.connect(self._ended)
        if is_act:
            task.refused.connect(self._session.refuse)
        task.failed.connect(self._session.failed)
        return task

    def _ended(self) -> None:
        self._task = None

    def _folder(self) -> str:
        folder = self._session.settings.text("folder")
        return folder if folder and Path(folder).is_dir() else str(Path.home())

    def new_project(self) -> None:
        """Ask for a name and create a project there."""
        folder = projects_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            folder = Path.home()  # a checkout that belongs to somebody else
        # Not asked whether to replace: a project is never replaced, and the answer would be in vain.
        path = ask_where_to_save(self._window, "New project", folder / "untitled.annot", PROJECTS, False)
        if path is not None and self.may_leave(f"make {path.name}"):
            self._session.create(path)

    def open_project(self) -> None:
        """Ask for a project and open it."""
        project = self._session.project
        folder = project.path.parent if project is not None else projects_folder()
        name, _ = QFileDialog.getOpenFileName(self._window, "Open project", str(folder), PROJECTS)
        if name and self.may_leave(f"open {Path(name).name}"):
            self._session.open(Path(name))

    def import_files(self) -> None:
        """Ask for files and import them."""
        from annotator.formats.registry import readable

        kinds = (
            f"What can be imported ({' '.join(f'*{suffix}' for suffix in sorted(readable()))});;All files (*)"
        )
        names, _ = QFileDialog.getOpenFileNames(self._window, "Import articles", self._folder(), kinds)
        if names:
            self._session.settings.set("folder", str(Path(names[0]).parent))
            self.offer.begin([Path(name) for name in names])

    def import_folder(self) -> None:
        """Ask for a folder and import what is in it and below."""
        name = QFileDialog.getExistingDirectory(self._window, "Import a folder", self._folder())
        if name:
            self._session.settings.set("folder", name)
            self.offer.begin([Path(name)])

    def may_import(self) -> bool:
        """Tell whether articles can come in now; why not is said."""
        project = self._session.project
        if project is None:
            self._session.failed.emit("No project is open: make one (File > New project) or open one first.")
            return False
        try:
            project.require_writable()
        except AnnotatorError as error:
            self._session.failed.emit(str(error))
            return False
        return True

    def import_paths(
        self, paths: Sequence[Path], format: Format | None = None, mapping: Names | None = None
    ) -> None:
        """Import files and folders as one act, with progress and cancel; the rest as for the formats."""
        from annotator.formats import import_paths

        project = self._session.project
        if not self.may_import() or project is None:
            return
        work = import_paths(project, list(paths), format=format, mapping=mapping)
        task = self.run("Importing", work, is_act=True)
        if task is not None:
            task.finished.connect(self._imported_in_steps)
            task.cancelled.connect(self._import_cancelled)

    def _imported_in_steps(self, report: ImportReport) -> None:
        self._show_imported(report)
        # In a turn of its own: a large import changes all that is shown.
        in_turn(self, partial(self._tell_imported, report))

    def _import_done(self, report: ImportReport) -> None:
        self._show_imported(report)
        self._tell_imported(report)

    def _show_imported(self, report: ImportReport) -> None:
        if report.change is not None:
            self._session.changed.emit(report.change)

    def _tell_imported(self, report: ImportReport) -> None:
        if report.failed:
            self._session.failed.emit(report.summary())
        else:
            self._session.notified.emit(report.summary())
        self.imported.emit(report)
        self._session.suggest_pending()

    def _import_cancelled(self) -> None:
        self._session.notified.emit("Import cancelled: nothing was added.")

    def paste(self) -> None:
        """Take the clipboard's text as a new article."""
        from annotator.formats import import_text

        if self._session.project is None:
            return
        dialog = PasteDialog(QApplication.clipboard().text(), self._window)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        project = self._session.project
        if accepted and project is not None:
            try:
                report = import_text(project, dialog.content(), dialog.title.text().strip() or None)
            except AnnotatorError as error:
                self._session.refuse(error)
                self._session.failed.emit(str(error))
            else:
                self._import_done(report)
        dialog.deleteLater()

    def export_bundle(self) -> None:
        """Ask the same with the publication bundle chosen."""
        self.export("bundle")

    def export(self, format: str = "") -> None:
        """Ask what to export, in which format (proposing ``format``) and where, then write it."""
        from annotator.formats.registry import formats

        project = self._session.project
        if project is None:
            return
        dialog = ExportDialog(project.annotators(), [f for f in formats() if f.exports], self._window, format)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._check_export(dialog.format(), dialog.options())
        dialog.deleteLater()

    def _check_export(self, format: Format, options: dict[str, Any]) -> None:
        """Find out, where the format has a way to, what it would not hold as it is; then export."""
        from annotator.formats import check_export

        project = self._session.project
        if project is None or format.check is None:
            self._ask_where_to_export(format, options)
            return
        work = check_export(project, format, status=options["status"], annotator=options["annotator"])
        task = self.run("Checking the spans", work)
        if task is not None:
            task.finished.connect(partial(self._show_check, format, options))
            task.cancelled.connect(self._export_cancelled)

    def _show_check(self, format: Format, options: dict[str, Any], found: ExportCheck) -> None:
        if not found.spans:
            self._ask_where_to_export(format, options)
            return
        dialog = ExportCheckDialog(format, found, self._window)
        dialog.accepted.connect(partial(self._ask_where_to_export, format, options))
        dialog.rejected.connect(self._export_cancelled)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_where_to_export(self, format: Format, options: dict[str, Any]) -> None:
        project = self._session.project
        path = self._where_to_export(project.name, format) if project is not None else None
        if path is not None:
            self._session.settings.set("folder", str(path.parent))
            self.export_to(path, options, format)

    def _where_to_export(self, name: str, format: Format) -> Path | None:
        suffix = "" if format.folder else format.suffixes[0]
        title = f"Export as {format.title}"
        if format.folder:
            proposal = Path(self._folder()) / f"{name} {format.name}"
            path = ask_where_to_save(self._window, title, proposal, "A new folder (*)", False)
        else:
            proposal = Path(self._folder()) / f"{name}{suffix}"
            path = ask_where_to_save(self._window, title, proposal, f"{format.title} (*{suffix})", True)
        if path is not None and suffix and path.suffix.lower() != suffix:
            path = path.with_name(path.name + suffix)  # thesis.v2 has another suffix already
            if path.exists():
                self._session.failed.emit(f"{path.name} exists already. Export under another name.")
                return None
        return path

    def export_to(self, path: Path, options: dict[str, object], format: Format | None = None) -> None:
        """Write the export to ``path``, with progress and cancel; as our own JSONL without ``format``."""
        from annotator.formats import export, registry

        project = self._session.project
        assert project is not None
        work = export(project, path, format or registry.named("jsonl"), **options)  # type: ignore[arg-type]
        task = self.run("Exporting", work)
        if task is not None:
            task.finished.connect(self._export_done)
            task.cancelled.connect(self._export_cancelled)

    def _export_done(self, report: ExportReport) -> None:
        self._session.notified.emit(f"{report.summary()} · {report.path.parent}")

    def _export_cancelled(self) -> None:
        self._session.notified.emit("Export cancelled: no file was written.")

    def save_copy(self) -> None:
        """Ask for a name and copy the project there; it may go on changing meanwhile."""
        project = self._session.project
        if project is None:
            return
        proposal = project.path.with_name(f"{project.name} copy.annot")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save a copy", str(proposal), PROJECTS)
        if name:
            self._copy("Saving a copy", project.path, Path(name), self._copy_done)

    def restore(self) -> None:
        """Show the backups; restore the chosen one into a new file, and open that."""
        project = self._session.project
        path = self._session.damaged or (project.path if project is not None else None)
        dialog = RestoreDialog(path, self._window)
        backup = dialog.chosen() if dialog.exec() == QDialog.DialogCode.Accepted else None
        if backup is not None:
            name, _ = QFileDialog.getSaveFileName(
                self._window, "Restore into a new file", str(dialog.proposal()), PROJECTS
            )
            if name:
                self._copy("Restoring", backup.path, Path(name), self._restored)
        dialog.deleteLater()

    def _copy(self, title: str, source: Path, target: Path, done: Callable[[Path], None]) -> None:
        from annotator.project.copying import copy_project

        # The file dialog has asked before it gave the name of a file that exists.
        replace = target.suffix == ".annot" and target.exists()
        task = self.run(title, copy_project(source, target, replace=replace))
        if task is not None:
            task.finished.connect(done)
            task.cancelled.connect(self._copy_cancelled)

    def _copy_done(self, path: Path) -> None:
        self._session.notified.emit(f"Copied to {path}.")

    def _restored(self, path: Path) -> None:
        if self._session.open(path):
            self._session.notified.emit(f"Restored into {path}, and open now.")

    def _copy_cancelled(self) -> None:
        self._session.notified.emit("Cancelled: no copy was made.")
