"""``python -m annotator`` does what the ``annotator`` command does."""

from annotator.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
