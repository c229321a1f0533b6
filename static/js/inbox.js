// The inbox by keys: J and K move, one key for each decision. Every key presses a button that is on the page.

const list = document.querySelector("[data-inbox]");
const sheet = document.querySelector("#shortcuts");
const PLACE = "inbox-place";

const items = () => [...document.querySelectorAll("[data-item]")];
const current = () => document.activeElement.closest?.("[data-item]") ?? null;

function focus(item) {
  item?.focus({ preventScroll: true });
  item?.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = items();
  const at = all.indexOf(current());
  focus(all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))]);
}

function press(key) {
  const item = current() ?? items()[0];
  item?.querySelector(`[data-key="${key}"]`)?.click();
}

function ask() {
  const fold = (current() ?? items()[0])?.querySelector("[data-ask]");
  if (!fold) return;
  fold.open = true;
  fold.querySelector("textarea").focus();
}

function undo() {
  const last = document.querySelector("[data-toast] form button");
  if (!last) return press("u");
  if (place !== null) sessionStorage.setItem(PLACE, place);
  last.click();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  n: () => press("n"),
  h: () => press("h"),
  t: () => press("t"),
  a: ask,
  u: undo,
  o: () => (current() ?? items()[0])?.querySelector("a.inbox-picture")?.click(),
  "?": () => sheet.showModal(),
};

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable], dialog, [data-menu][open]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest?.("[data-ask][open]")) {
    const fold = event.target.closest("[data-ask]");
    fold.open = false;
    focus(fold.closest("[data-item]"));
    return;
  }
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || sheet.open) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// A decision brings the page anew without its item: whatever stands in its place is next, or the item once undone.
list?.addEventListener("submit", (event) => {
  sessionStorage.setItem(PLACE, items().indexOf(event.target.closest("[data-item]")));
});

const place = sessionStorage.getItem(PLACE);
sessionStorage.removeItem(PLACE);
if (place !== null) focus(items()[Math.min(Number(place), items().length - 1)]);

const help = document.querySelector("[data-shortcuts]");
if (help) {
  help.hidden = false;
  help.addEventListener("click", () => sheet.showModal());
}
sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
