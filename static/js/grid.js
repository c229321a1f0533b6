// Rows of pictures: further ones come as one scrolls, in both directions, and coming back finds the place that one left.

const KEY = `rows:${location.pathname}${location.search}`;
const grid = document.querySelector("[data-grid]");
const HORIZON = 1200;
// What ends a wait for whatever comes late, and after how long it ends by itself.
const ACTS = ["wheel", "touchstart", "pointerdown", "keydown"];
const HELD_MS = 3000;

const CARD = ".image-card";
const older = () => document.querySelector("[data-older]");
let newer = document.querySelector("[data-newer]")?.href;
let isAsking = false;

// The address of the page that a tile came with.
function pageOf(tile) {
  for (let one = tile; one; one = one.previousElementSibling) if (one.dataset.page) return one.dataset.page;
  return null;
}

function isSeen(tile) {
  const box = tile?.querySelector(CARD)?.getBoundingClientRect();
  return box && box.bottom > 0 && box.top < innerHeight;
}

// By the picture that was opened or, if that is out of sight, by the first one that is not.
function remember() {
  const focused = document.activeElement?.closest?.("[data-grid] > li");
  const tile = isSeen(focused) ? focused : [...grid.children].find(isSeen);
  if (!tile) return;
  const id = tile.querySelector(CARD).dataset.image;
  const focus = focused?.querySelector(CARD).dataset.image;
  const place = { id, focus, page: pageOf(tile), top: tile.getBoundingClientRect().top };
  sessionStorage.setItem(KEY, JSON.stringify(place));
  sessionStorage.setItem("rows", "here");
}

function card(id) {
  return id && grid.querySelector(`[data-image="${CSS.escape(id)}"]`);
}

// The way that an answer's `Link` names, at this address: it says nothing of how the pictures are shown.
function way(answer, rel) {
  const said = answer.headers.get("Link")?.match(new RegExp(`<([^>]+)>; rel="${rel}"`))?.[1];
  if (!said) return undefined;
  const address = new URL(location.href);
  const there = new URL(said, location.href).searchParams;
  for (const name of ["before", "after"]) {
    address.searchParams.delete(name);
    if (there.get(name)) address.searchParams.set(name, there.get(name));
  }
  return address.href;
}

// The tiles of a page, and what else its answer holds; undefined if it could not be had.
async function fetched(address) {
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return undefined;
    const parts = document.createElement("template");
    parts.innerHTML = await answer.text();
    const tiles = [...parts.content.children].filter((one) => one.localName === "li");
    if (tiles.length) tiles[0].dataset.page = address;
    return { tiles, answer, parts: parts.content };
  } catch {
    return undefined;
  }
}

function replaceNav(id, parts) {
  const [now, then] = [document.getElementById(id), parts.querySelector(`#${id}`)];
  if (!now || !then) return;
  then.removeAttribute("hx-swap-oob");
  now.replaceWith(then);
  window.htmx?.process(then);
}

// Where a page ends that came from above, its last row does, too: the rows below stay as they are.
function seam() {
  return ["seam-rest", "seam"].map((name) => {
    const end = document.createElement("li");
    end.className = name;
    end.setAttribute("aria-hidden", "true");
    return end;
  });
}

// The day that a page from above ends in is said there: the heading below would say it again.
function forgetHeading(tiles) {
  const below = grid.firstElementChild?.dataset.day;
  if (below && tiles.findLast((one) => one.dataset.day)?.dataset.day === below) grid.firstElementChild.remove();
}

async function goUp() {
  if (!newer || isAsking) return;
  isAsking = true;
  const page = await fetched(newer);
  if (page) {
    newer = way(page.answer, "prev");
    const change = () => {
      replaceNav("newer", page.parts);
      forgetHeading(page.tiles);
      if (page.tiles.length) grid.prepend(...page.tiles, ...seam());
    };
    grid.dispatchEvent(new CustomEvent("grid:change", { detail: change }));
  }
  isAsking = false;
}

// The page that one was on takes the place of the first one, and those around it come as one scrolls.
async function goTo(address) {
  const page = await fetched(address);
  if (!page?.tiles.length) return;
  newer = way(page.answer, "prev");
  grid.replaceChildren(...page.tiles);
  replaceNav("older", page.parts);
}

async function goDown() {
  const page = await fetched(older().href);
  if (!page) return false;
  grid.append(...page.tiles);
  replaceNav("older", page.parts);
  return page.tiles.length > 0;
}

// With a page above, and as many below as fill the window, so that it can be scrolled to where it was.
async function comeBack({ id, focus, page, top }) {
  if (!card(id) && page) {
    await goTo(page);
    await goUp();
  }
  const found = card(id)?.closest("li");
  if (!found) return;
  const below = () => grid.getBoundingClientRect().bottom - found.getBoundingClientRect().top;
  while (below() < innerHeight - top && older() && await goDown());
  card(focus)?.focus({ preventScroll: true });
  hold(found, top);
}

// What comes late, such as rows, moves nothing before somebody does something.
function hold(tile, top) {
  const align = () => {
    const away = tile.getBoundingClientRect().top - top;
    if (tile.isConnected && Math.abs(away) > 1) scrollBy({ top: away, behavior: "instant" });
  };
  const rows = new ResizeObserver(align);
  const end = () => {
    rows.disconnect();
    removeEventListener("scroll", align);
    for (const act of ACTS) removeEventListener(act, end);
  };
  align();
  rows.observe(grid);
  addEventListener("scroll", align, { passive: true });
  for (const act of ACTS) addEventListener(act, end, { passive: true });
  setTimeout(end, HELD_MS);
}

// Well before its end, so that nobody sees the last row change.
const horizon = new IntersectionObserver(
  (entries) => {
    if (older() && entries.some((entry) => entry.isIntersecting)) htmx.trigger(older(), "click");
  },
  { rootMargin: `${HORIZON}px` },
);

function watch() {
  horizon.disconnect();
  if (older()) horizon.observe(older());
}

// Above it is the other way round: a page comes once the head of the grid is out of sight, so that nothing is pushed away.
function lookUp() {
  const top = grid.getBoundingClientRect().top;
  if (newer && top < 0 && top > -HORIZON) goUp();
}

function atHead({ deltaY }) {
  if (newer && deltaY < 0 && scrollY === 0) goUp();
}

// Which page the tiles came with that htmx has put at the end.
let last = null;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target === grid) last = grid.lastElementChild;
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== grid || !last?.nextElementSibling) return;
  last.nextElementSibling.dataset.page = detail.pathInfo.finalRequestPath;
});

// Nothing else is asked for before one is back: it would come to the wrong place.
async function begin(left) {
  if (left) {
    // The browser would go back by itself as well, where it stood among other rows: whenever the page is long enough.
    history.scrollRestoration = "manual";
    const leaveIt = () => (history.scrollRestoration = "auto");
    await comeBack(left);
    if (document.readyState === "complete") leaveIt();
    else addEventListener("load", () => setTimeout(leaveIt), { once: true });
  }
  watch();
  // Where the first page is so short that more is wanted at once, htmx may not know its links yet: so once more.
  if (document.readyState !== "complete") addEventListener("load", watch, { once: true });
  document.addEventListener("htmx:afterSettle", watch);
  addEventListener("scroll", lookUp, { passive: true });
  addEventListener("wheel", atHead, { passive: true });
  addEventListener("pagehide", remember);
}

if (grid) {
  const left = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  const [how] = performance.getEntriesByType("navigation");
  const isReturn = how?.type === "back_forward" || sessionStorage.getItem("rows-return");
  sessionStorage.removeItem("rows-return");
  begin(isReturn && left);
}
