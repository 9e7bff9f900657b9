// Keeps the code on the card right: fetches ten minutes of codes ahead, shows the one of this moment, and asks for more
// in time. Our clock counts, not the phone's. Without a connection the card goes on until the codes are used up.

const place = document.getElementById("code");
const picture = place.querySelector(".code-picture");
const lost = place.querySelector(".code-lost");
const ring = place.querySelector(".ring");
const label = picture.querySelector("svg").getAttribute("aria-label");

const SVG = "http://www.w3.org/2000/svg";
const QUIET_ZONE = 4;
const FETCH_WHEN_LEFT = 20;
const RETRY_AFTER = [3000, 5000, 10000, 20000];

let codes = [];
let clockAhead = 0;
let shownFrom = 0;
let failures = 0;
let isFetching = false;
let retryAt = 0;

const serverSeconds = () => (Date.now() + clockAhead) / 1000;

async function fetchCodes() {
  if (isFetching) return;
  isFetching = true;
  try {
    const asked = Date.now();
    const response = await fetch(place.dataset.url, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (response.redirected) {
      // Signed out meanwhile, elsewhere or by time.
      location.reload();
      return;
    }
    if (!response.ok) throw new Error(String(response.status));
    const answer = await response.json();
    // The answer left the server about half a round trip ago.
    clockAhead = answer.now * 1000 - (asked + Date.now()) / 2;
    codes = answer.codes;
    failures = 0;
    retryAt = 0;
  } catch {
    retryAt = Date.now() + RETRY_AFTER[Math.min(failures, RETRY_AFTER.length - 1)];
    failures += 1;
  } finally {
    isFetching = false;
  }
  show();
}

function draw(code) {
  const bytes = Uint8Array.from(atob(code.bits), (letter) => letter.charCodeAt(0));
  let path = "";
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      const bit = y * code.size + x;
      if ((bytes[bit >> 3] >> (7 - (bit & 7))) & 1) path += `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z`;
    }
  }
  const side = code.size + 2 * QUIET_ZONE;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("shape-rendering", "crispEdges");
  const ground = document.createElementNS(SVG, "rect");
  ground.setAttribute("width", side);
  ground.setAttribute("height", side);
  ground.setAttribute("fill", "#fff");
  const modules = document.createElementNS(SVG, "path");
  modules.setAttribute("d", path);
  modules.setAttribute("fill", "#000");
  svg.append(ground, modules);
  picture.replaceChildren(svg);
}

function show() {
  const now = serverSeconds();
  const code = codes.find((each) => each.show_from <= now && now < each.show_until);
  const isLost = !code && failures > 0;
  place.dataset.state = isLost ? "lost" : "shown";
  lost.hidden = !isLost;
  picture.hidden = isLost;
  ring.toggleAttribute("hidden", !code);
  if (!code) return;
  if (code.show_from !== shownFrom) {
    draw(code);
    shownFrom = code.show_from;
    place.dataset.shownFrom = code.show_from;
  }
  const left = code.show_until - now;
  const share = left / (code.show_until - code.show_from);
  ring.querySelector(".ring-left").style.strokeDashoffset = String(100 * (1 - share));
  ring.querySelector("text").textContent = String(Math.ceil(left));
}

function tick() {
  const now = serverSeconds();
  const left = codes.filter((code) => now < code.show_until).length;
  if (left < FETCH_WHEN_LEFT && Date.now() >= retryAt && !document.hidden) fetchCodes();
  show();
}

lost.querySelector("button").addEventListener("click", fetchCodes);
addEventListener("online", fetchCodes);
document.addEventListener("visibilitychange", tick);
addEventListener("pageshow", (event) => { if (event.persisted) fetchCodes(); });
setInterval(tick, 250);
tick();
