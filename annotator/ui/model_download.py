"""Getting a spaCy pipeline in the background: spaCy's own command in a process that can be ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from annotator.model import PipelineError
from annotator.ui import crash

PATIENCE = 3000  # milliseconds that the command has to clean up after Cancel


class ModelDownload(QObject):
    """At most one download at a time."""

    progressed = Signal(str, int)  # what is being done, and how many percent of it (-1: not known)
    finished = Signal(str, str)  # the pipeline's name, and why it is not installed: "" if it is

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._name = ""
        self._buffer = b""
        self._cancelled = False
        self._impatience = QTimer(self)
        self._impatience.setSingleShot(True)
        self._impatience.setInterval(PATIENCE)
        self._impatience.timeout.connect(self._kill)

    @property
    def name(self) -> str:
        """The pipeline that is being got, "" when none is."""
        return self._name

    def start(self, name: str) -> None:
        """Begin to get an official pipeline; what is in the way is told by ``finished``."""
        from annotator.nlp.downloads import Output, command

        if self._process is not None:
            return
        self._name, self._buffer, self._cancelled = name, b"", False
        try:
            arguments = command(name)
        except PipelineError as error:
            self._end(str(error))
            return
        self._output = Output(name)
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        process.setProcessEnvironment(environment)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        if sys.platform != "win32":  # pip is the command's child, and Cancel means both
            process.setUnixProcessParameters(QProcess.UnixProcessFlag.CreateNewSession)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._could_not_start)
        self._process = process
        self.progressed.emit(f"Looking for {name}…", -1)
        process.start(sys.executable, arguments)

    def cancel(self) -> None:
        """End the download; nothing of it stays."""
        if self._process is None or self._cancelled:
            return
        self._cancelled = True
        self.progressed.emit("Stopping…", -1)
        self._signal(hard=False)
        self._impatience.start()

    def stop(self) -> None:
        """End the download at once, without a word: the program is about to end."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            self._process = process
            self._signal(hard=True)
            process.waitForFinished(2000)
            self._process = None
            process.deleteLater()
            self._name = ""

    def _kill(self) -> None:
        self._signal(hard=True)

    def _signal(self, *, hard: bool) -> None:
        process = self._process
        if process is None or not process.processId():
            return
        if sys.platform == "win32":
            command = ["taskkill", "/T", "/F", "/PID", str(process.processId())]
            subprocess.run(command, check=False, capture_output=True)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended meanwhile
            # An interrupt lets pip remove what it has begun.
            os.killpg(process.processId(), signal.SIGKILL if hard else signal.SIGINT)

    def _read(self) -> None:
        if self._process is None:
            return
        self._buffer += self._process.readAllStandardOutput().data()
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self._take(line)
        if lines and not self._cancelled:
            percent = self._output.percent
            words = self._output.step or f"Looking for {self._name}…"
            self.progressed.emit(words, -1 if percent is None else percent)

    def _take(self, line: bytes) -> None:
        words = line.decode("utf-8", "replace")
        crash.log().info("Getting %s: %s", self._name, words.rstrip())
        self._output.feed(words)

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._take(self._buffer)
        if self._cancelled:
            self._end("Stopped: nothing was installed.")
        elif code == 0 and status == QProcess.ExitStatus.NormalExit:
            self._end("")
        else:
            self._end(self._output.failure())

    def _could_not_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end("Python was not found, so nothing can be installed. Install Annotator again.")

    def _end(self, why: str) -> None:
        self._impatience.stop()
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        name, self._name = self._name, ""
        self.finished.emit(name, why)
