// Watches for the shop's question and puts it on the page as soon as it is asked; tells how it ended when it was answered
// elsewhere, by the number read out to the cashier, or by the cashier taking it back.

const place = document.getElementById("question");
const EVERY = 2500;

let isAsking = false;
let shownAt = Date.now();

function current() {
  return place.querySelector("[data-question]");
}

async function ask() {
  if (isAsking || document.hidden) return;
  isAsking = true;
  try {
    const shown = current();
    const query = shown ? `?shown=${shown.dataset.id}` : "";
    const response = await fetch(place.dataset.url + query, { cache: "no-store" });
    if (response.redirected || !response.ok || response.status === 204) return;
    if (shown?.dataset.question === response.headers.get("X-Question")) return;
    place.innerHTML = await response.text();
    announce();
  } catch {
    // No connection: the next look is due soon.
  } finally {
    isAsking = false;
  }
}

function announce() {
  shownAt = Date.now();
  const title = place.querySelector("#question-title");
  if (!title) return;
  title.focus({ preventScroll: true });
  place.scrollIntoView({ block: "start", behavior: "smooth" });
  navigator.vibrate?.(200);
  countDown();
}

function countDown() {
  const clock = place.querySelector("[data-seconds]");
  if (!clock) return;
  const left = Math.max(0, Number(clock.dataset.seconds) - Math.floor((Date.now() - shownAt) / 1000));
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  clock.hidden = false;
}

setInterval(ask, EVERY);
setInterval(countDown, 1000);
document.addEventListener("visibilitychange", ask);
if (current()) countDown();
ask();
