// Swiping on the stage turns to the next picture; the picture follows the finger.

const stage = document.querySelector("[data-stage]");
const pictures = stage.querySelectorAll("img");
const FAR = 60;
let start = null;

// Right brings the newer picture, left the older one; image.js does the turning when the link is pressed.
function neighbour(x) {
  return document.querySelector(`[data-turn="${x > 0 ? "previous" : "next"}"]`);
}

function move(distance) {
  for (const picture of pictures) picture.style.translate = distance ? `${distance}px` : "";
}

stage.addEventListener("pointerdown", (event) => {
  if (event.pointerType === "mouse" || !event.isPrimary) {
    start = null;
    return;
  }
  stage.classList.remove("is-turning");
  start = { x: event.clientX, y: event.clientY };
});

stage.addEventListener("pointermove", (event) => {
  // While somebody has zoomed in, a finger looks around instead.
  if (!start || !event.isPrimary || (visualViewport?.scale ?? 1) > 1.05) return;
  const x = event.clientX - start.x;
  const wanted = neighbour(x);
  if (Math.abs(x) > Math.abs(event.clientY - start.y)) move(wanted ? x : x / 4);
});

function end(event) {
  if (!start || !event.isPrimary) return;
  const x = event.clientX - start.x;
  const isAcross = Math.abs(x) > FAR && Math.abs(x) > 2 * Math.abs(event.clientY - start.y);
  start = null;
  stage.classList.add("is-turning");
  const link = neighbour(x);
  if (isAcross && event.type === "pointerup" && link) {
    move(Math.sign(x) * innerWidth);
    link.click();
  } else {
    move(0);
  }
}

stage.addEventListener("pointerup", end);
stage.addEventListener("pointercancel", end);
