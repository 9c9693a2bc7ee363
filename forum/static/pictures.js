// Pictures of an article, in place: drop or paste one into the text or choose it, say what it shows, and its line stands at
// the cursor. Without this the same fields are sent with the form, and the line stands at the end of the text.
export function start(form) {
  const part = form.querySelector("[data-pictures]"), box = form.elements.body;
  if (!part) return;
  const file = part.querySelector("input[type=file]");
  box.addEventListener("dragover", (event) => hasFile(event.dataTransfer) && event.preventDefault());
  box.addEventListener("drop", (event) => take(event, event.dataTransfer));
  box.addEventListener("paste", (event) => take(event, event.clipboardData));
  let waiting = []; // pictures that were dropped with the one that is asked about
  file.addEventListener("change", () => {
    waiting = [];
    if (file.files.length) ask();
  });
  part.querySelector("button[value=picture]").addEventListener("click", (event) => {
    if (!window.fetch) return;
    event.preventDefault();
    send(event.target);
  });

  function take(event, data) {
    if (!hasFile(data) || data.types.includes("text/plain")) return; // a spreadsheet brings a picture beside its words
    event.preventDefault();
    waiting = [...data.files].filter((one) => one.type.startsWith("image/"));
    next();
  }

  function next() {
    const kept = new DataTransfer();
    kept.items.add(waiting.shift());
    file.files = kept.files;
    ask();
  }

  // What it shows is asked before it is sent, so that no picture stays without words by accident.
  function ask() {
    part.open = true;
    const words = box.form.elements.picture_alt;
    words.scrollIntoView({ block: "center" });
    words.focus({ preventScroll: true });
  }

  async function send(button) {
    const said = part.querySelector("[role=status]");
    const sent = new FormData();
    sent.append("csrf_token", box.form.elements.csrf_token.value);
    sent.append("format", part.dataset.format);
    if (file.files[0]) sent.append("picture", file.files[0]);
    for (const name of ["picture_alt", "picture_caption"]) sent.append(name, box.form.elements[name].value);
    if (box.form.elements.picture_decorative.checked) sent.append("picture_decorative", "y");
    button.disabled = true;
    const [ok, html, why] = await post(part.dataset.pictures, sent);
    button.disabled = false;
    said.replaceChildren();
    if (!ok) return said.append(...(html ? pieces(html) : [note(part.dataset[why], "error")]));
    const [row] = pieces(html);
    const list = part.querySelector(".at-hand");
    const name = row.querySelector("input").value;
    if (![...list.querySelectorAll("input")].some((choice) => choice.value === name)) list.prepend(row);
    for (const field of part.querySelectorAll(".add-picture input:not([type=checkbox])")) field.value = "";
    box.form.elements.picture_decorative.checked = false;
    put(row.querySelector("[data-line]").dataset.line);
    said.append(note(waiting.length ? part.dataset.next : part.dataset.sent));
    if (waiting.length) next();
  }

  // A picture stands alone between blank lines, where the cursor is.
  function put(line) {
    const before = box.value.slice(0, box.selectionStart).trimEnd();
    const after = box.value.slice(box.selectionEnd).trimStart();
    box.value = [before, line, after].filter(Boolean).join("\n\n") + (after ? "" : "\n");
    box.focus();
    box.selectionStart = box.selectionEnd = (before ? before.length + 2 : 0) + line.length;
    box.dispatchEvent(new Event("input", { bubbles: true })); // a draft is kept of it
  }
}

function hasFile(data) {
  return [...(data?.items ?? [])].some((item) => item.kind === "file" && item.type.startsWith("image/"));
}

async function post(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { "X-Fragment": "1" } });
    const told = answer.ok || answer.status === 422;
    return [answer.ok, told ? await answer.text() : "", answer.status === 413 ? "large" : "failed"];
  } catch {
    return [false, "", "failed"];
  }
}

function pieces(html) {
  return [...new DOMParser().parseFromString(html, "text/html").body.children];
}

function note(words, name = "hint") {
  return Object.assign(document.createElement("p"), { textContent: words, className: name });
}
