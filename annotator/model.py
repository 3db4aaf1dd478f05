"""The words of the program as frozen dataclasses, and the errors a person can do something about.

Offsets everywhere are Unicode code points: ``text[start:end]`` in Python, end exclusive.
``start`` and ``end`` are both ``None`` where something speaks of the whole article.
Layers and labels are named, never numbered, outside :mod:`annotator.project`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

Status = Literal["todo", "in_progress", "done", "skipped"]
STATUSES: tuple[Status, ...] = ("todo", "in_progress", "done", "skipped")

Origin = Literal["manual", "accepted", "corrected", "imported"]
"""How an annotation came to be: made by hand, taken as suggested, a suggestion changed, or imported."""

Scope = Literal["article", "span", "both"]

LARGE_ACT = 500  # rows; an act with more is taken back in steps


class AnnotatorError(Exception):
    """Something a person can mend. The message is one plain sentence that says what to do."""


class Cancelled(Exception):  # noqa: N818  (nothing went wrong)
    """Thrown into a generator that is to stop; it may go on yielding while it takes back what it did."""


class ProjectError(AnnotatorError):
    """The project file cannot be used as asked."""


class NotAProjectError(ProjectError):
    """The file is missing, or is not an Annotator project."""


class NewerProjectError(ProjectError):
    """The project was written by a newer version of the program."""


class ReadOnlyProjectError(ProjectError):
    """The project is open for reading only."""


class LockedProjectError(ProjectError):
    """Another window or command has the project open for writing."""

    def __init__(self, message: str, holder: str) -> None:
        super().__init__(message)
        self.holder = holder


class DamagedProjectError(ProjectError):
    """SQLite says that the file is damaged."""


class StorageError(ProjectError):
    """The disk is full, gone or refuses to write; nothing already saved was touched."""


class UnknownLabelError(ProjectError, KeyError):
    """The codebook has no such layer or label; another program may have renamed or deleted it just now."""

    def __init__(self, layer: str, label: str | None = None) -> None:
        what = f"layer {layer}" if label is None else f"label {label} in the layer {layer}"
        super().__init__(
            f"The codebook has no {what} any more: it was renamed or deleted meanwhile. Nothing was changed; "
            "choose again from the labels that there are now."
        )

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would put it in quotes


class InputFileError(AnnotatorError):
    """A file to import cannot be read, or a line of it is wrong."""

    def __init__(self, path: Path | str, reason: str, line: int | None = None) -> None:
        self.path = Path(path)
        self.reason = reason
        self.line = line
        where = f"{self.path.name}, line {line}" if line is not None else self.path.name
        super().__init__(f"{where}: {reason}")


class PipelineError(AnnotatorError):
    """No spaCy pipeline can be had, or the one that was asked for cannot be loaded."""


@dataclass(frozen=True, slots=True)
class ArticleInput:
    """An article on its way in. ``text`` is normalised by the project file, not by the reader."""

    text: str
    title: str
    source: str | None = None
    url: str | None = None
    author: str | None = None
    published: str | None = None
    language: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    uuid: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One text with its metadata; the text never changes.

    ``published`` is an ISO 8601 date or whatever the source gave. ``meta`` holds what has no
    column of its own (``file``: the name that it was imported from). ``same_text`` counts the
    project's other articles with exactly this text.
    """

    id: int
    uuid: str
    sha256: str
    text: str
    title: str
    source: str | None
    url: str | None
    author: str | None
    published: str | None
    language: str | None
    meta: Mapping[str, Any]
    imported_at: str
    same_text: int = 0


@dataclass(frozen=True, slots=True)
class Label:
    """A value within a layer. ``color`` is ``#rrggbb``; themes derive readable shades from it."""

    layer: str
    name: str
    color: str
    key: str = ""
    definition: str = ""
    retired: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """Words that a label fits, or does not fit, as its codebook shows them.

    ``article``, ``start`` and ``end`` (code points) are None where they came with a codebook's file.
    ``context`` is what stands around them, the words themselves included; it may be "".
    """

    id: int
    fits: bool
    quote: str
    context: str = ""
    article: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A kind of annotation. An exclusive layer allows one label an article (and annotator)."""

    name: str
    scope: Scope
    exclusive: bool
    definition: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Codebook:
    """Layers and labels in their order, with the version that annotations remember."""

    version: int
    layers: tuple[Layer, ...]

    def layer(self, name: str) -> Layer:
        """Return the layer called ``name``; raises ``KeyError``."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def label(self, layer: str, name: str) -> Label:
        """Return one label; raises ``KeyError``."""
        for label in self.layer(layer).labels:
            if label.name == name:
                return label
        raise KeyError(f"{layer}/{name}")

    def labels(self, layer: str) -> tuple[Label, ...]:
        """Return the labels of ``layer`` that are in use, in codebook order."""
        return tuple(label for label in self.layer(layer).labels if not label.retired)


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a person decided: a label on a span, or on the whole article (start and end None)."""

    id: int
    uuid: str
    article: int
    annotator: str
    layer: str
    label: str
    start: int | None
    end: int | None
    quote: str | None
    actor: str | None
    holder: str | None
    target: str | None
    certainty: int | None
    note: str
    origin: Origin
    component: str | None
    reason: str
    seen_suggestion: str | None
    codebook_version: int
    created_at: str
    updated_at: str
    blind: bool = False
    """Whether the suggestion was hidden until the person had decided (blind share)."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the machine proposes. ``label`` is None when it is not sure (stance only).

    ``actor`` is the name of whom the stretch speaks of; ``holder`` of whose stance it is, and ``target``
    towards whom: None where that is not known. ``scores`` gives a probability for each label of the
    layer and sums to 1; ``score`` is the proposed label's, and None where the component has no usable
    number. ``evidence`` are ranges of the article that speak for it. ``id`` is 0 until the suggestion
    is stored.
    """

    layer: str
    label: str | None
    start: int | None
    end: int | None
    component: str
    reason: str = ""
    score: float | None = None
    scores: Mapping[str, float] | None = None
    evidence: tuple[tuple[int, int], ...] = ()
    id: int = 0
    actor: str | None = None
    holder: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A person's decision against a suggestion.

    ``alone``: against this mention only; nothing follows from it for others of the name.
    """

    layer: str
    label: str
    start: int | None
    end: int | None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class ZoneDecisions:
    """What a person decided about an article's zones, each as (start, end, label).

    ``kept`` are those they accepted or made, ``rejected`` the suggestions that they decided against.
    """

    kept: tuple[tuple[int, int, str], ...] = ()
    rejected: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one annotator is with one article.

    ``drawn`` says by which order the article came to be worked on where that was one of the drawn orders
    (at random, by uncertainty), for whoever estimates from the result; None elsewhere.
    """

    status: Status = "todo"
    flagged: bool = False
    note: str = ""
    drawn: str | None = None


Sort = Literal[
    "imported",
    "title",
    "source",
    "published",
    "language",
    "status",
    "flagged",
    "stance",
    "suggested",
    "sureness",
    "labels",
    "actors",
    "open",
    "annotators",
    "random",
    "by_source",
    "by_month",
    "uncertainty",
]
"""An order of articles. ``labels``, ``actors``, ``open`` (suggestions) and ``annotators`` go by their number.
The last four are drawn: at random by the project's seed, so too but with sources or months in turn, and
the least certain stance first with every fifth article at random."""

Field = Literal[
    "status",
    "flagged",
    "stance",
    "suggested",
    "sureness",
    "label",
    "actor",
    "open",
    "alike",
    "source",
    "published",
    "language",
    "annotator",
]
"""What a condition is about. ``suggested`` and ``sureness``: the stance that is suggested and still open;
``alike``: whether another article has nearly the same text."""
FIELDS: tuple[Field, ...] = get_args(Field)

ALL_OF: tuple[Field, ...] = ("label", "actor", "annotator")
"""The fields that an article may have several values of: all that are asked for must be there."""

SURENESS: dict[str, tuple[float | None, float | None]] = {
    "not sure": (None, None),
    "below 0.5": (0.0, 0.5),
    "0.5 to 0.7": (0.5, 0.7),
    "0.7 and more": (0.7, 2.0),
}
"""From which score on (and below which) a suggested stance is how sure; None: nothing is suggested."""

NONE = ""
"""The value of a condition that asks for articles without any (source, stance, label, ...)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a filter, such as source: tass.com.

    ``value`` is a name or one of a few words (``done``, ``yes``); of ``label`` it is ``layer/label``, of
    ``published`` a date, whole or in part, or ``FROM..TO``, either of which may be left out.
    """

    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles a list shows, and in which order.

    ``search`` is matched against title and text, every word by its beginning, one of one or two
    letters as it is. ``show``: ``todo`` is what is neither done nor skipped. All of it holds together.
    Of several ``conditions`` on one field any may hold, but of what an article may have several of (label,
    actor, annotator) all must. Where annotators are named, status, flag, stance, labels and actors are
    theirs, else those of the one at work. ``descending`` turns the order round; not one that is drawn.
    """

    search: str = ""
    show: Literal["all", "todo", "done", "flagged"] = "all"
    sort: Sort = "imported"
    conditions: tuple[Condition, ...] = ()
    descending: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it leaves any article out."""
        return bool(self.search or self.conditions) or self.show != "all"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values that JSON knows."""
        return {
            "search": self.search,
            "show": self.show,
            "sort": self.sort,
            "descending": self.descending,
            "conditions": [[c.field, c.value] for c in self.conditions],
        }

    @classmethod
    def from_dict(cls, given: Any) -> ArticleFilter:
        """Return the filter that :meth:`as_dict` gave; raises ``ValueError`` for anything else."""
        try:
            conditions = tuple(Condition(field, value) for field, value in given["conditions"])
            found = cls(
                given["search"], given["show"], given["sort"], conditions, descending=given["descending"]
            )
        except (KeyError, TypeError) as error:
            raise ValueError(given) from error
        fits = (
            isinstance(found.search, str)
            and found.show in ("all", "todo", "done", "flagged")
            and found.sort in get_args(Sort)
            and isinstance(found.descending, bool)
            and all(c.field in FIELDS and isinstance(c.value, str) for c in conditions)
        )
        if not fits:
            raise ValueError(given)
        return found


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value that articles have in a field, and how many do; ``articles`` is None while they are counted."""

    value: str
    articles: int | None = None
    also: str = ""
    """What else it is called: an actor's other names."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter with the name that somebody gave it; ``wanted`` is None where a newer program must read it."""

    name: str
    wanted: ArticleFilter | None


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """What the article list shows of one article.

    ``source`` is the file that it came from where no source is known. ``stance_suggested``: the
    stance is open still. ``alike`` counts the other articles with nearly the same text, those with exactly
    the same included.
    """

    id: int
    title: str
    source: str | None
    published: str | None
    status: Status
    flagged: bool
    stance: str | None
    stance_suggested: bool
    same_text: int
    alike: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """The one person, organisation or place behind several names."""

    uuid: str
    name: str
    kind: str | None
    bloc: str | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActorRow:
    """An actor with the number of its mentions that people decided on, and of the articles they are in.

    None: they are not counted yet.
    """

    actor: Actor
    mentions: int | None
    articles: int | None


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """One article with everything one annotator decided on it: a line of an export.

    The article's text is normalised (:func:`annotator.text.normalise`), and ``sha256`` is that of its UTF-8.
    ``annotator`` is None where nobody has touched the article. ``suggestions`` are those that are
    open for the annotator, None where they are not part of the exchange. ``actors`` are those that
    the annotations name. ``repaired`` counts spans whose offsets counted something else than code points
    and were moved to where their quotes stand.
    """

    article: ArticleInput
    sha256: str
    annotator: str | None
    progress: Progress
    annotations: tuple[Annotation, ...]
    rejections: tuple[Rejection, ...]
    actors: tuple[Actor, ...]
    suggestions: tuple[Suggestion, ...] | None = None
    pipeline: PipelineInfo | None = None
    repaired: int = 0


BLANK = "blank_"
NO_MODEL = "blank_en"
"""The name of the pipeline that stands in where no spaCy model for English is installed."""


def no_model(language: str) -> str:
    """Return the name of the pipeline that stands in where none for ``language`` is installed."""
    return BLANK + language


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """Which pipeline made suggestions: its name, version and a hash of its configuration."""

    name: str
    version: str
    config: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was suggested for one article, and by which pipeline.

    ``notice`` says why a kind of suggestion is missing. ``language`` is the language that was detected
    (a code); None where it was given, or is not clear.
    """

    article: int
    suggestions: tuple[Suggestion, ...]
    pipeline: PipelineInfo
    notice: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a person did: one undo step. ``rows`` counts the rows that it touched."""

    id: int
    annotator: str
    text: str
    article: int | None
    created_at: str
    state: Literal["open", "done", "undone", "dropped"]
    rows: int

    def local_time(self) -> str:
        """Return when it was done, in this computer's time zone: 2026-02-24 09:05:00."""
        try:
            when = datetime.fromisoformat(self.created_at)
        except ValueError:  # not our handwriting
            return self.created_at
        return when.astimezone().strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class ActFilter:
    """Which acts the history lists: ``search`` in their words and names, some articles, one annotator."""

    search: str = ""
    articles: tuple[int, ...] | None = None
    annotator: str | None = None


@dataclass(frozen=True, slots=True)
class ActEntry:
    """One act as the history lists it.

    ``what`` counts its rows ("3 annotations, 1 rejection"); ``title`` is that of its article.
    """

    act: Act
    what: str
    title: str | None


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that an act touched, in words; None where there was no such row.

    ``kind`` is what the row is ("annotation"); ``article`` and ``title`` say where, if anywhere.
    """

    kind: str
    before: str | None
    after: str | None
    article: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """How far a long act is: what its generator yields."""

    done: int
    total: int


class RevertError(ProjectError):
    """An act cannot be taken back by itself; nothing was changed.

    ``rows`` are those that are no longer as the act left them (``before``: as it left them, ``after``:
    as they are), at most some hundred; ``total`` counts all of them.
    """

    def __init__(self, message: str, rows: tuple[RowChange, ...] = (), total: int = 0) -> None:
        super().__init__(message)
        self.rows = rows
        self.total = total


class RefusedError(ProjectError):
    """An act was refused, and rows may stand otherwise than before: ``change`` is to be read anew."""

    def __init__(self, message: str, change: Change) -> None:
        super().__init__(message)
        self.change = change


class FinishedFirstError(RefusedError):
    """An undo or redo that had been cut off was completed instead of what was asked."""


class RowsInTheWayError(RefusedError):
    """Rows of another program keep an act from being undone or redone."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an act (or its undoing) touched; every view hears of it through one signal.

    ``article`` is the article the act was about, None for project-wide acts; ``tables`` names the
    tables with changed rows, none where those that are shown are as they were; ``text`` says in plain
    words what was done. ``act`` is the act's id, None where something else changed the file.
    """

    text: str
    article: int | None
    tables: frozenset[str]
    act: int | None = None
