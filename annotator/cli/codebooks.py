"""``annotator codebook``: shows, exports and imports a project's codebook."""

from __future__ import annotations

import sys
from pathlib import Path

from annotator.cli.backing_up import back_up
from annotator.model import AnnotatorError
from annotator.project import Project
from annotator.project.codebook_file import codebook_of, export_codebook, read_codebook, to_toml
from annotator.project.codebook_import import import_codebook, preview
from annotator.text import printable


def show(project: Project) -> None:
    """Print the codebook as its file would be."""
    print(printable(to_toml(codebook_of(project), project.codebook.version()), "\n"), end="")


def export(project: Project, path: Path) -> None:
    """Write the codebook to a file."""
    export_codebook(project, path)
    print(f"{path} written: version {project.codebook.version()} of the codebook.")


def take_over(project: Project, path: Path, *, yes: bool, no_backup: bool) -> None:
    """Say what a file's codebook would change, ask, back the project up, and do it as one act."""
    found = read_codebook(path)
    changes = preview(project, found)
    print(printable(changes.summary(), "\n"))
    if not changes:
        return
    if not yes:
        if not sys.stdin.isatty():
            raise AnnotatorError("Nothing was changed. To import this codebook, add --yes.")
        print("Import it? [y/N] ", end="", flush=True)
        if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
            raise AnnotatorError("Nothing was changed.")
    back_up(project, no_backup, "Stopped. Nothing was imported.")
    import_codebook(project, found, path.name)
    print(f"Imported: this is version {project.codebook.version()} of the codebook.")
