"""Get an official spaCy pipeline by spaCy's own command, and say in plain words how that went.

Knows no network: it makes the command line, and reads what the command prints. The window runs it in a
QProcess, ``annotator models --download`` in a subprocess. spaCy's command finds the version that fits and
gives pip the full address of its own release, so that a package that only bears the name is never taken.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from annotator.model import PipelineError
from annotator.nlp.catalogue import official_models

_OFFLINE = re.compile(
    r"ConnectionError|NewConnectionError|NameResolution|Name or service not known|Max retries exceeded|"
    r"Temporary failure in name|getaddrinfo failed|Network is unreachable|ConnectTimeout|ReadTimeout|"
    r"timed out|ProxyError|SSLError|Connection (?:refused|reset|aborted)|Server error \(\d+\)",
    re.IGNORECASE,
)
_PROTECTED = re.compile(
    r"Permission denied|Read-only file system|externally-managed|Access is denied|PermissionError",
    re.IGNORECASE,
)
_FULL = re.compile(r"No space left|disk full|not enough space", re.IGNORECASE)
_UNKNOWN = re.compile(r"No compatible packages? found", re.IGNORECASE)
_RAW = re.compile(r"^Progress (\d+) of (\d+)$")
_STEPS = re.compile(r"^\s*(Collecting|Downloading|Installing collected|Using cached|Requirement already)")


def obstacle() -> str | None:
    """Return why no pipeline can be installed here at all, in one sentence; None where it can be tried."""
    if getattr(sys, "frozen", False):
        return (
            "This build of Annotator cannot take further pipelines: install Annotator with pip, "
            "and get them there."
        )
    folder = Path(sysconfig.get_paths()["purelib"])
    managed = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
    if sys.prefix == sys.base_prefix and managed.exists():
        return (
            "This Python belongs to the operating system, which lets nobody else install packages: "
            "install Annotator in a virtual environment (README), and get pipelines there."
        )
    if sys.prefix != sys.base_prefix and not os.access(folder, os.W_OK):
        return (
            f"The folder {folder}, where pipelines are installed, is write-protected: ask whoever "
            "installed Annotator, or install it in an environment of your own."
        )
    return None


def command(name: str) -> list[str]:
    """Return the arguments for this Python that install the official pipeline ``name``.

    Raises :class:`PipelineError` where there is none of that name, or where nothing can be installed.
    """
    if name not in {model.name for model in official_models()}:
        raise PipelineError(
            f"There is no official spaCy pipeline “{name}”; `annotator models --available` lists them."
        )
    why = obstacle()
    if why is not None:
        raise PipelineError(why)
    # -P: Python files that lie in the folder where the program was started are not ours to run.
    return ["-P", "-m", "spacy", "download", name, *_progress()]


def _progress() -> list[str]:
    """Return pip's switch for progress that a program can read, if there is a pip that has it (24.1)."""
    try:
        major, minor, *_ = (int(part) for part in version("pip").split(".")[:2])
    except (PackageNotFoundError, ValueError):
        return []  # spaCy takes uv then
    return ["--progress-bar", "raw"] if (major, minor) >= (24, 1) else []


class Output:
    """Reads what the command prints, line by line.

    ``percent`` is how much of the present download is there, None while that is not known; ``step`` what
    is being done, in the command's own words.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._text = ""
        self.percent: int | None = None
        self.step = ""

    def feed(self, line: str) -> None:
        """Take one line, of either stream."""
        line = line.rstrip()
        raw = _RAW.match(line)
        if raw:
            done, total = int(raw[1]), int(raw[2])
            self.percent = min(100, 100 * done // total) if total else None
            return
        self._text += line + "\n"
        if _STEPS.match(line):
            self.percent = None
            # Only the file's name of an address: the rest is nothing that one reads.
            self.step = re.sub(r"https?://\S*/", "", line.strip())[:100]

    def failure(self) -> str:
        """Return why the command failed, in one sentence that says what to do."""
        if "No package installer found" in self._text or "No module named pip" in self._text:
            return (
                f"{self._name} could not be installed, since this environment has no pip: "
                "run “python -m ensurepip” in it, then try again."
            )
        if _OFFLINE.search(self._text):
            return (
                f"{self._name} was not downloaded: the place where spaCy keeps its pipelines could not be "
                "reached. Check the connection (a firewall or proxy may be in the way) and try again; "
                "everything else works without a network."
            )
        if _PROTECTED.search(self._text):
            return (
                f"{self._name} could not be installed, since the folder for Python's packages is "
                "write-protected: install Annotator in an environment of your own."
            )
        if _FULL.search(self._text):
            return f"{self._name} could not be installed, since the disk is full: make room and try again."
        if _UNKNOWN.search(self._text):
            return (
                f"There is no {self._name} for the spaCy that is installed: update Annotator, or take "
                "another one."
            )
        lines = [line.strip() for line in self._text.splitlines() if line.strip()]
        last = lines[-1][:200] if lines else "it ended without a word"
        return f"{self._name} could not be installed ({last}). Try again, or take another one."
