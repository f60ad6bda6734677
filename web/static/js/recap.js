// The recap goes to paper, or into a PDF, by the browser's own dialog.
"use strict";

document.querySelector("[data-print]").addEventListener("click", () => window.print());
