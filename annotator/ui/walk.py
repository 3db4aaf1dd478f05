"""Going through the articles: next, previous, done, skipped, flagged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from annotator.model import Status
from annotator.ui.chips import sentence
from annotator.ui.tasks import LOOK

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

_NOTHING_FITS = "No article fits the filter, so there is none to go on to. {show_all} shows all articles."


class ArticleWalk(QObject):
    """Moves a window from article to article along its list."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._waiting = 0  # the article that was opened before anything was suggested for it

    def go(self, direction: int) -> None:
        """Open the next or previous article of the list."""
        article = self._window.list.neighbour(direction)
        if article is not None:
            self._window.show_article(article)

    def done(self) -> None:
        """Mark the article done and open the next one that is not, at its first suggestion."""
        self._leave("done")

    def accept_all_and_done(self) -> None:
        """Accept every open suggestion of a span and mark the article done, as one act; open the next one."""
        window = self._window
        self._flush()
        labelling = window.labelling
        article, stance = labelling.article, labelling.stance()
        change = window.session.perform(lambda project: project.annotations.accept_all(article, done=True))
        if change is not None:
            self._next_todo()
            words = sentence(change.text).removesuffix(".") + ("." if stance else "; no stance yet.")
            window.status.say(words + window.actions_.words(" {undo} takes it back."))

    def skip(self) -> None:
        """Mark the article skipped and open the next one."""
        self._leave("skipped")

    def _leave(self, status: Status) -> None:
        window, labelling = self._window, self._window.labelling
        self._flush()
        article, left, stance = labelling.article, labelling.open_count(), labelling.stance()
        change = window.session.perform(lambda project: project.articles.set_status(article, status))
        if change is not None:
            self._next_todo()
            words = "Done" if status == "done" else "Skipped"
            if status == "done" and left:
                words += f" with {left:,} suggestion{'' if left == 1 else 's'} open"
            if status == "done" and not stance:
                words += ", without a stance"
            window.status.say(words + window.actions_.words(". {undo} takes it back."))

    def _flush(self) -> None:
        """Keep what is being written about the article before it is left."""
        self._window.note.flush()
        self._window.claims.flush()

    def _next_todo(self) -> None:
        window = self._window
        project = window.session.project
        if project is None:
            return
        before, after = window.list.around()
        listed = window.list.current() is not None
        following = project.articles.first_todo(after)
        if window.listing.running and (following is None or not listed):
            QTimer.singleShot(LOOK, self._next_todo)  # more articles come: the window does not wait for them
            return
        if following is None:
            following = project.articles.first_todo(before)
        if following is None:
            words = "Every article in this list is done or skipped. Choose another filter, or export."
            window.notify(words if window.list.first() is not None else window.actions_.words(_NOTHING_FITS))
            return
        window.show_article(following)
        window.labelling.first_suggestion()
        self._waiting = following if project.suggestions.is_pending(following) else 0
        window.focus_article()  # from the note or the button: the next key is for the article

    def suggested(self, articles: list[int]) -> None:
        """Go to the first suggestion of an article that waited for one, if the person has not begun."""
        window, view = self._window, self._window.pane.view
        if self._waiting not in articles or self._waiting != window.labelling.article:
            return
        self._waiting = 0
        if view.active is None and view.raw_selection() == (0, 0):
            window.labelling.first_suggestion()

    def flag(self) -> None:
        """Flag the article, or take its flag away."""
        article = self._window.labelling.article
        self._window.session.perform(
            lambda project: project.articles.set_flagged(
                article, not project.articles.progress(article).flagged
            )
        )
