"""A headless Chromium driven through its DevTools, for tests that look at pages; skipped where there is none."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


class Browser:
    """One page of a headless Chromium; close it after use."""

    def __init__(self, profile: Path, width: int = 1100, height: int = 1400):
        websocket = pytest.importorskip("websocket")
        command = next(filter(None, map(shutil.which, NAMES)), None)
        if command is None:
            pytest.skip("no Chromium here")
        self._process = subprocess.Popen(
            [
                command,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        said = wait_for(lambda: (profile / "DevToolsActivePort").read_text().split(), "Chromium")
        address = f"http://127.0.0.1:{said[0]}/json"
        page = wait_for(lambda: next(t for t in _json(address) if t["type"] == "page"), "a page")
        self._socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=120)
        self._number = 0
        self("Page.enable")
        self(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv())
            if said.get("id") == self._number:
                assert "error" not in said, said
                return said["result"]

    def open(self, address: str) -> None:
        """Go to an address, and wait until its page is there."""
        self("Page.navigate", url=address)
        wait_for(lambda: self.value("document.readyState") == "complete", address)

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives in the page."""
        found = self("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def type_into(self, selector: str, said: str) -> None:
        """Type into a field as a person does, and leave it."""
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        self("Input.insertText", text=said)
        self.value("document.activeElement.blur()")

    def close(self) -> None:
        """End this Chromium."""
        self._socket.close()
        self._process.terminate()
        self._process.wait()


def wait_for(get: Any, what: str, seconds: float = 120) -> Any:
    """What `get` gives, once it gives something true without an error."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := get():
                return found
        except (OSError, LookupError, ValueError, StopIteration):
            pass
        time.sleep(0.1)
    raise AssertionError(f"{what} is not there after {seconds:g} s")


def _json(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=10) as said:
        return json.load(said)
