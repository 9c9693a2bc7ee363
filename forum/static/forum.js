// What scripts add. Every page works without them: they save a reload, or keep what was typed.
import * as drafts from "./drafts.js";
import * as inPlace from "./in-place.js";
import * as share from "./share.js";

drafts.start();
inPlace.start();
share.start();
moveWaiting();
reachByKeys();

// A writer's waiting comment belongs below what it answers. The thread itself is the same for every reader, so the
// server puts it at the end of the page.
function moveWaiting() {
  for (const waiting of document.querySelectorAll(".waiting[data-parent]")) {
    const parent = document.getElementById(`c-${waiting.dataset.parent}`);
    if (!parent) continue;
    waiting.dataset.level = parent.dataset.level;
    if ("deep" in parent.dataset) waiting.dataset.deep = "";
    waiting.classList.toggle("through", parent.classList.contains("has-replies"));
    parent.after(waiting);
  }
}

// Wide code and tables scroll inside themselves; whoever has no mouse must be able to get into them.
function reachByKeys() {
  for (const wide of document.querySelectorAll("pre, .prose table")) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  }
}
