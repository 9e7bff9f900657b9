// Tells the outcome to ears and hands: a rising pair of tones for good, a low buzz for bad, one tone for a question.
// A phone that can't vibrate still sounds.

const TONES = {
  good: [[880, 0, 0.12], [1320, 0.13, 0.2]],
  bad: [[196, 0, 0.45]],
  wait: [[660, 0, 0.15]],
};
const BUZZ = { good: [60], bad: [120, 80, 120], wait: [30] };

let audio = null;

// Browsers let a page sound only after it was touched; the first touch anywhere opens the way.
function wake() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
}

function play(tones) {
  wake();
  for (const [pitch, after, length] of tones) {
    const start = audio.currentTime + after;
    const tone = new OscillatorNode(audio, { frequency: pitch, type: pitch < 300 ? "sawtooth" : "sine" });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0.25, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + length);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + length);
  }
}

addEventListener("pointerdown", wake, { passive: true });
addEventListener("keydown", wake);
document.addEventListener("counter:signal", ({ detail }) => {
  navigator.vibrate?.(BUZZ[detail]);
  play(TONES[detail]);
});
