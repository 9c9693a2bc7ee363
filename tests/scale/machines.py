"""Two machines as far as a test can have them: two servers with nothing in common but PostgreSQL, Redis and nginx.

Each has an instance folder of its own; nginx runs with the very configuration that docs/scaling.md prints.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

HOST = "forum.example"
SECRET = "shared by all machines of the site"
COMMAND = str(Path(sys.executable).with_name("forum"))
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"
START_SECONDS = 30
AROUND = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{inner} }}
"""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()

    @property
    def head(self) -> str:
        """Return the head of the page, where its reader is named."""
        return self.text[self.text.index("<header") : self.text.index("</header>")]


class Machines:
    """The site: the ports of its machines, and nginx in front of them."""

    def __init__(self, folder: Path, database: str, redis: str) -> None:
        self.folder, self._database, self._redis = folder, database, redis
        self.ports = [free_port(), free_port()]
        self.front = free_port()
        self.servers: list[subprocess.Popen[bytes]] = []
        self._browsers: list[Browser] = []
        self.tls = ssl.create_default_context(cafile=_certificate(folder))

    @contextlib.contextmanager
    def running(self) -> Iterator[Machines]:
        """Start everything, and end it."""
        (self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder, inner=self._nginx()))
        with contextlib.ExitStack() as stack:
            for number, port in enumerate(self.ports):
                command = [COMMAND, "serve", "--port", str(port), "--workers", "1"]
                server = stack.enter_context(
                    _process(command, self._environment(number), self.folder / f"{number}.log")
                )
                self.servers.append(server)
            nginx = [NGINX, "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "nginx.log")]
            front = stack.enter_context(_process(nginx, dict(os.environ), self.folder / "nginx.log"))
            for port, process in zip([*self.ports, self.front], [*self.servers, front], strict=True):
                _wait_for(port, process)
            stack.callback(lambda: [browser.close() for browser in self._browsers])
            yield self

    def browser(self, cookie: str = "") -> Browser:
        """Return a new browser, closed when the machines stop."""
        made = Browser(self, cookie)
        self._browsers.append(made)
        return made

    def _environment(self, number: int) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
        return {
            **kept,
            "FORUM_INSTANCE": str(self.folder / f"instance-{number}"),
            "FORUM_DATABASE_URL": self._database,
            "FORUM_REDIS_URL": self._redis,
            "FORUM_SECRET_KEY": SECRET,
            "FORUM_SITE_URL": f"https://{HOST}",
            "FORUM_TRUSTED_PROXIES": "1",
        }

    def _nginx(self) -> str:
        """Return the configuration the document prints, with this test's ports and certificate in it."""
        found = re.search(r"```nginx\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
        assert found, "docs/scaling.md prints no configuration of nginx"
        text = found[1]
        for printed, here in (
            ("10.0.0.11:8000", f"127.0.0.1:{self.ports[0]}"),
            ("10.0.0.12:8000", f"127.0.0.1:{self.ports[1]}"),
            ("listen 443 ", f"listen 127.0.0.1:{self.front} "),
            ("/etc/ssl/certs/forum.example.pem", str(self.folder / "cert.pem")),
            ("/etc/ssl/private/forum.example.key", str(self.folder / "key.pem")),
        ):
            assert text.count(printed) == 1, printed
            text = text.replace(printed, here)
        return text


class Browser:
    """A browser that keeps its connections and its cookie. `via` is a machine's number, or None for nginx."""

    def __init__(self, machines: Machines, cookie: str = "") -> None:
        self._machines, self.cookie = machines, cookie
        self._open: dict[int | None, http.client.HTTPConnection] = {}

    def get(self, path: str, via: int | None = None, **headers: str) -> Answer:
        """Get a page; `headers` are named with _ for -."""
        return self._ask("GET", path, via, None, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, via: int | None = None, *, token: str = "", **fields: str) -> Answer:
        """Post a form, with the token of a page got before or of the form itself, as its own page would."""
        token = token or self.token(path, via)
        return self._ask("POST", path, via, urlencode({"csrf_token": token, **fields}), {})

    def token(self, path: str, via: int | None = None) -> str:
        """Return the token in the forms of a page."""
        page = self.get(path, via)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found, f"no form at {path}: {page.status} {page.text[-3000:]}"
        return unescape(found[1])

    def close(self) -> None:
        """Close its connections."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def _ask(self, method: str, path: str, via: int | None, body: str | None, extra: dict[str, str]) -> Answer:
        headers = {"Host": HOST, "Referer": f"https://{HOST}{path}", **extra}
        if self.cookie:
            headers["Cookie"] = f"__Host-session={self.cookie}"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if via is not None:  # as nginx would say it
            headers |= {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
        connection = self._connection(via)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            got = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        except (http.client.HTTPException, OSError):
            connection.close()
            raise
        if found := re.search(r"__Host-session=([^;]*)", got.headers.get("set-cookie", "")):
            self.cookie = found[1]
        return got

    def _connection(self, via: int | None) -> http.client.HTTPConnection:
        if via not in self._open:
            self._open[via] = (
                http.client.HTTPSConnection("127.0.0.1", self._machines.front, context=self._machines.tls, timeout=20)
                if via is None
                else http.client.HTTPConnection("127.0.0.1", self._machines.ports[via], timeout=20)
            )
        return self._open[via]


class Fields(HTMLParser):
    """Collect what a browser would send of a page's main form as it stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._area = self._choice = ""
        main = page[page.index("<main") :]
        self.feed(main[main.index("<form") : main.index("</form>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name = found.get("name", "")
        if tag == "input" and name and found.get("type") not in ("file", "submit"):
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self.values[name] = found.get("value", "y")
        elif tag == "textarea":
            self._area, self.values[name] = name, ""
        elif tag == "select":
            self._choice = name
        elif tag == "option" and "selected" in found:
            self.values[self._choice] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data


@contextlib.contextmanager
def temporary() -> Iterator[Path]:
    """Give a folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="forum-scale-") as name:
        yield Path(name)


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _certificate(folder: Path) -> str:
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True, timeout=60)
    return str(folder / "cert.pem")


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str], told: Path) -> Iterator[subprocess.Popen[bytes]]:
    with told.open("a") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise RuntimeError("a server did not start; see the logs in its folder")
