// Open a comment's menu and its reply box below it, and show previews, without leaving the page.
// Whatever goes wrong, the link is followed or the form is sent as if there were no script.
import { isKept, restore } from "./drafts.js";

const HEADERS = { "X-Fragment": "1" };
let count = 0;

export function start() {
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) close(event.target.closest(".in-place"));
  });
  document.addEventListener("submit", preview);
}

function clicked(event) {
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  const cancel = event.target.closest(".in-place [data-cancel]");
  if (cancel && plain) {
    event.preventDefault();
    return close(cancel.closest(".in-place"));
  }
  const link = event.target.closest(".comment > .acts a");
  if (!link || !plain || !/\/comments\/\d+\/(more|reply)$/.test(link.pathname)) return;
  event.preventDefault();
  const row = link.closest(".comment");
  const open = row.querySelector(".in-place");
  const same = open?.link === link;
  if (close(open) && !same) show(link, row);
}

async function show(link, row) {
  const html = await ask(link.href);
  if (html === null) return location.assign(link.href);
  const place = document.createElement("div");
  place.className = "in-place";
  place.link = link;
  fill(place, html);
  row.append(place);
  link.setAttribute("aria-expanded", "true");
  focusIn(place);
}

// Tell whether nothing is open any more. What is typed stays in this browser as a draft and is there again when the box
// is opened again; where the browser keeps none, the writer is asked.
function close(place) {
  if (!place) return true;
  const form = place.querySelector("form[data-draft]");
  if (form && !isKept(form) && !confirm(form.querySelector("[data-cancel]")?.dataset.cancel)) return false;
  place.link.removeAttribute("aria-expanded");
  place.link.focus();
  place.remove();
  return true;
}

async function preview(event) {
  const form = event.target;
  if (event.submitter?.name !== "preview" || !/\/(reply|comments)$/.test(form.getAttribute("action") ?? "")) return;
  event.preventDefault();
  const html = await ask(form.action, { method: "POST", body: new FormData(form, event.submitter) });
  if (html === null) return sendPlainly(form);
  const place = document.createElement("div");
  fill(place, html);
  const shown = place.querySelector(".preview, .problem") ?? place.querySelector(".write");
  form.replaceWith(...place.childNodes);
  shown.tabIndex = -1;
  shown.focus();
}

function sendPlainly(form) {
  const choice = Object.assign(document.createElement("input"), { type: "hidden", name: "preview", value: "1" });
  form.append(choice);
  form.submit();
}

// The text of a fragment, or null where the answer is another page or none.
async function ask(url, options = {}) {
  try {
    const answer = await fetch(url, { headers: HEADERS, ...options });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}

// Our own server made this HTML. An id may stand on a page once, and the page may have such a form already.
function fill(place, html) {
  place.innerHTML = html;
  count += 1;
  for (const one of place.querySelectorAll("[id]")) one.id += `-${count}`;
  for (const one of place.querySelectorAll("[for]")) one.htmlFor += `-${count}`;
  for (const one of place.querySelectorAll("[aria-describedby]")) {
    one.setAttribute("aria-describedby", `${one.getAttribute("aria-describedby")}-${count}`);
  }
  place.querySelectorAll("form[data-draft]").forEach(restore);
}

function focusIn(place) {
  const first = place.querySelector("textarea") ?? place.querySelector("a, button, .shut");
  if (first.matches(".shut")) first.tabIndex = -1;
  first.focus();
}
