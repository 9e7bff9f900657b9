/*
 * The theme lets one click on parts that are no buttons. Here they become buttons for keyboards and screen readers too;
 * words come from the page, in its language.
 */

const CLICKABLE = "[x-on\\:click]:not(button, input, select, textarea, a[href], #changelist-filter-close)";
const WORDS = { dock_to_right: "menu", close: "close" };

function isPressed(event) {
  return event.key === "Enter" || event.key === " ";
}

function makeButton(part, words) {
  part.setAttribute("role", "button");
  part.tabIndex = 0;
  const word = WORDS[part.textContent.trim()];
  if (word) part.setAttribute("aria-label", words[word]);
  part.addEventListener("keydown", (event) => {
    if (event.target !== part || !isPressed(event)) return;
    event.preventDefault();
    part.click();
  });
}

function name(selector, word) {
  // SimpleBar makes regions of these, all with the same name unless told otherwise.
  for (const part of document.querySelectorAll(selector)) part.dataset.simplebarAriaLabel = word;
}

document.addEventListener("DOMContentLoaded", () => {
  const page = document.getElementById("page");
  if (!page?.dataset.wordsMenu) return;
  const words = { menu: page.dataset.wordsMenu, close: page.dataset.wordsClose };
  for (const part of page.querySelectorAll(CLICKABLE)) makeButton(part, words);
  name("#nav-sidebar-apps", page.dataset.wordsNavigation);
  name("#changelist-filter [data-simplebar]", page.dataset.wordsFilters);
});
