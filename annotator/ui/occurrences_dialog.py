"""Every occurrence: a list of places with the words around them, to be looked at, ticked and labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from annotator.matching import Sought
from annotator.model import Change
from annotator.ui.chips import cut, plain_label
from annotator.ui.occurrence_search import OccurrenceSearch
from annotator.ui.occurrences_model import (
    AFTER,
    ARTICLE,
    BEFORE,
    QUOTE,
    STATE,
    ContextDelegate,
    OccurrencesModel,
    OccurrencesTable,
)
from annotator.ui.search_field import SearchField
from annotator.ui.session import Session
from annotator.ui.tasks import paint_later

if TYPE_CHECKING:
    from annotator.project.occurrences import Occurrence

MOST = 20_000  # places in the list
_PAUSE = 250  # milliseconds after the last letter
_SEPARATOR = "; "
_CODEBOOK = frozenset({"labels", "layers", "articles"})  # the last: also what another program changed
_READ_ANEW = _CODEBOOK | {"annotations", "rejections", "annotators"}
_NOTHING_SOUGHT = "Type what to look for. Several names are separated by a semicolon."
_KEYS = "Space ticks, Ctrl+A ticks all, Ctrl+Enter opens the article, typing narrows the list."


class OccurrencesDialog(QDialog):
    """What is sought above, the places below. It stays open beside the window."""

    place_wanted = Signal(int, int, int)  # an article and a stretch of it
    label_wanted = Signal(str, str, object)  # layer, label, and a list of places
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._names: tuple[str, ...] = ()
        self._article = 0
        self._full = False
        self._progress = 0, 0
        self._place: tuple[int, int, int] | None = None  # where to go once it is listed again
        self.setWindowTitle("Every occurrence")
        self.search = OccurrenceSearch(self)
        self._build()
        self._connect()
        self.setMinimumSize(640, 420)
        self.resize(QSize(1040, 640).boundedTo(parent.size()))

    def _build(self) -> None:
        self.field = SearchField("", self)
        self.field.setPlaceholderText("Words or names; several with a semicolon between them")
        self.field.setAccessibleName("What to look for")
        self.field.setMaxLength(5000)
        self.whole, self.case = QCheckBox("Whole w&ords"), QCheckBox("&Match case")
        self.variants = QCheckBox("&Variants")
        self.variants.setToolTip("Accents, hyphens, apostrophes and a possessive 's make no difference")
        self.scope, self.label = QComboBox(), QComboBox()
        self.scope.setAccessibleName("Where to look")
        self.scope.addItems(["In this article", "In the project"])
        self.label.setAccessibleName("Label for the ticked places")
        words = QLabel("&Label as")
        words.setBuddy(self.label)
        choices = QHBoxLayout()
        choices.setSpacing(12)
        for widget in (self.whole, self.case, self.variants, self.scope):
            choices.addWidget(widget)
        choices.addStretch(1)
        choices.addWidget(words)
        choices.addWidget(self.label)
        self.filter = SearchField("", self)
        self.filter.setPlaceholderText("Only lines with these words")
        self.filter.setAccessibleName("Show only lines with these words")
        self.model = OccurrencesModel(self)
        self.table = OccurrencesTable("Every occurrence", (ARTICLE, QUOTE))
        self.table.setModel(self.model)
        context = ContextDelegate(self.table)
        for column in (BEFORE, AFTER):
            self.table.setItemDelegateForColumn(column, context)
        self.table.setWordWrap(False)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header, letter = self.table.horizontalHeader(), self.fontMetrics().horizontalAdvance("m")
        header.setStretchLastSection(False)
        for column, letters in ((ARTICLE, 11), (QUOTE, 11), (STATE, 10)):
            header.resizeSection(column, letters * letter)
        header.setMinimumSectionSize(4 * letter)
        for column in (BEFORE, AFTER):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self._empty = plain_label(_NOTHING_SOUGHT, muted=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self.words = plain_label(muted=True)
        self.words.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setFixedSize(120, 10)
        self.bar.setAccessibleName("Searching")
        self.stop_button = QPushButton("S&top")
        self.open_button = QPushButton("Open the &article")
        self.label_button = QPushButton("Label")
        self.close_button = QPushButton("&Close")
        below = QHBoxLayout()
        below.addWidget(self.words, 1)
        below.addWidget(self.bar)
        for button in (self.stop_button, self.open_button, self.label_button, self.close_button):
            below.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.field)
        layout.addLayout(choices)
        layout.addWidget(self.filter)
        layout.addWidget(self._stack, 1)
        layout.addLayout(below)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter belongs to the table

    def _connect(self) -> None:
        self._waiting, self._narrowing = QTimer(self), QTimer(self)
        for timer, milliseconds, act in (
            (self._waiting, _PAUSE, self._typed),
            (self._narrowing, 80, self._narrow),
        ):
            timer.setSingleShot(True)
            timer.setInterval(milliseconds)
            timer.timeout.connect(act)
        self.field.textEdited.connect(self._waiting.start)
        self.field.cleared.connect(self._typed)
        self.filter.textChanged.connect(self._narrowing.start)
        for field in (self.field, self.filter):
            field.returnPressed.connect(self._to_table)
            field.down_pressed.connect(self._to_table)
        for box in (self.whole, self.case, self.variants):
            box.clicked.connect(self._begin)
        for chooser in (self.scope, self.label):
            chooser.activated.connect(self._begin)
        self.search.found.connect(self._found)
        self.search.ended.connect(self._ended)
        self.search.failed.connect(self._failed)
        self.model.ticks_changed.connect(self._count)
        self.table.ticked.connect(self.model.toggle)
        self.table.all_ticked.connect(self._tick_all)
        self.table.applied.connect(self._enter)
        self.table.typed.connect(self._filter_from_table)
        self.table.chosen.connect(self._open_place)
        self.table.selectionModel().currentRowChanged.connect(self._enable_open)
        self.stop_button.clicked.connect(self._stop)
        self.open_button.clicked.connect(self._open_current)
        self.label_button.clicked.connect(self.apply)
        self.close_button.clicked.connect(self.reject)
        self.shortcuts = {
            "undo": QShortcut(QKeySequence("Ctrl+Z"), self),
            "redo": QShortcut(QKeySequence("Ctrl+Shift+Z"), self),
        }
        self.shortcuts["undo"].activated.connect(self.undo_wanted)
        self.shortcuts["redo"].activated.connect(self.redo_wanted)
        self._session.changed.connect(self._changed)
        self._session.closing.connect(self.reject)

    # What is sought

    def look_for(
        self, sought: Sought, label: tuple[str, str] | None, article: int, *, project: bool = True
    ) -> None:
        """Show the dialog with the places of ``sought``; ``article`` is the one in the window."""
        self._article = article
        self._names = sought.names
        self.field.apply_theme()
        self.filter.apply_theme()
        self.field.setText(cut(_SEPARATOR.join(sought.names), 5000))
        self.filter.clear()
        for box, on in (
            (self.whole, sought.whole),
            (self.case, sought.case),
            (self.variants, sought.variants),
        ):
            box.setChecked(on)
        self.scope.setCurrentIndex(1 if project else 0)
        self.scope.setEnabled(bool(article))
        self._fill_labels(label)
        self.show()
        self.activateWindow()
        self._begin()
        where = self.table if sought.names else self.field
        where.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _fill_labels(self, chosen: tuple[str, str] | None) -> None:
        self.label.clear()
        self.label.addItem("nothing, only look", None)
        project = self._session.project
        layers = project.codebook.read().layers if project is not None and self._session.writable else ()
        for layer in layers:
            if layer.scope != "article":
                prefix = "" if layer.name == "entity" else f"{layer.name.capitalize()}: "
                for label in layer.labels:
                    if not label.retired:
                        self.label.addItem(prefix + label.name, (layer.name, label.name))
        numbers = (n for n in range(self.label.count()) if self.label.itemData(n) == chosen)
        self.label.setCurrentIndex(next(numbers, 0))
        self.label.setEnabled(self._session.writable)

    def chosen_label(self) -> tuple[str, str] | None:
        """Return the (layer, label) that ticked places would get."""
        data = self.label.currentData()
        return (data[0], data[1]) if data is not None else None

    def sought(self) -> Sought:
        """Return what is looked for."""
        return Sought(self._names, self.whole.isChecked(), self.case.isChecked(), self.variants.isChecked())

    def _typed(self) -> None:
        self._waiting.stop()
        names = tuple(name.strip() for name in self.field.text().split(";"))
        self._names = tuple(name for name in names if name)
        self._begin()

    def _begin(self) -> None:
        """Look for it anew."""
        self._start(keep=False)

    def _start(self, *, keep: bool) -> None:
        from annotator.project.occurrences import occurrences  # late: the window does not wait for it

        self.search.stop()
        project, label = self._session.project, self.chosen_label()
        current = self._current()
        self._place = current.place if keep and current is not None else None
        self.model.begin(label[1] if label is not None else None, keep=keep)
        self._full, self._progress = False, (0, 0)
        if project is not None and self._names:
            article = self._article if self.scope.currentIndex() == 0 and self._article else None
            self.search.begin(occurrences(project, self.sought(), label, article))
        self._count()

    def _found(self, places: list[Occurrence], done: int, total: int) -> None:
        room = MOST - self.model.found
        self.model.add(places[:room])
        self._progress = done, total
        if len(places) > room:
            self._full = True
            self.search.stop()
        if not self.table.currentIndex().isValid() and self.model.rows:
            self.table.selectRow(0)
        if self._place is not None:
            self._select(self._place)
        self._count()

    def _select(self, wanted: tuple[int, int, int]) -> None:
        number = next((n for n, p in enumerate(self.model.rows) if p.place == wanted), None)
        if number is not None:
            self._place = None
            self.table.selectRow(number)

    def _ended(self) -> None:
        in_table = self.table.hasFocus()
        self._count()
        if in_table and not self.model.rows:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)  # or the keyboard were nowhere
        words = f"{self.model.found:,} found"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _failed(self, words: str) -> None:
        self._count()
        self.words.setText(words)

    def _stop(self) -> None:
        """End the search; what is found stays."""
        self.search.stop()
        self._count()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _changed(self, change: Change) -> None:
        """Follow what an act changed: the labels, and the places of one article or all of them."""
        if not self.isVisible():
            return
        if not change.tables.isdisjoint(_CODEBOOK):
            self._fill_labels(self.chosen_label())
        if not self._names or change.tables.isdisjoint(_READ_ANEW):
            return
        if change.article is None or "articles" in change.tables or self.search.running:
            self._start(keep=True)
            return
        from annotator.project.occurrences import occurrences

        project = self._session.project
        if project is not None and (self.scope.currentIndex() == 1 or change.article == self._article):
            current = self._current()
            steps = occurrences(project, self.sought(), self.chosen_label(), change.article)
            self.model.replace(change.article, [place for found in steps for place in found.places])
            if current is not None:
                self._select(current.place)
            self._count()

    # Showing

    def _narrow(self) -> None:
        self._narrowing.stop()
        current = self._current()
        self.model.set_filter(self.filter.text())
        if self.model.rows:
            self.table.selectRow(0)
        if current is not None:
            self._select(current.place)

    def _tick_all(self) -> None:
        paint_later(self.table)  # of 20,000 places, ticking alone takes what may be felt
        self.model.toggle_all()

    def _filter_from_table(self, letter: str) -> None:
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)
        self.filter.setText(self.filter.text() + letter)

    def _count(self) -> None:
        """Say how many places there are, and how many would be labelled."""
        running, found = self.search.running, self.model.found
        ticked, label = self.model.number_ticked, self.chosen_label()
        self._stack.setCurrentWidget(self.table if self.model.rows or running else self._empty)
        if not self._names:
            self._empty.setText(_NOTHING_SOUGHT)
        elif found:
            self._empty.setText("No line has these words. Clear the filter.")
        else:
            strict = self.whole.isChecked() or self.case.isChecked() or not self.variants.isChecked()
            self._empty.setText(
                "Not found. "
                + (
                    "Whole words, case or variants may be too strict."
                    if strict
                    else "Try fewer or other letters."
                )
            )
        words = f"{found:,} place{'' if found == 1 else 's'}"
        if running:
            words = f"Searching… {words}"
        elif self._full:
            words = f"The first {found:,} places, no more are listed: look for something narrower."
        elif found:
            words += f". {_KEYS}"
        self.words.setText(words if self._names else "")
        self.bar.setVisible(running)
        self.stop_button.setVisible(running)
        self.bar.setMaximum(self._progress[1])
        self.bar.setValue(self._progress[0])
        self.label_button.setText(f"Label {ticked:,} of {found:,}" if label is not None else "Label")
        self.label_button.setVisible(label is not None)
        self.label_button.setEnabled(bool(ticked) and not running and not self._pending())
        self._enable_open()

    def _enable_open(self, *_: QModelIndex) -> None:
        self.open_button.setEnabled(self._current() is not None)

    def _pending(self) -> bool:
        """Tell whether something was typed that the list does not show yet."""
        return self._waiting.isActive() or self._narrowing.isActive()

    def _current(self) -> Occurrence | None:
        row = self.table.currentIndex().row()
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def _to_table(self) -> None:
        if self._waiting.isActive():
            self._typed()
        if self._narrowing.isActive():
            self._narrow()
        if self.model.rows or self.search.running:
            self._stack.setCurrentWidget(self.table)
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Acts

    def _enter(self) -> None:
        """Label what is ticked; where there is no label, open the article."""
        if self.chosen_label() is None:
            self._open_current()
        else:
            self.apply()

    def apply(self) -> None:
        """Let the ticked places be labelled, once all of them are found."""
        label, ticked = self.chosen_label(), self.model.ticked()
        if label is None or self._pending():
            return
        if self.search.running:
            self.words.setText("Still searching: wait until all are found, or stop it.")
        elif not ticked:
            self.words.setText("Nothing is ticked. Space ticks a line.")
        else:
            self.label_wanted.emit(*label, ticked)

    def _open_place(self, number: int) -> None:
        self.place_wanted.emit(*self.model.rows[number].place)

    def _open_current(self) -> None:
        if (current := self._current()) is not None:
            self.place_wanted.emit(*current.place)

    def reject(self) -> None:
        """Close; a search that goes on ends."""
        self.search.stop()
        self._waiting.stop()
        super().reject()
