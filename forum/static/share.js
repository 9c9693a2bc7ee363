// Share an address: the system's sheet where there is one, otherwise a copy. Copy an address that a field shows.
export function start() {
  document.addEventListener("click", clicked);
  document.querySelectorAll("[data-copy]").forEach(offer);
  if (navigator.share) document.querySelectorAll("[data-share][data-label]").forEach(name);
}

function name(link) {
  link.textContent = link.dataset.label;
}

async function clicked(event) {
  const link = event.target.closest("[data-share]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    if (navigator.share) return await navigator.share({ url: link.href, title: link.dataset.title ?? document.title });
    await navigator.clipboard.writeText(link.href);
    confirm(link, link.dataset.copied);
  } catch (refusal) {
    if (refusal.name !== "AbortError") location.assign(link.href); // closing the sheet is no failure
  }
}

// The button is hidden in the page, for without a script it does nothing.
function offer(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    const copied = await copy(field.value);
    confirm(button, copied ? button.dataset.copied : button.dataset.selected);
  });
}

// Browsers have the clipboard only where the site has TLS; the older way copies what is selected.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}

// Seen beside the link, and read out: the live region stands there before its words do.
function confirm(link, words) {
  const said = link.nextElementSibling?.matches("[role=status]") ? link.nextElementSibling : document.createElement("span");
  said.className = "hint";
  said.setAttribute("role", "status");
  link.after(said);
  setTimeout(() => (said.textContent = words), 50);
}
