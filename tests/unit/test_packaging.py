"""What the repository promises of itself: its import rules, and a wheel that runs by itself."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_import_contracts_are_kept() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_holds_the_resources_and_runs_outside_the_checkout(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "installed")
    assert "annotator/_resources/codebook.toml" in names
    assert any(name.startswith("annotator/_resources/sample/") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import annotator; assert annotator.__file__.startswith(sys.argv[1])\n"
        "from annotator.resources import in_checkout, resource\n"
        "assert not in_checkout(); assert resource('sample').is_dir()\n"
        "from annotator.cli import main; raise SystemExit(main(['new', sys.argv[2]]))"
    )
    arguments = [str(tmp_path / "installed"), str(tmp_path / "p.annot")]
    subprocess.run([sys.executable, "-P", "-c", code, *arguments], cwd=tmp_path, check=True)
    assert (tmp_path / "p.annot").is_file()
