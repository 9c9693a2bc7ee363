// Begin the choice of a time zone with the browser's, where nobody has chosen yet. Without this it begins with UTC.
const list = document.querySelector("select[data-guess]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (list && list.value === list.dataset.guess && [...list.options].some((option) => option.value === zone)) list.value = zone;
