"""A filter in force, or remembered for the next time, under the names that layers and labels have now.

It finds what it did without that where a label was renamed, but would go on saying the former name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from annotator.model import NONE, ArticleFilter, Condition
from annotator.project.conditions import label_numbers
from annotator.project.drawing import STANCE

if TYPE_CHECKING:
    from annotator.project.store import Project


class FilterNames:
    """What the labels of a project were called when one asked last, and what they are called now."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._numbers = {name: label for name, (_, label) in label_numbers(project).items()}

    def present(self, wanted: ArticleFilter) -> ArticleFilter:
        """Return ``wanted``, which has the names of the last time, with those of now, also after an undo.

        Names that no label has or had stay as they are.
        """
        before = self._numbers
        numbers = {name: label for name, (_, label) in label_numbers(self._project).items()}
        self._numbers = numbers
        names: dict[int, str] = {}
        for name, label in numbers.items():
            names.setdefault(label, name)  # the former ones come behind all others

        def now(name: str) -> str:
            label = before.get(name, -1)
            if label not in names:
                label = numbers.get(name, -1)  # it went into another label, or has been renamed long ago
            return names.get(label, name)

        conditions = dict.fromkeys(_renamed(condition, now) for condition in wanted.conditions)
        return replace(wanted, conditions=tuple(conditions))


def _renamed(condition: Condition, now: Callable[[str], str]) -> Condition:
    if condition.value == NONE or condition.field not in ("label", "stance", "suggested"):
        return condition
    if condition.field == "label":
        return replace(condition, value=now(condition.value))
    return replace(condition, value=now(f"{STANCE}/{condition.value}").removeprefix(f"{STANCE}/"))
