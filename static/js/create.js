// The form: grows with its text, counts, submits by keyboard, and never loses what was typed.

const form = document.querySelector("[data-composer]");
const prompt = form.querySelector("textarea");
const counter = form.querySelector("[data-counter]");
const submit = form.querySelector("[data-submit]");
const token = form.elements.token;
const limit = Number(prompt.dataset.limit);
const OWNER = document.body.dataset.account;
const DRAFT = `draft:${OWNER}`;
const SENT = `sent-form:${OWNER}`;
const OFFLINE = "There is no connection. Nothing was sent, and your words are kept.";
const OF_THE_PAGE = ["csrfmiddlewaretoken", "token", "prompt"];

// Private windows of some browsers refuse storage; then there is no draft.
const storage = {
  get: (name) => { try { return sessionStorage.getItem(name); } catch { return null; } },
  set: (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* no draft */ } },
  drop: (name) => { try { sessionStorage.removeItem(name); } catch { /* no draft */ } },
};

function grow() {
  if (CSS.supports("field-sizing", "content")) return;
  prompt.style.height = "auto";
  prompt.style.height = `${prompt.scrollHeight}px`;
}

// Says nothing while there is plenty of room.
function count() {
  const length = [...prompt.value.trim()].length;
  counter.hidden = length < Math.min(200, limit / 2);
  counter.textContent = `${length.toLocaleString("en")} of ${limit.toLocaleString("en")}`;
  counter.dataset.over = length > limit;
}

function changed() {
  grow();
  count();
  storage.set(DRAFT, prompt.value);
}

function choose(choices) {
  for (const [name, value] of choices) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]:enabled`)) {
      if (field.type !== "radio") field.value = value;
      else if (field.value === value) field.checked = true;
      else continue;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}

// A draft is forgotten only when the page that follows a successful submit is there. Whoever had to sign in on the way
// finds the choices again, too.
function restore() {
  const sent = storage.get(SENT);
  storage.drop(SENT);
  if (sent && location.hash.startsWith("#g-")) storage.drop(DRAFT);
  else if (!prompt.value) {
    prompt.value = storage.get(DRAFT) ?? "";
    if (sent && prompt.value) choose(JSON.parse(sent));
  }
  grow();
  count();
}

// Going back to a form that was sent and sending it once more is the same wish, not a second one.
token.value = history.state?.token ?? token.value;

prompt.addEventListener("input", changed);
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (!submit.disabled) form.requestSubmit(submit);
  }
});
form.addEventListener("submit", (event) => {
  storage.set(DRAFT, prompt.value);
  // The browser's own page for that would take the place of this one, and Back would not lead here.
  if (!navigator.onLine) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("tell", { detail: { text: OFFLINE } }));
    return;
  }
  const choices = [...new FormData(form)].filter(([name]) => !OF_THE_PAGE.includes(name));
  storage.set(SENT, JSON.stringify(choices));
  history.replaceState({ token: token.value }, "");
  // Disabled only after the browser has taken the form, which would leave it out otherwise.
  setTimeout(() => { submit.disabled = true; });
});
window.addEventListener("pageshow", () => { submit.disabled = false; });

// What is folded away is told by the fold.
form.addEventListener("change", (event) => {
  const told = form.querySelector(`[data-chosen="${event.target.name}"]`);
  const name = event.target.closest("label")?.querySelector("[data-name]");
  if (told && name) told.textContent = name.textContent;
});

// What the wish would take, in the server's own words: one sentence for each number of pictures.
function estimate() {
  const model = form.querySelector("[name=model]:checked");
  const pictures = form.querySelector("[name=count]:checked");
  if (model && pictures) {
    const told = model.dataset.estimates.split("|")[Number(pictures.value) - 1];
    const place = form.querySelector("[data-estimate]");
    if (told && told !== place.textContent) place.textContent = told;
  }
}

form.addEventListener("change", estimate);
// A browser that comes back to the page puts its own choices into the form.
window.addEventListener("pageshow", estimate);

form.querySelector("[data-examples]")?.addEventListener("click", (event) => {
  const example = event.target.closest("a");
  if (!example || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  prompt.value = example.textContent;
  changed();
  prompt.focus();
});

const keys = form.querySelector("[data-keys]");
keys.hidden = matchMedia("(pointer: coarse)").matches;
if (/Mac|iP(hone|ad)/.test(navigator.platform)) keys.firstElementChild.textContent = "\u2318";

restore();

// On a phone the shapes scroll sideways: begin where the chosen one is.
const row = form.querySelector(".shape-row");
const chosen = row.querySelector("label:has(:checked)");
if (chosen) row.scrollLeft = chosen.offsetLeft - (row.clientWidth - chosen.offsetWidth) / 2;

const wrong = form.querySelector('[aria-invalid="true"]:not([type="hidden"], :disabled)');
wrong?.focus();
