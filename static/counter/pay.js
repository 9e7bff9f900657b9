// Paying with points, and buying them: field, slider and steps move together, and the page says what they are worth or what
// they cost. The server counts anew.

function numbers(form) {
  const { units, money, decimals, total = 0, fee = 0, places, currency } = form.dataset;
  return {
    units: BigInt(units), money: BigInt(money), total: BigInt(total), fee: BigInt(fee), decimals: Number(decimals), places: Number(places), currency,
  };
}

function shown(minor, { currency, places }) {
  const language = document.documentElement.lang || "en";
  return new Intl.NumberFormat(language, { style: "currency", currency }).format(Number(minor) / 10 ** places);
}

function tell(form) {
  const terms = numbers(form);
  const amount = Number(form.elements.amount.value);
  if (!Number.isFinite(amount) || amount < 0) return;
  const points = BigInt(Math.round(amount * 10 ** terms.decimals));
  const value = (points * terms.money) / terms.units;
  form.querySelector("[data-value]").textContent = shown(value + terms.fee, terms);
  const left = form.querySelector("[data-left]");
  if (left) left.textContent = shown(terms.total - value, terms);
  form.querySelector("[data-slider]").value = form.elements.amount.value;
}

function dress(stage) {
  for (const form of stage.querySelectorAll("[data-pay]")) {
    for (const part of form.querySelectorAll("[data-slider], [data-less], [data-more]")) part.hidden = false;
    tell(form);
  }
}

const stage = document.getElementById("stage");

stage.addEventListener("input", ({ target }) => {
  const form = target.closest("[data-pay]");
  if (!form) return;
  if (target.matches("[data-slider]")) form.elements.amount.value = target.value;
  tell(form);
});

stage.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-less], [data-more]");
  if (!button) return;
  const form = button.closest("[data-pay]");
  if (button.matches("[data-less]")) form.elements.amount.stepDown();
  else form.elements.amount.stepUp();
  tell(form);
});

document.addEventListener("counter:stage", () => dress(stage));
dress(stage);
