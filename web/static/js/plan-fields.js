// The fields of a plan: how each value of the document is written in its control, and read from it again.
// What cannot be read as what it should be stays as it was typed: the server says what would be right.

const tidy = (text) => text.replace(/[\s,，]/g, "");
const orTyped = (value, text) => (value === undefined ? text.trim() : value);
const number = (text) => (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(tidy(text)) ? Number(tidy(text)) : undefined);
const whole = (text) => (/^\d+$/.test(tidy(text)) ? Number(tidy(text)) : undefined);
const listed = (value) => (Array.isArray(value) ? value : [value]);
const HUNDREDTH_DIGITS = 6;

// By digits, for 0.29 × 100 is not 29 in binary.
function minorUnits(text, decimals) {
  const [, units, parts = ""] = /^(\d+)(?:\.(\d*))?$/.exec(tidy(text)) ?? [];
  const exact = parts.replace(/0+$/, "");
  return units === undefined || exact.length > decimals ? undefined : Number(units + exact.padEnd(decimals, "0"));
}

function majorUnits(minor, decimals) {
  if (!Number.isSafeInteger(minor) || minor < 0) return String(minor);
  const digits = String(minor).padStart(decimals + 1, "0");
  return decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
}

const kinds = {
  text: { read: (text) => text.trim(), write: String },
  number: { read: (text) => orTyped(number(text), text), write: String },
  units: { read: (text) => orTyped(whole(text), text), write: String },
  money: { read: (text, decimals) => orTyped(minorUnits(text, decimals), text), write: majorUnits },
  percent: {
    read: (text) => {
      const hundredths = number(text);
      return hundredths === undefined ? text.trim() : Number((hundredths / 100).toFixed(HUNDREDTH_DIGITS));
    },
    write: (value) => (typeof value === "number" ? String(Number((value * 100).toFixed(HUNDREDTH_DIGITS))) : String(value)),
  },
  list: {
    read: (text) => text.trim().split(/[\s,，、;；+]+/).map((part) => orTyped(whole(part), part)),
    write: (value) => listed(value).join(", "),
  },
  lines: {
    read: (text) => text.split("\n").map((line) => line.trim()).filter(Boolean),
    write: (value) => listed(value).join("\n"),
  },
  flag: { read: (text) => text === "true", write: String },
};

function writeInstant(field, value) {
  const [, local, zone] = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)[\d:.]*(Z|[+-]\d\d:\d\d)$/.exec(value) ?? [];
  field.querySelector("[data-kind]").value = local?.replace(" ", "T") ?? "";
  if (zone) choose(field.querySelector("[data-zone]"), zone === "Z" ? "+00:00" : zone);
}

// A file may say what the list does not offer; it is shown all the same.
export function choose(select, value) {
  if (![...select.options].some((option) => option.value === value)) select.add(new Option(value, value));
  select.value = value;
}

export function write(field, value, decimals) {
  const control = field.querySelector("[data-kind]");
  const { kind } = control.dataset;
  if (kind === "instant") return writeInstant(field, String(value ?? ""));
  const text = value === undefined || value === null ? "" : kinds[kind].write(value, decimals);
  if (control.matches("select")) {
    if (text) choose(control, text);
  } else control.value = text;
}

// Nothing where nothing was typed.
export function read(field, decimals) {
  const control = field.querySelector("[data-kind]");
  if (control.value.trim() === "") return undefined;
  if (control.dataset.kind === "instant") return control.value + field.querySelector("[data-zone]").value;
  return kinds[control.dataset.kind].read(control.value, decimals);
}

export function put(document, path, value) {
  if (value === undefined) return;
  const steps = path.split(".");
  const last = steps.pop();
  let target = document;
  for (const step of steps) target = target[step] ??= {};
  target[last] = value;
}

export const at = (document, path) => path.split(".").reduce((value, step) => value?.[step], document);

export const here = () => {
  const minutes = -new Date().getTimezoneOffset();
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
};
