"""The backup before a command changes much at once."""

from __future__ import annotations

from annotator.cli.terminal import progress
from annotator.model import AnnotatorError
from annotator.project import Project


def back_up(project: Project, not_wanted: bool, stopped: str) -> None:
    """Back the project up unless that is not wanted; Ctrl-C says ``stopped`` and leaves no half backup."""
    if not_wanted:
        return
    from annotator.project.backup import make_backup
    from annotator.project.copying import Stopped

    try:
        with progress("Backing up") as bar:
            make_backup(project.path, bar.show)
    except (KeyboardInterrupt, Stopped):  # within a call of SQLite's it is the latter
        raise AnnotatorError(stopped) from None
    except AnnotatorError as error:
        raise AnnotatorError(f"{error} Or go on without a backup: --no-backup") from error
