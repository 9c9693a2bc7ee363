"""Write the tables of docs/performance.md between their marks; the prose around them is written by hand.

python -m bench.report      the same again from the figures of the last run
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import plot
from bench.goals import GOALS
from bench.site import size

ROOT = Path(__file__).resolve().parent.parent
REPORT, PLOT = ROOT / "docs" / "performance.md", ROOT / "docs" / "performance.svg"
RESULTS = ROOT / "instance" / "bench.json"
DATABASES = (("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))
PAGES = {
    "nginx 200 gzip": "nginx `gzip_static`, page of 200",
    "visitor 200 gzip": "visitor, page of 200 of 1,000",
    "member 200": "signed in, the same page",
    "nginx 200 plain": "nginx, the same not gzipped",
    "visitor 200 plain": "visitor, the same not gzipped",
    "nginx 200 304": "nginx, 304",
    "visitor 200 304": "visitor, 304",
    "visitor branch": "visitor, a branch of the chain, 200 rows",
    "bare": "an empty Flask view on the same server",
    "form": "a comment's form, only read by Flask",
}
COSTS = {
    "kept": "page kept",
    "member": "page kept, signed in",
    "drawn": "page drawn",
    "permalink": "permalink",
    "reply": "reply",
}
Figures = dict[str, dict[str, float]]
Found = Mapping[str, Any]


def write(found: Found) -> None:
    """Put a run's figures into the report, and draw the plot."""
    text = REPORT.read_text("utf-8")
    for name, made in tables(found).items():
        text = fill(text, name, made)
    REPORT.write_text(text, "utf-8")
    PLOT.write_text(plot.draw(found["sqlite"]["costs"]), "utf-8")


def fill(text: str, name: str, made: str) -> str:
    """Put a table between its marks. Raises ValueError where the marks are not there, once each."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"the report needs {begin} and {end} once each")
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{made}\n{end}{rest.partition(end)[2]}"


def tables(found: Found) -> dict[str, str]:
    """Return every table in Markdown; one database's are there where it was measured."""
    made = {"about": "\n".join(f"- {name}: {value}" for name, value in found["about"].items())}
    made["goals"] = _goals(found)
    for key, name in DATABASES:
        if key in found:
            measured = found[key]
            made[f"pages on {name}"] = _pages(measured["pages"])
            alone = found["alone"] if key == "sqlite" else {}
            made[f"sizes on {name}"] = _sizes(measured, alone)
            made[f"posts on {name}"] = _posts(measured["posts"], alone.get("posts", {}))
            made[f"the rest on {name}"] = _rest(measured)
    return made


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose first column is text and whose others are figures."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def figure(value: float | None) -> str:
    """Return a figure with three digits that tell something."""
    if value is None:
        return "–"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 4
    return f"{value:.{digits}f}"


def _goals(found: Found) -> str:
    present = [(key, name) for key, name in DATABASES if key in found]
    rows = []
    for goal in GOALS:
        sign = "≤" if goal.most else "≥"
        cells = [goal.what]
        for key, _ in present:
            value = goal.figure(found[key])
            told = "not measured"
            if value is not None:
                told = f"{figure(value)}{goal.unit}{'' if goal.is_reached(key, value) else ' **not reached**'}"
            cells += [f"{sign} {figure(goal.wanted(key))}{goal.unit}", told]
        rows.append(cells)
    return table(["", *(head for _, name in present for head in ("goal", name))], rows)


def _pages(pages: Figures) -> str:
    rows = []
    for key, name in PAGES.items():
        if key in pages:
            row = pages[key]
            cells = [figure(row["rate"]), figure(row["p50"]), figure(row["p99"])]
            rows.append([name, *cells, f"{row['bytes']:,.0f}" if row["bytes"] else "", _share(row)])
    return table(["", "requests/s", "p50 ms", "p99 ms", "bytes", "of nginx"], rows)


def _share(row: Mapping[str, float]) -> str:
    return figure(row["share"]) if "share" in row else ""


def _sizes(measured: Mapping[str, Figures], alone: Mapping[str, Figures]) -> str:
    rows = [_costs(f"{_name(slug)}, alone", row, None) for slug, row in alone.get("costs", {}).items()]
    for slug, row in measured["costs"].items():
        rate = measured["pages"][f"visitor {slug}"]["rate"]
        rows.append(_costs(_name(slug), row, rate))
    return table(["comments", "visitor, requests/s", *(f"{name}, ms" for name in COSTS.values()), "statements"], rows)


def _costs(name: str, row: Mapping[str, float], rate: float | None) -> list[str]:
    counted = " / ".join(f"{row[f'{column}_sql']:.0f}" for column in COSTS)
    return [name, figure(rate), *(figure(row[column]) for column in COSTS), counted]


def _posts(posts: Figures, alone: Figures) -> str:
    named = [(f"{_name(slug)}, alone", row) for slug, row in alone.items()]
    named += [(_name(slug), row) for slug, row in posts.items()]
    columns = ("rate", "p50", "p99", "made", "refused", "lost")
    rows = [[name, *(figure(row[column]) for column in columns)] for name, row in named]
    return table(["comments when it began", "posts/s", "p50 ms", "p99 ms", "posted", "refused", "lost"], rows)


def _name(slug: str) -> str:
    return f"{size(slug):,}{' in a chain' if slug.startswith('chain') else ''}"


def _rest(measured: Mapping[str, Figures]) -> str:
    rows = [[f"drawn: {name}", f"{figure(row['ms'])} ms"] for name, row in measured["elsewhere"].items()]
    rows += [[name, f"{figure(row['ms'])} ms"] for name, row in measured["writes"].items()]
    words = {"nobody": "a reply of which nobody hears", "many": "a reply of which 10,000 people hear"}
    rows += [[words[name], f"{figure(row['ms'])} ms"] for name, row in measured["followed"].items()]
    for depth, row in measured["permission"].items():
        told = f"{figure(row['open'])} ms; in a closed branch {figure(row['closed'])} ms"
        rows.append([f"may one reply at depth {int(depth):,}?", told])
    for name, row in measured.get("transfers", {}).items():
        told = f"{figure(row['seconds'])} s, {figure(row['cpu'])} s of CPU, {figure(row['mb'])} MB"
        rows.append([f"100,000 comments {'in from WXR' if name == 'wxr in' else f'out as {name}'}", told])
    for name, row in measured["memory"].items():
        rows.append([f"memory, {name}", f"{figure(row['mb'])} MB in {row['processes']:.0f} processes"])
    rows.append(["start-up until it answers", f"{figure(measured['start']['forum serve']['seconds'])} s"])
    return table(["", "figure"], rows)


if __name__ == "__main__":
    write(json.loads(RESULTS.read_text("utf-8")))
