"""What the window remembers from one start to the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QSize
from pytestqt.qtbot import QtBot

from annotator.project import create_project
from annotator.ui import app, theme
from annotator.ui.commands import plain
from annotator.ui.main_window import MainWindow
from annotator.ui.session import Session
from annotator.ui.settings import RECENT, Settings

NewWindow = Callable[..., MainWindow]
pytestmark = pytest.mark.usefixtures("no_worker")


def test_a_second_window_looks_like_the_first(
    new_window: NewWindow, project_file: Path, qtbot: QtBot
) -> None:
    first = new_window(project_file)
    first.resize(860, 601)  # an offscreen screen is small
    first.splitter.setSizes([250, 330, 278])
    first.appearance.choose_theme("dark")
    first.appearance.zoom(3)
    first.show_article(3)
    sizes, points = first.splitter.sizes(), first.pane.view.font().pointSize()
    first.close()
    theme.apply("light")
    second = new_window(project_file)
    assert (second.width(), second.height()) == (860, 601)
    assert second.splitter.sizes() == sizes
    assert second.pane.view.font().pointSize() == points == 16
    assert theme.current() is theme.DARK
    assert second.actions_["theme/dark"].isChecked()
    assert second.labelling.article == second.list.current() == 3
    theme.apply("light")


def test_the_share_of_the_panels_is_remembered(
    new_window: NewWindow, project_file: Path, qtbot: QtBot
) -> None:
    shares = []
    for wanted in ([90, 310], [150, 250]):
        first = new_window(project_file)
        first.show_article(1)
        qtbot.wait(20)
        first.panels.splitter.setSizes(wanted)
        first.panels.splitter.splitterMoved.emit(wanted[0], 1)  # what a drag of the handle does
        chosen = first.panels.splitter.sizes()
        first.close()
        second = new_window(project_file)
        qtbot.wait(20)
        shares.append((chosen[0], second.panels.splitter.sizes()[0]))
        second.close()
    assert shares[0][1] != shares[1][1], "it is the person's, not the program's"
    assert all(abs(chosen - shown) < 40 for chosen, shown in shares), shares


def test_the_text_size_stays_within_bounds_and_ctrl_0_brings_it_back(window: MainWindow) -> None:
    for _ in range(60):
        window.actions_["larger"].trigger()
    assert window.pane.view.font().pointSize() == 40
    for _ in range(60):
        window.actions_["smaller"].trigger()
    assert window.pane.view.font().pointSize() == 8
    window.actions_["usual"].trigger()
    assert window.pane.view.font().pointSize() == 13


def test_recent_projects_are_offered_while_they_exist(
    new_window: NewWindow, project_file: Path, tmp_path: Path
) -> None:
    window = new_window(project_file)
    for number in range(RECENT + 2):
        assert window.session.create(tmp_path / f"p & q {number}.annot")
    (tmp_path / "p & q 8.annot").unlink()
    window._recent.aboutToShow.emit()
    window._recent.aboutToShow.emit()  # opened a second time: nothing twice
    offered = [plain(action.text()).split("   ")[0] for action in window._recent.actions()]
    assert offered == [f"p & q {n}" for n in (9, 7, 6, 5, 4, 3, 2)]
    window._recent.actions()[1].trigger()
    assert window.windowTitle() == "p & q 7 – Annotator"


def test_the_program_opens_what_was_open_last(
    new_window: NewWindow, project_file: Path, tmp_path: Path
) -> None:
    create_project(tmp_path / "older.annot").close()
    settings = Settings()
    settings.remember(tmp_path / "older.annot", 0)
    settings.remember(project_file, 2)
    settings.remember(tmp_path / "gone.annot", 0)
    window = new_window()
    app.open_first(window, None)
    assert window.windowTitle() == "news – Annotator"
    assert window.labelling.article == 2


def test_the_first_start_of_all_brings_the_sample_articles(
    new_window: NewWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "projects_folder", lambda: tmp_path / "projects")
    window = new_window()
    app.open_first(window, None)
    qtbot.waitUntil(lambda: window.notice.text.startswith("Welcome"), timeout=20000)
    assert len(window.list.ids()) >= 8
    qtbot.waitUntil(lambda: bool(window.labelling.text))
    assert (tmp_path / "projects" / app.SAMPLE).exists()
    window.labelling.label("stance", "neutral")
    assert window.labelling.stance() == "neutral"
    window.undo()
    assert window.labelling.stance() is None
    assert not window.actions_["undo"].isEnabled()  # the import is the beginning
    window.undo()
    assert len(window.list.ids()) >= 8
    window.close()
    again = new_window()
    app.open_first(again, None)
    assert again.windowTitle().startswith("Sample")
    assert again.notice.text == ""


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff\xfe garbage [[[",
        b"[General]\nrecent=[[1, 2], {}]\ntext_size=huge\ntheme=@Invalid()\n[window]\ngeometry=1, 2, 3\n",
        b'[General]\nrecent={"a": 1}\ntext_size=99999999999999999999\ntheme=pink\nfolder=a, b\n'
        b"[window]\nsplitter=@ByteArray(xyz)\n",
    ],
)
def test_a_broken_settings_file_does_no_harm(
    new_window: NewWindow, project_file: Path, content: bytes
) -> None:
    file = Path(Settings().file)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    window = new_window(project_file)
    assert window.labelling.article == 1
    assert 8 <= window.pane.view.font().pointSize() <= 40
    window.close()
    assert Settings().recent()[0][0] == project_file.resolve()


def test_settings_are_kept_apart_in_these_tests(tmp_path: Path) -> None:
    assert Path(Settings().file).is_relative_to(tmp_path)
    assert set(QSettings(Settings().file, QSettings.Format.IniFormat).allKeys()) <= {"said_old_python"}


def test_the_first_window_is_no_larger_than_the_screen(qtbot: QtBot) -> None:
    window = MainWindow(Session(Settings()))
    qtbot.addWidget(window)
    screen = window.screen().availableSize()
    smallest = window.minimumSizeHint().expandedTo(window.minimumSize())
    assert window.size() == QSize(1440, 860).boundedTo(screen).expandedTo(smallest)
    assert screen.width() < 1440  # or the test shows nothing
