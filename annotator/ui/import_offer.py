"""Importing what other tools wrote: looked at first, and imported when the person has seen it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from annotator.ui.import_dialog import Choices, ImportDialog, names_by, remembered

if TYPE_CHECKING:
    from annotator.formats import Format, Preview
    from annotator.ui.files import Files
    from annotator.ui.session import Session


class ImportOffer(QObject):
    """Shows what an import would do, and does it; plain texts and our own files come in unasked."""

    def __init__(self, files: Files, session: Session) -> None:
        super().__init__(files)
        self._files = files
        self._session = session
        self._dialog: ImportDialog | None = None

    def begin(self, paths: Sequence[Path]) -> None:
        """Find out whether there is something to show first."""
        from annotator.formats import needs_a_look

        if not self._files.may_import():
            return
        task = self._files.run("Looking at the files", needs_a_look(paths))
        if task is not None:
            task.finished.connect(partial(self._found_out, paths))

    def _found_out(self, paths: Sequence[Path], needed: bool) -> None:
        if needed:
            self._look(paths, None, {})
        else:
            self._files.import_paths(paths)

    def _look(self, paths: Sequence[Path], format: Format | None, choices: Choices) -> None:
        from annotator.formats import preview

        project = self._session.project
        if project is None:
            return
        work = preview(project, list(paths), format=format, mapping=names_by(choices) if choices else None)
        task = self._files.run("Looking at the files", work)
        if task is not None:
            task.finished.connect(partial(self._show, paths, format, choices))

    def _show(self, paths: Sequence[Path], format: Format | None, choices: Choices, preview: Preview) -> None:
        if self._dialog is not None:
            self._dialog.show_preview(preview)
            return
        if not choices and (kept := remembered(self._session.settings, preview)):
            self._look(paths, format, kept)
            return
        from annotator.formats.registry import possible

        kinds = possible({file.path.suffix.lower() for file in preview.files})
        self._dialog = ImportDialog(preview, kinds, self._session.settings, self._files.window, choices)
        self._dialog.look_again.connect(partial(self._look_again, paths))
        self._dialog.finished.connect(partial(self._ended, paths))
        self._dialog.open()

    def _look_again(self, paths: Sequence[Path]) -> None:
        if self._dialog is not None:
            self._look(paths, self._dialog.format(), self._dialog.choices())

    def _ended(self, paths: Sequence[Path], result: int) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is None:
            return
        if result == QDialog.DialogCode.Accepted:
            self._files.import_paths(paths, dialog.format(), names_by(dialog.choices()))
        dialog.deleteLater()
