"""What the keys do with every occurrence: label all at once, or list them first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from annotator.matching import Sought
from annotator.model import LARGE_ACT, Actor, Change
from annotator.ui.chips import cut, sentence
from annotator.ui.occurrences_dialog import OccurrencesDialog
from annotator.ui.present_keys import PresentKeys
from annotator.ui.span_layout import ShownSpan

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

_GO_FIRST = "Go to a span first, or select some text: every place with the same text is found then."


class OccurrenceActs(QObject):
    """Finds and labels every occurrence, from the article, the entities, the search and the actors."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: OccurrencesDialog | None = None
        self._returns = False  # once it is labelled the list has done its work
        self._began_at: tuple[int, str, int, int] | None = None  # the span that is to be active afterwards
        self._left = 0  # places in boilerplate that are not labelled with the others

    def label_here(self) -> None:
        """Label the active span's text wherever else it stands in the article.

        Where something was decided otherwise about one of the places, they are listed first. Places in
        boilerplate are left, and told of.
        """
        from annotator.project.occurrences import occurrences

        window, active = self._window, self._window.pane.view.active
        project, article = window.session.project, window.labelling.article
        if active is None or project is None:
            self._look_at_selection(project=False)
            return
        sought, label = self._sought(active), (active.layer, active.label)
        places = [p for found in occurrences(project, sought, label, article) for p in found.places]
        others = [p for p in places if (p.start, p.end) != (active.start, active.end)]
        text = f"“{cut(sought.names[0], 40)}”"
        if not others:
            self._say(f"{text} stands nowhere else in this article.")
            return
        free = [p.place for p in places if p.state == "free"]
        left = sum(1 for p in others if p.state == "boilerplate")
        if any(p.state not in ("free", "labelled", "boilerplate") for p in others) or (left and not free):
            self._list(sought, label, project=False)
            self._began_at = article, active.layer, active.start, active.end
        elif free:
            self._began_at = article, active.layer, active.start, active.end
            self._left = left
            self._label_at_once(*label, free)
        else:
            self._say(f"{text} is {active.label} everywhere in this article.")

    def label_project(self) -> None:
        """List every place of the active span's text in the project, ticked, to be labelled."""
        active = self._window.pane.view.active
        if active is None:
            self._look_at_selection(project=True)
        else:
            self._list(self._sought(active), (active.layer, active.label), project=True)
            self._began_at = self._window.labelling.article, active.layer, active.start, active.end

    def search(self) -> None:
        """Look for words in the whole project: what is selected in the article, or what is typed."""
        start, end = self._window.pane.view.raw_selection()
        chosen = self._window.labelling.text[start:end].strip()
        names = (chosen,) if chosen and "\n" not in chosen else ()
        self._returns, self._began_at = False, None
        sought = Sought(names, case=False, variants=True)
        self._shown().look_for(sought, None, self._window.labelling.article)

    def of_actor(self, actor: Actor) -> None:
        """List every place of an actor's names in the project, to be labelled with its kind."""
        label = ("entity", actor.kind) if actor.kind is not None else None
        self._returns, self._began_at = False, None
        sought = Sought((actor.name, *actor.aliases))
        self._shown().look_for(sought, label, self._window.labelling.article)

    def _sought(self, active: ShownSpan) -> Sought:
        text = self._window.labelling.text
        sought = Sought((text[active.start : active.end],))
        here = (active.start, active.end) in sought.finder()(text)
        return sought if here else Sought(sought.names, whole=False)  # its edges lie within words

    def _look_at_selection(self, *, project: bool) -> None:
        selected = self._window.pane.view.selected_span()
        if selected is None:
            self._say(_GO_FIRST)
        else:
            names = (self._window.labelling.text[slice(*selected)],)
            self._list(Sought(names), None, project=project)

    def _list(self, sought: Sought, label: tuple[str, str] | None, *, project: bool) -> None:
        self._returns, self._began_at = True, None
        self._shown().look_for(sought, label, self._window.labelling.article, project=project)

    def _shown(self) -> OccurrencesDialog:
        if self._dialog is None:
            self._dialog = OccurrencesDialog(self._window.session, self._window)
            self._dialog.label_wanted.connect(self._label)
            self._dialog.place_wanted.connect(self._go_to)
            self._dialog.undo_wanted.connect(self._window.undo)
            self._dialog.redo_wanted.connect(self._window.redo)
            PresentKeys(self._dialog, self._window.actions_, self._dialog.shortcuts)
        self._window.note.flush()
        return self._dialog

    # What follows from the list

    def _go_to(self, article: int, start: int, end: int) -> None:
        """Open an article with a place selected; the list stays."""
        window = self._window
        if window.labelling.article != article:
            window.show_article(article)
        if window.labelling.article == article:
            window.pane.view.show_place(start, end)
            window.activateWindow()
            window.focus_article()

    def _label_at_once(self, layer: str, label: str, places: list[tuple[int, int, int]]) -> None:
        """Label places of the open article before the next key is heard, unless they are very many."""
        window, article = self._window, self._window.labelling.article
        if len(places) > LARGE_ACT:
            self._label(layer, label, places)
            return
        window.note.flush()
        spans = [(start, end) for _, start, end in places]
        change = window.session.perform(
            lambda project: project.annotations.label_here(layer, label, article, spans)
        )
        if change is not None:
            self._done(change)

    def _label(self, layer: str, label: str, places: list[tuple[int, int, int]]) -> None:
        window, project = self._window, self._window.session.project
        if project is None or not window.session.writable:
            return
        window.note.flush()
        if window.session.check_outside():
            steps = project.annotations.label_many(layer, label, places)
            task = window.files.run("Labelling", steps, is_act=True)
            if task is not None:
                task.finished.connect(self._labelled)
                task.cancelled.connect(self._cancelled)

    def _labelled(self, change: Change) -> None:
        self._window.session.announce(change)
        self._done(change)

    def _done(self, change: Change) -> None:
        """Go on where it began, and say what was labelled."""
        window, at, left = self._window, self._began_at, self._left
        self._began_at, self._left = None, 0
        if at is not None and window.labelling.article == at[0]:
            window.labelling.go_to(*at[1:])  # a suggestion that was accepted is another span now
        if self._dialog is not None and self._dialog.isVisible() and self._returns:
            self._dialog.accept()
            window.activateWindow()
            window.pane.view.setFocus(Qt.FocusReason.OtherFocusReason)
        rest = f" {left:,} in boilerplate left: {{everywhere}} lists them." if left else ""
        self._say(sentence(change.text) + window.actions_.words(rest + " {undo} takes it back."))

    def _cancelled(self) -> None:
        self._began_at, self._left = None, 0
        self._window.notify("Cancelled: nothing was labelled.")

    def _say(self, words: str) -> None:
        self._window.status.say(words)
