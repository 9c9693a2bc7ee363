// What scripts add to every page. Each works without them: they save a reload, or keep what was typed. A page that has
// scripts of its own names them in its head.
import * as drafts from "./drafts.js";
import * as inPlace from "./in-place.js";
import * as saved from "./saved.js";
import * as share from "./share.js";

drafts.start();
inPlace.start();
saved.start();
share.start();
reachByKeys();

// Wide code and tables scroll inside themselves; people without a mouse must be able to get into them.
function reachByKeys() {
  for (const wide of document.querySelectorAll("pre, .prose table")) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  }
}
