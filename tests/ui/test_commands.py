"""The command table: no key twice, nothing without words, nothing that cannot be reached."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from annotator.model import Codebook, Label, Layer
from annotator.ui.commands import keys_for, label_commands
from annotator.ui.main_window import TOOL_BAR, MainWindow
from annotator.ui.mnemonics import mnemonic

Hands = Any  # the class is in conftest.py


def test_no_two_commands_share_a_key(window: MainWindow) -> None:
    # Every scope overlaps with every other: the article is in the window.
    keys = Counter(
        QKeySequence(key).toString() for command in window.actions_.commands.values() for key in command.keys
    )
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(keys)


def test_shifted_signs_are_named_by_what_they_write(window: MainWindow) -> None:
    # A press of } is met by Shift+] too, and Qt does neither of two, even of one command.
    keys = [key for command in window.actions_.commands.values() for key in command.keys]
    assert [key for key in keys if re.fullmatch(r"Shift\+[^\w]", key)] == []


def test_keys_that_mean_something_in_a_text_field_work_in_the_article_and_list_only(
    window: MainWindow,
) -> None:
    for command in window.actions_.commands.values():
        for key in command.keys:
            if re.fullmatch(r"Shift\+F\d+", key):
                continue  # no field writes anything by it
            bare = (
                len(key) == 1
                or key in ("Space", "Del", "Tab", "Shift+Tab")
                or key.startswith(("Shift+", "Alt+"))
                or re.fullmatch(r"Ctrl\+(Shift\+)?(Up|Down)", key)
            )
            assert (command.scope != "window") == bool(bare), (command.id, key)


def test_every_command_has_words_and_a_place(window: MainWindow) -> None:
    for name, command in window.actions_.commands.items():
        action = window.actions_[name]
        assert command.text.strip()
        assert action.text().strip()
        assert action.iconText().strip()
        assert command.menu or name in TOOL_BAR, name
        if command.menu:
            assert action in window.actions_.menu(command.menu).actions(), name
    assert {name for name in TOOL_BAR if name} <= set(window.actions_.commands)


def all_menus(menu: QMenu | QMenuBar) -> Iterator[QMenu | QMenuBar]:
    """A menu and every menu within it."""
    yield menu
    for action in menu.actions():
        if isinstance(within := action.menu(), QMenu):
            within.aboutToShow.emit()  # the recent projects are read then
            yield from all_menus(within)


def assert_mnemonics(menu: QMenu | QMenuBar) -> None:
    for one in all_menus(menu):
        entries = [action for action in one.actions() if not action.isSeparator()]
        letters = {action.text(): mnemonic(action.text()) for action in entries}
        assert all(letters.values()), letters
        assert len(set(letters.values())) == len(entries), letters


def test_every_entry_of_a_menu_has_a_mnemonic_of_its_own(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("W")
    assert_mnemonics(window.menuBar())
    menus = list(all_menus(window.menuBar()))
    assert len(menus) > 9
    texts = [action.text() for menu in menus for action in menu.actions()]
    assert not [text for text in texts if "(&" in text], "a sign beside the words looks broken"


def test_labels_that_look_alike_have_mnemonics_too(hands: Hands, window: MainWindow) -> None:
    for name in ("AB", "BA", "A", "B", "Тест", "&&", "R&D"):
        hands.project.codebook_editing.add_label("entity", name, color="#336699")
    window.fit_codebook(hands.project.codebook.read())
    assert_mnemonics(window.menuBar())
    words = {window.actions_[f"label/entity/{name}"].text() for name in ("R&D", "&&")}
    assert all(text.count("&") % 2 for text in words), "the ampersands of a name stay"


def test_menus_are_filled_once_after_another_project(window: MainWindow, tmp_path: Any) -> None:
    before = {title: [a.text() for a in menu.actions()] for title, menu in window._menus.items()}
    assert window.session.create(tmp_path / "more.annot")
    after = {title: [a.text() for a in menu.actions()] for title, menu in window._menus.items()}
    before["&Edit"][0] = "&Undo"
    assert after == before


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("W", ("W", "Ц")),
        ("Shift+A", ("Shift+A", "Shift+Ф")),
        ("1", ("1",)),
        ("Ctrl+Z", ("Ctrl+Z",)),
        ("Space", ("Space",)),
    ],
)
def test_letters_are_bound_on_the_russian_layout_too(key: str, expected: tuple[str, ...]) -> None:
    assert keys_for(key) == expected


def test_retired_labels_have_no_command_and_labels_without_a_key_have_one() -> None:
    labels = (
        Label("entity", "A", "#000000", "1"),
        Label("entity", "B", "#000000"),
        Label("entity", "C", "#000000", "2", retired=True),
    )
    codebook = Codebook(1, (Layer("entity", "span", False, "", labels),))
    done: list[tuple[str, str]] = []
    commands = label_commands(codebook, lambda layer, label: done.append((layer, label)))
    assert [(command.id, command.keys) for command in commands] == [
        ("label/entity/A", ("1",)),
        ("label/entity/B", ()),
    ]
    commands[1].run()
    assert done == [("entity", "B")]


def test_without_a_project_only_what_makes_sense_is_enabled(new_window: Any, project_file: Path) -> None:
    window = new_window()
    enabled = {name for name in window.actions_.commands if window.actions_[name].isEnabled()}
    assert {"new", "open", "quit", "keys", "about"} <= enabled
    assert enabled.isdisjoint(
        {"import", "export", "undo", "redo", "accept", "done", "flag", "search", "suggest"}
    )
    assert not window.list.filter_button.isEnabled()
    window.open(project_file)
    assert window.list.filter_button.isEnabled()


def test_the_key_page_names_every_key(window: MainWindow) -> None:
    page = (Path(__file__).parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`]+)`", page)) | set("123456789")
    latin = {key for command in window.actions_.commands.values() for key in command.keys if key.isascii()}
    spelled_otherwise = {"Ctrl+Return", "Ctrl+Shift+Return", "Ctrl+="}
    assert latin - named - spelled_otherwise == set()


def test_a_held_key_walks_but_decides_nothing_twice(window: MainWindow) -> None:
    repeating = {name for name in window.actions_.commands if window.actions_[name].autoRepeat()}
    assert {"next_suggestion", "end_right", "next_article"} <= repeating
    assert not repeating & {"accept", "reject", "accept_all", "remove", "undo", "done", "skip"}
