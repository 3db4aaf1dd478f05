"""Ctrl+F: finding words or a regular expression in the open article."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from annotator.matching import SearchError, Sought, expression_finder
from annotator.ui import theme
from annotator.ui.article_view import MARGIN, ArticleView
from annotator.ui.chips import plain_label
from annotator.ui.search_field import SearchField

MOST = 10_000  # hits that are marked
_PAUSE = 120  # milliseconds after the last letter


class FindBar(QWidget):
    """A field under the article; all that is found is marked, one hit at a time is selected.

    Enter goes to the next hit and leaves the keyboard in the article, where a label's key labels it at
    once; Enter and Shift+Enter go on from there while the bar is open.
    """

    def __init__(self, view: ArticleView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._hits: list[tuple[int, int]] = []
        self._starts: list[int] = []
        self._current: int | None = None
        self._typed_anew = False  # the hit that stands there was shown, and not yet gone to
        self._more = False
        self._wrong = ""
        self.field = SearchField("", self)
        self.field.setPlaceholderText("Find in this article")
        self.field.setAccessibleName("Find in this article")
        self.expression = QCheckBox("Rege&x")
        self.expression.setToolTip("Read it as a regular expression: \\d{4} finds years")
        self.case = QCheckBox("&Match case")
        self.words = plain_label(muted=True)
        self.words.setWordWrap(True)
        self.previous, self.next, self.close_button = QToolButton(), QToolButton(), QToolButton()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(MARGIN, 6, 16, 6)
        rows.setSpacing(4)
        row, choices = QHBoxLayout(), QHBoxLayout()
        rows.addLayout(row)
        rows.addLayout(choices)
        choices.setSpacing(12)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        for button, name in ((self.previous, "Previous hit"), (self.next, "Next hit")):
            button.setAccessibleName(name)
            button.setAutoRaise(True)
            row.addWidget(button)
        choices.addWidget(self.expression)
        choices.addWidget(self.case)
        choices.addWidget(self.words, 1)
        self.close_button.setAccessibleName("Close the search")
        self.close_button.setToolTip("Close the search (Esc)")
        self.close_button.setAutoRaise(True)
        row.addWidget(self.close_button)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_PAUSE)
        self._waiting.timeout.connect(self._typed)
        self.field.textChanged.connect(self._waiting.start)
        self.expression.toggled.connect(self._typed)
        self.case.toggled.connect(self._typed)
        self.previous.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
        self.close_button.clicked.connect(self.leave)
        self.field.installEventFilter(self)
        view.installEventFilter(self)
        view.text_shown.connect(self._other_text)
        self.hide()
        self.apply_theme()

    def open(self) -> None:
        """Show the bar with what is selected in the article, or what was sought before."""
        start, end = self._view.raw_selection()
        chosen = self._view.text[start:end]
        hidden = self.isHidden()
        if chosen.strip() and "\n" not in chosen and (hidden or not self._is_hit((start, end))):
            self.expression.setChecked(False)
            self.field.setText(chosen)
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._find()
        if self._is_hit((start, end)):
            self._current = self._hits.index((start, end))
        self._say()

    def leave(self) -> bool:
        """Close the bar and return to the article, whose selection stays; tell whether it was open."""
        if self.isHidden():
            return False
        self._waiting.stop()
        self.hide()
        self._hits, self._starts, self._current = [], [], None
        self._view.set_hits(())
        self._view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def go_on(self) -> None:
        """Select the next hit; after the last comes the first."""
        self._go(1)

    def go_back(self) -> None:
        """Select the hit before; before the first comes the last."""
        self._go(-1)

    # Searching

    def _is_hit(self, place: tuple[int, int]) -> bool:
        number = bisect_left(self._starts, place[0])
        return number < len(self._hits) and self._hits[number] == place

    def _other_text(self) -> None:
        if not self.isHidden():
            self._find()
            self._say()

    def _typed(self) -> None:
        """Find what was typed, and show the first hit from the caret on."""
        self._waiting.stop()
        if self.isHidden():
            return
        self._find()
        if self._hits:
            start = min(self._view.raw_selection())
            self._select(bisect_left(self._starts, start) % len(self._hits))
            self._typed_anew = True
        self._say()

    def _find(self) -> None:
        """Find all hits in the article as it is now, and mark them."""
        self._hits, self._current, self._more, self._wrong = [], None, False, ""
        self._typed_anew = False
        typed = self.field.text()
        try:
            places: Iterator[tuple[int, int]] = iter(())
            if not typed.strip():
                pass  # nothing is sought
            elif self.expression.isChecked():
                places = expression_finder(typed, case=self.case.isChecked())(self._view.text)
            else:
                places = Sought((typed,), whole=False, case=self.case.isChecked()).finder()(self._view.text)
            for place in places:
                if len(self._hits) == MOST:
                    self._more = True
                    break
                self._hits.append(place)
        except SearchError as error:
            self._hits, self._wrong = [], str(error)
        self._starts = [start for start, _ in self._hits]
        self._view.set_hits(self._hits)

    def _go(self, direction: int) -> None:
        if self.isHidden():
            if self.field.text():
                self.show()
                self._find()
            else:
                self.open()
                return
        elif self._waiting.isActive():
            self._typed()
        if self._hits and not (self._typed_anew and direction > 0):
            self._select(self._following(direction))
        self._typed_anew = False
        self._say()

    def _following(self, direction: int) -> int:
        """Return the number of the hit after or before the current one, or else the caret."""
        start, end = self._view.raw_selection()
        if self._current is not None:
            a, b = self._hits[self._current]
            if a <= start and end <= b:  # labelled or not, the person is still there
                return (self._current + direction) % len(self._hits)
        number = bisect_left(self._starts, start)
        if direction < 0:
            number -= 1
        elif number < len(self._hits) and self._hits[number] == (start, end):
            number += 1
        return number % len(self._hits)

    def _select(self, number: int) -> None:
        self._current = number
        self._view.show_place(*self._hits[number])

    def _say(self) -> None:
        """Tell which hit of how many it is, or why there is none."""
        if self._wrong or not self.field.text().strip():
            words = self._wrong
        elif not self._hits:
            words = "Not in this article"
        else:
            more = "+" if self._more else ""
            words = f"{len(self._hits):,}{more} found"
            if self._current is not None:
                words = f"{self._current + 1:,} of {len(self._hits):,}{more}"
        if words != self.words.text():
            self.words.setText(words)
            self.words.setToolTip(words)
            if words:
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
        for button in (self.previous, self.next):
            button.setEnabled(bool(self._hits))

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go from hit to hit by Enter and Shift+Enter, in the field and in the article."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not self.isHidden()
        ):
            modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
                self._go(-1 if modifiers else 1)
                if watched is self.field and self._hits:
                    self._view.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return super().eventFilter(watched, event)

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        self.field.apply_theme()
        muted = theme.current().muted
        for button, icon in ((self.previous, "previous"), (self.next, "next"), (self.close_button, "close")):
            button.setIcon(theme.icon(icon, muted))
