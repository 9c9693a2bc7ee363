// The queue: open a case beside the list, decide it in place, hold it while it is open. Whatever goes wrong, the link is
// followed or the form is sent as if there were no script.
const HEADERS = { "X-Fragment": "1" };
const RENEW = 120_000; // milliseconds; a claim lasts five minutes
let desk, pane, place = 0;

export function start() {
  desk = document.querySelector(".desk");
  pane = desk?.querySelector(".desk-case");
  if (!pane) return;
  desk.addEventListener("click", clicked);
  pane.addEventListener("submit", decide);
  addEventListener("popstate", () => (caseIn(location.href) ? show(location.href) : close()));
  addEventListener("pagehide", () => claim(true));
  setInterval(() => document.hidden || claim(false), RENEW);
}

function caseIn(address) {
  return new URL(address).searchParams.get("case");
}

function clicked(event) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const back = event.target.closest("[data-close]");
  const link = event.target.closest(".case-row > a");
  if (!back && !link) return;
  event.preventDefault();
  if (link && !desk.classList.contains("has-case")) place = scrollY;
  history.pushState(null, "", (back ?? link).href);
  if (back) close();
  else show(link.href, { jump: true });
}

async function show(address, { jump = false } = {}) {
  try {
    const answer = await fetch(address, { headers: HEADERS });
    if (!answer.ok || answer.redirected) throw new Error();
    fill(await answer.text(), caseIn(address));
  } catch {
    return location.assign(address);
  }
  if (jump) focusCase();
}

// Our own server made this HTML.
function fill(html, id) {
  pane.innerHTML = html;
  mark(id);
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
  if (getComputedStyle(desk.querySelector(".desk-list")).display === "none") scrollTo(0, 0);
}

// The row goes, the next one is open and in focus, the list stays where it is.
async function decide(event) {
  const form = event.target;
  if (!form.matches(".decide")) return;
  event.preventDefault();
  const decided = row(pane.querySelector("[data-case]")?.dataset.case);
  const following = decided?.nextElementSibling ?? decided?.previousElementSibling;
  form.elements.next.value = following?.dataset.case ?? "";
  const body = new FormData(form, event.submitter);
  let answer, html;
  try {
    answer = await fetch(form.action, { method: "POST", headers: HEADERS, body });
    html = await answer.text();
    if (answer.redirected || (!answer.ok && ![409, 422].includes(answer.status))) throw new Error();
  } catch {
    return sendPlainly(form, event.submitter);
  }
  if (!answer.ok) {
    fill(html, decided?.dataset.case);
    return focusProblem();
  }
  decided?.remove();
  count(decided);
  const id = following?.dataset.case ?? "";
  fill(html, id);
  if (!id) desk.classList.remove("has-case");
  const link = following?.querySelector("a");
  history.replaceState(null, "", link?.href ?? desk.querySelector(".tabs a[aria-current]").href);
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
  if (!none.hidden) desk.querySelector(".cases")?.remove();
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
