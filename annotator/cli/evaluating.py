"""What ``annotator evaluate`` does."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress

from annotator.evaluation import (
    Evaluation,
    Judged,
    Opinion,
    answer_figures,
    judged,
    rounds,
    stance_figures,
)
from annotator.model import PipelineError
from annotator.project import Project
from annotator.project.stance_labels import given_stances, own_prose, refits
from annotator.project.verdicts import LAYERS, Counted, CountProgress


def evaluate(project: Project, counted: Counted) -> Generator[CountProgress, None, Evaluation]:
    """Return all figures; every labelled stance is judged again, in this process."""
    stances, why = None, ""
    try:
        stances = stance_figures((yield from replay(project)))
    except (ImportError, OSError, PipelineError) as error:  # also a broken installation
        why = f"The stances could not be judged again: {error}"
    layers = tuple(answer_figures(counted.verdicts, layer) for layer in LAYERS)
    return Evaluation(layers, counted.blind, stances, why)


def replay(project: Project) -> Generator[CountProgress, None, list[Judged]]:
    """Judge every labelled article by what could be learnt before its label; see evaluation/replay.py."""
    labels = given_stances(project)
    if not labels:
        return []
    from annotator.nlp.pipeline import blank_pipeline
    from annotator.nlp.stance.classifier import LabelledText

    plan = rounds([(known.article, known.sha256) for known in labels], refits(labels))
    total, done = sum(len(part.articles) for part in plan), 0
    pipeline = blank_pipeline()  # the stance needs no model
    prose = {known.article: own_prose(project, known.article) for known in labels} if len(plan) > 1 else {}
    said: dict[tuple[int, int], Opinion] = {}
    for part in plan:
        pipeline.learn(
            [LabelledText(s.sha256, prose[s.article], s.label, s.weight) for s in labels[: part.learnt]]
        )
        for article in part.articles:
            stored = project.articles.get(article)
            decided = project.annotations.zone_decisions(article)
            with suppress(PipelineError):  # what cannot be analysed is not judged in use either
                answer = pipeline.stance_answer(article, stored.text, stored.language, decided)
                found = answer.suggestions[-1]
                said[part.learnt, article] = Opinion(found.label, found.scores)
            done += 1
            yield CountProgress(done, total)
    return judged([(known.article, known.label) for known in labels], said)
