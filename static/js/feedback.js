// Stars by the keys 1 to 5, 0 takes them back; the text for the provider grows with the words typed.

function isTyping(target) {
  return target.closest("input:not([type=radio]), textarea, select, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (!/^[0-5]$/.test(event.key) || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const wanted = event.key === "0" ? "[data-no-stars]" : `[data-stars] input[value="${event.key}"]`;
  document.querySelector(wanted)?.click();
});

// A star that was pointed at leaves the arrow keys to the pictures; walked to by keyboard, it keeps them.
document.addEventListener("click", ({ target, detail }) => {
  if (detail && target.matches("[data-stars] input")) target.blur();
});

// What the screen reader hears is also told to the eye, for a moment.
document.addEventListener("htmx:afterSwap", (event) => {
  const panel = event.target.closest?.(".feedback");
  if (!panel) return;
  panel.dataset.saved = "";
  setTimeout(() => delete panel.dataset.saved, 900);
});

// Stars that were not saved do not shine.
document.addEventListener("unanswered", (event) => event.target.closest("[data-stars]")?.reset());

// A comment that was typed outlives what keeps it from being sent: being signed out, a page that is too old.
const DRAFT = `comment:${document.body.dataset.account}:${location.pathname}`;
const comment = () => document.querySelector(".comment-form textarea");

if (comment() && !comment().value) comment().value = sessionStorage.getItem(DRAFT) ?? "";
document.addEventListener("input", ({ target }) => {
  if (target === comment()) sessionStorage.setItem(DRAFT, target.value);
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id === "comments" && !comment().value) sessionStorage.removeItem(DRAFT);
});

for (const form of document.querySelectorAll("[data-provider-feedback]")) {
  const words = form.elements.words;
  const prepared = form.querySelector("[data-facts]");
  const fill = () => {
    prepared.value = `${prepared.dataset.facts}\n\n${words.value.trim()}`.trim();
  };
  form.querySelector("[data-without-script]").hidden = true;
  words.addEventListener("input", fill);
  fill();
}
