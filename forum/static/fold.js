// Fold what stands below a comment, or a side remark with its own text. What is folded is still found by the browser's
// search and by links, which open it. The rows themselves stay in the order in which they are read.
import * as kept from "./kept.js";

const HIDDEN = "onbeforematch" in document.body ? "until-found" : "";
const NAMES = 4; // of those who wrote what is folded
let words;

export function start(way) {
  words = way.dataset;
  document.querySelectorAll(".fold").forEach(label);
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".fold");
    if (button) toggle(button.closest(".comment"));
  });
  document.addEventListener("beforematch", (event) => reveal(event.target));
  addEventListener("hashchange", () => reveal(document.getElementById(location.hash.slice(1))));
  const choice = way.querySelector("[data-fold-sides]");
  const any = Boolean(document.querySelector(".comment.off"));
  choice.hidden = !any;
  choice.addEventListener("click", () => choose(choice, choice.ariaPressed !== "true"));
  if (any && kept.get("sides") === "folded") choose(choice, true);
  delete document.documentElement.dataset.sides;
  const target = document.getElementById(location.hash.slice(1));
  if (target && reveal(target)) target.scrollIntoView();
}

// Rows that came while the page was open.
export function label(button) {
  const row = button.closest(".comment");
  button.hidden = !row.matches(".off") && !below(row).length;
  button.ariaLabel = words.folds.replace("{name}", name(row));
}

export function reveal(target) {
  const row = target?.closest(".comment, .closed-row");
  let opened = false;
  for (let at = row; at; at = document.getElementById(`c-${at.dataset.about ?? at.dataset.parent}`)) {
    if (at.dataset.folded === "all" || (at !== row && at.dataset.folded)) opened = open(at) ?? true;
  }
  return opened;
}

function choose(choice, folded) {
  choice.ariaPressed = String(folded);
  kept.put("sides", folded ? "folded" : "shown");
  for (const row of document.querySelectorAll(".comment.off")) folded ? fold(row, true) : open(row);
}

function toggle(row) {
  if (row.dataset.folded) open(row);
  else fold(row, false);
}

function fold(row, whole) {
  const rows = below(row), comments = rows.filter((one) => one.matches(".comment"));
  const button = row.querySelector(":scope > .acts > .fold");
  if (!button) return;
  rows.forEach((one) => one.setAttribute("hidden", HIDDEN));
  row.dataset.folded = whole ? "all" : "replies";
  if (whole) row.querySelector(":scope > .body")?.setAttribute("hidden", HIDDEN);
  button.ariaExpanded = "false";
  button.removeAttribute("aria-label");
  button.textContent = said(comments, whole);
}

function said(comments, whole) {
  if (!comments.length) return words.side;
  const all = [...new Set(comments.map(name))];
  const names = all.slice(0, NAMES).join(", ") + (all.length > NAMES ? ", …" : "");
  return words[whole ? "sides" : "show"].replace("{count}", comments.length).replace("{names}", names);
}

function open(row) {
  const button = row.querySelector(":scope > .acts > .fold");
  if (!row.dataset.folded || !button) return;
  delete row.dataset.folded;
  row.querySelector(":scope > .body")?.removeAttribute("hidden");
  button.ariaExpanded = "true";
  button.textContent = words.fold;
  label(button);
  // What was folded inside stays folded.
  const rows = below(row);
  rows.forEach((one) => one.removeAttribute("hidden"));
  rows.filter((one) => one.dataset.folded).flatMap(below).forEach((one) => one.setAttribute("hidden", HIDDEN));
}

// What stands below a comment: its replies and theirs, and the words that close an exchange among them. What stands
// behind the last of them goes with it only where it is about one of them.
function below(row) {
  const ids = new Set([row.id.slice(2)]), found = [];
  let others = [];
  for (let at = row.nextElementSibling; at; at = at.nextElementSibling) {
    if (!at.matches(".comment")) {
      others.push(at);
    } else if (ids.has(at.dataset.parent)) {
      found.push(...others.filter((one) => isBelow(one, ids, row)), at);
      ids.add(at.id.slice(2));
      others = [];
    } else break;
  }
  return found.concat(others.filter((one) => isBelow(one, ids, row)));
}

function isBelow(one, ids, row) {
  const about = one.dataset.about ?? one.dataset.parent;
  return about !== row.id.slice(2) && ids.has(about);
}

function name(row) {
  return row.querySelector("header .who")?.textContent ?? words.gone;
}
