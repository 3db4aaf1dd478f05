"""Tools > Actors: who the project knows, under which names, and the acts on them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from annotator.model import Actor, ActorRow, Change
from annotator.ui.actors_model import ALIASES, ARTICLES, BLOC, KIND, MENTIONS, NAME, ActorsModel
from annotator.ui.chips import one_line, plain_label, sentence
from annotator.ui.choose_dialog import ask_name, choices, choose
from annotator.ui.context_menus import ButtonMenu
from annotator.ui.empty_state import EmptyState
from annotator.ui.history_model import HistoryTable
from annotator.ui.patient import PatientWork
from annotator.ui.search_field import SearchField
from annotator.ui.session import Session
from annotator.ui.tasks import in_turn

if TYPE_CHECKING:
    from annotator.project import Project

_NOTHING = "No actors yet. They come with the entities that you accept; C in the article confirms one."
_NO_MATCH = "No actor fits. Clear the search."
_COUNTED_ANEW = frozenset({"annotations", "articles"})  # the latter comes of other programs' acts, too


class ActorsDialog(QDialog):
    """All actors at the left, the chosen one at the right. It stays open beside the window."""

    changing = Signal()  # an act is about to be done; hand in what is still pending
    undo_wanted = Signal()
    redo_wanted = Signal()
    occurrences_wanted = Signal(object)  # the places of an actor's names
    long_wanted = Signal(str, object)  # what it is, and the steps of an act that takes its time

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.with_keys: Callable[[str], str] = str  # puts present keys of commands in braces into words
        self._then: str | None = None  # who is chosen once the act at hand is done
        self._known: Mapping[str, tuple[int, int]] | None = None  # mentions and articles, by uuid
        self.counting = PatientWork(self)
        self.setWindowTitle("Actors")
        self._build()
        self._connect()
        self.setMinimumSize(900, 460)
        self.resize(QSize(1040, 640).boundedTo(parent.size()))

    def _build(self) -> None:
        self.search = SearchField("", self)
        self.search.setPlaceholderText("Search names, kinds and blocs")
        self.search.setAccessibleName("Search actors")
        self.model = ActorsModel(self)
        self.table = HistoryTable("Actors", (NAME, ALIASES))
        self.table.setModel(self.model)
        self.table.setWordWrap(False)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header, metrics = self.table.horizontalHeader(), self.fontMetrics()
        for column, words in ((NAME, "m" * 13), (KIND, "PRODUCT"), (BLOC, "m" * 4)):
            header.resizeSection(column, metrics.horizontalAdvance(words) + 20)
        for column, words in ((MENTIONS, "Mentions"), (ARTICLES, "Articles")):
            header.resizeSection(column, metrics.horizontalAdvance(words) + 28)
        header.setSectionResizeMode(ALIASES, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(NAME, Qt.SortOrder.AscendingOrder)
        self.table.setSortingEnabled(True)
        self._empty = plain_label(_NOTHING, muted=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self.name = plain_label()
        self.name.setWordWrap(True)
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.kind, self.bloc = QComboBox(), QComboBox()
        self.aliases = QListWidget()
        self.aliases.setAccessibleName("Names that stand for the actor")
        EmptyState(self.aliases, "No other names. Add one, or merge another actor into this one.")
        self.rename_button = QPushButton("&Rename…")
        self.merge_button = QPushButton("&Merge into…")
        self.add_button = QPushButton("&Add a name…")
        self.remove_button = QPushButton("Remo&ve the name")
        self.split_button = QPushButton("&Split the name off…")
        self.occurrences_button = QPushButton("Where its names stan&d…")
        self.close_button = QPushButton("&Close")
        right = QWidget()
        grid = QGridLayout(right)
        grid.setContentsMargins(12, 0, 0, 0)
        grid.addWidget(self.name, 0, 0, 1, 2)
        for row, (words, box) in enumerate((("&Kind", self.kind), ("&Bloc", self.bloc)), 1):
            label = QLabel(words)
            label.setBuddy(box)
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
        grid.addWidget(self.rename_button, 3, 0)
        grid.addWidget(self.merge_button, 3, 1)
        also = QLabel("Also &called")
        also.setBuddy(self.aliases)
        grid.addWidget(also, 4, 0, 1, 2)
        grid.addWidget(self.aliases, 5, 0, 1, 2)
        grid.addWidget(self.add_button, 6, 0)
        grid.addWidget(self.remove_button, 6, 1)
        grid.addWidget(self.split_button, 7, 0, 1, 2)
        grid.addWidget(self.occurrences_button, 8, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(5, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._stack)
        splitter.addWidget(right)
        right.setMaximumWidth(max(320, right.minimumSizeHint().width()))
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([740, 300])
        self.words = plain_label(muted=True)
        self.words.setWordWrap(True)
        below = QHBoxLayout()
        below.addWidget(self.words, 1)
        below.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(splitter, 1)
        layout.addLayout(below)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter belongs to the table

    def _connect(self) -> None:
        self._waiting = QTimer(self)  # typing asks once, not for every letter
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(80)
        self._waiting.timeout.connect(self._filter)
        self.search.textChanged.connect(self._waiting.start)
        self.search.cleared.connect(self._filter)
        self.search.returnPressed.connect(self._to_table)
        self.search.down_pressed.connect(self._to_table)
        self.table.selectionModel().currentRowChanged.connect(self._show_actor)
        self.table.chosen.connect(self._to_aliases)
        self.aliases.currentRowChanged.connect(self._enable)
        self.kind.activated.connect(self._set_kind)
        self.bloc.activated.connect(self._set_bloc)
        self.rename_button.clicked.connect(self.rename)
        self.merge_button.clicked.connect(self.merge)
        self.add_button.clicked.connect(self.add_name)
        self.remove_button.clicked.connect(self.remove_name)
        self.split_button.clicked.connect(self.split)
        self.occurrences_button.clicked.connect(self.find_names)
        self.close_button.clicked.connect(self.reject)
        acts = (self.rename_button, self.merge_button, self.add_button, self.occurrences_button)
        self.menu = ButtonMenu(self.table, acts)
        QShortcut(QKeySequence("F2"), self).activated.connect(self.rename)
        self.shortcuts = {
            "undo": QShortcut(QKeySequence("Ctrl+Z"), self),
            "redo": QShortcut(QKeySequence("Ctrl+Shift+Z"), self),
            "menu_here": self.menu.key,
        }
        self.shortcuts["undo"].activated.connect(self.undo_wanted)
        self.shortcuts["redo"].activated.connect(self.redo_wanted)
        remove = QShortcut(QKeySequence("Del"), self.aliases)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self.remove_name)
        self.counting.finished.connect(self._counted)
        self.counting.failed.connect(self._say)
        self._session.changed.connect(self._changed)
        self._session.failed.connect(self._failed)
        self._session.closing.connect(self._leave)

    # Showing

    def open_beside(self) -> None:
        """Show the actors, or bring them to the front."""
        self.search.apply_theme()
        self._say("")
        self.refresh()
        self._count()
        self.show()
        self.activateWindow()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _changed(self, change: Change) -> None:
        if self.isVisible() and change.tables:
            self._say("")
            self.refresh(self._then)
            if not change.tables.isdisjoint(_COUNTED_ANEW):
                self.counting.stop()
                in_turn(self, self._count)  # the window has the act to show, too

    def _failed(self, words: str) -> None:
        if self.isVisible():  # the window's notice may be behind us
            self._say(words)

    def refresh(self, wanted: str | None = None) -> None:
        """Read the actors anew; the chosen one stays chosen, or ``wanted`` is."""
        project = self._session.project
        if project is None:
            return
        before = self.current()
        name = wanted or (before.name if before is not None else None)
        self._fill_boxes(project)
        self._show_actors(project.actors.all(), name)

    def _show_actors(self, actors: Iterable[Actor], chosen: str | None) -> None:
        """Show actors with what is counted; those that nothing is known of have no mention, or none yet."""
        known, none = self._known or {}, (None, None) if self._known is None else (0, 0)
        self.model.set_rows([ActorRow(actor, *known.get(actor.uuid, none)) for actor in actors])
        self._choose(chosen)

    def _count(self) -> None:
        """Count the mentions; until that is done, what was counted before is shown."""
        if (project := self._session.project) is not None:
            self.counting.begin(project.actors.counts())

    def _counted(self, counts: Mapping[str, tuple[int, int]]) -> None:
        if counts == self._known:
            return
        self._known = counts
        chosen = self.current()
        self._show_actors(self.model.actors(), chosen.name if chosen is not None else None)

    def _filter(self) -> None:
        self._waiting.stop()
        actor = self.current()
        self.model.set_filter(self.search.text())
        self._choose(actor.name if actor is not None else None)

    def _choose(self, name: str | None) -> None:
        rows = self.model.rowCount()
        self._empty.setText(_NO_MATCH if self.search.text() else _NOTHING)
        self._stack.setCurrentWidget(self.table if rows else self._empty)
        number = self.model.number(name) if name is not None else None
        if rows:
            self.table.selectRow(number or 0)
        self._show_actor()

    def _fill_boxes(self, project: Project) -> None:
        codebook = project.codebook.read()
        for box, names in (
            (self.kind, [label.name for label in codebook.layer("entity").labels]),
            (self.bloc, project.codebook.blocs()),
        ):
            box.clear()
            box.addItem("–", None)
            for name in names:
                box.addItem(name, name)

    def current(self) -> Actor | None:
        """Return the actor that is chosen."""
        number = self.table.currentIndex().row()
        return self.model.rows[number].actor if 0 <= number < len(self.model.rows) else None

    def _show_actor(self, *_: QModelIndex) -> None:
        actor = self.current()
        chosen = self.alias()
        self.name.setText(one_line(actor.name) if actor is not None else "")
        self.aliases.clear()
        if actor is not None:
            self.aliases.addItems(list(actor.aliases))
            for box, value in ((self.kind, actor.kind), (self.bloc, actor.bloc)):
                if value is not None and box.findData(value) < 0:
                    box.addItem(value, value)  # an imported one
                box.setCurrentIndex(max(0, box.findData(value)))
            if actor.aliases:
                self.aliases.setCurrentRow(actor.aliases.index(chosen) if chosen in actor.aliases else 0)
        self._enable()

    def alias(self) -> str | None:
        """Return the name that is chosen in the list of names."""
        item = self.aliases.currentItem()
        return item.text() if item is not None else None

    def _enable(self) -> None:
        self.occurrences_button.setEnabled(self.current() is not None)
        may = self.current() is not None and self._session.writable
        for widget in (self.kind, self.bloc, self.rename_button, self.merge_button, self.add_button):
            widget.setEnabled(may)
        for button in (self.remove_button, self.split_button):
            button.setEnabled(may and self.alias() is not None)

    def _say(self, words: str) -> None:
        self.words.setText(words)
        if words:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _to_table(self) -> None:
        if self._waiting.isActive():
            self._filter()
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _to_aliases(self, number: int) -> None:
        self.aliases.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Acts

    def _perform(self, act: Callable[[Project], Change | None], then: str | None = None) -> None:
        """Do one act and say what was done; ``then`` is who is chosen afterwards."""
        self.changing.emit()
        self._then = then
        change = self._session.perform(act)
        if change is not None:
            self.done_with(change)
        if change is None or not change.tables:
            self.refresh()  # what was chosen in a box is not so
        self._then = None

    def _perform_long(
        self,
        name: str,
        act: Callable[[Project], Change | None],
        title: str,
        steps: Callable[[Project], Generator[Any, None, Change]],
        then: str,
    ) -> None:
        """Do one act; in steps where many annotations are about the actor ``name``."""
        project = self._session.project
        if project is None or not project.actors.is_large(name):
            self._perform(act, then)
            return
        self._then = then
        self.long_wanted.emit(title, steps(project))

    def done_with(self, change: Change) -> None:
        """Say what was done, and how to take it back."""
        self._say(sentence(change.text) + self.with_keys(" {undo} takes it back."))

    def settle(self, words: str = "") -> None:
        """Hear that the long act has ended, and say ``words``."""
        self._then = None
        if words:
            self._say(words)

    def rename(self) -> None:
        """Ask what the actor is to be called."""
        actor = self.current()
        if actor is not None and self._session.writable:
            name = ask_name(self, "Rename the actor", f"What is {actor.name} called?", actor.name)
            if name is not None:
                self._perform(lambda project: project.actors.rename(actor.name, name), name)

    def merge(self) -> None:
        """Ask who the actor really is, and make the two one."""
        actor, project = self.current(), self._session.project
        if actor is not None and project is not None:
            others = choices(project.actors.all(), set(), actor.name)
            words = f"{actor.name} is the same as:"
            into = choose("Merge into another actor", words, others, self)
            if into is not None:
                self._perform_long(
                    actor.name,
                    lambda project: project.actors.merge(into, actor.name),
                    "Merging",
                    lambda project: project.actors.merge_in_steps(into, actor.name),
                    into,
                )

    def split(self) -> None:
        """Give the chosen name, with its mentions, to a new actor."""
        actor, alias = self.current(), self.alias()
        if actor is not None and alias is not None:
            name = ask_name(self, "Split a name off", f"Who is {alias}? A new actor:", alias)
            if name is not None:
                self._perform_long(
                    actor.name,
                    lambda project: project.actors.split(actor.name, [alias], name),
                    "Splitting",
                    lambda project: project.actors.split_in_steps(actor.name, [alias], name),
                    name,
                )

    def add_name(self) -> None:
        """Ask for another name of the actor."""
        actor = self.current()
        if actor is not None:
            name = ask_name(self, "Add a name", f"{actor.name} is also called:", "")
            if name is not None:
                self._perform(lambda project: project.actors.add_alias(actor.name, name))

    def remove_name(self) -> None:
        """Forget that the actor is called by the chosen name."""
        actor, alias = self.current(), self.alias()
        if actor is not None and alias is not None and self._session.writable:
            self._perform(lambda project: project.actors.remove_alias(actor.name, alias))

    def _leave(self) -> None:
        """Let go of the project that is about to be closed."""
        self.counting.stop()
        self._known = None
        self.reject()

    def find_names(self) -> None:
        """Ask for every place where a name of the actor stands."""
        if (actor := self.current()) is not None:
            self.occurrences_wanted.emit(actor)

    def _set_kind(self) -> None:
        actor, kind = self.current(), self.kind.currentData()
        if actor is not None and kind != actor.kind:
            self._perform(lambda project: project.actors.set_kind(actor.name, kind))

    def _set_bloc(self) -> None:
        actor, bloc = self.current(), self.bloc.currentData()
        if actor is not None and bloc != actor.bloc:
            self._perform(lambda project: project.actors.set_bloc(actor.name, bloc))
