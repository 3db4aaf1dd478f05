"""Project memory and the drawn orders: what they cost.

python3 benchmarks/remembering.py [--articles N | --full]

The floor of storing by the rules is the pipeline's own time for the same articles.
"""

from __future__ import annotations

import shutil
import time

from shared import finish, ms, place, row, seconds

FEW = 60
RULES = 500


def main() -> None:
    """Print the figures."""
    from annotator.model import ArticleFilter, PipelineInfo
    from annotator.nlp.pipeline import build_pipeline
    from annotator.project import open_project

    here = place(__doc__)
    path = here.folder / "remembering.annot"
    shutil.copy(here.project(), path)
    pipeline = build_pipeline()
    with open_project(path, annotator="anna") as project:
        ids = project.articles.ids()
        texts = [project.articles.text(article) for article in ids[:FEW]]
        pipeline.suggest_one(texts[0], "en")
        floor = seconds(lambda: [pipeline.suggest_one(text, "en") for text in texts]) / FEW
        batch = [(article, project.suggestions.stored(article), None) for article in ids[:FEW]]
        plain = min(
            seconds(lambda: project.suggestions.replace(PipelineInfo("a", "1"), batch)) for _ in range(5)
        )
        words = sorted({word for text in texts for word in text.split() if len(word) > 5 and word.isalpha()})
        for word in words[:RULES]:
            at = next(n for n, text in enumerate(texts) if word in text)
            start = texts[at].find(word)
            project.annotations.add(ids[at], "entity", "GPE", start, start + len(word))
        began = time.perf_counter()
        finish(project.memory.load())
        row(f"read {len(project.memory.rules):,} rules, ms", ms(time.perf_counter() - began), "", 0, 50)
        ruled = min(
            seconds(lambda: project.suggestions.replace(PipelineInfo("a", "1"), batch)) for _ in range(5)
        )
        more = (ruled - plain) / FEW
        row("rules when storing an article / pipeline", ms(more), ms(floor), more / floor, 0.03)
        stored = project.suggestions.open(ids[0])
        wrong = next(s for s in stored if s.label == "GPE")
        began = time.perf_counter()
        change = project.annotations.accept(ids[0], wrong.id, label="LOC")
        assert change.act is not None
        names = project.memory.recount(project.memory.names_of(change.act) or ())
        articles = [a for name in names for part in project.memory.articles_with(name) for a in part]
        moved, done = project.memory.refresh(articles)
        took = time.perf_counter() - began
        row(f"a correction, {len(moved):,} of {done:,} articles follow, s", ms(took), "", took, 1)
        for sort in ("random", "by_source", "by_month", "uncertainty"):
            first = seconds(lambda s=sort: project.articles.ids(ArticleFilter(sort=s)))  # type: ignore[misc]
            again = seconds(lambda s=sort: project.articles.ids(ArticleFilter(sort=s)))  # type: ignore[misc]
            row(f"list by {sort}: first, again, ms", ms(first), ms(again), again * 1000, 50)


if __name__ == "__main__":
    main()
