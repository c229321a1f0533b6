// What a script asked for and did not get is said in a sentence, and what was typed stays where it is.

const SENTENCES = {
  403: "This page is too old for that. Load it again, then repeat it.",
  404: "That is no longer here. Load the page again.",
  429: "That was too often. Wait a moment, then try again.",
};
const OTHER = "That did not work. Try again in a moment.";
const UNREACHED = "The site cannot be reached. Try again in a moment.";
const SIGNED_OUT = "You are signed out by now. Sign in to go on.";
const LOST = "The site cannot be reached. Your pictures are made all the same, and show here as soon as it can.";
const PATIENCE = 3;

function tell(text, more) {
  document.dispatchEvent(new CustomEvent("tell", { detail: { text, ...more } }));
}

function tellSignedOut() {
  const here = encodeURIComponent(location.pathname + location.search);
  const { entrance } = document.querySelector("[data-entrance]").dataset;
  tell(SIGNED_OUT, { label: "Sign in", address: `${entrance}?next=${here}` });
}

const isPoll = (event) => event.detail.requestConfig.elt.id === "live";

// Whoever shows a choice before it is saved takes it back.
function fail(event) {
  event.detail.requestConfig.elt.dispatchEvent(new CustomEvent("unanswered", { bubbles: true }));
}

// The poll asks again by itself: it speaks up when that has been in vain for a while, and takes it back.
let misses = 0;

function follow(event) {
  const { status, responseText } = event.detail.xhr;
  misses = status === 0 || status >= 500 ? misses + 1 : 0;
  if (misses === PATIENCE) tell(LOST, { name: "lost" });
  if (misses === 0) document.querySelector('[data-toast="lost"]')?.remove();
  // "Stop asking" without a word is what somebody hears who has been signed out.
  if (status === 286 && !responseText) tellSignedOut();
}

document.addEventListener("htmx:afterRequest", (event) => isPoll(event) && follow(event));

document.addEventListener("htmx:sendError", (event) => {
  if (isPoll(event)) return;
  tell(UNREACHED);
  fail(event);
});

document.addEventListener("htmx:responseError", (event) => {
  if (isPoll(event)) return;
  const { status } = event.detail.xhr;
  const isOld = status === 403 || status === 404;
  tell(SENTENCES[status] ?? OTHER, isOld ? { label: "Load again", address: location.href } : {});
  fail(event);
});

// An answer from another address than was asked is the entrance, which has no place inside this page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { finalRequestPath, responsePath } = event.detail.pathInfo;
  const pathname = (address) => new URL(address, location.href).pathname;
  if (!responsePath || pathname(responsePath) === pathname(finalRequestPath)) return;
  event.detail.shouldSwap = false;
  tellSignedOut();
  fail(event);
});
