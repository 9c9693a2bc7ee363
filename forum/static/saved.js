// Put a saved reply into its box in place. Without this the button asks the server for the same, and the page comes back.
export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=put]");
    if (!button) return;
    event.preventDefault();
    const list = button.form.elements[`saved-${button.value}`];
    put(button.form.elements[button.value], list.selectedOptions[0]?.dataset.text);
    list.value = "";
  });
}

function put(box, text) {
  if (text) box.value = [box.value.trimEnd(), text].filter(Boolean).join("\n\n");
  box.dispatchEvent(new Event("input", { bubbles: true })); // a draft is kept of it
  box.focus();
}
