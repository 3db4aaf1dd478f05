"""What an import does with what was read, counted: the report of an import, and of a rehearsal of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from annotator.formats import along
from annotator.formats.foreign import placed
from annotator.formats.item import Item
from annotator.formats.left_out import counted
from annotator.formats.metadata import lasting_id
from annotator.formats.txt import guess_title
from annotator.model import ArticleInput, ArticleRecord, Change, InputFileError
from annotator.project.arrivals import Arrivals
from annotator.project.articles import Added
from annotator.project.history import now
from annotator.text import printable

_METADATA = {
    "title": "titles",
    "source": "sources",
    "url": "URLs",
    "author": "authors",
    "published": "dates",
    "language": "languages",
    "meta": "further metadata",
    "id": "ids",
}
"""What metadata are called in the plural; other names are the file's own."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    ``new`` articles came in, and so did ``same_text`` ones, whose text another article has;
    ``known`` ones were there already. ``annotations`` came in, ``known_annotations`` were there;
    ``twice`` articles and ``twice_annotations`` came before in the same files;
    ``other_labels`` labels of whole articles were left out for other ones that are there, ``other_ids``
    labels for others that have their ids; ``own_ids`` came in under ids of their own;
    ``verified`` spans were compared with their text, of them ``repaired`` after their offsets, counted in
    other units, were put right. ``failed`` gives (path, reason); ``passed_over``
    counts files in folders that are of no kind we read. ``change`` is None when nothing changed.
    """

    new: int = 0
    same_text: int = 0
    known: int = 0
    annotations: int = 0
    known_annotations: int = 0
    verified: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    passed_over: int = 0
    change: Change | None = None
    repaired: int = 0
    guessed: tuple[str, ...] = ()  # encodings that were found out by statistics alone
    lost: tuple[tuple[str, int], ...] = ()  # what was left out, and how often it came
    undated: tuple[str, ...] = ()  # dates that say no day in only one way
    codebook: str = ""  # what became of the one that came along
    filled: tuple[tuple[str, int], ...] = ()  # metadata that articles lacked, and in how many
    differing: tuple[tuple[str, int], ...] = ()  # those that the file has otherwise, and how often
    other_labels: int = 0
    twice: int = 0
    twice_annotations: int = 0
    other_ids: int = 0
    own_ids: int = 0

    @property
    def imported(self) -> int:
        """The number of articles that came in."""
        return self.new + self.same_text

    def summary(self, done: str = "imported") -> str:
        """Return what happened in plain sentences; the files that failed, one a line, at the end.

        ``done`` is what became of the articles and annotations that are new.
        """
        parts = [f"{count(self.imported, 'article')} {done}"]
        if self.same_text:
            parts.append(f"{self.same_text} with the same text as another")
        if self.known:
            parts.append(f"{self.known} known already and skipped")
        if self.twice:
            parts.append(f"{self.twice} twice in the files and skipped")
        lines = [", ".join(parts) + "."]
        if self.annotations or self.known_annotations or self.twice_annotations or self.other_ids:
            parts = [f"{count(self.annotations, 'annotation')} {done}"]
            if self.known_annotations:
                parts.append(f"{self.known_annotations} known already")
            if self.twice_annotations:
                parts.append(f"{self.twice_annotations} twice in the files")
            lines.append(", ".join(parts) + ".")
        lines += self.kept()
        if self.verified:
            lines.append(f"{self.verified} of {self.verified} spans verified.")
        if self.repaired:
            lines.append(
                f"{count(self.repaired, 'span')} repaired: the offsets counted other units than characters, "
                "and were moved to where their quotes stand."
            )
        if self.guessed:
            kinds = unsure_encodings(self.guessed)
            lines.append(f"Not in UTF-8: {kinds}. Look whether their accents and letters came out right.")
        if self.lost:
            lines.append("Left out: " + ", ".join(counted(number, what) for what, number in self.lost) + ".")
        if self.filled:
            words = _metadata(self.filled)
            lines.append(f"Filled in where the project had nothing: {words}.")
        if self.differing:
            words = _metadata(self.differing)
            lines.append(f"Left as the project has them, though the file says otherwise: {words}.")
        if self.codebook:
            lines.append(self.codebook)
        if self.undated:
            lines.append(along.unclear_dates(self.undated))
        if self.passed_over:
            lines.append(f"{count(self.passed_over, 'file')} of other kinds passed over.")
        if self.failed:
            lines.append(f"{count(len(self.failed), 'file')} could not be imported:")
            lines += [f"  {path}: {reason}" for path, reason in self.failed]
            them = "it" if len(self.failed) == 1 else "them"
            lines.append(f"Mend {them} and import again: what is in the project already is passed over.")
        return "\n".join(lines)

    def kept(self) -> list[str]:
        """Return which labels did not come in for others that are there, or not under their ids."""
        lines = []
        if self.other_labels == 1:
            lines.append("1 label of a whole article differs from the one in the project, which was kept.")
        elif self.other_labels:
            several = f"{self.other_labels:,} labels of whole articles differ from those in the project, "
            lines.append(several + "which were kept.")
        if self.other_ids == 1:
            lines.append("1 label left out: the project has another state of it under its id.")
        elif self.other_ids:
            several = f"{self.other_ids:,} labels left out: the project has other states of them under "
            lines.append(several + "their ids.")
        if self.own_ids == 1:
            lines.append("1 label got an id of its own: another label has the one that it came with.")
        elif self.own_ids:
            several = f"{self.own_ids:,} labels got ids of their own: other labels have those that they "
            lines.append(several + "came with.")
        return lines


@dataclass
class Tally:
    """The report while it grows."""

    into: Arrivals
    new: int = 0
    same_text: int = 0
    known: int = 0
    annotations: int = 0
    known_annotations: int = 0
    other_labels: int = 0
    twice: int = 0
    twice_annotations: int = 0
    other_ids: int = 0
    own_ids: int = 0
    verified: int = 0
    passed_over: int = 0
    repaired: int = 0
    suggestions: bool = False
    guessed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)  # an article has a line for each annotator
    came: set[int] = field(default_factory=set)  # articles that are new
    labels: set[tuple[str, str | None]] = field(default_factory=set)
    lost: Counter[str] = field(default_factory=Counter)
    undated: list[str] = field(default_factory=list)
    codebook: str = ""
    filled: Counter[str] = field(default_factory=Counter)
    differing: Counter[str] = field(default_factory=Counter)

    def add_items(self, items: Sequence[Item]) -> list[tuple[ArticleRecord, Added | Literal["twice"] | None]]:
        """Put what was read where it goes, within the step that is going on.

        Returns it as it went, each with what became of its article: "twice" where one without an id of its
        own came before, None where it is another line of one that has.
        """
        codebook, when, me = self.into.codebook(), now(), self.into.project.annotator
        records = self._recognised(items, [placed(item.record, codebook, me, when) for item in items])
        for record in records:
            for s in record.suggestions or ():
                if (s.layer, s.label) not in self.labels:
                    self.labels.add((s.layer, s.label))
                    if s.label is not None:
                        self.into.ensure(s.layer, s.label, whole_article=s.start is None)
        found: list[tuple[ArticleRecord, Added | Literal["twice"] | None]] = []
        for item, record, added in zip(items, records, self.into.add_all(records), strict=True):
            self.lost.update(item.lost)
            if added.article != "known":
                self.guessed += guessed_encoding(item)
            article = record.article.uuid
            first = article is None or item.alone or hash(article) not in self.seen
            twice = added.id in self.came
            if added.article != "known":
                self.came.add(added.id)
            if first:
                if added.article != "known":
                    self.lost.update(item.lost_if_new)
                if item.file_id is not None:
                    self._fill(record.article)
                self.new += added.article == "new"
                self.same_text += added.article == "same_text"
                self.known += added.article == "known" and not twice
                self.twice += twice
                if added.article != "known" and along.is_unclear(record.article.published):
                    self.undated.append(str(record.article.published))
                if article is not None:
                    self.seen.add(hash(article))
            found.append((record, ("twice" if twice else added.article) if first else None))
            self.annotations += added.annotations
            if twice or added.article != "known":  # nothing of a new article can have been there
                self.twice_annotations += added.known
            else:
                self.known_annotations += added.known
            self.other_labels += added.differing
            self.other_ids += added.other_ids
            self.own_ids += added.own_ids
            self.verified += sum(1 for a in record.annotations if a.start is not None)
            self.repaired += record.repaired
            self.suggestions = self.suggestions or record.suggestions is not None
        return found

    def _fill(self, article: ArticleInput) -> None:
        """Give the project's article what it lacks of what the file says."""
        assert article.uuid is not None
        fills, differ = self.into.project.articles.lacking(
            article, lambda file: guess_title(article.text, Path(file).stem)
        )
        if fills:
            self.into.fill(article.uuid, fills)
        self.filled.update(fills.keys())
        self.differing.update(["id", *differ])

    def _recognised(self, items: Sequence[Item], records: list[ArticleRecord]) -> list[ArticleRecord]:
        """Give those whose text alone says which article they are its id."""
        places = [n for n, item in enumerate(items) if item.by_text and item.record.article.uuid is None]
        if places:
            meant = self.into.meant([(records[n].sha256, records[n].article) for n in places])
            for n, uuid in zip(places, meant, strict=True):
                uuid = uuid or lasting_id("text", records[n].sha256)  # the same for all that have it
                records[n] = replace(records[n], article=replace(records[n].article, uuid=uuid))
        return records

    def fail(self, path: Path, error: InputFileError) -> None:
        """Note that a file is not imported, and why."""
        where = f"line {error.line}: " if error.line is not None else ""
        self.failed.append((str(path), where + error.reason))

    def report(self, change: Change | None) -> ImportReport:
        """Return it; ``change`` is what came of the act, None where there was none."""
        if change is not None and self.suggestions:
            # They stand outside the history, but views show them.
            change = Change(change.text, change.article, change.tables | {"suggestions"})
        return ImportReport(
            self.new,
            self.same_text,
            self.known,
            self.annotations,
            self.known_annotations,
            self.verified,
            tuple((shown(path), reason) for path, reason in self.failed),
            self.passed_over,
            change if change is not None and change.tables else None,
            self.repaired,
            tuple(self.guessed),
            tuple(self.lost.most_common()),
            tuple(self.undated),
            self.codebook,
            tuple(self.filled.most_common()),
            tuple(self.differing.most_common()),
            self.other_labels,
            self.twice,
            self.twice_annotations,
            self.other_ids,
            self.own_ids,
        )


def guessed_encoding(item: Item) -> list[str]:
    """Return the encoding that was found out by the frequencies of letters, at which a person should look."""
    encoding = str(item.record.article.meta.get("encoding", "utf-8"))
    return [encoding] if item.record.article.uuid is None and not encoding.startswith("utf") else []


def unsure_encodings(guessed: Sequence[str]) -> str:
    """Return which encodings were guessed, and how often."""
    return ", ".join(f"{n:,} as {name}" for name, n in sorted(Counter(guessed).items()))


def shown(path: Path | str) -> str:
    """Return a path that can be printed: on Linux a name may hold line ends and bytes that are no UTF-8."""
    return printable(str(path).encode(errors="surrogateescape").decode(errors="replace"))


def _metadata(found: Sequence[tuple[str, int]]) -> str:
    """Return of how many articles which metadata: "2 titles, 1 author"."""
    return ", ".join(counted(number, _METADATA.get(what, f"“{what}”")) for what, number in found)


def count(number: int, noun: str) -> str:
    """Return "1 article", "2 articles"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
