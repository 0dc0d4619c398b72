"use strict";
// Draws every chart of the page from the one block of data in it. What other scripts need stands in `observatory`.
const observatory = (() => {
  const page = JSON.parse(document.getElementById("chart-data").textContent);
  const charts = new Map(page.charts.map((chart) => [chart.name, chart]));
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  const SHARES = new Set(["share", "interval_low", "interval_high", "bound_low", "bound_high"]);
  // Each pause costs a layout of the whole page, so they are few.
  const SLICE_MILLISECONDS = 200;
  const drawn = [];
  // Settled when all was drawn for the first time.
  let drawing = null;
  const titled = (framework) => page.titles[framework] ?? framework;

  // A column is one value for all rows, or a list of values, or a list of places in a list of values.
  const cell = (column, row) =>
    "all" in column ? column.all : "pick" in column ? column.of[column.pick[row]] : column.each[row];

  const rowsOf = (chart, first = 0, end = chart.count) => {
    const rows = [];
    for (let row = first; row < end; row += 1) {
      const record = {};
      for (const column of chart.columns) record[column.name] = cell(column, row);
      rows.push(record);
    }
    return rows;
  };

  // What the reader has chosen to see; `choice.js` sets it. Years are null where no span is chosen.
  const choice = { keeps: () => true, span: null };

  // The interpreter takes the one number of a `datetime` for a year.
  const inScheme = (spec, isDark) => {
    const text = JSON.stringify(spec).replace(/datetime\((\d+)\)/g, "toDate($1)");
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
    for (const row of rowsOf(chart).filter(choice.keeps)) {
      const moment = Date.parse(row.period_start);
      if (!byMoment.has(moment)) byMoment.set(moment, []);
      byMoment.get(moment).push(row);
    }
    const moments = [...byMoment.keys()].sort((one, other) => one - other);
    const tell = (event) => {
      if (!moments.length) return;
      const left = host.getBoundingClientRect().left + view.origin()[0];
      const wanted = +view.scale("x").invert(event.clientX - left);
      const nearest = moments.reduce((best, each) => (Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best));
      const rows = byMoment.get(nearest).toSorted((one, other) => other.n - one.n);
      place(event, [["Period ends", rows[0].period_end], ...rows.map((row) => [titled(row.framework), shown("n", row.n)])]);
    };
    for (const kind of ["pointermove", "pointerdown"]) host.addEventListener(kind, tell);
    host.addEventListener("pointerleave", () => { tip.hidden = true; });
  };

  const marksOf = (marks) => marks.flatMap((mark) => [mark, ...marksOf(mark.marks ?? [])]);

  // A finger meets no mark by a hair: the nearest one within reach tells its values, and a second tap opens them.
  const REACH_PIXELS = 24;
  const answerTaps = (host) => {
    let told = null;
    host.addEventListener("click", (event) => {
      const far = (mark) => {
        const box = mark.getBoundingClientRect();
        return Math.hypot(event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2);
      };
      const marks = [...host.querySelectorAll("svg path, svg line")].filter((mark) => mark.__data__?.tooltip);
      const nearest = marks.reduce((best, mark) => (best && far(best) <= far(mark) ? best : mark), null);
      if (!nearest || (event.target !== nearest && far(nearest) > REACH_PIXELS)) return;
      const item = nearest.__data__;
      const isKnown = event.pointerType === "mouse" || told === item;
      told = item;
      if (isKnown) host.dispatchEvent(new CustomEvent("figure", { bubbles: true, detail: item.datum }));
      else showTip(null, event, item, item.tooltip);
    });
  };

  // The room that the names at the ends of lines take, in pixels; nought where no lines are to be told apart.
  const LEAST_WIDTH_PIXELS = 300;
  const LETTER_PIXELS = 6.6;
  const LABEL_PIXELS = 13;
  const roomForNames = (spec, rows, width) => {
    const isOverTime = spec.scales.some((scale) => scale.name === "x" && scale.type === "utc");
    const names = new Set(rows.map((row) => row.framework));
    if (!isOverTime || width < LEAST_WIDTH_PIXELS || names.size < 2) return 0;
    if (!marksOf(spec.marks).some((mark) => mark.type === "line" && mark.encode.update.stroke.field === "framework")) return 0;
    return Math.ceil(Math.max(...[...names].map((name) => titled(name).length)) * LETTER_PIXELS) + 8;
  };

  const nameLines = (host, view, spec, rows) => {
    const { field } = marksOf(spec.marks).find((mark) => mark.type === "line").encode.update.y;
    const newest = new Map();
    for (const row of rows) {
      if (row[field] === null || (view.scale("y").type === "log" && row[field] <= 0)) continue;
      if (!newest.has(row.framework) || newest.get(row.framework).period_start <= row.period_start) newest.set(row.framework, row);
    }
    const ends = [...newest.values()].map((row) => ({
      name: row.framework, x: view.scale("x")(Date.parse(row.period_start)), y: view.scale("y")(row[field]),
    }));
    const frame = host.querySelector("svg > g");
    const svg = (tag, attributes) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      return made;
    };
    let above = Number.NEGATIVE_INFINITY;
    for (const end of ends.sort((one, other) => one.y - other.y)) {
      above = Math.max(end.y, above + LABEL_PIXELS);
      const ink = view.scale("color")(end.name);
      const left = view.width() + 18;
      frame.append(svg("path", { d: `M${end.x + 5} ${end.y}L${left - 3} ${above}`, stroke: ink, "stroke-width": 0.6, class: "leader" }));
      const label = svg("text", { x: left, y: above + 4, fill: ink, "font-size": 11.5, "font-weight": 600, "font-family": "system-ui, sans-serif", class: "line-name" });
      label.textContent = titled(end.name);
      frame.append(label);
    }
  };

  // The whole spec of one panel, its rows in it.
  const specOf = (entry, isDark) => {
    const { chart, panel } = entry;
    const spec = inScheme(chart.spec, isDark);
    spec.width = entry.width;
    if (panel.label) spec.description = `${panel.label}: ${spec.description}`;
    for (const source of spec.data) {
      if (source.name === "rows") source.values = rowsOf(chart, panel.first, panel.end).filter(choice.keeps);
      if (source.name === "breaks") source.values = panel.breaks.map((each) => ({ ...each }));
    }
    const time = spec.scales.find((scale) => scale.name === "x" && scale.type === "utc");
    if (time && choice.span) {
      time.domain = choice.span.map((year, place) => Date.UTC(year + place, 0, 1));
      for (const mark of marksOf(spec.marks)) mark.clip = true;
    }
    return spec;
  };

  const render = async (host, entry, isDark) => {
    const spec = specOf(entry, isDark);
    const rows = spec.data.find((source) => source.name === "rows").values.map((row) => ({ ...row }));
    const room = roomForNames(spec, rows, entry.width);
    if (room) spec.padding = { left: 5, top: 5, right: room + 18, bottom: 5 };
    const { view } = await vegaEmbed(host, spec, {
      mode: "vega",
      // Expressions are interpreted, so that the page may forbid text that becomes code.
      ast: true,
      renderer: "svg",
      actions: false,
      defaultStyle: false,
      hover: false,
      tooltip: showTip,
    });
    entry.rename = () => {
      for (const old of host.querySelectorAll(".leader, .line-name")) old.remove();
      if (room && rows.length) nameLines(host, view, spec, rows);
    };
    entry.rename();
    return view;
  };

  // Drawn outside the document and put in place when done: no chart makes the page lay itself out again.
  const draw = async (entry, isDark) => {
    if (entry.place.closest(".panel").hidden) return;
    const host = document.createElement("div");
    const view = await render(host, entry, isDark);
    if (entry.chart.dense) tellNearest(host, entry.chart, view);
    else answerTaps(host);
    entry.place.replaceChildren(host);
    entry.view?.finalize();
    entry.view = view;
  };

  const redraw = async (isDark = darkScheme.matches) => {
    await drawing;
    for (const entry of drawn) {
      entry.width = entry.place.clientWidth || entry.width;
      await draw(entry, isDark);
    }
  };

  // The key of a figure shows the shapes that the chart draws: lines where it has no points, squares where it has bars.
  const matchKeys = () => {
    for (const chart of charts.values()) {
      const kinds = new Set(marksOf(chart.spec.marks).map((mark) => mark.type));
      if (kinds.has("symbol")) continue;
      for (const use of document.querySelectorAll(`#figure-${chart.name} .swatch use`)) {
        use.setAttribute("href", kinds.has("line") ? "#shape-line" : "#shape-square");
      }
    }
  };

  const shown = (name, value) => {
    if (value === null || value === undefined) return "—";
    if (name.endsWith("year")) return String(value);
    if (SHARES.has(name) || name.endsWith("_share")) return `${(100 * value).toFixed(1)} %`;
    if (Number.isInteger(value)) return value.toLocaleString("en-GB");
    if (typeof value === "number") return value.toLocaleString("en-GB", { maximumSignificantDigits: 6 });
    if (typeof value === "boolean") return value ? "yes" : "no";
    return String(value);
  };

  const whenOf = ({ period_start: start, period_end: end }) => {
    if (!start.endsWith("-01-01") || !end.endsWith("-12-31")) return `${start} to ${end}`;
    return [...new Set([start.slice(0, 4), end.slice(0, 4)])].join("–");
  };

  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== null) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
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

  const list = () => {
    for (const place of document.querySelectorAll(".plot")) {
      const chart = charts.get(place.dataset.chart);
      const isNear = place.getBoundingClientRect().top < 2 * innerHeight;
      drawn.push({ place, chart, panel: chart.panels[Number(place.dataset.panel)], width: place.clientWidth, isNear });
    }
  };

  // Top of the page first; between charts the page stays able to scroll. It is ready when what the reader sees first,
  // and a screen more, is drawn, and complete when all is.
  const drawFirst = async () => {
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
  };

  const drawAll = async () => {
    list();
    drawing = new Promise((start) => { setTimeout(start, 0); }).then(drawFirst);
    await Promise.all([drawing, observatory.begin(drawing)]);
    mark("complete");
  };

  const refit = () => {
    for (const entry of drawn) {
      const width = entry.place.clientWidth;
      if (!entry.view || !width || width === entry.width) continue;
      entry.width = width;
      entry.view.width(width).runAsync().then(entry.rename);
    }
  };

  darkScheme.addEventListener("change", (event) => redraw(event.matches));
  addEventListener("beforeprint", () => redraw(false));
  addEventListener("afterprint", () => redraw(darkScheme.matches));
  addEventListener("resize", () => requestAnimationFrame(refit));
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  followReader();
  matchKeys();
  return { charts, choice, draw: drawAll, drawn, element, page, redraw, render, rowsOf, shown, specOf, titled, whenOf };
})();
