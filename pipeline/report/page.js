"use strict";
// Draws every chart of the page from the one block of data in it, and offers the same rows as a table and as CSV.
(() => {
  const page = JSON.parse(document.getElementById("chart-data").textContent);
  const charts = new Map(page.charts.map((chart) => [chart.name, chart]));
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  const SHARES = new Set(["share", "interval_low", "interval_high", "bound_low", "bound_high"]);
  const drawn = [];

  // A column is one value for all rows, or a list of values, or a list of places in a list of values.
  const cell = (column, row) =>
    "all" in column ? column.all : "pick" in column ? column.of[column.pick[row]] : column.each[row];

  const rowsOf = (chart, first, end) => {
    const rows = [];
    for (let row = first; row < end; row += 1) {
      const record = {};
      for (const column of chart.columns) record[column.name] = cell(column, row);
      rows.push(record);
    }
    return rows;
  };

  const inScheme = (spec, isDark) => {
    const text = JSON.stringify(spec);
    return JSON.parse(isDark ? text.replace(/#[0-9A-F]{6}/g, (ink) => page.dark[ink] ?? ink) : text);
  };

  const tip = document.getElementById("tip");
  const showTip = (_handler, event, _item, value) => {
    if (value === null || value === undefined || value === "") {
      tip.hidden = true;
      return;
    }
    tip.replaceChildren();
    for (const [name, text] of Object.entries(value)) {
      if (text === "null" || text === "" || text === null) continue;
      const term = document.createElement("dt");
      const detail = document.createElement("dd");
      term.textContent = name;
      detail.textContent = text;
      tip.append(term, detail);
    }
    tip.hidden = false;
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 16;
    const top = below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 12 : below;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, top)}px`;
  };

  const draw = (place, isDark) => {
    const chart = charts.get(place.dataset.chart);
    const panel = chart.panels[Number(place.dataset.panel)];
    const spec = inScheme(chart.spec, isDark);
    spec.description = panel.label ? `${panel.label}: ${spec.description}` : spec.description;
    for (const source of spec.data) {
      if (source.name === "rows") source.values = rowsOf(chart, panel.first, panel.end);
      if (source.name === "breaks") source.values = panel.breaks.map((each) => ({ ...each }));
    }
    place.replaceChildren();
    const view = new vega.View(vega.parse(spec), {
      renderer: "svg",
      container: place,
      hover: false,
      logLevel: vega.Error,
      tooltip: showTip,
    });
    view.run();
    return view;
  };

  const redraw = (isDark) => {
    for (const entry of drawn) {
      entry.view.finalize();
      entry.view = draw(entry.place, isDark);
    }
  };

  const shown = (name, value) => {
    if (value === null || value === undefined) return "—";
    if (SHARES.has(name)) return `${(100 * value).toFixed(1)} %`;
    if (typeof value === "number") return value.toLocaleString("en-GB", { maximumSignificantDigits: 6 });
    if (typeof value === "boolean") return value ? "yes" : "no";
    return String(value);
  };

  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== null) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  // The whole table, made when it is asked for: what is the same in every row stands once, in the caption.
  const fillTable = (place) => {
    if (place.childElementCount) return;
    const chart = charts.get(place.dataset.chart);
    const varying = chart.columns.filter((column) => !("all" in column));
    const constant = chart.columns.filter((column) => "all" in column && column.all !== null);
    const table = element("table", null);
    const same = constant.map((column) => `${column.name} = ${shown(column.name, column.all)}`).join(" · ");
    table.append(element("caption", same ? `In every row: ${same}` : ""));
    const head = element("tr", null);
    for (const column of varying) head.append(element("th", column.name, { scope: "col" }));
    table.append(element("thead", null));
    table.tHead.append(head);
    const body = element("tbody", null);
    for (let row = 0; row < chart.count; row += 1) {
      const line = element("tr", null);
      for (const column of varying) line.append(element("td", shown(column.name, cell(column, row))));
      body.append(line);
    }
    table.append(body);
    place.append(table);
  };

  const asCsv = (chart) => {
    const quoted = (value) => {
      const text = value === null || value === undefined ? "" : String(value);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const lines = [chart.columns.map((column) => quoted(column.name)).join(",")];
    for (let row = 0; row < chart.count; row += 1) {
      lines.push(chart.columns.map((column) => quoted(cell(column, row))).join(","));
    }
    return `${lines.join("\r\n")}\r\n`;
  };

  const download = (chart) => {
    const link = element("a", null, { download: `${chart.name}.csv` });
    link.href = URL.createObjectURL(new Blob([asCsv(chart)], { type: "text/csv;charset=utf-8" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const followReader = () => {
    const links = new Map([...document.querySelectorAll("nav a[href^='#']")].map((link) => [link.hash.slice(1), link]));
    const seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (!entry.isIntersecting) continue;
          for (const link of links.values()) link.removeAttribute("aria-current");
          links.get(entry.target.id)?.setAttribute("aria-current", "true");
        }
      },
      { rootMargin: "-10% 0px -80% 0px" },
    );
    for (const name of links.keys()) {
      const section = document.getElementById(name);
      if (section) seen.observe(section);
    }
  };

  const drawAll = () => {
    const places = [...document.querySelectorAll(".plot")];
    const some = () => {
      const until = performance.now() + 40;
      while (places.length && performance.now() < until) {
        const place = places.shift();
        drawn.push({ place, view: draw(place, darkScheme.matches) });
      }
      if (places.length) setTimeout(some, 0);
      else {
        document.documentElement.dataset.readyMilliseconds = String(Math.round(performance.now()));
        document.documentElement.dataset.ready = "true";
      }
    };
    some();
  };

  for (const details of document.querySelectorAll("details.rows")) {
    details.addEventListener("toggle", () => details.open && fillTable(details.querySelector("[data-chart]")));
  }
  for (const button of document.querySelectorAll("button[data-csv]")) {
    button.addEventListener("click", () => download(charts.get(button.dataset.csv)));
  }
  darkScheme.addEventListener("change", (event) => redraw(event.matches));
  addEventListener("beforeprint", () => redraw(false));
  addEventListener("afterprint", () => redraw(darkScheme.matches));
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  followReader();
  drawAll();
})();
