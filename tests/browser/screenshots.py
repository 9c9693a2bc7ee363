"""Photograph every page: `.venv/bin/python -m tests.browser.screenshots FOLDER [part of a page's name ...]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.pages import PAGES
from tests.browser.running import PHONE, WIDE, Visit, chromium, fill, served

LOOKS: list[tuple[Literal["light", "dark"], str, ViewportSize]] = [
    ("light", "wide", WIDE),
    ("dark", "wide", WIDE),
    ("light", "phone", PHONE),
    ("dark", "phone", PHONE),
]


def main(folder: Path, wanted: list[str]) -> None:
    """Photograph every page, or those whose name has one of the wanted words in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as kept:
        instance = Path(kept)
        database = f"sqlite:///{instance / 'demo.sqlite3'}"
        fill(instance, database)
        with served(instance, database) as address, sync_playwright() as playwright:
            browser = chromium(playwright)
            for person, pages in PAGES.items():
                chosen = {name: path for name, path in pages.items() if _is_wanted(name, wanted)}
                if chosen:
                    _photograph(browser, address, person, chosen, folder)
            browser.close()


def _photograph(browser: Browser, address: str, person: str, pages: dict[str, str], folder: Path) -> None:
    visit = Visit(browser, address, reduced_motion="reduce")
    if person:
        visit.sign_in(person)
    for name, path in pages.items():
        visit.page.goto(path)
        for scheme, label, size in LOOKS:
            visit.page.emulate_media(color_scheme=scheme)
            visit.page.set_viewport_size(size)
            visit.page.screenshot(path=folder / f"{name}-{label}-{scheme}.png", full_page=True)
    visit.close()


def _is_wanted(name: str, wanted: list[str]) -> bool:
    return not wanted or any(word in name for word in wanted)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
