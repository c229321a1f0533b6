// Says in words why a passkey did not work, and offers passkeys only where the browser can use them.

const SENTENCES = {
  NotAllowedError: "The passkey was not used: it was cancelled, or it took too long. Try again.",
  InvalidStateError: "This device already holds a passkey of yours.",
  SecurityError: "Passkeys do not work at this address: they need https and a name, or http://localhost.",
  NotSupportedError: "This device cannot make such a passkey.",
};
const UNABLE = "This browser cannot use passkeys here: they need https, or http://localhost.";

function say(sentence) {
  const place = document.querySelector("[data-passkey-problem]");
  place.textContent = sentence;
  place.hidden = false;
}

const isAble = window.isSecureContext && "PublicKeyCredential" in window;
for (const button of document.querySelectorAll("[data-passkey]")) button.hidden = !isAble;
for (const button of document.querySelectorAll("[data-passkey-only]")) button.disabled = !isAble;
if (!isAble && document.querySelector("[data-passkey-only]")) say(UNABLE);

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  say(SENTENCES[event.detail.exception?.name] ?? "The passkey did not work. Load the page again and try once more.");
});
