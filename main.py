"""Start Annotator from a checkout: ``python3 main.py [PROJECT]``."""

from annotator.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
