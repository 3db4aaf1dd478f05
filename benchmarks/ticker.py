"""How long the window does not answer: what the scripts that drive the real window share."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared import row

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

LONGEST = 50  # ms
TRIES = 3
SHOWN = 12  # places in long gaps


def keep_in_memory() -> None:
    """Have the system leave this process's memory alone, where that is allowed (mlockall, as root mostly).

    Some machines take back what was not used for a minute, the code of Qt too, while a long act goes on:
    half a second for what takes 30 ms is not the window's. Only what was used once is kept: filling all that
    is asked for, a new thread's stack of 8 MB say, takes what the window would not wait for without.
    """
    try:
        ctypes.CDLL(None).mlockall(1 | 2 | 4)  # what there is, what will be; each page once it is used
    except (OSError, AttributeError, TypeError):
        return


class Host:
    """What the host of a virtual machine takes of it, where the system tells."""

    def __init__(self) -> None:
        try:
            self._file = Path("/proc/stat").open("rb", buffering=0)  # noqa: SIM115 - looked at every 2 ms
        except OSError:
            self._file = None

    def stolen(self) -> int:
        """Return how long all processors together have waited for it, ms since the machine began, to ten.

        It is in the time that a thread is said to work, too.
        """
        if self._file is None:
            return 0
        self._file.seek(0)
        return int(self._file.read(200).split()[8]) * 10


class Memory:
    """What the system does for the window's thread, where it tells: pages given anew above all.

    Each takes a microsecond or less; where a virtual machine has given its free memory back to the host, many
    times that, and it counts as work of the thread. Where the system only looks now and then at what a thread
    is at, its share is rough.
    """

    def __init__(self) -> None:
        self._before = self._now()

    def since(self) -> tuple[float, int]:
        """Return the system's share of the thread's time since the last question, ms, and the pages."""
        before, self._before = self._before, self._now()
        return (self._before[0] - before[0]) * 1000, self._before[1] - before[1]

    @staticmethod
    def _now() -> tuple[float, int]:
        if resource is None or not hasattr(resource, "RUSAGE_THREAD"):
            return 0.0, 0
        used = resource.getrusage(resource.RUSAGE_THREAD)
        return used.ru_stime, used.ru_minflt


class Ticker:
    """Notes the times between two turns of the event loop."""

    def __init__(self, app: Any, why: bool) -> None:
        from PySide6.QtCore import QTimer

        keep_in_memory()
        self._app = app
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._last = 0.0
        self._gaps: list[float] = []
        self._busy = 0.0
        self._work: list[float] = []  # of the processor for the window's thread, between two ticks
        self._host = Host()
        self._stolen = 0
        self._waits: list[int] = []  # for the host, of all processors
        self._memory = Memory()
        self._given: list[tuple[float, int]] = []
        self._on = False
        self._stacks: defaultdict[float, Counter[str]] = defaultdict(Counter)
        self._seen: list[tuple[float, float, int, str]] = []
        if why:
            threading.Thread(target=self._watch, args=(threading.get_ident(),), daemon=True).start()

    def _watch(self, window: int) -> None:
        """Keep where the window's thread is in each gap that grows long, and what it was at longest."""
        while True:
            time.sleep(0.004)
            last = self._last
            if self._on and time.perf_counter() - last > 0.03:
                frames = traceback.extract_stack(sys._current_frames()[window])[-9:]
                where = " > ".join(f"{Path(f.filename).stem}.{f.name}:{f.lineno}" for f in frames)
                self._stacks[last][where] += 1

    def _tick(self) -> None:
        now, busy, waited = time.perf_counter(), time.thread_time(), self._host.stolen()
        self._gaps.append(now - self._last)
        self._waits.append(waited - self._stolen)
        self._given.append(self._memory.since())
        self._stolen = waited
        self._work.append(busy - self._busy)
        if stacks := self._stacks.pop(self._last, None):
            for where, times in stacks.items():
                self._seen.append((now - self._last, busy - self._busy, times, where))
        self._last, self._busy = now, busy

    def measure_again(
        self,
        name: str,
        begin: Callable[[], object],
        is_over: Callable[[], bool],
        *,
        prepare: Callable[[], object] = lambda: None,
    ) -> None:
        """Measure what can be done again, up to ``TRIES`` times where a gap is too long; each is printed.

        ``prepare`` is called before each, and not measured.

        What the window takes every time comes again, what other work on the machine takes does not. What it
        takes the first time alone is in the first row.
        """
        for again in ("", *(f" ({number})" for number in range(2, TRIES + 1))):
            prepare()
            if self.measure(name + again, begin, is_over):
                return

    def measure(
        self, name: str, begin: Callable[[], object], is_over: Callable[[], bool], bound: float = LONGEST
    ) -> bool:
        """Do something that goes on in the event loop, print the gaps, and tell whether they fit."""
        self._gaps.clear()
        self._work.clear()
        self._waits.clear()
        self._given.clear()
        self._memory.since()
        self._stacks.clear()
        self._seen.clear()
        self._last, self._busy, self._stolen = time.perf_counter(), time.thread_time(), self._host.stolen()
        self._timer.start(2)
        self._on = True
        began = time.perf_counter()
        begin()
        while not is_over():
            self._app.processEvents()
            time.sleep(0.0002)  # the event loop lets go of Python's lock where it waits; so must this
        for _ in range(20):
            self._app.processEvents()
        took = time.perf_counter() - began
        self._tick()
        self._on = False
        self._timer.stop()
        longest, most = max(self._gaps), max(self._work)
        row(f"{name}: longest gap, ms", f"{took:.2f} s", f"cpu {most * 1000:.0f} ms", longest * 1000, bound)
        for gap, work, waited, (system, pages) in zip(
            self._gaps, self._work, self._waits, self._given, strict=True
        ):
            if gap * 1000 > bound:
                print(
                    f"    {gap * 1000:.0f} ms: {work * 1000:.0f} of work, {system:.0f} of them the system's, "
                    f"with {pages} pages given anew; the host took {waited} of the processors",
                    flush=True,
                )
        for gap, work, times, where in sorted(self._seen, reverse=True)[:SHOWN]:
            print(f"    {gap * 1000:.0f} ms, cpu {work * 1000:.0f}, {times} times at {where}")
        return longest * 1000 <= bound
