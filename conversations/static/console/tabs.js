/** Stacked rows of a form as tabs: one is shown, all are sent. Without script they stand one below the other. */

for (const group of document.querySelectorAll(".js-inline-admin-formset[data-inline-type=stacked]")) {
  if (group instanceof HTMLElement) tabs(group);
}

/** @param {HTMLElement} group */
function tabs(group) {
  const list = document.createElement("div");
  list.className = "console-tabs";
  list.role = "tablist";
  const title = group.querySelector("h2");
  if (title?.id) list.setAttribute("aria-labelledby", title.id);
  title?.after(list);
  /** @type {Map<HTMLElement, HTMLButtonElement>} */
  const known = new Map();
  const fill = () => {
    for (const row of rowsOf(group)) if (!known.has(row)) known.set(row, tabOf(row, list));
    for (const [row, tab] of known) {
      if (row.isConnected) continue;
      tab.remove();
      known.delete(row);
    }
    for (const [row, tab] of known) tab.textContent = nameOf(row);
    list.hidden = known.size === 0;
  };
  /** @param {HTMLElement | undefined} chosen */
  const show = (chosen) => {
    for (const [row, tab] of known) {
      row.hidden = row !== chosen;
      tab.ariaSelected = String(row === chosen);
      tab.tabIndex = row === chosen ? 0 : -1;
    }
  };
  list.addEventListener("click", ({ target }) => {
    for (const [row, tab] of known) if (tab === target) show(row);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...known.values()];
    const at = all.findIndex((tab) => tab === event.target);
    if (!step || at < 0) return;
    const along = document.dir === "rtl" ? -step : step;
    const next = all[(at + along + all.length) % all.length];
    next?.click();
    next?.focus();
  });
  group.addEventListener("change", fill);
  document.addEventListener("formset:added", ({ target }) => {
    if (!(target instanceof HTMLElement) || !group.contains(target)) return;
    fill();
    show(target);
  });
  document.addEventListener("formset:removed", () => {
    fill();
    show(rowsOf(group)[0]);
  });
  fill();
  const rows = rowsOf(group);
  show(rows.find((row) => row.querySelector(".errorlist")) ?? rows[0]);
}

/** @param {HTMLElement} group */
function rowsOf(group) {
  const found = group.querySelectorAll(".inline-related:not(.empty-form)");
  return [...found].filter((row) => row instanceof HTMLElement);
}

/**
 * @param {HTMLElement} row
 * @param {HTMLElement} list
 */
function tabOf(row, list) {
  const tab = document.createElement("button");
  tab.type = "button";
  tab.role = "tab";
  tab.id = `tab-${row.id}`;
  tab.setAttribute("aria-controls", row.id);
  row.role = "tabpanel";
  row.setAttribute("aria-labelledby", tab.id);
  list.append(tab);
  return tab;
}

/** @param {HTMLElement} row */
function nameOf(row) {
  const chosen = [...row.querySelectorAll("select")].map((field) => field.selectedOptions[0]?.text);
  const name = chosen.join(", ") || row.querySelector(".inline_label")?.textContent?.trim() || "";
  return row.querySelector(".errorlist") ? `⚠ ${name}` : name;
}
