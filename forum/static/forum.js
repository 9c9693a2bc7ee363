// What scripts add. Every page works without them: they save a reload, or keep what was typed.
import * as drafts from "./drafts.js";
import * as inPlace from "./in-place.js";
import * as saved from "./saved.js";
import * as share from "./share.js";

drafts.start();
inPlace.start();
saved.start();
share.start();
reachByKeys();

// What has scripts of its own, which other pages do not load.
if (document.querySelector("[data-pictures]")) import("./pictures.js").then((pictures) => pictures.start());
if (document.querySelector("#progress[data-again]")) import("./progress.js").then((progress) => progress.start());
if (document.querySelector(".desk")) import("./desk.js").then((desk) => desk.start());
if (document.querySelector(".waiting[data-parent]")) import("./waiting.js").then((waiting) => waiting.start());
if (document.querySelector(".between[data-closing]")) import("./between.js").then((between) => between.start());
if (document.querySelector(".reach")) import("./reach.js").then((reach) => reach.start());
if (document.querySelector(".way")) import("./way.js").then((way) => way.start());

// Wide code and tables scroll inside themselves; whoever has no mouse must be able to get into them.
function reachByKeys() {
  for (const wide of document.querySelectorAll("pre, .prose table")) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  }
}
