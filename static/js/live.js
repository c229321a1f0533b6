// Keeps the tiles of running calls and the badge in the header up to date. The asking itself is htmx's (`#live`).

const isPoll = (event) => event.detail.elt?.id === "live";

// Nobody looks at a hidden tab; on return it asks at once, and goes on if there is something to wait for.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isPoll(event) && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  const poll = document.getElementById("live");
  if (poll && !document.hidden) window.htmx?.trigger(poll, "wake");
});

// A tile under a pressed pointer stays until it is released: the next answer brings its change again.
let lost = null;
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target } = event.detail;
  if (target.querySelector(":active")) event.detail.shouldSwap = false;
  else if (target.id.startsWith("call-") && target.contains(document.activeElement)) {
    lost = { tile: target.id, control: document.activeElement.id };
  }
});

// Focus stays on the same control, or on what stands there now if the control is gone with its state.
document.addEventListener("htmx:oobAfterSwap", () => {
  if (!lost) return;
  const next = document.getElementById(lost.control) ?? document.querySelector(`#${lost.tile} :is(.tile, a)`);
  lost = null;
  next?.focus({ preventScroll: true });
});

// Seconds tick here and cost the server nothing; `seconds` is the filter of the same name.
const began = new WeakMap();

function age(element) {
  if (!began.has(element)) began.set(element, performance.now());
  return (performance.now() - began.get(element)) / 1000;
}

function seconds(value) {
  const whole = Math.round(value);
  const minutes = Math.floor(whole / 60);
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

function tick() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-elapsed]")) {
    const elapsed = Number(element.dataset.elapsed) + age(element);
    element.textContent = seconds(elapsed);
    const meter = element.closest(".tile").querySelector("[data-usual]");
    if (meter) meter.value = 100 * (1 - Math.exp((-1.61 * elapsed) / Number(meter.dataset.usual)));
  }
  for (const element of document.querySelectorAll("[data-wait]")) {
    element.textContent = seconds(Math.max(0, Number(element.dataset.wait) - age(element)));
  }
}

tick();
setInterval(tick, 1000);
