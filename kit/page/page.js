"use strict";
// Comfort, not need: without this script the page is whole, and its links lead to the same rows.
(() => {
  const collator = new Intl.Collator("en-US", { numeric: true });
  const number = (count) => count.toLocaleString("en-US");

  const make = (tag, words = "", said = {}) => {
    const made = document.createElement(tag);
    made.textContent = words;
    for (const [name, value] of Object.entries(said)) made.setAttribute(name, value);
    return made;
  };
  const button = (words, press) => {
    const made = make("button", words, { type: "button" });
    made.addEventListener("click", press);
    return made;
  };
  const save = (name, text) => {
    const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
    make("a", "", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };

  // Contents: folded on a phone.
  if (matchMedia("(max-width: 60rem)").matches) document.querySelector("nav details").open = false;

  const canUnpack = "DecompressionStream" in window;
  const unpacked = (packed) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
  };

  // Maps: their documents are packed, and unpacked into a frame that reaches nothing outside.
  for (const frame of canUnpack ? document.querySelectorAll("iframe[data-packed]") : []) {
    document.documentElement.classList.add("maps");
    unpacked(frame.dataset.packed).then((html) => { frame.srcdoc = html; });
  }

  // Drawings for a phone are packed too; those for a page stand there without this script.
  const phone = matchMedia("(max-width: 37.5rem)");
  const draw = () => {
    for (const place of phone.matches && canUnpack ? document.querySelectorAll("[data-drawing]") : []) {
      unpacked(place.dataset.drawing).then((svg) => {
        place.innerHTML = svg;
        place.classList.add("drawn");
      });
      place.removeAttribute("data-drawing");
    }
  };
  phone.addEventListener("change", draw);
  draw();

  // --- tables: sort by any column, search long ones ---

  const text = (row, column) => row.cells[column].textContent.trim();
  const plain = (said) => said.replace(/(\d),(?=\d{3})/g, "$1");
  const sortable = (table) => {
    const body = table.tBodies[0];
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
    const first = [...(body?.rows ?? [])];
    if (first.length < 3 || first.some((row) => row.cells.length !== heads.length)) return;
    const sort = (head, column) => {
      const counts = first.every((row) => /^(\d|$)/.test(text(row, column))) && column > 0;
      const turns = counts ? ["descending", "ascending"] : ["ascending", "descending"];
      const turn = turns[turns.indexOf(head.ariaSort) + 1] ?? "none";
      const up = turn === "ascending" ? 1 : -1;
      const rows = first.map((row) => [row, plain(text(row, column))]);
      if (turn !== "none") {
        rows.sort(([, a], [, b]) => (a === "") - (b === "") || up * collator.compare(a, b));
      }
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      if (turn !== "none") head.setAttribute("aria-sort", turn);
      body.append(...rows.map(([row]) => row));
    };
    heads.forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const press = button(head.textContent, () => sort(head, column));
      head.replaceChildren(press);
    });
  };

  // Gives the function that narrows a table to chosen rows (null: all) and says so.
  const searchable = (table) => {
    const rows = [...table.tBodies[0].rows];
    const words = new Map();
    let chosen = null;
    let why = "";
    const input = make("input", "", { type: "search", autocomplete: "off", spellcheck: "false" });
    const label = make("label", table.matches(".rows") ? "Search the rows " : "Search this table ");
    const told = make("p", "", { role: "status" });
    const show = () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        if (!words.has(row)) words.set(row, row.textContent.toLowerCase());
        const fits = (!chosen || chosen.has(row)) && wanted.every((word) => words.get(row).includes(word));
        row.hidden = !fits;
        shown += fits;
      }
      told.textContent = `${number(shown)} of ${number(rows.length)} rows${why}`;
      all.hidden = !chosen && !input.value;
    };
    const narrow = (set, reason = "") => {
      [chosen, why, input.value] = [set, reason, ""];
      show();
    };
    const all = button("Show all rows", () => narrow(null));
    const find = make("div", "", { class: "find" });
    label.append(input);
    find.append(label, told, all);
    input.addEventListener("input", show);
    table.closest(".scroll").before(find);
    show();
    return { narrow, find };
  };

  // The rows of the records stand in a table a record and direction, and are printed so; on a screen a copy of them is
  // one table, to sort and to search.
  const labels = new Map();
  const gathered = (groups) => {
    let at = 0;
    const titles = ["Row", "Agency as printed", "Direction", "Data", "Page", "Placed in", "How sure", "Why", "Flags"];
    const whole = make("table", "", { class: "kit rows whole" });
    const head = make("tr");
    head.append(...titles.map((title) => make("th", title, { scope: "col" })));
    whole.createCaption().textContent = "Rows of the records that the numbers on this page count";
    whole.createTHead().append(head);
    const body = whole.createTBody();
    for (const one of groups) {
      const [source, direction, data] = ["a", "b", "i"].map((part) => one.caption.querySelector(part));
      const usual = [...one.caption.querySelectorAll("q")];
      for (const printed of one.tBodies[0].rows) {
        const row = printed.cloneNode(true);
        printed.removeAttribute("id");
        labels.set(`${source.hash}:${row.cells[0].textContent}`, row);
        row.cells[0].textContent = `${source.textContent} ${row.cells[0].textContent}`;
        row.cells[0].scope = "row";
        row.cells[1].after(make("td", direction.textContent), ...(data ? [make("td", data.textContent)] : []));
        while (row.cells.length < titles.length) row.append(make("td"));
        for (const said of usual) {
          const empty = row.cells[titles.indexOf(said.title)];
          if (!empty.textContent.trim()) empty.textContent = said.textContent;
        }
        row.id = `r-${(at += 1)}`;
        body.append(row);
      }
      one.classList.add("printed");
    }
    groups[0].before(whole);
  };
  const groups = document.querySelectorAll("table.rows");
  if (groups.length) gathered(groups);
  const tables = document.querySelectorAll("main table:not(.printed)");

  tables.forEach(sortable);
  const finders = new Map();
  for (const table of tables) {
    if (table.tBodies[0]?.rows.length >= 30 || table.matches(".rows")) finders.set(table, searchable(table));
  }

  // A box that nothing overflows needs no stop for the keyboard.
  const boxes = new ResizeObserver((seen) => {
    for (const { target } of seen) {
      if (target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  document.querySelectorAll(".scroll").forEach((box) => boxes.observe(box));

  // --- a number and its rows ---

  const SPANS = '.behind a[href^="#r-"]';
  const table = document.querySelector("table.whole");
  if (!table) return;
  const { narrow, find } = finders.get(table);
  const cell = (said) => {
    const safe = /^[=+\-@\t\r]/.test(said) ? `'${said}` : said;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  const line = (row) => [...row.cells].map((one) => cell(one.textContent.trim())).join(",");
  find.append(
    button("Save these rows as CSV", () => {
      const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
      save("rows-shown.csv", [table.tHead.rows[0], ...rows].map(line).join("\r\n"));
    }),
  );
  const back = make("a", "Back to the number", { href: "#ledger" });
  back.hidden = true;
  find.append(back);

  // A link says which rows it stands for as a reader sees it: "12–15, 17" after the link to their record, or
  // "308 rows from 2 to 638" that follow one another here.
  const rowsSaid = (record, link) => {
    const each = (from, to, row) => Array.from({ length: to - from + 1 }, (_, step) => row(from + step));
    const first = Number(link.hash.slice(3));
    if (link.textContent.includes("rows from")) {
      return each(first, first + Number(link.dataset.n) - 1, (at) => document.getElementById(`r-${at}`));
    }
    return link.textContent.split(", ").flatMap((said) => {
      const [from, to = from] = said.split("–").map(Number);
      return each(from, to, (at) => labels.get(`${record}:${at}`));
    });
  };
  const rowsOf = (entry) => {
    let record = "";
    return [...entry.querySelectorAll(".behind > a")].flatMap((link) => {
      if (link.hash.startsWith("#r-")) return rowsSaid(record, link);
      record = link.hash;
      return [];
    });
  };

  const showRows = (entry, rows) => {
    const said = entry.querySelector(".says").textContent;
    narrow(new Set(rows), `, those behind: ${said}`);
    back.href = `#${entry.id}`;
    back.hidden = false;
    const heading = document.getElementById("rows");
    history.pushState(null, "", "#rows");
    heading.scrollIntoView();
    heading.focus({ preventScroll: true });
  };

  // The rows of a number that was clicked stand right under it: the first ten.
  const peek = (entry, rows) => {
    document.querySelectorAll(".peek").forEach((old) => old.remove());
    if (!rows.length) return;
    const short = make("table", "", { class: "kit rows whole" });
    const few = rows.slice(0, 10);
    const caption = few.length < rows.length ? `First ${few.length} of ${number(rows.length)} rows` : "The rows";
    short.append(make("caption", caption), table.tHead.cloneNode(true), document.createElement("tbody"));
    for (const head of short.tHead.rows[0].cells) {
      head.textContent = head.textContent.trim();
      head.removeAttribute("aria-sort");
    }
    for (const row of few) {
      const copy = row.cloneNode(true);
      copy.removeAttribute("id");
      copy.hidden = false;
      short.tBodies[0].append(copy);
    }
    const box = make("div", "", { class: "peek scroll", role: "group", "aria-label": caption, tabindex: "0" });
    box.append(short);
    entry.append(box);
  };

  for (const entry of document.querySelectorAll(".ledger > li")) {
    if (!entry.querySelector(SPANS)) continue;
    const press = button("Show these rows", () => showRows(entry, rowsOf(entry)));
    press.className = "show";
    const said = entry.querySelector(".behind");
    said.insertBefore(press, said.querySelector(".use"));
  }

  const arrive = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.matches("details")) at.open = true;
    if (target.matches("tr[hidden]")) narrow(null);
    if (target.matches(".ledger > li")) {
      peek(target, rowsOf(target));
      target.tabIndex = -1;
      target.focus({ preventScroll: true });
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", arrive);
  if (location.hash) arrive();
})();
