// Making a link for somebody's phone: the link itself, and its code to photograph.
"use strict";

(() => {
  const form = document.getElementById("links");
  const code = document.getElementById("code");
  const problems = JSON.parse(form.dataset.problems);

  const HERE_ALONE = /^(localhost|127\..*|0\.0\.0\.0|\[::1?\])$/;

  async function make() {
    const [role, host] = form.elements.for.value.split(":");
    const body = { role, ...(host && { host }) };
    const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(form.getAttribute("action"), request).catch(() => null);
    if (!answer) return code.replaceChildren(form.dataset.unsent);
    const made = await answer.json();
    if (!answer.ok) return code.replaceChildren(problems[made.code] ?? made.detail);
    code.innerHTML = made.svg; // drawn by our own server
    code.append(Object.assign(document.createElement("a"), { href: made.url, textContent: made.url }));
    if (HERE_ALONE.test(new URL(made.url).hostname)) code.append(form.dataset.hereAlone);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    make();
  });
})();
