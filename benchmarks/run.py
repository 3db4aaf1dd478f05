"""Run every benchmark of the project file and print one table.

    python3 benchmarks/run.py [--articles N | --full]

Each script measures its claims against a floor taken in the same run. 2,000 articles (the default) take
about a minute. The figures that need a window of its own are in window.py.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPTS = (
    "importing.py",
    "lists.py",
    "acts.py",
    "responsive.py",
    "storing.py",
    "counting.py",
    "overview.py",
    "backup.py",
    "exporting.py",
)


def main() -> int:
    """Run the scripts in turn on one corpus; return 1 if one of them failed."""
    print(f"{'claim':44} {'ours':>11} {'floor':>11} {'value':>9}    bound")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="annotator-benchmark-") as folder:
        for script in SCRIPTS:
            command = [sys.executable, str(Path(__file__).parent / script), *sys.argv[1:], "--folder", folder]
            failed |= subprocess.run(command, check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
