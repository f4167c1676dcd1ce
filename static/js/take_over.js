// A scanner ends the badge with Enter: the cursor goes on to the PIN instead of sending half a form.
const form = document.querySelector("[data-take-over]");
const { badge, pin } = form.elements;

badge.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || pin.value) return;
  event.preventDefault();
  if (badge.value.trim()) pin.focus();
});
