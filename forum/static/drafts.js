// Keep what is typed into a form with data-draft in this browser until it has been posted.
const PREFIX = "draft ";
const SENT = "draft sent";
const DAYS = 30;
const REFUSED = ".problem, .wrong, .error-page, .preview";

export function start() {
  forgetOld();
  addEventListener("pageshow", settle);
  document.addEventListener("input", (event) => save(event.target.closest?.("form[data-draft]")));
  document.addEventListener("submit", (event) => sending(event.target, event.submitter));
  document.querySelectorAll("form[data-draft]").forEach(restore);
}

// Fill the empty boxes of a form with what was typed there before.
export function restore(form) {
  const kept = read(form.dataset.draft);
  for (const box of boxes(form)) {
    if (box.value || !kept?.fields[box.name]) continue;
    box.value = kept.fields[box.name];
    note(form);
  }
}

// Tell whether leaving a form loses nothing: its boxes are empty, or hold what is kept.
export function isKept(form) {
  const kept = read(form.dataset.draft)?.fields ?? {};
  return boxes(form).every((box) => !box.value.trim() || box.value === kept[box.name]);
}

// What stands in the database under what is typed: the mark of an article, else the text itself.
export function over(form) {
  return form.elements.seen?.value ?? form.elements.body?.defaultValue;
}

function save(form) {
  if (!form) return;
  const fields = Object.fromEntries(boxes(form).map((box) => [box.name, box.value]).filter(([, text]) => text.trim()));
  const any = Object.keys(fields).length > 0;
  if (any) write(localStorage, PREFIX + form.dataset.draft, JSON.stringify({ at: Date.now(), fields, over: over(form) }));
  else drop(form.dataset.draft);
  note(form, any);
}

function sending(form, button) {
  if (form.getAttribute("action")?.endsWith("/sign-out")) return dropAll(); // the next person here sees none of it
  if (!form.dataset.draft || ["preview", "put", "sign_in"].includes(button?.name)) return;
  if (!isKept(form)) return; // another window's is
  write(sessionStorage, SENT, JSON.stringify({ key: form.dataset.draft, page: location.href.split("#")[0] }));
}

// The page after a POST tells how it went: it came from the form's page and shows no refusal, so the text has arrived.
function settle() {
  const sent = JSON.parse(attempt(() => sessionStorage.getItem(SENT)) || "null");
  attempt(() => sessionStorage.removeItem(SENT));
  const [arrival] = performance.getEntriesByType("navigation");
  if (!sent || arrival?.type === "back_forward" || document.referrer !== sent.page) return;
  if (document.querySelector(REFUSED) || location.pathname === "/sign-in") return;
  drop(sent.key);
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (form.dataset.draft !== sent.key) continue;
    for (const box of boxes(form)) box.value = box.defaultValue;
    note(form, false);
  }
}

function boxes(form) {
  return [...form.querySelectorAll("textarea[name], input[type=text][name]")];
}

function note(form, shown = true) {
  const line = form.querySelector(".draft-note");
  if (line) line.hidden = !shown;
}

function read(key) {
  return JSON.parse(attempt(() => localStorage.getItem(PREFIX + key)) || "null");
}

function write(store, key, value) {
  attempt(() => store.setItem(key, value));
}

function drop(key) {
  attempt(() => localStorage.removeItem(PREFIX + key));
}

function dropAll() {
  keys().forEach(drop);
}

function forgetOld() {
  keys().filter((key) => read(key).at < Date.now() - DAYS * 86400e3).forEach(drop);
}

function keys() {
  const all = attempt(() => Object.keys(localStorage)) ?? [];
  return all.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
}

// Storage may be switched off or full; then there are no drafts, and nothing else changes.
function attempt(use) {
  try {
    return use();
  } catch {
    return null;
  }
}
