"""Writing a DocBin: a folder that ``spacy train`` takes as it is.

spaCy holds whole tokens. A span that begins or ends inside one is widened in what spaCy sees, is named
before the export (:class:`Check`), at its end and in its README, and stands exactly in the document's
``user_data``.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.formats.docbin_packing import Bin, Stretch, Tokens
from annotator.formats.docbin_training import CONFIG, README, Kinds, config, readme
from annotator.formats.foreign import ENTITY
from annotator.formats.left_out import not_held
from annotator.formats.metadata import OWN, Names, about_rows, own_entry
from annotator.formats.tally import count
from annotator.formats.unaligned import Unaligned
from annotator.model import Annotation, ArticleRecord, Codebook
from annotator.text import LARGEST_TEXT, printable

if TYPE_CHECKING:
    from spacy.language import Language

GROUP = "sc"
"""The group of spans that spaCy's span categorizer reads."""

_AT_A_TIME = 500  # documents in a file: what is in memory
_TRAIN, _DEV = "train", "dev"


class Writer:
    """Writes the documents, some hundreds a file, then the training configuration and a README."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._path = path
        self._names = Names(codebook)
        self._whole = self._names.whole(codebook)
        self._bins: dict[str, Bin] = {}
        self._files: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._kinds = Kinds()
        self._fit = _Fit(self._names)
        self._rejections = 0
        for part in (_TRAIN, _DEV):
            (path / part).mkdir()

    def add(self, record: ArticleRecord) -> None:
        """Write a record as a document."""
        blank = _of(record)
        self._languages[blank.lang or "xx"] += 1
        # The same articles each time, about one in five, whoever exports.
        digest = sha256((record.article.uuid or record.sha256).encode()).digest()
        part = _DEV if digest[0] < 52 else _TRAIN
        self._put(part, record, blank)
        self._rejections += len(record.rejections)

    def close(self) -> Sequence[str]:
        """Complete the files; name the spans that spaCy cannot hold exactly."""
        for part in list(self._bins):
            self._flush(part)
        language = self._languages.most_common(1)[0][0] if self._languages else "en"
        train = _TRAIN if self._files[_TRAIN] else _DEV
        dev = _DEV if self._files[_DEV] else _TRAIN
        (self._path / CONFIG).write_text(config(self._kinds, language, train, dev), encoding="utf-8")
        (self._path / README).write_text(
            readme(self._kinds, train, dev, self._languages, self._fit.list), encoding="utf-8"
        )
        said = self._fit.unaligned.sentences(
            "Spans with an edge inside a token of spaCy, widened to whole tokens"
        )
        if said:
            said[0] += f" All of them are listed in {README}."
        if self._kinds.overlapping:
            said.append(
                f"{count(self._kinds.overlapping, 'document')} with overlapping entities: they have no ents, "
                f"which cannot overlap; their entities are in spans[{GROUP!r}] like all others."
            )
        return said + not_held("a DocBin", {"rejections": self._rejections})

    def _put(self, part: str, record: ArticleRecord, blank: Language) -> None:
        """Write a record as a document of ``part``."""
        tokens = Tokens(record.article.text, blank)
        # A span that is widened may come to stand where another one of its label stands.
        exact: dict[Stretch, list[tuple[int, int]]] = {}
        entities: dict[Stretch, None] = {}
        for a, place, found in self._fit.stretches(record, tokens):
            exact.setdefault(found, []).append(place)
            if a.layer == ENTITY:
                entities[found] = None
        decided = {self._names.of(a.layer, a.label) for a in record.annotations if a.start is None}
        cats = {n: float(n in decided) for n in dict.fromkeys([*self._whole, *decided])} if decided else {}
        known = self._known(record, list(entities))
        self._kinds.add(0 if known is None else len(known), exact, cats)
        entry = own_entry(
            record,
            by=record.annotator,
            labels=self._names.used(record),
            exact=[
                (found.start, found.end, found.label, *one)
                for found, all_ in exact.items()
                for one in all_
                if all_ != [(found.start, found.end)]
            ],
            about=about_rows(record, self._names),
        )
        if part not in self._bins:
            self._bins[part] = Bin()
        self._bins[part].add(
            tokens,
            entities=known,
            group=GROUP,
            spans=exact,
            cats=cats,
            user_data={OWN: json.dumps(entry, ensure_ascii=False)},
        )
        if len(self._bins[part]) >= _AT_A_TIME:
            self._flush(part)

    def _known(self, record: ArticleRecord, entities: list[Stretch]) -> list[Stretch] | None:
        """Return the entities where they are known and disjoint; elsewhere they are missing, not "none"."""
        entities.sort()
        overlap = any(after.first < before.last for before, after in pairwise(entities))
        self._kinds.overlapping += overlap
        known = record.annotator is not None and (bool(entities) or record.progress.status == "done")
        return entities if known and not overlap else None

    def _flush(self, part: str) -> None:
        self._files[part] += 1
        self._bins.pop(part).to_disk(self._path / part / f"{self._files[part]:04}.spacy")


class _Fit:
    """Where spans stand in spaCy's tokens; those that had to be widened are in ``list``."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.unaligned = Unaligned()
        self.list: list[str] = []

    def stretches(
        self, record: ArticleRecord, tokens: Tokens
    ) -> list[tuple[Annotation, tuple[int, int], Stretch]]:
        """Return the annotations on stretches, each with where it stands and its whole tokens."""
        on_spans = [a for a in record.annotations if a.start is not None and a.end is not None]
        labels = [self._names.of(a.layer, a.label) for a in on_spans]
        places = [(a.start or 0, a.end or 0) for a in on_spans]
        stretches = list(zip(on_spans, places, tokens.stretches(places, labels), strict=True))
        for a, place, found in stretches:
            if (found.start, found.end) != place:
                words = " ".join(record.article.text[found.start : found.end].split())
                self.list.append(f"{self.unaligned.add(record, a)}: now {printable(f'“{words}”', keep='')}")
        return stretches


class Check:
    """Goes through the records as :class:`Writer` does, writes nothing, and says what would be widened."""

    def __init__(self, codebook: Codebook) -> None:
        self._fit = _Fit(Names(codebook))

    def add(self, record: ArticleRecord) -> None:
        """Find the tokens of a record's spans."""
        if any(a.start is not None for a in record.annotations):
            self._fit.stretches(record, Tokens(record.article.text, _of(record)))

    def close(self) -> Sequence[str]:
        """Return a sentence on the spans that would be widened and then each of them, or nothing."""
        if not (number := len(self._fit.list)):
            return []
        they = "1 span has an edge" if number == 1 else f"{number:,} spans have an edge"
        head = (
            f"{they} inside a token of spaCy, and would be widened to whole tokens there. Where they really "
            "stand is kept beside, and comes back on import."
        )
        return [head, *self._fit.list]


def _of(record: ArticleRecord) -> Language:
    """Return the tokenizer of an article."""
    given = (record.article.language or "").strip().lower()
    return _blank(given[:2] if given else _by_script(record.article.text))


@cache
def _blank(code: str) -> Language:
    """Return the tokenizer of a language; that for any where spaCy has none."""
    import spacy

    try:
        blank = spacy.blank(code)
    except (ImportError, ValueError):  # unknown, or its tokenizer needs a package that is not there
        return _blank("xx")
    blank.max_length = LARGEST_TEXT + 1
    return blank


def _by_script(text: str) -> str:
    """Return the language whose tokenizer fits a text that nobody has named one for."""
    for character in text[:2000]:
        if character.isalpha():
            script = unicodedata.name(character, "").split(" ")[0]
            return {"LATIN": "en", "CYRILLIC": "ru", "ARMENIAN": "hy"}.get(script, "xx")
    return "en"
