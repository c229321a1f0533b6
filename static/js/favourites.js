// One tap makes a picture a favourite, or none any more: only its button comes back from the site. What goes wrong is
// said by answers.js, and the button stays as it is.

function send(event) {
  const { target: form, submitter: button } = event;
  if (!button || !form.matches("[data-favourites]")) return;
  event.preventDefault();
  // Nothing else takes it for a form that leads to another page.
  event.stopPropagation();
  const sent = htmx.ajax("POST", button.getAttribute("formaction"), { source: button, target: button, swap: "outerHTML" });
  sent.catch(() => { /* answers.js says so */ });
}

document.addEventListener("submit", send, true);
