"""Articles made up by a seeded generator: about 3 kB of text and 60 suggestions each, always the same.

python3 benchmarks/corpus.py FILE [ARTICLES]    writes them as JSONL (`annotator import FILE PROJECT`)
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SUGGESTIONS = 60
_LENGTH = 3000  # code points, about
_NAMES = {  # the names of this corpus, by label; not all are Latin letters
    "PERSON": [
        "Anna Petrosyan",
        "J. Weber",
        "Ольга Иванова",
        "Sir Harold Finch",
        "Նարե Սարգսյան",
        "Li 🚀 Wei",
    ],
    "ORG": ["the Border Commission", "Meridian Bank", "Совет портов", "Union of Millers", "Radio Delta"],
    "GPE": ["Armenia", "Georgia", "Брюссель", "Valletta", "New Harbour", "Гюмри", "Café Province"],
    "EVENT": ["the Spring Summit", "Harvest Fair", "the Tariff Talks"],
}
_STANCES = ("pro-West", "neutral", "pro-Russia")


def _vocabulary(rng: random.Random) -> tuple[list[str], list[float]]:
    """Return 30,000 words and how often each is (Zipf): what a full-text index has to deal with."""
    syllables = [
        "ka",
        "re",
        "to",
        "mi",
        "sen",
        "dor",
        "al",
        "ve",
        "nu",
        "pra",
        "li",
        "ost",
        "gen",
        "ba",
        "sho",
    ]
    words = sorted({"".join(rng.choices(syllables, k=rng.randint(2, 5))) for _ in range(60_000)})[:30_000]
    rng.shuffle(words)
    weights, total = [], 0.0
    for rank in range(1, len(words) + 1):
        total += 1 / rank
        weights.append(total)
    return words, weights


def lines(articles: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield articles as lines of schema ``annotator/1``, with suggestions and without decisions."""
    rng = random.Random(seed)
    words, weights = _vocabulary(rng)
    names = [(label, name) for label, group in _NAMES.items() for name in group]
    for number in range(articles):
        parts: list[str] = []
        suggestions: list[dict[str, Any]] = []
        length = 0
        between = rng.choices(words, cum_weights=weights, k=5 * SUGGESTIONS)
        for nth in range(SUGGESTIONS - 1):
            run = " ".join(between[nth * 5 : nth * 5 + 3 + nth % 3]) + " "
            label, name = names[rng.randrange(len(names))]
            start = length + len(run)
            parts += [run, name, ".\n" if nth % 12 == 11 else ". " if nth % 3 == 2 else " "]
            length = start + len(name) + len(parts[-1])
            suggestions.append(_suggestion("entity", label, start, start + len(name)))
        text = "".join(parts)
        assert abs(len(text) - _LENGTH) < _LENGTH / 2
        stance = _STANCES[rng.randrange(3)]
        rest = {name: 0.2 if name != stance else 0.6 for name in _STANCES}
        suggestions.insert(
            0,
            _suggestion("stance", stance, None, None)
            | {"score": 0.6, "scores": rest, "reason": "3 cues", "evidence": [[0, min(300, len(text))]]},
        )
        yield {
            "schema": "annotator/1",
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "title": f"{' '.join(between[:7]).capitalize()} {number}",
            "text": text,
            "meta": {
                "source": f"paper-{rng.randrange(40)}.example",
                "url": f"https://paper.example/{number}",
                "published": f"20{rng.randrange(10, 26)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
                "author": None,
                "language": "en",
            },
            "annotator": None,
            "status": "todo",
            "flagged": False,
            "note": "",
            "labels": {},
            "spans": [],
            "rejections": [],
            "actors": {},
            "suggestions": suggestions,
            "pipeline": {"name": "corpus", "version": "1"},
        }


def _suggestion(layer: str, label: str, start: int | None, end: int | None) -> dict[str, Any]:
    return {
        "layer": layer,
        "label": label,
        "start": start,
        "end": end,
        "score": None,
        "scores": None,
        "reason": "the model's name finder",
        "evidence": [],
        "component": "ner" if layer == "entity" else "stance",
    }


def write(path: Path, articles: int, seed: int = 1) -> None:
    """Write the corpus as JSONL."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines(articles, seed):
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2_000)
