// Buying: field, slider, steps and presets move together, and the page says what it costs. The server counts anew, and
// refuses a price that was not seen.

const money = (minor, { currency, places }) =>
  new Intl.NumberFormat(document.documentElement.lang || "en", { style: "currency", currency }).format(Number(minor) / 10 ** places);

const plain = (minor, places) => (Number(minor) / 10 ** places).toFixed(places);

function terms({ dataset }) {
  const { step, price, fee, decimals, places, currency } = dataset;
  return { step: BigInt(step), price: BigInt(price), fee: BigInt(fee), decimals: Number(decimals), places: Number(places), currency };
}

function tell(form) {
  const { amount, total } = form.elements;
  const { step, price, fee, decimals, places, currency } = terms(form);
  const wanted = Number(amount.value);
  if (!Number.isFinite(wanted) || wanted < 0) return;
  const cost = (BigInt(Math.round(wanted * 10 ** decimals)) / step) * price;
  form.querySelector("[data-amount]").textContent = new Intl.NumberFormat(document.documentElement.lang || "en").format(wanted);
  form.querySelector("[data-cost]").textContent = money(cost, { currency, places });
  form.querySelector("[data-total]").textContent = money(cost + fee, { currency, places });
  form.querySelector("[data-slider]").value = amount.value;
  total.value = plain(cost + fee, places);
  for (const preset of form.querySelectorAll("[data-preset]")) {
    if (Number(preset.dataset.preset) === wanted) preset.setAttribute("aria-current", "true");
    else preset.removeAttribute("aria-current");
  }
}

for (const form of document.querySelectorAll("[data-buy]")) {
  const { amount } = form.elements;
  for (const part of form.querySelectorAll("[data-slider], [data-less], [data-more]")) part.hidden = false;
  form.querySelector("[data-look]").hidden = true;
  form.addEventListener("input", ({ target }) => {
    if (target.matches("[data-slider]")) amount.value = target.value;
    tell(form);
  });
  form.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-less], [data-more], [data-preset]");
    if (!chosen) return;
    if (chosen.matches("[data-preset]")) {
      event.preventDefault();
      amount.value = chosen.dataset.preset;
    } else if (chosen.matches("[data-less]")) amount.stepDown();
    else amount.stepUp();
    tell(form);
  });
  tell(form);
}
