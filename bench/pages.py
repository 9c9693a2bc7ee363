"""The pages that are asked for over HTTP, each beside what nginx makes of the very same bytes."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import load, running
from bench.inprocess import newest
from bench.load import Asked, Load
from bench.running import Running
from bench.site import CHAIN, Planted

WHOLE = 1000  # comments of the discussion that is compared
PACKED = "Accept-Encoding: gzip"
Figures = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Line:
    """One line of the table: who is asked for what, how many bytes come back, and which line is its ceiling."""

    asked: Asked
    size: int
    ceiling: str = ""


def measure(site: Planted, folder: Path, forum: Running) -> Figures:
    """Load every line in turn."""
    lines: dict[str, Line] = {}
    with ExitStack() as servers:
        nginx = servers.enter_context(running.nginx(folder))
        page = f"/articles/{'tree-1000' if 'tree-1000' in site.articles else site.trees[-1]}"
        lines |= _compared("200", site, folder, forum, nginx, page)
        for slug in site.articles:
            lines[f"visitor {slug}"] = _line(forum, f"/articles/{slug}", "nginx 200 gzip", PACKED)
        if (chain := f"chain-{CHAIN}") in site.articles:
            top = newest(site.app, site.articles[chain])[0] - CHAIN + 1
            lines["visitor branch"] = _line(forum, f"/comments/{top}/branch", "nginx 200 gzip", PACKED)
        bare = servers.enter_context(running.bare())
        lines["bare"] = _line(bare, "/", "")
        form = Asked(bare.url("/form"), script=(str(Path(__file__).with_name("form.lua")), "some words " * 30))
        lines["form"] = Line(form, 0)
        return figures(load.rounds({label: line.asked for label, line in lines.items()}), lines)


def figures(loads: Mapping[str, Load], lines: Mapping[str, Line]) -> Figures:
    """Return the table, each line with its share of its ceiling."""
    found: Figures = {}
    for label, line in lines.items():
        taken = loads[label]
        found[label] = {"rate": taken.rate, "p50": taken.p50, "p99": taken.p99, "bytes": line.size}
        if line.ceiling:
            found[label]["share"] = taken.rate / loads[line.ceiling].rate
    return found


def start_up(site: Planted, times: int = 3) -> float:
    """Return how many seconds `forum serve` takes until it answers, the median."""
    taken = []
    for _ in range(times):
        with running.forum(site) as forum:
            taken.append(forum.seconds)
    return statistics.median(taken)


def _compared(
    name: str, site: Planted, folder: Path, forum: Running, nginx: Running, path: str
) -> Iterable[tuple[str, Line]]:
    packed = running.ask(forum.port, path, Accept_Encoding="gzip")
    running.publish(folder, name, packed.body)
    static = f"/{name}.html"
    theirs = running.ask(nginx.port, static, Accept_Encoding="gzip").headers["ETag"]
    gzip, plain, unchanged = (f"nginx {name} {kind}" for kind in ("gzip", "plain", "304"))
    return [
        (gzip, _line(nginx, static, "", PACKED)),
        (plain, _line(nginx, static, "")),
        (unchanged, _line(nginx, static, "", PACKED, f"If-None-Match: {theirs}")),
        (f"visitor {name} gzip", _line(forum, path, gzip, PACKED)),
        (f"visitor {name} plain", _line(forum, path, plain)),
        (f"visitor {name} 304", _line(forum, path, unchanged, PACKED, f"If-None-Match: {packed.headers['etag']}")),
        (f"member {name}", _line(forum, path, gzip, PACKED, f"Cookie: session={site.cookies[1]}")),
    ]


def _line(server: Running, path: str, ceiling: str, *headers: str) -> Line:
    """Return a line after asking once: what it costs is worth nothing where the answer is not what it should be."""
    asked = {name.replace("-", "_"): value for name, value in (header.split(": ", 1) for header in headers)}
    answer = running.ask(server.port, path, **asked)
    wanted = 304 if "If_None_Match" in asked else 200
    if answer.status != wanted or bool(answer.body) is (wanted == 304):
        raise SystemExit(f"{path} was answered with {answer.status}, not {wanted}")
    return Line(Asked(server.url(path), headers), len(answer.body), ceiling)
