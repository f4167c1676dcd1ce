// Messages can be dismissed; toasts leave by themselves unless somebody is reading or pointing at them.
const LEAVE_AFTER_MS = 8000;

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".alert").remove();
});

function retire(toast) {
  let timer = setTimeout(() => toast.remove(), LEAVE_AFTER_MS);
  const stay = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), LEAVE_AFTER_MS);
  };
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("focusout", go);
}

for (const toast of document.querySelectorAll("[data-toasts] .alert")) retire(toast);
