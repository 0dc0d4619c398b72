"use strict";
// Draws every chart of the page from the one block of data in it, and offers the same rows as a table and as CSV.
(() => {
  const page = JSON.parse(document.getElementById("chart-data").textContent);
  const charts = new Map(page.charts.map((chart) => [chart.name, chart]));
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  const SHARES = new Set(["share", "interval_low", "interval_high", "bound_low", "bound_high"]);
  // Each pause costs a layout of the whole page, so they are few.
  const SLICE_MILLISECONDS = 200;
  const drawn = [];
  const titled = (framework) => page.titles[framework] ?? framework;

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
  const place = (event, pairs) => {
    tip.replaceChildren();
    for (const [name, text] of pairs) tip.append(element("dt", name), element("dd", text));
    tip.hidden = pairs.length === 0;
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 16;
    const top = below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 12 : below;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, top)}px`;
  };

  const showTip = (_handler, event, _item, value) => {
    if (!event || !value) {
      tip.hidden = true;
      return;
    }
    const pairs = Object.entries(value).filter(([, text]) => text && text !== "null");
    place(event, pairs.map(([name, text]) => [name, name === "Framework" ? titled(text) : text]));
  };

  // Where rows are too many to mark: the values of all lines at the time under the pointer.
  const tellNearest = (host, chart, view) => {
    const byMoment = new Map();
    for (const row of rowsOf(chart, 0, chart.count)) {
      const moment = Date.parse(row.period_start);
      if (!byMoment.has(moment)) byMoment.set(moment, []);
      byMoment.get(moment).push(row);
    }
    const moments = [...byMoment.keys()].sort((one, other) => one - other);
    host.addEventListener("pointermove", (event) => {
      const left = host.getBoundingClientRect().left + view.origin()[0];
      const wanted = +view.scale("x").invert(event.clientX - left);
      const nearest = moments.reduce((best, each) => (Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best));
      const rows = byMoment.get(nearest).toSorted((one, other) => other.n - one.n);
      place(event, [["Period ends", rows[0].period_end], ...rows.map((row) => [titled(row.framework), shown("n", row.n)])]);
    });
    host.addEventListener("pointerleave", () => { tip.hidden = true; });
  };

  // Drawn outside the document and put in place when done: no chart makes the page lay itself out again.
  const draw = async (entry, isDark) => {
    const { chart, panel, place } = entry;
    const spec = inScheme(chart.spec, isDark);
    spec.width = entry.width;
    if (panel.label) spec.description = `${panel.label}: ${spec.description}`;
    for (const source of spec.data) {
      if (source.name === "rows") source.values = rowsOf(chart, panel.first, panel.end);
      if (source.name === "breaks") source.values = panel.breaks.map((each) => ({ ...each }));
    }
    const host = document.createElement("div");
    const { view } = await vegaEmbed(host, spec, {
      mode: "vega",
      renderer: "svg",
      actions: false,
      defaultStyle: false,
      hover: false,
      tooltip: showTip,
    });
    if (chart.dense) tellNearest(host, chart, view);
    place.replaceChildren(host);
    entry.view?.finalize();
    entry.view = view;
  };

  const redraw = async (isDark) => {
    for (const entry of drawn) await draw(entry, isDark);
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
      const plain = value === null || value === undefined ? "" : String(value);
      // A spreadsheet takes text that begins with one of these for a formula.
      const text = typeof value === "string" && /^[=+@\t\r-]/.test(value) ? `'${plain}` : plain;
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

  const mark = (state) => {
    document.documentElement.dataset[`${state}Milliseconds`] = String(Math.round(performance.now()));
    document.documentElement.dataset[state] = "true";
  };

  // Top of the page first; between charts the page stays able to scroll. It is ready when what the reader sees first,
  // and a screen more, is drawn, and complete when all is.
  const drawAll = async () => {
    for (const place of document.querySelectorAll(".plot")) {
      const chart = charts.get(place.dataset.chart);
      const isNear = place.getBoundingClientRect().top < 2 * innerHeight;
      drawn.push({ place, chart, panel: chart.panels[Number(place.dataset.panel)], width: place.clientWidth, isNear });
    }
    let until = performance.now() + SLICE_MILLISECONDS;
    for (const entry of drawn) {
      const isReady = "ready" in document.documentElement.dataset;
      if (!entry.isNear && !isReady) mark("ready");
      await draw(entry, darkScheme.matches);
      if (performance.now() > until) {
        await new Promise((resume) => setTimeout(resume, 0));
        until = performance.now() + SLICE_MILLISECONDS;
      }
    }
    if (!("ready" in document.documentElement.dataset)) mark("ready");
    mark("complete");
  };

  const refit = () => {
    for (const entry of drawn) {
      const width = entry.place.clientWidth;
      if (!entry.view || !width || width === entry.width) continue;
      entry.width = width;
      entry.view.width(width).runAsync();
    }
  };

  // The ledger is there without this; its filters are shown where they work.
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
    for (const control of controls) control.addEventListener("input", show);
    document.querySelector(".filters").hidden = false;
    show();
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
  addEventListener("resize", () => requestAnimationFrame(refit));
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  followReader();
  filterClaims();
  drawAll();
})();
