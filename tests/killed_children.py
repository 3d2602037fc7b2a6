"""What scripts of the tests share that fork processes and kill them."""

from __future__ import annotations

END_OF_CHILD = """
import os, signal, time

def end_of_child(child, moment):
    while time.monotonic() < moment:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.0005)
    else:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else f"ended-{os.WEXITSTATUS(status)}"
"""
"""Beginning of a script: waits for a process until a moment, kills it then, and says how it ended."""
