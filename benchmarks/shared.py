"""What the scripts share: the corpus and its project in one folder, timing, and a line of the table."""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import corpus  # noqa: E402

SMALL, FULL = 2_000, 100_000


class Place:
    """A folder with the corpus as ``corpus.jsonl`` and a project of it, made when first asked for."""

    def __init__(self, folder: Path, articles: int, only: list[str]) -> None:
        self.folder = folder
        self.only = only
        self.articles = articles
        self.is_full = articles >= FULL

    def corpus(self) -> Path:
        """Return the corpus as JSONL."""
        path = self.folder / "corpus.jsonl"
        if not path.exists():
            corpus.write(path, self.articles)
        return path

    def project(self) -> Path:
        """Return the project of the corpus: nobody has decided on anything yet."""
        path = self.folder / "corpus.annot"
        if not path.exists():
            from annotator.formats import LONG_STEP_SECONDS, import_paths
            from annotator.project import create_project

            with create_project(path, annotator="anna") as project:
                finish(import_paths(project, [self.corpus()], step_seconds=LONG_STEP_SECONDS))
        return path


def place(doc: str | None, articles: int = SMALL) -> Place:
    """Read the command line: ``--articles N``, ``--full``, ``--folder`` (where corpus and project stay)."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n")[0])
    parser.add_argument("--articles", type=int, default=articles)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} articles")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", default="", help="names of formats, with commas (formats.py)")
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="annotator-benchmark-"))
    return Place(
        folder, FULL if chosen.full else chosen.articles, chosen.only.split(",") if chosen.only else []
    )


def finish(steps: Generator[Any, None, Any]) -> Any:
    """Step a generator to its end and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def seconds(work: Callable[[], Any]) -> float:
    """Return how long ``work`` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turn(times: int, *works: Callable[[], Any]) -> list[float]:
    """Do all of ``works`` in turn, ``times`` over; return the median of what each takes.

    So a machine that others use as well slows all of them down alike.
    """
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for work, found in zip(works, taken, strict=True):
            found.append(seconds(work))
    return [statistics.median(found) for found in taken]


def peak_mb() -> float:
    """Return the most memory that this process has had so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def row(claim: str, ours: str, floor: str, value: float, bound: float, *, at_least: bool = False) -> None:
    """Print a line of the table: what is claimed, both figures, and the value against its bound."""
    held = value >= bound if at_least else value <= bound
    sign = ">=" if at_least else "<="
    print(
        f"{claim:44} {ours:>11} {floor:>11} {value:9.2f} {sign} {bound:<6g} {'ok' if held else 'MISSED'}",
        flush=True,
    )


def ms(time: float) -> str:
    """Return a time as it stands in the table."""
    return f"{time * 1000:,.1f} ms" if time < 1 else f"{time:,.2f} s"
