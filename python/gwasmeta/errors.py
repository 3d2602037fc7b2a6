"""The one exception that is the user's to solve; its message says how."""

from __future__ import annotations


class GwasmetaError(Exception):
    """Input or usage that gwasmeta cannot work with.

    The message says what is wrong, where (file, line, column, value) and what to do. On the command line
    it is printed without a traceback and ends the program with exit code 2; R recognises it by its name.
    """
