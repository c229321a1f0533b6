// For whom this page was made, and who is signed in by now: a cookie that only tells accounts apart says so.
const account = document.body.dataset.account;
const kept = document.cookie.split("; ").find((one) => one.startsWith(`${document.body.dataset.accountCookie}=`));

function clearKept() {
  try {
    sessionStorage.clear();
    if (account) sessionStorage.setItem("account", account);
  } catch { /* Browsers that refuse storage keep nothing. */ }
}

// What the tab keeps is one person's: gone when they have signed out, and when somebody else is here. Whose session has
// merely ended still has the cookie, and finds the draft again.
try {
  if (account ? sessionStorage.getItem("account") !== account : !kept) clearKept();
} catch { /* the same */ }

// Back after signing out, or as somebody else, shows no page of before, wherever the browser took it from.
window.addEventListener("pageshow", (event) => {
  const [how] = performance.getEntriesByType("navigation");
  const isBack = event.persisted || how?.type === "back_forward";
  const now = document.cookie.split("; ").find((one) => one.startsWith(`${document.body.dataset.accountCookie}=`));
  if (!isBack || !account || now?.split("=")[1] === account) return;
  document.documentElement.hidden = true;
  clearKept();
  location.reload();
});

// What every page does: menus that close, messages that go away, buttons that copy.

const TOAST_MS = 9000;

function closeMenus(except) {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("[data-menu]")));

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.preventDefault();
});

// A message stays as long as somebody points at it or is inside it; failures stay until they are closed.
function keepToast(toast) {
  let timer;
  const close = () => toast.remove();
  const start = () => {
    clearTimeout(timer);
    if (toast.dataset.kind !== "error") timer = setTimeout(close, TOAST_MS);
  };
  const button = toast.querySelector("[data-close]");
  button.hidden = false;
  button.addEventListener("click", close);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, start);
  start();
}

document.querySelectorAll("[data-toast]").forEach(keepToast);

// A script says something by `tell` (see answers.js): a sentence, once at a time, and perhaps where to go.
document.addEventListener("tell", (event) => {
  const { text, label, address, name = "" } = event.detail;
  const place = document.querySelector(".toasts");
  if ([...place.querySelectorAll("p")].some((said) => said.textContent === text)) return;
  const toast = place.querySelector("template").content.firstElementChild.cloneNode(true);
  toast.dataset.toast = name;
  toast.querySelector("p").textContent = text;
  const link = toast.querySelector("a");
  if (address) Object.assign(link, { href: address, textContent: label });
  else link.remove();
  place.append(toast);
  keepToast(toast);
});

// <button data-copy="#id" hidden>: copies that element's value or text and says so.
async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https browsers offer no clipboard: select the text and let the old command take it.
    const field = document.createElement("textarea");
    field.value = text;
    button.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  const label = button.querySelector("[data-label]") ?? button;
  label.dataset.text ??= label.textContent;
  label.textContent = "Copied";
  setTimeout(() => (label.textContent = label.dataset.text), 1600);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

// <button data-go-back hidden>: where one came from, if one came from anywhere.
for (const button of document.querySelectorAll("[data-go-back]")) {
  button.hidden = history.length < 2;
  button.addEventListener("click", () => history.back());
}

// <form data-submit-on-change>: saves at once; its button is for browsers without scripts, and for whoever walks through
// the choices by keyboard: what lies on the way is not chosen yet.
for (const form of document.querySelectorAll("[data-submit-on-change]")) {
  const buttons = form.querySelectorAll("[data-without-script]");
  let isWalking = false;
  buttons.forEach((button) => (button.hidden = true));
  form.addEventListener("pointerdown", () => (isWalking = false));
  form.addEventListener("keydown", ({ key }) => (isWalking ||= key !== "Tab"));
  form.addEventListener("change", () => {
    if (isWalking) buttons.forEach((button) => (button.hidden = false));
    else form.requestSubmit();
  });
}
