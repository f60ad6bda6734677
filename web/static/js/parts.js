// Putting a frame in the place of the one before: only what has changed is touched, so that focus, scrolling and open
// details stay. Elements with an id are found again wherever they went, all others by their place.
"use strict";

const putFrame = (() => {
  const isOurs = (name) => name.startsWith("data-local") || name === "open" || name === "aria-pressed"; // set by this page
  const CLOCKS = new Set(["data-until", "data-since", "data-ago", "data-wall"]); // written by this page

  // A part that a frame only names, and a clock that is as it was, are left alone.
  const isSame = (old, fresh, names) =>
    names.some((name) => name === "data-same" || (CLOCKS.has(name) && old.getAttribute(name) === fresh.getAttribute(name)));

  function setAttributes(old, fresh, names) {
    for (const name of names) {
      const value = fresh.getAttribute(name);
      if (isOurs(name) || old.getAttribute(name) === value) continue;
      old.setAttribute(name, value);
      if (name === "value" && old !== document.activeElement) old.value = value; // nobody is typing there
    }
    for (const name of old.getAttributeNames()) if (!isOurs(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }

  function drop(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
  }

  function patchChildren(old, fresh) {
    const ids = new Set();
    for (let child = fresh.firstElementChild; child; child = child.nextElementSibling) if (child.id) ids.add(child.id);
    const isGone = (node) => !node.id || !ids.has(node.id);
    let place = old.firstChild;
    for (let child = fresh.firstChild, next; child; child = next) {
      next = child.nextSibling; // before it may go over into the page
      const known = child.id && document.getElementById(child.id);
      const kept = known?.parentNode === old ? known : null;
      while (place && place !== kept && (kept ? isGone(place) : place.id && isGone(place))) place = drop(place);
      const match = kept ?? (!child.id && !place?.id && place?.nodeName === child.nodeName ? place : null);
      if (!match) old.insertBefore(child, place);
      else if (match === place) place = place.nextSibling;
      else if (old.moveBefore) old.moveBefore(match, place);
      else old.insertBefore(match, place);
      if (match) patch(match, child);
    }
    while (place) place = drop(place);
  }

  function patch(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    const names = fresh.getAttributeNames();
    if (isSame(old, fresh, names)) return;
    setAttributes(old, fresh, names);
    patchChildren(old, fresh);
  }

  return (html) => {
    const box = document.createElement("template");
    box.innerHTML = html; // from our own server, every name in it escaped
    patch(document.getElementById("live"), box.content.firstElementChild);
  };
})();
