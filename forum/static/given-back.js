// Offer what this browser kept of a form whose boxes are filled: it was typed and not saved. Empty ones are drafts.js' own.
import { over } from "./drafts.js";
import { get } from "./kept.js";

addEventListener("pageshow", () => document.querySelectorAll("form[data-draft] [data-given-back]").forEach(offer)); // after drafts.js

function offer(line) {
  const form = line.closest("form");
  const kept = get(`draft ${form.dataset.draft}`);
  const other = Object.entries(kept?.fields ?? {}).filter(([name, text]) => text !== (form.elements[name]?.value ?? text));
  if (!other.length) return;
  line.hidden = false;
  line.querySelector("[data-since]").hidden = kept.over === over(form);
  const language = document.documentElement.lang.replace(/^en$/, "en-GB"); // day, month, year, as pages write it
  line.querySelector("time").textContent = new Date(kept.at).toLocaleString(language, { dateStyle: "long", timeStyle: "short" });
  line.querySelector("button").addEventListener("click", () => {
    for (const [name, text] of other) form.elements[name].value = text;
    line.hidden = true;
    form.elements.body.dispatchEvent(new Event("input", { bubbles: true })); // a copy is kept of it
    form.elements.body.focus();
  });
}
