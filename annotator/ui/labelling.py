"""What the keys do to the open article: label, accept, reject, move edges, walk the suggestions."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotator.model import Annotation, Article, Change, Codebook, Layer, Suggestion
from annotator.ui.article_labels import means_article
from annotator.ui.article_view import ArticleView
from annotator.ui.session import Session
from annotator.ui.span_layout import Key, ShownSpan
from annotator.ui.span_rows import SpanRows
from annotator.ui.spans_model import PanelSpan

if TYPE_CHECKING:
    from annotator.project import Project
    from annotator.project.touched import Stretch

Zones = frozenset[tuple[int, int, str]]
"""The zones that count for the person, as (start, end, label)."""

Blocs = dict[str, str | None]
"""The blocs of actors that the project has, by name."""

Decision = tuple[int | None, int | None, str, object]
"""Start, end and layer of an annotation or an open suggestion, and what it says."""

_BESIDE_SPANS = frozenset({"articles", "progress"})  # tables that say nothing about the spans of an article


class Labelling(QObject):
    """The open article's annotations and open suggestions, and the acts on them."""

    active_changed = Signal(object)  # an act made another span active: its key, or None
    told = Signal(str)  # what an act did, or why it did nothing, where the text does not show it
    acted = Signal(object)  # a Change that is easily not seen, or not meant
    rejected = Signal(object)  # the ShownSpan of a suggestion, when it is gone
    advised = Signal(str)  # what to do instead of what did nothing; commands stand in braces
    stance_reached = Signal(bool)  # whether the walk has come to the article's suggested stance

    def __init__(self, session: Session, view: ArticleView, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._view = view
        self.article = 0
        self.stored: Article | None = None
        self.text = ""
        self.codebook = Codebook(0, ())
        self.annotations: dict[int, Annotation] = {}
        self.suggestions: dict[int, Suggestion] = {}
        self._zones: Zones = frozenset()
        self.blocs: Blocs = {}  # of the article's actors that the project has
        self._shown: dict[Key, tuple[Annotation | Suggestion, ShownSpan]] = {}
        self._shown_with: tuple[Codebook, Blocs] = self.codebook, {}
        self._rows = SpanRows(self)
        self.at_stance = False
        view.tooltip_for = self.explain
        view.cursorPositionChanged.connect(self.leave_stance)
        session.changed.connect(self._follow_zones)

    # Reading

    def open(self, article: int) -> None:
        """Show an article; 0 shows none."""
        project = self._session.project
        stored = project.articles.get(article) if project is not None and article else None
        # All is read before any of it is shown: where the drive fails, what is on the screen stays open.
        read = self._read(article)
        self.article, self.stored = article, stored
        self.text = stored.text if stored is not None else ""
        self._shown, self._rows = {}, SpanRows(self)  # the numbers of suggestions are an article's own
        self.leave_stance()
        self._view.show_article(self.text)
        if not article:
            self._view.said_instead = ""
        self._take(*read)

    def reload(self) -> None:
        """Read the open article's annotations and suggestions anew."""
        self._take(*self._read(self.article))

    def follow(self, change: Change) -> bool:
        """Read anew what a change of the open article touched; tell whether its spans may be others now."""
        from annotator.project.touched import touched_stretches  # late: as the project's other modules

        project = self._session.project
        if project is None:
            return False
        spans = change.article is None or not change.tables <= _BESIDE_SPANS
        stretches = touched_stretches(project, change) if spans else set()
        read = self._read(self.article) if stretches is None else None
        if self.article and (change.article is None or "articles" in change.tables):
            self.stored = project.articles.get(self.article)
        if read is not None:
            self._take(*read)
        elif stretches:
            self._read_again(project, stretches)
        return spans

    def _read(self, article: int) -> tuple[Codebook, list[Annotation], list[Suggestion], Zones, Blocs]:
        project = self._session.project
        if project is None or not article:
            return self.codebook, [], [], frozenset(), {}
        annotations, suggestions = project.annotations.of(article), project.suggestions.open(article)
        return (
            project.codebook.read(),
            annotations,
            suggestions,
            project.suggestions.zones_in_force(article),
            project.actors.blocs(_actors(annotations, suggestions)),
        )

    def _take(
        self,
        codebook: Codebook,
        annotations: list[Annotation],
        suggestions: list[Suggestion],
        zones: Zones,
        blocs: Blocs,
    ) -> None:
        self.codebook, self._zones, self.blocs = codebook, zones, blocs
        if (codebook, blocs) != self._shown_with:
            self._shown_with = codebook, dict(blocs)
            self._shown = {}
        self.annotations = {a.id: a for a in annotations}
        self.suggestions = {s.id: s for s in suggestions}
        self._show()

    def _read_again(self, project: Project, stretches: set[Stretch]) -> None:
        """Read only what stands on these: where there are thousands of spans, all would take too long."""
        annotations: list[Annotation] = []
        suggestions: list[Suggestion] = []
        for start, end in stretches:
            annotations += project.annotations.of(self.article, at=(start, end))
            suggestions += project.suggestions.open_at(self.article, start, end)
        self.blocs.update(project.actors.blocs(_actors(annotations, suggestions)))
        for items in (self.annotations, self.suggestions):
            for id_ in [id_ for id_, item in items.items() if (item.start, item.end) in stretches]:
                del items[id_]
        self.annotations.update((a.id, a) for a in annotations)
        self.suggestions.update((s.id, s) for s in suggestions)
        self._show()

    def _show(self) -> None:
        """Let the view show the spans that there are; those that were there before stay what they are."""
        before, self._shown = self._shown, {}
        for kind, items in (("annotation", self.annotations), ("suggestion", self.suggestions)):
            for id_, item in items.items():
                if item.start is None or item.label is None:
                    continue
                key = kind, id_
                known = before.get(key)
                if known is None or known[0] is not item:
                    known = item, self._span(key, item)
                    self._rows.forget(key)
                self._shown[key] = known
        self._view.set_spans([span for _, span in self._shown.values()])
        if self._open_stance() is None:
            self.leave_stance()

    def _span(self, key: Key, item: Annotation | Suggestion) -> ShownSpan:
        assert item.start is not None
        assert item.end is not None
        assert item.label is not None
        color = self.codebook.label(item.layer, item.label).color
        suggested = key[0] == "suggestion"
        return ShownSpan(key, item.start, item.end, item.layer, item.label, color, suggested)

    def _follow_zones(self, change: Change) -> None:
        """Let an article be suggested for anew where an act changed which of its zones count."""
        article = change.article
        if article is None or not change.tables & {"annotations", "rejections"}:
            return
        project = self._session.project
        if project is None:
            return
        if article == self.article:
            before, self._zones = self._zones, project.suggestions.zones_in_force(article)
            if before == self._zones:
                return
        # Of one that is not open (a revert) nobody knows how its zones were.
        self._session.suggest_anew(article)

    def panel_spans(self) -> list[PanelSpan]:
        """Return the spans for the spans panel, in text order."""
        return self._rows.of(self._view.spans())

    def explain(self, shown: ShownSpan) -> str:
        """Return the plain words that a span's tool-tip shows."""
        return self._rows.explain(shown)

    def item(self, span: ShownSpan | PanelSpan) -> Annotation | Suggestion | None:
        """Return what stands behind a span that is shown."""
        kind, id_ = span.key
        return self.annotations.get(id_) if kind == "annotation" else self.suggestions.get(id_)

    @property
    def annotator(self) -> str:
        """Who reads this."""
        return self._session.annotator

    def stance(self) -> str | None:
        """Return the stance that the person chose for the article."""
        for a in self.annotations.values():
            if a.layer == "stance" and a.start is None:
                return a.label
        return None

    def stance_suggestion(self) -> tuple[Suggestion | None, bool]:
        """Return the article's stance suggestion and whether it is still open."""
        if (s := self._open_stance()) is not None:
            return s, True
        project = self._session.project
        if project is None or not self.article:
            return None, False
        return project.suggestions.whole_article(self.article, "stance"), False

    def _open_stance(self) -> Suggestion | None:
        whole = (s for s in self.suggestions.values() if s.layer == "stance" and s.start is None)
        return next(whole, None)

    def open_count(self) -> int:
        """Return the number of span suggestions left in the article."""
        return sum(1 for s in self.suggestions.values() if s.start is not None and s.label is not None)

    # Acts

    def perform(self, method: str, *values: object, **named: object) -> Change | None:
        """Do one act on the annotations; see ``Session.perform``."""
        return self._session.perform(lambda project: getattr(project.annotations, method)(*values, **named))

    def label(self, layer: str, label: str) -> None:
        """Do what a label's key does: label the selection, or relabel or accept the active span.

        A stance, or a label that is for articles, is the article's without a selection; the same one again
        takes it away.
        """
        of = self.codebook.layer(layer)
        selected = self._view.selected_span()
        active = self._view.active
        if layer == "zone" and self._take_back_zone(label, selected, active):
            return
        if selected is not None and of.scope == "article":
            self.told.emit(f"{label} is for the whole article: press its key with nothing selected.")
        elif selected is not None:
            change = self.perform("add", self.article, layer, label, *selected)
            if change is not None:
                self._view.clear_selection()
                self.activate_at(layer, *selected)
        elif len(set(self._view.raw_selection())) > 1:
            # Neither the blanks nor the whole article were meant.
            self.told.emit("Only blanks are selected: there is nothing to label.")
        elif means_article(of, active):
            self._label_article(of, label)
        elif active is None:
            self.advised.emit("Select some text first, or go to a span ({next_suggestion}).")
        elif active.layer == layer:
            self.relabel(active, label)
        elif active.passage:
            kind = "zone" if active.layer == "zone" else "passage"
            self.told.emit(f"The active span is a {kind}: select the words in it that are meant.")
        else:
            self.perform("add", self.article, layer, label, active.start, active.end)
            self.activate_at(layer, active.start, active.end)

    def _label_article(self, layer: Layer, label: str) -> None:
        said = None, layer.name, label
        there = next((a.id for a in self.annotations.values() if (a.start, a.layer, a.label) == said), None)
        if there is None:
            self._tell(self.perform("add", self.article, layer.name, label))
        elif layer.exclusive:
            self._tell(self.perform("clear_article_label", self.article, layer.name))
        else:
            self._tell(self.perform("remove", there))

    def _take_back_zone(self, label: str, selected: tuple[int, int] | None, active: ShownSpan | None) -> bool:
        """Take a zone back that was labelled so: its key marks and unmarks. Tell whether it was one."""
        if selected is not None:
            zones = [s for s in self._view.spans() if (s.start, s.end, s.layer) == (*selected, "zone")]
            active = next((s for s in zones if s.label == label), None)
        if active is None or active.suggested or (active.layer, active.label) != ("zone", label):
            return False
        if self.perform("decline", active.key[1]) is not None:
            self._view.clear_selection()
        return True

    def _tell(self, change: Change | None) -> bool:
        if change is not None and change.tables:
            self.acted.emit(change)
        return change is not None

    def relabel(self, span: ShownSpan, label: str, *, go_on: bool = True) -> None:
        """Give a span another label of its layer; a suggestion is accepted with it.

        ``go_on``: to the next suggestion then.
        """
        kind, id_ = span.key
        if kind == "annotation":
            self._tell(self.perform("relabel", id_, label))
        elif go_on:
            self._decide("accept", span, label=label)
        elif self.perform("accept", self.article, id_, label=label) is not None:
            self.activate_at(span.layer, span.start, span.end)

    def accept(self) -> None:
        """Accept the active suggestion and go to the next, or the stance if the walk came to it."""
        self._answer("accept")

    def accept_mentions(self) -> None:
        """Accept the active suggestion wherever its words are suggested so in the article, and go on."""
        active = self._view.active
        if active is None or not active.suggested:
            self._answer("accept")
            return
        same = self.mentions(active)
        if len(same) == 1:
            self._answer("accept")
            return
        following = self._following(active, {span.key for span in same})
        ids = [span.key[1] for span in same]
        if self._tell(self.perform("accept_mentions", self.article, ids)):
            self._go_on(following)

    def mentions(self, span: ShownSpan) -> list[ShownSpan]:
        """Return the open suggestions of the article with a suggestion's words, layer and label."""
        words = self.text[span.start : span.end]
        return [
            other
            for other in self._view.spans()
            if other.suggested
            and (other.layer, other.label) == (span.layer, span.label)
            and self.text[other.start : other.end] == words
        ]

    def reject(self) -> None:
        """Reject the active suggestion and go to the next, or the stance if the walk came to it."""
        self._answer("reject")

    def reject_alone(self) -> None:
        """Reject this one suggestion and go to the next: the name stays suggested elsewhere."""
        self._answer("reject", alone=True)

    def _answer(self, method: str, **named: object) -> None:
        active, stance = self._view.active, self._open_stance()
        if active is not None and active.suggested:
            self._decide(method, active, **named)
        elif active is not None:
            self.advised.emit("This is labelled already. {next_suggestion} goes to the next suggestion.")
        elif self.at_stance and stance is not None:
            self.perform(method, self.article, stance.id)
        else:
            self.advised.emit(
                "No suggestion is active: {next_suggestion} goes to the next, at the end to the stance."
            )

    def _decide(self, method: str, active: ShownSpan, **named: object) -> None:
        following = self._following(active)
        if self.perform(method, self.article, active.key[1], **named) is not None:
            self._go_on(following)
            if method == "reject" and not named:
                self.rejected.emit(active)

    def _go_on(self, following: ShownSpan | None) -> None:
        self._activate(following)
        if following is None:
            self._tell_end()

    def _following(self, active: ShownSpan, but: Collection[Key] = ()) -> ShownSpan | None:
        """Return the open suggestion after ``active`` in reading order, none of ``but``."""
        later = (span for span in self._view.spans() if span.order > active.order and span.key not in but)
        return next((span for span in later if span.suggested and self._visits(span)), None)

    @property
    def visits_zones(self) -> bool:
        """Whether the walk from suggestion to suggestion stops at zones."""
        return self._session.settings.number("visit_zones", 1) != 0

    def toggle_zones(self) -> None:
        """Let the walk stop at zones or pass them over, and remember it."""
        self._session.settings.set("visit_zones", int(not self.visits_zones))

    def _visits(self, span: ShownSpan) -> bool:
        return self.visits_zones or span.layer != "zone"

    def accept_all(self) -> None:
        """Accept every open span suggestion of the article, as one act."""
        if self.open_count():
            self.perform("accept_all", self.article)
        else:
            self.told.emit("No suggestion of a span is open in this article.")

    def remove(self) -> None:
        """Remove the active annotation; an active suggestion is rejected."""
        active = self._view.active
        if active is None:
            self.advised.emit("Go to a span first: click it, or {next_suggestion} to it.")
        elif active.suggested:
            self._decide("reject", active)
        else:
            self.perform("remove", active.key[1])

    def activate_at(self, layer: str, start: int, end: int, *, suggested: bool | None = False) -> None:
        """Activate the span on a stretch, an annotation unless ``suggested`` is None (either)."""
        for span in self._view.spans():
            if (span.layer, span.start, span.end) == (layer, start, end) and suggested in (
                None,
                span.suggested,
            ):
                self._activate(span)
                return

    def go_to(self, layer: str, start: int, end: int) -> None:
        """Make the span of a layer on exactly this stretch active, annotated or suggested."""
        self.activate_at(layer, start, end, suggested=None)

    def _activate(self, span: ShownSpan | None) -> None:
        key = span.key if span is not None else None
        self._view.set_active(key)
        self.active_changed.emit(key)

    def decisions(self) -> list[Annotation | Suggestion]:
        """Return what is decided and what is open, for :meth:`reveal_difference` to compare with later."""
        return [*self.annotations.values(), *self.suggestions.values()]

    def reveal_difference(self, before: list[Annotation | Suggestion]) -> None:
        """Go to the first span that is not as it was ``before``; where one is gone, select its words."""
        now = self.decisions()
        known, kept = {id(item) for item in before}, {id(item) for item in now}
        new = {_said(item) for item in now if id(item) not in known}
        gone = {_said(item) for item in before if id(item) not in kept}
        for these in (new - gone, gone - new):
            places = [(a, b, layer) for a, b, layer, _ in these if a is not None and b is not None]
            if places:
                start, end, layer = min(places)
                self.activate_at(layer, start, end, suggested=None)
                if self._view.active is None or (self._view.active.start, self._view.active.end) != (
                    start,
                    end,
                ):
                    self._view.show_place(start, end)
                return

    def first_suggestion(self) -> None:
        """Go to the first suggestion of a span in an article that was just opened, if there is one."""
        self._view.move_active(1, suggested_only=True, passed="" if self.visits_zones else "zone")

    def next_suggestion(self) -> None:
        """Go to the next open suggestion."""
        self._walk(1)

    def previous_suggestion(self) -> None:
        """Go to the previous open suggestion."""
        self._walk(-1)

    def _walk(self, direction: int) -> None:
        passed = "" if self.visits_zones else "zone"
        if self.at_stance and direction < 0:
            spans = [span for span in self._view.spans() if span.suggested and self._visits(span)]
            self._activate(spans[-1] if spans else None)
        elif self.at_stance or not self._view.move_active(direction, suggested_only=True, passed=passed):
            if direction > 0 and (stance := self._open_stance()) is not None and stance.label is not None:
                self._activate(None)
                self.at_stance = True
                self.stance_reached.emit(True)
                self.advised.emit("The stance of the article: {accept} accepts it, {reject} rejects it.")
            else:
                self._tell_end(direction)

    def _tell_end(self, direction: int = 1) -> None:
        """Say that the walk is at its end, and where it goes on."""
        stance, project = self._open_stance(), self._session.project
        if direction < 0:
            words = "No suggestion stands before this place. {next_suggestion} goes to the next."
        elif stance is not None and stance.label is not None and not self.at_stance:
            words = "That was the last one. {next_suggestion} goes to the article's suggested stance."
        elif self.open_count():
            words = "No suggestion stands behind this place. {previous_suggestion} goes back."
        elif project is not None and self.article and project.suggestions.is_pending(self.article):
            words = "The suggestions for this article are still being made: they show as soon as they are."
        else:
            words = "No suggestion is left here. {done} goes to the next article."
        self.advised.emit(words)

    def leave_stance(self) -> None:
        """The keys are about something else than the article's suggested stance now."""
        if self.at_stance:
            self.at_stance = False
            self.stance_reached.emit(False)


def _said(item: Annotation | Suggestion) -> Decision:
    return item.start, item.end, item.layer, item if isinstance(item, Annotation) else item.label


def _actors(annotations: list[Annotation], suggestions: list[Suggestion]) -> set[str]:
    return {a.actor for a in annotations if a.actor} | {s.actor for s in suggestions if s.actor}
