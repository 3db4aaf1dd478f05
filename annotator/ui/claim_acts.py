"""What the keys do to passages: whose stance, towards whom, how sure, a note, and what they say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from annotator.model import Annotation, Suggestion
from annotator.ui.chips import cut, sentence
from annotator.ui.name_choices import NameChoice
from annotator.ui.passages_box import PassagesState
from annotator.ui.quick_editor import NamePicker, NoteField
from annotator.ui.span_layout import ShownSpan
from annotator.weighing import LEAST_SURE, SUREST, weigh

if TYPE_CHECKING:
    from annotator.project.claims import Aspect
    from annotator.ui.main_window import MainWindow

_STANCE = "stance"
_KEYS = {
    "holder": "Enter takes it, Tab goes on to the target · nothing typed: nobody · Esc leaves it",
    "target": "Enter takes it · nothing typed: nobody · Esc leaves it",
}


class ClaimActs(QObject):
    """Acts on what is said about the active span, or else about the article's stance; each is one step."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        centre = window.centralWidget()
        assert centre is not None
        self._centre = centre
        self.names, self.notes = NamePicker(centre), NoteField(centre)
        self.names.taken.connect(self._take_name)
        self.notes.taken.connect(self._take_note)
        self._aspect: Aspect = "holder"
        self._told = (0, "")  # the article, and what was last said of its passages
        self._of_span = True  # whether what is being written is about the active span, else the stance
        window.session.closing.connect(self.flush)
        box = window.stance.passages
        box.certainty_pressed.connect(self._stance_certainty)
        box.note_pressed.connect(self._stance_note)
        box.derive_pressed.connect(self.derive)

    # Showing

    def show(self) -> None:
        """Show in the stance panel what the open article's passages say, and what is said of its stance."""
        labelling = self._window.labelling
        there = {layer.name for layer in labelling.codebook.layers}
        labels = labelling.codebook.layer(_STANCE).labels if _STANCE in there else ()
        stance = self._article_stance()
        passages = [a for a in labelling.annotations.values() if a.layer == _STANCE and a.start is not None]
        opened = Counter(
            s.label
            for s in labelling.suggestions.values()
            if s.layer == _STANCE and s.start is not None and s.label is not None
        )
        order = [label.name for label in labels]
        box = self._window.stance.passages
        box.show_state(
            PassagesState(
                tuple(labels),
                stance.label if stance is not None else None,
                stance.certainty if stance is not None else None,
                stance.note if stance is not None else "",
                weigh(((a.label, a.certainty) for a in passages), order),
                tuple((name, opened[name]) for name in order if opened[name]),
            )
        )
        before, self._told = self._told, (labelling.article, box.sentence.text())
        if before[0] == labelling.article and before != self._told and self._told[1]:
            self._speak(self._told[1])

    def flush(self) -> None:
        """Close what is open before another article is: what was typed or chosen is kept."""
        self.names.flush()
        self.notes.take()

    def _article_stance(self) -> Annotation | None:
        for a in self._window.labelling.annotations.values():
            if a.layer == _STANCE and a.start is None:
                return a
        return None

    def _active(self) -> tuple[ShownSpan, Annotation | Suggestion] | None:
        active = self._window.pane.view.active
        if active is None:
            return None
        kind, id_ = active.key
        labelling = self._window.labelling
        item = labelling.annotations.get(id_) if kind == "annotation" else labelling.suggestions.get(id_)
        return (active, item) if item is not None else None

    def _about(self) -> Annotation | Suggestion | None:
        """Return what the editor is about, as it is now: a suggestion may have been made anew meanwhile."""
        if not self._of_span:
            return self._article_stance()
        found = self._active()
        return found[1] if found is not None else None

    def _say(self, words: str) -> None:
        self._window.status.say(words)

    def _speak(self, words: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._window, words))

    # Holder and target

    def holder(self) -> None:
        """Ask whose stance the active passage is."""
        self._ask("holder")

    def target(self) -> None:
        """Ask towards whom it is."""
        self._ask("target")

    def _ask(self, aspect: Aspect) -> None:
        found = self._active()
        if found is None or found[1].layer != _STANCE:
            self._say("Go to a stance passage first: click it, or select text and press a stance's key.")
            return
        active, item = found
        self._aspect, self._of_span = aspect, True
        question = "Whose stance is it?" if aspect == "holder" else "Towards whom is it?"
        self.names.choose(
            self._anchor(active),
            f"{question} {item.label}",
            self._window.pane,
            self._choices(active),
            getattr(item, aspect),
            _KEYS[aspect],
        )

    def _anchor(self, span: ShownSpan) -> Callable[[], QRect]:
        self._window.pane.view.set_active(span.key)
        return partial(self._window.pane.view.place_of, span.start, span.end)

    def _choices(self, passage: ShownSpan) -> list[NameChoice]:
        """Return this article's actors, those in the passage first, then by frequency; then all others."""
        from annotator.project.facts import known_names  # late: the window does not wait for it

        project, labelling = self._window.session.project, self._window.labelling
        known = {actor.name: actor for actor in (project.actors.all() if project is not None else ())}
        gazetteer = known_names()
        counts: Counter[str] = Counter()
        forms: dict[str, dict[str, None]] = {}
        kinds: dict[str, str | None] = {}
        inside: set[str] = set()
        for mention in labelling.panel_spans():
            if mention.layer != "entity":
                continue
            name = mention.actor or " ".join(mention.quote.split())
            counts[name] += 1
            kinds.setdefault(name, mention.label)
            forms.setdefault(name, {})[" ".join(mention.quote.split())] = None
            if passage.start <= mention.start and mention.end <= passage.end:
                inside.add(name)
        items: list[Annotation | Suggestion] = [
            *labelling.annotations.values(),
            *labelling.suggestions.values(),
        ]
        counts.update(name for item in items for name in (item.holder, item.target) if name is not None)
        ordered = sorted(counts, key=lambda name: (name not in inside, -counts[name], name))

        def choice(name: str, here: bool) -> NameChoice:
            actor = known.get(name)
            also = [*forms.get(name, ()), *(actor.aliases if actor is not None else ())]
            also = [form for form in dict.fromkeys((*also, *gazetteer.get(name, ()))) if form != name]
            return NameChoice(
                name,
                tuple(also),
                actor.kind if actor is not None else kinds.get(name),
                here,
                here or actor is not None,
            )

        others = dict.fromkeys((*known, *gazetteer))
        return [choice(n, True) for n in ordered] + [choice(n, False) for n in others if n not in counts]

    def _take_name(self, taken: NameChoice | None, on: bool) -> None:
        item, aspect = self._about(), self._aspect
        if item is not None and taken is not None:
            self._write(item, aspect, taken.name, taken.kind)
        elif item is not None:
            self._write(item, aspect, None)
        if on and aspect == "holder":
            self._ask("target")

    def _write(
        self, item: Annotation | Suggestion, aspect: Aspect, value: str | int | None, kind: str | None = None
    ) -> None:
        """Say something about an annotation; a suggestion is accepted with it, in the same act."""
        article = self._window.labelling.article
        if isinstance(item, Annotation):
            if value == getattr(item, aspect):
                return
            change = self._window.session.perform(
                lambda project: project.claims.say(item.id, aspect, value, kind)
            )
        else:
            change = self._window.session.perform(
                lambda project: project.annotations.accept(article, item.id, said=(aspect, value))
            )
            if change is not None and item.start is not None and item.end is not None:
                self._window.labelling.go_to(item.layer, item.start, item.end)
        if change is not None and change.tables:
            self._say(sentence(change.text))

    # Certainty and note

    def certainty(self) -> None:
        """Go through the certainties of the active span, or of the article's stance: one to three, none."""
        self._surer(self._spoken_of())

    def _surer(self, item: Annotation | Suggestion | None) -> None:
        if item is not None:
            given = item.certainty if isinstance(item, Annotation) else None
            following = LEAST_SURE if given is None else given + 1
            self._write(item, "certainty", following if following <= SUREST else None)

    def note(self) -> None:
        """Write a note on the active span, or on the article's stance."""
        item = self._spoken_of()
        if item is None:
            return
        found = self._active()
        if found is None:
            self._stance_note()
            return
        quote = cut(self._window.labelling.text[found[0].start : found[0].end], 60)
        note = item.note if isinstance(item, Annotation) else ""
        self._of_span = True
        self.notes.write(self._anchor(found[0]), f"Note on “{quote}”", self._window.pane, note)

    def _spoken_of(self) -> Annotation | Suggestion | None:
        found = self._active()
        item = found[1] if found is not None else self._article_stance()
        if item is None:
            self._say("Go to a span first, or choose the article's stance.")
        return item

    def _stance_certainty(self) -> None:
        self._surer(self._article_stance())

    def _stance_note(self) -> None:
        stance = self._article_stance()
        if stance is not None:
            box = self._window.stance.passages
            self._of_span = False
            self.notes.write(partial(_place_of, box), f"Why {stance.label}?", self._centre, stance.note)

    def _take_note(self, note: str) -> None:
        if (item := self._about()) is not None:
            self._write(item, "note", note)

    # What the passages say together

    def derive(self) -> None:
        """Give the article the stance that its passages say; where they give no answer, say why."""
        article = self._window.labelling.article
        change = self._window.session.perform(lambda project: project.claims.derive(article))
        if change is not None:
            words = (
                change.text if change.tables else "The article has the stance that its passages say already"
            )
            self._say(sentence(words))


def _place_of(widget: QWidget) -> QRect:
    """Return where a widget stands, in global coordinates."""
    return QRect(widget.mapToGlobal(widget.rect().topLeft()), widget.size())
