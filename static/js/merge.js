// Whoever goes on writing in their own version has chosen it.
function choose(event) {
  const mine = event.target.closest("[data-mine]");
  if (!mine || event.target.type === "radio") return;
  mine.querySelector("input[type=radio]").checked = true;
}

document.addEventListener("input", choose);
document.addEventListener("change", choose);
