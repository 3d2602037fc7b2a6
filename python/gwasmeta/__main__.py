"""`python -m gwasmeta` is the `gwasmeta` command."""

from __future__ import annotations

from gwasmeta.cli import run_process

if __name__ == "__main__":
    run_process()
