"""Measure how well names are gathered under actors, against a gold standard that is kept elsewhere.

    python benchmarks/linking.py GOLD.jsonl

GOLD.jsonl has a line an article: ``{"text", "spans": [{"start", "end", "label", "entity"}]}``. The gold's own
spans are linked, so that only the linking is measured. Printed is B-cubed: for each name, precision is the
share of its cluster that is of the same actor, recall the share of its actor that is in its cluster; over all
articles together.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import spacy

from annotator.model import Suggestion
from annotator.nlp.gazetteer import load_gazetteer
from annotator.nlp.linking import Linker

ROUNDS = 20


def main() -> int:
    """Print the figures of each way to gather names; returns 0."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    articles = [json.loads(line) for line in lines if line.strip()]
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    sentences = [[s.start_char for s in nlp(article["text"]).sents] for article in articles]
    gold = [span["entity"] for article in articles for span in article["spans"]]
    names = [a["text"][s["start"] : s["end"]] for a in articles for s in a["spans"]]
    print(f"{len(gold)} names in {len(articles)} articles")
    show("equal names", gold, [" ".join(name.split()) for name in names])
    for title, linker in (
        ("without the gazetteer", Linker()),
        ("with the gazetteer", Linker((), load_gazetteer())),
    ):
        suggestions = [
            [Suggestion("entity", s["label"], s["start"], s["end"], "gold") for s in article["spans"]]
            for article in articles
        ]
        found: list[str] = []
        for article, starts, given in zip(articles, sentences, suggestions, strict=True):
            linked = linker.link(article["text"], starts, given)
            found += [s.actor or f"nobody {len(found)} {n}" for n, s in enumerate(linked)]
        began = time.process_time()
        for _ in range(ROUNDS):
            for article, starts, given in zip(articles, sentences, suggestions, strict=True):
                linker.link(article["text"], starts, given)
        millis = (time.process_time() - began) / ROUNDS / len(articles) * 1000
        show(title, gold, found, f", {millis:.2f} ms an article")
    return 0


def show(title: str, gold: Sequence[str], found: Sequence[str], more: str = "") -> None:
    """Print B-cubed precision, recall and F1."""
    both, right, given = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    precision = sum(n * n / given[cluster] for (_, cluster), n in both.items()) / len(gold)
    recall = sum(n * n / right[actor] for (actor, _), n in both.items()) / len(gold)
    f1 = 2 * precision * recall / (precision + recall)
    print(f"{title}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}{more}")


if __name__ == "__main__":
    sys.exit(main())
