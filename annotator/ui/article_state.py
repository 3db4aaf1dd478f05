"""The open article in the panes: head, stance, evidence, entities, note; and what is chosen there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from annotator.ui.article_labels import article_words
from annotator.ui.span_rows import for_reader
from annotator.ui.tasks import TURN, paint_later

if TYPE_CHECKING:
    from annotator.project.near_duplicates import NearDuplicate
    from annotator.ui.main_window import MainWindow

BLIND = "Blind: choose first, the suggestion is shown then"


class ArticleState(QObject):
    """Shows what is known of the open article in the panes, and carries out what is chosen in the panels."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._notice: str | None = None
        window.session.opened.connect(self.begin)
        window.labelling.stance_reached.connect(self._mark_stance)
        window.stance.chosen.connect(self._choose_stance)
        window.stance.cleared.connect(self._clear_stance)
        window.stance.evidence_clicked.connect(self._show_evidence)
        window.spans.span_activated.connect(self._activate)
        window.note.note_changed.connect(self._keep_note)

    def begin(self) -> None:
        """Make ready for another article: the turn that reads it paints nothing, the next one its text."""
        self._window.spans.tree.scrollToTop()  # the place in another article's list says nothing
        self.paint_in_turn()

    def paint_in_turn(self) -> None:
        """Have the text painted in the next turn and the panels some after it, however much is shown now."""
        paint_later(self._window.pane.view, after=TURN)
        paint_later(self._window.panels)

    def paint_moved(self) -> None:
        """Have all three panes painted turn by turn: they move, and together they would be felt."""
        self.paint_in_turn()
        paint_later(self._window.list.table)

    def show(self, *, spans: bool = True) -> None:
        """Show the open article's head and note, and unless they are as they were its stance and spans."""
        window = self._window
        project, labelling = window.session.project, window.labelling
        suggestion, is_open = labelling.stance_suggestion()
        notice, pending, detected, note = None, False, None, ""
        alike: list[NearDuplicate] = []
        grouped = 0
        if project is not None and labelling.article:
            notice = project.suggestions.notice(labelling.article)
            if project.drawing.hidden([labelling.article]):
                notice = BLIND
            pending = project.suggestions.is_pending(labelling.article)
            detected = project.suggestions.language(labelling.article)
            note = project.articles.progress(labelling.article).note
            alike = project.near_duplicates.of(labelling.article)
            grouped = len(project.near_duplicates.group(labelling.article)) - 1
        self._notice = notice
        window.pane.show_head(labelling.stored, labelling.open_count(), pending, detected, alike, grouped)
        if spans:
            self.show_stance()
            window.claims.show()
            window.spans.show_spans(labelling.panel_spans())
            window.key_words.show_no_entities()
            active = window.pane.view.active
            window.spans.set_active(active.key if active is not None else None)
            window.pane.view.set_evidence(suggestion.evidence if suggestion is not None and is_open else ())
        window.note.set_note(note)
        window.appearance.panes.tell()
        window.enable()

    def show_stance(self) -> None:
        """Show the stance panel, with the keys that its labels have now, and the article's other labels."""
        window = self._window
        labelling, actions = window.labelling, window.actions_
        suggestion, is_open = labelling.stance_suggestion()
        if suggestion is not None:
            read = for_reader(suggestion.reason, window.session.annotator)
            suggestion = replace(suggestion, reason=read)
        quotes = [labelling.text[a:b] for a, b in suggestion.evidence] if suggestion is not None else []
        labels = labelling.codebook.labels("stance") if window.session.project is not None else ()
        if (chosen := labelling.stance()) is not None and all(label.name != chosen for label in labels):
            # Retired: it is the article's all the same.
            labels = (*labels, labelling.codebook.label("stance", chosen))
        shown = [replace(label, key=actions.shown(f"label/stance/{label.name}")) for label in labels]
        words = article_words(labelling.codebook, labelling.annotations.values())
        window.stance.article_labels.show_words(words)
        window.stance.show_stance(shown, chosen, suggestion, is_open, quotes, self._notice)

    def follow_active(self) -> None:
        """Name the keys of the stance panel's buttons only while they are about the article's stance."""
        about_span = self._window.pane.view.active is not None
        shown = self._window.actions_.shown
        keys = "" if about_span else shown("certainty"), "" if about_span else shown("span_note")
        self._window.stance.passages.show_keys(*keys, shown("derive"))

    def _mark_stance(self, reached: bool) -> None:
        words = self._window.actions_.words("{accept} accepts it · {reject} rejects it")
        self._window.stance.set_current(words if reached else "")

    def _choose_stance(self, label: str) -> None:
        article = self._window.labelling.article
        self._window.session.perform(lambda project: project.annotations.add(article, "stance", label))

    def _clear_stance(self) -> None:
        article = self._window.labelling.article
        self._window.session.perform(
            lambda project: project.annotations.clear_article_label(article, "stance")
        )

    def _show_evidence(self, index: int) -> None:
        suggestion, _ = self._window.labelling.stance_suggestion()
        if suggestion is not None and index < len(suggestion.evidence):
            self._window.pane.view.set_evidence(suggestion.evidence, focus=suggestion.evidence[index])

    def _activate(self, key: tuple[str, int]) -> None:
        self._window.pane.view.set_active(key)
        self._window.enable()

    def _keep_note(self, note: str) -> None:
        article = self._window.labelling.article
        if article:
            self._window.session.perform(lambda project: project.articles.set_note(article, note))
