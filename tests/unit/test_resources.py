from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotator import resources


@pytest.fixture
def looked_up_anew() -> Iterator[None]:
    """The root is found out once a process."""
    resources._root.cache_clear()
    yield
    resources._root.cache_clear()


def test_resources_are_found_in_the_checkout() -> None:
    assert "[[layer]]" in resources.resource("codebook.toml").read_text(encoding="utf-8")
    assert resources.resource("icons", "annotator.svg").is_file()


def test_a_checkout_knows_its_root() -> None:
    assert resources.in_checkout()
    assert (resources.checkout_root() / "main.py").is_file()


@pytest.mark.usefixtures("looked_up_anew")
def test_the_folder_inside_an_installed_package_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_resources").mkdir()
    (tmp_path / "_resources" / "codebook.toml").write_text("installed")
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    assert resources.resource("codebook.toml").read_text(encoding="utf-8") == "installed"


def test_an_installed_program_is_no_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_CHECKOUT", tmp_path / "resources")
    assert not resources.in_checkout()
