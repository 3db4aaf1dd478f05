"""Making suggestions without a window: the pipeline in this process, or in several."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotator.model import BLANK, Answer, PipelineError, PipelineInfo, ZoneDecisions, no_model
from annotator.nlp.languages import language_name
from annotator.nlp.stance.classifier import LabelledText, labels_hash
from annotator.project.stance_labels import awaits_learning, labels_to_learn, outdated_stances, own_prose

if TYPE_CHECKING:
    from annotator.nlp.pipeline import Pipeline
    from annotator.project import Project

_STANCES = 64  # articles a transaction, where the stance alone is made anew
_BATCH_SECONDS = 1.0  # of work a transaction, which waits for the disk: what a crash can lose


@dataclass
class SuggestReport:
    """How many of ``total`` articles that wanted suggestions have them now, of ``articles`` in the project.

    ``failed`` says why others have none; ``copied`` have those of the same text elsewhere in the project.
    ``models`` counts articles by pipeline, ``unread`` those without one by language. ``labels`` is how
    many the stance has learnt from, ``judged_again`` the articles whose stance alone was made anew after it.
    """

    articles: int
    total: int
    done: int
    failed: list[str]
    models: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    copied: int = 0
    hints: list[str] = field(default_factory=list)
    stopped: bool = False
    labels: int = 0
    judged_again: int = 0

    def summary(self) -> str:
        """Return what was done in a plain sentence."""
        if not self.articles:
            return "There are no articles yet: import some first."
        if not self.total and not self.judged_again:
            return "All articles have suggestions already. With --again they are made anew."
        if self.stopped:
            return (
                f"Stopped: suggestions for {self.done} of {self.total} articles are stored. "
                "Start it again to go on."
            )
        made = f" made with {' and '.join(self.models)}" if self.models else " made"
        same = f" {self.copied} have the text of another one and got the same." if self.copied else ""
        said = f"Suggestions for {self.done} of {self.total} articles{made}.{same}"
        return f"{said}{self._learnt()}{self._without()}"

    def _learnt(self) -> str:
        if not self.labels:
            return ""
        again = f"; it was judged anew for {self.judged_again} more" if self.judged_again else ""
        return f" The stance has learnt from {self.labels} labels{again}."

    def _without(self) -> str:
        if not self.unread:
            return ""
        languages = ", ".join(f"{language_name(code)}: {n}" for code, n in self.unread.most_common())
        return f" No spaCy model is installed for some ({languages}): see `annotator models`."


def make_suggestions(
    project: Project,
    models: Sequence[str],
    processes: int,
    again: bool,
    progress: Callable[[int, int], None],
) -> SuggestReport:
    """Store suggestions for all articles without, or (``again``) for all.

    ``models`` are the pipelines to use, as ``NAME`` or ``LANGUAGE=NAME``; what the project names is used
    only if it is repeated here. Ctrl-C keeps what is done. Raises ``PipelineError`` where no pipeline can
    be had; then nothing has changed.
    """
    from annotator.nlp.models import find_model, installed_models, model_for, parse_choices

    find_model(None)
    chosen = parse_choices(models)  # a wrong name is told at once, not after spaCy's start
    project.require_writable()
    installed = installed_models()
    outdated = {no_model(model.language) for model in installed}
    todo = project.articles.ids() if again else project.suggestions.pending(outdated)
    report = SuggestReport(project.articles.count(), len(todo), 0, [])
    for language, name in project.model_choices.read().items():
        used = model_for(language, installed, chosen)
        if name != (used.name if used is not None else None):
            report.hints.append(
                f"The project names the pipeline {name} for {language_name(language)}, which is used only "
                f"when it is asked for: --model {language}={name}"
            )
    labels = labels_to_learn(project)
    learnt = labels_hash((known.sha256, known.label, known.weight) for known in labels)
    if not todo and not (labels and awaits_learning(project, learnt)):
        return report
    try:
        from annotator.nlp.pipeline import build_pipeline

        pipeline = build_pipeline(models)
        pipeline.set_actors(project.actors.all())
        if again:
            project.suggestions.forget_runs()
        report.labels = len(labels)
        if labels:
            pipeline.learn(
                [LabelledText(s.sha256, own_prose(project, s.article), s.label, s.weight) for s in labels]
            )
        run_pipeline(project, pipeline, todo, processes, report, progress)
        _judge_again(project, pipeline, report)
    except KeyboardInterrupt:
        report.stopped = True
    return report


def _judge_again(project: Project, pipeline: Pipeline, report: SuggestReport) -> None:
    """Suggest the stance anew, and nothing else, where it was suggested before this was learnt."""
    outdated = outdated_stances(project, pipeline.info.config)
    for begin in range(0, len(outdated), _STANCES):
        batch = []
        for id_ in outdated[begin : begin + _STANCES]:
            article = project.articles.get(id_)
            decided = project.annotations.zone_decisions(id_)
            try:
                batch.append(pipeline.stance_answer(id_, article.text, article.language, decided))
            except PipelineError as error:
                report.failed.append(f"{article.title}: {error}")
        report.judged_again += len(project.suggestions.store_stances(batch))


def run_pipeline(
    project: Project,
    pipeline: Pipeline,
    todo: list[int],
    processes: int,
    report: SuggestReport,
    progress: Callable[[int, int], None],
) -> None:
    """Store what ``pipeline`` suggests for the articles ``todo``, some at a time; count in ``report``."""

    def texts() -> Iterator[tuple[int, str, str | None, ZoneDecisions]]:
        for id_ in todo:
            if project.suggestions.copy_equal(id_, pipeline.info.config):
                report.done += 1
                report.copied += 1
                continue
            article = project.articles.get(id_)
            yield id_, article.text, article.language, project.annotations.zone_decisions(id_)

    def failed(id_: int, error: PipelineError) -> None:
        report.failed.append(f"{project.articles.get(id_).title}: {error}")

    def count(made_by: PipelineInfo) -> None:
        if made_by.name.startswith(BLANK):
            report.unread[made_by.name.removeprefix(BLANK)] += 1
        else:
            report.models[f"{made_by.name} {made_by.version}"] += 1

    batch: list[Answer] = []

    def store() -> None:
        report.done += len(project.suggestions.store(batch))
        batch.clear()

    stored = time.monotonic()
    results = pipeline.suggest(texts(), processes=processes, on_error=failed)
    try:
        for answer in results:
            batch.append(answer)
            count(answer.pipeline)
            if time.monotonic() - stored >= _BATCH_SECONDS:
                store()
                stored = time.monotonic()
            progress(report.done + len(batch) + len(report.failed), report.total)
    finally:
        if batch:
            store()
