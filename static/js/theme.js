// The switch between light and dark. The server reads the cookie, so no page flashes in the wrong colours.
const root = document.documentElement;

function dark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function keep(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
}

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    keep("theme", root.dataset.theme);
  });
}

for (const button of document.querySelectorAll("[data-menu-size]")) {
  button.addEventListener("click", () => {
    const narrow = root.dataset.menu ? root.dataset.menu === "narrow" : matchMedia("(max-width: 68rem)").matches;
    root.dataset.menu = narrow ? "wide" : "narrow";
    keep("menu", root.dataset.menu);
  });
}
