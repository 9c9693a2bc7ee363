"""WordPress from Debian's packages, with its own copy of the files, MariaDB and PHP in a temporary folder."""

from __future__ import annotations

import getpass
import http.client
import itertools
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from bench import trees
from bench.peers.starting import HERE, fill, running
from bench.site import PEOPLE

CLASSIC, BLOCKS = "twentytwentyone", "twentytwentythree"
POST = """INSERT INTO wp_posts (ID, post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt,
post_name, to_ping, pinged, post_modified, post_modified_gmt, post_content_filtered, comment_status, comment_count)
VALUES ({id}, 1, '2026-01-01', '2026-01-01', '<p>…</p>', 'tree-{size}', '', 'tree-{size}', '', '', '2026-01-01',
'2026-01-01', '', 'open', {size});
"""
COMMENT = """INSERT INTO wp_comments (comment_ID, comment_post_ID, comment_author, comment_author_email,
comment_author_url, comment_author_IP, comment_date, comment_date_gmt, comment_content, comment_approved,
comment_agent, comment_parent) VALUES """


class WordPress:
    """Know where each tree is, and how to show and to answer it."""

    def __init__(self, folder: Path, port: int, sizes: list[int]) -> None:
        self._folder, self._port = folder, port
        self._first = dict(zip(sizes, itertools.accumulate([1000, *sizes]), strict=False))  # a tree's first comment
        self._posts = {size: 1000 + size for size in sizes}

    def address(self, size: int) -> str:
        """Return where a tree is read."""
        return f"http://127.0.0.1:{self._port}/?p={self._posts[size]}"

    def theme(self, name: str, *, paged: bool = False) -> None:
        """Show everything in this theme from now on, on one page or 50 threads a page."""
        _php(self._folder, "theme.php", name, str(int(paged)))

    def poster(self, size: int) -> Callable[[int], None]:
        """Return what posts an answer to the last comment of a tree."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=300)
        parent = self._first[size] + size - 1

        def post(number: int) -> None:
            form = {
                "comment_post_ID": self._posts[size],
                "comment_parent": parent,
                "author": "Reader 1",
                "email": "reader-1@example.org",
                "url": "",
                "comment": f"A reply of no great weight, number {number}.",
            }
            connection.request(
                "POST", "/wp-comments-post.php", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
            )
            answer = connection.getresponse()
            answer.read()
            if answer.status != 302 or "unapproved" in (answer.headers["Location"] or ""):
                raise SystemExit(f"WordPress did not take a comment: {answer.status} {answer.headers['Location']}")

        return post

    def plant(self) -> None:
        """Write the trees straight into the tables, counters included."""
        for size, first in self._first.items():
            lines = [POST.format(id=self._posts[size], size=size)]
            rows = [self._row(size, first, place, parent) for place, parent in enumerate(trees.parents(size))]
            lines += [COMMENT + ",".join(rows[at : at + 500]) + ";\n" for at in range(0, size, 500)]
            _sql(self._folder, "".join(lines), "wordpress")
        _sql(self._folder, "ANALYZE TABLE wp_comments, wp_posts;", "wordpress")

    def _row(self, size: int, first: int, place: int, parent: int | None) -> str:
        answered = first + parent if parent is not None else 0
        at = f"DATE_ADD('2026-01-01', INTERVAL {place} SECOND)"
        reader = place % PEOPLE + 1
        who = f"'Reader {reader}', 'reader-{reader}@example.org', '', '127.0.0.1'"
        text = trees.bodies()[place % trees.DIFFERENT]
        return f"({first + place}, {self._posts[size]}, {who}, {at}, {at}, '{text}', '1', '', {answered})"


def shown(body: bytes) -> int:
    """Count the comments of a page."""
    return len(set(re.findall(rb'id="comment-(\d+)"', body)))


@contextmanager
def serving(folder: Path, port: int, sizes: list[int]) -> Iterator[WordPress]:
    """Install it, plant the trees, and run MariaDB and PHP; nginx in front is the caller's."""
    site = folder / "wordpress"
    shutil.copytree("/usr/share/wordpress", site, ignore=shutil.ignore_patterns(".htaccess"))
    own = site / "wp-content" / "mu-plugins"
    own.mkdir()
    shutil.copy(HERE / "wp" / "quiet.php", own)
    socket = folder / "db.sock"
    (site / "wp-config.php").write_text(fill("wp/wp-config.php", socket=socket, home=f"http://127.0.0.1:{port}"))
    (folder / "fpm.conf").write_text(fill("wp/fpm.conf", folder=folder))
    with _mariadb(folder, socket):
        _sql(folder, "CREATE DATABASE wordpress CHARACTER SET utf8mb4;")
        _php(folder, "install.php")
        wordpress = WordPress(folder, port, sizes)
        wordpress.plant()
        fpm = next(Path("/usr/sbin").glob("php-fpm8*"))
        command = [fpm, "--nodaemonize", "--allow-to-run-as-root", "--fpm-config", folder / "fpm.conf"]
        with running([*command], folder / "fpm.out", (folder / "php.sock").exists):
            yield wordpress


@contextmanager
def _mariadb(folder: Path, socket: Path) -> Iterator[None]:
    data, user = folder / "db", f"--user={getpass.getuser()}"
    make = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", user, "--skip-test-db"]
    subprocess.run([*make, "--auth-root-authentication-method=normal"], check=True, stdout=subprocess.DEVNULL)
    server = ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", user]
    words = ["--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"]  # as Debian's own settings say
    with running([*server, *words, "--skip-networking"], folder / "db.out", lambda: _alive(socket)):
        yield


def _alive(socket: Path) -> bool:
    ping = ["mariadb-admin", "--no-defaults", f"--socket={socket}", "--user=root", "ping"]
    return subprocess.run(ping, capture_output=True).returncode == 0


def _sql(folder: Path, statements: str, *database: str) -> None:
    client = ["mariadb", "--no-defaults", f"--socket={folder / 'db.sock'}", "--user=root"]
    words = ["--default-character-set=utf8mb4", *database]
    subprocess.run([*client, *words], input=statements, text=True, check=True, stdout=subprocess.DEVNULL)


def _php(folder: Path, script: str, *arguments: str) -> None:
    subprocess.run(["php", HERE / "wp" / script, *arguments], cwd=folder / "wordpress", check=True)
