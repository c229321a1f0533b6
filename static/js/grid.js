// Rows of pictures: further ones come as one scrolls, and coming back finds the page as it was left, however far one had scrolled.

const KEY = `rows:${location.pathname}${location.search}`;
const grid = document.querySelector("[data-grid]");
const MOST = 40;

function remember() {
  sessionStorage.setItem(KEY, JSON.stringify({ tiles: grid.children.length, y: scrollY }));
  sessionStorage.setItem("rows", "here");
}

function settled() {
  return new Promise((resolve) => grid.addEventListener("htmx:afterSettle", resolve, { once: true }));
}

// The browser keeps a page it leaves if it can. Where it could not, the further rows are fetched again.
async function comeBack({ tiles, y }) {
  for (let turn = 0; turn < MOST && grid.children.length < tiles; turn += 1) {
    const older = document.querySelector("[data-older]");
    if (!older) break;
    const done = settled();
    htmx.trigger(older, "click");
    await done;
  }
  scrollTo({ top: y, behavior: "instant" });
}

// Well before its end, so that nobody sees the last row change.
const horizon = new IntersectionObserver(
  (entries) => {
    const older = document.querySelector("[data-older]");
    if (older && entries.some((entry) => entry.isIntersecting)) htmx.trigger(older, "click");
  },
  { rootMargin: "1200px" },
);

function watch() {
  horizon.disconnect();
  const older = document.querySelector("[data-older]");
  if (older) horizon.observe(older);
}

if (grid) {
  watch();
  document.addEventListener("htmx:afterSettle", watch);
  const left = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  const [how] = performance.getEntriesByType("navigation");
  const isReturn = how?.type === "back_forward" || sessionStorage.getItem("rows-return");
  sessionStorage.removeItem("rows-return");
  if (isReturn && left) comeBack(left);
  addEventListener("pagehide", remember);
}
