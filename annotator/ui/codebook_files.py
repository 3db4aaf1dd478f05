"""A codebook as a file: written and read from its editor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QFileDialog

from annotator.model import AnnotatorError
from annotator.project.codebook_file import FileCodebook, export_codebook, read_codebook
from annotator.project.codebook_import import (
    import_codebook,
    import_codebook_in_steps,
    preview,
    takes_steps,
)
from annotator.ui.label_dialogs import CodebookImportDialog
from annotator.ui.session import Session

if TYPE_CHECKING:
    from annotator.ui.codebook_dialog import CodebookDialog

_FILES = "Codebooks (*.toml);;All files (*)"


class CodebookFiles:
    """The import and export of a :class:`CodebookDialog`."""

    def __init__(self, dialog: CodebookDialog, session: Session) -> None:
        self._dialog = dialog
        self._session = session

    def export(self) -> None:
        """Ask for a file and write the codebook to it."""
        self._dialog.form.commit()
        project = self._session.project
        if project is not None:
            start = str(project.path.with_name(f"{project.path.stem} codebook.toml"))
            path, _ = QFileDialog.getSaveFileName(self._dialog, "Export the codebook", start, _FILES)
            if path:
                target = Path(path) if Path(path).suffix else Path(path).with_suffix(".toml")
                try:
                    export_codebook(project, target)
                    self._dialog.said(f"{target.name} is written.")
                except AnnotatorError as error:
                    self._dialog.said(str(error))

    def import_(self) -> None:
        """Ask for a file, show what it would change, and import it as one act."""
        self._dialog.form.commit()
        project = self._session.project
        if project is None:
            return
        folder = str(project.path.parent)
        path, _ = QFileDialog.getOpenFileName(self._dialog, "Import a codebook", folder, _FILES)
        if not path:
            return
        name = Path(path).name
        try:
            found = read_codebook(Path(path))
        except AnnotatorError as error:
            self._dialog.said(str(error))
            return
        changes = preview(project, found)
        dialog = CodebookImportDialog(name, changes.summary(), bool(changes), self._dialog)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        if accepted:
            self._import(found, name)

    def _import(self, found: FileCodebook, name: str) -> None:
        project = self._session.project
        if project is not None and takes_steps(project, found):
            self._dialog.run(import_codebook_in_steps(project, found, name), self._dialog.place())
        else:
            self._dialog.perform(lambda p: import_codebook(p, found, name))
