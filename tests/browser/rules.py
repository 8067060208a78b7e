"""What holds of every page that people use, asked of it in the browser."""

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],  # to describe what passes takes as long again
    "preload": False,  # axe would fetch what a sheet imports, from a wrong address, and inline it
}
# Of each child of the panel, how far it sticks out: scrollWidth does not tell.
OVERHANG = """() => {
  const panel = document.getElementById("panel").getBoundingClientRect();
  const hidden = ".sr, .sr *, select, option, .joined header, .joined header *, .joined .av *";
  const shown = [...document.querySelectorAll(`#panel *:not(${hidden})`)]
    .filter((child) => child.checkVisibility() && getComputedStyle(child).clipPath === "none");
  return shown.filter((child) => {
    const { left, right, width } = child.getBoundingClientRect();
    return width && (left < panel.left - 1 || right > panel.right + 1);
  }).map((child) => child.outerHTML.slice(0, 80));
}"""
# A checkbox is as large a target as its label; links within a sentence may be smaller.
SMALL_TARGETS = """() => [
    "button", "select", "summary", "a", "textarea", "label:has(input)", "input",
  ]
  .flatMap((name) => [...document.querySelectorAll(`#panel ${name}`)])
  .filter((target) => !target.matches("label input, .sr"))
  .filter((target) => target.checkVisibility())
  .filter((target) => {
    const { width, height } = target.getBoundingClientRect();
    return width < 24 || height < 24;
  }).map((target) => target.outerHTML.slice(0, 80))"""
