"""What is said about the actors of a side: evaluations by role, and the steps of third countries.

An evaluation ("hypocrisy", "threatens", "condemned") says nothing by itself; it counts where an actor of a
side stands beside it in the role it needs. See ``resources/stance/frames.toml`` and ``actors.toml``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from spacy.language import Language
from spacy.tokens import Doc

from annotator.model import PipelineError
from annotator.nlp.stance.cues import SIDES, Side, read_list
from annotator.nlp.stance.phrases import PhraseFinder
from annotator.resources import resource

Bloc = Literal["West", "Russia", "third"]
Role = Literal["quality", "deed", "treatment"]

REACH = 4  # words between an evaluation and its actor
STEP_REACH = 7  # words between a third country's step and where it leads
VICTIM = 0.5  # of the weight, where the actor only suffers the deed
SIDE_OF: dict[str, Side] = {"West": "pro-West", "Russia": "pro-Russia"}
_STOPS = frozenset(".;:!?\n()")
_BETWEEN = frozenset("\"“”‘’'«»-–—")
_AND = frozenset({"and", "or", ",", "&"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of an actor in a doc, tokens ``[start, end)``."""

    start: int
    end: int
    bloc: Bloc
    name: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Words that are good or bad for the actor in ``role``; ``group`` is what they count together as."""

    value: Literal["good", "bad"]
    role: Role
    weight: float


@dataclass(frozen=True, slots=True)
class Frame:
    """An evaluation with its actor: tokens ``[start, end)`` are both, ``[word, word_end)`` the evaluation."""

    start: int
    end: int
    word: int
    word_end: int
    side: Side
    weight: float
    kind: str
    about: Mention


class FrameFinder:
    """Finds actors, and what is said about them."""

    def __init__(self, nlp: Language) -> None:
        actors, _ = read_list(resource("stance", "actors.toml"))
        frames, _ = read_list(resource("stance", "frames.toml"))
        blocs: dict[str, Bloc] = {"west": "West", "russia": "Russia", "third": "third"}
        called = actors.get("called", {})
        named = [
            ((blocs[key], called.get(name, name)), name) for key in blocs for name in actors.get(key, ())
        ]
        self._actors: PhraseFinder[tuple[Bloc, str]] = PhraseFinder(nlp, named, capital=True)
        self._third: PhraseFinder[str] = PhraseFinder(
            nlp, (("third", name) for name in actors.get("third", ())), capital=True
        )
        self._evaluations: PhraseFinder[tuple[Evaluation, ...]] = PhraseFinder(nlp, _evaluations(frames))
        self._against = frozenset(frames.get("against", ()))
        self._bonds = frozenset(frames.get("bonds", ()))
        self._accuses = frozenset(frames.get("accuses", ()))
        steps = frames.get("alignment", {})
        self._step_weight = float(steps.get("weight", 0))
        self._steps: PhraseFinder[str] = PhraseFinder(
            nlp, [(way, phrase) for way in ("towards", "away") for phrase in steps.get(way, ())]
        )
        self._goals: PhraseFinder[str] = PhraseFinder(
            nlp,
            [(bloc, name) for bloc in ("West", "Russia") for name in steps.get(bloc.lower(), ())],
            capital=True,
        )

    def actors(self, doc: Doc) -> list[Mention]:
        """Return the actors of both sides that ``doc`` names, in text order.

        The gazetteer, where the pipeline has one, knows names that the list does not.
        """
        found = [
            Mention(start, end, bloc, name)
            for (bloc, name), start, end in self._actors(doc)
            if bloc != "third"
        ]
        if Doc.has_extension("gazetteer") and doc._.gazetteer:
            found = _with_gazetteer(doc, found)
        return found

    def frames(self, doc: Doc, actors: Sequence[Mention]) -> Iterator[Frame]:
        """Yield what is said about ``actors``, in text order."""
        starts = [actor.start for actor in actors]
        named = _names_of_none(doc)
        for evaluations, start, end in self._evaluations(doc):
            if any(actor.start < end and start < actor.end for actor in _near(actors, starts, start)):
                continue  # part of a name: "Free Russia Forum"
            before, after = _neighbours(doc, actors, starts, start, end)
            if after is not None and after.start > end and doc[end].idx in named:
                after = None  # "the dictator Aliyev calls Yerevan ...": it is said of somebody else
            if before is not None and any(token.lower_ in self._accuses for token in doc[before.end : start]):
                before = None  # "the EU condemned the sham election" blames not the EU
            for evaluation in evaluations:
                frame = self._frame(doc, evaluation, start, end, before, after)
                if frame is not None:
                    yield frame
                    break

    def _frame(
        self,
        doc: Doc,
        evaluation: Evaluation,
        start: int,
        end: int,
        before: Mention | None,
        after: Mention | None,
    ) -> Frame | None:
        weight, value = evaluation.weight, evaluation.value
        suffers = after is not None and any(token.lower_ in self._against for token in doc[end : after.start])
        about: Mention | None
        role = evaluation.role
        if role == "deed" and value == "good" and self._is_of_bonds(doc, end, after):
            role = "treatment"  # whoever defends ties with the US treats the US well
        if role == "treatment":
            about = after if after is not None and not suffers else None
            if about is None and before is not None and _passive(doc, before.end, start):
                about = before
        elif role == "deed":
            passive = before is not None and _passive(doc, before.end, start)
            by = after is not None and any(token.lower_ == "by" for token in doc[end : after.start])
            if by:
                about = after
            elif before is not None and not passive:
                about = before
            else:
                about = before if passive else after
                weight, value = weight * VICTIM, "good" if value == "bad" else "bad"
        else:
            about = _closer(before, after, start, end, suffers)
            if about is after and suffers:
                value = "good" if value == "bad" else "bad"
        if about is None:
            return None
        bloc = about.bloc if value == "good" else ("Russia" if about.bloc == "West" else "West")
        kind = ("praise" if value == "good" else "blame") if role != "deed" else role
        return Frame(
            min(start, about.start), max(end, about.end), start, end, SIDE_OF[bloc], weight, kind, about
        )

    def _is_of_bonds(self, doc: Doc, end: int, after: Mention | None) -> bool:
        """Tell whether the good deed, which ends at token ``end``, is done to ties with somebody."""
        until = after.start if after is not None else min(end + REACH, len(doc))
        return any(token.lower_ in self._bonds for token in doc[end:until])

    def steps(self, doc: Doc) -> Iterator[Frame]:
        """Yield the steps of third countries towards a side or away from one, in text order."""
        thirds = [(start, end) for _, start, end in self._third(doc)]
        if not thirds:
            return
        goals = [(bloc, start, end) for bloc, start, end in self._goals(doc)]
        starts = [start for _, start, _ in goals]
        for way, start, end in self._steps(doc):
            number = bisect_left(starts, end)
            if number == len(goals):
                return
            bloc, goal, goal_end = goals[number]
            if goal - end > STEP_REACH or _stopped(doc, end, goal):
                continue
            # Who takes the step is named before it in the same sentence.
            sentence = doc[start].sent
            who = [span for span in thirds if sentence.start <= span[0] < start and start - span[1] <= 15]
            if not who or any(goal <= first < goal_end for first, _ in who):
                continue
            side = SIDE_OF[bloc] if way == "towards" else ("pro-Russia" if bloc == "West" else "pro-West")
            about = Mention(goal, goal_end, "West" if bloc == "West" else "Russia", doc[goal:goal_end].text)
            yield Frame(start, goal_end, start, end, side, self._step_weight, "alignment", about)


def _evaluations(frames: dict[str, Any]) -> list[tuple[tuple[Evaluation, ...], str]]:
    """Return every word with what it may mean: a deed is tried before a quality, as it is stricter."""
    meanings: dict[str, list[Evaluation]] = {}
    for entry in frames.get("evaluations", ()):
        value, role, weight = entry.get("value"), entry.get("role"), entry.get("weight")
        words = entry.get("words")
        if (
            value not in ("good", "bad")
            or role not in ("quality", "deed", "treatment")
            or not isinstance(weight, int | float)
            or not 0 < weight <= 3
            or not isinstance(words, list)
            or entry.get("side") not in SIDES
        ):
            raise PipelineError(
                f"An evaluation in frames.toml ({entry.get('example', 'without an example')}) needs value "
                "(good, bad), role (quality, deed, treatment), weight above 0 and up to 3, side and words."
            )
        for word in words:
            meanings.setdefault(word.lower(), []).append(Evaluation(value, role, float(weight)))
    order = {"treatment": 0, "deed": 1, "quality": 2}
    return [
        (tuple(sorted(found, key=lambda evaluation: order[evaluation.role])), word)
        for word, found in meanings.items()
    ]


def _names_of_none(doc: Doc) -> frozenset[int]:
    """Return where names begin that belong to no side, in code points."""
    if not Doc.has_extension("gazetteer"):
        return frozenset()
    return frozenset(match.start for match in doc._.gazetteer if match.entry.bloc not in SIDE_OF)


def _near(actors: Sequence[Mention], starts: Sequence[int], at: int) -> Sequence[Mention]:
    number = bisect_left(starts, at)
    return actors[max(0, number - 2) : number + 2]


def _neighbours(
    doc: Doc, actors: Sequence[Mention], starts: Sequence[int], start: int, end: int
) -> tuple[Mention | None, Mention | None]:
    number = bisect_left(starts, start)
    before = actors[number - 1] if number else None
    if before is not None and (before.end > start or not _joined(doc, before.end, start)):
        before = None
    after = next((actor for actor in actors[number : number + 2] if actor.start >= end), None)
    if after is not None and not _joined(doc, end, after.start):
        after = None
    return before, after


def _joined(doc: Doc, start: int, end: int) -> bool:
    """Tell whether the words between are few and of one clause."""
    if end - start > 3 * REACH:  # without looking: marks do not count
        return False
    between = doc[start:end]
    words = [token for token in between if token.text not in _BETWEEN and not token.is_space]
    return len(words) <= REACH and not _stopped(doc, start, end) and all(token.text != "," for token in words)


def _stopped(doc: Doc, start: int, end: int) -> bool:
    return any(
        token.is_sent_start or token.text in _STOPS or "\n" in token.text for token in doc[start : end + 1]
    )


def _closer(
    before: Mention | None, after: Mention | None, start: int, end: int, suffers: bool
) -> Mention | None:
    """Return the actor a quality belongs to: the one before unless the other is nearer and not its object."""
    if before is None or after is None:
        return before or after
    if suffers:
        return before
    return before if start - before.end <= after.start - end else after


def _passive(doc: Doc, start: int, end: int) -> bool:
    return any(
        token.lower_ in ("was", "were", "been", "being", "is", "are", "be", "gets")
        for token in doc[start:end]
    ) and doc[end].lower_.endswith(("ed", "en", "wn"))


def _with_gazetteer(doc: Doc, found: list[Mention]) -> list[Mention]:
    """Add the actors of a bloc that only the gazetteer knows."""
    taken = {token for mention in found for token in range(mention.start, mention.end)}
    begins = {doc[mention.start].idx for mention in found}
    for match in doc._.gazetteer:
        bloc = match.entry.bloc
        if bloc not in SIDE_OF or match.start in begins:
            continue
        span = doc.char_span(match.start, match.end, alignment_mode="expand")
        if span is not None and taken.isdisjoint(range(span.start, span.end)):
            found.append(
                Mention(span.start, span.end, "West" if bloc == "West" else "Russia", match.entry.actor)
            )
    return sorted(found, key=lambda mention: mention.start)
