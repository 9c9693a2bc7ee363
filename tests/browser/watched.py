"""A page in Chromium that is watched: whether any script runs that is not the site's, and whom it asks for anything.

Nothing is held back: the policy of the pages only reports here, on the console. So it names what ran or was fetched,
whatever that did. Dialogs, errors, requests and navigations are looked at besides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Dialog, Error, Route

from tests.browser.running import SMALL

HOST = "http://stage.example"
POLICY = "Content-Security-Policy"
# What Chromium says of forms and of clicks that no hand made; what is asked for is looked at as a request.
OF_THE_BROWSER = ("[DOM] ", "File chooser dialog", "Failed to load resource")
# Each element gets what it listens to, and what happens to most. Links, forms and scripts of ours are left alone: a
# click that does not bubble runs what the element says itself, and leads to addresses that are none.
STIR = """async () => {
  addEventListener("click", event => {
    const link = event.target.closest?.("a, area");
    if (link && /^(https?|mailto):/.test(URL.parse(link.href.baseVal ?? link.href, location))) event.preventDefault();
  }, true);
  addEventListener("submit", event => {
    const target = event.submitter?.getAttribute("formaction") ?? event.target.getAttribute("action");
    if (URL.parse(target ?? "", location)?.origin !== origin) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  const usual = ["mouseover", "focus", "error", "load", "toggle", "animationend"];
  for (const one of document.querySelectorAll("*")) {
    const own = one.getAttributeNames().filter(name => name.startsWith("on")).map(name => name.slice(2));
    for (const name of new Set([...usual, ...own])) one.dispatchEvent(new Event(name));
    one.dispatchEvent(new MouseEvent("click", { cancelable: true }));
  }
  // What was set going gets its time, and on a busy machine more of it: as long as ways to the site and back take.
  for (let way = 0; way < 3; way += 1) {
    await new Promise(done => setTimeout(done, 10));
    await fetch("/healthz");
  }
}"""


class Answer(NamedTuple):
    """A page as the application answered it."""

    path: str
    kind: str
    policy: str
    body: str


class Watched:
    """A window in which one page after another is shown; `fetch` gets what a page loads of the site itself."""

    def __init__(self, browser: Browser, fetch: Callable[[str], tuple[int, str, bytes]]) -> None:
        self._fetch, self._kept = fetch, dict[str, tuple[int, str, bytes]]()
        self._window = browser.new_context(base_url=HOST, reduced_motion="reduce", viewport=SMALL)
        self._shown: Answer | None = None
        self._seen: list[str] = []
        self._window.on("dialog", self._on_dialog)
        self._window.on("console", lambda said: self._on_console(said.text))
        self._window.on("weberror", lambda raised: self._seen.append(f"error: {raised.error}"))
        self._window.route("**/*", self._on_request)
        self._page = self._window.new_page()

    def show(self, answer: Answer) -> list[str]:
        """Show a page, let everything happen to each of its elements, and return what is not as it should be."""
        self._shown, self._seen = answer, []
        self._kept = {path: kept for path, kept in self._kept.items() if path.startswith("/static/")}
        try:
            self._page.goto(answer.path)
            self._page.evaluate(STIR)
        except Error as error:
            self._seen.append(f"it went away: {error}")
        seen = self._seen
        if seen:  # what is still about to happen there is not the next page's
            self._page.close()
            self._page = self._window.new_page()
        return seen

    def close(self) -> None:
        """Close the window."""
        self._window.close()

    def _on_console(self, said: str) -> None:
        if not said.startswith(OF_THE_BROWSER):
            self._seen.append(f"console: {said}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self._seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, route: Route) -> None:
        asked, url = route.request, urlsplit(route.request.url)
        if self._shown and asked.is_navigation_request() and asked.frame.parent_frame is None:
            answer, self._shown = self._shown, None
            headers = {"Content-Type": answer.kind, f"{POLICY}-Report-Only": answer.policy}
            return route.fulfill(headers=headers, body=answer.body)
        own = f"{url.scheme}://{url.netloc}" == HOST
        if asked.is_navigation_request() or not own:
            if not own or url.path != urlsplit(self._page.url).path:  # a script of ours may load its page anew
                self._seen.append(f"request: {asked.resource_type} {asked.url}")
            return route.fulfill(status=204)  # to which the browser leaves no page
        if url.path not in self._kept:
            self._kept[url.path] = self._fetch(url.path)
        status, kind, body = self._kept[url.path]
        if status >= 400 and asked.resource_type != "fetch":  # which only scripts do
            self._seen.append(f"request: {asked.resource_type} {asked.url}")
        return route.fulfill(status=status, content_type=kind, body=body)
