// What shows before taught, put into the plan's fields: of all items, or of one.

import { write } from "./plan-fields.js";

const skuOf = (row) => row.querySelector('[data-at="sku"] input').value.trim();

// Fills in what was learned of these rows, and how many of them that were.
export function fillIn(rows, learned, decimals) {
  const known = rows.filter((row) => learned[skuOf(row)]);
  for (const row of known) {
    const { fields, sample } = learned[skuOf(row)];
    for (const [name, value] of Object.entries(fields)) write(row.querySelector(`[data-at="${name}"]`), value, decimals);
    row.querySelector("[data-sample]").textContent = sample;
  }
  return known.length;
}
