"""The open project and its worker; the one ``changed`` signal that every view listens to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.model import (
    Actor,
    AnnotatorError,
    Answer,
    Cancelled,
    Change,
    DamagedProjectError,
    RefusedError,
    StorageError,
    ZoneDecisions,
    no_model,
)
from annotator.ui.learning import StanceLearning
from annotator.ui.model_use import ModelUse
from annotator.ui.opening import Opening
from annotator.ui.settings import Settings
from annotator.ui.suggester import Suggester
from annotator.ui.tasks import (
    BackgroundStep,
    begin_step,
    explain_with,
    is_stepping,
    let_step_end,
    person_acts,
    wait_for_step,
)

if TYPE_CHECKING:
    from annotator.model import ArticleRow
    from annotator.project import Project

SOON = 200  # milliseconds


class Session(QObject):
    """Owns the project file and the suggester. Views hold ids and ask here."""

    closing = Signal()  # the project is about to be closed; hand in what is still pending
    opened = Signal()  # another project is open, or none any more; read everything anew
    changed = Signal(object)  # Change
    suggestions_changed = Signal(object)  # list of article ids
    notified = Signal(str)  # something the person should know
    refused = Signal(object)  # StorageError: an act that could not be saved; ``failed`` says it
    failed = Signal(str)  # something did not work: one plain sentence
    opening = Signal(object)  # an Opening that takes its time: to be shown, with a cancel

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self._project: Project | None = None
        self._last: Path | None = None  # of the project that was closed last: a step of it may end later
        self._pending: Iterator[list[int]] = iter(())  # articles still to be looked for
        self._withdrawn: list[Iterator[list[int]]] = []  # those that lost some suggestions
        self._gone = False  # it was said that the file is not in its place
        self._opening: Opening | None = None
        self.called_off = False  # the last opening was, by the person
        self.damaged: Path | None = None  # the project that could not be opened, until another one is
        self.models = ModelUse(settings)
        self._used: dict[str, str] = {}  # by language: the pipelines that the worker was told of
        self.suggester = Suggester(
            self._article_text,
            self,
            zones=self._zone_decisions,
            models=self._model_words,
            reuse=self._reuse,
            own_prose=self._own_prose,
        )
        self.suggester.suggested.connect(self._store_suggestions)
        self.suggester.restanced.connect(self._store_stances)
        self.suggester.failed.connect(self._suggester_failed)
        self.suggester.notice.connect(self.notified)
        self.changed.connect(self._follow_models)
        self.learning = StanceLearning(self)
        self.suggester.actors = self._actors
        explain_with(self._plain)
        self.changed.connect(self._actors_may_differ)

    @property
    def project(self) -> Project | None:
        """The open project, None before the first is open.

        Asked for anew at each turn of the event loop: a step of long work may use it between two turns.
        """
        if self._project is not None:
            wait_for_step()
        return self._project

    @property
    def is_open(self) -> bool:
        """Whether there is a project."""
        return self._project is not None

    @property
    def writable(self) -> bool:
        """Whether there is a project that may be changed."""
        return self._project is not None and not self._project.read_only

    @property
    def annotator(self) -> str:
        """The name under which this person annotates."""
        from annotator.project.lock import user_name

        return self.settings.text("annotator") or user_name()

    def open(self, path: Path) -> bool:
        """Open a project instead of the present one; tell whether it is open now.

        A project that somebody else has, or that is write-protected, is opened for reading. The
        present one is closed only once the other one is open, unless it is the same.
        """
        if self._opening is not None:
            self.failed.emit(f"{self._opening.path.name} is being opened. Wait for it, or cancel it first.")
            return False
        self.called_off = False
        wait_for_step()  # the file may be the one that is being closed
        again = self._project is not None and _same(self._project.path, path)
        if again:
            self.close()  # its own lock would be in the way
        opening = self._opening = Opening(path, self.annotator, self)
        opening.slow.connect(self._opening_is_slow)
        try:
            project, warning = opening.run()
        except (AnnotatorError, Cancelled) as error:
            if opening.abandoned:
                return False
            if again:
                self.opened.emit()
            if isinstance(error, Cancelled):
                self.called_off = True
                self.notified.emit(f"Cancelled: {path.name} was not opened, and nothing in it was changed.")
            else:
                if isinstance(error, DamagedProjectError):
                    self.damaged = path
                self.failed.emit(str(error))
            return False
        finally:
            self._opening = None
        if opening.abandoned:  # it was too late to call it off
            project.close()
            return False
        self._take(project)
        wait_for_step()  # the window may be listing it already
        act = project.interrupted
        if warning:
            cut_off = (
                f" “{act.text}” is still going on there, or was cut off: a part of it may be shown here."
                if act is not None
                else ""
            )
            self.failed.emit(f"Open for reading only. {warning}{cut_off}")
        elif (others := project.annotators()) and self.annotator not in others:
            names = ", ".join(others)
            self.notified.emit(
                f"You annotate as {self.annotator}. Labels by {names} are in this project too and stay as "
                "they are; Tools > Your name changes who you are."
            )
        if act is not None and not project.read_only:
            end = "That step was rolled back; everything before it is there."
            if act.state != "open":
                end = "Rows of another program are in the way, so it is kept as it stands (Edit > History)."
            self.notified.emit(f"The program ended while it was at “{act.text}”. {end}")
        return True

    def _opening_is_slow(self) -> None:
        self.opening.emit(self._opening)

    def create(self, path: Path) -> bool:
        """Create a project and open it; tell whether that worked."""
        from annotator.project import create_project

        try:
            self._take(create_project(path, annotator=self.annotator))
        except AnnotatorError as error:
            self.failed.emit(str(error))
            return False
        return True

    def _take(self, project: Project) -> None:
        self.close()
        while self._project is not None:  # another was opened in the event loop, which turned meanwhile
            self.close()
        self._project = project
        self._gone = False
        self.damaged = None
        self.opened.emit()

    def close(self) -> None:
        """Close the project, if one is open or being opened, and end the worker."""
        if self._opening is not None:
            self._opening.abandon()
        if self._project is not None:
            let_step_end()
        if self._project is not None:  # still: the event loop turned
            self.closing.emit()
        self.stop_suggesting()
        project, self._project = self._project, None
        if project is not None:
            self._last = project.path
            closed = begin_step(project.close)  # after what was begun; a drive may take long for it
            let_step_end()
            closed.result()

    def rename_annotator(self, name: str) -> None:
        """Go on under another name, here and from now on; what others labelled stays theirs."""
        self.settings.set("annotator", name)
        if (project := self.project) is not None:
            project.annotator = name
            self.changed.emit(Change(f"annotating as {name}", None, frozenset({"annotators"})))

    def perform(self, act: Callable[[Project], Change | None]) -> Change | None:
        """Do one act and tell every view; what cannot be done is said in one sentence."""
        person_acts()
        if self.project is None:
            return None
        if (error := self._look_outside()) is not None:
            self.refused.emit(error)
            return None
        if (project := self.project) is None:  # asked for again: the views that looked may have begun a step
            return None
        try:
            change = act(project)
        except AnnotatorError as refusal:
            self.refuse(refusal)
            self.failed.emit(str(refusal))
            return None
        if change is not None and change.tables:
            self.changed.emit(change)
        return change

    def refuse(self, error: AnnotatorError) -> None:
        """Tell every view what stands in the file although an act was refused; ``failed`` is to say why."""
        change = error.change if isinstance(error, RefusedError) else self._half_done()
        if change is not None:
            self.changed.emit(change)
        if isinstance(error, StorageError | DamagedProjectError):
            self.refused.emit(error)

    def _half_done(self) -> Change | None:
        project = self.project
        try:
            return project.history.half_done_change() if project is not None else None
        except AnnotatorError:  # the file cannot be read either
            return None

    def announce(self, change: Change | None) -> None:
        """Tell every view of what a stepped act changed."""
        if change is not None and change.tables:
            self.changed.emit(change)

    def rows_in_step(self, articles: Sequence[int]) -> list[ArticleRow]:
        """Return what the list shows of some articles; called within a step, or while there is none."""
        if self._project is None:
            return []
        with self._project.plain_errors():
            return self._project.articles.rows(articles)

    def check_outside(self) -> bool:
        """Read everything anew if another program changed the file; tell whether it can be read.

        That it was deleted or replaced is said once; it can still be read then. While a step of long work
        goes on nobody looks (the window would wait for it), but soon after.
        """
        return self._look_outside() is None

    def _look_outside(self) -> AnnotatorError | None:
        """Do what :meth:`check_outside` does; return why the file cannot be read, which is said."""
        if is_stepping():
            QTimer.singleShot(SOON, self.check_outside)
            return None
        project = self.project
        if project is None:
            return None
        gone = project.gone()
        if gone is not None and not self._gone:
            self.failed.emit(str(gone))
        self._gone = gone is not None
        try:
            changed = project.changed_outside()
        except AnnotatorError as error:
            self.failed.emit(str(error))
            return error
        if changed:
            self.changed.emit(Change("changed by another program", None, frozenset({"articles"})))
        return None

    def explain(self, error: BaseException) -> bool:
        """Say what a fault of disk or file is, met where nobody expected one; False where it is a bug."""
        plain = self._plain(error)
        if plain is not None:
            self.failed.emit(str(plain))
        return plain is not None

    def _plain(self, error: BaseException) -> AnnotatorError | None:
        from annotator.project.faults import explain

        if isinstance(error, AnnotatorError):
            return error
        path = self._project.path if self._project is not None else self._last
        return explain(error, path) if path is not None else None  # asks the file nothing

    def suggest_pending(self) -> None:
        """Let the worker suggest for all articles that have nothing yet, or had no model and have one now.

        They are looked for beside the window, some at a time.
        """
        project = self.project
        if project is not None and self.writable:
            self._used = self.models.used(project)
            outdated = [no_model(language) for language in self._used]
            self._pending = project.suggestions.pending_pages(outdated)
            self._withdrawn.append(project.codebook.suggesting_again())  # labels may be back without a window
            for pages in (self._withdrawn[-1], self._pending):  # last: from here on a step has the project
                self._look_for_pending(pages)

    def suggest_withdrawn(self) -> None:
        """Let the worker suggest for the articles that lost suggestions of labels which are offered again."""
        project = self.project
        if project is not None and self.writable:
            self._withdrawn.append(project.codebook.suggesting_again())
            self._look_for_pending(self._withdrawn[-1])

    def _look_for_pending(self, pages: Iterator[list[int]]) -> None:
        step = BackgroundStep(partial(next, pages, None), self)
        step.finished.connect(partial(self._found_pending, pages))
        step.failed.connect(self.failed)

    def _found_pending(self, pages: Iterator[list[int]], articles: list[int] | None) -> None:
        if pages is not self._pending and pages not in self._withdrawn:
            return  # of a project that was closed since
        if articles:
            self.suggester.schedule(articles)
        if articles is not None:
            self._look_for_pending(pages)
        elif pages in self._withdrawn:
            self._withdrawn.remove(pages)

    def stop_suggesting(self) -> None:
        """End the worker, and look for no more articles for it."""
        self._pending = iter(())
        self._withdrawn.clear()
        self.suggester.stop()

    def choose_model(self, language: str, name: str | None) -> None:
        """Name the project's pipeline for a language (None: none); the person here has agreed to load it."""
        if name is not None:
            self.models.remember(name, True)
        self.perform(lambda project: project.model_choices.choose(language, name))

    def use_models(self) -> None:
        """Let a worker with other pipelines suggest anew where another pipeline did, if they have changed."""
        project = self.project
        if project is None or not self.writable:
            return
        used = self.models.used(project)
        if used == self._used:
            return
        changed = {
            language for language in {*used, *self._used} if used.get(language) != self._used.get(language)
        }
        former = {self._used[language] for language in changed if language in self._used}
        former |= {no_model(language) for language in changed}
        self.stop_suggesting()
        try:
            project.suggestions.forget_runs(former - set(used.values()))
        except AnnotatorError as error:
            self.failed.emit(str(error))
            return
        self.suggest_pending()

    def suggest_again(self) -> None:
        """Let the worker suggest for all articles anew; what people decided is not touched."""
        if self.writable and self._project is not None:
            step = BackgroundStep(self._project.suggestions.forget_runs, self)
            step.finished.connect(self.suggest_pending)
            step.failed.connect(self.failed)

    def _suggester_failed(self, message: str) -> None:
        self._pending = iter(())
        self.failed.emit(message)

    def suggest_anew(self, article: int) -> None:
        """Let the worker suggest for an article at once that has suggestions: its zones have changed."""
        project = self.project
        if project is not None and self.writable and not project.suggestions.is_pending(article):
            self.suggester.anew(article)

    def _zone_decisions(self, article: int) -> ZoneDecisions:
        project = self.project
        return ZoneDecisions() if project is None else project.annotations.zone_decisions(article)

    def _actors(self) -> list[Actor]:
        project = self.project
        return project.actors.all() if project is not None else []

    def _actors_may_differ(self, change: Change) -> None:
        # What another program did comes as a change of articles, whatever it was.
        if not change.tables.isdisjoint(("actors", "aliases", "articles")):
            self.suggester.forget_actors()

    def _article_text(self, article: int) -> tuple[str, str | None]:
        project = self.project
        if project is None:
            raise KeyError(article)
        stored = project.articles.get(article)
        return stored.text, stored.language

    def _own_prose(self, article: int) -> str:
        from annotator.project.stance_labels import own_prose

        project = self.project
        if project is None:
            raise KeyError(article)
        return own_prose(project, article)

    def _follow_models(self, change: Change) -> None:
        """Let the worker follow when the project's choice of a pipeline is undone or redone."""
        if self._used and "settings" in change.tables:
            self.use_models()

    def _model_words(self) -> list[str]:
        return [f"{language}={name}" for language, name in self._used.items()]

    def _reuse(self, article: int, config: str) -> bool:
        project = self.project
        if project is None or project.read_only:
            return False
        try:
            copied = project.suggestions.copy_equal(article, config)
        except AnnotatorError as error:
            self.stop_suggesting()
            self.failed.emit(str(error))
            return True
        if copied:
            self.suggestions_changed.emit([article])
        return copied

    def _store_suggestions(self, answers: list[Answer]) -> None:
        if self._project is not None:
            self._store_beside(partial(self._project.suggestions.store, answers))

    def _store_stances(self, answers: list[Answer]) -> None:
        if self._project is not None:
            self._store_beside(partial(self._project.suggestions.store_stances, answers))

    def _store_beside(self, store: Callable[[], list[int]]) -> None:
        """Store beside the window: nobody waits for suggestions, and a commit takes what the disk takes."""
        if self._project is not None and not self._project.read_only:
            step = BackgroundStep(store, self)
            step.finished.connect(self._stored)
            step.failed.connect(self._could_not_store)

    def _stored(self, articles: list[int]) -> None:
        if self._project is not None:  # it may have been closed since
            self.suggestions_changed.emit(articles)

    def _could_not_store(self, message: str) -> None:
        self.stop_suggesting()
        self.failed.emit(message)


def _same(a: Path, b: Path) -> bool:
    """Tell whether two paths lead to one place, be there a file or not."""
    return a.resolve() == b.resolve()
