// Two people who answer each other no more read so where the closing words stand, and in place of "Reply" below what the
// other wrote, and below what oneself added to that. The thread itself is the same for every reader, so the server puts it at the end of the page.
for (const told of document.querySelectorAll(".between[data-closing]")) {
  document.getElementById(told.dataset.closing)?.after(told);
  if (!told.dataset.instead) continue;
  for (const link of document.querySelectorAll('.comment > .acts > a[href$="/reply"]')) {
    let answered = link.closest(".comment");
    while (answered && writer(answered) === told.dataset.own) answered = document.getElementById(`c-${answered.dataset.parent}`);
    if (!answered || writer(answered) !== told.dataset.with) continue;
    link.replaceWith(Object.assign(document.createElement("span"), { className: "instead", textContent: told.dataset.instead }));
  }
}

function writer(row) {
  return row.querySelector("header a.who")?.textContent;
}
