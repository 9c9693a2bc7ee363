// The queue: open a case beside the list, decide it in place, hold it while it is open. Whatever goes wrong, the link is
// followed or the form is sent as if there were no script. After each change of the case that is open the page hears of it
// ("desk:filled").
import * as keys from "./keys.js";
import { refill } from "./refill.js";

const HEADERS = { "X-Fragment": "1" };
const RENEW = 120_000; // milliseconds; a claim lasts five minutes
const desk = document.querySelector(".desk"), pane = desk.querySelector(".desk-case");
let place = 0, asked = 0, deciding = false, undo = "";

desk.addEventListener("click", clicked);
pane.addEventListener("submit", decide);
addEventListener("popstate", () => (caseIn(location.href) ? show(location.href) : close()));
addEventListener("pagehide", () => claim(true));
setInterval(() => document.hidden || claim(false), RENEW);
remember(document);
keys.start(desk, { open, undoLast, say, isDeciding: () => deciding });

function caseIn(address) {
  return new URL(address).searchParams.get("case");
}

function clicked(event) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const back = event.target.closest("[data-close]");
  const link = event.target.closest(".case-row > a, [data-open-case]");
  if (!back && !link) return;
  event.preventDefault();
  if (link) return open(link);
  history.pushState(null, "", back.href);
  close();
}

function open(link, options = { jump: true }) {
  if (!desk.classList.contains("has-case")) place = scrollY;
  history.pushState(null, "", link.href);
  return show(link.href, options);
}

async function show(address, { jump = false } = {}) {
  const mine = ++asked;
  try {
    const answer = await fetch(address, { headers: HEADERS });
    if (!answer.ok || answer.redirected) throw new Error();
    const html = await answer.text();
    if (mine !== asked) return; // another one was asked for meanwhile
    fill(html, caseIn(address));
  } catch {
    return location.assign(address);
  }
  if (jump) focusCase();
}

// Our own server made this HTML.
function fill(html, id) {
  pane.innerHTML = html;
  remember(pane);
  mark(id);
  desk.dispatchEvent(new Event("desk:filled"));
}

// The last decision can be taken back by a key when what was said of it has gone from the page.
function remember(where) {
  const form = where.querySelector(".said form");
  if (form) undo = form.getAttribute("action");
}

function undoLast() {
  const token = document.querySelector("[name=csrf_token]");
  if (!undo || !token) return false;
  const form = Object.assign(document.createElement("form"), { method: "post", action: undo, hidden: true });
  form.append(token.cloneNode());
  document.body.append(form);
  form.submit();
  return true;
}

// For the ear: a region that was there before is read out, one that comes with its words often is not.
function say(words) {
  desk.querySelector(".told").textContent = words;
}

function mark(id) {
  desk.classList.toggle("has-case", Boolean(id));
  desk.querySelector(".case-row > a[aria-current]")?.removeAttribute("aria-current");
  row(id)?.querySelector("a").setAttribute("aria-current", "true");
}

function row(id) {
  return id ? desk.querySelector(`.case-row[data-case="${CSS.escape(id)}"]`) : null;
}

function close() {
  const current = desk.querySelector(".case-row > a[aria-current]");
  claim(true);
  desk.classList.remove("has-case");
  scrollTo(0, place);
  current?.focus({ preventScroll: true });
}

function focusCase() {
  const heading = pane.querySelector("h2");
  heading?.focus({ preventScroll: true });
  if (!desk.querySelector(".tabs").offsetParent) scrollTo(0, 0); // the list gave way to the case
}

// The row goes, the next one is open and in focus, the list stays where it is.
async function decide(event) {
  const form = event.target;
  if (!form.matches(".decide")) return;
  event.preventDefault();
  if (deciding) return;
  deciding = true;
  try {
    await send(form, event.submitter);
  } finally {
    deciding = false;
  }
}

async function send(form, button) {
  const decided = row(pane.querySelector("[data-case]")?.dataset.case);
  const following = decided?.nextElementSibling ?? decided?.previousElementSibling;
  form.elements.next.value = following?.dataset.case ?? "";
  const body = new FormData(form, button);
  let answer, html;
  try {
    answer = await fetch(form.action, { method: "POST", headers: HEADERS, body });
    html = await answer.text();
    if (answer.redirected || (!answer.ok && ![409, 422].includes(answer.status))) throw new Error();
  } catch {
    return sendPlainly(form, button);
  }
  if (!answer.ok) {
    fill(html, decided?.dataset.case);
    return focusProblem();
  }
  decided?.remove();
  count(decided);
  asked += 1;
  refill(desk);
  const id = following?.dataset.case ?? "";
  fill(html, id);
  if (!id) desk.classList.remove("has-case");
  const link = following?.querySelector("a");
  history.replaceState(null, "", link?.href ?? desk.querySelector(".tabs a[aria-current]").href);
  say(pane.querySelector(".said p")?.textContent ?? "");
  if (link?.offsetParent) link.focus();
  else if (id) focusCase();
  else showEnd();
}

function focusProblem() {
  const problem = pane.querySelector(".problem, .said") ?? pane.querySelector("h2");
  problem.tabIndex = -1;
  problem.focus();
}

// On a phone the list is back: what was said of the last case stands above it.
function showEnd() {
  const said = pane.querySelector(".said-here");
  if (said) desk.querySelector(".tabs").after(said);
  const none = desk.querySelector(".none");
  none.hidden = desk.querySelector(".case-row") !== null;
  if (none.hidden) return;
  desk.querySelector(".cases")?.remove();
  desk.querySelector("#several")?.remove();
}

function count(decided) {
  const number = desk.querySelector(".tabs a[aria-current] span");
  if (decided && number && /^\d+$/.test(number.textContent)) number.textContent = Math.max(0, number.textContent - 1);
}

function sendPlainly(form, button) {
  if (button) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
  form.submit();
}

function claim(release) {
  const open = desk.classList.contains("has-case") && pane.querySelector("[data-claim]");
  const token = open && pane.querySelector("[name=csrf_token]")?.value;
  if (!token) return;
  const body = new URLSearchParams({ csrf_token: token, ...(release && { release: "1" }) });
  if (release) navigator.sendBeacon(open.dataset.claim, body);
  else fetch(open.dataset.claim, { method: "POST", body }).catch(() => {});
}
