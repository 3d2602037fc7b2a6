"""A headless Chromium, driven by its own protocol over two pipes: no port, no driver, no network."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 60.0


def chromium() -> str | None:
    """Return the path of Chromium; None if it is not installed."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Page:
    """A page that is open in a browser of its own.

    Attributes
    ----------
    complaints : list of str
        What went wrong in the page: errors and warnings of its console, exceptions, requests that leave the file.
    """

    def __init__(self, path: Path, width: int, height: int, mobile: bool = False) -> None:
        self.complaints: list[str] = []
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._number = 0
        self._start()
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session: str | None = None
        self._session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        sizes = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        self._call("Emulation.setDeviceMetricsOverride", sizes)
        self._call("Page.navigate", {"url": path.resolve().as_uri()})
        self.wait_until("document.readyState === 'complete' && !!window.gwasmetaPlots")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for end in (self._write, self._read):
            os.close(end)
        self._process.terminate()
        self._process.wait(30)
        self._folder.cleanup()

    def value(self, expression: str) -> Any:
        """Return what an expression of JavaScript gives."""
        told = self._call("Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True})
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait_until(self, expression: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + _SECONDS
        while not self.value(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.02)

    def centre(self, selector: str) -> tuple[float, float]:
        """Bring an element into view, and return its middle."""
        element = f"document.querySelector({json.dumps(selector)})"
        place = (
            f"(() => {{ {element}.scrollIntoView({{block: 'center', behavior: 'instant'}});"
            f" const box = {element}.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        x, y = self.value(place)
        while [x, y] != (again := self._after_a_frame(place)):  # the page is still being laid out
            x, y = again
        return x, y

    def _after_a_frame(self, expression: str) -> Any:
        return self.value(
            f"new Promise((done) => requestAnimationFrame(() => setTimeout(() => done({expression}), 0)))"
        )

    def move(self, x: float, y: float) -> None:
        """Move the pointer."""
        self._call("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})

    def click(self, x: float, y: float) -> None:
        """Click at a place."""
        self.move(x, y)
        for kind in ("mousePressed", "mouseReleased"):
            button = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            self._call("Input.dispatchMouseEvent", button)

    def press(self, key: str) -> None:
        """Press a key, such as Enter or ArrowRight."""
        code = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39, "Tab": 9}[key]
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        if key == "Enter":
            about["text"] = "\r"
        self._call("Input.dispatchKeyEvent", {"type": "keyDown", **about})
        self._call("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": key})

    def write(self, text: str) -> None:
        """Write into what has the focus."""
        self._call("Input.insertText", {"text": text})

    def screenshot(self, path: Path | None = None, *, whole: bool = False) -> npt.NDArray[np.uint8]:
        """Return the pixels that are seen, of shape (height, width, 3); keep the picture if a path is given."""
        from PIL import Image

        stored = base64.b64decode(self._call("Page.captureScreenshot", {"captureBeyondViewport": whole})["data"])
        if path is not None:
            path.write_bytes(stored)
        return np.asarray(Image.open(io.BytesIO(stored)).convert("RGB"))

    def as_printed(self, printed: bool) -> None:
        """Lay the page out as on paper, or as on a screen again."""
        self._call("Emulation.setEmulatedMedia", {"media": "print" if printed else ""})

    def pdf(self) -> bytes:
        """Print the page."""
        return base64.b64decode(self._call("Page.printToPDF", {"printBackground": False})["data"])

    def _start(self) -> None:
        path = chromium()
        assert path is not None
        flags = [
            *("--headless", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run"),
            *("--remote-debugging-pipe", f"--user-data-dir={self._folder.name}"),
        ]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # as root Chromium refuses to start without
        from_us, self._write = os.pipe()
        self._read, to_us = os.pipe()
        # The browser reads from 3 and writes to 4; copies keep either from being closed by the other.
        script = f'exec 13<&{from_us} 14>&{to_us}; exec 3<&13 4>&14 13<&- 14>&-; exec "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "browser", path, *flags],
            pass_fds=(from_us, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        self._waiting = b""
        self._session = None

    def _call(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters or {}}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next_message()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            self._take_note(answer)

    def _next_message(self) -> dict[str, Any]:
        while b"\0" not in self._waiting:
            piece = os.read(self._read, 1 << 20)
            assert piece, "the browser has ended"
            self._waiting += piece
        text, _, self._waiting = self._waiting.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def _take_note(self, event: dict[str, Any]) -> None:
        about = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.complaints.append(str(about["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if about["type"] in {"error", "warning", "assert"}:
                self.complaints.append(str(about["args"]))
            case "Log.entryAdded":
                self.complaints.append(str(about["entry"]))
            case "Network.requestWillBeSent":
                address = about["request"]["url"]
                if not address.startswith(("file:", "data:", "about:", "blob:")):
                    self.complaints.append(f"request of {address}")
