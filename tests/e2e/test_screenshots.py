"""The script that takes the pictures: it runs, in the theme, size and scaling that are asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def size(picture: Path) -> tuple[int, int]:
    """Width and height of a PNG file in pixels."""
    head = picture.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


def test_pictures_are_taken_in_the_size_and_scaling_asked_for(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "docs" / "make_screenshots.py"), str(tmp_path), "window", "--quick"]
    sizes = ["--size", "1024x700", "--size", "1440x860@2", "--theme", "contrast"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([*script, *sizes], check=True, env=environment, timeout=120)
    taken = {str(path.relative_to(tmp_path)): size(path) for path in tmp_path.rglob("*.png")}
    assert taken == {
        str(Path("contrast-1024x700", "window.png")): (1024, 700),
        str(Path("contrast-1440x860@2", "window.png")): (2880, 1720),
    }
