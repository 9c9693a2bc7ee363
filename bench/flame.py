"""Draw where the time of the slowest page goes: a profile of the processor's time, taken in this process.

The system's profiling timer interrupts the program at every tick of the processor time it used; each time the stack
is noted. C code has no frames here: its time stands on the function that called it.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from zlib import crc32

from bench import site, svg
from bench.inprocess import Reader, Writer
from bench.load import QUICK

TARGET = Path(__file__).resolve().parent.parent / "docs" / "flame.svg"
EVERY = 0.001  # seconds of processor time; the kernel makes of it what its own tick allows
SECONDS = 2.0 if QUICK else 10.0
WIDTH, ROW = 1200.0, 16.0
LEAST = 0.002  # of the whole: what is narrower is left out
HOT = ("#f4a582", "#fddbc7", "#f6c28b", "#fbe0a8", "#e8b796")
OWN = ("bench.", "__main__.")  # what only measures is not drawn
Stack = tuple[str, ...]


def write() -> None:
    """Draw the slowest page again and again, and draw a picture of that."""
    with tempfile.TemporaryDirectory(prefix="forum-bench-") as folder:
        (Path(folder) / "site").mkdir()
        url = f"sqlite:///{folder}/site/forum.sqlite3"
        planted = site.plant(Path(folder) / "site", url, [1000], chain=0)
        reader, writer = Reader(planted.app, planted.cookies[1]), Writer(planted.app, planted.people[1])

        def draw() -> None:
            writer.touch(planted.articles["tree-1000"])
            reader.get("/articles/tree-1000")

        for _ in range(3):
            draw()
        stacks = sampled(draw, SECONDS)
    title = "Where the time goes when a page of 200 comments is drawn anew for a member"
    TARGET.write_text(flame(stacks, title), "utf-8")


def sampled(act: Callable[[], object], seconds: float) -> Counter[Stack]:
    """Return how often each stack was met, outermost function first, while an act was repeated for some seconds."""
    found: Counter[Stack] = Counter()

    def note(number: int, frame: FrameType | None) -> None:
        stack: list[str] = []
        while frame is not None and frame.f_code is not sampled.__code__:
            if not (name := _name(frame)).startswith(OWN):
                stack.append(name)
            frame = frame.f_back
        found[tuple(reversed(stack))] += 1

    before = signal.signal(signal.SIGPROF, note)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            act()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return found


def flame(stacks: Counter[Stack], title: str) -> str:
    """Return the picture: each function as wide as its share of the time, on the one that called it."""
    whole = stacks.total()
    boxes = _boxes(stacks, whole)
    deepest = max((depth for depth, *_ in boxes), default=0)
    height = (deepest + 1) * ROW + 30
    parts = [svg.words(8, 18, f"{title} ({whole:,} samples)"), '<g class="on-colour">']
    for depth, start, count, name in boxes:
        x, y, width = start / whole * WIDTH, height - (depth + 1) * ROW, count / whole * WIDTH
        shade = HOT[crc32(name.encode()) % len(HOT)]
        told = f"{name}: {count / whole:.1%}".replace("&", "&amp;").replace("<", "&lt;")
        box = f'<rect x="{x:.1f}" y="{y:g}" width="{max(width - 0.5, 0.2):.1f}" height="{ROW - 1:g}" fill="{shade}"/>'
        label = svg.words(x + 2, y + 12, name[: int(width / 7)]) if width > 28 else ""
        parts.append(f"<g><title>{told}</title>{box}{label}</g>")
    return svg.picture(WIDTH, height, title, [*parts, "</g>"])


def _boxes(stacks: Counter[Stack], whole: int) -> list[tuple[int, int, int, str]]:
    """Return (depth, where it begins, samples, name) of each box, in a fixed order, the narrow ones left out."""
    boxes: list[tuple[int, int, int, str]] = []
    begun: list[tuple[str, int]] = []
    at = 0
    ordered = sorted(stacks.items())
    for stack, count in [*ordered, ((), 0)]:
        shared = 0
        while shared < min(len(stack), len(begun)) and begun[shared][0] == stack[shared]:
            shared += 1
        while len(begun) > shared:
            name, start = begun.pop()
            if at - start >= LEAST * whole:
                boxes.append((len(begun), start, at - start, name))
        begun += [(name, at) for name in stack[shared:]]
        at += count
    return boxes


def _name(frame: FrameType) -> str:
    module = frame.f_globals.get("__name__") or frame.f_code.co_filename.rpartition("/")[2]
    return f"{module}.{frame.f_code.co_qualname}"


if __name__ == "__main__":
    write()
