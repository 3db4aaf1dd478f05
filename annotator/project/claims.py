"""Whose stance a passage is, towards whom, how sure the annotator is and why. Each public act is one act.

The article's stance can be derived from its passages, by the rule of :mod:`annotator.weighing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from annotator.model import Annotation, Change, ProjectError
from annotator.project.behind import name_of
from annotator.project.drawing import STANCE
from annotator.project.history import now
from annotator.text import storable
from annotator.weighing import LEAST_SURE, SUREST, Weighed, no_answer, weigh

if TYPE_CHECKING:
    from annotator.project.store import Project

Aspect = Literal["holder", "target", "certainty", "note"]
"""What can be said about an annotation beside its label: a column of it."""

_ACTORS = ("holder", "target")


class Claims:
    """What is said about annotations; only their own annotator says it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    def say(
        self, annotation: int, aspect: Aspect, value: str | int | None, kind: str | None = None
    ) -> Change:
        """Say one thing about an annotation; None or "" takes it back.

        Holder and target are names, of actors that are made within the act where they are new (``kind``: what
        they are then). ``certainty`` is 1 to 3. An accepted suggestion of which the machine named another
        holder or target counts as corrected. Raises ``ProjectError`` where it cannot be said.
        """
        old = self._project.annotations.mine(annotation)
        value = self._checked(old.layer, aspect, value)
        with self._project.act(_act_words(old, aspect, value), old.article) as act:
            if value != getattr(old, aspect):
                self.write(old, aspect, value, kind)
        return act.change

    def derive(self, article: int) -> Change:
        """Give the article the stance that the annotator's passages say.

        Raises ``ProjectError`` with the reason where they give no answer.
        """
        weighed = self.weighed(article)
        if weighed.answer is None:
            raise ProjectError(
                f"No stance can be derived: {no_answer(weighed)}. Label passages, or choose one yourself."
            )
        number = f"{weighed.passages} passage{'' if weighed.passages == 1 else 's'}"
        words = f"derived {weighed.answer} from {number}"
        return self._project.annotations.add(article, STANCE, weighed.answer, words=words)

    def weighed(self, article: int) -> Weighed:
        """Return what the annotator's passages of an article say about its stance."""
        labels = next((y.labels for y in self._project.codebook.read().layers if y.name == STANCE), ())
        passages = [
            (a.label, a.certainty)
            for a in self._project.annotations.of(article)
            if a.layer == STANCE and a.start is not None
        ]
        return weigh(passages, [label.name for label in labels])

    # Within an act that is going on

    def write(
        self, old: Annotation, aspect: Aspect, value: str | int | None, kind: str | None = None
    ) -> None:
        """Say something about an annotation; ``value`` is as :meth:`_checked` returns it."""
        stored, origin = value, old.origin
        if aspect in _ACTORS:
            if isinstance(value, str):
                stored = self._project.actors.called(value, kind)
            before = self._suggested(old, aspect)
            if origin == "accepted" and before is not None and value != before:
                origin = "corrected"
        self._db.execute(
            f"UPDATE annotations SET {aspect} = ?, origin = ?, updated_at = ? WHERE id = ?",
            [stored, origin, now(), old.id],
        )

    def write_on(
        self,
        article: int,
        layer: str,
        start: int | None,
        end: int | None,
        said: tuple[Aspect, str | int | None],
    ) -> None:
        """Say something about the annotator's annotation on exactly this stretch."""
        aspect, value = said
        for a in self._project.annotations.of(article):
            if (a.layer, a.start, a.end) == (layer, start, end):
                self.write(a, aspect, self._checked(layer, aspect, value))
                return

    def _checked(self, layer: str, aspect: Aspect, value: str | int | None) -> str | int | None:
        """Return ``value`` as it is written, a name as the project calls the actor behind it.

        Raises ``ProjectError`` where it cannot be said.
        """
        if aspect in _ACTORS:
            if layer != STANCE:
                raise ProjectError(f"Only a stance has a {aspect}. Go to a stance passage.")
            name = name_of(storable(str(value or "")))
            return self._project.actors.behind([name]).actor(name) if name else None
        if aspect == "note":
            return storable(str(value or ""))
        if value is not None and not (isinstance(value, int) and LEAST_SURE <= value <= SUREST):
            raise ProjectError(f"The certainty is a number from {LEAST_SURE} to {SUREST}.")
        return value

    def _suggested(self, old: Annotation, aspect: Aspect) -> str | None:
        """Return whom the machine named: by what is suggested now, else by what stands there."""
        layer, _, _ = self._project.codebook.ids(old.layer, old.label)
        s = self._project.suggestions.at(old.article, layer, old.start, old.end, prefer=old.seen_suggestion)
        name: str | None = getattr(s if s is not None else old, aspect)
        return None if name is None else self._project.actors.behind([name]).actor(name)


def _act_words(old: Annotation, aspect: Aspect, value: str | int | None) -> str:
    where = _short(old.quote) if old.quote is not None else f"the article's {old.layer}"
    if aspect == "note":
        return f"{'wrote' if value else 'cleared'} the note on {where}"
    if value is None:
        return f"cleared the {aspect} of {where}"
    return f"set the {aspect} of {where} to {_short(value) if isinstance(value, str) else value}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= 40 else line[:39] + '…'}”"
