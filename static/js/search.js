// The box in the header: `/` and Ctrl+K lead to it from everywhere; where the window is narrow it opens as a sheet.

const form = document.querySelector("[data-search]");
const words = form?.querySelector("[type=search]");
const opener = document.querySelector("[data-search-open]");

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable], dialog[open], [data-menu][open]") != null;
}

function isSheet() {
  return opener.offsetParent !== null && "popover" in HTMLElement.prototype;
}

function open() {
  if (isSheet() && !form.matches(":popover-open")) form.showPopover();
  words.focus();
  words.select();
}

if (form) {
  document.addEventListener("keydown", (event) => {
    const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
    if (event.defaultPrevented || !(isK || isSlash) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    open();
  });

  opener.addEventListener("click", (event) => {
    if (!isSheet()) return;
    event.preventDefault();
    open();
  });

  // What is behind the sheet cannot be seen, so nobody walks there.
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !form.contains(relatedTarget) && form.matches(":popover-open")) form.hidePopover();
  });
  form.addEventListener("toggle", ({ newState }) => {
    if (newState === "closed") opener.focus();
  });

  words.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !form.matches(":popover-open")) words.blur();
  });
}

// Suggestions while one types: a combobox that a list belongs to (WAI-ARIA, "Editable Combobox With List Autocomplete").

const PAUSE_MS = 180;
const list = form?.querySelector("[role=listbox]");
let waiting;
let asking;

function options() {
  return [...list.children];
}

function choose(option) {
  for (const one of options()) one.setAttribute("aria-selected", one === option);
  if (option) words.setAttribute("aria-activedescendant", option.id);
  else words.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function show(isOpen) {
  list.hidden = !isOpen;
  words.setAttribute("aria-expanded", isOpen);
  choose(null);
}

function close() {
  clearTimeout(waiting);
  asking?.abort();
  show(false);
}

async function suggest() {
  asking?.abort();
  asking = new AbortController();
  const address = new URL(form.dataset.suggestions, location.href);
  address.searchParams.set("q", words.value);
  try {
    const answer = await fetch(address, { signal: asking.signal, headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    list.innerHTML = await answer.text();
    show(list.children.length > 0 && document.activeElement === words);
  } catch { /* Somebody typed on, or is offline: a form without suggestions is still a form. */ }
}

function soon(pause) {
  clearTimeout(waiting);
  waiting = setTimeout(suggest, pause);
}

function take(option) {
  if (option.dataset.address) {
    location.assign(option.dataset.address);
    return;
  }
  words.value = option.dataset.whole;
  close();
  if (option.dataset.kind === "recent") form.requestSubmit();
  else words.focus();
}

function walk(step) {
  const all = options();
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  choose(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step] ?? null);
}

const KEYS = {
  ArrowDown: () => (list.hidden ? soon(0) : walk(1)),
  ArrowUp: () => (list.hidden ? soon(0) : walk(-1)),
  Escape: () => close(),
  Enter: () => take(list.querySelector("[aria-selected=true]")),
};

if (list) {
  words.setAttribute("role", "combobox");
  words.setAttribute("aria-autocomplete", "list");
  words.setAttribute("aria-controls", list.id);
  words.setAttribute("aria-expanded", "false");
  words.addEventListener("input", () => soon(PAUSE_MS));
  words.addEventListener("focus", () => words.value === "" && soon(PAUSE_MS));
  words.addEventListener("blur", close);
  // Before the listener that leaves the box: the first Escape closes the list.
  words.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape" && list.hidden) return;
      if (event.key === "Enter" && (list.hidden || !list.querySelector("[aria-selected=true]"))) return;
      if (!(event.key in KEYS)) return;
      event.preventDefault();
      KEYS[event.key]();
    },
    { capture: true },
  );
  // A press on an option must not take the focus, which would close the list before it is chosen.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}
