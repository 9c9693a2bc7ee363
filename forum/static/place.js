// Place in an open page the comments that came meanwhile. Nothing that is being read moves: the row at the top of the
// window stays where it is.
export async function place() {
  const page = await fetched();
  if (!page) return false;
  const held = atTheTop(), top = held?.getBoundingClientRect().top, root = document.documentElement;
  root.style.overflowAnchor = "none"; // the browser would hold another row, and both together move the text
  for (const section of page.querySelectorAll(".thread")) merge(section);
  if (held) scrollBy({ top: held.getBoundingClientRect().top - top, behavior: "instant" });
  requestAnimationFrame(() => requestAnimationFrame(() => (root.style.overflowAnchor = "")));
  return true;
}

async function fetched() {
  try {
    const answer = await fetch(location.pathname + location.search);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

function atTheTop() {
  return [...document.querySelectorAll(".comment")].find((row) => row.getBoundingClientRect().bottom > 0);
}

// Put in what this page lacks of a thread, each behind what stands before it there.
function merge(section) {
  const first = section.querySelector(".comment");
  const here = document.getElementById(first.id)?.closest(".thread");
  if (!here) return after(section, ".thread");
  for (const row of section.querySelectorAll(":scope > .comment")) {
    const old = document.getElementById(row.id);
    if (!old) after(row, ".comment");
    else refresh(old, row);
  }
}

function after(made, kind) {
  const before = made.previousElementSibling;
  let old = null;
  for (let at = before; at && !old; at = at.previousElementSibling) {
    if (at.matches(kind)) old = kind === ".comment" ? document.getElementById(at.id) : section(at);
  }
  const copy = document.importNode(made, true);
  if (old) old.after(copy);
  else document.querySelector(kind)?.before(copy);
}

function section(at) {
  return document.getElementById(at.querySelector(".comment").id)?.closest(".thread");
}

// A row that was there: how its line is drawn, how many replies it has, its text. What is open in it stays.
function refresh(old, row) {
  old.className = row.className;
  Object.assign(old.dataset, row.dataset);
  const [acts, fold] = [old.querySelector(":scope > .acts"), row.querySelector(":scope > .acts > .fold")];
  if (fold && !acts.querySelector(".fold")) acts.append(document.importNode(fold, true));
  for (const part of [":scope > .body", ":scope > .branches"]) {
    const [mine, theirs] = [old.querySelector(part), row.querySelector(part)];
    if (mine && theirs && mine.innerHTML !== theirs.innerHTML) mine.innerHTML = theirs.innerHTML;
    else if (!mine && theirs) old.querySelector(":scope > .acts").before(document.importNode(theirs, true));
  }
}
