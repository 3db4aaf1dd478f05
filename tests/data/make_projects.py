"""Makes ``schema-NNNN.annot``, a small project of the present schema. Run once for each new migration.

The files stay for ever: tests/unit/test_schemas.py opens each of them, so that no project that anybody
ever made becomes unreadable.
"""

from __future__ import annotations

import sys
from pathlib import Path

from annotator.model import ArticleFilter, ArticleInput, Condition, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.project.schema import migrations

TEXT = "A rocket 🚀 flew over Armenia. Russia denied it."


def fill(project: Project) -> None:
    """Do a little of everything: two articles, all kinds of decisions, something undone."""
    with project.act("imported 2 articles"):
        project.articles.add(ArticleInput(TEXT, "Rocket", source="b.example", published="2024-02-04"))
        project.articles.add(ArticleInput("Gyumri's café was closed.", "Café", language="en"))
    start = TEXT.index("Armenia")
    suggestions = [
        Suggestion("entity", "GPE", start, start + 7, "ner", "ner: GPE"),
        Suggestion("entity", "ORG", start + 9, start + 15, "ner", "ner: ORG"),
    ]
    project.suggestions.replace(PipelineInfo("by_hand", "1"), [(1, suggestions, None)])
    project.annotations.accept(1, 1)
    project.annotations.reject(1, 2)
    project.annotations.add(1, "stance", "neutral")
    project.codebook_editing.add_example("entity", "GPE", 1, start, start + 7, fits=True)
    project.codebook_editing.edit_label("entity", "GPE", rule="Only with a government.")
    project.filters.save("mine", ArticleFilter(conditions=(Condition("label", "entity/GPE"),)))
    project.articles.set_status(1, "done")
    project.articles.set_note(2, "a note")
    project.articles.set_flagged(2, True)
    project.undo()
    for _ in project.near_duplicates.compare():
        pass


def main() -> None:
    """Write the file beside this script unless it is there."""
    number = [migration.name for migration in migrations._migrations][-1].split("_")[0]
    path = Path(__file__).with_name(f"schema-{number}.annot")
    if path.exists():
        sys.exit(f"{path.name} is there, and must not change.")
    with create_project(path, annotator="anna") as project:
        fill(project)


if __name__ == "__main__":
    main()
