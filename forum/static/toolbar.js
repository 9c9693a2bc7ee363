// Buttons and keys above the box of an article. Each only edits the Markdown in the box, so that undo takes it back.
const KEYS = { b: "bold", k: "link", H: "heading", Digit8: "list", Digit9: "quote", F: "footnote" };
const PICTURE = "input[type=file][name=picture]"; // the field of the room that keeps pictures

export function start(form) {
  const bar = form.querySelector("[data-toolbar]");
  const box = bar && form.elements[bar.dataset.toolbar];
  if (!box) return;
  const words = bar.dataset;
  const acts = {
    bold: () => wrap(box, "**", words.words),
    link: () => link(box, words.words),
    heading: () => prefix(box, "## "),
    list: () => prefix(box, "- "),
    quote: () => prefix(box, "> "),
    footnote: () => footnote(box),
    picture: () => openPicture(form),
  };
  bar.hidden = false;
  bar.addEventListener("click", (event) => acts[event.target.closest("button")?.value]?.());
  bar.addEventListener("keydown", (event) => rove(bar, event));
  [...bar.children].forEach((button, place) => (button.tabIndex = place ? -1 : 0));
  box.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const act = event.shiftKey ? KEYS[event.key.toUpperCase()] ?? KEYS[event.code] : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    acts[act]();
  });
}

// One stop for the Tab key; the arrows go from button to button, as in every toolbar.
function rove(bar, event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const shown = [...bar.children];
  const next = shown[(shown.indexOf(document.activeElement) + step + shown.length) % shown.length];
  shown.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
  next.focus();
  event.preventDefault();
}

function put(box, from, to, text, start, end = start) {
  box.focus();
  box.setSelectionRange(from, to);
  // Old, but the only way that the browser's own undo knows of.
  if (!document.execCommand("insertText", false, text)) {
    box.setRangeText(text, from, to, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  box.setSelectionRange(start, end);
}

function chosen(box) {
  const { selectionStart: from, selectionEnd: to, value } = box;
  return { from, to, text: value.slice(from, to) };
}

function wrap(box, mark, example) {
  const { from, to, text } = chosen(box);
  const size = mark.length;
  if (box.value.slice(from - size, from) === mark && box.value.slice(to, to + size) === mark) {
    return put(box, from - size, to + size, text, from - size, to - size);
  }
  const words = text || example;
  put(box, from, to, mark + words + mark, from + size, from + size + words.length);
}

function link(box, example) {
  const { from, to, text } = chosen(box);
  if (/^https?:\/\/\S+$/.test(text)) return put(box, from, to, `[${example}](${text})`, from + 1, from + 1 + example.length);
  const words = text || example;
  const address = from + words.length + 3;
  put(box, from, to, `[${words}](https://)`, address, address + 8);
}

function prefix(box, mark) {
  const { from, to } = chosen(box);
  const start = box.value.lastIndexOf("\n", from - 1) + 1;
  const after = box.value.indexOf("\n", Math.max(from, to - 1));
  const end = after < 0 ? box.value.length : after;
  const lines = box.value.slice(start, end).split("\n");
  const all = lines.every((line) => line.startsWith(mark));
  const made = lines.map((line) => (all ? line.slice(mark.length) : line.startsWith(mark) ? line : mark + line)).join("\n");
  put(box, start, end, made, lines.length > 1 ? start : start + made.length, start + made.length);
}

function footnote(box) {
  const numbers = [...box.value.matchAll(/\[\^(\d+)\]/g)].map((found) => Number(found[1]));
  const mark = `[^${Math.max(0, ...numbers) + 1}]`;
  const { to } = chosen(box);
  put(box, to, to, mark, to + mark.length);
  const end = box.value.length;
  const note = `${box.value.endsWith("\n\n") ? "" : box.value.endsWith("\n") ? "\n" : "\n\n"}${mark}: `;
  put(box, end, end, note, end + note.length);
}

function openPicture(form) {
  const field = form.querySelector(PICTURE);
  for (let around = field.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  field.focus();
  field.scrollIntoView({ block: "nearest" });
}
