// The grid by keys: one tab stop for all of it, from which arrows, J and K, Home and End lead on.

const grid = document.querySelector("[data-grid]");
const sheet = document.querySelector("#shortcuts");
const CARD = ":scope > li:not([hidden]) > .image-card";

const cards = () => [...grid.querySelectorAll(CARD)];

// The tab stop; everything else of the grid is reached from it.
let stop = null;

function settle(card) {
  for (const one of grid.querySelectorAll(".image-card, [data-stack], .favourite")) if (one !== card) one.tabIndex = -1;
  stop = card;
  if (card) card.tabIndex = 0;
}

// Tiles come and go: there is always one that Tab leads to.
function keepStop() {
  settle(stop?.isConnected && stop.checkVisibility() ? stop : inSight(cards()));
}

function focus(card) {
  if (!card) return;
  settle(card);
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

// The one in the middle of what can be seen, for who has not chosen any yet.
function inSight(all) {
  return all.find((card) => card.getBoundingClientRect().bottom > innerHeight / 4) ?? all.at(-1);
}

function current() {
  return document.activeElement.closest?.(".image-grid > li")?.querySelector(".image-card") ?? null;
}

function step(by) {
  const all = cards();
  const at = all.indexOf(current());
  focus(at < 0 ? inSight(all) : all[at + by]);
}

function middle(box) {
  return (box.left + box.right) / 2;
}

// In the row above or below, the one whose middle is nearest.
function stepRow(by) {
  const from = current()?.getBoundingClientRect();
  if (!from) return;
  const boxes = cards().map((card) => ({ card, box: card.getBoundingClientRect() }));
  const beyond = boxes.filter(({ box }) => (by > 0 ? box.top >= from.bottom - 1 : box.bottom <= from.top + 1));
  if (!beyond.length) return;
  const edge = by > 0 ? Math.min(...beyond.map(({ box }) => box.top)) : Math.max(...beyond.map(({ box }) => box.bottom));
  const row = beyond.filter(({ box }) => Math.abs((by > 0 ? box.top : box.bottom) - edge) < 2);
  const away = ({ box }) => Math.abs(middle(box) - middle(from));
  focus(row.reduce((best, one) => (away(one) < away(best) ? one : best)).card);
}

// What stands aside there is brought back first.
function end(child, place) {
  grid.dispatchEvent(new CustomEvent("grid:end", { detail: child }));
  focus(cards().at(place));
}

// Of an open stack that is folded only the first one stays.
function toggleStack() {
  const tile = current().closest("li");
  const top = document.getElementById(`stack-${tile.dataset.under}`) ?? tile;
  top.querySelector("[data-stack]")?.click();
  focus((tile.hidden ? top : tile).querySelector(".image-card"));
}

// Within the grid alone: elsewhere the page scrolls by these.
const INSIDE = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ArrowUp: () => stepRow(-1),
  ArrowDown: () => stepRow(1),
  Home: () => end("firstElementChild", 0),
  End: () => end("lastElementChild", -1),
  s: toggleStack,
  f: () => current().closest("li").querySelector(".favourite")?.click(),
};
const ANYWHERE = {
  j: () => step(1),
  k: () => step(-1),
  "?": () => sheet.showModal(),
};

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable], dialog, [data-menu][open]") != null;
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || sheet.open) return;
  const act = (current() && INSIDE[event.key]) || (!event.shiftKey || event.key === "?") && ANYWHERE[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

if (grid) {
  keepStop();
  new MutationObserver(keepStop).observe(grid, { childList: true, subtree: true, attributeFilter: ["hidden"] });
  grid.addEventListener("focusin", ({ target }) => target.matches(".image-card") && settle(target));
  document.addEventListener("keydown", onKey);
  for (const help of document.querySelectorAll("[data-shortcuts]")) {
    help.hidden = false;
    help.addEventListener("click", () => sheet.showModal());
  }
  sheet.addEventListener("click", ({ target }) => target === sheet && sheet.close());
}
