// Share an address: the system's sheet where there is one, otherwise a copy.
export function start() {
  document.addEventListener("click", clicked);
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
    confirm(link);
  } catch (refusal) {
    if (refusal.name !== "AbortError") location.assign(link.href); // closing the sheet is no failure
  }
}

// Seen beside the link, and read out: the live region stands there before its words do.
function confirm(link) {
  const said = link.nextElementSibling?.matches("[role=status]") ? link.nextElementSibling : document.createElement("span");
  said.className = "hint";
  said.setAttribute("role", "status");
  link.after(said);
  setTimeout(() => (said.textContent = link.dataset.copied), 50);
}
