"""Which stretches an act was about."""

from __future__ import annotations

from annotator.model import Change
from annotator.project import Project
from annotator.project.touched import FEW, touched_stretches


def places(project: Project, change: Change) -> list[tuple[int | None, int | None]] | None:
    found = touched_stretches(project, change)
    return sorted(found, key=str) if found is not None else None


def test_an_act_tells_where_it_was_before_and_where_it_is_now(suggested: Project) -> None:
    project = suggested
    project.annotations.add(1, "zone", "caption", 0, 5)
    (mine,) = [a for a in project.annotations.of(1) if a.start is not None]
    moved = project.annotations.move(mine.id, 0, 9)
    assert places(project, moved) == [(0, 5), (0, 9)]
    undone = project.history.undo()
    assert undone is not None
    assert places(project, undone) == [(0, 5), (0, 9)]
    assert places(project, project.annotations.remove(mine.id)) == [(0, 5)]
    assert places(project, project.annotations.reject(1, 3)) == [(None, None)]


def test_what_is_about_more_than_stretches_says_so(suggested: Project) -> None:
    project = suggested
    many = [(n, n + 1) for n in range(FEW + 1)]
    assert places(project, project.annotations.label_here("zone", "caption", 1, many)) is None
    assert places(project, Change("changed by another program", None, frozenset({"articles"}))) is None
    assert places(project, project.actors.confirm("Armenia", ["Armenia"], "GPE")) is None


def test_one_stretch_is_read_as_it_is_among_all(suggested: Project) -> None:
    project = suggested
    for s in project.suggestions.open(1):
        assert s in project.suggestions.open_at(1, s.start, s.end)
    project.annotations.accept(1, 1)
    accepted = next(a for a in project.annotations.of(1) if a.start is not None)
    assert project.annotations.of(1, at=(accepted.start, accepted.end)) == [accepted]
    assert project.suggestions.open_at(1, accepted.start, accepted.end) == []
    assert project.suggestions.open_at(1, 0, 1) == []


def test_in_the_blind_share_the_articles_stance_is_about_everything(suggested: Project) -> None:
    project = suggested
    project.drawing.change(seed="1", blind_share=100)
    assert places(project, project.annotations.add(1, "stance", "neutral")) is None
    assert places(project, project.annotations.add(1, "zone", "caption", 0, 5)) == [(0, 5)]
