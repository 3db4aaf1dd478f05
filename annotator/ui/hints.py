"""First-run hints: one line below the text, each until its act was done once or it is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from annotator.ui.article_view import MARGIN
from annotator.ui.chips import plain_label
from annotator.ui.tasks import LOOK, is_stepping

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Hint:
    """What to try next: shown where ``fits`` until one of the commands ``acts`` was done.

    Words in braces are commands, whose present keys stand there.
    """

    name: str
    words: str
    acts: tuple[str, ...]
    fits: Callable[[MainWindow], bool]


def _suggestions_wait(window: MainWindow) -> bool:
    return window.pane.view.active is None and window.labelling.open_count() > 0


def _suggestion_active(window: MainWindow) -> bool:
    active = window.pane.view.active
    return active is not None and active.suggested


def _no_stance(window: MainWindow) -> bool:
    return window.labelling.stance() is None and not window.labelling.open_count()


def _all_decided(window: MainWindow) -> bool:
    project, article = window.session.project, window.labelling.article
    if project is None or project.suggestions.is_pending(article):
        return False  # suggestions are to come
    return window.labelling.stance() is not None and not window.labelling.open_count()


HINTS = (
    Hint(
        "accept",
        "{accept} accepts the suggestion, {reject} rejects it, a label's key corrects it.",
        ("accept", "accept_mentions", "reject", "reject_alone", "accept_all", "label/entity/"),
        _suggestion_active,
    ),
    Hint(
        "first",
        "{next_suggestion} goes to the first suggestion.",
        ("next_suggestion", "previous_suggestion", "accept_all"),
        _suggestions_wait,
    ),
    Hint(
        "stance",
        "The article's stance: {stances}. The same key again takes it away.",
        ("label/stance/",),
        _no_stance,
    ),
    Hint(
        "done",
        "All is decided here: {done} goes to the next article.",
        ("done", "accept_done"),
        _all_decided,
    ),
    Hint(
        "palette",
        "{palette} finds every command, label and article by a few letters; {keys} shows all keys.",
        ("palette", "keys"),
        lambda window: True,
    ),
)


class HintBar(QFrame):
    """One line with a button that closes it."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hint")
        self.words = plain_label(muted=True)
        self.close_button = QToolButton()
        self.close_button.setText("×")
        self.close_button.setAutoRaise(True)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.close_button.setAccessibleName("Close the hint")
        self.close_button.setToolTip("Close the hint; Help > Show hints again brings them back")
        self.close_button.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 4, 16, 4)
        row.addWidget(self.words, 1)
        row.addWidget(self.close_button)
        self.hide()


class Hints(QObject):
    """Chooses the hint that helps now, and remembers those that have helped."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.bar = HintBar()
        self.shown: Hint | None = None
        window.pane.add_below(self.bar)
        self._soon = QTimer(self, singleShot=True, interval=0)  # many things change at once
        self._soon.timeout.connect(self._choose_in_turn)
        self.bar.closed.connect(self.close)
        window.actions_.ran.connect(self._did)
        window.panels.done_button.clicked.connect(lambda: self._did("done"))
        session, view = window.session, window.pane.view
        for signal in (session.opened, session.changed, session.suggestions_changed, view.text_shown):
            signal.connect(self._soon.start)
        for signal in (view.active_changed, window.labelling.active_changed, window.actions_.keys_changed):
            signal.connect(self._soon.start)

    def _seen(self) -> set[str]:
        return set(self._window.session.settings.text("hints").split())

    def close(self) -> None:
        """Put the hint that is shown away."""
        if self.shown is not None:
            self._see(self.shown.name)
        else:
            self._window.status.say("No hint is shown now.")
        self._choose()

    def _see(self, name: str) -> None:
        self._window.session.settings.set("hints", " ".join(sorted({*self._seen(), name})))

    def _did(self, command: str) -> None:
        """A hint has helped when what it says was done."""
        for hint in HINTS:
            if any(command == act or (act.endswith("/") and command.startswith(act)) for act in hint.acts):
                self._see(hint.name)
        self._soon.start()

    def _choose_in_turn(self) -> None:
        if is_stepping():  # asking for the project would wait for the step
            self._soon.start(LOOK)
        else:
            self._choose()

    def _choose(self) -> None:
        window = self._window
        here = bool(window.labelling.article) and window.session.writable
        seen = self._seen()
        before = self.shown
        rest = (hint for hint in HINTS if here and hint.name not in seen)
        self.shown = next((hint for hint in rest if hint.fits(window)), None)
        self.bar.setVisible(self.shown is not None)
        if self.shown is not None:
            self.bar.words.setText(self._in_words(self.shown.words))
            if self.shown is not before:
                spoken = QAccessibleAnnouncementEvent(self.bar, self.bar.words.text())
                QAccessible.updateAccessibility(spoken)

    def _in_words(self, words: str) -> str:
        actions = self._window.actions_
        stances = [name for name in actions.commands if name.startswith("label/stance/")]
        keys = [actions.shown(name) for name in stances if actions.shown(name)]
        return actions.words(words.replace("{stances}", " ".join(keys) or "Annotate › Label"))

    def again(self) -> None:
        """Show all hints as at the first start."""
        self._window.session.settings.set("hints", "")
        self._choose()
        if self.shown is None:
            self._window.status.say("The hints come back when an article is open for labelling.")
