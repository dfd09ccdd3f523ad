// Agencies as signs on a Leaflet map, with a panel to choose lists and directions. Names are data, and go out as text.
"use strict";

// eslint-disable-next-line no-unused-vars -- the map's own script calls it
function drawAgencies(map, data) {
  const make = (name, said = {}, ...inside) => {
    const made = Object.assign(document.createElement(name), said);
    made.append(...inside);
    return made;
  };
  const outlines = {
    o: (x, y, r) => `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`,
    D: (x, y, r) => `M${x},${y - r}l${r},${r}l${-r},${r}l${-r},${-r}z`,
    "^": (x, y, r) => `M${x},${y - r}l${r},${1.8 * r}h${-2 * r}z`,
    box: (x, y, r) => `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  };
  const Sign = L.CircleMarker.extend({
    _updatePath() {
      this._renderer._setPath(this, outlines[this.options.sign](this._point.x, this._point.y, this._radius));
    },
  });
  const count = (number, one, many) => `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;

  // What is chosen: a row counts where its list and its direction are both ticked.
  const off = new Set();
  let lines = null;
  const rowsAt = (place) => place.rows.filter(([, list, way]) => !off.has(`list ${list}`) && !off.has(`way ${way}`));

  const signs = data.places.map(([lat, lon, kind, where, rows]) => {
    const [sign, fillColor] = data.signs[kind];
    const look = { sign, fillColor, fillOpacity: 0.9, color: "#fff", weight: 1, radius: 5 };
    const place = { where, rows, at: new Sign([lat, lon], look) };
    place.at.bindPopup(() => told(place), { maxWidth: 240, maxHeight: 180, autoPanPaddingTopLeft: [48, 8] });
    if (matchMedia("(hover: hover)").matches) {
      place.at.bindTooltip(() => words(place), { direction: "top" });
      place.at.on("popupopen", () => place.at.closeTooltip());
    }
    place.at.on("add", () => reachable(place));
    return place;
  });

  // What is said of a place: its agencies, each with the lists that name it.
  function told(place) {
    const by = new Map();
    for (const [name, list, way] of rowsAt(place)) {
      if (!by.has(name)) by.set(name, new Map());
      const ways = by.get(name);
      ways.set(way, (ways.get(way) || new Set()).add(data.lists[list]));
    }
    const names = [...by].sort((a, b) => data.names[a[0]].localeCompare(data.names[b[0]], "en"));
    const items = names.map(([name, ways]) => {
      const listed = [...ways].map(([way, lists]) => make("span", {}, `${data.ways[way]} by: ${[...lists].join("; ")}`));
      return make("li", {}, data.names[name], ...listed);
    });
    return make("div", { className: "told" }, make("strong", {}, words(place)), make("ul", {}, ...items));
  }
  function words(place) {
    const rows = rowsAt(place);
    const agencies = new Set(rows.map(([name]) => name)).size;
    return `${place.where}: ${count(agencies, "agency", "agencies")}, ${count(rows.length, "link", "links")}`;
  }

  // One stop for the tab key; arrows go from sign to sign, west to east; Enter opens, Escape closes.
  const said = make("p", { className: "said", role: "status" });
  let current = null;
  function reachable(place) {
    const path = place.at.getElement();
    path.setAttribute("tabindex", place === current ? "0" : "-1");
    path.setAttribute("role", "button");
    path.setAttribute("aria-label", words(place));
    path.onfocus = () => { said.textContent = words(place); map.panInside(place.at.getLatLng(), { padding: [40, 40] }); };
    path.onkeydown = (event) => pressed(event, place);
  }
  function pressed(event, place) {
    const there = signs.filter((one) => map.hasLayer(one.at));
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -1e9, End: 1e9 };
    if (event.key in steps) {
      const to = there.indexOf(place) + steps[event.key];
      focus(there[Math.max(0, Math.min(there.length - 1, to))]);
    } else if (event.key === "Enter" || event.key === " ") {
      place.at.openPopup();
    } else if (event.key === "Escape") {
      map.closePopup();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
  function focus(place) {
    current?.at.getElement()?.setAttribute("tabindex", "-1");
    current = place;
    current.at.getElement().setAttribute("tabindex", "0");
    current.at.getElement().focus();
  }

  // Lines bow to the right of the way that the data goes.
  const arcs = L.layerGroup();
  function arc(from, to, much, way) {
    const [y, x] = from, [b, a] = to, points = [];
    const middle = [(y + b) / 2 - (a - x) * 0.15, (x + a) / 2 + (b - y) * 0.15];
    for (let t = 0; t <= 1.001; t += 0.1) {
      const bend = (i) => (1 - t) ** 2 * from[i] + 2 * t * (1 - t) * middle[i] + t ** 2 * to[i];
      points.push([bend(0), bend(1)]);
    }
    const look = { color: "#1a1a1a", weight: Math.min(0.5 + Math.sqrt(much) / 2, 3), opacity: 0.3, interactive: false };
    arcs.addLayer(L.polyline(points, { ...look, dashArray: data.ways[way] === data.back ? "4 4" : null }));
  }
  function draw() {
    arcs.clearLayers();
    for (const place of signs) {
      const rows = rowsAt(place);
      if (!rows.length) { place.at.remove(); continue; }
      place.at.setRadius((place.at.options.sign === "o" ? 2.5 : 4) + Math.min(Math.sqrt(rows.length), 8));
      if (map.hasLayer(place.at)) reachable(place); else place.at.addTo(map);
      if (!lines?.checked) continue;
      const much = {};
      for (const [, list, way] of rows) if (data.owners[list]) much[`${list} ${way}`] = (much[`${list} ${way}`] || 0) + 1;
      for (const [key, number] of Object.entries(much)) {
        const [list, way] = key.split(" ").map(Number), { lat, lng } = place.at.getLatLng();
        const ends = [data.owners[list], [lat, lng]];
        arc(...(data.ways[way] === data.back ? ends.reverse() : ends), number, way);
      }
    }
    arcs.addTo(map).eachLayer((line) => line.bringToBack());
    map.eachLayer((layer) => layer instanceof L.GeoJSON && layer.bringToBack());
    // The small on the large, and those with a sign of their own on top.
    const large = (one) => (one.at.options.sign === "o" ? one.at.getRadius() : 0);
    for (const one of [...signs].sort((a, b) => large(b) - large(a))) if (map.hasLayer(one.at)) one.at.bringToFront();
    if (!current || !map.hasLayer(current.at)) {
      current = signs.find((one) => map.hasLayer(one.at)) || null;
      current?.at.getElement().setAttribute("tabindex", "0");
    }
  }

  // The panel: what can be chosen, and the key.
  function boxes(title, kind, labels) {
    const all = labels.map((label, at) => {
      const box = make("input", { type: "checkbox", checked: true });
      box.onchange = () => { off[box.checked ? "delete" : "add"](`${kind} ${at}`); draw(); };
      return make("label", {}, box, ` ${label}`);
    });
    return labels.length > 1 ? [make("fieldset", {}, make("legend", {}, title), ...all)] : [];
  }
  function swatch([sign, color, text]) {
    const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    drawing.setAttribute("viewBox", "0 0 14 14");
    drawing.setAttribute("aria-hidden", "true");
    path.setAttribute("d", outlines[sign](7, 7, 5));
    path.setAttribute("fill", color);
    path.setAttribute("stroke", "#595959");
    drawing.append(path);
    return make("li", {}, drawing, text);
  }
  const choice = [...boxes("Direction", "way", data.ways), ...boxes("Lists", "list", data.lists)];
  if (data.owners.some(Boolean)) {
    lines = make("input", { type: "checkbox", onchange: draw });
    choice.push(make("label", {}, lines, " Lines from and to the owner of the list"));
  }
  const key = make("ul", { className: "key" }, ...data.key.map(swatch));
  const notes = data.notes.map((note) => make("p", {}, note));
  const inside = [make("summary", {}, "Key and layers"), key, ...notes, ...choice, said];
  const folded = make("details", {}, ...inside);
  const panel = make("section", { className: "panel" }, folded);
  const narrow = matchMedia("(max-width: 40rem)");
  folded.open = !narrow.matches;
  map.getContainer().before(panel);
  for (const [part, label] of [[panel, "Key and layers"], [map.getContainer(), data.title]]) {
    part.setAttribute("aria-label", label);
    if (part !== panel) part.setAttribute("role", "region");
  }
  map.invalidateSize({ animate: false }).fitBounds(data.bounds, { animate: false });
  // Counties are not stops for the tab key: their numbers stand in the table on the page.
  for (const path of map.getPanes().overlayPane.querySelectorAll("path")) path.setAttribute("tabindex", "-1");
  new ResizeObserver(() => map.invalidateSize()).observe(map.getContainer());
  draw();
}
