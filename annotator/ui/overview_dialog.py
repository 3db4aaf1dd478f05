"""Tools > Overview: how far the work is and what came of it, as charts with their numbers beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from annotator.model import Change
from annotator.text import printable
from annotator.ui import theme
from annotator.ui.chips import Heading, cut, plain_label
from annotator.ui.files import ask_where_to_save
from annotator.ui.numbers_table import NumbersTable
from annotator.ui.overview_count import OverviewCount
from annotator.ui.session import Session

if TYPE_CHECKING:
    from annotator.project.charts import Chart
    from annotator.project.overview import Overview
    from annotator.ui.chart_view import ChartView

QUIET = 2000  # milliseconds without an act after which it is counted again; a long count waits its own time
_ALL = "All annotators"
_PICTURES, _NUMBERS = "Pictures (*.png *.svg)", "Numbers (*.csv)"


class OverviewDialog(QDialog):
    """Stays open beside the work and follows it: what is shown is counted again once the keys rest."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.overview: Overview | None = None
        self.view: ChartView | None = None
        self._shown: tuple[Chart, bool, str, QFont] | None = None
        self.counting = OverviewCount(self)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.timeout.connect(self._count_again)
        self.setWindowTitle("Overview")
        self._build()
        beside = parent.window().size()  # a small screen has no room for more than the window has
        self.resize(min(1080, max(720, beside.width() - 40)), min(680, max(480, beside.height() - 40)))
        self.counting.progressed.connect(self._progressed)
        self.counting.finished.connect(self._have_counted)
        self.counting.failed.connect(self._say)
        session.changed.connect(self._changed)
        session.suggestions_changed.connect(self._wait)
        session.closing.connect(self._leave)

    def _build(self) -> None:
        self.words = plain_label()
        self.who = QComboBox()
        self.who.setAccessibleName("Whose work")
        self.who.setMinimumContentsLength(14)
        self.who.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.who.activated.connect(self.count)
        self.shares = QCheckBox("S&hares")
        self.shares.setToolTip("Bars of one length, with their parts in per cent")
        self.shares.toggled.connect(self._show_chart)
        top = QHBoxLayout()
        top.addWidget(self.words, 1)
        top.addWidget(self.shares)
        top.addWidget(self.who)
        self.parts = QListWidget()
        self.parts.setAccessibleName("Charts")
        self.parts.setFrameShape(QFrame.Shape.NoFrame)
        self.parts.setSpacing(3)
        self.parts.setFixedWidth(190)
        self.parts.currentRowChanged.connect(self._show_chart)
        self.title = Heading("")
        self.about = plain_label(muted=True)
        self._page = QScrollArea()
        self._page.setWidgetResizable(True)
        self._page.setFrameShape(QFrame.Shape.NoFrame)
        self._page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table = NumbersTable()
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.addWidget(self._page)
        both.addWidget(self.table)
        both.setStretchFactor(0, 3)
        both.setStretchFactor(1, 2)
        both.setSizes([520, 360])
        self.empty = plain_label(muted=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # or nobody would read it out
        self._stack = QStackedWidget()
        self._stack.addWidget(both)
        self._stack.addWidget(self.empty)
        right = QVBoxLayout()
        right.addWidget(self.title)
        right.addWidget(self.about)
        right.addWidget(self._stack, 1)
        middle = QHBoxLayout()
        middle.addWidget(self.parts)
        middle.addLayout(right, 1)
        self.progress = QProgressBar()
        self.progress.setFixedHeight(8)
        self.progress.setAccessibleName("Counting")
        room = self.progress.sizePolicy()
        room.setRetainSizeWhenHidden(True)  # or the charts would jump at each count
        self.progress.setSizePolicy(room)
        self.state = plain_label(muted=True)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addLayout(middle, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self.state)
        layout.addLayout(self._buttons())
        self._show_nothing()

    def _buttons(self) -> QHBoxLayout:
        self.picture_button, self.numbers_button, self.again_button, self.stop_button, close = (
            QPushButton(words)
            for words in ("Save &picture…", "Save &numbers…", "Count &again", "S&top", "&Close")
        )
        below = QHBoxLayout()
        for button, act in (
            (self.picture_button, self.save_picture),
            (self.numbers_button, self.save_numbers),
            (self.again_button, self.count),
            (self.stop_button, self.stop),
            (close, self.reject),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(act)
            if button is close:
                below.addStretch(1)
            below.addWidget(button)
        return below

    # Counting

    def open_beside(self) -> None:
        """Show the page, or bring it to the front, with the numbers of now."""
        self.show()
        self.activateWindow()
        self.count()

    def count(self) -> None:
        """Count, for whom is chosen; what was being counted is dropped."""
        from annotator.project.overview import overview_steps

        project = self._session.project
        if project is None:
            return
        self._waiting.stop()
        self._name_annotators(project.annotators())
        self.state.setText("")
        self.counting.begin(overview_steps(project, self.who.currentData()))
        self.progress.setMaximum(0)
        self._enable()

    def _name_annotators(self, names: list[str]) -> None:
        chosen = self.who.currentData()
        with QSignalBlocker(self.who):
            self.who.clear()
            self.who.addItem(_ALL, None)
            for name in names:
                self.who.addItem(printable(cut(name, 60)), name)
            self.who.setCurrentIndex(names.index(chosen) + 1 if chosen in names else 0)

    def _progressed(self, done: int, total: int) -> None:
        self.progress.setMaximum(total)
        self.progress.setValue(done)

    def _have_counted(self, overview: Overview) -> None:
        first = self.overview is None
        self.overview = overview
        whose = f" by {printable(cut(overview.annotator, 60))}" if overview.annotator is not None else ""
        self.words.setText(f"{overview.done:,} of {overview.articles:,} articles done{whose}")
        row = max(0, self.parts.currentRow())
        had_focus = self.focusWidget()
        with QSignalBlocker(self.parts):
            self.parts.clear()
            self.parts.addItems([chart.title for chart in overview.charts])
            self.parts.setCurrentRow(row)
        self.parts.setFixedWidth(self.parts.sizeHintForColumn(0) + 24)
        self._show_chart()
        if first or had_focus is None or not had_focus.isVisible():
            self.parts.setFocus()
        self._say("" if not self._waiting.isActive() else self.state.text())

    def stop(self) -> None:
        """Count no further."""
        self._waiting.stop()
        self.counting.stop()
        if self.overview is None:
            self._show_empty("Nothing is counted yet: press Count again.")
        self._say("Stopped." if self.overview is None else "Stopped: the numbers are those of before.")

    def _changed(self, change: Change) -> None:
        if change.tables:
            self._wait()

    def _wait(self, *_: object) -> None:
        """Count again once nothing more happens; a count that goes on is completed before."""
        if self.isVisible():
            self.state.setText("The project has changed: it is counted again in a moment.")
            self._waiting.start(max(QUIET, round(1000 * self.counting.took)))

    def _count_again(self) -> None:
        if self.counting.running:
            self._wait()
        else:
            self.count()

    def _leave(self) -> None:
        """Forget the project that is about to be closed."""
        self.reject()
        self.overview = None
        self.counting.took = 0.0
        self.who.clear()
        self._show_nothing()

    def done(self, result: int) -> None:
        """Count no further when the page is closed."""
        self._waiting.stop()
        self.counting.stop()
        super().done(result)

    # Showing

    @property
    def chart(self) -> Chart | None:
        """The chart that is shown."""
        row = self.parts.currentRow()
        return self.overview.charts[row] if self.overview is not None and row >= 0 else None

    def _show_chart(self) -> None:
        from annotator.ui.chart_view import ChartView

        chart = self.chart
        if chart is None:
            return
        self.title.setText(chart.title.upper())
        self.title.setAccessibleName(chart.title)
        self.about.setText(f"{chart.words} {chart.picture.words}".strip())
        if chart.total:
            looks = (chart, self.shares.isChecked(), theme.current().name, self.font())
            if self.view is None or looks != self._shown:  # else nothing that is looked at has changed
                self.view = ChartView(chart, theme.current(), self.font(), shares=looks[1])
                self._page.setWidget(self.view)  # which deletes the one before
                self.table.show_chart(chart, looks[1])
                self._shown = looks
            self._stack.setCurrentIndex(0)
        else:
            self._show_empty(chart.empty)
        self._enable()

    def _show_nothing(self) -> None:
        self.parts.clear()
        self.words.setText("")
        self.title.setText("")
        self.about.setText("")
        self._show_empty("Counting…")
        self._enable()

    def _show_empty(self, words: str) -> None:
        self.view = None
        self.empty.setText(words)
        self.empty.setAccessibleName(words)
        self._stack.setCurrentIndex(1)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a larger font or another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            QTimer.singleShot(0, self, self._redraw)

    def _redraw(self) -> None:
        if self.view is not None:
            self._show_chart()

    def _enable(self) -> None:
        chart = self.chart
        there = chart is not None and chart.total > 0
        self.picture_button.setEnabled(there)
        self.numbers_button.setEnabled(there)
        self.shares.setEnabled(chart is not None and there and len(chart.series) > 1)
        self.stop_button.setVisible(self.counting.running)
        self.progress.setVisible(self.counting.running)

    def _say(self, words: str) -> None:
        """Show words below the charts, and have them read out."""
        self.state.setText(words)
        self._enable()
        if words:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    # Taking it along

    def save_picture(self) -> None:
        """Ask where to save the chart, as PNG or SVG by the file's name."""
        chart, path = self._ask("Save the picture", "png", _PICTURES)
        if chart is not None and path is not None:
            self.save_picture_to(chart, path)

    def save_picture_to(self, chart: Chart, path: Path) -> None:
        """Write a chart: SVG where the name ends so, else PNG."""
        from annotator.ui.chart_view import picture_of

        kind: Literal["png", "svg"] = "svg" if path.suffix.lower() == ".svg" else "png"
        self._write(path, picture_of(chart, kind, self.font(), shares=self.shares.isChecked()))

    def save_numbers(self) -> None:
        """Ask where to save the chart's numbers as CSV."""
        chart, path = self._ask("Save the numbers", "csv", _NUMBERS)
        if chart is not None and path is not None:
            self.save_numbers_to(chart, path)

    def save_numbers_to(self, chart: Chart, path: Path) -> None:
        """Write all numbers of a chart, also those that its picture has no room for."""
        self._write(path, chart.csv().encode("utf-8-sig"))  # so that Excel takes no é for Ã©

    def _write(self, path: Path, content: bytes) -> None:
        from annotator.project.leftovers import write_whole  # late: as the project's other modules

        try:
            write_whole(path, content)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            self._say(f"{path.name} could not be written: {why}. Save it in another place.")
        else:
            self._say(f"Saved as {path}.")

    def _ask(self, title: str, suffix: str, files: str) -> tuple[Chart | None, Path | None]:
        chart, project = self.chart, self._session.project
        if chart is None or project is None:
            return None, None
        proposal = project.path.with_name(f"{project.name} {chart.title.lower()}.{suffix}")
        return chart, ask_where_to_save(self, title, proposal, files, True)
