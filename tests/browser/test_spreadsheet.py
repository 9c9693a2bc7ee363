"""Take a year of discussions into a spreadsheet, in a real browser, with JavaScript and without."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from forum.clock import now
from tests.browser.conftest import Site
from tests.browser.running import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_a_year_of_discussions_into_a_spreadsheet(
    fresh: Site, visit: Callable[..., Visit], tmp_path: Path, scripts: bool
) -> None:
    page = visit(fresh, java_script_enabled=scripts, accept_downloads=True).sign_in("odile")
    page.goto("/admin/export")
    today = now().date()
    page.get_by_label("From").fill(str(today - timedelta(days=365)))
    page.get_by_label("Until").fill(str(today))
    page.get_by_label("As").select_option("csv")
    rows = _taken(page, tmp_path / "year.csv")
    assert len(rows) > 40
    assert all(row["written"][:10] >= str(today - timedelta(days=366)) for row in rows)
    assert len({row["article"] for row in rows}) > 1 and all(row["path"] and row["address"] for row in rows)

    # Of one of them only the words of its title are known.
    page.get_by_label("Find an article").fill("clock")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("Article", exact=True).select_option(index=1)
    expect(page.get_by_label("From")).to_have_value(str(today - timedelta(days=365)))
    fewer = _taken(page, tmp_path / "clock.csv")
    assert 0 < len(fewer) < len(rows)
    assert [row for row in rows if row["article"] == fewer[0]["article"]] == fewer


def _taken(page: Page, path: Path) -> list[dict[str, str]]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    waiting.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
