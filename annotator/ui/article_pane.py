"""The middle pane: the article's title and metadata above its text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from annotator.model import Article
from annotator.nlp.languages import language_name
from annotator.text import count_words, isolated, right_to_left
from annotator.ui import theme
from annotator.ui.article_view import MARGIN, ArticleView
from annotator.ui.chips import cut
from annotator.ui.find_bar import FindBar
from annotator.ui.label_mode_bar import LabelModeBar
from annotator.ui.rule_card import RuleCard
from annotator.ui.title_label import TitleLabel

if TYPE_CHECKING:
    from annotator.project.near_duplicates import NearDuplicate


_COUNTED = 300_000  # characters of a text whose words are counted exactly: 20 ms


class ArticlePane(QWidget):
    """Title, a line of metadata, the article view and the bar that finds in it."""

    edit_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = TitleLabel()
        self.title.installEventFilter(self)
        font = QFont(self.title.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        self.title.setFont(font)
        self.meta = QLabel()
        self.meta.setTextFormat(Qt.TextFormat.PlainText)
        self.meta.setProperty("muted", True)
        self.meta.setWordWrap(True)
        self.edit = QToolButton()
        self.edit.setAutoRaise(True)
        self.edit.setAccessibleName("Edit metadata")
        self.edit.clicked.connect(self.edit_requested)
        self.view = ArticleView()
        self.view.setObjectName("article")
        self.view.setAccessibleName("Article text")
        self.head = QWidget()
        self._row = head = QHBoxLayout(self.head)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.meta)
        head.addLayout(words, 1)
        head.addWidget(self.edit, 0, Qt.AlignmentFlag.AlignTop)
        self._rows = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 18, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.head)
        self.mode_bar = LabelModeBar()
        layout.addWidget(self.mode_bar)
        self._below = QVBoxLayout()
        self._below.setSpacing(0)  # a gap would cut the text off before what stands below it begins
        layout.addLayout(self._below, 1)
        self._below.addWidget(self.view, 1)
        self.find_bar = FindBar(self.view)
        self._below.addWidget(self.find_bar)
        self.rule = RuleCard()
        self._below.addWidget(self.rule)
        self._side = 0  # pixels on either side of the text's column
        self._align_head(0)
        self.view.column_moved.connect(self._align_head)
        self._words = 0, ""  # an article and how many words it has, counted once
        self.apply_theme()

    def add_below(self, widget: QWidget) -> None:
        """Show ``widget`` below everything else."""
        self._below.addWidget(widget)

    def keep_in_sight(self) -> None:
        """Show the active span where something that came below the text hides it."""
        self._rows.activate()
        if self.view.active is not None:
            self.view.set_active(self.view.active.key)

    def _align_head(self, side: int) -> None:
        """Let the title stand above the text's own edge, of a text from right to left above its right one."""
        self._side = side
        turned = self._row.direction() == QBoxLayout.Direction.RightToLeft
        before, after = MARGIN + side, 16 + side
        self._row.setContentsMargins(after if turned else before, 0, before if turned else after, 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a double click on the title edit the metadata."""
        if watched is self.title and event.type() == QEvent.Type.MouseButtonDblClick:
            assert isinstance(event, QMouseEvent)
            self.edit_requested.emit()
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the rule the height that its words have in the new width."""
        self.rule.updateGeometry()
        super().resizeEvent(event)

    def show_head(
        self,
        article: Article | None,
        left: int,
        pending: bool,
        detected: str | None = None,
        alike: Sequence[NearDuplicate] = (),
        grouped: int = 0,
    ) -> None:
        """Show an article's title and metadata; ``left`` counts the open span suggestions.

        ``detected`` is the code of the language that was detected, where the metadata name none.
        ``alike`` are those of ``grouped`` other articles with nearly the same text that are most alike.
        """
        for part in (self.edit, self.title, self.meta):
            part.setVisible(article is not None)
        if article is None:
            self.title.show_title("")
            self.meta.setText("")
            return
        self.title.show_title(article.title)
        # Qt sets the title by its own direction; what is said of it stands below its beginning, also where
        # Qt would turn the line round because a source from right to left is the first part of it.
        turned = right_to_left(article.title)
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.RightToLeft if turned else directions.LeftToRight)
        self._align_head(self._side)
        side = Qt.AlignmentFlag.AlignRight if turned else Qt.AlignmentFlag.AlignLeft
        self.meta.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
        if self._words[0] != article.id:
            self._words = article.id, _in_words(article.text)
        parts = [
            isolated(cut(p, 80))
            for p in (article.source, article.author, article.published, article.language)
            if p
        ]
        if detected and not article.language:
            parts.append(f"{language_name(detected)} (detected)")
        parts.append(self._words[1])
        if pending:
            parts.append("no suggestions yet")
        else:
            parts.append(f"{left} suggestion{'s' if left != 1 else ''} left")
        if article.same_text:
            others = "another article" if article.same_text == 1 else f"{article.same_text} other articles"
            parts.append(f"same text as {others}")
        nearly = [other for other in alike if not other.same_text]
        if nearly:
            parts.append(_like(nearly[0], grouped - article.same_text - 1))
        self.meta.setText(" · ".join(parts))

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        self.edit.setIcon(theme.icon("edit", theme.current().muted))
        self.view.apply_theme()
        self.mode_bar.apply_theme()
        self.find_bar.apply_theme()
        self.rule.apply_theme()


def _in_words(text: str) -> str:
    """Return how many words a text has; of a very long one about how many, since counting takes a while."""
    if len(text) > _COUNTED:
        return f"about {round(len(text.split()), -3):,} words"
    words = count_words(text)
    return f"{words:,} word{'s' if words != 1 else ''}"


def _like(other: NearDuplicate, further: int) -> str:
    """Return the most alike of other articles in words: like “Title” (source), 92 %, and 2 more."""
    source = f" ({isolated(cut(other.source, 40))})" if other.source else ""
    more = f", and {further} more" if further > 0 else ""
    return f"like “{isolated(cut(other.title, 80))}”{source}, {other.share}\u00a0%{more}"
