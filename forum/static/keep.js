// Keep what is typed into the form of an article on the server, too, until it is saved. A copy in the browser is drafts.js'.
const EVERY = 20e3; // milliseconds

export function start(form) {
  if (!form.dataset.keep) return;
  const note = form.querySelector(".kept-note");
  let typed = false;
  let asking = false;
  form.addEventListener("input", () => (typed = true));
  form.addEventListener("submit", () => (asking = true));
  const timer = setInterval(keep, EVERY);

  async function keep() {
    if (!typed || asking) return;
    typed = false;
    asking = true;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body: data, headers: { "X-Fragment": "1" } });
      if (answer.ok) {
        form.elements.seen.value = (await answer.json()).seen;
        note.textContent = form.dataset.kept;
      } else if (answer.status === 409) {
        clearInterval(timer);
        note.textContent = form.dataset.changed;
      } else if (answer.status === 429 || answer.status >= 500) {
        typed = true; // tried again: the server could not do it at this moment
      }
    } catch {
      typed = true; // tried again when the network is back
    }
    asking = false;
  }
}
