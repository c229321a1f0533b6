// The blurred preview goes when the picture is there, so that nothing of it looks out from behind.

const backdrop = document.querySelector("[data-until-shown]");
const picture = document.querySelector(".stage-picture");

if (backdrop) {
  const hide = () => picture.naturalWidth && (backdrop.hidden = true);
  if (picture.complete) hide();
  else picture.addEventListener("load", hide, { once: true });
}
