"""The ``annotator`` command: a window, or a sub-command without any display.

Nothing heavy is imported here, so that the window does not wait for Typer, SQLite's tools or spaCy.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

COMMANDS = (
    "new", "import", "suggest", "export", "stats", "overview", "evaluate", "check", "copy", "salvage",
    "history", "actors", "compact", "models", "codebook", "formats", "articles",
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with ``argv`` (default: the command line); return its exit code.

    No arguments, or one that is neither a command nor an option, opens the window. 0 done, 1 could
    not, 2 wrong usage.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding cannot show is no reason to fail.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if arguments[:1] == ["--worker"]:  # a frozen build has no ``python -m annotator.nlp.worker``
        from annotator.nlp.worker import main as run_worker

        return run_worker(arguments[1:])
    if not arguments:
        return _open_window(None)
    if len(arguments) == 1 and arguments[0] not in COMMANDS and not arguments[0].startswith("-"):
        path = Path(arguments[0])
        if not (path.suffix or path.parent.name or path.exists()):
            print(
                f"annotator: {path} is neither a command nor a project file. See annotator --help.",
                file=sys.stderr,
            )
            return 2
        return _open_window(path)
    from annotator.cli.commands import run

    return run(arguments)


def _open_window(path: Path | None) -> int:
    # Qt would end the process in C++ there, with a page of plugins.
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        print(
            "There is no display to open a window on: use `annotator import`, `annotator export` and "
            "the other commands of `annotator --help`, or set QT_QPA_PLATFORM=offscreen.",
            file=sys.stderr,
        )
        return 1
    try:
        from annotator.ui.app import run
    except ImportError as error:
        if ".so" not in str(error):
            raise
        print(
            f"Qt cannot be loaded ({error}). Install that library with the system's package manager; "
            "`annotator import`, `annotator export` and the other commands work without it.",
            file=sys.stderr,
        )
        return 1
    return run(path)
