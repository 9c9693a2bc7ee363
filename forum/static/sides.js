// Who keeps side remarks folded has them folded before the page is painted: nothing moves. See fold.js.
try {
  if (localStorage.getItem("sides") === '"folded"') document.documentElement.dataset.sides = "folded";
} catch {
  // The browser keeps nothing: the page is shown whole.
}
