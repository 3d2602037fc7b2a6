"""`python -m gwasmeta` is the `gwasmeta` command."""

from __future__ import annotations

import sys

from gwasmeta.cli import main

if __name__ == "__main__":
    sys.exit(main())
