/*
 * The theme shows its search with the next frame, and puts the cursor into it 20 ms after it was asked. On a busy machine
 * the first letters typed are lost, and when that frame comes later the cursor never gets there. Here a key that opens
 * the search opens it at once, and the cursor is in it whenever it comes into view.
 */

document.addEventListener("alpine:initialized", () => {
  const box = document.getElementById("search-input-command");
  const search = box?.closest("[x-data]");
  if (!search) return;
  const isHidden = () => search.style.display === "none";

  new MutationObserver(() => {
    if (!isHidden()) box.focus();
  }).observe(search, { attributeFilter: ["style"] });

  // A click is left to the theme: it would still count as one beside the search, and close it.
  window.addEventListener("keydown", () => {
    if (!isHidden() || !Alpine.$data(search).openCommandResults) return;
    search.style.removeProperty("display");
    box.focus();
  });
});
