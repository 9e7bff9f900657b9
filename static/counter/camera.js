// The camera of the scan page: opens by itself, reads codes in the browser where it can (BarcodeDetector), else sends
// frames to be read, one at a time. Says "counter:code" for a member's code, once as long as it is held there.

const camera = document.getElementById("camera");
const video = camera.querySelector("video");
const torch = camera.querySelector('[data-tool="torch"]');
const other = camera.querySelector('[data-tool="switch"]');

const WIDTH = 640;
const HEIGHT = 480;
const QUALITY = 0.7;
const SEND_EVERY = 280;
const DETECT_EVERY = 120;
const GONE_AFTER = 2000;
const KEEP_OPEN_FOR = 60000;

let stream = null;
let detector = null;
let isDetectorAsked = false;
let isWanted = false;
let isRunning = false;
let chosenCamera = null;
let closing = 0;
let lastText = "";
let lastSeenAt = 0;
let wakeLock = null;

const canvas = document.createElement("canvas");
canvas.width = WIDTH;
canvas.height = HEIGHT;
const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

function show(state) {
  camera.dataset.state = state;
}

async function open() {
  if (stream?.active) return;
  show("starting");
  if (!navigator.mediaDevices?.getUserMedia) {
    show(isSecureContext ? "none" : "insecure");
    return;
  }
  const wanted = chosenCamera ? { deviceId: { exact: chosenCamera } } : { facingMode: { ideal: "environment" } };
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { ...wanted, width: { ideal: 1280 }, height: { ideal: 960 } },
    });
  } catch (error) {
    show(error.name === "NotAllowedError" ? "denied" : "none");
    return;
  }
  stream.getVideoTracks()[0].addEventListener("ended", () => { if (isWanted) start(); });
  video.srcObject = stream;
  await video.play();
  show("live");
  await offerTools();
  navigator.wakeLock?.request("screen").then((lock) => { wakeLock = lock; }, () => {});
}

function close() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  wakeLock?.release();
  wakeLock = null;
}

async function offerTools() {
  const track = stream.getVideoTracks()[0];
  torch.hidden = !track.getCapabilities?.().torch;
  torch.setAttribute("aria-pressed", "false");
  const devices = await navigator.mediaDevices.enumerateDevices();
  other.hidden = devices.filter((device) => device.kind === "videoinput").length < 2;
}

async function askForDetector() {
  if (isDetectorAsked) return;
  isDetectorAsked = true;
  if (!("BarcodeDetector" in window)) return;
  const formats = await window.BarcodeDetector.getSupportedFormats();
  if (formats.includes("qr_code")) detector = new window.BarcodeDetector({ formats: ["qr_code"] });
}

async function readHere() {
  const found = await detector.detect(video);
  return found[0]?.rawValue ?? "";
}

// The middle of the picture, where the frame is drawn.
function draw() {
  const { videoWidth, videoHeight } = video;
  const width = Math.min(videoWidth, (videoHeight * WIDTH) / HEIGHT);
  const height = Math.min(videoHeight, (videoWidth * HEIGHT) / WIDTH);
  const [left, top] = [(videoWidth - width) / 2, (videoHeight - height) / 2];
  canvas.getContext("2d").drawImage(video, left, top, width, height, 0, 0, WIDTH, HEIGHT);
  return new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
}

async function readThere() {
  const token = document.querySelector('#scan-form [name="csrfmiddlewaretoken"]')?.value;
  if (!token) return "";
  const body = await draw();
  const response = await fetch(camera.dataset.url, {
    method: "POST",
    headers: { "Content-Type": "image/jpeg", "X-CSRFToken": token },
    body,
  });
  if (response.redirected) {
    // Signed out, or the device signed off.
    location.reload();
    return "";
  }
  return response.status === 200 ? (await response.json()).text : "";
}

async function read() {
  try {
    return await (detector ? readHere() : readThere());
  } catch {
    // A detector that gives up leaves the frames; a lost connection waits for the next frame.
    detector = null;
    return "";
  }
}

function see(text) {
  const now = Date.now();
  if (!text) {
    if (camera.dataset.state === "other" && now - lastSeenAt > GONE_AFTER) show("live");
    return;
  }
  // A code that stays before the camera is one scan, also across the pages in between.
  const isHeldThere = text === lastText && now - lastSeenAt < GONE_AFTER;
  lastText = text;
  lastSeenAt = now;
  if (!text.toUpperCase().startsWith(camera.dataset.prefix)) {
    show("other");
  } else if (!isHeldThere) {
    show("live");
    document.dispatchEvent(new CustomEvent("counter:code", { detail: text }));
  }
}

async function run() {
  if (isRunning) return;
  isRunning = true;
  while (isWanted && stream?.active) {
    const began = Date.now();
    if (video.videoWidth) see(await read());
    await pause(Math.max(20, (detector ? DETECT_EVERY : SEND_EVERY) - (Date.now() - began)));
  }
  isRunning = false;
}

async function start() {
  clearTimeout(closing);
  isWanted = true;
  await Promise.all([open(), askForDetector()]);
  run();
}

// Kept open for a while, as some browsers ask for the permission each time.
function stop() {
  isWanted = false;
  clearTimeout(closing);
  closing = setTimeout(close, KEEP_OPEN_FOR);
}

torch.addEventListener("click", async () => {
  const isOn = torch.getAttribute("aria-pressed") === "true";
  await stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: !isOn }] });
  torch.setAttribute("aria-pressed", String(!isOn));
});
other.addEventListener("click", async () => {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const cameras = devices.filter((device) => device.kind === "videoinput").map((device) => device.deviceId);
  const current = stream.getVideoTracks()[0].getSettings().deviceId;
  chosenCamera = cameras[(cameras.indexOf(current) + 1) % cameras.length];
  close();
  start();
});
camera.querySelector('[data-tool="retry"]').addEventListener("click", start);

document.addEventListener("counter:stage", ({ detail }) => {
  const isScanning = detail === "scan";
  camera.hidden = !isScanning;
  if (isScanning) start();
  else stop();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) close();
  else if (isWanted) start();
});
