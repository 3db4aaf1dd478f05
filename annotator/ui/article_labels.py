"""Labels of the whole article beside its stance: of layers of one's own."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from annotator.model import Annotation, Codebook, Layer
from annotator.ui import theme
from annotator.ui.chips import elided, plain_tip
from annotator.ui.span_layout import ShownSpan


def means_article(layer: Layer, active: ShownSpan | None) -> bool:
    """Tell whether a label's key is about the whole article where no words are selected."""
    if layer.name == "stance":
        return active is None or active.layer != "stance"
    return layer.scope == "article" or (layer.scope == "both" and active is None)


def article_words(codebook: Codebook, annotations: Iterable[Annotation]) -> str:
    """Return the article's labels but the stance, as "topic: economy, energy"; "" where there are none."""
    there = {(a.layer, a.label) for a in annotations if a.start is None and a.layer != "stance"}
    parts = []
    for layer in codebook.layers:
        labels = [label for label in layer.labels if (layer.name, label.name) in there]
        names = [f"{label.name} (retired)" if label.retired else label.name for label in labels]
        parts += [f"{layer.name}: {', '.join(names)}"] if names else []
    return " · ".join(parts)


class ArticleLabels(QLabel):
    """They in one line of words, cut where there is no room (the tool-tip has all); hidden without any."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_words(self, words: str) -> None:
        """Show these words, "" none."""
        self.setText(words)
        self.setAccessibleName(f"Labels of the article: {words}" if words else "")
        self.setToolTip(plain_tip(words))
        self.setVisible(bool(words))

    def sizeHint(self) -> QSize:
        """Return a line's height."""
        return QSize(60, QFontMetrics(self.font()).height() + 4)

    def minimumSizeHint(self) -> QSize:
        """Return the same: a line is not cut in its height."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        painter = QPainter(self)
        painter.setPen(QColor(theme.current().text))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.rect(), middle, elided(self.text(), self.font(), self.width()))
        painter.end()
