// The months beside a grid: one tab stop, arrows between them; the rail is pulled like a scroll bar, and shows where one is.

const grid = document.querySelector("[data-grid]");
const rail = document.querySelector("[data-timeline]");
const place = document.querySelector("[data-timeline-place]");
const months = [...rail.querySelectorAll("[data-month]")];
// As in timeline.css: where the months are a rail and not a sheet.
const isRail = matchMedia("(min-width: 60rem) and (hover: hover)");

function setTabStop(month) {
  for (const each of months) each.tabIndex = each === month ? 0 : -1;
}

// The month of the last day that begins above a line, which moves down the window as one scrolls down the page: so the
// first day has its turn, and the last one too.
function currentMonth() {
  const { scrollTop, scrollHeight, clientHeight } = document.scrollingElement;
  const line = (clientHeight * scrollTop) / Math.max(1, scrollHeight - clientHeight);
  let found;
  for (const day of grid.querySelectorAll("[data-day]:not([hidden])")) {
    if (found && day.firstElementChild.getBoundingClientRect().top > line) break;
    found = day;
  }
  return months.find((month) => month.dataset.month === found?.dataset.day.slice(0, 7));
}

let isWaiting = false;
function follow() {
  isWaiting = false;
  const here = currentMonth();
  if (!here || here.ariaCurrent === "true") return;
  for (const month of months) month.ariaCurrent = month === here ? "true" : null;
  place.textContent = here.querySelector("[data-name]").textContent;
  if (!rail.contains(document.activeElement)) setTabStop(here);
}

addEventListener(
  "scroll",
  () => {
    if (!isWaiting) requestAnimationFrame(follow);
    isWaiting = true;
  },
  { passive: true },
);

const STEPS = { ArrowUp: -1, ArrowDown: 1, PageUp: -12, PageDown: 12, Home: -Infinity, End: Infinity };

rail.addEventListener("keydown", (event) => {
  const at = months.indexOf(event.target);
  const step = STEPS[event.key];
  if (at < 0 || !step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  const next = months[Math.min(Math.max(at + step, 0), months.length - 1)];
  setTabStop(next);
  next.focus();
});

// The nearest one, also between two of them and beside the rail.
function monthAt(y) {
  const distance = (month) => {
    const { top, bottom } = month.getBoundingClientRect();
    return Math.abs((top + bottom) / 2 - y);
  };
  return months.reduce((best, month) => (distance(month) < distance(best) ? month : best));
}

function point(month) {
  for (const each of months) each.classList.toggle("is-pointed", each === month);
}

let isPulled = false;

rail.addEventListener("pointerdown", (event) => {
  if (!isRail.matches || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  isPulled = true;
  rail.setPointerCapture(event.pointerId);
  point(monthAt(event.clientY));
  event.preventDefault();
});

rail.addEventListener("pointermove", (event) => {
  if (isRail.matches) point(monthAt(event.clientY));
});

rail.addEventListener("pointerup", (event) => {
  if (!isPulled) return;
  isPulled = false;
  rail.releasePointerCapture(event.pointerId);
  // A click of its own follows only where press and release meet the same link.
  monthAt(event.clientY).click();
});

for (const name of ["pointerleave", "pointercancel"]) {
  rail.addEventListener(name, () => {
    isPulled = false;
    point(null);
  });
}

setTabStop(months.find((month) => month.ariaCurrent === "true") ?? months[0]);
