// At most ten pages of tiles are in the document. Those far away are kept aside, and a block as high as they were stands
// for them until one comes near: whole rows at a time, so that no tile ever moves to another row.

const grid = document.querySelector("[data-grid]");
const MOST = 480;
const BATCH = 48;
// In heights of the window: brought back when nearer than this, put aside when more than twice as far.
const NEAR = 1.5;

const asides = new WeakMap();
let width = innerWidth;

const isTile = (one) => !one.matches("[data-far]");
const isShown = (one) => !one.hidden;
// The heading of a day has no box of its own, and fills up the row above it.
const isHeading = (one) => Boolean(one.dataset.day);
const box = (one) => (isHeading(one) ? one.firstElementChild : one).getBoundingClientRect();
const top = (one) => box(one).top;
const bottom = (one) => box(one).bottom;
const isSameRow = (one, other) => Math.abs(top(one) - top(other)) < 1;

// Whatever `change` does above, what one looks at stays where it is.
function steady(change) {
  const anchor = [...grid.children].find((one) => isTile(one) && isShown(one) && bottom(one) > 0);
  const before = anchor && top(anchor);
  change();
  const moved = anchor?.isConnected ? top(anchor) - before : 0;
  if (Math.abs(moved) > 0.5) scrollBy({ top: moved, behavior: "instant" });
}

// Whole rows of tiles from `edge` on in one direction, about a page of them; null where the grid ends before. A heading
// goes with the row above it.
function rows(edge, onward) {
  const tiles = [];
  let row = null;
  for (let one = edge; one; one = one[onward]) {
    if (!isTile(one)) return tiles;
    if (isShown(one)) {
      const below = onward === "nextElementSibling" ? one : row;
      if (tiles.length >= BATCH && row && !isSameRow(one, row) && !isHeading(below)) return tiles;
      row = one;
    }
    tiles.push(one);
  }
  return null;
}

function fromTop() {
  const edge = [...grid.children].find(isTile);
  const tiles = edge && rows(edge, "nextElementSibling");
  return tiles && { tiles, away: -bottom(tiles.findLast(isShown)) };
}

// The last row of all stays: it is not full before the next page has come.
function fromBottom() {
  const shown = [...grid.children].filter((one) => isTile(one) && isShown(one));
  let edge = shown.findLast((one) => !isSameRow(one, shown.at(-1)));
  while (edge?.nextElementSibling?.hidden) edge = edge.nextElementSibling;
  const upwards = edge && rows(edge, "previousElementSibling");
  if (!upwards) return null;
  // What is folded in front of the first one belongs to the row above.
  const tiles = upwards.slice(0, upwards.findLastIndex(isShown) + 1).reverse();
  return { tiles, away: top(tiles[0]) - innerHeight };
}

function putAside(tiles) {
  const block = document.createElement("li");
  const shown = tiles.filter(isShown);
  block.dataset.far = tiles.length;
  block.setAttribute("aria-hidden", "true");
  block.style.height = `${bottom(shown.at(-1)) - top(shown[0])}px`;
  const page = tiles.findLast((one) => one.dataset.page);
  if (page) block.dataset.page = page.dataset.page;
  const focused = tiles.some((one) => one.contains(document.activeElement)) ? document.activeElement : null;
  const kept = document.createDocumentFragment();
  tiles[0].before(block);
  kept.append(...tiles);
  asides.set(block, { kept, focused });
  near.observe(block);
}

function bringBack(block) {
  const { kept, focused } = asides.get(block);
  near.unobserve(block);
  steady(() => block.replaceWith(kept));
  if (document.activeElement === document.body) focused?.focus({ preventScroll: true });
}

function tidy() {
  while (grid.querySelectorAll(":scope > li:not([data-far])").length > MOST) {
    const [far] = [fromTop(), fromBottom()].filter(Boolean).sort((one, other) => other.away - one.away);
    if (!far || far.away < 2 * NEAR * innerHeight) return;
    putAside(far.tiles);
  }
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting && target.isConnected) bringBack(target);
    tidy();
  },
  { rootMargin: `${100 * NEAR}% 0px` },
);

// In another width a block would be of another height: about as much as the window is narrower, and exact once it is back.
function resize() {
  if (innerWidth === width) return;
  const change = width / innerWidth;
  width = innerWidth;
  steady(() => {
    for (const { style } of grid.querySelectorAll("[data-far]")) style.height = `${parseFloat(style.height) * change}px`;
  });
}

if (grid) {
  document.documentElement.classList.add("holds-still");
  new MutationObserver(tidy).observe(grid, { childList: true });
  addEventListener("resize", resize);
  // What other scripts ask for: a change above, and what stands aside at one end.
  grid.addEventListener("grid:change", ({ detail }) => steady(detail));
  grid.addEventListener("grid:end", ({ detail }) => grid[detail] && !isTile(grid[detail]) && bringBack(grid[detail]));
}
