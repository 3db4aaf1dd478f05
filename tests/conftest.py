"""For all tests: no display, no settings and no home of the person who runs them.

Nothing here imports Qt; this file is read before pytest-qt does, so that Qt sees the environment made here.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# No windows on the screen of the person who runs the tests; test_real_keys.py makes a screen of its own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def _move_home() -> None:
    home = Path(tempfile.mkdtemp(prefix="annotator-tests-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    if "DISPLAY" in os.environ:
        os.environ.setdefault("XAUTHORITY", str(Path.home() / ".Xauthority"))
    for name, folder in {
        "HOME": "",
        "USERPROFILE": "",
        "APPDATA": "AppData/Roaming",
        "LOCALAPPDATA": "AppData/Local",
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
        "XDG_DOCUMENTS_DIR": "Documents",
    }.items():
        path = home / folder
        path.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(path)
    if "XDG_RUNTIME_DIR" not in os.environ:
        runtime = home / "run"
        runtime.mkdir(mode=0o700)  # Qt warns about any other
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)


_move_home()

# A shared machine is no stopwatch, and a test run leaves nothing behind in the checkout.
settings.register_profile("annotator", deadline=None, database=None)
settings.load_profile("annotator")


@pytest.fixture(autouse=True)
def _drain_qt() -> Iterator[None]:
    """End what a test leaves running in Qt before the next test begins; Qt-free runs pay nothing."""
    yield
    core = sys.modules.get("PySide6.QtCore")
    if core is None or core.QCoreApplication.instance() is None:
        return
    core.QThreadPool.globalInstance().waitForDone(5000)
    # deleteLater() of windows and of the worker's QProcess, whose destructor kills the worker
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    core.QCoreApplication.processEvents()
