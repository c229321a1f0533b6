// Pictures of one prompt that are one tile until somebody opens them: they are on the page already.

const grid = document.querySelector("[data-grid]");

function under(button) {
  return grid.querySelectorAll(`[data-under="${button.dataset.stack}"]`);
}

function show(button, isOpen) {
  for (const tile of under(button)) tile.hidden = !isOpen;
  button.setAttribute("aria-expanded", isOpen);
  button.closest("li").classList.toggle("is-open", isOpen);
}

// What is a link without a script opens them here.
function ready(button) {
  const isOpen = button.getAttribute("aria-current") === "true";
  button.removeAttribute("aria-current");
  button.setAttribute("role", "button");
  show(button, isOpen);
}

function readyAll() {
  grid.querySelectorAll("[data-stack]:not([role])").forEach(ready);
}

if (grid) {
  readyAll();
  new MutationObserver(readyAll).observe(grid, { childList: true });
  grid.addEventListener("click", (event) => {
    const button = event.target.closest("[data-stack]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(button, button.getAttribute("aria-expanded") !== "true");
  });
}
