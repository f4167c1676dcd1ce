// The card of whoever collects fills their name and number; somebody else than expected is asked for a proof.
const person = document.querySelector("[data-collector]");

document.addEventListener("scan", (event) => {
  if (event.defaultPrevented || event.detail.kind !== "card" || !person) return;
  event.preventDefault();
  const [number, , name] = event.detail.text.split("|");
  const form = person.closest("form");
  const set = (field, value) => {
    form.elements[field].value = value;
    form.elements[field].dispatchEvent(new Event("change", { bubbles: true }));
  };
  set("method", "COUNTER");
  set("collected_by_id_number", number);
  if (name && !/[?\uFFFD]/.test(name)) set("collected_by_name", name);
  const kinds = { [person.dataset.applicant]: "APPLICANT", [person.dataset.submitter]: "SUBMITTER" };
  set("collector_kind", kinds[number] ?? "PROXY");
  if (form.elements.collector_kind.value === "PROXY") form.elements.proof_kind.focus();
});

// A box to sign in by finger, pen or mouse: lines of whole-numbered points within 1000 by 400, kept in a hidden field.
const WIDTH = 1000;
const HEIGHT = 400;

for (const part of document.querySelectorAll("[data-signature]")) equip(part);

function equip(part) {
  const box = part.querySelector("canvas");
  const field = part.querySelector("input");
  const pen = box.getContext("2d");
  let strokes = [];

  function keep() {
    field.value = strokes.length ? JSON.stringify(strokes) : "";
  }

  function draw() {
    const ink = getComputedStyle(box).color;
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    Object.assign(pen, { lineWidth: 6, lineCap: "round", lineJoin: "round", strokeStyle: ink });
    for (const line of strokes) {
      pen.beginPath();
      line.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      if (line.length === 1) pen.lineTo(line[0][0] + 1, line[0][1]);
      pen.stroke();
    }
  }

  function point(event) {
    const area = box.getBoundingClientRect();
    const inside = (value, most) => Math.min(Math.max(Math.round(value), 0), most);
    return [
      inside(((event.clientX - area.left) / area.width) * WIDTH, WIDTH),
      inside(((event.clientY - area.top) / area.height) * HEIGHT, HEIGHT),
    ];
  }

  box.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    box.setPointerCapture(event.pointerId);
    strokes.push([point(event)]);
    draw();
  });
  box.addEventListener("pointermove", (event) => {
    if (!box.hasPointerCapture(event.pointerId)) return;
    const line = strokes.at(-1);
    const [x, y] = point(event);
    const [lastX, lastY] = line.at(-1);
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 3) return;
    line.push([x, y]);
    draw();
  });
  box.addEventListener("pointerup", keep);
  box.addEventListener("pointercancel", keep);
  part.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = [];
    keep();
    draw();
  });
  try {
    strokes = JSON.parse(field.value || "[]") ?? [];
  } catch {
    strokes = [];
  }
  draw();
}
