"""What lies beside an exported DocBin so that ``spacy train`` runs: a configuration and a README."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotator.formats.docbin_packing import Stretch

CONFIG, README = "config.cfg", "README.md"
_LONGEST = 12  # tokens of the spans that are suggested to the span categorizer: names, not whole sentences


class Kinds:
    """What the documents of an export hold: which components there is something to learn for."""

    def __init__(self) -> None:
        self.entities = 0
        self.spans = 0
        self.categories = 0
        self.overlapping = 0
        self.lengths: Counter[int] = Counter()
        self.several = False

    def add(self, entities: int, spans: Collection[Stretch], cats: Mapping[str, float]) -> None:
        """Count one document: how many entities it has in ``ents``, and all else that it has."""
        self.entities += entities
        self.spans += len(spans)
        self.lengths.update(each.last - each.first for each in spans)
        self.categories += bool(cats)
        self.several = self.several or sum(score > 0 for score in cats.values()) > 1

    def components(self) -> list[str]:
        """Return the components to be trained; spans of which ``ents`` is the whole need no second one."""
        found = []
        if self.entities:
            found.append("ner")
        if self.spans > self.entities or self.overlapping:
            found.append("spancat")
        if self.categories:
            found.append("textcat_multilabel" if self.several else "textcat")
        return found or ["ner"]


def config(kinds: Kinds, language: str, train: str, dev: str) -> str:
    """Return the configuration that spaCy itself proposes for these components, for a CPU."""
    from spacy.cli.init_config import init_config

    proposed = init_config(lang=language, pipeline=kinds.components(), optimize="efficiency", gpu=False)
    proposed["paths"]["train"], proposed["paths"]["dev"] = train, dev
    if (spancat := proposed["components"].get("spancat")) is not None:
        sizes = sorted(n for n in kinds.lengths if n <= _LONGEST)
        spancat["suggester"]["sizes"] = sizes or [1, 2, 3]
    return str(proposed.to_str())


def readme(kinds: Kinds, train: str, dev: str, languages: Counter[str], unaligned: Sequence[str]) -> str:
    """Return what to do with the folder, in words, with the spans that spaCy cannot hold exactly."""
    components = kinds.components()
    lines = [
        "# Training data for spaCy",
        "",
        "In this folder:",
        "",
        "    python -m spacy train config.cfg --output model",
        "",
        f"`{train}/` is learnt from and `{dev}/` judged by"
        + (
            "." if train != dev else ": there are too few articles to keep some apart, so the scores flatter."
        ),
        f"Components: {', '.join(components)}. Languages of the documents: "
        + ", ".join(f"{code} ({number})" for code, number in languages.most_common())
        + ".",
        "",
        "- A document is what one annotator decided on one article: to have each text once, export one.",
        "- `doc.ents` are the entities where they are disjoint; they are missing (not: none) where nobody",
        "  has labelled entities, or where they overlap. `doc.spans['sc']` has every span of every layer.",
        "- `doc.cats` has all labels for whole articles, with 1.0 for what was chosen.",
        "- `doc.user_data['annotator']` has article, annotator and layers: Annotator reads them back.",
    ]
    if any(length > _LONGEST for length in kinds.lengths):
        lines.append(
            f"- Spans of more than {_LONGEST} tokens (passages) are in the data, but the span categorizer is "
            "not asked for them: its suggester has a size for each length."
        )
    if unaligned:
        lines += [
            "",
            "## Spans that begin or end inside a token",
            "",
            "spaCy holds whole tokens only. These were widened; where they really stand is in `user_data`.",
            "",
            *(f"- {words}" for words in unaligned),
        ]
    return "\n".join(lines) + "\n"
