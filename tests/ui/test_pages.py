"""Every page, dialog and state of docs/screenshots: pictured, named, with a focus to see, nothing cut off."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QMenuBar,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

import annotator.ui
from annotator.project import open_project
from annotator.ui import theme
from annotator.ui.main_window import MainWindow

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))

from screenshots.articles import label_by_hand, make_project, suggest_quickly  # noqa: E402
from screenshots.pages import PAGES  # noqa: E402
from screenshots.stage import Page, Stage, visit  # noqa: E402

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # menus, on the offscreen platform
NewWindow = Callable[..., MainWindow]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pytest.fixture(scope="session")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the pictures, suggested for without a model."""
    path = tmp_path_factory.mktemp("pictures") / "Pictures.annot"
    make_project(path)
    with open_project(path, annotator="anna") as project:
        suggest_quickly(project)
        label_by_hand(project)
    return path


@pytest.fixture
def new_stage(new_window: NewWindow, pictured: Path, tmp_path: Path, no_worker: None) -> Callable[..., Stage]:
    def make(width: int = 1024, height: int = 700) -> Stage:
        path = tmp_path / pictured.name
        shutil.copy(pictured, path)
        window = new_window(path)
        window.resize(width, height)
        return Stage(window, tmp_path)

    return make


@pytest.fixture
def larger_font(request: pytest.FixtureRequest) -> Iterator[None]:
    """The system's text at 150 %."""
    usual = QApplication.font()
    larger = QFont(usual)
    larger.setPointSizeF(usual.pointSizeF() * 1.5)
    QApplication.setFont(larger)
    yield
    QApplication.setFont(usual)


def dialogs() -> set[str]:
    """The names of all dialogs that the program has of its own."""
    for module in pkgutil.iter_modules(annotator.ui.__path__, "annotator.ui."):
        importlib.import_module(module.name)
    found: set[str] = set()
    kinds = [QDialog]
    while kinds:
        for kind in kinds.pop().__subclasses__():
            kinds.append(kind)
            if kind.__module__.startswith("annotator.ui"):
                found.add(kind.__name__)
    return found


def test_every_dialog_has_a_picture() -> None:
    assert dialogs() - {page.shows for page in PAGES} == set()
    assert len({page.name for page in PAGES}) == len(PAGES)


def controls(widget: QWidget) -> list[QWidget]:
    """Everything in ``widget`` that the keyboard can get to, or that can be clicked."""
    found = []
    for child in [widget, *widget.findChildren(QWidget)]:
        inner = child.objectName().startswith("qt_") or isinstance(child.parent(), QComboBox | QLineEdit)
        own = child.focusPolicy() != Qt.FocusPolicy.NoFocus or isinstance(child, QAbstractButton)
        if (
            own
            and child.isVisible()
            and not inner
            and not isinstance(child, QMenuBar)
            and not child.isWindow()
        ):
            found.append(child)
    return found


def nameless(widget: QWidget) -> list[str]:
    """The controls that a screen reader has no name for."""
    return [
        f"{type(control).__name__} {control.objectName()} in {type(control.parent()).__name__}"
        for control in controls(widget)
        if not QAccessible.queryAccessibleInterface(control).text(QAccessible.Text.Name).strip()
    ]


def in_scroll_area(widget: QWidget) -> bool:
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


def cut_off(widget: QWidget) -> list[str]:
    """The labels and controls whose words have no room, and what sticks out of its parent."""
    found = []
    for child in widget.findChildren(QWidget):
        inner = child.objectName().startswith("qt_") or isinstance(child.parent(), QComboBox | QLineEdit)
        if not child.isVisible() or child.isWindow() or inner:
            continue
        words, size, least = "", child.size(), child.minimumSizeHint()
        if isinstance(child, QLabel) and type(child) is QLabel and child.text():
            words = child.text()
            if child.wordWrap():
                fits = child.heightForWidth(size.width()) <= size.height() + 1
            else:
                may_shrink = child.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored
                fits = may_shrink or child.sizeHint().width() <= size.width() + 1
                fits = fits and child.sizeHint().height() <= size.height() + 1
        elif isinstance(child, QAbstractButton) and type(child).__module__.startswith("PySide6"):
            words = child.text()
            fits = least.width() <= size.width() + 1 and least.height() <= size.height() + 1
        elif isinstance(child, QComboBox):
            words = child.currentText()
            need = child.fontMetrics().horizontalAdvance(words) + 30
            fits = need <= size.width() and least.height() <= size.height() + 1
        elif isinstance(child, QSpinBox):  # whose own padding the style sheet does not heed on the left
            words, fits = child.text(), child.lineEdit().textMargins().left() >= 6
        else:
            fits = True
        parent = child.parentWidget()
        if fits and parent is not None and not in_scroll_area(child) and not isinstance(parent, QScrollArea):
            fits = parent.rect().adjusted(-1, -1, 1, 1).contains(child.geometry())
            words = words or type(child).__name__
        if not fits:
            found.append(f"{type(child).__name__} {child.objectName()} {words[:60]!r} {size} {least}")
    return found


def askew(widget: QWidget) -> list[str]:
    """The labels of forms that stand higher or lower than the one line of their field."""
    found = []
    for form in widget.findChildren(QFormLayout):
        for row in range(form.rowCount()):
            label, field = (
                item.widget() if (item := form.itemAt(row, role)) is not None else None
                for role in (QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole)
            )
            if isinstance(label, QLabel) and isinstance(field, QLineEdit | QComboBox) and field.isVisible():
                apart = label.geometry().center().y() - field.geometry().center().y()
                if abs(apart) > 1:
                    found.append(f"{label.text()}: {apart}")
    return found


def unseen(widget: QWidget) -> list[str]:
    """The controls that do not take the keyboard, or look the same with it and without."""
    found = []
    for control in controls(widget):
        if not control.focusPolicy() & Qt.FocusPolicy.TabFocus or not control.isEnabled():
            continue
        focus = QApplication.focusWidget()
        if focus is not None:
            focus.clearFocus()
        QApplication.processEvents()
        without = control.grab().toImage()
        control.setFocus(Qt.FocusReason.TabFocusReason)
        if not control.hasFocus() or control.grab().toImage() == without:
            found.append(f"{type(control).__name__} {control.objectName()} {control.accessibleName()}")
    return found


@every_page
def test_every_control_has_a_name_and_a_focus_to_see_and_nothing_is_cut_off(
    page: Page, new_stage: Callable[..., Stage]
) -> None:
    def look(widget: QWidget) -> None:
        wrong = [
            *(f"cut off: {each}" for each in cut_off(widget)),
            *(f"askew: {each}" for each in askew(widget)),
            *(f"no name: {each}" for each in nameless(widget)),
            *(f"no focus to see: {each}" for each in unseen(widget)),
        ]
        assert not wrong, "\n".join(wrong)
        assert widget.width() <= 1024
        assert widget.height() <= 700

    stage = new_stage()
    stage.window.appearance.choose_theme(theme.THEMES[PAGES.index(page) % 3].name)
    visit(stage, page, look)


@every_page
def test_nothing_is_cut_off_at_text_of_150_percent(
    page: Page, larger_font: None, new_stage: Callable[..., Stage]
) -> None:
    def look(widget: QWidget) -> None:
        wrong = cut_off(widget)
        assert not wrong, "\n".join(wrong)
        assert widget.height() <= 1000

    visit(new_stage(1440, 860), page, look)


def test_another_articles_entities_are_shown_from_their_first(new_stage: Callable[..., Stage]) -> None:
    stage = new_stage()
    bar = stage.window.spans.tree.verticalScrollBar()
    stage.article("Cheap gas")
    stage.settle()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    stage.article("strategists of Brussels")
    stage.settle()
    assert bar.maximum() > 0
    assert bar.value() == 0
