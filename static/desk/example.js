/* While a form is filled in, the page says what it would mean; nothing is saved by that. */

const PAUSE = 250;

const form = document.querySelector("[data-example] form");
const shown = document.getElementById("example");
let waiting = 0;
let asked = 0;

async function tell() {
  const mine = ++asked;
  const address = form.closest("[data-example]").dataset.example;
  const answer = await fetch(address, { method: "POST", body: new FormData(form) });
  if (answer.ok && mine === asked) shown.innerHTML = await answer.text();
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(tell, PAUSE);
});
