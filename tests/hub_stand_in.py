"""The Hugging Face hub, played on this machine by a small HTTP server of ours: datasets and models, and their troubles.

It answers on the routes that huggingface_hub asks, with the headers that it reads: ETag and X-Repo-Commit on every file,
a redirection to another host with X-Linked-Size and X-Linked-ETag for large files, X-Error-Code where it refuses.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

COMMIT = "c0ffee" * 6 + "c0ff"
LARGE = (".safetensors", ".bin", ".parquet")
# What may be the matter with a repository: it refuses everything, or
REFUSALS = {
    "gated": (401, {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to this repository is restricted."}),
    "forbidden": (403, {"X-Error-Message": "You may not."}),
    "broken": (503, {}),
    "busy": (429, {}),
}  # fmt: skip
# "silent": takes long to say anything; "slow": takes long to send data; "cut": closes the connection in the middle of them.
LONG_SECONDS = 2

Files = Mapping[str, bytes | str]


class Hub(http.server.ThreadingHTTPServer):
    """The server and what it holds.

    Args:
        repositories: "datasets/owner/name" or "owner/name" → its files.
        troubles: the same names → what is the matter with them, see above.
        renamed: old name → name of a model; the hub redirects from one to the other.

    Attributes:
        troubles: may be changed while the server runs.
        visited: "METHOD path" of each request.
    """

    daemon_threads = True

    def __init__(
        self,
        repositories: Mapping[str, Files],
        troubles: Mapping[str, str] | None = None,
        renamed: Mapping[str, str] | None = None,
    ):
        super().__init__(("127.0.0.1", 0), _Answers)
        self.repositories = {
            name: {path: _bytes(content) for path, content in files.items()}
            for name, files in repositories.items()
        }
        self.troubles = dict(troubles or {})
        self.renamed = dict(renamed or {})
        self.visited: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A visitor that went away in the middle is what some tests are about."""


@contextlib.contextmanager
def hub(repositories: Mapping[str, Files], **more: Mapping[str, str]) -> Iterator[Hub]:
    """A hub that answers while this lasts."""
    server = Hub(repositories, **more)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def environment(home: Path, endpoint: str, **more: str) -> dict[str, str]:
    """That of a process which knows no other hub than this one, and keeps what it downloads in a folder of its own."""
    kept = {k: v for k, v in os.environ.items() if "proxy" not in k.lower() and not k.startswith("HF_")}
    kept.pop("TRANSFORMERS_OFFLINE", None)
    source = str(Path(__file__).parents[1] / "src")
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
    patience = {"HF_HUB_ETAG_TIMEOUT": "1", "HF_HUB_DOWNLOAD_TIMEOUT": "1"}
    return {
        **kept,
        **patience,
        "HF_HOME": str(home),
        "HF_ENDPOINT": endpoint,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        **more,
    }


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


class _Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        self.server.visited.append(f"{self.command} {path}")
        if path.startswith("/cdn/"):
            return self.content(*path.removeprefix("/cdn/").split("/@/"))
        api = path.startswith("/api/")
        parts = path.removeprefix("/api").strip("/").split("/")
        if api or parts[0] == "datasets":
            kind, parts = parts[0], parts[1:]
        else:
            kind = "models"
        size = 1 if kind == "models" and parts[1:2] in ([], ["resolve"], ["revision"], ["tree"]) else 2
        name, rest = "/".join(parts[:size]), parts[size:]
        key = name if kind == "models" else f"{kind}/{name}"
        trouble = self.server.troubles.get(key)
        if trouble == "silent":
            time.sleep(LONG_SECONDS)
        if trouble in REFUSALS:
            status, headers = REFUSALS[trouble]
            return self.answer(status, b"", **headers)
        if name in self.server.renamed:
            return self.answer(307, b"", Location=path.replace(name, self.server.renamed[name], 1))
        if key not in self.server.repositories:
            return self.answer(404, b"", **{"X-Error-Code": "RepoNotFound"})
        if not api:
            return self.file(key, "/".join(rest[2:]))
        if rest[:1] == ["tree"]:
            return self.tree(self.server.repositories[key], "/".join(rest[2:]))
        if rest and rest[0] != "revision":
            return self.answer(404, b"", **{"X-Error-Code": "EntryNotFound"})
        siblings = [{"rfilename": path} for path in self.server.repositories[key]]
        return self.json({"id": name, "sha": COMMIT, "private": False, "tags": [], "siblings": siblings})

    do_HEAD = do_POST = do_GET

    def file(self, key: str, path: str) -> None:
        files = self.server.repositories[key]
        if path not in files:
            return self.answer(404, b"", **{"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
        if not path.endswith(LARGE):
            return self.content(key, path)
        place = f"http://localhost:{self.server.server_port}/cdn/{key}/@/{path}"
        linked = {"X-Linked-Size": str(len(files[path])), "X-Linked-ETag": f'"{_digest(files[path])}"'}
        return self.answer(302, b"", Location=place, **{"X-Repo-Commit": COMMIT, **linked})

    def content(self, key: str, path: str) -> None:
        content = self.server.repositories[key][path]
        headers = {"ETag": f'"{_digest(content)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        large = self.command == "GET" and path.endswith((*LARGE, ".jsonl", ".csv"))
        trouble = self.server.troubles.get(key)
        if large and trouble == "slow":
            time.sleep(LONG_SECONDS)
        cut = large and trouble == "cut"
        wanted = self.headers.get("Range")
        if not wanted:
            return self.answer(200, content, cut, **headers)
        first, last = wanted.removeprefix("bytes=").split("-")
        first, last = int(first), min(int(last or len(content)), len(content) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        return self.answer(206, content[first : last + 1], cut, **headers)

    def tree(self, files: Mapping[str, bytes], folder: str) -> None:
        prefix = f"{folder}/" if folder else ""
        entries = {}
        for name, content in files.items():
            if name.startswith(prefix):
                head, _, deeper = name.removeprefix(prefix).partition("/")
                kind, size = ("directory", 0) if deeper else ("file", len(content))
                entries[head] = {"path": prefix + head, "oid": _digest(content), "type": kind, "size": size}
        self.json(list(entries.values()))

    def json(self, value: object) -> None:
        self.answer(200, json.dumps(value).encode(), **{"Content-Type": "application/json"})

    def answer(self, status: int, body: bytes, cut: bool = False, **headers: str) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 3] if cut else body)
        self.close_connection = self.close_connection or cut

    def log_message(self, *_: object) -> None:
        pass


def _digest(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()
