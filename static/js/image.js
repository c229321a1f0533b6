// The page of one picture: keys, the sheet of keys, and neighbours that are loaded before they are asked for.

const page = document.querySelector(".page-image");
const sheet = document.querySelector("#shortcuts");
const picture = document.querySelector(".stage-picture");

function turn(direction) {
  const link = document.querySelector(`[data-turn="${direction}"]`);
  // Replaces this page, so that Back closes the picture instead of walking through all that were seen.
  if (link) location.replace(link.href);
}

function close() {
  const cameFromRows = sessionStorage.getItem("rows") === "here" && history.length > 1;
  sessionStorage.removeItem("rows");
  if (cameFromRows) {
    history.back();
  } else {
    const { href, dataset } = document.querySelector("[data-back]");
    sessionStorage.setItem("rows-return", "yes");
    // Where rows were left from their head on, they are found again as they were.
    location.assign(sessionStorage.getItem(`rows:${dataset.back}`) ? dataset.back : href);
  }
}

// A form leads on to another page: from there, one step back would be this one and not the rows.
page.addEventListener("submit", () => sessionStorage.removeItem("rows"));

function toggleDetails() {
  const details = document.querySelector("#details");
  if (page.classList.toggle("is-alone")) return;
  details.focus({ preventScroll: matchMedia("(min-width: 60rem)").matches });
}

const KEYS = {
  ArrowLeft: () => turn("previous"),
  ArrowRight: () => turn("next"),
  Escape: close,
  i: toggleDetails,
  f: () => document.querySelector(".favourite")?.click(),
  d: () => document.querySelector("[data-download]").click(),
  Delete: () => document.querySelector("[data-delete]")?.click(),
  u: () => document.querySelector("[data-toast] form button")?.click(),
  "?": () => sheet.showModal(),
};

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable], dialog, [data-menu][open]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || sheet.open) return;
  // A key held down turns page after page, and does everything else once.
  if (event.repeat && !event.key.startsWith("Arrow")) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-turn], [data-back]");
  if (!link) return;
  event.preventDefault();
  if (link.dataset.turn) turn(link.dataset.turn);
  else close();
});

const help = document.querySelector("[data-shortcuts]");
help.hidden = false;
help.addEventListener("click", () => sheet.showModal());
sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());

const prompt = document.querySelector("#prompt");
const unfold = document.querySelector("[data-unfold]");
if (prompt.scrollHeight > prompt.clientHeight) {
  prompt.dataset.folded = "";
  unfold.hidden = false;
}
unfold.addEventListener("click", () => {
  const isWhole = prompt.toggleAttribute("data-whole");
  prompt.toggleAttribute("data-folded", !isWhole);
  unfold.setAttribute("aria-expanded", isWhole);
  unfold.textContent = isWhole ? "Show less" : "Show all of it";
  if (!isWhole) prompt.scrollIntoView({ block: "nearest" });
});

const current = document.querySelector(".thumb-strip [aria-current]");
if (current) {
  const strip = current.closest(".thumb-strip");
  strip.scrollLeft = current.offsetLeft + current.parentElement.offsetLeft - strip.clientWidth / 2;
}

function loadNeighbours() {
  for (const link of document.querySelectorAll("[data-turn]")) {
    const image = new Image();
    image.sizes = link.dataset.sizes;
    image.srcset = link.dataset.srcset;
  }
}

// A small screen is often on a connection that is paid for: there a finger on the page asks for them.
if (matchMedia("(max-width: 40rem)").matches) addEventListener("pointerdown", loadNeighbours, { once: true });
else if (picture.complete) loadNeighbours();
else picture.addEventListener("load", loadNeighbours, { once: true });
