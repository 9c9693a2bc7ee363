// A writer's waiting comment belongs below what it answers. The thread itself is the same for every reader, so the
// server puts it at the end of the page.
for (const waiting of document.querySelectorAll(".waiting[data-parent]")) {
  const parent = document.getElementById(`c-${waiting.dataset.parent}`);
  if (!parent) continue;
  waiting.dataset.level = parent.dataset.level;
  if ("deep" in parent.dataset) waiting.dataset.deep = "";
  waiting.classList.toggle("through", parent.classList.contains("has-replies"));
  parent.after(waiting);
}
