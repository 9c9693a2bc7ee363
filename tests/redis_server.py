"""A Redis or Valkey server of a test's own, on a Unix socket in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

PROGRAM = next(found for name in ("valkey-server", "redis-server") if (found := shutil.which(name)))


class RedisServer:
    """Start the server on entering, stop it and delete its files on leaving; it can be stopped and started between."""

    def __init__(self, *options: str) -> None:
        self._options = options

    def __enter__(self) -> RedisServer:
        self.folder = Path(tempfile.mkdtemp(prefix="forum-redis-"))  # short: a socket's path has at most 107 bytes
        self.socket = self.folder / "socket"
        self.url = f"unix://{self.socket}"
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, empty."""
        settings = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(self.folder)]
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen([PROGRAM, *settings, *self._options], stdout=log, stderr=log, env=_bare())
        for _ in range(200):
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as asking:
                asking.connect(str(self.socket))
                return
            time.sleep(0.02)
        raise RuntimeError("Redis did not start: " + (self.folder / "log").read_text())

    def stop(self) -> None:
        """Stop it at once, as a machine that is switched off."""
        self._process.kill()
        self._process.wait(10)
        self.socket.unlink(missing_ok=True)

    def hang(self) -> None:
        """Let it accept connections and answer nobody."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again, what waits first."""
        self._process.send_signal(signal.SIGCONT)


def _bare() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "")}
