// Find one's way in a large discussion: threads one after the other, and what is new since one was here. The comments
// are the same for every reader; what is new to this one, the server says of members and the browser of visitors.
import * as arrivals from "./arrivals.js";
import * as fold from "./fold.js";
import * as kept from "./kept.js";

const VISIT = 30 * 60 * 1000; // without a page of the discussion, after which one comes back to it; as in policy/reading.py
const VISITS = 300; // discussions that a browser remembers
const way = document.querySelector(".way"), bar = document.querySelector(".bar"), words = way?.dataset;
let news = []; // ids of new comments, in the order of pages
let at = -1; // the one that the reader came to last

if (way) start(); // the last page of a discussion may have become empty

async function start() {
  fold.start(way);
  threads();
  keys();
  bar.addEventListener("click", stepped);
  arrivals.start(way, bar, add);
  document.documentElement.classList.add("scripted"); // what can be clicked shows only now that somebody listens
  const { ids, more } = await listed();
  mark(ids, more);
}

// What is new: members find it on their page, visitors ask with the moment that their browser kept.
async function listed() {
  if (document.body.matches(".member")) {
    return { ids: (document.querySelector("[data-new]:not(.way)")?.dataset.new ?? "").split(" ").filter(Boolean) };
  }
  const since = visit();
  return (since && since !== words.until && (await arrivals.ask(since))) || { ids: [] };
}

// Remember that this discussion was seen up to now, and return up to when it was seen the visit before.
function visit() {
  const visits = kept.get("visits") ?? {}, moment = Date.now();
  const [since, until, seen] = visits[words.slug] ?? [null, null, 0];
  const before = moment - seen > VISIT ? until : since;
  delete visits[words.slug];
  visits[words.slug] = [before, String(Math.max(Number(words.until), Number(until))), moment];
  for (const slug of Object.keys(visits).slice(0, -VISITS)) delete visits[slug];
  kept.put("visits", visits);
  return before;
}

function mark(ids, more) {
  news = ids.map(String);
  at = news.indexOf(location.hash.slice(3));
  news.forEach(sign);
  if (!news.length) return;
  fold.labels();
  way.querySelector(".way-new").textContent = words.count.replace("{count}", news.length + (more ? "+" : ""));
  tell();
}

function sign(id) {
  const header = document.querySelector(`#c-${id} > header`);
  if (!header || header.querySelector(".new-mark")) return;
  header.prepend(Object.assign(document.createElement("span"), { className: "new-mark", textContent: words.new }), " ");
}

// Comments that came while the page was open.
function add(ids) {
  at = news.length - 1;
  news.push(...ids);
  ids.forEach(sign);
  fold.labels();
  tell();
}

function tell() {
  const place = bar.querySelector(".news");
  bar.classList.add("on");
  place.hidden = false;
  place.querySelector(".nth").textContent =
    at < 0 ? words.newsCount.replace("{count}", news.length) : words.nth.replace("{number}", at + 1).replace("{count}", news.length);
  for (const link of place.querySelectorAll("a")) {
    const id = news[at + Number(link.dataset.step)];
    lead(link, id && (document.getElementById(`c-${id}`) ? `#c-${id}` : `/comments/${id}`));
  }
}

function lead(link, href) {
  link.classList.toggle("over", !href);
  if (href) link.setAttribute("href", href);
  else link.removeAttribute("href");
}

function stepped(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const here = link.hash && link.pathname + link.search === location.pathname + location.search;
  const target = here && document.getElementById(link.hash.slice(1));
  if (!target) return; // it is on another page, which finds out where it is by its address
  event.preventDefault();
  if (link.dataset.step) {
    at += Number(link.dataset.step);
    tell();
  }
  fold.reveal(target);
  location.replace(`#${target.id}`); // so that it is the target for the stylesheet, too
  (target.querySelector(":scope > header a, :scope > a") ?? target).focus({ preventScroll: true });
}

// Which thread stands under the eyes; its neighbours may be on another page.
function threads() {
  const place = bar.querySelector(".where");
  const numbers = [...document.querySelectorAll(".thread-number")];
  if (!place || !numbers.length) return;
  const page = (rel) => document.querySelector(`.page-link a[rel=${rel}]`)?.getAttribute("href");
  const show = () => {
    // A third down the window; further down where the page ends, since the last threads never get higher.
    const left = document.documentElement.scrollHeight - innerHeight - scrollY;
    const line = Math.max(innerHeight / 3, innerHeight - left);
    const now = Math.max(0, numbers.findLastIndex((one) => one.getBoundingClientRect().top < line));
    place.textContent = words.thread.replace("{number}", numbers[now].id.slice(2)).replace("{count}", words.threads);
    for (const link of bar.querySelectorAll("[data-thread]")) {
      const next = numbers[now + Number(link.dataset.thread)];
      const href = next ? `#${next.id}` : page(link.dataset.thread > 0 ? "next" : "prev");
      lead(link, href);
    }
  };
  let due = 0;
  addEventListener("scroll", () => (due ||= requestAnimationFrame(() => show((due = 0)))), { passive: true });
  bar.classList.add("on");
  show();
}

// Single keys, for those who switched them on: never with a modifier, never while something is typed into.
function keys() {
  const choice = way.querySelector("[data-keys]");
  choice.ariaPressed = kept.get("keys") === "on";
  choice.addEventListener("click", () => {
    choice.ariaPressed = choice.ariaPressed !== "true";
    kept.put("keys", choice.ariaPressed === "true" ? "on" : "off");
  });
  document.addEventListener("keydown", (event) => {
    if (choice.ariaPressed !== "true" || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.isComposing || event.defaultPrevented || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const step = { n: 1, p: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    bar.querySelector(`a[data-step="${step}"]`)?.click();
  });
}
