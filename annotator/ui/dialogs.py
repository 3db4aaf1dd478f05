"""Small dialogs: metadata, pasted text, export, about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

import annotator
from annotator.model import Article
from annotator.ui import theme
from annotator.ui.chips import cut, level_labels
from annotator.ui.date_hint import DateHint

_FIELDS = (
    ("title", "&Title", "What the article is called"),
    ("source", "&Source", "The outlet: reuters.com"),
    ("published", "&Date", "When it was published: 2024-02-04, 2024-02 or 2024"),
    ("author", "&Author", "Who wrote it"),
    ("url", "&URL", "Where it was found"),
    ("language", "&Language", "Two letters: en, ru, hy"),
)

if TYPE_CHECKING:
    from annotator.formats import ExportCheck, Format


class MetadataDialog(QDialog):
    """Edits an article's metadata; the text itself never changes."""

    def __init__(self, article: Article, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Metadata")
        self.language = article.language or ""
        form = QFormLayout()
        self._edits: dict[str, QLineEdit] = {}
        for name, label, hint in _FIELDS:
            edit = QLineEdit(getattr(article, name) or "")
            edit.setPlaceholderText(hint)
            edit.setObjectName(name)
            edit.setCursorPosition(0)
            form.addRow(label, edit)
            self._edits[name] = edit
            if name == "published":
                form.addRow("", DateHint(edit))
        level_labels(form)
        self._edits["title"].textChanged.connect(self._check)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        if file := article.meta.get("file"):
            encoding = article.meta.get("encoding")
            read_as = f", read as {cut(str(encoding), 40)}" if encoding else ""
            origin = QLabel(f"Imported from {cut(str(file), 200)}{read_as}")
            origin.setWordWrap(True)
            origin.setTextFormat(Qt.TextFormat.PlainText)
            origin.setProperty("muted", True)
            layout.addWidget(origin)
        if parts := _cut_parts(article):
            left_out = QPlainTextEdit(parts)
            left_out.setReadOnly(True)
            left_out.setObjectName("cut")
            left_out.setTabChangesFocus(True)
            left_out.setMaximumHeight(120)
            heading = QLabel("&Cut from the page (import it as “whole page” to have it in the text):")
            heading.setBuddy(left_out)
            layout.addWidget(heading)
            layout.addWidget(left_out)
        self._buttons = _buttons(self)
        layout.addWidget(self._buttons)
        self.setMinimumWidth(520)  # and as high as the words need

    def _check(self, title: str) -> None:
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(title.strip()))

    def values(self) -> dict[str, str]:
        """Return the fields as they stand."""
        return {name: edit.text() for name, edit in self._edits.items()}


def _cut_parts(article: Article) -> str:
    """Return what an import cut from an article's page (see formats/pages.py), a blank line between parts."""
    parts = article.meta.get("cut")
    words = [part.get("text") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return "\n\n".join(each for each in words if isinstance(each, str))


class PasteDialog(QDialog):
    """Takes a text from the clipboard, or typed, as a new article."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Paste a text as an article")
        self.title = QLineEdit()
        self.title.setPlaceholderText("Empty: the first line")
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setPlainText(text)
        self._original = text
        form = QFormLayout()
        form.addRow("&Title", self.title)
        form.addRow("Te&xt", self.text)
        level_labels(form)
        self._buttons = _buttons(self)
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Add article")
        self.text.textChanged.connect(self._check)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._buttons)
        self.resize(640, 420)
        self._check()
        if not text:
            self.text.setFocus()  # or Ctrl+V would put the article into the title

    def _check(self) -> None:
        filled = bool(self.text.toPlainText().strip())
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(filled)

    def content(self) -> str:
        """Return the text: as it was on the clipboard unless it was edited.

        toPlainText() would turn no-break spaces into plain ones; the raw text's paragraph ends are
        U+2029, which normalising turns into line ends.
        """
        if not self.text.document().isModified():
            return self._original
        return self.text.document().toRawText()


class ExportDialog(QDialog):
    """Asks what an export should hold."""

    def __init__(
        self, annotators: Sequence[str], formats: Sequence[Format], parent: QWidget, chosen: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._format = QComboBox()
        for each in formats:
            self._format.addItem(each.title, each)
            if each.name == chosen:
                self._format.setCurrentIndex(self._format.count() - 1)
        self._format.currentIndexChanged.connect(self._explain)
        self._who = QComboBox()
        self._who.addItem("All annotators", None)
        for name in annotators:
            self._who.addItem(cut(name, 80), name)
        self._done = QCheckBox("Only what is marked &done")
        self._suggestions = QCheckBox("With the &suggestions that are still open")
        self._texts = QCheckBox("With the articles' &texts")
        self._texts.setChecked(True)
        form = QFormLayout()
        form.addRow("&Format", self._format)
        form.addRow("&Annotations of", self._who)
        level_labels(form)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setProperty("muted", True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._words.setMinimumHeight(5 * self.fontMetrics().lineSpacing())  # the longest, at any format
        buttons = _buttons(self)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Choose where…")
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._words)
        for widget in (self._done, self._suggestions, self._texts, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(460)
        self._explain()

    def _explain(self) -> None:
        format = self.format()
        words = "Every offset is checked against the text."
        if format.folder:
            words += " A folder is made."
        if format.leaves_texts:
            words += " Without the texts it holds their hashes and the offsets alone."
        if format.cannot_hold:
            words += f" {format.title} cannot hold: {'; '.join(format.cannot_hold)}."
        self._words.setText(words)
        self._suggestions.setEnabled(format.holds_suggestions)
        self._suggestions.setToolTip(
            "" if format.holds_suggestions else f"{format.title} cannot hold suggestions."
        )
        self._texts.setEnabled(format.leaves_texts)
        self._texts.setChecked(self._texts.isChecked() or not format.leaves_texts)

    def format(self) -> Format:
        """Return the format to write."""
        chosen: Format = self._format.currentData()
        return chosen

    def options(self) -> dict[str, Any]:
        """Return the arguments for :func:`annotator.formats.export`."""
        return {
            "status": "done" if self._done.isChecked() else None,
            "annotator": self._who.currentData(),
            "with_suggestions": self._suggestions.isChecked() and self._suggestions.isEnabled(),
            "with_texts": self._texts.isChecked(),
        }


class ExportCheckDialog(QDialog):
    """Lists, before anything is written, the spans that a format would not hold as they are."""

    def __init__(self, format: Format, found: ExportCheck, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Export as {format.title}")
        words = QLabel(" ".join((*found.said, "Nothing has been written yet.")))
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        spans = QPlainTextEdit("\n".join(found.spans))
        spans.setReadOnly(True)
        spans.setTabChangesFocus(True)
        spans.setAccessibleName("The spans")
        buttons = _buttons(self)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText("&Export")
        layout = QVBoxLayout(self)
        for widget in (words, spans, buttons):
            layout.addWidget(widget)
        self.resize(640, 400)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setFocus()


class AboutDialog(QDialog):
    """Names the program, its version and its promise."""

    def __init__(self, settings_file: str, log: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Annotator")
        picture = QLabel()
        picture.setPixmap(theme.app_icon().pixmap(64, 64))
        words = QLabel(
            f"Annotator {annotator.__version__} (Qt {qVersion()})\n\n"
            "Label news articles with entities and stances, on your own machine.\n"
            "Nothing is sent anywhere. MIT licence; Qt is used under the LGPL.\n\n"
            f"Settings: {settings_file}\nLog: {log}"
        )
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (picture, words, buttons):
            layout.addWidget(widget)


def _buttons(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
