"""The list's filter: chosen by typing, saved by name, counted beside the event loop."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from annotator.model import FIELDS, ArticleFilter, Change, Condition, Field, FieldValue
from annotator.ui.tasks import LOOK, BackgroundStep, wait_for_step

if TYPE_CHECKING:
    from annotator.project import Project
    from annotator.project.filter_names import FilterNames
    from annotator.ui.main_window import MainWindow

SLICE = 0.005  # seconds of a step of counting

_Found = tuple[Sequence[FieldValue], bool]


class FilterActs(QObject):
    """What a person does with filters in a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._list = window.list
        self._field: Field | None = None  # that is counted
        self._values: Iterator[Sequence[FieldValue]] = iter(())
        self._names: FilterNames | None = None  # of the open project's labels
        self._from_article = False  # the keyboard was not in the list when the chooser was opened
        chooser = self._list.chooser
        chooser.values_wanted.connect(self._count)
        chooser.chosen.connect(self._add)
        chooser.saved_chosen.connect(self._use)
        chooser.save_wanted.connect(self._save)
        chooser.rename_wanted.connect(self._rename)
        chooser.delete_wanted.connect(self._delete)
        chooser.cleared.connect(self.clear)
        chooser.last_unwanted.connect(self._list.filter_chips.remove_last)
        chooser.closed.connect(self._go_back)
        self._list.filter_wanted.connect(self.choose)
        self._list.filter_changed.connect(self._follow)
        self._session.changed.connect(self._follow_names)  # before the window lists anew
        self._session.closing.connect(self._stop)

    def choose(self) -> None:
        """Open the chooser, or put the keyboard into it."""
        project = self._session.project
        if project is not None:
            focus = QApplication.focusWidget()
            self._from_article = focus is None or not self._list.isAncestorOf(focus)
            self._window.appearance.panes.reveal("list")
            self._begin(project)
            self._list.show_chooser(True)
            self._list.chooser.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def clear(self) -> None:
        """Show all articles."""
        self._window.appearance.panes.reveal("list")
        self._list.show_all()
        self._close()
        self._settle()

    def _begin(self, project: Project) -> None:
        self._list.chooser.begin(
            project.filters.all(), narrows=self._list.filter().narrows, writable=self._session.writable
        )

    def _follow(self) -> None:
        """Offer to save and clear what is in force now."""
        project = self._session.project
        if self._list.chooser.isVisible() and project is not None:
            self._begin(project)

    def remembered(self, project: Project) -> ArticleFilter:
        """Return the filter by which a project that is opened was listed last, in the names of now."""
        from annotator.project.filter_names import FilterNames

        self._names = FilterNames(project)
        return self._names.present(self._session.settings.filter(project.path))

    def _follow_names(self, change: Change) -> None:
        """Let chips say what layers and labels are called now, and find what they did."""
        if self._names is None or change.article is not None or not change.tables:
            return
        project = self._session.project
        if project is None:
            return
        wanted = self._list.filter()
        present = self._names.present(wanted)
        if present != wanted:
            self._list.set_filter(present)
            self._session.settings.remember_filter(project.path, present)
            self._follow()

    def _close(self) -> None:
        """Let the list stand where the chooser stood, with the keyboard in it."""
        self._field = None
        self._list.show_chooser(False)
        self._list.take_keyboard()

    def _go_back(self) -> None:
        """Nothing was chosen: the keyboard goes back where it was."""
        self._close()
        if self._from_article:
            self._window.focus_article()

    def _add(self, condition: Condition) -> None:
        self._close()
        self._list.filter_chips.add(condition)
        self._settle()

    def _settle(self) -> None:
        """Open the first article of the list where the open one does not fit: keys would be about it."""
        window, project, wanted = self._window, self._session.project, self._list.filter()
        here = window.labelling.article
        if project is None:
            return
        if here and project.articles.fitting([here], wanted):
            self._list.select(here)  # or as soon as it is listed
        elif window.listing.first_is_known:
            window.show_article(self._list.first() or here)
        else:
            QTimer.singleShot(LOOK, partial(self._settle_later, wanted))

    def _settle_later(self, wanted: ArticleFilter) -> None:
        if wanted == self._list.filter() and self._list.has_keyboard():
            self._settle()

    # Saved by name

    def _use(self, name: str) -> None:
        wanted: list[ArticleFilter] = []

        def look(project: Project) -> None:
            wanted.append(project.filters.get(name))

        self._session.perform(look)
        if wanted:
            self._close()
            self._list.set_filter(wanted[0])
            self._list.filter_changed.emit()
            self._settle()

    def _save(self, name: str) -> None:
        wanted = self._list.filter()
        if self._session.perform(lambda project: project.filters.save(name, wanted)):
            self._close()
            self._window.notify(f"The filter “{name}” is saved. Its first letters bring it back.")

    def _rename(self, old: str, new: str) -> None:
        self._change(self._session.perform(lambda project: project.filters.rename(old, new)))

    def _delete(self, name: str) -> None:
        self._change(self._session.perform(lambda project: project.filters.delete(name)))

    def _change(self, change: Change | None) -> None:
        if change is not None and (project := self._session.project) is not None:
            self._begin(project)

    # Values with their numbers

    def _count(self, name: str) -> None:
        from annotator.project.field_values import field_values

        field = next(f for f in FIELDS if f == name)
        project = self._session.project
        if project is None:
            return
        self._field = field
        self._values = field_values(project, field)
        self._step(field)

    def _step(self, field: Field) -> None:
        step = BackgroundStep(partial(_next_values, self._values), self)
        step.finished.connect(partial(self._show, field))
        step.failed.connect(self._session.failed)

    def _show(self, field: Field, found: _Found) -> None:
        if field != self._field or not self._list.chooser.isVisible():
            return
        values, more = found
        if values:
            self._list.chooser.show_values(field, values)
        if more:
            self._step(field)

    def _stop(self) -> None:
        """Let go of the project: it is about to be closed."""
        self._field = self._names = None
        self._values = iter(())
        wait_for_step()
        self._list.show_chooser(False)


def _next_values(steps: Iterator[Sequence[FieldValue]]) -> _Found:
    """Return what is known after a few milliseconds, and whether there is more to come."""
    until = time.monotonic() + SLICE
    known: Sequence[FieldValue] = ()
    for values in steps:
        known = values or known
        if time.monotonic() >= until:
            return known, True
    return known, False
