// htmx takes the frames off the socket and morphs each into the page, so that focus, scrolling, open details and what
// is being typed stay. This tells it what is not the frame's to change.
"use strict";

(() => {
  htmx.config.morphIgnore.push("data-local", "open", "aria-pressed"); // attributes that the page sets

  const CLOCKS = ["data-until", "data-since", "data-ago", "data-wall"]; // their text is written by the page
  const isSame = (old, fresh) =>
    CLOCKS.some((name) => fresh.hasAttribute(name) && fresh.getAttribute(name) === old.getAttribute(name));

  // A part that a frame only names, and a clock that is as it was, are left alone.
  const mayMorph = (old, { newNode }) => !newNode.hasAttribute("data-same") && !isSame(old, newNode);
  htmx.registerExtension("frames", { htmx_before_morph_node: mayMorph });
})();
