"""How good the stance is on articles whose stance people decided.

    python3 benchmarks/stance.py GOLD.jsonl [--read IDS.json]

GOLD has a line an article: {"id", "source", "text", "label", "evidence": [[start, end], ...]}. Prints the
tables of docs/suggestions.md. Nothing is ever judged by what it was fitted to: the model learns from other
sources alone (a paper's house style gives its stance away), or, in the last table, from other articles of any
source. ``--read`` (a JSON list of ids) also prints those and the others apart, by the rules alone.

"sure": an article without a label ("not sure") counts as wrong; "forced": its likeliest label is taken.
Opposite: pro-West for pro-Russia or the reverse. Evidence: articles that are not neutral in which a sentence
that is shown overlaps the evidence that people marked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotator.model import Suggestion
from annotator.nlp.pipeline import Pipeline, blank_pipeline
from annotator.nlp.stance.classifier import STANCE_LABELS, LabelledText

SIDES = {"pro-West", "pro-Russia"}
DRAWS = 5
SEED = 14
LEAST_OF_EACH = 5
FIRST = 30  # labels before the program learns anything

Article = dict[str, Any]
Judged = list[tuple[Article, Suggestion]]


def macro_f1(pairs: Sequence[tuple[str, str | None]]) -> float:
    """Return the mean of the labels' F1 of (gold, predicted)."""
    total = 0.0
    for label in STANCE_LABELS:
        hits = sum(gold == label == said for gold, said in pairs)
        wrong = sum((gold == label) != (said == label) for gold, said in pairs)
        total += 2 * hits / (2 * hits + wrong) if hits else 0.0
    return total / len(STANCE_LABELS)


def figures(judged: Judged) -> dict[str, float]:
    """Return all figures of one run over the articles."""
    sure = [(article["label"], found.label) for article, found in judged]
    forced, loss = [], 0.0
    for article, found in judged:
        scores = found.scores or {}
        forced.append((article["label"], max(scores, key=lambda label: scores[label])))
        loss -= math.log(max(scores[article["label"]], 1e-6))
    marked = [(article["evidence"], found.evidence) for article, found in judged if article["label"] in SIDES]
    overlap = sum(any(a < d and c < b for a, b in shown for c, d in gold) for gold, shown in marked)
    covered = [pair for pair in sure if pair[1] is not None]
    return {
        "forced F1": macro_f1(forced),
        "forced opposite": _opposite(forced) / len(judged),
        "sure F1": macro_f1(sure),
        "sure opposite": _opposite(sure) / len(judged),
        "coverage": len(covered) / len(judged),
        "right when sure": sum(gold == said for gold, said in covered) / max(1, len(covered)),
        "evidence": overlap / max(1, len(marked)),
        "log-loss": loss / len(judged),
    }


def _opposite(pairs: Iterable[tuple[str, str | None]]) -> int:
    return sum({gold, said} == SIDES for gold, said in pairs)


def judge(pipeline: Pipeline, articles: Iterable[Article], labelled: Sequence[Article]) -> Judged:
    """Judge ``articles`` after learning from ``labelled``; by the rules alone where those are too few."""
    labelled = labelled if len(labelled) >= FIRST else []
    pipeline.learn(
        [
            LabelledText(hashlib.sha256(a["text"].encode()).hexdigest(), a["text"], a["label"], 1.0)
            for a in labelled
        ]
    )
    return [
        (article, pipeline.stance_answer(0, article["text"], "en").suggestions[-1]) for article in articles
    ]


def draw(pool: Sequence[Article], number: int, chance: random.Random) -> list[Article]:
    """Draw ``number`` articles (or all), at least five of each label where there are so many."""
    shuffled = chance.sample(list(pool), len(pool))
    first = [
        a for label in STANCE_LABELS for a in [b for b in shuffled if b["label"] == label][:LEAST_OF_EACH]
    ]
    rest = [article for article in shuffled if article not in first]
    return (first + rest)[:number]


def by_source(pipeline: Pipeline, articles: Sequence[Article], number: int, seed: int) -> Judged:
    """Judge each source by ``number`` labels of the other sources (or as many as there are)."""
    chance = random.Random(seed)
    judged: Judged = []
    for source in sorted({article["source"] for article in articles}):
        others = [article for article in articles if article["source"] != source]
        here = [article for article in articles if article["source"] == source]
        judged += judge(pipeline, here, draw(others, number, chance) if number else [])
    return judged


def by_article(pipeline: Pipeline, articles: Sequence[Article], number: int, seed: int) -> Judged:
    """Judge each tenth of the articles by ``number`` labels of the other nine (or as many as there are)."""
    chance = random.Random(seed)
    shuffled = chance.sample(list(articles), len(articles))
    judged: Judged = []
    for fold in range(10):
        here = shuffled[fold::10]
        others = [article for article in shuffled if article not in here]
        judged += judge(pipeline, here, draw(others, number, chance) if number else [])
    return judged


def table(title: str, rows: Iterable[tuple[str, Callable[[int], Judged], int]]) -> None:
    """Print a Markdown table: the mean over the draws, each figure in a column."""
    print(f"\n{title}\n")
    for number, (name, run, draws) in enumerate(rows):
        runs = [figures(run(SEED + n)) for n in range(draws)]
        mean = {key: sum(values[key] for values in runs) / draws for key in runs[0]}
        if not number:
            print("| | " + " | ".join(mean) + " |")
            print("|---" * (len(mean) + 1) + "|")
        percent = ("opposite", "coverage", "right", "evidence")
        cells = [f"{v:.0%}" if any(word in k for word in percent) else f"{v:.2f}" for k, v in mean.items()]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("--read", type=Path, help="a JSON list of the ids that the rules' author has read")
    options = parser.parse_args()
    articles = [json.loads(line) for line in options.gold.read_text("utf-8").splitlines() if line.strip()]
    pipeline = blank_pipeline()
    cold = [("rules alone", lambda seed: judge(pipeline, articles, []), 1)]
    if options.read:
        read = set(json.loads(options.read.read_text("utf-8")))
        for name, wanted in (("read", True), ("not read", False)):
            some = [article for article in articles if (article["id"] in read) == wanted]
            cold.append((f"rules alone, {len(some)} {name}", lambda seed, s=some: judge(pipeline, s, []), 1))
    table("Rules", cold)
    for title, run in (("Labels of other sources", by_source), ("Labels of any source", by_article)):
        rows = [
            (f"{number} labels", lambda seed, n=number, r=run: r(pipeline, articles, n, seed), DRAWS)
            for number in (15, 30, 60)
        ]
        table(title, rows)


if __name__ == "__main__":
    main()
