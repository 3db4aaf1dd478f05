"""The longest time for which the window does not answer, whatever it is at.

    python3 benchmarks/responsive.py [--articles N | --full] [--why]

A timer ticks every 2 ms in the real window (offscreen); a gap is the time between two ticks. Beside the
longest gap stand the time that it all took, and the most that the window's own thread worked between two
ticks: what other programs take of the processor is not in that. A single act is on the disk when its key
returns: the first rows tell what this disk takes for a sync, and for a bare commit of one row (four syncs),
which no act can be faster than; the next one, what a window meets that does nothing. ``--why`` prints where
the window was in each long gap. What a virtual machine's host took of its processors meanwhile
stands below a gap that is too long. Where one is, what can be done again is, up to three times in all,
each with a row: what the window takes every time comes again, what it takes at first is in the first row.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import large_article
from shared import ms, place
from ticker import Ticker

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
STORED = 25  # batches of suggestions
LARGE = 500  # ms, of an article that is a hundred times as large as others
CRASH = """
import os, sys
from pathlib import Path
from annotator.formats import import_paths
from annotator.project import create_project
for progress in import_paths(create_project(sys.argv[1]), [Path(sys.argv[2])]):
    if progress.total and progress.done > 0.9 * progress.total:
        os._exit(0)
"""


def disk(folder: Path) -> None:
    """Print what a sync and a bare commit of one row take here."""
    syncs, commits = [], []
    path = folder / "sync.bin"
    with path.open("wb") as file:
        for _ in range(40):
            file.write(os.urandom(16_384))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            syncs.append(time.perf_counter() - began)
    path.unlink()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("CREATE TABLE t (x)")
    for _ in range(40):
        began = time.perf_counter()
        db.execute("INSERT INTO t VALUES (1)")
        commits.append(time.perf_counter() - began)
    db.close()
    path.unlink()
    for name, times in (("the disk: a sync", sorted(syncs)), ("the disk: a bare commit", sorted(commits))):
        print(
            f"{name:44} {ms(times[len(times) // 2]):>11} {'longest':>11} {times[-1] * 1000:9.2f}", flush=True
        )


def give_stances(project: Any) -> None:
    """Have every 30th article's stance accepted, for the program to learn from."""
    anna = project.ensure_annotator("anna")
    with project.history.transaction():
        project.db.execute(
            "INSERT INTO annotations(article, id, uuid, annotator, layer, label, exclusive, origin, "
            "codebook_version, created_at, updated_at) "
            "SELECT article, 10000000 + row_number() OVER (), hex(randomblob(16)), ?, layer, label, 1, "
            "'accepted', 1, '', '' FROM suggestions "
            "WHERE start IS NULL AND label IS NOT NULL AND article % 30 = 0",
            [anna],
        )


def take_stances(project: Any) -> None:
    """Take them back."""
    with project.history.transaction():
        project.db.execute("DELETE FROM annotations")


def large(window: Any, ticker: Ticker, idle: Callable[[], bool]) -> None:
    """Print the gaps of acts on an article with 10,000 spans, and of showing 5 million characters.

    These are a hundred times what an article has, and may be felt: see ``LARGE``.
    """
    from annotator.model import ArticleInput

    measure = partial(ticker.measure, bound=LARGE)
    view, labelling = window.pane.view, window.labelling
    many = large_article.many_spans(window.session.project)
    with window.session.project.act("imported"):
        long, _ = window.session.project.articles.add(ArticleInput(large_article.long_text(), "long"))

    def settled() -> bool:
        return idle() and not window.follower.busy

    def relabel() -> None:
        labelling.relabel(view.active, "ORG" if view.active.label != "ORG" else "GPE")

    def go_back() -> None:
        labelling.go_to("entity", first.start, first.end)

    measure("10,000 spans: show", lambda: window.show_article(many), settled)
    measure("10,000 spans: flag", window.walk.flag, settled)
    measure("10,000 spans: go to the next", labelling.next_suggestion, settled)
    first = view.active
    measure("10,000 spans: accept", labelling.accept, settled)
    measure("10,000 spans: accept another", labelling.accept, settled)
    measure("10,000 spans: reject", labelling.reject, settled)
    measure("10,000 spans: go back", go_back, settled)
    measure("10,000 spans: relabel", relabel, settled)
    measure("10,000 spans: undo", window.undo, settled)
    go_back()
    measure("10,000 spans: remove", labelling.remove, settled)
    measure("10,000 spans: undo that", window.undo, settled)
    measure("5 million characters: show", lambda: window.show_article(long), settled)
    size = window.size()
    measure("5 million characters: resize", lambda: window.resize(1000, 700), settled)
    window.resize(size)


def main() -> None:
    """Print the gaps."""
    why = "--why" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--why"]
    here = place(__doc__)
    lines = here.corpus()
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[variable] = str(here.folder / "home")
    from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QProgressDialog

    from annotator.model import Answer, PipelineInfo
    from annotator.ui import theme
    from annotator.ui.garbage import GarbageCollection
    from annotator.ui.main_window import MainWindow
    from annotator.ui.session import Session
    from annotator.ui.settings import Settings

    app = QApplication([])
    theme.apply("light")
    suggest_pending = Session.suggest_pending
    Session.suggest_pending = lambda self: None  # type: ignore[method-assign]  # spaCy is another process
    QMessageBox.question = lambda *_: QMessageBox.StandardButton.Yes  # type: ignore[method-assign,assignment]
    session = Session(Settings())
    session.settings.set("backups", 0)
    window = MainWindow(session)
    window.show()
    target = Path(here.folder / "window.annot")
    target.unlink(missing_ok=True)
    assert session.create(target)
    import annotator.formats  # loading modules happens once, before
    import annotator.project.backup
    import annotator.project.bulk
    import annotator.project.compact
    import annotator.project.copying  # noqa: F401

    garbage = GarbageCollection(app)  # as the program does
    garbage.settle()

    disk(here.folder)
    ticker = Ticker(app, why)

    def idle() -> bool:
        return window.files._task is None and not window.listing.running

    def project() -> Any:
        return session.project

    def dialog() -> QProgressDialog:
        return next(d for d in window.findChildren(QProgressDialog) if not d.wasCanceled())

    # What other work on the machine does to any window.
    until = time.perf_counter() + 3
    ticker.measure("nothing, for 3 s", lambda: None, lambda: time.perf_counter() > until)

    # Cancelled once half of it is there.
    def cancel_half_way() -> None:
        window.files.import_paths([lines])
        shown = dialog()
        while shown.maximum() < 2 or shown.value() < shown.maximum() // 2:
            app.processEvents()
            time.sleep(0)
        shown.cancel()

    ticker.measure("import, cancelled half-way", cancel_half_way, idle)
    assert not project().articles.count()

    def imported() -> bool:
        return idle() and bool(window.labelling.article)  # the first one is shown at the end

    ticker.measure("import", lambda: window.files.import_paths([lines]), imported)
    total = project().articles.count()
    title = project().articles.get(1).title
    for words in (title.split()[0], title.split()[0][:2], ""):
        ticker.measure(
            f"search “{words}”",
            lambda words=words: window.list.search_field.setText(words),  # type: ignore[misc]
            lambda words=words: window.list.filter().search == words and idle(),  # type: ignore[misc]
        )
    for show in ("done", "todo", "all"):
        ticker.measure(f"filter: {show}", window.list._chips[show].click, idle)  # type: ignore[index]
    sorts = {action.data(): action for action in window.list.sort_button.menu().actions()}
    for sort in ("title", "source", "published", "imported"):
        ticker.measure(f"sort by {sort}", sorts[sort].trigger, idle)

    from annotator.model import ArticleFilter, Condition

    def narrow(conditions: tuple[Condition, ...], sort: Any = "imported") -> Callable[[], None]:
        def ask() -> None:
            window.list.set_filter(ArticleFilter(conditions=conditions, sort=sort))
            window.list.filter_changed.emit()

        return ask

    for name, conditions, sort in (
        ("open suggestions, by their number", (Condition("open", "yes"),), "open"),
        (
            "label and source",
            (Condition("label", "entity/GPE"), Condition("source", "paper-7.example")),
            "title",
        ),
        ("nothing", (), "imported"),
    ):
        ticker.measure_again(f"filter by {name}", narrow(conditions, sort), idle)

    def walk() -> None:
        for n in range(100):
            window.show_article(1 + n * 7919 % total)
            for _ in range(5):
                app.processEvents()

    ticker.measure_again("100 articles, one after another", walk, idle)

    learnt: list[object] = []
    for signal in (session.suggester.learnt, session.suggester.failed):
        signal.connect(learnt.append)
    give_stances(project())

    def walk_learning() -> None:
        learnt.clear()
        session.suggester.stop()
        session.learning._learnt_from = 0
        session.learning.consider()
        walk()

    ticker.measure_again(
        "the same while it learns from each 30th", walk_learning, lambda: idle() and bool(learnt)
    )
    assert isinstance(learnt[0], PipelineInfo), learnt  # else it is why it could not
    session.suggester.stop()
    take_stances(project())

    def edit() -> None:
        for _ in range(20):
            window.labelling.next_suggestion()
            app.processEvents()
            window.labelling.accept()
            app.processEvents()

    ticker.measure_again("20 suggestions accepted one by one", edit, idle)
    ticker.measure_again("done, next article", window.walk.done, idle)

    stored: list[int] = []
    session.suggestions_changed.connect(lambda articles: stored.extend(articles))
    pipeline = PipelineInfo("corpus", "2")

    def store() -> None:
        stored.clear()
        articles = [1 + n * 7919 % total for n in range(STORED * 8)]
        for first in range(0, len(articles), 8):
            session._store_suggestions(
                [
                    Answer(a, tuple(project().suggestions.open(a)), pipeline)
                    for a in articles[first : first + 8]
                ]
            )
            until = time.perf_counter() + 0.05
            while time.perf_counter() < until:
                app.processEvents()
                time.sleep(0)

    ticker.measure_again(f"{STORED} batches of suggestions stored", store, lambda: len(stored) >= STORED * 8)

    def acts(number: int) -> Callable[[], bool]:
        return lambda: idle() and len(project().history.acts()) == number

    before = len(project().history.acts())
    ticker.measure("accept all", window.bulk.accept_all, acts(before + 1))
    ticker.measure("undo", window.undo, lambda: idle() and project().history.next() is not None)
    ticker.measure("redo", window.redo, lambda: idle() and project().history.next() is None)
    window.dialogs.show_history()
    history = window.dialogs._history
    assert history is not None
    ticker.measure("revert", history.revert, lambda: history._task is None and acts(before + 2)())
    history.close()
    out = here.folder / "window.jsonl"
    out.unlink(missing_ok=True)
    ticker.measure("export", lambda: window.files.export_to(out, {"with_suggestions": True}), out.exists)
    session.settings.set("backups", 1)
    ticker.measure("backup", window.backups.start, lambda: not window.backups.running)
    copy = here.folder / "copy.annot"
    copy.unlink(missing_ok=True)
    ticker.measure(
        "save a copy",
        lambda: window.files._copy("Saving a copy", target, copy, window.files._copy_done),
        lambda: idle() and copy.exists(),
    )
    from annotator.ui.backups import RestoreDialog

    restore = RestoreDialog(target, window)
    ticker.measure("the backups counted", restore.show, lambda: restore.table.rowCount() > 0)
    restore.close()
    QDialog.exec = lambda self: QDialog.DialogCode.Accepted  # type: ignore[method-assign,assignment]

    def compact() -> None:
        window.notice.hide()
        window.dialogs.compact()

    ticker.measure_again("compact", compact, lambda: idle() and "compact" in window.notice.text)
    Session.suggest_pending = suggest_pending  # type: ignore[method-assign]
    session.suggester._start = lambda: None  # type: ignore[method-assign]
    ticker.measure("all articles queued for suggestions", session.suggest_again, idle)

    def listed() -> bool:
        return idle() and bool(window.list.ids())  # a turn after the article

    ticker.measure_again("open", lambda: session.open(target), listed)
    crashed = here.folder / "crashed.annot"

    def crash() -> None:
        assert session.open(target)
        crashed.unlink(missing_ok=True)
        process = subprocess.Popen([sys.executable, "-c", CRASH, str(crashed), str(lines)])
        while process.poll() is None:  # what waits in the window would all come at once else
            app.processEvents()
            time.sleep(0.001)
        assert process.returncode == 0

    ticker.measure_again(
        "open after a crash in an import", lambda: session.open(crashed), idle, prepare=crash
    )  # it is empty
    assert session.open(target)
    large(window, ticker, idle)
    window.close()


if __name__ == "__main__":
    main()
