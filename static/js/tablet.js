// The tablet at a counter: it asks the centre once a second what to show, and tells it what the citizen did.
// The servant has no control over it. Times are docs/tablet.md's; a face commits at the first tap.
import { Sender } from "./tablet-send.js";
import { openStore } from "./tablet-store.js";
import { View } from "./tablet-view.js";

const POLL_MS = 1000;
const HEARTBEAT_MS = 60_000;
const UNTOUCHED_MS = 90_000;
const IDLE_MS = 45_000;
const WARNING_MS = 20_000;
const UNDO_MS = 8_000;
const THANKS_MS = 8_000;
const PREEMPT_MS = 2_000;
const DIM_MS = 60_000;
const SETTLE_MS = 300;
const LOCK_MS = 1200;
const FIRST_LANGUAGE = "vi";

const page = document.querySelector("[data-tablet]");
const view = new View(page);
// The centre's time as far as it is known, the device's until then; no correction of the device turns it back.
let skewMs = 0; // the device's clock minus the centre's
const started = Date.now() - performance.now();
const now = (skew = skewMs) => new Date(started + performance.now() - skew);

let questionnaire = null;
let answer = null; // the ask on the screen and what was done with it
let ended = ""; // the ask whose showing is over here
let settingTag = "";
let stateTag = "";
let isOnline = true;
let wanted = null; // the ask that the centre last wanted shown
let settledAt = 0; // touches before it belong to the screen before
let facesFrom = 0; // faces rest after a tap, against double taps and children
let lastTouch = 0;
let enteredAt = 0;

async function call(address, options = {}) {
  const response = await fetch(address, {
    cache: "no-store",
    signal: AbortSignal.timeout(10_000),
    ...options,
    headers: { "X-Motcua-Device": "1", ...options.headers },
  });
  if (response.status === 401) location.reload(); // no longer paired: the page asks for a code
  const time = response.headers.get("X-Motcua-Time");
  if (time) skewMs = started + performance.now() - Date.parse(time);
  return response;
}

function post(address, body) {
  return call(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

const sender = new Sender(await openStore(), async (events) => {
  const response = await post(page.dataset.eventsUrl, { events });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return (await response.json()).results;
});

function tell(kind, facts = {}) {
  return sender.put({ ask: answer.ask.token, kind, at: now(answer.skewMs).toISOString(), ...facts });
}

function tellRating(kind, facts = {}) {
  return tell(kind, { rating: answer.rating, scale: questionnaire.scale.id, language: view.language, ...facts });
}

// Screens

function enter(screen) {
  view.show(screen);
  enteredAt = lastTouch = performance.now();
  settledAt = enteredAt + SETTLE_MS;
  view.fillWarning(null);
}

function rest() {
  if (answer) ended = answer.ask.token;
  answer = null;
  view.openWords(false);
  view.speak(FIRST_LANGUAGE);
  history.replaceState(null, "", location.pathname);
  enter("rest");
}

function ask(shown) {
  answer = {
    ask: shown,
    rating: crypto.randomUUID(),
    level: null,
    reasons: new Set(),
    touched: false,
    isRated: false,
    scoredAt: 0,
    skewMs, // one correction of the clock for all that belongs together, so that its eight seconds are eight seconds
  };
  drawAsk();
  enter("ask");
  tell("SHOWN");
}

function drawAsk() {
  view.fillServant(answer.ask);
  view.fillFaces(questionnaire.scale, page.dataset.faces, tap);
}

async function tap(level, event) {
  if (isRefused(event, facesFrom)) return;
  facesFrom = performance.now() + LOCK_MS;
  answer.level = level;
  answer.isRated = true;
  answer.scoredAt = performance.now();
  view.answerTap(level.value, questionnaire.scale);
  const order = questionnaire.scale.levels.map((each) => each.value);
  await tellRating("SCORE", { level: level.value, order }); // safe on the disk before anybody is thanked
  if (level.polarity === "NEGATIVE") askReasons();
  else thank("thanks", "thanks_text");
}

function askReasons() {
  const reasons = questionnaire.reasons.filter((reason) => reason.polarity === answer.level.polarity).slice(0, 6);
  view.fillReasons(reasons, page.dataset.icons, answer.reasons, (code, event) => {
    if (isRefused(event)) return answer.reasons.has(code);
    if (!answer.reasons.delete(code)) answer.reasons.add(code);
    return answer.reasons.has(code);
  });
  enter("reasons");
}

async function sendReasons() {
  const text = view.find("words").value.trim();
  if (answer.reasons.size) await tellRating("REASONS", { reasons: [...answer.reasons] });
  if (text) await tellRating("TEXT", { text });
  thank("thanks", "thanks_text");
}

function thank(title, text) {
  view.find("words").value = "";
  view.fillThanks(view.word(title), view.word(text));
  enter("thanks");
}

async function undo() {
  if (performance.now() - answer.scoredAt >= UNDO_MS) return; // the button is about to go
  await tellRating("WITHDRAW");
  answer.level = null;
  answer.scoredAt = 0;
  answer.reasons.clear();
  drawAsk();
  enter("ask");
}

const acts = {
  decline: () => {
    tell("DECLINED");
    rest();
  },
  wrong: () => enter("wrong"),
  back: () => enter("ask"),
  "wrong-sure": () => {
    tell("VOIDED");
    thank("wrong_thanks", "wrong_thanks_text");
    answer.scoredAt = 0;
  },
  undo,
  send: sendReasons,
  skip: () => thank("thanks", "thanks_text"),
  other: () => {
    view.openWords(true);
    view.find("words").focus();
  },
  stay: () => view.fillWarning(null),
};

// Touches

function isRefused(event, from = 0) {
  const refused = performance.now() < Math.max(settledAt, from);
  if (refused) view.refuseTap(event.currentTarget);
  return refused;
}

page.addEventListener("pointerdown", (event) => {
  lastTouch = performance.now();
  view.dim(false);
  if (answer && !answer.touched && view.screen === "ask") {
    answer.touched = true;
    tell("TOUCHED");
  }
  if (!event.isPrimary) event.preventDefault(); // a second finger or a palm counts for nothing
});
page.addEventListener("keydown", () => (lastTouch = performance.now()));
page.addEventListener("contextmenu", (event) => event.preventDefault());

for (const button of page.querySelectorAll("[data-act]")) {
  button.addEventListener("click", (event) => {
    if (!isRefused(event)) acts[button.dataset.act]();
  });
}

for (const button of page.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    view.speak(button.dataset.language);
    if (view.screen === "ask") drawAsk();
    else if (view.screen === "reasons") {
      const since = lastTouch;
      askReasons();
      lastTouch = since;
    }
  });
}

// Time

function tick() {
  const time = performance.now();
  view.fillClock(now());
  const scored = answer?.scoredAt ?? 0;
  view.fillUndo(scored ? (UNDO_MS - (time - scored)) / 1000 : 0);
  const idle = time - lastTouch;
  if (view.screen === "rest") view.dim(idle > DIM_MS);
  else if (view.screen === "ask" || view.screen === "wrong") {
    if (idle > UNTOUCHED_MS) {
      if (!answer.isRated) tell("TIMED_OUT");
      rest();
    }
  } else if (view.screen === "reasons") {
    if (idle > IDLE_MS + WARNING_MS) rest();
    else view.fillWarning(idle > IDLE_MS ? Math.ceil((IDLE_MS + WARNING_MS - idle) / 1000) : null);
  } else if (time - enteredAt > THANKS_MS) rest();
}

// What the centre wants shown

function follow(shown) {
  const current = answer?.ask.token;
  if (shown && shown.token !== current && shown.token !== ended) {
    const isFree =
      view.screen === "rest" ||
      view.screen === "ask" ||
      (view.screen === "thanks" && performance.now() - enteredAt > PREEMPT_MS) ||
      performance.now() - lastTouch > IDLE_MS;
    if (isFree) ask(shown);
  } else if (!shown && (view.screen === "ask" || view.screen === "wrong") && !answer.isRated) {
    rest(); // withdrawn for the next citizen, or answered on a phone
  }
  if (!shown) ended = "";
}

async function load() {
  const response = await call(page.dataset.questionnaireUrl);
  if (!response.ok) throw new Error(`answered ${response.status}`);
  questionnaire = await response.json();
  view.useWords(questionnaire.words);
}

async function poll() {
  try {
    const response = await call(page.dataset.stateUrl, { headers: stateTag ? { "If-None-Match": stateTag } : {} });
    if (response.status === 200) {
      const state = await response.json();
      if (state.scale !== settingTag) await load();
      settingTag = state.scale;
      stateTag = response.headers.get("ETag") ?? "";
      view.fillCounter(state.counter);
      follow(state.ask);
      wanted = state.ask;
    } else if (response.status === 304) follow(wanted);
    else throw new Error(`answered ${response.status}`);
    if (!isOnline) sender.flush();
    isOnline = true;
  } catch {
    isOnline = false;
  }
  view.fillNetwork(isOnline, false);
  setTimeout(poll, POLL_MS);
}

async function beat() {
  const battery = await navigator.getBattery?.();
  const waiting = await sender.waiting();
  const health = {
    version: page.dataset.version,
    scale: settingTag,
    queue: waiting.length,
    oldest: waiting.oldestAt,
    battery: battery ? Math.round(battery.level * 100) : null,
    plugged: battery ? battery.charging : null,
    skew: Math.round(skewMs),
  };
  try {
    await post(page.dataset.heartbeatUrl, health);
  } catch {
    // the next one will tell
  }
  setTimeout(beat, HEARTBEAT_MS);
}

view.show("rest");
setInterval(tick, 200);
sender.flush();
poll();
beat();
