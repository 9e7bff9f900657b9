// The slider of the automatic share says what it stands at.

const slider = document.querySelector("[data-share] input[type=range]");
const shown = document.querySelector("[data-share] output");

if (slider && shown) {
  const tell = () => { shown.textContent = `${slider.value} %`; };
  slider.addEventListener("input", tell);
  tell();
}
