"""What the R package calls: every public function by its name, with plain values in and out.

R cannot tell gwasmeta's errors from others, loses the end of long messages, and does not see warnings. So `call` never
raises: it returns what happened.
"""

from __future__ import annotations

import atexit
import os
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gwasmeta._version import __version__
from gwasmeta.cli.progress import COMPILING
from gwasmeta.errors import GwasmetaError
from gwasmeta.interop.messages import Say
from gwasmeta.interop.plain_values import Plain, from_plain, to_plain
from gwasmeta.interop.r_functions import COMMAND_LINES, R_FUNCTIONS
from gwasmeta.interop.r_words import in_r_words
from gwasmeta.sumstats.stored_study import PLACE_VARIABLE

_NOT_FOR_USERS = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


def call(name: str, arguments: Plain, say: Say | None = None, store: str | None = None) -> dict[str, Any]:
    """Call a function of `r_functions.R_FUNCTIONS`.

    Parameters
    ----------
    name : str
    arguments : dict
        A plain list with names; see `plain_values`.
    say : callable, optional
        Takes messages while the function runs. It is called from the calling thread only: R must not be
        called from any other.
    store : str, optional
        GWASMETA_STORE as R has it now: Python has the variables of the moment in which it was started.

    Returns
    -------
    dict
        `warnings`, a list of str, and either `ok` True and the plain `value`; or `ok` False and `interrupted` True
        after Ctrl-C; or else `ok` False, `interrupted` False, `message`, `traceback`, and `is_fault`, which is True
        for what is gwasmeta's fault and not the caller's.
    """
    if store is not None:
        os.environ[PLACE_VARIABLE] = store
    in_our_words = str if name in COMMAND_LINES else in_r_words
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for category in _NOT_FOR_USERS:
            warnings.simplefilter("ignore", category)
        try:
            with _compilation_told(say):
                value = R_FUNCTIONS[name](say or _say_nothing, **from_plain(arguments))
            answer: dict[str, Any] = {"ok": True, "value": to_plain(value)}
        except BaseException as error:  # SystemExit too: R goes on
            answer = {"ok": False, "interrupted": True} if _is_interrupt(error) else _failure(error)
    if "message" in answer:
        answer["message"] = in_our_words(answer["message"])
    told = (in_our_words(str(warning.message)) for warning in caught)
    return answer | {"warnings": list(dict.fromkeys(told))}


def end_session() -> None:
    """Do what Python does at its end, which does not come where R ends: temporary files of results go, for one."""
    atexit._run_exitfuncs()


def _failure(error: BaseException) -> dict[str, Any]:
    is_fault = not isinstance(error, GwasmetaError | ValueError)
    message = "\n".join([str(error), *getattr(error, "__notes__", ())])
    if is_fault:
        message = (
            f"this is a fault of gwasmeta {__version__}, not yours: {type(error).__name__}: {message}\n"
            "  Please report it, with what gwasmeta_sitrep() prints."
        )
    return {
        "ok": False,
        "interrupted": False,
        "message": message,
        "traceback": traceback.format_exc(),
        "is_fault": is_fault,
    }


def _is_interrupt(error: BaseException | None) -> bool:
    """Recognise Ctrl-C.

    reticulate's handler of the signal asks R whether an interrupt is pending; R may answer by being interrupted,
    which reticulate turns into a RuntimeError.
    """
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename.replace("\\", "/").endswith("rpytools/signals.py"):
                return True
        error = error.__cause__ or error.__context__
    return False


def _say_nothing(_message: str) -> None:
    """Take a message that nobody wants."""


@contextmanager
def _compilation_told(say: Say | None) -> Iterator[None]:
    """Have the first run on a machine say why it takes so long to start."""
    if say is None:
        yield
        return
    from numba.core import event

    tell: Callable[[str], None] = say
    caller = threading.get_ident()

    class Listener(event.Listener):
        told = False

        def on_start(self, _event: event.Event) -> None:
            if not self.told and threading.get_ident() == caller:
                self.told = True
                tell(COMPILING)

        def on_end(self, _event: event.Event) -> None:
            """Say nothing more."""

    with event.install_listener("numba:compile", Listener()):
        yield
