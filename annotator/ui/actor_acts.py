"""What the keys do to the actor behind the current row or the active span: confirm, rename, merge, split."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from annotator.model import Change
from annotator.ui.actors_dialog import ActorsDialog
from annotator.ui.chips import sentence
from annotator.ui.choose_dialog import Choice, ask_name, choices, choose
from annotator.ui.present_keys import PresentKeys
from annotator.ui.spans_model import PanelSpan, SpanGroup
from annotator.ui.tasks import BackgroundStep

if TYPE_CHECKING:
    from annotator.project import Project
    from annotator.ui.main_window import MainWindow

READ_AFTER = 1_500  # milliseconds after an opening: there is enough to do until then


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An actor, with the names of the mentions that are meant: all of a group, or one mention's."""

    actor: str
    label: str
    mentions: tuple[PanelSpan, ...]
    one: bool  # a mention, not the whole group

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(" ".join(mention.quote.split()) for mention in self.mentions))


class ActorActs(QObject):
    """Acts on actors, from the article and the entities panel; each is one step to undo."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: ActorsDialog | None = None
        self._reading = QTimer(self, singleShot=True, interval=READ_AFTER)
        self._reading.timeout.connect(self._read_names)
        window.session.opened.connect(self._reading.start)
        window.spans.sorted_by_count.connect(self._show_order)

    def _read_names(self) -> None:
        """Read the known names, which the first act on an actor would wait for, beside the window."""
        from annotator.project.facts import known_names

        BackgroundStep(known_names, self)

    def _chosen(self) -> _Chosen | None:
        active = self._window.pane.view.active
        row = self._window.spans.chosen(active.key if active is not None else None)
        if isinstance(row, SpanGroup) and row.entity:
            return _Chosen(row.actor or row.name, row.label, tuple(row.mentions), one=False)
        if isinstance(row, PanelSpan) and row.layer == "entity":
            name = row.actor or " ".join(row.quote.split())
            return _Chosen(name, row.label, (row,), one=True)
        say = "Go to an entity first: click it, or press {next_suggestion}."
        self._window.status.say(self._window.actions_.words(say))
        return None

    def _perform(self, act: Callable[[Project], Change | None]) -> None:
        change = self._window.session.perform(act)
        if change is not None:
            words = sentence(change.text) if change.tables else "Nothing to change: it is so already."
            self._window.status.say(words)

    def _perform_long(
        self,
        names: Iterable[str],
        act: Callable[[Project], Change | None],
        title: str,
        steps: Callable[[Project], Generator[Any, None, Change]],
    ) -> None:
        """Do one act; in steps where many annotations are about the actors ``names``."""
        project = self._window.session.project
        if project is not None and project.actors.is_large(*names):
            self.run(title, steps(project))
        else:
            self._perform(act)

    def run(self, title: str, steps: Generator[Any, None, Change]) -> None:
        """Do an act on many annotations in steps, with progress and a cancel that takes all of it back."""
        window = self._window
        window.note.flush()
        if not window.session.writable or not window.session.check_outside():
            return
        task = window.files.run(title, steps, is_act=True)
        if task is not None:
            task.finished.connect(self._done)
            task.cancelled.connect(self._cancelled)

    def _done(self, change: Change) -> None:
        window, dialog = self._window, self._dialog
        window.session.announce(change)
        window.tell(change)
        if dialog is not None:
            dialog.done_with(change)
            dialog.settle()

    def _cancelled(self) -> None:
        words = "Cancelled: no actor was changed."
        self._window.notify(words)
        if self._dialog is not None:
            self._dialog.settle(words)

    def confirm(self) -> None:
        """Make the actor, with the names that stand for it here, one of the project."""
        chosen = self._chosen()
        if chosen is not None:
            mine = [key[1] for key in (m.key for m in chosen.mentions) if key[0] == "annotation"]
            self._perform(
                lambda project: project.actors.confirm(chosen.actor, chosen.names, chosen.label, mine)
            )

    def rename(self) -> None:
        """Ask what the actor is to be called in the whole project."""
        if (chosen := self._chosen()) is not None:
            name = ask_name(self._window, "Rename the actor", f"What is {chosen.actor} called?", chosen.actor)
            if name is not None:
                self._perform(lambda project: project.actors.rename(chosen.actor, name, chosen.label))

    def merge(self) -> None:
        """Ask who the actor really is, and make the two one."""
        if (chosen := self._chosen()) is not None:
            into = choose(
                "Merge into another actor",
                f"{chosen.actor} is the same as:",
                self._others(chosen.actor),
                self._window,
                new=True,
            )
            if into is not None:
                self._perform_long(
                    [chosen.actor],
                    lambda project: project.actors.merge(into, chosen.actor, chosen.label),
                    "Merging",
                    lambda project: project.actors.merge_in_steps(into, chosen.actor, chosen.label),
                )

    def split(self) -> None:
        """Give a name of the actor to a new one: the current mention's, or one that is chosen."""
        chosen = self._chosen()
        if chosen is None:
            return
        names = [name for name in chosen.names if name != chosen.actor]
        if not names:
            self._window.status.say(f"{chosen.actor} has no other name here that could be split off.")
            return
        name: str | None = names[0]
        if len(names) > 1:
            words = f"Which name does not mean {chosen.actor}?"
            name = choose("Split a name off", words, [(n, "") for n in names], self._window)
        if name is None:
            return
        split_off = name
        new = ask_name(self._window, "Split a name off", f"Who is {split_off}? A new actor:", split_off)
        if new is not None:
            self._perform_long(
                [chosen.actor],
                lambda project: project.actors.split(chosen.actor, [split_off], new, chosen.label),
                "Splitting",
                lambda project: project.actors.split_in_steps(chosen.actor, [split_off], new, chosen.label),
            )

    def assign(self) -> None:
        """Ask whom the mention speaks of: this one alone where it is decided, else the name everywhere."""
        chosen = self._chosen()
        if chosen is None:
            return
        mention = chosen.mentions[0]
        decided = chosen.one and not mention.suggested
        what = f"This {chosen.names[0]}" if decided else chosen.names[0]
        actor = choose("Assign to an actor", f"{what} is:", self._others(""), self._window, new=True)
        if actor is None:
            return
        if decided:
            self._perform(lambda project: project.actors.assign(mention.key[1], actor))
        else:
            self.assign_name(chosen.names[0], actor, chosen.label)

    def assign_name(self, name: str, actor: str, label: str | None = None) -> None:
        """Let a name stand for an actor everywhere; ``label`` is the kind of one that is made for it."""
        project = self._window.session.project
        if project is not None:
            self._perform_long(
                [other for other in project.actors.also_called(name) if other != actor],
                lambda project: project.actors.assign_name(name, actor, label),
                "Assigning",
                lambda project: project.actors.assign_name_in_steps(name, actor, label),
            )

    def next_bloc(self) -> None:
        """Set the actor's bloc to the codebook's next one; after the last comes none."""
        chosen, project = self._chosen(), self._window.session.project
        if chosen is not None and project is not None:
            blocs = [*project.codebook.blocs(), None]
            now = chosen.mentions[0].bloc or None
            following = blocs[(blocs.index(now) + 1) % len(blocs)] if now in blocs else blocs[0]
            self._perform(lambda project: project.actors.set_bloc(chosen.actor, following, chosen.label))

    def _others(self, but: str) -> list[Choice]:
        """Return the project's actors and those that are suggested in this article."""
        project = self._window.session.project
        known = {actor.name: actor for actor in (project.actors.all() if project is not None else ())}
        suggested = {span.actor for span in self._window.labelling.panel_spans() if span.actor}
        return choices([*known.values()], suggested - known.keys(), but)

    def show_all(self) -> None:
        """Show the project's actors, beside the window."""
        if self._dialog is None:
            self._dialog = ActorsDialog(self._window.session, self._window)
            self._dialog.changing.connect(self._window.note.flush)
            self._dialog.undo_wanted.connect(self._window.undo)
            self._dialog.redo_wanted.connect(self._window.redo)
            self._dialog.with_keys = self._window.actions_.words
            PresentKeys(self._dialog, self._window.actions_, self._dialog.shortcuts)
            self._dialog.long_wanted.connect(self.run)
            self._dialog.occurrences_wanted.connect(self._window.occurrences.of_actor)
        self._dialog.open_beside()

    def gather(self) -> None:
        """Gather the entities by actor, or by name, as the menu says; and remember it."""
        by_actor = self._window.actions_["by_actor"].isChecked()
        self._window.session.settings.set("by_actor", int(by_actor))
        self._window.spans.set_by_actor(by_actor)

    def sort(self) -> None:
        """Sort the entities by count, or as in the text, as the menu says."""
        self._window.spans.sort(by_count=self._window.actions_["by_count"].isChecked())

    def _show_order(self, by_count: bool) -> None:
        self._window.actions_["by_count"].setChecked(by_count)

    def restore(self) -> None:
        """Gather the entities as they were in the last session."""
        by_actor = bool(self._window.session.settings.number("by_actor", 1))
        self._window.actions_["by_actor"].setChecked(by_actor)
        self._window.spans.set_by_actor(by_actor)
