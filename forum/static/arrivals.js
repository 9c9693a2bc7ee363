// Ask now and then what was written since the page was drawn, and say so; place.js places it when the reader asks.
const SOON = 60 * 1000, LATE = 10 * 60 * 1000; // between two questions; longer where nothing comes, none while hidden
let way, strip, add;
let wait = SOON, asked = Date.now(), timer;
let known = new Set(), came = [];

export function start(where, bar, placed) {
  [way, strip, add] = [where, bar.querySelector(".strip"), placed];
  strip.querySelector("button").addEventListener("click", show);
  document.addEventListener("visibilitychange", plan);
  plan();
}

// The ids of what was written since a moment, or null. The browser sends along which answer it has (ETag).
export async function ask(since) {
  const address = new URL(way.dataset.news, location.href);
  address.searchParams.set("since", since);
  try {
    const answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function plan() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, Math.max(0, asked + wait - Date.now()));
}

async function look() {
  asked = Date.now();
  const found = way.dataset.until === "0" ? null : await ask(way.dataset.until);
  const fresh = (found?.ids ?? []).map(String).filter((id) => !known.has(id) && !document.getElementById(`c-${id}`));
  wait = fresh.length > came.length ? SOON : Math.min(LATE, wait * 1.5);
  came = fresh;
  strip.hidden = !came.length;
  if (came.length) {
    strip.parentElement.classList.add("on");
    strip.querySelector("span").textContent = way.dataset.came.replace("{count}", came.length);
  }
  plan();
}

async function show() {
  const ids = came;
  const { place } = await import("./place.js");
  if (!(await place())) return location.reload();
  ids.forEach((id) => known.add(id));
  came = [];
  strip.hidden = true;
  add(ids);
}
