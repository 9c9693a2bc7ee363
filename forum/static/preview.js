// The preview beside the text, made by the server as the page will be. Without this the button asks for a page with it.
const PAUSE = 900; // milliseconds without a key
const WIDE = matchMedia("(min-width: 56.25rem)");

export function start(form) {
  const pane = form.parentElement.querySelector(".beside-text");
  if (!pane) return;
  const button = form.querySelector("[data-beside]");
  const plain = form.querySelector("button[value=preview]");
  plain.hidden = true; // it stays what the Enter key presses
  const live = { form, pane, plain, into: pane.querySelector(".beside-made"), note: pane.querySelector(".hint"), shown: "", timer: 0 };
  const settle = () => {
    button.hidden = WIDE.matches;
    pane.hidden = !WIDE.matches && button.getAttribute("aria-expanded") !== "true";
    if (!pane.hidden) draw(live);
  };
  button.addEventListener("click", () => {
    button.setAttribute("aria-expanded", button.getAttribute("aria-expanded") === "true" ? "false" : "true");
    settle();
    if (!pane.hidden) pane.focus();
  });
  WIDE.addEventListener("change", settle);
  form.addEventListener("input", () => {
    clearTimeout(live.timer);
    live.timer = setTimeout(() => pane.hidden || draw(live), PAUSE);
  });
  settle();
}

async function draw(live) {
  const data = new FormData(live.form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  data.set("act", "preview");
  const said = JSON.stringify([...data]);
  if (said === live.shown) return;
  live.asked?.abort();
  live.asked = new AbortController();
  try {
    const answer = await fetch(location.pathname, {
      method: "POST",
      body: data,
      headers: { "X-Fragment": "1" },
      signal: live.asked.signal,
    });
    live.note.hidden = live.plain.hidden = answer.ok;
    if (!answer.ok) return;
    live.into.innerHTML = await answer.text();
    live.shown = said;
  } catch (error) {
    if (error.name !== "AbortError") live.note.hidden = live.plain.hidden = false;
  }
}
