"""Making suggestions without a window: the pipeline in this process, or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.model import PipelineError, Suggestion, ZoneDecisions

if TYPE_CHECKING:
    from annotator.nlp.pipeline import Pipeline
    from annotator.project import Project

_BATCH = 8  # articles a transaction: what Ctrl-C or a crash can lose


@dataclass
class SuggestReport:
    """How many of ``total`` articles that wanted suggestions have them now, of ``articles`` in the project.

    ``failed`` says why others have none.
    """

    articles: int
    total: int
    done: int
    failed: list[str]
    model: str = ""
    stopped: bool = False

    def summary(self) -> str:
        """Return what was done in a plain sentence."""
        if not self.articles:
            return "There are no articles yet: import some first."
        if not self.total:
            return "All articles have suggestions already. With --again they are made anew."
        if self.stopped:
            return (
                f"Stopped: suggestions for {self.done} of {self.total} articles are stored. "
                "Start it again to go on."
            )
        return f"Suggestions for {self.done} of {self.total} articles made with {self.model}."


def make_suggestions(
    project: Project, model: str | None, processes: int, again: bool, progress: Callable[[int, int], None]
) -> SuggestReport:
    """Store suggestions for all articles without, or (``again``) for all.

    Ctrl-C keeps what is done. Raises ``PipelineError`` where no pipeline can be had; then nothing
    has changed.
    """
    from annotator.nlp.models import find_model

    find_model(model)  # a wrong name is told at once, not after spaCy's start
    project.require_writable()
    todo = project.articles.ids() if again else project.suggestions.pending()
    report = SuggestReport(project.articles.count(), len(todo), 0, [])
    if not todo:
        return report
    try:
        from annotator.nlp.pipeline import build_pipeline

        pipeline = build_pipeline(model)
        if again:
            project.suggestions.forget_runs()
        _run(project, pipeline, todo, processes, report, progress)
    except KeyboardInterrupt:
        report.stopped = True
    return report


def _run(
    project: Project,
    pipeline: Pipeline,
    todo: list[int],
    processes: int,
    report: SuggestReport,
    progress: Callable[[int, int], None],
) -> None:
    report.model = f"{pipeline.info.name} {pipeline.info.version}"
    notices: dict[int, str | None] = {}

    def texts() -> Iterator[tuple[int, str, str | None, ZoneDecisions]]:
        for id_ in todo:
            article = project.articles.get(id_)
            notices[id_] = pipeline.notice(article.text, article.language)
            yield id_, article.text, article.language, project.annotations.zone_decisions(id_)

    def failed(id_: int, error: PipelineError) -> None:
        report.failed.append(f"{project.articles.get(id_).title}: {error}")

    batch: list[tuple[int, list[Suggestion], str | None]] = []

    def store() -> None:
        report.done += len(project.suggestions.replace(pipeline.info, batch))
        batch.clear()

    results = pipeline.suggest(texts(), processes=processes, on_error=failed)
    try:
        for id_, suggestions in results:
            batch.append((id_, suggestions, notices.pop(id_, None)))
            if len(batch) == _BATCH:
                store()
            progress(report.done + len(batch) + len(report.failed), report.total)
    finally:
        if batch:
            store()
