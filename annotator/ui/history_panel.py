"""Edit > History: what happened, what each act changed, and the way back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import neg
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from annotator.model import (
    Act,
    ActEntry,
    ActFilter,
    AnnotatorError,
    Change,
    RevertError,
    RowChange,
)
from annotator.ui import theme
from annotator.ui.chip_button import ChipButton
from annotator.ui.chips import plain_label
from annotator.ui.empty_state import EmptyState
from annotator.ui.history_model import (
    ROWS,
    STATE,
    STATES,
    WHAT,
    WHEN,
    WHERE,
    WHO,
    ActsModel,
    HistoryTable,
    RowsModel,
)
from annotator.ui.history_reading import SHOWN, annotators, changes, gathered
from annotator.ui.patient import PatientWork
from annotator.ui.search_field import SearchField
from annotator.ui.session import Session
from annotator.ui.tasks import TURN, SteppedTask, in_turn, paint_later

if TYPE_CHECKING:
    pass

_NOTHING = "Nothing has been done in this project yet. Import articles, and it begins here."
_NO_MATCH = "No act fits. Clear the search or the filters."


class HistoryDialog(QDialog):
    """The acts of the project above, the rows of the chosen one below."""

    article_wanted = Signal(int)
    changing = Signal()  # an act is about to be taken back; hand in what is still pending

    def __init__(self, session: Session, open_article: Callable[[], int], parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._open_article = open_article
        self._task: SteppedTask | None = None
        self._sought = ActFilter()
        self._showing_later = False
        self._answers = False  # what stands above the rows is an answer, though they are still to come
        self._before: Act | None = None  # the current act, while the list is made anew
        self.listing, self._people, self._reading = (PatientWork(self) for _ in range(3))
        self.setWindowTitle("History")
        self._build()
        self._connect()
        self.resize(QSize(1040, 700).boundedTo(parent.size()))

    def _build(self) -> None:
        self.search = SearchField("", self)
        self.search.setPlaceholderText("Search what was done, and by whom")
        self.search.setAccessibleName("Search the history")
        self.who = QComboBox()
        self.who.setAccessibleName("Done by")
        self.here = ChipButton("This &article only")
        self.here.setCheckable(True)
        top = QHBoxLayout()
        top.addWidget(self.search, 1)
        top.addWidget(self.who)
        top.addWidget(self.here)
        self.acts = HistoryTable("Acts, newest first", (WHERE,))
        self.acts_model = ActsModel(self._entries, self)
        self.acts.setModel(self.acts_model)
        self.acts.setWordWrap(False)
        self.acts.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.acts.horizontalHeader()
        metrics = self.fontMetrics()
        for column, words in ((WHEN, "2026-02-24 09:05:00 "), (WHO, "m" * 7), (ROWS, "m" * 13)):
            header.resizeSection(column, metrics.horizontalAdvance(words) + 18)
        header.resizeSection(STATE, metrics.horizontalAdvance(STATES["dropped"]) + 22)
        for column in (WHAT, WHERE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self._empty = plain_label(_NOTHING, muted=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.acts)
        self._stack.addWidget(self._empty)
        self.words = plain_label()
        self.rows = HistoryTable("Rows of the act, before and after", (1,))
        self.rows_model = RowsModel(self)
        self.rows.setModel(self.rows_model)
        EmptyState(self.rows, "Choose an act above to see what it changed.")
        self.rows.setWordWrap(True)
        header = self.rows.horizontalHeader()
        header.resizeSection(0, metrics.horizontalAdvance("progress entry") + 24)
        header.resizeSection(1, metrics.horizontalAdvance("m" * 14))
        for column in (2, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        below = QWidget()
        lower = QVBoxLayout(below)
        lower.setContentsMargins(0, 8, 0, 0)
        lower.addWidget(self.words)
        lower.addWidget(self.rows, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._stack)
        splitter.addWidget(below)
        splitter.setSizes([400, 260])
        self.revert_button = QPushButton("&Revert this act")
        self.undo_button = QPushButton("&Undo to here")
        self.go_button = QPushButton("&Go to the article")
        self.close_button = QPushButton("&Close")
        buttons = QHBoxLayout()
        for button in (self.revert_button, self.undo_button, self.go_button, self.close_button):
            button.setAutoDefault(False)  # Enter belongs to the tables
            if button is self.close_button:
                buttons.addStretch(1)
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(splitter, 1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self._waiting = QTimer(self)  # typing in the search field asks once, not for every letter
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(120)
        self._waiting.timeout.connect(self.refresh)
        self.search.textChanged.connect(self._waiting.start)
        self.search.cleared.connect(self.refresh)
        self.search.returnPressed.connect(self._to_acts)
        self.search.down_pressed.connect(self._to_acts)
        self.here.toggled.connect(self.refresh)
        self.who.activated.connect(self.refresh)
        self.acts.selectionModel().currentRowChanged.connect(self._show_rows)
        self.acts.chosen.connect(self._go_to_act)
        self.rows.chosen.connect(self._go_to_row)
        self.revert_button.clicked.connect(self.revert)
        self.undo_button.clicked.connect(self.undo_to_here)
        self.go_button.clicked.connect(self._go_to_current)
        self.close_button.clicked.connect(self.reject)
        QShortcut(QKeySequence("F6"), self).activated.connect(self._next_part)
        self._people.finished.connect(self._fill_annotators)
        self.listing.finished.connect(self._listed)
        self._reading.finished.connect(self._show_changes)
        for work in (self.listing, self._reading):
            work.failed.connect(self._could_not_read)
        self._session.changed.connect(self._changed)
        self._session.opened.connect(self._project_opened)
        self._session.closing.connect(self._leave)

    # Showing

    def open_beside(self) -> None:
        """Show the history, or bring it to the front."""
        self.search.apply_theme()
        self.show()
        self.activateWindow()
        self._ask_annotators()
        self.refresh()
        self.acts.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _changed(self, change: Change) -> None:
        if self.isVisible() and not self._showing_later:
            if "annotators" in change.tables:
                self._ask_annotators()
            self.refresh()

    def _project_opened(self) -> None:
        """Forget the project that was open before."""
        self.search.clear()
        self.here.setChecked(False)
        self.who.clear()
        self._reading.stop()
        self._answers = False
        self.acts_model.set_ids([])
        self.rows_model.set_rows(())

    def changeEvent(self, event: QEvent) -> None:
        """Follow to another article when the person comes back from the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.here.isChecked():
            self.refresh()

    def _leave(self) -> None:
        """End what is going on in the project that is about to be closed."""
        for work in (self.listing, self._people, self._reading):
            work.stop()
        self._showing_later = False
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.reject()

    def _entries(self, ids: Sequence[int]) -> list[ActEntry]:
        project = self._session.project
        return project.acts.rows(ids) if project is not None else []

    def refresh(self) -> None:
        """Read the list anew; the current act stays the current one where it is still listed."""
        self._refresh(self._before if self.listing.running else self.current())

    def _refresh(self, before: Act | None) -> None:
        """Read the list anew; ``before`` is the current act then, or else the newest."""
        self._waiting.stop()
        project = self._session.project
        if project is None:
            return
        article = self._open_article()
        wanted = ActFilter(
            self.search.text(),
            (article,) if self.here.isChecked() else None,
            self.who.currentData(),
        )
        self._before = before
        self._sought = wanted
        self.listing.begin(gathered(project.acts.pages(wanted)))

    def _listed(self, ids: list[int]) -> None:
        before = self._before
        self.acts_model.set_ids(ids)
        self._empty.setText(_NO_MATCH if self._sought != ActFilter() else _NOTHING)
        self._stack.setCurrentWidget(self.acts if ids else self._empty)
        if ids:
            place = bisect_left(ids, -before.id, key=neg) if before is not None else 0  # newest first
            there = before is not None and place < len(ids) and ids[place] == before.id
            self.acts.selectRow(place if there else 0)
        else:
            self._show_rows()

    def _ask_annotators(self) -> None:
        project = self._session.project
        if project is not None:
            self._people.begin(annotators(project.acts))

    def _fill_annotators(self, names: Iterable[str]) -> None:
        chosen = self.who.currentData()
        self.who.clear()
        self.who.addItem("All annotators", None)
        for name in names:
            self.who.addItem(name, name)
        self.who.setCurrentIndex(max(0, self.who.findData(chosen)) if chosen is not None else 0)

    def current(self) -> Act | None:
        """Return the act that is chosen."""
        entry = self.acts_model.entry(self.acts.currentIndex().row())
        return entry.act if entry is not None else None

    def _show_rows(self, *_: QModelIndex) -> None:
        project, act = self._session.project, self.current()
        self._enable(act)
        if project is None or act is None:
            self._reading.stop()
            self._show_changes((None, ()))
            return
        self._reading.begin(changes(project.acts, act))
        if self._reading.running:  # those of another act would stand there meanwhile
            self.rows_model.set_rows(())

    def _show_changes(self, found: tuple[Act | None, Sequence[RowChange]]) -> None:
        act, rows = found
        if not self._answers:
            self._set_words(self._words(act, len(rows)) if act is not None else "")
        self._answers = False
        self._set_rows(rows)

    def _set_rows(self, rows: Sequence[RowChange], *heads: str) -> None:
        self.rows_model.set_rows(rows, *heads)
        if rows:
            self.rows.setUpdatesEnabled(False)
            in_turn(self.rows, self._fit_rows, after=TURN)

    def _fit_rows(self) -> None:
        self.rows.resizeRowsToContents()
        paint_later(self.rows, after=TURN)  # takes as long, and both may be felt together

    def _words(self, act: Act, shown: int) -> str:
        if act.state == "dropped":
            return "This was undone, and then something else was done: what it had changed is no longer kept."
        if act.state == "undone":
            return "This is undone; redoing it would change:"
        return f"What it changed (the first {shown:,} rows):" if shown == SHOWN else "What it changed:"

    def _set_words(self, words: str, *, warning: bool = False) -> None:
        self.words.setText(words)
        self.words.setAccessibleName(words)
        self.words.setStyleSheet(f"color: {theme.current().warning}" if warning else "")

    def _say(self, words: str, *, warning: bool = False) -> None:
        """Show an answer to what the person did, and have it read out; rows to come leave it."""
        self._answers = self.listing.running or self._reading.running
        self._set_words(words, warning=warning)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _could_not_read(self, why: str) -> None:
        self._say(why, warning=True)
        self._answers = False

    def _enable(self, act: Act | None) -> None:
        done = act is not None and act.state == "done" and self._session.writable
        self.revert_button.setEnabled(done)
        self.undo_button.setEnabled(done)
        self.go_button.setEnabled(act is not None)

    # Moving

    def _to_acts(self) -> None:
        if self._waiting.isActive():
            self.refresh()
        self.acts.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _next_part(self) -> None:
        parts = (self.search, self.acts, self.rows)
        focus = QApplication.focusWidget()
        here = next((n for n, part in enumerate(parts) if focus is part), 0)
        parts[(here + 1) % len(parts)].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _go_to_current(self) -> None:
        self._go_to_act(self.acts.currentIndex().row())

    def _go_to_act(self, number: int) -> None:
        project, entry = self._session.project, self.acts_model.entry(number)
        if project is not None and entry is not None:
            self._go_to(project.acts.first_article(entry.act.id))

    def _go_to_row(self, number: int) -> None:
        project = self._session.project
        article = self.rows_model.rows[number].article
        there = project is not None and article is not None and bool(project.articles.rows([article]))
        self._go_to(article if there else None)

    def _go_to(self, article: int | None) -> None:
        if article is None:
            self._say("This is about no article that is in the project now.", warning=True)
        else:
            self.article_wanted.emit(article)

    # Taking back

    def revert(self) -> None:
        """Take the chosen act back alone; where that cannot be, show what is in the way."""
        act = self.current()
        if act is None or self._task is not None or not self._ready():
            return
        project = self._session.project
        assert project is not None
        if project.history.takes_steps(act):
            task = self._task = SteppedTask("Reverting", project.revert_in_steps(act.id), self)
            task.finished.connect(self._reverted_in_steps)
            task.cancelled.connect(self._revert_cancelled)
            task.refused.connect(self._revert_refused)
            return
        try:
            change = project.revert(act.id)
        except AnnotatorError as error:
            self._refused(error)
            return
        self._reverted(change)

    def _reverted_in_steps(self, change: Change) -> None:
        self._task = None
        self._showing_later = True
        self._session.changed.emit(change)
        in_turn(self, partial(self._show_reverted, change))

    def _reverted(self, change: Change) -> None:
        self._showing_later = True  # once, with the newest act chosen
        self._session.changed.emit(change)
        self._show_reverted(change)

    def _show_reverted(self, change: Change) -> None:
        if not self._showing_later:  # the project was closed meanwhile
            return
        self._showing_later = False
        if "annotators" in change.tables:
            self._ask_annotators()
        self._refresh(None)
        self._say(f"Done: {change.text}. Undo in the window takes it back.")
        if change.article is None:
            self._session.suggest_pending()  # articles that came back have no suggestions any more

    def _revert_cancelled(self) -> None:
        self._task = None
        self._say("Cancelled: nothing was taken back.")

    def _revert_refused(self, error: AnnotatorError) -> None:
        self._task = None
        self._refused(error)

    def _refused(self, error: AnnotatorError) -> None:
        self._session.refuse(error)
        self._say(str(error), warning=True)
        if isinstance(error, RevertError) and error.rows:
            self._reading.stop()
            self._answers = False
            self._set_rows(error.rows, "As this act left it", "As it is now")

    def _ready(self) -> bool:
        """Hand in what is pending and look at the file; tell whether there is one that may be changed."""
        self.changing.emit()
        self._session.check_outside()
        return self._session.writable

    def undo_to_here(self) -> None:
        """Undo all acts from the newest to the chosen one, after one question."""
        act = self.current()
        if act is None or self._task is not None or not self._ready():
            return
        project = self._session.project
        assert project is not None
        steps = project.acts.steps_back_to(act.id)
        if not steps or (steps > 1 and not self._confirmed(steps, act)):
            return
        task = self._task = SteppedTask("Undoing", project.acts.undo_to(act.id), self)
        task.finished.connect(self._undone)
        task.cancelled.connect(self._undo_stopped)
        task.refused.connect(self._undo_refused)

    def _confirmed(self, steps: int, act: Act) -> bool:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Undo to here")
        box.setTextFormat(Qt.TextFormat.PlainText)
        text = act.text if len(act.text) <= 80 else act.text[:79] + "…"
        box.setText(f"Undo {steps:,} acts, back to before “{text}”?")
        box.setInformativeText("They can be redone until something new is done.")
        yes = box.addButton(f"&Undo {steps:,} acts", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(yes)
        box.setEscapeButton(box.addButton("&Cancel", QMessageBox.ButtonRole.RejectRole))
        box.exec()
        answer = box.clickedButton() is yes
        box.deleteLater()
        return answer

    def _undone(self, change: Change) -> None:
        self._task = None
        self._session.changed.emit(change)
        self._say(f"Undone: {change.text}. Redo in the window does them again.")

    def _undo_stopped(self) -> None:
        self._task = None
        self._session.changed.emit(Change("undone", None, frozenset({"articles"})))
        self._say("Stopped. What was undone so far stays undone and can be redone.")

    def _undo_refused(self, error: AnnotatorError) -> None:
        self._undo_stopped()
        self._refused(error)
