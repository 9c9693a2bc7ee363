// Single keys at the desk, for those who switched them on: never with a modifier, never while something is typed into.
// Only a case that is open is decided: on another row the key opens it first.
const ACTS = {
  a: '[name=decision]:is([value="keep"], [value="approve"])',
  s: '[name=decision][value="spam"]',
  e: "a[data-key=e]",
  c: "a[data-key=c]",
};
let desk, pane, tools, words;

export function start(where, given) {
  desk = where;
  tools = given;
  if (!("keys" in desk.dataset)) return;
  pane = desk.querySelector(".desk-case");
  words = desk.querySelector("#keys").dataset;
  document.addEventListener("keydown", pressed);
  desk.querySelector("[data-show-keys]").hidden = false;
  desk.querySelector("[data-show-keys]").addEventListener("click", () => desk.querySelector("#keys").showModal());
  desk.querySelector("#rules")?.addEventListener("click", (event) => choose(event.target.closest("button")?.value));
  desk.addEventListener("desk:filled", hint);
  hint();
}

const DO = {
  j: () => move(1),
  k: () => move(-1),
  o: () => openRow(target()),
  r: remove,
  x: tick,
  u: () => tools.undoLast() || tools.say(words.nothingToUndo),
  "/": search,
  "?": () => desk.querySelector("#keys").showModal(),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  const key = event.key;
  if (event.shiftKey && !"/?".includes(key)) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const dialog = document.querySelector("dialog[open]");
  if (dialog) return inDialog(event, dialog);
  const act = DO[key] ?? (ACTS[key] && (() => press(key)));
  if (!act || (event.repeat && !"jk".includes(key))) return;
  event.preventDefault();
  if (tools.isDeciding()) return;
  act();
}

function inDialog(event, dialog) {
  if (dialog.id !== "rules" || !/^[1-9]$/.test(event.key) || event.repeat) return;
  event.preventDefault();
  if (dialog.querySelector(`button[value="${event.key}"]`)) choose(event.key);
}

function links() {
  return [...desk.querySelectorAll(".case-row > a")];
}

// The row that a key is about: the one in focus, else the one that is open.
function target() {
  const focused = document.activeElement.closest(".case-row")?.querySelector("a");
  return focused ?? desk.querySelector(".case-row > a[aria-current]");
}

function move(step) {
  const all = links(), at = all.indexOf(target());
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
  if (!next) return;
  if (next.offsetParent) next.focus();
  else openRow(next); // a narrow window shows the list or the case
}

async function openRow(link) {
  const wanted = link ?? links()[0];
  if (!wanted) return;
  const beside = Boolean(wanted.offsetParent);
  if (beside) wanted.focus();
  await tools.open(wanted, { jump: !beside });
}

// Tell whether the case that a key is about is the one that is shown; else open it.
function isOpen() {
  const link = target();
  const shown = pane.querySelector(".case.here");
  if (shown && (!link || link.matches("[aria-current]"))) return true;
  openRow(link).then(() => tools.say(words.openedFirst));
  return false;
}

function press(key) {
  if (!isOpen()) return;
  const found = pane.querySelector(`.case.here ${ACTS[key]}`);
  if (!found) return tools.say(words.notHere);
  if (found.href) location.assign(found.href);
  else found.form.requestSubmit(found);
}

function remove() {
  if (!isOpen()) return;
  const button = removal();
  if (!button) return tools.say(words.notHere);
  const rules = desk.querySelector("#rules");
  if (!rules) return button.form.requestSubmit(button);
  rules.showModal();
  rules.querySelector("button").focus();
}

function removal() {
  return pane.querySelector('.case.here [name=decision][value="hide"]');
}

function choose(rule) {
  if (!rule) return;
  desk.querySelector("#rules").close();
  const button = removal();
  if (!button || tools.isDeciding()) return;
  button.form.elements.reason.value = rule;
  button.form.requestSubmit(button);
}

function tick() {
  const box = target()?.closest(".case-row").querySelector("input[type=checkbox]");
  if (!box) return tools.say(words.notHere);
  box.click();
  tools.say(box.checked ? words.selected : words.unselected);
}

function search() {
  const field = desk.querySelector("#q");
  field.closest("details").open = true;
  field.focus();
  field.select();
}

// The keys stand on the buttons of the open case.
function hint() {
  const shown = { ...ACTS, r: '[name=decision][value="hide"]' };
  for (const [key, selector] of Object.entries(shown)) {
    const button = pane.querySelector(`.case.here ${selector}`);
    if (!button || button.hasAttribute("aria-keyshortcuts")) continue;
    button.setAttribute("aria-keyshortcuts", key);
    const sign = Object.assign(document.createElement("kbd"), { textContent: key });
    sign.setAttribute("aria-hidden", "true");
    button.append(" ", sign);
  }
}
