"""The core works without Qt, and the window and the command line start without what they do not need yet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import annotator

PACKAGE = Path(annotator.__file__).parent

MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__main__.py"
]


def loaded_by(modules: list[str]) -> set[str]:
    """The top-level packages in a fresh interpreter that has imported ``modules``."""
    code = (
        "import sys, importlib\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    )
    # -P: the folder of the tests is not on the path; the package's is.
    result = subprocess.run(
        [sys.executable, "-P", "-c", code, *modules],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )
    return {name.partition(".")[0] for name in result.stdout.split()}


def under(*packages: str) -> list[str]:
    return [m for m in MODULES if any(m == p or m.startswith(p + ".") for p in packages)]


def test_only_the_window_imports_qt() -> None:
    core = [m for m in MODULES if m not in under("annotator.ui")]
    assert len(core) > 20
    assert "PySide6" not in loaded_by(core)


def test_only_the_nlp_package_imports_spacy() -> None:
    core = [m for m in MODULES if m not in under("annotator.ui", "annotator.nlp")]
    assert "spacy" not in loaded_by(core)


def test_the_window_does_not_import_spacy() -> None:
    loaded = loaded_by(under("annotator.ui"))
    assert "PySide6" in loaded
    assert "spacy" not in loaded


def test_the_command_line_starts_without_typer_and_sqlite_utils() -> None:
    loaded = loaded_by(["annotator.cli"])
    assert not loaded & {"typer", "sqlite_utils", "PySide6", "spacy"}
