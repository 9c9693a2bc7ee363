"""Pictures as an author adds them (dropped, pasted, chosen, without a script) and as a reader sees them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.pages import CLOCK
from tests.browser.running import PHONE
from tests.browser.test_forms import Open
from tests.pictures.drawn import drawn

pytestmark = pytest.mark.browser
GIVE = """([how, ...pictures]) => {
  const data = new DataTransfer();
  for (const bytes of pictures) data.items.add(new File([new Uint8Array(bytes)], "heron.png", { type: "image/png" }));
  const box = document.querySelector("[name=body]");
  const options = { bubbles: true, cancelable: true };
  box.dispatchEvent(how === "drop" ? new DragEvent("drop", { ...options, dataTransfer: data })
    : new ClipboardEvent("paste", { ...options, clipboardData: data }));
}"""
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach((one) => (sum += one.value));
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 500);
})"""


@pytest.mark.parametrize("how", ["choose", "drop", "paste"])
def test_a_picture_comes_where_the_cursor_is_after_its_words(
    fresh: Site, visit: Open, tmp_path: Path, how: str
) -> None:
    page = visit(fresh, viewport=PHONE).sign_in("mina")
    page.goto("/articles/new")
    page.fill("[name=title]", "Herons")
    page.fill("[name=body]", "Before.\n\nAfter.")
    page.evaluate("document.querySelector('[name=body]').setSelectionRange(7, 7)")
    if how == "choose":
        (tmp_path / "heron.png").write_bytes(drawn((900, 600)))
        page.locator(".pictures > summary").click()
        page.set_input_files("[name=picture]", tmp_path / "heron.png")
    else:
        page.evaluate(GIVE, [how, list(drawn((900, 600)))])
    assert page.evaluate("document.activeElement.name") == "picture_alt"
    add = page.get_by_role("button", name="Put the picture into the text")
    add.click()
    assert page.locator(".pictures .problem").inner_text()
    page.fill("[name=picture_alt]", "Two herons")
    page.fill("[name=picture_caption]", "At dawn")
    add.click()
    page.get_by_text("The picture is in the text.").wait_for()
    text = page.input_value("[name=body]")
    assert text.startswith("Before.\n\n![Two herons](/pictures/")
    assert text.endswith(' "At dawn")\n\nAfter.')
    page.locator(".at-hand [name=lead]").check()
    page.get_by_role("button", name="Publish now").click()
    picture = page.locator(".prose figure img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.prose figure img').naturalWidth > 0")
    assert picture.get_attribute("alt") == "Two herons"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_several_at_once_are_asked_about_one_after_the_other(shown: Site, visit: Open) -> None:
    page = visit(shown).sign_in("mina")
    page.goto("/articles/new")
    page.fill("[name=body]", "Herons.")
    page.evaluate(GIVE, ["drop", list(drawn((90, 60))), list(drawn((60, 90))), list(drawn((80, 80)))])
    for number, words in enumerate(("Two herons", "The pier", "A boat")):
        page.fill("[name=picture_alt]", words)
        page.get_by_role("button", name="Put the picture into the text").click()
        said = "The picture is in the text." + (" Now say what the next one shows." if number < 2 else "")
        page.locator(".pictures [role=status]").get_by_text(said, exact=True).wait_for()
        expect(page.locator("[name=picture_alt]")).to_have_value("")
        assert page.evaluate("document.activeElement.name") == ("picture_alt" if number < 2 else "body")
    assert re.findall(r"!\[(.*?)\]", page.input_value("[name=body]")) == ["Two herons", "The pier", "A boat"]


def test_without_a_script_it_stands_at_the_end_and_nothing_is_lost(fresh: Site, visit: Open, tmp_path: Path) -> None:
    (tmp_path / "heron.png").write_bytes(drawn((900, 600)))
    page = visit(fresh, java_script_enabled=False).sign_in("mina")
    page.goto("/articles/new")
    page.fill("[name=body]", "Before.")
    page.locator(".pictures > summary").click()
    page.set_input_files("[name=picture]", tmp_path / "heron.png")
    page.get_by_label("It is only there to look nice").check()
    page.get_by_role("button", name="Put the picture into the text").click()
    expect(page.locator("[name=body]")).to_have_value(re.compile(r"^Before\.\n\n!\[\]\(/pictures/"))
    assert page.locator(".at-hand img").count() == 1


def test_nothing_moves_while_pictures_load(shown: Site, visit: Open) -> None:
    page = visit(shown, viewport=PHONE).page
    page.goto(CLOCK)
    page.evaluate("document.querySelector('.prose figure').scrollIntoView()")
    page.wait_for_function("() => document.querySelector('.prose figure img').naturalWidth > 0")
    assert page.evaluate(SHIFT) < 0.01
    assert page.evaluate("document.querySelector('.prose figure img').currentSrc").endswith("-480.webp")


def test_no_picture_of_another_site_is_loaded(shown: Site, visit: Open) -> None:
    page = visit(shown).page
    page.goto(CLOCK)
    refused = page.evaluate("""() => new Promise((done) => {
      document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
      const img = new Image();
      img.src = "http://127.0.0.2:9/x.webp";
      document.body.append(img);
    })""")
    assert refused == "img-src"
