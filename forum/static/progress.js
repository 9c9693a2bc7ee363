// Show how far a large export is, on the page of one that is going on. Without this a link does the same.
const EVERY = 2000; // milliseconds
const LATER = 15000; // where the server does not answer

setTimeout(look, EVERY);

function isGoingOn() {
  return document.querySelector("#progress[data-again]") !== null;
}

async function look() {
  let wait = LATER;
  try {
    const answer = await fetch(location.href);
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["progress", "stop"]) document.getElementById(id)?.replaceWith(page.getElementById(id));
      wait = EVERY;
    }
  } catch {
    // The next look finds the server again.
  }
  if (isGoingOn()) setTimeout(look, wait);
}
