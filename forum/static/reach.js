// Where an exchange ends: choosing the comment it begins at chooses the reach that begins there; choosing another
// reach takes that back. Without this the server asks which is meant.
document.addEventListener("change", agree);

function agree(event) {
  const reach = event.target.closest(".reach");
  const start = reach?.querySelector("select[name=start]");
  if (!start) return;
  if (event.target === start) reach.querySelector("[name=reach][value=branch]").checked = true;
  else if (event.target.value !== "branch") start.value = start.dataset.proposed;
  document.getElementById("begins").textContent = start.selectedOptions[0].label;
}
