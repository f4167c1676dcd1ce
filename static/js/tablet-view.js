// What the tablet shows. Elements are in the page already; this fills them and shows one screen at a time.
const root = document.documentElement;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function picture(address) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", address);
  svg.append(use);
  return svg;
}

export class View {
  #page;
  #words = {};
  #language = "vi";

  constructor(page) {
    this.#page = page;
  }

  find(name) {
    return this.#page.querySelector(`[data-part="${name}"]`);
  }

  get screen() {
    return this.#page.dataset.now;
  }

  get language() {
    return this.#language;
  }

  show(screen) {
    this.#page.dataset.now = screen;
    for (const section of this.#page.querySelectorAll("[data-screen]")) section.hidden = section.dataset.screen !== screen;
    this.#page.querySelector(`[data-screen="${screen}"] [tabindex="-1"]`)?.focus({ preventScroll: true });
  }

  useWords(words) {
    this.#words = words;
    this.speak(this.#language);
  }

  word(name) {
    return this.#words[this.#language]?.[name] ?? "";
  }

  // Put every text of the page into a language; ``lang`` tells screen readers and the typeface.
  speak(language) {
    this.#language = language;
    root.lang = language;
    for (const part of this.#page.querySelectorAll("[data-word]")) part.textContent = this.word(part.dataset.word);
    for (const button of this.#page.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
  }

  fillCounter(counter) {
    this.find("counter-number").textContent = counter.number;
    this.find("site").textContent = counter.site;
    for (const part of this.#page.querySelectorAll("[data-counter]")) part.textContent = counter.number;
  }

  fillClock(now) {
    const options = { timeZone: "Asia/Ho_Chi_Minh" };
    this.find("time").textContent = now.toLocaleTimeString("vi", { ...options, hour: "2-digit", minute: "2-digit" });
    this.find("date").textContent = now.toLocaleDateString("vi", { ...options, dateStyle: "full" });
  }

  fillServant(ask) {
    const portrait = this.find("portrait");
    portrait.hidden = !ask.servant.portrait;
    if (ask.servant.portrait) portrait.src = ask.servant.portrait;
    this.find("initials").hidden = Boolean(ask.servant.portrait);
    this.find("initials").textContent = ask.servant.initials;
    this.find("name").textContent = ask.servant.name;
    this.find("job").textContent = ask.servant.title;
    this.find("category").textContent = ask.category;
    this.find("training").hidden = !ask.training;
  }

  fillFaces(scale, faces, tapped) {
    this.find("question").textContent = scale.question[this.#language];
    const list = this.find("faces");
    list.replaceChildren(
      ...scale.levels.map((level) => {
        const button = element("button", "face");
        button.type = "button";
        button.dataset.face = level.face;
        button.append(picture(`${faces}#${level.face}`), element("span", "face-word", level.words[this.#language]));
        button.addEventListener("click", (event) => tapped(level, event));
        return button;
      }),
    );
  }

  fillReasons(reasons, icons, chosen, toggled) {
    const chips = reasons.map((reason) => {
      const button = element("button", "reason");
      button.type = "button";
      button.setAttribute("aria-pressed", String(chosen.has(reason.code)));
      button.append(picture(`${icons}#${reason.icon}`), element("span", "", reason.words[this.#language]));
      button.addEventListener("click", (event) => {
        button.setAttribute("aria-pressed", String(toggled(reason.code, event)));
      });
      return button;
    });
    this.find("reasons").replaceChildren(...chips);
  }

  // The box for own words, empty whenever it is opened or closed.
  openWords(isOpen) {
    this.find("words").value = "";
    this.find("words-box").hidden = !isOpen;
    this.#page.querySelector("[data-act=other]").hidden = isOpen;
  }

  // Light up the tapped face, so that the eye sees what the finger did.
  answerTap(value, scale) {
    const index = scale.levels.findIndex((level) => level.value === value);
    [...this.find("faces").children].forEach((face, i) => face.classList.toggle("face--chosen", i === index));
  }

  // A touch that does not count still answers: the target shakes once.
  refuseTap(target) {
    target.classList.remove("refused");
    void target.offsetWidth; // restarts the animation
    target.classList.add("refused");
  }

  fillThanks(title, text) {
    this.find("thanks-title").textContent = title;
    this.find("thanks-text").textContent = text;
  }

  fillUndo(secondsLeft) {
    for (const button of this.#page.querySelectorAll("[data-act=undo]")) {
      button.hidden = secondsLeft <= 0;
      button.querySelector("[data-seconds]").textContent = Math.ceil(secondsLeft);
    }
  }

  fillWarning(secondsLeft) {
    const warning = this.find("warning");
    warning.hidden = secondsLeft === null;
    if (secondsLeft !== null) this.find("warning-seconds").textContent = secondsLeft;
  }

  fillNetwork(isOnline, waiting) {
    this.#page.dataset.network = isOnline ? (waiting ? "sending" : "online") : "offline";
    this.find("network").textContent = isOnline ? "" : this.word("offline");
  }

  dim(isDim) {
    this.#page.classList.toggle("tablet--dim", isDim);
  }
}
