// What a browser keeps for its reader; where it keeps nothing, pages work without.
export function get(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

export function put(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Switched off, or full.
  }
}
