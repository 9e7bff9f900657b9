/*
 * Keeps a part of the page up to date while work goes on in the background: fetches the page and exchanges the part with the
 * same id, until it no longer says `data-refresh`. Then the whole page is shown anew, with what was done.
 */

const ID = "posting-progress";

async function look() {
  const answer = await fetch(window.location.href, { credentials: "same-origin" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(ID);
  const part = document.getElementById(ID);
  if (!fresh || !part) return;
  if (!fresh.dataset.refresh) {
    window.location.reload();
    return;
  }
  // Only the figures: a button that somebody is about to press stays where it is.
  part.querySelector("progress").value = fresh.querySelector("progress").value;
  part.querySelector("p").textContent = fresh.querySelector("p").textContent;
  wait(part);
}

function wait(part) {
  if (part?.dataset.refresh) setTimeout(() => look().catch(() => wait(part)), Number(part.dataset.refresh));
}

wait(document.getElementById(ID));
