"""Read the files that come with the program, in a checkout and from an installed wheel alike."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parent.parent / "resources"


def resource(*parts: str) -> Traversable:
    """Return a file or folder under ``resources/``.

    In the wheel the folder is inside the package (``annotator/_resources``); in a checkout, also an
    editable install, it stands at the top level.
    """
    return _root().joinpath(*parts)


@cache
def _root() -> Traversable:
    packaged = files("annotator").joinpath("_resources")
    return packaged if packaged.is_dir() else _CHECKOUT


def in_checkout() -> bool:
    """Tell whether the program runs from a checkout (its projects then live in ``projects/``)."""
    return _CHECKOUT.is_dir() and (_CHECKOUT.parent / "pyproject.toml").is_file()


def checkout_root() -> Path:
    """Return the top folder of the checkout; meaningful only where :func:`in_checkout` is true."""
    return _CHECKOUT.parent
