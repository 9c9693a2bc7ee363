// The list of the queue grows again while cases are decided, so that a moderator never stands before an empty page.
const FEW = 10; // rows; a page has 20
let coming = false;

export async function refill(desk) {
  const more = desk.querySelector("a[data-more]");
  if (!more || coming || desk.querySelectorAll(".case-row").length >= FEW) return;
  coming = true;
  try {
    const answer = await fetch(more.href);
    if (!answer.ok || answer.redirected) return;
    add(desk, more, new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The link to the next cases is still there.
  } finally {
    coming = false;
  }
}

function add(desk, more, page) {
  const list = desk.querySelector(".cases");
  for (const row of page.querySelectorAll(".case-row")) {
    if (list && !document.getElementById(row.id)) list.append(row);
  }
  const next = page.querySelector("a[data-more]");
  if (next) more.href = next.href;
  else more.remove();
}
