"use strict";
// A search over the places; without this script all of them stand there.
(() => {
  const cards = [...document.querySelectorAll(".card")];
  if (cards.length < 8) return;
  const make = (tag, words = "", said = {}) => {
    const made = document.createElement(tag);
    made.textContent = words;
    for (const [name, value] of Object.entries(said)) made.setAttribute(name, value);
    return made;
  };
  const words = cards.map((card) => card.textContent.toLowerCase());
  const box = make("div", "", { class: "find", role: "search" });
  const label = make("label", "Search the places ");
  const input = make("input", "", { type: "search", autocomplete: "off" });
  const told = make("p", "", { role: "status" });
  label.append(input);
  box.append(label, told);
  document.querySelector("main").prepend(box);
  input.addEventListener("input", () => {
    const asked = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    cards.forEach((card, at) => { card.hidden = !asked.every((word) => words[at].includes(word)); });
    const shown = cards.filter((card) => !card.hidden).length;
    for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector(".card:not([hidden])");
    told.textContent = asked.length ? `${shown} of ${cards.length} places` : "";
  });
})();
