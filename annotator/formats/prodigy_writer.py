"""Writing Prodigy's JSONL (:mod:`annotator.formats.prodigy`): a task a line, with the tokens of its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from annotator.formats.metadata import OWN, Names, about, own_entry
from annotator.formats.together import Together
from annotator.formats.token_edges import Numbers, SpacedTokens, spaced_tokens_of
from annotator.formats.unaligned import Unaligned
from annotator.model import Annotation, ArticleRecord, Codebook, Rejection

KEPT = ("_input_hash", "_task_hash", "_view_id", "_is_binary")
_UNSET = msgspec.UNSET

# What stands behind a token's words in JSON, up to those of the next one.
_NEXT = b'},{"text":"'
_START, _END = Numbers(b'","start":%d'), Numbers(b',"end":%d')
_ID = Numbers(b',"id":%d,"ws":false' + _NEXT, b',"id":%d,"ws":true' + _NEXT)  # by whether a blank follows


class _Span(msgspec.Struct, gc=False):
    start: int
    end: int
    token_start: int | msgspec.UnsetType
    token_end: int | msgspec.UnsetType
    label: str
    own: dict[str, Any] | msgspec.UnsetType = msgspec.field(name=OWN)


class Writer(Together):
    """Writes a line an article and annotator, and one more for what they rejected."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        super().__init__()
        self._file = path.open("xb", buffering=1 << 20)
        self._names = Names(codebook)
        self._options = [{"id": name, "text": name} for name in self._names.whole(codebook)]
        self._unaligned = Unaligned()
        self._encode = msgspec.json.Encoder().encode

    def write(self, records: Sequence[ArticleRecord]) -> None:
        """Write records."""
        placed = [
            [d for decided in (record.annotations, record.rejections) for d in decided if d.start is not None]
            for record in records
        ]
        stretches = [([d.start or 0 for d in each], [d.end or 0 for d in each]) for each in placed]
        texts = [record.article.text for record in records]
        for record, tokens in zip(records, spaced_tokens_of(texts, stretches), strict=True):
            self._write_record(record, tokens)

    def close(self) -> Sequence[str]:
        """Complete the file; name the spans without token numbers."""
        try:
            self.write_waiting()
        finally:
            self._file.close()
        return self._unaligned.sentences("Spans with an edge inside a word, written without token numbers")

    def _write_record(self, record: ArticleRecord, tokens: SpacedTokens) -> None:
        whole = [a for a in record.annotations if a.start is None]
        numbers = zip(tokens.first, tokens.last, strict=True)
        spans = self._spans(record, record.annotations, numbers)
        task = self._task(record, tokens)
        touched = record.annotator is not None
        answer = {"answer": "ignore" if record.progress.status == "skipped" else "accept"} if touched else {}
        accepted = {self._names.of(a.layer, a.label): about(a) for a in whole}
        if entries := {name: entry for name, entry in accepted.items() if entry}:
            task[OWN]["about"] = entries
        choice = {"options": self._options, "accept": list(accepted)} if self._options or whole else {}
        self._write_task({**task, "spans": spans, **choice, **_time(record), **answer})
        if spans := self._spans(record, record.rejections, numbers):
            self._write_task({**task, "spans": spans, "answer": "reject"})
        for r in record.rejections:
            if r.start is None:
                name = self._names.of(r.layer, r.label)
                self._write_task({**task, "spans": [], "label": name, "answer": "reject"})

    def _write_task(self, task: dict[str, Any]) -> None:
        self._file.write(self._encode(task))
        self._file.write(b"\n")

    def _task(self, record: ArticleRecord, tokens: SpacedTokens) -> dict[str, Any]:
        article = record.article
        shown = {
            name: value for name in ("title", "source", "published") if (value := getattr(article, name))
        }
        kept = article.meta.get("prodigy")
        kept = {k: v for k, v in kept.items() if k in KEPT} if isinstance(kept, Mapping) else {}
        who = {"_annotator_id": record.annotator, "_session_id": record.annotator} if record.annotator else {}
        return {
            "text": article.text,
            "meta": shown,
            **kept,
            **who,
            OWN: own_entry(record, labels=self._names.used(record)),
            "tokens": _tokens(tokens),
        }

    def _spans(
        self,
        record: ArticleRecord,
        decided: Sequence[Annotation] | Sequence[Rejection],
        numbers: Iterator[tuple[int, int]],
    ) -> list[_Span]:
        """Return the spans of what was decided on stretches, with their tokens, the next of ``numbers``."""
        spans, names = [], self._names.of
        for d in decided:
            start, end = d.start, d.end
            if start is None or end is None:
                continue
            first, last = next(numbers)
            name = names(d.layer, d.label)
            said = _UNSET if isinstance(d, Rejection) else about(d) or _UNSET
            if first >= 0:
                spans.append(_Span(start, end, first, last, name, said))
            else:
                spans.append(_Span(start, end, _UNSET, _UNSET, name, said))
                if not isinstance(d, Rejection):
                    self._unaligned.add(record, d)
        return spans


def _tokens(tokens: SpacedTokens) -> msgspec.Raw:
    """Return the tokens as JSON.

    A text has hundreds, so what stands in the same part of all is made together, and no object for one.
    """
    import numpy as np  # late: the window does not wait for it

    number = len(tokens.words)
    if not number:
        return msgspec.Raw(b"[]")
    parts = [b""] * (4 * number)
    parts[0::4] = tokens.words
    parts[1::4] = _START.at(tokens.starts)
    parts[2::4] = _END.at(tokens.ends)
    parts[3::4] = _ID.at(np.arange(number), tokens.blank)
    parts[0] = b'[{"text":"' + parts[0]
    parts[-1] = parts[-1].removesuffix(_NEXT) + b"}]"
    return msgspec.Raw(b"".join(parts))


def _time(record: ArticleRecord) -> dict[str, int]:
    try:
        last = max(map(datetime.fromisoformat, {a.updated_at for a in record.annotations}))
        return {"_timestamp": int(last.timestamp())}
    except (ValueError, TypeError):  # no annotations, or not our handwriting
        return {}
