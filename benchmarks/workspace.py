"""The longest time for which the window does not answer, act by act, whatever can be done in it by the way.

    python3 benchmarks/workspace.py [--articles N | --full | --folder FOLDER] [--why] [--part WORDS]

Every fifth article is labelled, 97 actors are behind the names, one of them 20,000 times (a tenth of all
labels in smaller projects), and suggestions of that one stand in three of five articles; there are 200,000
acts. Each row gives the longest gap between two turns of the event loop and, as ``cpu``, what the window's
own thread worked in one: what other programs take of the processor is in the first alone. ``--why`` prints
where the window was in each long gap, ``--part actors,claims`` measures only these. In FOLDER a project may
lie ready (``corpus.annot``; it is copied, and decided upon unless it is already).
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from typing import Any

from lists import decide
from shared import place
from ticker import Ticker

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
MENTIONS = 20_000  # of the busiest actor
PLACES = 20_000  # that are labelled at once
ACTORS = 97
ACTS = 200_000
COPIES = 1_000  # articles with nearly the same text
BUSY, OTHER, THIRD = "Actor 7", "Actor 8", "Actor 9"


def prepare(project: Any) -> None:
    """Have people decide, where nobody has; make the actors, near-duplicates and a long history. Seeded."""
    execute, rng = project.db.execute, random.Random(5)
    if not execute("SELECT 1 FROM annotations LIMIT 1").fetchone():
        decide(project)
    with project.history.transaction():
        # What stands in the text, which the labels of lists.py do without.
        execute(
            "UPDATE annotations SET quote = substr((SELECT text FROM texts WHERE id = article), "
            '"start" + 1, "end" - "start") WHERE "start" IS NOT NULL AND quote = \'x\''
        )
        for number in range(ACTORS):
            execute(
                "INSERT INTO actors(id, uuid, name, kind, bloc) VALUES (?, ?, ?, ?, ?)",
                [
                    number + 1,
                    f"actor-{number}",
                    f"Actor {number}",
                    rng.choice(("PERSON", "ORG", "GPE")),
                    rng.choice(("West", "Russia", None)),
                ],
            )
            for alias in range(rng.randrange(4)):
                execute(
                    "INSERT INTO aliases(actor, alias) VALUES (?, ?)", [number + 1, f"A. {number}.{alias}"]
                )
        entity = execute("SELECT id FROM layers WHERE name = 'entity'").fetchone()[0]
        execute(
            f'UPDATE annotations SET actor = 1 + (article * 7 + id) % {ACTORS} WHERE "start" IS NOT NULL '
            "AND layer = ?",
            [entity],
        )
        busy, other = (number + 1 for number in (7, 8))
        execute("UPDATE annotations SET actor = ? WHERE actor = ?", [other, busy])
        # Half of its mentions by one name, which is split off and given away, half by another.
        few = min(MENTIONS, execute("SELECT count(*) FROM annotations").fetchone()[0] // 10)
        for name in ("Armenia", "Georgia"):
            execute(
                "UPDATE annotations SET actor = ? WHERE id IN "
                '(SELECT id FROM annotations WHERE quote = ? AND "start" IS NOT NULL LIMIT ?)',
                [busy, name, few // 2],
            )
            execute("INSERT INTO aliases(actor, alias) VALUES (?, ?)", [busy, name])
        execute("UPDATE suggestions SET actor = ? WHERE article % 5 < 3 AND id = 3", [BUSY])
        for table in ("near_duplicates", "near_duplicate_bands"):
            execute(f"DELETE FROM {table}")
        execute(
            "INSERT INTO near_duplicates SELECT id, CASE WHEN id <= ? THEN 1 ELSE id END, 95 FROM articles",
            [COPIES],
        )
        # One decision on a copy's stance is offered to the others; any against it, and it is to none.
        execute('DELETE FROM annotations WHERE "start" IS NULL AND article BETWEEN 2 AND ?', [COPIES])
        (last,) = execute("SELECT coalesce(max(id), 0) FROM acts").fetchone()
        execute(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?) "
            'INSERT INTO acts(id, annotator, text, article, created_at, state, "rows") '
            "SELECT ? + n, 'anna', 'accepted GPE for “Armenia” ' || n, 1 + n % 1000, "
            "'2026-01-01T10:00:00.000Z', 'done', 1 FROM n",
            [ACTS, last],
        )
        execute(
            "INSERT INTO act_rows(act, tbl, \"row\", before) SELECT id, 'annotations', id, NULL FROM acts "
            "WHERE id > ?",
            [last],
        )


class Workspace:
    """A window on the project, and what it does."""

    def __init__(self, app: Any, window: Any, ticker: Ticker) -> None:
        self.app, self.window, self.ticker = app, window, ticker
        self.copies_wait = False  # what follows an act in near-duplicates is measured by itself

    def settled(self) -> bool:
        """Tell whether nothing is going on any more, in the foreground or behind."""
        window, dialog, history = self.window, self.window.actors._dialog, self.window.dialogs._history
        return (
            window.files._task is None
            and not window.listing.running
            and not window.follower.busy
            and (self.copies_wait or not window.near_duplicates.busy)
            and not (history is not None and history.listing.running)
            and not (dialog is not None and dialog.counting.running)
        )

    def do(self, name: str, act: Callable[[], object], over: Callable[[], bool] | None = None) -> None:
        """Measure one act, up to where all has followed it."""
        until = time.perf_counter() + 0.25  # what follows by a timer has begun by then

        def done() -> bool:
            return time.perf_counter() > until and self.settled() and (over is None or over())

        self.ticker.measure(name, act, done)

    def undone(self, name: str) -> None:
        """Measure taking the last act back."""
        self.do(f"{name}: undo", self.window.undo)

    @property
    def project(self) -> Any:
        """The open project."""
        return self.window.session.project

    def show(self, article: int) -> None:
        """Open an article, and wait until it is there."""
        self.window.show_article(article)
        self.wait()

    def wait(self) -> None:
        """Let everything come to rest."""
        until = time.perf_counter() + 0.4
        while time.perf_counter() < until or not self.settled():
            self.app.processEvents()
            time.sleep(0.0005)

    def span(self, *, suggested: bool, layer: str = "entity") -> None:
        """Go to a span of the open article."""
        for span in self.window.pane.view.spans():
            if span.layer == layer and (span.key[0] == "suggestion") == suggested:
                self.window.pane.view.set_active(span.key)
                self.window.pane.view.active_changed.emit(span.key)
                return
        raise AssertionError("no such span")


def actors(here: Workspace) -> None:
    """Acts on actors, in their dialog and from the article."""
    from annotator.ui import actor_acts, actors_dialog

    window = here.window
    answers: list[str] = []
    for module in (actor_acts, actors_dialog):
        module.ask_name = lambda *_, **__: answers[0]  # type: ignore[attr-defined]
        module.choose = lambda *_, **__: answers[0]  # type: ignore[attr-defined]

    def answer(name: str) -> None:
        answers[:] = [name]

    here.do("actors: the dialog", window.actors.show_all)
    dialog = window.actors._dialog

    def choose(name: str) -> None:
        dialog.refresh(name)
        here.wait()
        assert dialog.current().name == name

    def pick(alias: str) -> None:
        dialog.aliases.setCurrentRow(dialog.current().aliases.index(alias))

    here.do("actors: search", lambda: dialog.search.setText("actor 1"))
    here.do("actors: search cleared", lambda: dialog.search.setText(""))
    for name, act, given, alias in (
        ("rename", dialog.rename, "Somebody", None),
        ("add a name", dialog.add_name, "Mr Seven", None),
        ("remove a name", dialog.remove_name, "", "Georgia"),
        ("set the kind", lambda: (dialog.kind.setCurrentIndex(4), dialog._set_kind()), "", None),
        ("set the bloc", lambda: (dialog.bloc.setCurrentIndex(0), dialog._set_bloc()), "", None),
        ("split a name off", dialog.split, "Armenia itself", "Armenia"),
        ("merge into another", dialog.merge, OTHER, None),
    ):
        choose(BUSY)
        if alias is not None:
            pick(alias)
        answer(given)
        acts = here.project.history.mark()
        here.do(f"actors: {name}", act)
        assert here.project.history.mark() != acts, name
        here.undone(f"actors: {name}")
    dialog.close()
    here.show(1)
    answer(OTHER)
    for name, suggested, act in (
        ("confirm", True, window.actors.confirm),
        ("assign a name", True, window.actors.assign),
        ("next bloc", True, window.actors.next_bloc),
    ):
        here.span(suggested=suggested)
        here.do(f"article: {name}", act)
        here.undone(f"article: {name}")
    here.show(5)
    for name, act, given in (
        ("assign a mention", window.actors.assign, OTHER),
        ("rename", window.actors.rename, "Somebody"),
        ("merge", window.actors.merge, THIRD),
    ):
        answer(given)
        here.span(suggested=False)
        here.do(f"article: {name}", act)
        here.undone(f"article: {name}")
    # A name that stands for the busiest actor is given to another one, with its mentions.
    here.do(
        "assign a name with all its mentions",
        lambda: window.actors.assign_name("Armenia", THIRD),
    )
    here.undone("assign a name with all its mentions")


def occurrences(here: Workspace) -> None:
    """Every occurrence: here, in the project, of an actor, of words; and labelling them."""
    window = here.window
    here.show(2)
    here.span(suggested=True)
    here.do("every occurrence here", window.occurrences.label_here)
    dialog = window.occurrences._dialog
    if dialog is not None and dialog.isVisible():
        dialog.reject()
    else:
        here.undone("every occurrence here")
    here.span(suggested=True)
    over = lambda: window.occurrences._dialog is not None and not window.occurrences._dialog.search.running  # noqa: E731
    here.do("every occurrence: listed", window.occurrences.label_project, over)
    dialog = window.occurrences._dialog
    label = dialog.chosen_label()
    here.do("every occurrence: a tick", lambda: dialog.model.toggle(5))
    here.do("every occurrence: none ticked", dialog.model.toggle_all)
    here.do("every occurrence: all ticked", dialog.model.toggle_all)
    here.do("every occurrence: narrowed", lambda: dialog.filter.setText("ka"))
    here.do("every occurrence: all again", lambda: dialog.filter.setText(""))
    here.do("every occurrence: closed", dialog.reject)
    here.do("every occurrence: listed again", window.occurrences.label_project, over)
    places = [p.place for p in dialog.model.rows if p.state == "free"][:PLACES]
    here.do(
        f"every occurrence: {len(places):,} labelled",
        lambda: window.occurrences._label(*label, places),
        lambda: here.project.history.unfinished() is None,
    )
    here.undone(f"every occurrence: {len(places):,} labelled")
    here.do("words in the project: asked", window.occurrences.search)
    dialog.field.setText("ka")
    here.do("words in the project: found", dialog._typed, over)
    dialog.reject()
    actor = next(a for a in here.project.actors.all() if a.name == BUSY)
    here.do("an actor's names: found", lambda: window.occurrences.of_actor(actor), over)
    dialog.reject()


def claims(here: Workspace) -> None:
    """Passages and what is said of them."""
    window = here.window
    here.show(1)
    text = window.labelling.text
    here.do(
        "a passage",
        lambda: window.labelling.perform("add", 1, "stance", "pro-West", 0, text.index(".") + 1),
    )
    here.wait()
    here.span(suggested=False, layer="stance")
    here.do("claims: holder asked", window.claims.holder)
    window.claims.names.flush()
    here.do("claims: target asked", window.claims.target)
    window.claims.names.flush()
    here.wait()
    here.span(suggested=False, layer="stance")
    annotation = window.pane.view.active.key[1]

    def say(aspect: str, value: str) -> Callable[[], object]:
        return lambda: window.session.perform(lambda p: p.claims.say(annotation, aspect, value))

    here.do("claims: holder", say("holder", BUSY))
    here.undone("claims: holder")
    here.do("claims: target", say("target", BUSY))
    here.do("claims: certainty", window.claims.certainty)
    here.do("claims: note", say("note", "Because it says so."))
    near, offered = window.near_duplicates, []
    window.session.suggestions_changed.connect(offered.extend)
    near._follow, here.copies_wait = lambda: None, True
    here.do("claims: stance derived", window.claims.derive)
    del near._follow
    here.copies_wait = False
    here.do("claims: stance offered to 1,000 copies", near._follow)
    assert offered, "the copies have heard nothing of it"
    here.undone("claims: stance derived")


def lists(here: Workspace) -> None:
    """Orders, the blind share, saved filters, and what can be chosen for a filter."""
    from annotator.model import FIELDS, ArticleFilter, Condition

    window = here.window

    def narrow(wanted: ArticleFilter) -> Callable[[], None]:
        def ask() -> None:
            window.list.set_filter(wanted)
            window.list.filter_changed.emit()

        return ask

    here.do(
        "blind share and seed",
        lambda: window.session.perform(lambda p: p.drawing.change(seed="12345", blind_share=20)),
    )
    for sort in ("random", "by_source", "by_month", "uncertainty"):
        here.do(f"order: {sort}", narrow(ArticleFilter(sort=sort)))  # type: ignore[arg-type]
    here.do("done, in that order", window.walk.done)
    here.undone("done")
    here.undone("blind share and seed")
    wanted = ArticleFilter(conditions=(Condition("actor", BUSY), Condition("open", "yes")), sort="title")
    here.do("filter by the busiest actor", narrow(wanted))
    here.do("filter saved", lambda: window.filters._save("mine"))
    here.do("filter by nothing", narrow(ArticleFilter()))
    here.do("saved filter used", lambda: window.filters._use("mine"))
    here.do("saved filter deleted", lambda: window.filters._delete("mine"))
    here.do("filter by nothing again", narrow(ArticleFilter()))
    here.do("filters: chooser", window.filters.choose)
    chooser = window.list.chooser
    for field in FIELDS:
        chooser._field = field
        running = [True]

        def shown(field: Any, result: Any, running: list[bool] = running) -> None:
            if not result[1]:
                running[0] = False
            type(window.filters)._show(window.filters, field, result)

        window.filters._show = shown
        here.do(f"filters: values of {field}", lambda: chooser._go("values"), lambda r=running: not r[0])
    here.do("filters: closed", window.filters._go_back)


def dialogs(here: Workspace) -> None:
    """Opening and closing what stands beside the window."""
    from PySide6.QtWidgets import QDialog

    from annotator.ui import backups, keys_dialog, project_settings
    from annotator.ui import dialogs as small

    window = here.window
    here.show(3)
    here.do("history", window.dialogs.show_history)
    history = window.dialogs._history
    here.do("history: down the list", lambda: history.acts.selectRow(100_000))
    here.do("history: searched", lambda: history.search.setText("armenia 77"))
    here.do("history: searched, none", lambda: history.search.setText("nothing such"))
    here.do("history: all again", lambda: history.search.setText(""))
    here.do("history: this article", lambda: history.here.setChecked(True))
    here.do("history: all articles", lambda: history.here.setChecked(False))
    here.do("an act with the history open", window.walk.flag)
    here.undone("flag")
    here.do("history: closed", history.reject)
    here.do("find in the article", window.pane.find_bar.open)
    here.do("find in the article: typed", lambda: window.pane.find_bar.field.setText("ka"))
    here.do("find in the article: next", window.pane.find_bar.go_on)
    here.do("find in the article: closed", window.pane.find_bar.leave)
    here.do("palette", window.palette_.open)
    here.do("palette: typed", lambda: window.palette_.field.setText("act"))
    here.do("palette: articles found", lambda: window.palette_.field.setText("kare"))
    here.do("palette: closed", window.palette_.leave)
    here.do("codebook", window.codebook.show)
    codebook = window.codebook._dialog
    here.do("codebook: older wording", lambda: codebook.tabs.setCurrentIndex(codebook.tabs.count() - 1))
    here.do("codebook: closed", codebook.reject)
    here.do(
        "how good are the suggestions",
        window.dialogs.show_evaluation,
        lambda: window.dialogs._evaluation._task is None,
    )
    here.do("how good …: closed", window.dialogs._evaluation.reject)
    here.do(
        "overview",
        window.dialogs.show_overview,
        lambda: (
            window.dialogs._overview.overview is not None and not window.dialogs._overview.counting.running
        ),
    )
    here.do("overview: closed", window.dialogs._overview.reject)
    for name, make in (
        ("project settings", lambda: project_settings.ProjectSettingsDialog(20, "1", True, window)),
        ("metadata", lambda: small.MetadataDialog(here.project.articles.get(3), window)),
        (
            "keys",
            lambda: keys_dialog.KeysDialog(window.actions_, window.session.settings.remember_keymap, window),
        ),
        ("about", lambda: small.AboutDialog("a", "b", window)),
        ("restore", lambda: backups.RestoreDialog(here.project.path, window)),
    ):
        opened: list[QDialog] = []

        def open_it(make: Callable[[], QDialog] = make, opened: list[QDialog] = opened) -> None:
            opened.append(make())
            opened[0].show()

        here.do(name, open_it)
        here.do(f"{name}: closed", opened[0].reject)
    here.do(
        "metadata changed",
        lambda: window.session.perform(
            lambda p: p.articles.edit_metadata(
                3, title="Another title", source="b", url="", author="", published="2024", language="en"
            )
        ),
    )
    here.undone("metadata changed")


PARTS = {part.__name__: part for part in (actors, occurrences, claims, lists, dialogs)}


def main() -> None:
    """Print the gaps."""
    why = "--why" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--why"]
    parts = list(PARTS)
    if "--part" in sys.argv:
        at = sys.argv.index("--part")
        parts = sys.argv[at + 1].split(",")
        del sys.argv[at : at + 2]
    here = place(__doc__)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[variable] = str(here.folder / "home")
    from annotator.project import open_project

    path = here.folder / "workspace.annot"
    if not path.exists():
        shutil.copyfile(here.project(), path)
        with open_project(path, annotator="anna") as project:
            prepare(project)
    from PySide6.QtWidgets import QApplication

    from annotator.ui import theme
    from annotator.ui.app import load_late
    from annotator.ui.garbage import GarbageCollection
    from annotator.ui.main_window import MainWindow
    from annotator.ui.session import Session
    from annotator.ui.settings import Settings

    app = QApplication([])
    theme.apply("light")
    Session.suggest_pending = lambda self: None  # type: ignore[method-assign]  # spaCy is another process
    session = Session(Settings())
    session.settings.set("backups", 0)
    session.settings.set("annotator", "anna")
    session.suggester._start = lambda: None  # type: ignore[method-assign]
    window = MainWindow(session)
    window.show()
    load_late()  # as the program does, like this:
    garbage = GarbageCollection(app)
    ticker = Ticker(app, why)
    workspace = Workspace(app, window, ticker)
    workspace.do("open", lambda: session.open(path))
    workspace.wait()
    garbage.settle()
    until = time.perf_counter() + 2
    ticker.measure("nothing, for 2 s", lambda: None, lambda: time.perf_counter() > until)
    for part in parts:
        PARTS[part](workspace)
    window.close()


if __name__ == "__main__":
    main()
