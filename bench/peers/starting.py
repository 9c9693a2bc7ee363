"""Start servers of our own on 127.0.0.1 and stop them again; nothing of the machine's services is touched."""

from __future__ import annotations

import getpass
import grp
import http.client
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.running import ask, free_port

HERE = Path(__file__).parent
START_SECONDS = 60


def fill(template: str, **values: object) -> str:
    """Return a file beside this one with {name} replaced; braces of the file's own language stay."""
    text = (HERE / template).read_text()
    group = grp.getgrgid(os.getgid()).gr_name
    for name, value in {"user": getpass.getuser(), "group": group, **values}.items():
        text = text.replace("{" + name + "}", str(value))
    return text


@contextmanager
def running(command: list[object], log: Path, ready: Callable[[], bool], **environ: str) -> Iterator[None]:
    """Run a server until the block ends; what it says goes to `log`.

    Raises SystemExit when it is not ready in a minute.
    """
    with log.open("ab") as told:
        process = subprocess.Popen(
            [str(part) for part in command], env={**os.environ, **environ}, stdout=told, stderr=told
        )
    try:
        until = time.monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{command[0]} did not start; it said:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(60)


def answers(port: int, path: str = "/") -> Callable[[], bool]:
    """Return a question: does anything answer at this port, whatever it says?"""

    def asked() -> bool:
        try:
            ask(port, path)
        except (OSError, http.client.HTTPException):
            return False
        return True

    return asked


@contextmanager
def nginx(folder: Path) -> Iterator[tuple[int, int]]:
    """Serve the folder `www` as ready gzip files, and WordPress through PHP; return their ports."""
    (folder / "www").mkdir()
    ready, wordpress = free_port(), free_port()
    conf = folder / "nginx.conf"
    conf.write_text(fill("nginx.conf", folder=folder, ready=ready, wordpress=wordpress))
    with running(["/usr/sbin/nginx", "-e", folder / "nginx.log", "-c", conf], folder / "nginx.out", answers(ready)):
        yield ready, wordpress
