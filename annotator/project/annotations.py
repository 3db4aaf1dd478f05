"""What people decide: annotations and rejections. Each public method that changes something is one act."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from annotator.model import (
    Annotation,
    Change,
    Origin,
    ProjectError,
    Rejection,
    Step,
    Suggestion,
    ZoneDecisions,
)
from annotator.project.behind import name_of
from annotator.project.bulk import accept_open
from annotator.project.drawing import STANCE
from annotator.project.history import now
from annotator.project.suggestion_rows import KEPT
from annotator.project.swapping import SwapProgress
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.claims import Aspect
    from annotator.project.store import Project

_AT_A_TIME = 16  # labels in one transaction of a long act: some milliseconds

_SELECT = (
    "SELECT a.id, a.uuid, a.article, annotators.name, layers.name, labels.name, a.start, a.end, a.quote, "
    "actor.name, holder.name, target.name, a.certainty, a.note, a.origin, a.component, a.reason, "
    "a.seen_suggestion, a.codebook_version, a.created_at, a.updated_at, a.blind FROM annotations a "
    "JOIN annotators ON annotators.id = a.annotator JOIN layers ON layers.id = a.layer "
    "JOIN labels ON labels.id = a.label LEFT JOIN actors actor ON actor.id = a.actor "
    "LEFT JOIN actors holder ON holder.id = a.holder LEFT JOIN actors target ON target.id = a.target "
)


class Annotations:
    """The annotations and rejections of the annotator at work, and reading those of all."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    def of(
        self, article: int, annotator: int | None = None, *, at: tuple[int | None, int | None] | None = None
    ) -> list[Annotation]:
        """Return an annotator's (id; default: the one at work) annotations of an article.

        In reading order; those on the whole article first. ``at``: only those on exactly this stretch.
        """
        me = self._project.annotator_id() if annotator is None else annotator
        rows = self._db.execute(
            _SELECT
            + "WHERE a.article = ? AND a.annotator = ? "
            + ("AND a.start IS ? AND a.end IS ? " if at is not None else "")
            + "ORDER BY a.start, a.end, layers.position, labels.position, a.uuid",
            [article, me, *(at or ())],
        )
        return [_annotation(row) for row in rows]

    def get(self, annotation: int) -> Annotation:
        """Return one annotation by id; raises ``KeyError``."""
        row = self._db.execute(_SELECT + "WHERE a.id = ?", [annotation]).fetchone()
        if row is None:
            raise KeyError(annotation)
        return _annotation(row)

    def rejections(self, article: int, annotator: int | None = None) -> list[Rejection]:
        """Return an annotator's (id; default: the one at work) rejections in an article."""
        me = self._project.annotator_id() if annotator is None else annotator
        rows = self._db.execute(
            "SELECT layers.name, labels.name, r.start, r.end, r.start IS NOT NULL AND r.quote IS NULL "
            "FROM rejections r "
            "JOIN layers ON layers.id = r.layer JOIN labels ON labels.id = r.label "
            "WHERE r.article = ? AND r.annotator = ? "
            "ORDER BY r.start, r.end, layers.position, labels.position",
            [article, me],
        )
        return [Rejection(layer, label, start, end, bool(alone)) for layer, label, start, end, alone in rows]

    def zone_decisions(self, article: int) -> ZoneDecisions:
        """Return what the annotator at work decided about the zones of an article."""
        me = self._project.annotator_id()
        kept, rejected = (
            self._db.execute(
                f'SELECT d."start", d."end", labels.name FROM {table} d '
                "JOIN layers ON layers.id = d.layer AND layers.name = 'zone' "
                "JOIN labels ON labels.id = d.label "
                'WHERE d.article = ? AND d.annotator = ? AND d."start" IS NOT NULL ORDER BY 1, 2, 3',
                [article, me],
            ).fetchall()
            for table in ("annotations", "rejections")
        )
        return ZoneDecisions(tuple(kept), tuple(rejected))

    def add(
        self,
        article: int,
        layer: str,
        label: str,
        start: int | None = None,
        end: int | None = None,
        *,
        words: str | None = None,
    ) -> Change:
        """Label ``[start, end)``, or the whole article (no offsets).

        Where the annotator has this layer on exactly this stretch already, it is relabelled. A label
        that was suggested here counts as accepted, another one as a correction. ``words`` say what was done.
        """
        what = f"labelled {self.quoted(article, start, end)} {label}" if start is not None else f"set {label}"
        with self._project.act(words or what, article) as act:
            self.put(article, layer, label, start, end)
        return act.change

    def relabel(self, annotation: int, label: str) -> Change:
        """Give an annotation another label of its layer."""
        old = self.mine(annotation)
        with self._project.act(f"relabelled {_name(old.quote)} {label}", old.article) as act:
            self.put(old.article, old.layer, label, old.start, old.end, annotation=old)
        return act.change

    def move(self, annotation: int, start: int, end: int) -> Change:
        """Move an annotation's edges to ``[start, end)``.

        A suggestion on the stretch that it leaves is rejected with it, or it would come up again.
        """
        old = self.mine(annotation)
        if old.start is None:
            raise ProjectError("A label of the whole article has no edges to move. Choose a span first.")
        with self._project.act(f"moved the edges of {_name(old.quote)}", old.article) as act:
            if (start, end) != (old.start, old.end):
                self.set_edges(old, start, end)
        return act.change

    def remove(self, annotation: int) -> Change:
        """Take an annotation away; a suggestion on its stretch is open again then."""
        old = self.mine(annotation)
        with self._project.act(f"removed {old.label} from {_name(old.quote)}", old.article) as act:
            self._db.execute("DELETE FROM annotations WHERE id = ?", [annotation])
        return act.change

    def decline(self, annotation: int) -> Change:
        """Take an annotation away together with what was suggested on its stretch, which is rejected."""
        old = self.mine(annotation)
        with self._project.act(f"took back {old.label} from {_name(old.quote)}", old.article) as act:
            self._db.execute("DELETE FROM annotations WHERE id = ?", [annotation])
            self.leave(old.article, old.layer, old.start, old.end)
        return act.change

    def clear_article_label(self, article: int, layer: str) -> Change:
        """Take the annotator's label of ``layer`` off the whole article."""
        with self._project.act(f"cleared the {layer}", article) as act:
            self._db.execute(
                "DELETE FROM annotations WHERE article = ? AND annotator = ? AND start IS NULL "
                "AND layer = (SELECT id FROM layers WHERE name = ?)",
                [article, self._project.annotator_id(), layer],
            )
        return act.change

    def accept(
        self,
        article: int,
        suggestion: int,
        *,
        label: str | None = None,
        span: tuple[int, int] | None = None,
        said: tuple[Aspect, str | int | None] | None = None,
    ) -> Change:
        """Turn a suggestion into an annotation, as it is or with another label or other edges.

        ``said`` is what is said about it at once (:mod:`annotator.project.claims`). Raises ``ProjectError``
        when it is gone, or says "not sure" and no label is given.
        """
        s = self._suggestion(article, suggestion)
        chosen = label or s.label
        if chosen is None:
            raise ProjectError("The machine is not sure here: choose a label yourself.")
        with self._project.act(
            f"accepted {chosen} for {self.quoted(article, s.start, s.end)}", article
        ) as act:
            start, end = span or (s.start, s.end)
            self.put(article, s.layer, chosen, start, end, suggestion=s)
            if span is not None and span != (s.start, s.end):
                self.leave(article, s.layer, s.start, s.end, to=span)
            if said is not None:
                self._project.claims.write_on(article, s.layer, start, end, said)
        return act.change

    def accept_mentions(self, article: int, suggestions: Sequence[int]) -> Change:
        """Accept suggestions of one name as they are, as one act; errors as of :meth:`accept`."""
        found = [self._suggestion(article, suggestion) for suggestion in suggestions]
        with self._project.act("", article) as act:
            for s in found:
                self.put(article, s.layer, s.label or "", s.start, s.end, suggestion=s)
            first = found[0]
            mentions = f"{len(found):,} mention{'' if len(found) == 1 else 's'}"
            act.text = (
                f"accepted {first.label} for {mentions} of {self.quoted(article, first.start, first.end)}"
            )
        return act.change

    def accept_all(self, article: int, *, done: bool = False) -> Change:
        """Accept every open suggestion of a span in an article, as one act; ``done``: mark it so, too.

        The label of the whole article is left: it is a decision of its own.
        """
        with self._project.act("accepted all suggestions", article) as act:
            accepted = accept_open(self._project, [article], drawn=self._project.drawing.drawn(article))
            act.text = f"accepted all {accepted:,} suggestions"
            if done:
                self._project.articles.write_progress(
                    article, self._project.ensure_annotator(), status="done"
                )
                act.text += ", marked done"
        return act.change

    def label_here(self, layer: str, label: str, article: int, places: Sequence[tuple[int, int]]) -> Change:
        """Label some stretches of one article as one act, at once; each as by :meth:`add`."""
        with self._project.act(f"labelled {_number(places)} {label}", article) as act:
            for start, end in places:
                self.put(article, layer, label, start, end)
        return act.change

    def label_many(
        self, layer: str, label: str, places: Sequence[tuple[int, int, int]]
    ) -> Generator[Step | SwapProgress, None, Change]:
        """Label many stretches, each (article, start, end), as one act in many transactions.

        Each is labelled as by :meth:`add`. Closing the generator, or an error, takes everything back; thrown
        ``Cancelled`` into it does so in steps.
        """
        number = _number(places)
        articles = {article for article, _, _ in places}
        only = articles.pop() if len(articles) == 1 else None
        act = self._project.long_act(f"labelling {number} {label}", only)

        def steps() -> Generator[Step, None, str]:
            for done in range(0, len(places), _AT_A_TIME):
                with act.step():
                    for article, start, end in places[done : done + _AT_A_TIME]:
                        self.put(article, layer, label, start, end)
                yield Step(min(done + _AT_A_TIME, len(places)), len(places))
            return f"labelled {number} {label}"

        return (yield from act.run(steps()))

    def reject(self, article: int, suggestion: int, *, alone: bool = False) -> Change:
        """Decide against a suggestion, for good: a later run does not bring it up again.

        ``alone``: project memory learns nothing about the name from it.
        """
        s = self._suggestion(article, suggestion)
        if s.label is None:
            raise ProjectError(
                "There is no label to reject here: the machine is not sure. Choose one yourself."
            )
        alone = alone and s.start is not None
        words = f"{'this ' if alone else ''}{self.quoted(article, s.start, s.end)}"
        with self._project.act(f"rejected {s.label} for {words}", article) as act:
            self._reject(article, s, alone=alone)
        return act.change

    # Within an act that is going on

    def insert_rejections(self, article: int, annotator: int, rejections: Iterable[Rejection]) -> None:
        """Write rejections that are not there yet; those ``alone`` without words, for no other mention."""
        text: str | None = None
        for r in rejections:
            layer, label, _ = self._project.codebook.ids(r.layer, r.label)
            quote = None
            if r.start is not None and not r.alone:
                text = self._project.articles.text(article) if text is None else text
                quote = text[r.start : r.end]
            values: list[Any] = [article, annotator, layer, label, r.start, r.end]
            self._db.execute(
                "INSERT INTO rejections "
                "SELECT ?, (SELECT coalesce(max(id), 0) + 1 FROM rejections), ?, ?, ?, ?, ?, ? "
                "WHERE NOT EXISTS (SELECT 1 FROM rejections WHERE article = ? AND annotator = ? "
                "AND layer = ? AND label = ? AND start IS ? AND end IS ?)",
                [*values, quote, *values],
            )

    def put(
        self,
        article: int,
        layer: str,
        label: str,
        start: int | None,
        end: int | None,
        *,
        annotation: Annotation | None = None,
        suggestion: Suggestion | None = None,
    ) -> None:
        """Put ``label`` on the stretch: on ``annotation`` if given, else on what stands there already.

        ``suggestion`` is what the person saw, if they answered one; else the one stored for the stretch.
        """
        layer_id, label_id, exclusive = self._project.codebook.ids(layer, label)
        me = self._project.ensure_annotator()
        quote = self._checked_quote(article, start, end)
        blind = layer == STANCE and bool(self._project.drawing.hidden([article], me))
        if suggestion is None and not blind:
            suggestion = self._project.suggestions.at(article, layer_id, start, end, prefer=label)
        origin: Origin = "manual"
        component, reason, seen = None, "", None
        about: tuple[str | None, str | None, str | None] = (None, None, None)
        if suggestion is not None and suggestion.label is not None:
            seen, component = suggestion.label, suggestion.component
            as_suggested = (seen, suggestion.start, suggestion.end) == (label, start, end)
            origin = "accepted" if as_suggested else "corrected"
            reason = suggestion.reason if as_suggested else ""
            here = (suggestion.start, suggestion.end) == (start, end)  # other words may name another actor
            about = (suggestion.actor if here else None, suggestion.holder, suggestion.target)
        there = self._standing(article, me, layer_id, start, end)
        if any(known == label_id for _, known, _ in there):
            if annotation is not None and annotation.label != label:
                raise ProjectError(
                    f"{label} is on exactly this text already. Choose another label or other words."
                )
            return
        if annotation is not None:
            there = [row for row in there if row[0] == annotation.id]
        elif start is None and not exclusive:
            there = []  # several labels may stand side by side
        version, when = self._project.codebook.version(), now()
        if not there:
            actors = self._about(layer, label, quote, about)
            values = [origin, component, reason, seen, *actors, version, when, when, blind or None]
            self._db.execute(
                "INSERT INTO annotations(article, id, uuid, annotator, layer, label, exclusive, start, end, "
                "quote, origin, component, reason, seen_suggestion, actor, holder, target, codebook_version, "
                "created_at, updated_at, blind) "
                "SELECT ?, (SELECT coalesce(max(id), 0) + 1 FROM annotations), ?, ?, ?, ?, ?, ?, ?, ?, "
                "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?",
                [
                    article,
                    str(uuid.uuid4()),
                    me,
                    layer_id,
                    label_id,
                    int(exclusive),
                    start,
                    end,
                    quote,
                    *values,
                ],
            )
        else:
            id_, _, old_origin = there[0]
            if old_origin in ("accepted", "corrected") and (
                origin == "manual" or not self._about_as_suggested(id_, about)
            ):
                origin = "corrected"
            # How sure they were is of the former label; their note is nobody's to lose.
            self._db.execute(
                "UPDATE annotations SET label = ?, certainty = NULL, origin = ?, "
                "component = coalesce(?, component), reason = ?, "
                "seen_suggestion = coalesce(?, seen_suggestion), codebook_version = ?, updated_at = ?, "
                "blind = ? WHERE id = ?",
                [label_id, origin, component, reason, seen, version, when, blind or None, id_],
            )
        self._unreject(article, me, layer_id, label_id, start, end)
        self._project.articles.begin_work(article, me)
        if blind and start is None:
            self._project.drawing.reveal(article)

    def _about(
        self, layer: str, label: str, quote: str | None, about: tuple[str | None, str | None, str | None]
    ) -> list[int | None]:
        """Return the ids of actor, holder and target, made within the act where they are new."""
        actors = self._project.actors
        behind = actors.behind(name for name in (quote and name_of(quote), *about) if name)
        actor, holder, target = map(behind.actor, about)
        if layer == "entity" and quote is not None:
            actor = behind.of_mention(quote, label, about[0])
        kinds = (label if layer == "entity" else None, None, None)
        names = (actor, holder, target)
        return [actors.called(name, kind) if name else None for name, kind in zip(names, kinds, strict=True)]

    def _about_as_suggested(self, annotation: int, about: tuple[str | None, str | None, str | None]) -> bool:
        """Tell whether an annotation has the holder and target that were suggested, where any were."""
        old, behind = self.get(annotation), self._project.actors.behind(name for name in about if name)
        named = zip((old.holder, old.target), about[1:], strict=True)
        return all(suggested is None or behind.actor(suggested) == present for present, suggested in named)

    def _standing(
        self, article: int, me: int, layer: int, start: int | None, end: int | None
    ) -> list[tuple[int, int, str]]:
        """Return (id, label id, origin) of the annotator's annotations on exactly this stretch."""
        rows = self._db.execute(
            "SELECT id, label, origin FROM annotations "
            "WHERE article = ? AND annotator = ? AND layer = ? AND start IS ? AND end IS ? ORDER BY id",
            [article, me, layer, start, end],
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def set_edges(self, old: Annotation, start: int, end: int) -> None:
        """Move an annotation's edges within an act; raises ``ProjectError`` where another one stands."""
        quote = self._checked_quote(old.article, start, end)
        layer_id, label_id, _ = self._project.codebook.ids(old.layer, old.label)
        me = self._project.ensure_annotator()
        if self._standing(old.article, me, layer_id, start, end):
            raise ProjectError(
                f"There is another {old.layer} span on exactly this text. "
                "Delete that one first, or choose other edges."
            )
        self._db.execute(
            "UPDATE annotations SET start = ?, end = ?, quote = ?, updated_at = ?, "
            "origin = CASE WHEN origin IN ('accepted', 'corrected') THEN 'corrected' ELSE 'manual' END "
            "WHERE id = ?",
            [start, end, quote, now(), old.id],
        )
        self._unreject(old.article, me, layer_id, label_id, start, end)
        if not self._standing(old.article, me, layer_id, old.start, old.end):
            self.leave(old.article, old.layer, old.start, old.end, to=(start, end))

    def leave(
        self,
        article: int,
        layer: str,
        start: int | None,
        end: int | None,
        *,
        to: tuple[int, int] | None = None,
    ) -> None:
        """Reject whatever is suggested on a stretch that the person decided to draw otherwise.

        ``to`` is what they drew instead. Where that is longer, or beside, only this mention is answered: the
        shorter name may be right elsewhere. What they cut off is part of the name nowhere.
        """
        alone = False
        if to is not None and start is not None and end is not None:
            alone = not start <= to[0] < to[1] <= end
        for s in self._project.suggestions.open_at(article, start, end):
            if s.layer == layer and s.label is not None:
                self._reject(article, s, alone=alone)

    def _unreject(
        self, article: int, me: int, layer: int, label: int, start: int | None, end: int | None
    ) -> None:
        """Take back a rejection that an annotation now contradicts."""
        self._db.execute(
            "DELETE FROM rejections WHERE article = ? AND annotator = ? AND layer = ? AND label = ? "
            "AND start IS ? AND end IS ?",
            [article, me, layer, label, start, end],
        )

    def _reject(self, article: int, s: Suggestion, *, alone: bool = False) -> None:
        assert s.label is not None
        me = self._project.ensure_annotator()
        self.insert_rejections(article, me, [Rejection(s.layer, s.label, s.start, s.end, alone)])
        self._project.articles.begin_work(article, me)

    def mine(self, annotation: int) -> Annotation:
        """Return an annotation of the annotator at work; ``ProjectError`` if it is another's."""
        found = self.get(annotation)
        if found.annotator != self._project.annotator:
            raise ProjectError(
                f"This is an annotation of {found.annotator}: only they can change it. "
                "Add one of your own instead."
            )
        return found

    def _suggestion(self, article: int, suggestion: int) -> Suggestion:
        found = self._project.suggestions.get(article, suggestion)
        if found is not None and found.layer == STANCE and self._project.drawing.hidden([article]):
            raise ProjectError("The suggestion is hidden here until you have chosen a stance yourself.")
        if found is None:
            raise ProjectError("This suggestion was replaced by a newer run. Look again and decide.")
        return found

    def _checked_quote(self, article: int, start: int | None, end: int | None) -> str | None:
        if start is None and end is None:
            return None
        text = self._project.articles.text(article)
        if start is None or end is None or not 0 <= start < end <= len(text):
            raise ProjectError(
                f"The span {start} to {end} lies outside the article's {len(text)} characters. "
                "Choose words of the text."
            )
        return text[start:end]

    def quoted(self, article: int, start: int | None, end: int | None) -> str:
        """Return a stretch of an article in quotation marks, short enough for a menu."""
        if start is None or end is None:
            return "the article"
        return _name(self._project.articles.text(article)[max(start, 0) : max(end, 0)])


@lru_cache(KEPT)
def _annotation(row: tuple[Any, ...]) -> Annotation:
    return Annotation(*(*row[:-1], bool(row[-1])))


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _number(places: Sequence[object]) -> str:
    return f"{len(places):,} place{'' if len(places) == 1 else 's'}"


def _name(quote: str | None) -> str:
    """Return a quote short enough for a menu: “Undo: labelled …”."""
    if quote is None:
        return "the article"
    quote = " ".join(quote.split())
    return f"“{quote if len(quote) <= 40 else quote[:39] + '…'}”"
