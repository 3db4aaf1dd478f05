"""What the window does with the codebook: its editor, a label's rule, examples taken from the article."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from annotator.model import Act, Change
from annotator.ui.chips import cut, sentence
from annotator.ui.present_keys import PresentKeys
from annotator.ui.spans_model import PanelSpan, SpanGroup
from annotator.ui.tasks import in_turn

if TYPE_CHECKING:
    from annotator.project.older_wording import Older
    from annotator.ui.codebook_dialog import CodebookDialog
    from annotator.ui.main_window import MainWindow

_TABLES = frozenset({"layers", "labels", "examples"})


class CodebookActs(QObject):
    """Keeps the window's keys and the open rule with the codebook; each change of it is one step to undo."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: CodebookDialog | None = None
        self._own: set[int] = set()  # acts that were done in the editor
        window.session.closing.connect(self._own.clear)
        window.session.changed.connect(self._changed)
        window.session.closing.connect(self.close_rule)
        window.pane.rule.closed.connect(self.close_rule)
        window.pane.view.active_changed.connect(self._follow)
        window.labelling.active_changed.connect(self._follow)
        window.spans.span_activated.connect(self._follow)

    def _changed(self, change: Change) -> None:
        """Let keys and menus follow a change of labels, also one by undo or by another program."""
        window = self._window
        if change.act is not None and self._dialog is not None and self._dialog.isActiveWindow():
            self._own.add(change.act)
        if change.article is not None or not change.tables or (project := window.session.project) is None:
            return
        codebook = project.codebook.read()
        if codebook != window.labelling.codebook:
            window.labelling.reload()  # before anything is shown by names that what is labelled has not yet
        if window.fit_codebook(codebook):
            window.session.suggest_withdrawn()
        if window.pane.rule.isVisible():
            self._show_rule(again=True)

    # The editor

    def show(self) -> None:
        """Show the codebook beside the window, at the label in question."""
        from annotator.ui.codebook_dialog import CodebookDialog  # late: the window does not wait for it

        window = self._window
        window.note.flush()
        is_new = self._dialog is None
        if self._dialog is None:
            dialog = self._dialog = CodebookDialog(window.session, window.actions_.keys, window)
            dialog.changing.connect(window.note.flush)
            dialog.undo_wanted.connect(self._undo)
            dialog.redo_wanted.connect(self._redo)
            dialog.with_keys = window.actions_.words
            PresentKeys(dialog, window.actions_, dialog.shortcuts)
            dialog.example_wanted.connect(self._take_for)
            dialog.opened.connect(self._open)
            dialog.older_opened.connect(self._open_older)
            dialog.long_wanted.connect(self._run)
        box, tip = self._dialog.examples, window.actions_.tip
        box.fits_button.setToolTip(tip("Take the words chosen in the article as an example", "example"))
        box.not_button.setToolTip(tip("Take them as a counter-example", "counter_example"))
        if is_new:  # in a turn of its own: to build it takes as long as to lay it out and paint it
            in_turn(self._dialog, self._open_beside)
        else:
            self._open_beside()

    def _open_beside(self) -> None:
        if self._dialog is not None:
            self._dialog.open_beside(self._label_here())

    def _undo(self) -> None:
        project = self._window.session.project
        act = project.history.last() if project is not None else None
        if self._may_step(act, "take it back"):
            words = self._words("Undone", act)
            self._window.undo()
            self._say(words)

    def _redo(self) -> None:
        project = self._window.session.project
        act = project.history.next() if project is not None else None
        if self._may_step(act, "do it again"):
            words = self._words("Done again", act)
            self._window.redo()
            self._say(words)

    def _may_step(self, act: Act | None, what: str) -> bool:
        """Tell whether an act is of the codebook: labels in articles are not to change behind the editor."""
        project = self._window.session.project
        if act is None or project is None:
            return False
        if act.id in self._own or not project.history.tables(act.id).isdisjoint(_TABLES):
            return True
        self._say(f"Next is “{cut(act.text, 80)}”, which is not of the codebook: {what} in the main window.")
        return False

    def _words(self, word: str, act: Act | None) -> str:
        """Say that ``act`` is undone or done again; nothing of one that takes steps: it is not by then."""
        project = self._window.session.project
        short = act is not None and project is not None and not project.history.takes_steps(act)
        return f"{word}: {act.text}." if act is not None and short else ""

    def _open(self, article: int, start: int, end: int) -> None:
        """Open an article at words."""
        window = self._window
        window.show_article(article)
        window.pane.view.select(start, end)
        window.activateWindow()
        window.focus_article()

    def _open_older(self, older: Older) -> None:
        """Open an article at an annotation; at its words where it is another's, and is not shown."""
        window = self._window
        window.show_article(older.article)
        if older.start is not None and older.end is not None:
            place = older.layer, older.start, older.end
            if ("annotation", older.annotation) in [span.key for span in window.pane.view.spans()]:
                window.labelling.go_to(*place)
            else:
                window.pane.view.show_place(*place[1:])
        window.activateWindow()
        window.focus_article()

    def _run(self, steps: Generator[Any, None, Change], then: Callable[[Change], object]) -> None:
        window = self._window
        task = window.files.run("Changing the codebook", steps, is_act=True)
        if task is not None:
            task.finished.connect(window.session.announce)
            task.finished.connect(then)
            task.cancelled.connect(self._cancelled)

    def _cancelled(self) -> None:
        self._say("Cancelled: the codebook is as it was.")
        self._window.session.suggest_withdrawn()  # what was deleted by then

    # The rule

    def _label_here(self) -> tuple[str, str] | None:
        """Return the layer and label of the current row or the active span."""
        window = self._window
        active = window.pane.view.active
        row = window.spans.chosen(active.key if active is not None else None)
        if window.spans.tree.hasFocus() and isinstance(row, PanelSpan):
            return row.layer, row.label
        if window.spans.tree.hasFocus() and isinstance(row, SpanGroup):
            return row.mentions[0].layer, row.label
        return (active.layer, active.label) if active is not None else None

    def help(self) -> None:
        """Show the rule of the label in question, then what is below, then close; without one, the keys."""
        window = self._window
        focus = QApplication.focusWidget()
        working = focus is window.pane.view or focus is window.spans.tree
        if working and window.pane.rule.isVisible() and self._label_here() == self._shown():
            if not window.pane.rule.go_on():
                self.close_rule()
        elif not working or not self._show_rule():
            window.dialogs.show_keys()

    def _shown(self) -> tuple[str, str] | None:
        label = self._window.pane.rule.label
        return (label.layer, label.name) if label is not None else None

    def _show_rule(self, *, again: bool = False) -> bool:
        project, card = self._window.session.project, self._window.pane.rule
        place = self._label_here() or (self._shown() if again else None)
        if project is None or place is None:
            return False
        try:
            label = project.codebook.read().label(*place)
        except KeyError:  # it was deleted, or has another name by now
            self.close_rule()
            return False
        card.more_words = self._window.actions_.words("{rule} shows more")
        card.show_label(label, project.codebook_editing.examples(*place))
        self._window.pane.keep_in_sight()
        return True

    def _follow(self, *_: object) -> None:
        if self._window.pane.rule.isVisible():
            self._show_rule()

    def close_rule(self) -> bool:
        """Close the rule; tell whether it was open."""
        card = self._window.pane.rule
        if not card.isVisible():
            return False
        card.hide()
        return True

    # Examples

    def take(self, *, fits: bool) -> None:
        """Take the active span as an example of what its label fits, or does not fit."""
        active = self._window.pane.view.active
        if active is None:
            say = "Go to a span first: click it, or press {next_suggestion}. Its label gets the example."
            self._say(self._window.actions_.words(say))
        else:
            self._add(active.layer, active.label, (active.start, active.end), fits=fits)

    def _take_for(self, layer: str, label: str, fits: bool) -> None:
        view = self._window.pane.view
        active = view.active
        place = view.selected_span() or ((active.start, active.end) if active is not None else None)
        if place is None or not self._window.labelling.article:
            self._say("Select words in the article first, or go to a span there.")
        else:
            self._add(layer, label, place, fits=fits)

    def _add(self, layer: str, label: str, place: tuple[int, int], *, fits: bool) -> None:
        window, article = self._window, self._window.labelling.article
        window.note.flush()
        change = window.session.perform(
            lambda p: p.codebook_editing.add_example(layer, label, article, *place, fits=fits)
        )
        if change is not None:
            words = sentence(change.text)
            self._say(words if change.tables else "It is an example already.")

    def _say(self, words: str) -> None:
        if self._dialog is not None and self._dialog.isActiveWindow():
            self._dialog.said(words)
        else:
            self._window.status.say(words)
