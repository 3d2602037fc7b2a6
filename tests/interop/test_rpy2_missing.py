"""Without rpy2, or with one that cannot start R, the message says what to install."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest


def message_of_import(*, before: str = "", **environment: str) -> str:
    program = f"""
import sys
{before}
from gwasmeta import GwasmetaError
try:
    import gwasmeta.interop.rpy2
except GwasmetaError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return done.stdout


def test_without_rpy2_the_message_says_what_to_install() -> None:
    message = message_of_import(before="sys.modules['rpy2'] = None")
    assert "need rpy2" in message
    assert "pip install 'gwasmeta[r]'" in message


@pytest.mark.skipif(importlib.util.find_spec("rpy2") is None, reason="rpy2 is not installed")
def test_without_r_the_message_says_so() -> None:
    message = message_of_import(R_HOME="/nowhere")
    assert "cannot start R" in message
    assert "r-base-core" in message
