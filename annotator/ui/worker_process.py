"""Starting the process that runs spaCy (``annotator.nlp.worker``)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer

from annotator.resources import checkout_root, in_checkout
from annotator.ui import crash

_LOOK = 20  # milliseconds between two looks whether a worker that was ended is gone
_ending: set[QProcess] = set()


def new_worker(parent: QObject) -> QProcess:
    """Return a process for a worker, not started yet, whose stderr and stdout stay apart."""
    process = QProcess(parent)
    if in_checkout():  # which may not be installed
        environment = QProcessEnvironment.systemEnvironment()
        paths = [str(checkout_root()), environment.value("PYTHONPATH")]
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        process.setProcessEnvironment(environment)
    process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
    return process


def start_worker(process: QProcess, arguments: Sequence[str]) -> None:
    """Start a worker with its own arguments."""
    # A frozen build is one executable that is its own interpreter. -P: whatever Python files lie in
    # the folder where the program was started are not ours to run.
    frozen = getattr(sys, "frozen", False)
    process.start(
        sys.executable, [*(["--worker"] if frozen else ["-P", "-m", "annotator.nlp.worker"]), *arguments]
    )


def log_stderr(process: QProcess) -> None:
    """Keep what a worker says on stderr: the only trace of why it died."""
    words = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").rstrip()
    crash.log().warning("The worker: %s", words)


def end_worker(process: QProcess) -> None:
    """End a worker, whatever it is at, without another word of it; the window does not wait for its end."""
    process.blockSignals(True)
    process.kill()
    process.setParent(None)
    _ending.add(process)
    _bury()


def wait_for_workers() -> None:
    """Return once those that were ended are gone: the program is about to be."""
    for process in _ending:
        process.waitForFinished(2000)
    _bury()


def _bury() -> None:
    for process in [each for each in _ending if each.state() == QProcess.ProcessState.NotRunning]:
        _ending.remove(process)
        process.deleteLater()
    if _ending:
        QTimer.singleShot(_LOOK, _bury)
