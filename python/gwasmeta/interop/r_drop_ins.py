"""What R calls for the command lines of GWAMA, METAL and MTAG."""

from __future__ import annotations

from collections.abc import Sequence

from gwasmeta.interop.messages import Say, said, share_said


def gwama(say: Say, words: Sequence[str]) -> list[str]:
    """Do what GWAMA does, and say what it prints."""
    from gwasmeta.compat.gwama import gwama as lines_of

    return said(say, lines_of(words))


def mtag_cli(say: Say, words: Sequence[str]) -> list[str]:
    """Do what MTAG does, and say what it logs."""
    from gwasmeta.compat.mtag import mtag as lines_of

    return said(say, lines_of(words, share_said(say)))


def metal(say: Say, scripts: Sequence[str]) -> list[str]:
    """Carry out METAL's scripts, and say what METAL prints."""
    from gwasmeta.compat.metal import analyze
    from gwasmeta.compat.metal_session import Session

    lines: list[str] = []

    def keep(line: str) -> None:
        lines.append(line)
        say(line)

    session = Session(lambda *what: analyze(*what, say=keep), keep)
    for script in scripts:
        session.source(script)
        if session.ended:
            break
    session.finish()
    return lines
