"""Tools > Models: which spaCy pipelines are installed, which the project uses, and getting another one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.chips import Heading, plain_label, plain_tip
from annotator.ui.empty_state import EmptyState
from annotator.ui.model_download import ModelDownload
from annotator.ui.session import Session

if TYPE_CHECKING:
    from annotator.nlp.catalogue import OfficialModel
    from annotator.nlp.models import InstalledModel

_INSTALLED = ("Pipeline", "Language", "Version", "Size", "Finds", "Used")
_OFFICIAL = ("Pipeline", "Language", "Download")
_ANY = "All languages"


class ModelDialog(QDialog):
    """Stays open beside the work. Nothing is asked of the network before Download is pressed."""

    download_wanted = Signal(str)

    def __init__(self, session: Session, download: ModelDownload, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self._session = session
        self._download = download
        self._models: Sequence[InstalledModel] = ()
        self._official: Sequence[OfficialModel] = ()
        self.words = plain_label()
        self.table = _table(_INSTALLED, "Installed pipelines", stretch=4)
        self.use = _button("&Use in this project")
        self.leave = _button("&No choice for this project")
        self.language = QComboBox()
        self.language.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.language.setAccessibleName("Language of the pipelines to get")
        self.official = _table(_OFFICIAL, "Pipelines that can be had", stretch=0)
        self.get = _button("&Download")
        self.cancel = _button("&Cancel the download")
        self.progress = QProgressBar()
        self.progress.setFixedHeight(10)
        self.progress.setAccessibleName("Download")
        self.state = plain_label()
        self._build()
        EmptyState(self.table, "No pipeline is installed. Choose a language below and download one.")
        EmptyState(self.official, "Nothing can be had for this language. Choose another one above.")
        self.table.itemSelectionChanged.connect(self._enable)
        self.official.itemSelectionChanged.connect(self._enable)
        self.language.currentIndexChanged.connect(self._show_official)
        self.use.clicked.connect(self._use)
        self.leave.clicked.connect(self._leave)
        self.get.clicked.connect(self._get)
        self.cancel.clicked.connect(download.cancel)
        download.progressed.connect(self._progressed)
        download.finished.connect(self._finished)
        session.opened.connect(self._refresh)
        session.changed.connect(self._refresh)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(Heading("INSTALLED"))
        layout.addWidget(self.words)
        layout.addWidget(self.table, 3)
        layout.addLayout(_row(self.use, self.leave))
        layout.addSpacing(8)
        layout.addWidget(Heading("GET ANOTHER"))
        layout.addWidget(
            plain_label(
                "spaCy's own pipelines, downloaded and installed only when you ask for it. The larger ones "
                "find more and need more memory; the speed is the same.",
                muted=True,
            )
        )
        label = QLabel("&Language")
        label.setBuddy(self.language)
        layout.addLayout(_row(label, self.language))
        layout.addWidget(self.official, 2)
        layout.addLayout(_row(self.get, self.cancel))
        layout.addWidget(self.progress)
        layout.addWidget(self.state)
        if sys.version_info < (3, 12):
            from annotator.nlp.models import OLD_PYTHON

            layout.addWidget(plain_label(OLD_PYTHON, muted=True))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.progress.hide()
        self.cancel.hide()
        self.resize(760, 680)

    def showEvent(self, event: QShowEvent) -> None:
        """Look at what is installed each time it is shown."""
        super().showEvent(event)
        self._fill_languages()
        self.refresh()
        if self.table.rowCount():
            self.table.setFocus()

    def _refresh(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show what is installed and used as it is now."""
        from annotator.nlp.languages import language_name

        project = self._session.project
        chosen = self.chosen()
        self._models = self._session.models.read()
        named = project.model_choices.read() if project is not None else {}
        used = self._session.models.used(project) if project is not None else {}
        self.table.setRowCount(len(self._models))
        locale = QLocale()
        for row, model in enumerate(self._models):
            use = [language_name(code) for code, name in used.items() if name == model.name]
            words = ["in use" if use == [language_name(model.language)] else ", ".join(use)] if use else []
            words += ["default"] if model.default else []
            words += ["chosen for this project"] if model.name in named.values() else []
            cells = (
                model.name,
                language_name(model.language),
                model.version,
                locale.formattedDataSize(model.size(), 0, QLocale.DataSizeFormat.DataSizeSIFormat),
                ", ".join(model.finds) or "no names",
                "; ".join(filter(None, words)),
            )
            _fill(self.table, row, cells)
            if chosen is not None and model.name == chosen.name:
                self.table.selectRow(row)
        if self._models and self.chosen() is None:
            self.table.selectRow(0)
        self.words.setText(self._summary())
        self._show_official()

    def _summary(self) -> str:
        """Return what is to be known about the open project in sentences."""
        from annotator.nlp.languages import language_name
        from annotator.nlp.models import HOW_TO_INSTALL

        project = self._session.project
        parts = []
        if not self._models:
            parts.append(f"No spaCy pipeline is installed, so no model finds names: {HOW_TO_INSTALL}.")
        if project is not None:
            for code, count in project.suggestions.unread().items():
                articles = "1 article" if count == 1 else f"{count:,} articles"
                parts.append(
                    f"{articles} in {language_name(code)}: no model, names come from the gazetteer only."
                )
            for code, name in self._session.models.missing(project):
                parts.append(
                    f"The project names {name[:80]} for {language_name(code)}, which is not installed here."
                )
        return "\n".join(parts) or "Each article goes to the pipeline of its language."

    def _fill_languages(self) -> None:
        """List the languages; one that the project has and no model reads is chosen."""
        from annotator.nlp.catalogue import official_models
        from annotator.nlp.languages import language_name

        official = official_models()
        codes = list(dict.fromkeys(model.language for model in official))
        before = self.language.currentData()
        project = self._session.project
        unread = project.suggestions.unread() if project is not None else {}
        wanted = before or next((code for code in unread if code in codes), None)
        self.language.blockSignals(True)
        self.language.clear()
        self.language.addItem(_ANY, None)
        for code in codes:
            self.language.addItem(language_name(code), code)
        self.language.setCurrentIndex(max(0, self.language.findData(wanted)))
        self.language.blockSignals(False)

    def _show_official(self) -> None:
        from annotator.nlp.catalogue import official_models
        from annotator.nlp.languages import language_name

        code = self.language.currentData()
        there = {model.name for model in self._models}
        self._official = [m for m in official_models() if code in (None, m.language)]
        self.official.setRowCount(len(self._official))
        for row, model in enumerate(self._official):
            size = "installed" if model.name in there else f"about {model.megabytes} MB"
            _fill(self.official, row, (model.name, language_name(model.language), size))
        if self._official:
            self.official.selectRow(0)
        self._enable()

    def chosen(self) -> InstalledModel | None:
        """Return the installed pipeline of the selected row."""
        rows = self.table.selectionModel().selectedRows()
        return self._models[rows[0].row()] if rows and rows[0].row() < len(self._models) else None

    def wanted(self) -> OfficialModel | None:
        """Return the selected pipeline of those that can be had."""
        rows = self.official.selectionModel().selectedRows()
        return self._official[rows[0].row()] if rows and rows[0].row() < len(self._official) else None

    def _enable(self) -> None:
        project, model, wanted = self._session.project, self.chosen(), self.wanted()
        named = project.model_choices.read() if project is not None else {}
        writable = self._session.writable and model is not None
        self.use.setEnabled(writable and model is not None and named.get(model.language) != model.name)
        self.leave.setEnabled(writable and model is not None and named.get(model.language) == model.name)
        there = {model.name for model in self._models}
        busy = bool(self._download.name)
        self.get.setEnabled(wanted is not None and wanted.name not in there and not busy)
        self.official.setEnabled(not busy)
        self.language.setEnabled(not busy)

    def _use(self) -> None:
        model = self.chosen()
        if model is not None:
            self._session.choose_model(model.language, model.name)

    def _leave(self) -> None:
        model = self.chosen()
        if model is not None:
            self._session.choose_model(model.language, None)

    def _get(self) -> None:
        wanted = self.wanted()
        if wanted is not None:
            self.state.setText("")
            self._download.start(wanted.name)
            self._enable()

    def _progressed(self, words: str, percent: int) -> None:
        self.state.setText(words)
        self.progress.setMaximum(0 if percent < 0 else 100)
        self.progress.setValue(max(0, percent))
        self.progress.show()
        if self.cancel.isHidden():
            self.cancel.show()
            self.cancel.setFocus()

    def _finished(self, name: str, why: str) -> None:
        had_focus = self.cancel.hasFocus()
        self.progress.hide()
        self.cancel.hide()
        self.state.setText(why or f"{name} is installed. Its articles get suggestions now.")
        self.refresh()
        if had_focus:
            (self.get if self.get.isEnabled() else self.official).setFocus()


def _table(columns: Sequence[str], name: str, stretch: int) -> QTableWidget:
    table = QTableWidget(0, len(columns))
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(columns))
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
    return table


def _fill(table: QTableWidget, row: int, cells: Sequence[str]) -> None:
    for column, text in enumerate(cells):
        item = QTableWidgetItem(text)
        item.setToolTip(plain_tip(text))  # a column may be too narrow for it
        table.setItem(row, column, item)


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    return button


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
