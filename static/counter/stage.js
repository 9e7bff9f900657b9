// The stage: each step arrives as a part of a page (htmx). What follows from that is here: focus, signals, the camera's
// turn, typing from anywhere, the clock of a question, and patience with a bad connection.

const stage = document.getElementById("stage");
const trouble = document.getElementById("trouble");
const tabs = document.querySelectorAll(".tabs [data-tab]");

// Every form that may be sent twice carries a key by which the server knows it again, so trying again is harmless.
const WAITS = [1000, 2000, 4000, 8000];
const hasKeyboard = matchMedia("(pointer: fine)").matches;

let failures = 0;
let clock = 0;

function enter({ isFirst }) {
  const step = stage.querySelector("[data-stage]");
  if (!step) return;
  for (const tab of tabs) {
    if (tab.dataset.tab === step.dataset.tab) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  document.dispatchEvent(new CustomEvent("counter:stage", { detail: step.dataset.stage }));
  if (step.dataset.signal) document.dispatchEvent(new CustomEvent("counter:signal", { detail: step.dataset.signal }));
  focusOn(step, isFirst);
  runClock(step.querySelector("[data-seconds]"));
}

function focusOn(step, isFirst) {
  const field = step.querySelector("[autofocus]") ?? (hasKeyboard ? step.querySelector("#code") : null);
  if (field) field.focus();
  else if (!isFirst) step.querySelector("h1")?.focus({ preventScroll: true });
}

function runClock(place) {
  clearInterval(clock);
  if (!place) return;
  const until = Date.now() + Number(place.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.round((until - Date.now()) / 1000));
    place.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    place.hidden = false;
  };
  tick();
  clock = setInterval(tick, 1000);
}

function say(what) {
  trouble.hidden = !what;
  for (const text of trouble.querySelectorAll("[data-trouble]")) text.hidden = text.dataset.trouble !== what;
}

function tryAgain(form) {
  const wait = WAITS[failures];
  failures += 1;
  if (wait === undefined || !form) {
    say(form ? "given-up" : "lost");
    failures = 0;
    return;
  }
  say("lost");
  setTimeout(() => {
    // Pressed again rather than submitted: only so does htmx send the button's value along.
    if (form.pressed?.isConnected) form.pressed.click();
    else if (form.isConnected) form.requestSubmit();
  }, wait);
}

stage.addEventListener("submit", ({ target, submitter }) => {
  target.pressed = submitter;
}, true);

for (const event of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(event, ({ detail }) => tryAgain(detail.elt.closest("form[data-retry]")));
}
document.body.addEventListener("htmx:responseError", ({ detail }) => { if (detail.xhr.status >= 500) say("broken"); });
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful && !(detail.xhr?.status < 500 && detail.xhr?.status > 0)) return;
  failures = 0;
  say("");
});
document.body.addEventListener("htmx:afterSettle", ({ detail }) => { if (detail.target === stage) enter({ isFirst: false }); });

document.addEventListener("counter:code", ({ detail }) => {
  const form = document.getElementById("scan-form");
  if (!form) return;
  form.elements.code.value = detail;
  form.requestSubmit();
});

// A hand-held scanner types wherever the focus is: send it to the field.
document.addEventListener("keydown", (event) => {
  const field = document.getElementById("code");
  const isTyping = event.target.closest?.("input, textarea, select, button, a, summary");
  if (field && !isTyping && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) field.focus();
});

enter({ isFirst: true });
