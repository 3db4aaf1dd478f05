"""Articles that are much larger than any: one with 10,000 spans, one with 5 million characters."""

from __future__ import annotations

import random
from typing import Any

SPANS = 10_000
CHARACTERS = 5_000_000
_NAMES = 800
_LABELS = ("PERSON", "ORG", "GPE")


def many_spans(project: Any) -> int:
    """Add an article with 10,000 suggested names, 800 different ones; return its id."""
    from annotator.model import ArticleInput, PipelineInfo, Suggestion

    rng = random.Random(1)
    letters = "abcdefghijklmnop"
    names = ["".join(rng.choices(letters, k=rng.randint(4, 9))).title() for _ in range(_NAMES)]
    parts: list[str] = []
    spans: list[Suggestion] = []
    at = 0
    for number in range(SPANS):
        name = rng.choice(names)
        words = f"{name} met others and said so" + (".\n" if number % 7 == 0 else ", ")
        label = _LABELS[len(name) % 3]
        spans.append(Suggestion("entity", label, at, at + len(name), "ner", "the model says so", actor=name))
        parts.append(words)
        at += len(words)
    with project.act("imported"):
        article, _ = project.articles.add(ArticleInput("".join(parts), "10,000 spans"))
    project.suggestions.replace(PipelineInfo("corpus", "1"), [(article, spans, None)])
    return int(article)


def long_text() -> str:
    """Return a text as long as an article may be."""
    paragraph = "The committee met again and said nothing new about the treaty in the capital. " * 12
    return (paragraph.strip() + "\n") * (CHARACTERS // len(paragraph))
