// Says at the top how many pictures have come since this page was made; asks only while somebody looks at it.

const place = document.querySelector("[data-news]");
const PAUSE_MS = 30_000;
let waiting;
let last = "";
let asked = performance.now();

function stop() {
  clearTimeout(waiting);
  waiting = undefined;
}

function wait() {
  stop();
  waiting = setTimeout(ask, Math.max(0, asked + PAUSE_MS - performance.now()));
}

// The head of the listing is this very address, with all that it says of how the pictures are shown.
function show(said) {
  last = said;
  place.innerHTML = said;
  place.querySelector("a").href = location.pathname + location.search;
}

async function ask() {
  asked = performance.now();
  try {
    const answer = await fetch(place.dataset.news, { headers: { "HX-Request": "true" } });
    // Whoever is not signed in any more is not told, and need not be asked for again.
    if (!answer.ok || answer.redirected) return;
    const said = await answer.text();
    if (said && said !== last) show(said);
  } catch { /* No connection: once more later. */ }
  if (!document.hidden) wait();
}

if (place) {
  wait();
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : wait()));
  addEventListener("online", wait);
}
