"""The main window: three panes, their menus, and one place that shows what changed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QSplitter,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from annotator.model import Change, Codebook
from annotator.ui import mnemonics, theme
from annotator.ui.actions import Actions
from annotator.ui.actor_acts import ActorActs
from annotator.ui.appearance import Appearance
from annotator.ui.article_list import ArticleList
from annotator.ui.article_pane import ArticlePane
from annotator.ui.article_state import ArticleState
from annotator.ui.backups import Backups
from annotator.ui.bulk import BulkActs
from annotator.ui.chips import sentence
from annotator.ui.citing import Citing
from annotator.ui.claim_acts import ClaimActs
from annotator.ui.codebook_acts import CodebookActs
from annotator.ui.command_table import window_commands
from annotator.ui.commands import Needs, label_commands
from annotator.ui.context_menus import ContextMenus
from annotator.ui.files import Files, RecentMenu
from annotator.ui.filter_acts import FilterActs
from annotator.ui.follower import MemoryFollower
from annotator.ui.hints import Hints
from annotator.ui.key_words import KeyWords
from annotator.ui.label_mode import LabelMode
from annotator.ui.labelling import Labelling
from annotator.ui.listing import Listing
from annotator.ui.models import Models
from annotator.ui.name_walk import NameWalk
from annotator.ui.near_duplicates import NearDuplicateFollower
from annotator.ui.notice import NoticeBar
from annotator.ui.occurrence_acts import OccurrenceActs
from annotator.ui.palette import Palette
from annotator.ui.rejection_news import RejectionNews
from annotator.ui.saving import Saving
from annotator.ui.session import Session
from annotator.ui.side_panels import SidePanels
from annotator.ui.span_shape import SpanShape
from annotator.ui.spoken import SpokenSpans
from annotator.ui.status_line import StatusLine
from annotator.ui.tasks import APART, TURN, person_acts
from annotator.ui.walk import ArticleWalk
from annotator.ui.window_dialogs import WindowDialogs
from annotator.ui.worker_process import wait_for_workers

MENUS = ("&File", "&Edit", "&Annotate", "&View", "&Tools", "&Help")
TOOL_BAR = ("import", "suggest", "undo", "redo", "accept_all", "export")


class MainWindow(QMainWindow):
    """Shows the session's project; every change comes back through ``session.changed``."""

    painted = Signal()  # the window is on the screen for the first time

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._painted = False
        self._fitted: Codebook | None = None  # whose labels the keys and menus have
        self.session = session
        self.setWindowTitle("Annotator")
        self.setWindowIcon(theme.app_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(860, 560)
        self._build()
        self.files = Files(session, self)
        self.listing = Listing(session, self.list)
        self.saving = Saving(session, self.status)
        self.labelling = Labelling(session, self.pane.view, self)
        self.shape = SpanShape(self)
        self.label_mode = LabelMode(self)
        self.article_state = ArticleState(self)
        self.follower = MemoryFollower(session, self._in_sight)
        self.near_duplicates = NearDuplicateFollower(session)
        self.files.imported.connect(self.near_duplicates.imported)
        self.walk = ArticleWalk(self)
        self.names = NameWalk(self)
        self.bulk = BulkActs(self)
        self.actors = ActorActs(self)
        self.claims = ClaimActs(self)
        self.citing = Citing(self)
        self.occurrences = OccurrenceActs(self)
        self.codebook = CodebookActs(self)
        self.dialogs = WindowDialogs(self)
        self.filters = FilterActs(self)
        self.backups = Backups(session, self)
        self.models = Models(self)
        self.spoken = SpokenSpans(self)
        self.palette_ = Palette(self)
        self.context = ContextMenus(self)
        self.appearance = Appearance(self)
        self.actions_ = Actions(self, session.settings.keymap())
        self.actions_.set_widgets("article", [self.pane.view])
        self.actions_.set_widgets("text", [self.pane.view, self.list.table])
        self.actions_.set_widgets("spans", [self.pane.view, self.list.table, self.spans.tree])
        self.hints = Hints(self)
        self.actions_.add(window_commands(self))
        for name in ("filter", "show_all"):  # also at a chip, and where no article is listed
            self.list.addAction(self.actions_[name])
        self._fill_menus()
        self.key_words = KeyWords(self)
        self._connect()
        RejectionNews(self)
        self.actions_["backups"].setChecked(self.backups.wanted)
        self.actions_["visit_zones"].setChecked(self.labelling.visits_zones)
        self.actors.restore()
        self.appearance.restore()
        self.enable()

    # Building

    def _build(self) -> None:
        self.notice = NoticeBar()
        self.list = ArticleList(self.session.rows_in_step)
        self.pane = ArticlePane()
        self.panels = SidePanels()
        self.stance, self.spans, self.note = self.panels.stance, self.panels.spans, self.panels.note
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for widget, stretch in ((self.list, 2), (self.pane, 6), (self.panels, 2)):
            self.splitter.addWidget(widget)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.list.setMinimumWidth(220)
        self.pane.setMinimumWidth(320)
        centre = QWidget()
        rows = QVBoxLayout(centre)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.notice)
        rows.addWidget(self.splitter, 1)
        self.setCentralWidget(centre)
        for field in (self.note.edit, self.list.search_field):
            field.setAcceptDrops(False)  # a dropped file is to be imported, not its name typed
        self.status = StatusLine(self.statusBar())
        self.tool_bar = QToolBar("Tools")
        self.tool_bar.setObjectName("tools")
        self.tool_bar.setMovable(False)
        self.tool_bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addToolBar(self.tool_bar)

    def _fill_menus(self) -> None:
        bar = self.menuBar()
        self._menus = {title: bar.addMenu(title) for title in MENUS}
        self._recent = RecentMenu(self.session.settings, self)
        self._recent.chosen.connect(self.open)
        self.actions_.fill(bar, self._menus)
        self._add_recent_menu()
        themes = QActionGroup(self)
        for choice in get_args(theme.Choice):
            themes.addAction(self.actions_[f"theme/{choice}"])
        self.tool_bar.addActions([self.actions_[name] for name in TOOL_BAR])

    def _add_recent_menu(self) -> None:
        file_menu = self._menus["&File"]
        file_menu.insertMenu(self.actions_["import"], self._recent)
        file_menu.insertSeparator(self.actions_["import"])
        mnemonics.complete(self.menuBar())

    def _connect(self) -> None:
        session, view = self.session, self.pane.view
        session.closing.connect(self._leave)
        session.opened.connect(self._opened)
        session.changed.connect(self._changed)
        session.suggestions_changed.connect(self._suggestions_changed)
        session.notified.connect(self.notify)
        session.failed.connect(self.warn)
        session.opening.connect(self.dialogs.show_opening)
        session.suggester.progressed.connect(self.status.show_suggesting)
        self.notice.moves.connect(self.article_state.paint_moved)
        self.status.cancelled.connect(session.stop_suggesting)
        self.list.article_selected.connect(self.show_article)
        self.list.filter_changed.connect(self._asked)
        self.list.settings_wanted.connect(self.dialogs.edit_project_settings)
        self.list.opened.connect(self.focus_article)
        self.list.failed.connect(self.warn)
        view.active_changed.connect(self._active_changed)
        self.labelling.active_changed.connect(self._active_changed)
        self.labelling.told.connect(self.status.say)
        self.actions_.refused.connect(self.status.say_read_only)
        self.labelling.acted.connect(self.tell)
        self.labelling.advised.connect(self.advise)
        self.pane.edit_requested.connect(self.dialogs.edit_metadata)
        self.panels.done_button.clicked.connect(self.walk.done)

    # Showing

    def _opened(self) -> None:
        project = self.session.project
        if project is None:
            # The open project's file was replaced by something that cannot be opened.
            self.setWindowTitle("Annotator")
            self.list.set_articles([])
            self.list.set_counts({})
            self.status.show_saving("")  # takes the counts away, too
            self.show_article(0)
            return
        self.fit_codebook(project.codebook.read())
        name = " ".join(project.name.split()).replace("[*]", "[*][*]")  # Qt's mark of a changed file
        self.setWindowTitle(f"{name}{' (read only)' if project.read_only else ''} – Annotator")
        self.notice.hide()
        self.list.set_filter(self.filters.remembered(project))
        last = self.session.settings.last_article(project.path)
        there = bool(last) and project.articles.exists(last)
        self.list.refresh(None)  # painted after the article
        if there or self.labelling.article:
            self.show_article(last if there else 0)
        if there:
            self._relist(at_once=True, after=TURN)  # a step, which showing the article would wait for
        else:
            self._relist(at_once=True)
            self._show_first()
        self.focus_article()  # or the first key would land in the search field
        self.models.begin_soon()

    def fit_codebook(self, codebook: Codebook) -> bool:
        """Have the keys and menu entries of this codebook's labels; tell whether it is another one."""
        if codebook == self._fitted:
            return False  # making the menus anew takes longer than anything else at an opening
        self._fitted = self.labelling.codebook = codebook
        self.label_mode.fit(codebook)
        self.actions_.remove("label/")
        self.actions_.add(label_commands(codebook, self.label_mode.label))
        self.actions_.fill(self.menuBar(), self._menus)
        self._add_recent_menu()
        self.list.stance_colors = {label.name: label.color for label in codebook.labels("stance")}
        return True

    def _in_sight(self) -> list[int]:
        return [self.labelling.article, *self.list.in_sight()]

    def _relist(self, *, at_once: bool = False, after: int = 0) -> None:
        if self.session.project is not None:
            self._count()
            self.listing.ask(at_once=at_once, after=after)

    def _asked(self) -> None:
        """List what the person asked for, also next time."""
        if self.session.project is not None:
            self.session.settings.remember_filter(self.session.project.path, self.list.filter())
        self.listing.ask(at_once=True, tell=True)

    def _show_first(self) -> None:
        """Show the first article of the list as soon as it is known, unless one is open by then."""
        here, project = self.labelling.article, self.session.project
        if project is None or (here and project.articles.exists(here)):
            return
        if self.listing.first_is_known:
            self.show_article(self.list.first() or 0)
        else:
            QTimer.singleShot(0, self._show_first)

    def _count(self) -> None:
        project = self.session.project
        if project is not None:
            counts = project.articles.counts()
            self.list.set_counts(counts)
            self.status.show_counts(counts["done"], counts["all"])

    def show_article(self, article: int) -> None:
        """Open an article in the middle pane (0: none)."""
        person_acts()
        self.note.flush()
        self.claims.flush()
        project = self.session.project
        if self.note.pending and project is not None and project.articles.exists(self.labelling.article):
            self.list.select(self.labelling.article)  # going on would lose a note that cannot be saved
            return
        self.note.forget()
        if article and project is not None and not project.articles.exists(article):
            self._relist()  # it went with an act, and the list is not made anew yet
            return
        self.listing.follow()  # what was done meanwhile leaves the list now, not under the person's hands
        self.follower.refresh(article)
        if article != self.labelling.article:
            self.article_state.begin()
        self.labelling.open(article)
        if project is not None:  # now, since a crash asks nobody
            self.session.settings.remember(project.path, article)
        self.list.select(article or None)
        self.listing.sort()
        self.session.suggester.prefer(article)
        self.article_state.show()

    def _changed(self, change: Change) -> None:
        """Show what an act, an undo or another program changed."""
        self.notice.drop_warning()
        project = self.session.project
        if project is None:
            return
        self.status.clear()
        if not change.tables:  # the history was made shorter, and nothing else
            self.enable()
            return
        if change.article is not None and "articles" not in change.tables:
            self.listing.touch([change.article])
            self.list.refresh(change.article)
            self._count()
            self._show_changed(change)
            return
        self.article_state.paint_in_turn()
        self.list.refresh(None)
        here = self.labelling.article
        if here and project.articles.exists(here):
            self._show_changed(change)
            self._relist()  # after that, which would wait for the step that this begins
            return
        self._relist()
        if here:
            self._show_first()
        else:
            QTimer.singleShot(2 * APART, self, self._show_first)  # after the list is painted
        self._show_changed(change)

    def _show_changed(self, change: Change) -> None:
        """Show what a change made of the open article."""
        if change.article in (None, self.labelling.article):
            self.article_state.show(spans=self.labelling.follow(change))
        else:
            self.enable()

    def _suggestions_changed(self, articles: list[int]) -> None:
        self.listing.touch(articles)
        for article in articles:
            self.list.refresh(article)
        if self.labelling.article in articles:
            self.labelling.reload()
            self.article_state.show()
        self.walk.suggested(articles)

    def _active_changed(self, key: tuple[str, int] | None) -> None:
        self.labelling.leave_stance()
        self.spans.set_active(key)
        self.enable()

    def enable(self) -> None:
        """Enable what can be done now."""
        self.article_state.follow_active()
        project = self.session.project
        article = bool(self.labelling.article)
        have: dict[Needs, bool] = {
            "nothing": True,
            "project": project is not None,
            "writable": self.session.writable,
            "article": article,
            "labelling": article and self.session.writable,
        }
        self.actions_.enable(have)
        self.panels.set_enabled_editing(have["labelling"])
        self.pane.edit.setEnabled(have["labelling"])
        self.bulk.name_steps()

    def tell(self, change: Change) -> None:
        """Say what an act did, and how to take it back."""
        self.status.say(sentence(change.text) + self.actions_.words(" {undo} takes it back."))

    def advise(self, words: str) -> None:
        """Say what to do; commands in braces are named by their keys."""
        self.status.say(self.actions_.words(words))

    def notify(self, text: str) -> None:
        """Show something worth knowing."""
        self.notice.show_message(text)

    def warn(self, text: str) -> None:
        """Show what did not work."""
        self.notice.show_message(text, warning=True)

    def welcome(self) -> None:
        """Say at the first start what this is and how to begin."""
        self.notify(
            self.actions_.words(
                "Welcome. These ten articles were written for you to try things on; the line below the text "
                "says what to try next. {undo} undoes, {keys} shows all keys. Everything is saved at once."
            )
        )
        self.focus_article()

    # Commands

    def undo(self) -> None:
        """Take the last act back and go to the place that it was about."""
        self.bulk.step("undo")

    def redo(self) -> None:
        """Do what was undone again and go to the place that it was about."""
        self.bulk.step("redo")

    def escape(self) -> None:
        """Return to the article; there, let go of the selection and the active span."""
        view = self.pane.view
        bars = (self.list.leave, self.pane.find_bar.leave, self.codebook.close_rule, self.label_mode.leave)
        if any(leave() for leave in (self.notice.drop_warning, *bars, self.appearance.panes.leave)):
            return
        if view.hasFocus():
            view.clear_selection()
            view.set_active(None)
            view.active_changed.emit(None)
        view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def next_pane(self) -> None:
        """Walk the panes: list, article, entities."""
        panes = [p for p in (self.list.table, self.pane.view, self.spans.tree) if p.isVisible()] or [
            self.pane.view
        ]
        focus = QApplication.focusWidget()
        here = next((n for n, pane in enumerate(panes) if focus in (pane, pane.viewport())), 0)
        panes[(here + 1) % len(panes)].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_article(self) -> None:
        """Put the keyboard into the article."""
        self.pane.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def search(self) -> None:
        """Put the keyboard into the search field."""
        self.appearance.panes.reveal("list")
        self.list.search_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.list.search_field.selectAll()

    def write_note(self) -> None:
        """Put the keyboard into the note."""
        self.appearance.panes.reveal("panels")
        self.note.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open(self, path: Path) -> bool:
        """Open a project; the present one is remembered with its article."""
        return self.files.may_leave(f"open {path.name}") and self.session.open(path)

    # The window's own events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell once that the window can be seen: what takes longer begins then."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.painted.emit)

    def _leave(self) -> None:
        """End what is going on in the project that is about to be closed."""
        self.files.stop()
        self.note.flush()  # an act, of which the listing hears
        self.listing.stop()
        self.list.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window and close the project; there is nothing to save.

        But for a note that could not be: it is said once more before it is lost.
        """
        if not self.files.may_leave("close the window"):
            event.ignore()
            return
        self.appearance.remember()
        self.models.stop()
        self.session.close()
        wait_for_workers()
        self.session.settings.sync()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Look for changes by other programs when the window becomes active."""
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.session.check_outside()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a dropped project, import anything else."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if len(paths) == 1 and paths[0].suffix == ".annot":
            QTimer.singleShot(0, partial(self.open, paths[0]))  # a dialog would hold on to who is dragging
        elif paths:
            self.files.offer.begin(paths)
