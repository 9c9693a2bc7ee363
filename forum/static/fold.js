// Fold what stands below a comment, or a side remark with its own text. What is folded is still found by the browser's
// search and by links, which open it. The rows themselves stay in the order in which they are read.
import * as kept from "./kept.js";

const HIDDEN = "onbeforematch" in document.body ? "until-found" : "";
const NAMES = 4; // of those who wrote what is folded
let words;

export function start(way) {
  words = way.dataset;
  labels();
  document.addEventListener("click", (event) => {
    const row = event.target.closest(".fold")?.closest(".comment");
    if (row) set(row, !row.dataset.folded && "replies");
  });
  document.addEventListener("beforematch", (event) => reveal(event.target));
  addEventListener("hashchange", () => reveal(document.getElementById(location.hash.slice(1))));
  const choice = way.querySelector("[data-fold-sides]");
  const any = document.querySelector(".comment.off");
  choice.hidden = !any;
  choice.addEventListener("click", () => choose(choice, choice.ariaPressed !== "true"));
  if (any && kept.get("sides") === "folded") choose(choice, true);
  delete document.documentElement.dataset.sides;
  const target = document.getElementById(location.hash.slice(1));
  if (target && reveal(target)) target.scrollIntoView();
}

// Again where rows came, or got the word "new".
export function labels() {
  for (const button of document.querySelectorAll(".fold")) label(button, button.closest(".comment"));
}

function label(button, row, rows = below(row)) {
  if (row.dataset.folded) return tell(button, row, rows);
  button.hidden = !row.matches(".off") && !rows.length;
  button.textContent = words.fold;
  const when = row.querySelector("header .when").textContent.trim(); // the same name is there more than once
  button.ariaLabel = words.folds.replace("{name}", `${name(row)}, ${when}`);
}

export function reveal(target) {
  const row = target?.closest(".comment, .closed-row");
  let opened = false;
  for (let at = row; at; at = document.getElementById(`c-${at.dataset.about ?? at.dataset.parent}`)) {
    if (at.dataset.folded === "all" || (at !== row && at.dataset.folded)) opened = !set(at);
  }
  return opened;
}

function choose(choice, folded) {
  choice.ariaPressed = folded;
  kept.put("sides", folded ? "folded" : "shown");
  for (const row of document.querySelectorAll(".comment.off")) set(row, folded && "all");
}

// Fold "all" with its own text, "replies", or nothing.
function set(row, how) {
  const button = row.querySelector(":scope > .acts > .fold"), rows = below(row);
  const hide = (one, hidden) => (hidden ? one?.setAttribute("hidden", HIDDEN) : one?.removeAttribute("hidden"));
  if (!button || !(how || row.dataset.folded)) return;
  if (how) row.dataset.folded = how;
  else delete row.dataset.folded;
  hide(row.querySelector(":scope > .body"), how === "all");
  rows.forEach((one) => hide(one, how));
  // What was folded inside stays folded.
  if (!how) rows.filter((one) => one.dataset.folded).flatMap(below).forEach((one) => hide(one, true));
  button.ariaExpanded = !how;
  label(button, row, rows);
}

function tell(button, row, rows) {
  const comments = rows.filter((one) => one.matches(".comment")), whole = row.dataset.folded === "all";
  const all = [...new Set(comments.map(name))], count = comments.length;
  const names = all.slice(0, NAMES).join(", ") + (all.length > NAMES ? ", …" : "");
  const said = count ? words[whole ? "sides" : "show"].replace("{count}", count).replace("{names}", names) : words.side;
  const news = (whole ? [row, ...comments] : comments).filter((one) => one.querySelector(".new-mark")).length;
  button.ariaLabel = null;
  button.textContent = said + (news ? ` ·\u00a0${words.newsCount.replace("{count}", news)}` : "");
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
