// Names for what Django's own scripts put on the page: fields that complete what one types, and the hints of lists.

function nameCompletion(select) {
  const label = document.querySelector(`label[for="${select.id}"]`);
  const shown = select.parentElement.querySelector(".select2-selection__rendered");
  if (!label || !shown) return;
  label.id ||= `${select.id}_label`;
  shown.setAttribute("aria-labelledby", label.id);
  shown.closest("[role=combobox]").setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
}

// Each after the script of Django's that makes what is to be named: they wait for the same, and began to earlier.
window.django?.jQuery?.(() => document.querySelectorAll("select.admin-autocomplete").forEach(nameCompletion));

addEventListener("load", () => {
  document.querySelectorAll(".help-tooltip[aria-label]").forEach((hint) => hint.setAttribute("role", "img"));
});
