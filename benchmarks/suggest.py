"""Suggestions end to end against raw ``nlp.pipe`` with the same components, in the same run.

    python3 benchmarks/suggest.py [--articles N] [--folder FOLDER]

Ours is what ``annotator suggest`` does: read from the project, find the language, analyse, store. The floor
gets the same texts as a list and throws the result away. Both come in turn, three times; the medians
count. What we add is told in CPU time, which other programs disturb less. Then the window: how late a
10 ms timer is while the worker suggests for the same articles, and (the floor) while nothing goes on.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from pathlib import Path
from typing import Any

from shared import ROOT, place, row

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROUNDS = 3
ARTICLES = 96
TICK = 10  # ms


def texts(articles: int) -> list[str]:
    """Return English articles of about 2,500 code points, no two alike: the samples' paragraphs, mixed."""
    paragraphs = []
    for path in sorted((ROOT / "resources" / "sample").glob("*.txt")):
        if "_ru" not in path.stem and "cafe" not in path.stem:
            paragraphs += [p for p in path.read_text(encoding="utf-8-sig").split("\n\n") if len(p) > 100]
    rng = random.Random(1)
    found = []
    for number in range(articles):
        parts: list[str] = [f"Article {number}"]
        while sum(map(len, parts)) < 2_500:
            parts.append(rng.choice(paragraphs))
        found.append("\n\n".join(parts))
    return found


def project_of(path: Path, articles: list[str]) -> None:
    """Make a project of the articles."""
    from annotator.model import ArticleInput
    from annotator.project import create_project

    path.unlink(missing_ok=True)
    with create_project(path, annotator="anna") as project, project.act("imported"):
        for text in articles:
            project.articles.add(ArticleInput(text, text[:30]))


def ours(path: Path, pipeline: Any, processes: int) -> float:
    """Return how long the command takes for the project's articles, without loading the model."""
    from annotator.cli import suggesting
    from annotator.project import open_project

    with open_project(path, annotator="anna") as project:
        project.suggestions.forget_runs()
        todo = project.suggestions.pending()
        report = suggesting.SuggestReport(len(todo), len(todo), 0, [])
        began = time.perf_counter()
        suggesting.run_pipeline(project, pipeline, todo, processes, report, lambda done, total: None)
        took = time.perf_counter() - began
        assert report.done == len(todo), report
    return took


def floor(nlp: Any, articles: list[str]) -> float:
    """Return how long spaCy alone takes."""
    began = time.perf_counter()
    for batch in range(0, len(articles), 8):
        with nlp.memory_zone():
            for _ in nlp.pipe(articles[batch : batch + 8], batch_size=8):
                pass
    return time.perf_counter() - began


def window(path: Path, home: Path) -> tuple[list[float], list[float]]:
    """Return by how many ms each tick of a 10 ms timer was late, with nothing to do and while suggesting."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[variable] = str(home)
    from PySide6.QtCore import QEventLoop, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from annotator.project import open_project
    from annotator.ui import theme
    from annotator.ui.main_window import MainWindow
    from annotator.ui.session import Session
    from annotator.ui.settings import Settings

    with open_project(path, annotator="anna") as project:
        project.suggestions.forget_runs()
    app = QApplication([])
    theme.apply("light")
    settings = Settings()
    settings.set("backups", 0)
    shown = MainWindow(Session(settings))
    shown.show()
    late: list[float] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    due = time.perf_counter() + TICK / 1000

    def tick() -> None:
        nonlocal due
        now = time.perf_counter()
        late.append(max(0.0, (now - due) * 1000))
        due = now + TICK / 1000

    timer.timeout.connect(tick)
    timer.start(TICK)
    loop = QEventLoop()  # quitting the application would close the window
    QTimer.singleShot(3000, loop.quit)
    loop.exec()
    timer.stop()
    idle, late = sorted(late), []
    assert shown.open(path)
    suggester = shown.session.suggester
    while suggester.pipeline is None:  # spaCy takes its seconds
        app.processEvents()
    due = time.perf_counter() + TICK / 1000
    timer.start(TICK)
    project = shown.session.project
    assert project is not None
    done = QTimer()
    done.timeout.connect(lambda: project.suggestions.pending() or loop.quit())
    done.start(500)
    loop.exec()
    timer.stop()
    done.stop()
    shown.close()
    return idle, sorted(late)


def main() -> None:
    """Print the table."""
    here = place(__doc__, ARTICLES)
    from annotator.nlp.pipeline import build_pipeline

    articles = texts(here.articles)
    path = here.folder / "suggest.annot"
    project_of(path, articles)
    pipeline = build_pipeline()
    nlp = pipeline.spacy("en")
    floor(nlp, articles[:8])
    ours_only = [pipe for pipe in nlp.pipe_names if pipe not in ("ner", "tok2vec", "transformer")]
    raw, one, added, alone = [], [], [], []
    for _ in range(ROUNDS):
        raw.append(floor(nlp, articles))
        one.append(ours(path, pipeline, 1))
        began = time.process_time()
        for _ in pipeline.suggest((n, text, None) for n, text in enumerate(articles)):
            pass
        added.append(time.process_time() - began)
        with nlp.select_pipes(disable=ours_only):
            began = time.process_time()
            floor(nlp, articles)
            alone.append(time.process_time() - began)
    ratio = statistics.median(r / o for r, o in zip(raw, one, strict=True))
    per_second = len(articles) / statistics.median(raw), len(articles) / statistics.median(one)
    ours_rate, raw_rate = f"{per_second[1]:.0f} /s", f"{per_second[0]:.0f} /s"
    row("suggest: ours / raw nlp.pipe", ours_rate, raw_rate, ratio, 0.85, at_least=True)
    # The best of each, which other programs disturbed least.
    share = min(added) / min(alone) - 1
    row(
        "what we add to the NER, share of its CPU time",
        f"{min(added):.2f} s",
        f"{min(alone):.2f} s",
        share,
        0.15,
    )

    # Two processes load their models first, some seconds: they are timed on the second half alone.
    two = two_processes(path, pipeline)
    row(
        "suggest: two processes / raw nlp.pipe",
        f"{two:.0f} /s",
        f"{per_second[0]:.0f} /s",
        two / per_second[0],
        1.6,
        at_least=True,
    )
    idle, late = window(path, here.folder / "home")
    row("10 ms timer of the window late by, p99 ms", f"{_p99(late):.1f}", f"{_p99(idle):.1f}", _p99(late), 5)


def _p99(late: list[float]) -> float:
    return late[min(len(late) - 1, int(len(late) * 0.99))]


def two_processes(path: Path, pipeline: Any) -> float:
    """Return articles a second with two processes, from their first result to their last."""
    from annotator.cli import suggesting
    from annotator.project import open_project

    times: list[float] = []
    with open_project(path, annotator="anna") as project:
        project.suggestions.forget_runs()
        todo = project.suggestions.pending()
        report = suggesting.SuggestReport(len(todo), len(todo), 0, [])
        suggesting.run_pipeline(
            project, pipeline, todo, 2, report, lambda done, total: times.append(time.perf_counter())
        )
    first = len(times) // 4
    return (len(times) - 1 - first) / (times[-1] - times[first])


if __name__ == "__main__":
    main()
