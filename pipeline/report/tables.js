// Tables: every row of a chart when it is asked for, columns that sort, words that search, the ledger's filters.
{
  const { charts, element, rowsOf, shown } = observatory;
  const FEWEST_ROWS = 6;

  const valueOf = (cell) => {
    const text = (cell?.textContent ?? "").trim();
    const number = Number.parseFloat(text.replace(/[\s,\u00a0]/g, "").replace(/^−/, "-"));
    return Number.isNaN(number) || /^\d{4}-\d{2}/.test(text) ? text.toLowerCase() : number;
  };

  const compared = (one, other) =>
    typeof one === typeof other ? (one < other ? -1 : one > other ? 1 : 0) : typeof one === "number" ? -1 : 1;

  const sortBy = (table, head, place) => {
    const isUp = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [valueOf(row.cells[place]), row]);
    keyed.sort(([one], [other]) => (isUp ? compared(one, other) : compared(other, one)));
    body.append(...keyed.map(([, row]) => row));
  };

  const makeSortable = (table) => {
    if (table.tBodies.length !== 1 || table.tBodies[0].rows.length < FEWEST_ROWS) return;
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      const button = element("button", head.textContent, { type: "button", class: "sort" });
      button.addEventListener("click", () => sortBy(table, head, place));
      head.replaceChildren(button);
    });
  };

  const searchIn = (rows, words) => {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
    }
  };

  const searchField = (label, rows) => {
    const field = element("label", label, { class: "search" });
    const input = element("input", null, { type: "search" });
    input.addEventListener("input", () => searchIn(rows(), input.value));
    field.append(input);
    return field;
  };

  // The whole table, made when it is asked for: what is the same in every row stands once, in the caption.
  const fillTable = (place) => {
    if (place.childElementCount) return;
    const chart = charts.get(place.dataset.chart);
    const varying = chart.columns.filter((column) => !("all" in column)).map((column) => column.name);
    const constant = chart.columns.filter((column) => "all" in column && column.all !== null);
    const table = element("table", null);
    const same = constant.map((column) => `${column.name} = ${shown(column.name, column.all)}`).join(" · ");
    table.append(element("caption", same ? `In every row: ${same}` : ""), element("thead", null), element("tbody", null));
    const head = element("tr", null);
    for (const name of varying) head.append(element("th", name, { scope: "col" }));
    table.tHead.append(head);
    for (const row of rowsOf(chart)) {
      const line = element("tr", null);
      for (const name of varying) line.append(element("td", shown(name, row[name])));
      table.tBodies[0].append(line);
    }
    makeSortable(table);
    place.before(searchField("Words in a row", () => table.tBodies[0].rows));
    place.append(table);
  };

  // The ledger is there without this; its filters are shown where they work, and the page's address keeps them.
  const filterClaims = () => {
    const controls = [...document.querySelectorAll("[data-filter]")];
    const rows = [...document.querySelectorAll("#claims-table tbody tr")];
    if (!rows.length) return;
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const show = () => {
      const wanted = Object.fromEntries(controls.map((control) => [control.dataset.filter, control.value]));
      const words = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
      let shownCount = 0;
      rows.forEach((row, place) => {
        const fits = ["verdict", "family", "favours"].every((name) => !wanted[name] || row.dataset[name] === wanted[name]);
        row.hidden = !(fits && words.every((word) => texts[place].includes(word)));
        shownCount += row.hidden ? 0 : 1;
      });
      document.getElementById("claims-shown").textContent = `${shownCount} of ${rows.length}`;
    };
    const kept = new URLSearchParams(location.search);
    for (const control of controls) {
      control.value = kept.get(control.dataset.filter) ?? "";
      if (control.selectedIndex === -1) control.value = "";
      control.addEventListener("input", () => {
        show();
        observatory.keepInAddress({ [control.dataset.filter]: control.value });
      });
    }
    document.querySelector("#claims .filters").hidden = false;
    show();
  };

  // On a phone a row stands as lines: each says which column it comes from.
  const labelCells = (table) => {
    const names = [...table.tHead.rows[0].cells].map((head) => head.textContent);
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, place) => { if (place && (cell.textContent.trim() || cell.querySelector("input"))) cell.dataset.label = names[place]; });
    }
  };

  // One query string holds what the reader has chosen; an empty value leaves it.
  observatory.keepInAddress = (values) => {
    const kept = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(values)) {
      if (value) kept.set(name, value);
      else kept.delete(name);
    }
    history.replaceState(null, "", `${location.pathname}${kept.size ? `?${kept}` : ""}${location.hash}`);
  };

  for (const details of document.querySelectorAll("details.rows")) {
    details.addEventListener("toggle", () => details.open && fillTable(details.querySelector("[data-chart]")));
  }
  for (const table of document.querySelectorAll("main .scroll > table")) {
    if (!table.closest(".dictionary")) makeSortable(table);
  }
  for (const table of document.querySelectorAll(".stacked")) labelCells(table);
  const dictionary = document.querySelector(".dictionary");
  dictionary?.before(searchField("Words in a view or a column", () => dictionary.children));
  filterClaims();
}
