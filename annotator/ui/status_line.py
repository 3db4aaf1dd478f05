"""The status bar: what is done and saved, and how far the suggestions are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QToolButton

from annotator.ui import theme
from annotator.ui.chips import as_it_stands
from annotator.ui.suggester import SuggestProgress

_APART = " · "


class StatusLine(QObject):
    """Fills a window's status bar."""

    cancelled = Signal()  # stop suggesting
    changed = Signal()
    """The passing message or the trouble is another one."""

    def __init__(self, bar: QStatusBar) -> None:
        super().__init__(bar)
        self._bar = bar
        bar.messageChanged.connect(self.changed)
        self._counts = QLabel()
        self._counts.setContentsMargins(10, 0, 0, 0)
        self._saving = QLabel()
        for label in (self._counts, self._saving):
            bar.addWidget(label)
            label.installEventFilter(self)
        self._why = ""
        self._about = QLabel()  # what keys would do with the active span, where that is not seen
        self._about.setProperty("muted", True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        bar.addPermanentWidget(self._about)
        self._words = QLabel()
        self._progress = QProgressBar()
        self._progress.setFixedSize(160, 10)
        self._progress.setAccessibleName("Suggesting")
        self._cancel = QToolButton()
        self._cancel.setAutoRaise(True)
        self._cancel.setToolTip("Stop suggesting; what is there stays")
        self._cancel.setAccessibleName("Stop suggesting")
        self._cancel.clicked.connect(self.cancelled)
        for widget in (self._words, self._progress, self._cancel):
            bar.addPermanentWidget(widget)
            widget.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the left side away while a message is there: a bar of another height would show it again."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QLabel) and self._bar.currentMessage():
            watched.hide()
            # As the bar does it itself: what was hidden by somebody else it does not show again.
            watched.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, on=False)
        return False

    @property
    def text(self) -> str:
        """What the left side says."""
        return self._counts.text() + self._saving.text()

    @property
    def message(self) -> str:
        """The passing message; "" once it has passed, also where the bar is hidden."""
        return self._bar.currentMessage()

    @property
    def trouble(self) -> str:
        """That something is not saved, as long as it is not."""
        return self._saving.text().removeprefix(_APART) if self._why else ""

    def show_about(self, words: str) -> None:
        """Say on the right what a key would do; "" says nothing."""
        if words != self._about.text():
            self._about.setText(words)

    @property
    def about(self) -> str:
        """What the right side says of the active span."""
        return self._about.text()

    def show_counts(self, done: int, total: int) -> None:
        """Say how many articles are done."""
        self._counts.setText(f"{done:,} of {total:,} done")

    def show_saving(self, words: str, why: str = "") -> None:
        """Say whether it is saved ("": there is nothing); ``why`` it is not, in a warning's colour."""
        if not words:
            self._counts.clear()
        shown = f"{_APART}{words}" if words else ""
        if (shown, why) == (self._saving.text(), self._why):
            return
        self._why = why
        self._saving.setText(shown)
        self._saving.setToolTip(as_it_stands(why))
        self.apply_theme()
        if why:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._saving, f"{words}. {why}"))

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        color = f"color: {theme.current().warning}; font-weight: 600;" if self._why else ""
        self._saving.setStyleSheet(color)
        self.changed.emit()

    def say_read_only(self) -> None:
        """Say why a key did nothing."""
        self.say("The project is open for reading only: nothing was changed.")

    def say(self, text: str) -> None:
        """Show a passing message, and say it to a screen reader."""
        self._bar.showMessage(text, 4000)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._bar, text))

    def clear(self) -> None:
        """Take the passing message away: something else has happened."""
        self._bar.clearMessage()

    def show_suggesting(self, progress: SuggestProgress) -> None:
        """Show how far the background work is, with the time left."""
        for widget in (self._words, self._progress, self._cancel):
            widget.setVisible(progress.running)
        if not progress.running:
            return
        parts = [f"Suggesting {progress.done:,} of {progress.total:,}"]
        if progress.rate:
            parts.append(f"{progress.rate:.0f} articles/s" if progress.rate >= 1 else "under 1 article/s")
        if progress.seconds_left is not None:
            parts.append(f"{_duration(progress.seconds_left)} left")
        self._words.setText(" · ".join(parts))
        self._progress.setMaximum(progress.total)
        self._progress.setValue(progress.done)
        self._cancel.setIcon(theme.icon("stop"))


def _duration(seconds: float) -> str:
    """Return a time span in the largest unit that says enough: 8 s, 3 min, 2 h 10 min."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
