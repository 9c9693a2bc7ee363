// What scripts add. Every page works without them: they save a reload, or keep what was typed.
import * as drafts from "./drafts.js";
import * as desk from "./desk.js";
import * as inPlace from "./in-place.js";
import * as pictures from "./pictures.js";
import * as saved from "./saved.js";
import * as share from "./share.js";

drafts.start();
desk.start();
inPlace.start();
pictures.start();
saved.start();
share.start();
moveWaiting();
tellTwo();
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

// Two people who answer each other no more read so where the closing words stand, and in place of "Reply" below what the
// other wrote, and below what oneself added to that. The thread itself is the same for every reader, so the server puts it at the end of the page.
function tellTwo() {
  for (const told of document.querySelectorAll(".between[data-closing]")) {
    document.getElementById(told.dataset.closing)?.after(told);
    if (!told.dataset.instead) continue;
    for (const link of document.querySelectorAll('.comment > .acts > a[href$="/reply"]')) {
      let answered = link.closest(".comment");
      while (answered && writer(answered) === told.dataset.own) answered = document.getElementById(`c-${answered.dataset.parent}`);
      if (!answered || writer(answered) !== told.dataset.with) continue;
      link.replaceWith(Object.assign(document.createElement("span"), { className: "instead", textContent: told.dataset.instead }));
    }
  }
}

function writer(row) {
  return row.querySelector("header a.who")?.textContent;
}

// Wide code and tables scroll inside themselves; whoever has no mouse must be able to get into them.
function reachByKeys() {
  for (const wide of document.querySelectorAll("pre, .prose table")) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  }
}
