// Builds elements: no HTML in strings, so that no text of a message can become any.

export const element = (id) => document.getElementById(id);

/** An element with a class, attributes or properties, and children. */
export function make(name, given = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** One of the page's symbols; without a name it is decoration. */
export function icon(symbol, name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  if (name) {
    drawing.setAttribute("role", "img");
    drawing.setAttribute("aria-label", name);
  } else drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${symbol}`);
  drawing.append(use);
  return drawing;
}

export function clock(at) {
  return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}
