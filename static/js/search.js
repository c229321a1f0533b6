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
    if (event.key === "Escape" && !form.matches(":popover-open")) words.blur();
  });
}
