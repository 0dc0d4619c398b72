// A figure to take along: as CSV, PNG, SVG, metadata from which it can be rebuilt, or one file to embed.
{
  const { charts, drawn, element, page, render, rowsOf, specOf } = observatory;
  const SVG = "http://www.w3.org/2000/svg";
  const MARGIN = 20;
  const MOST_WIDTH = 960;
  const HEAD = 34;
  const LABEL = 22;
  const LINE = 13;
  const LETTERS_PER_PIXEL = 0.19;
  const PNG_SCALE = 2;

  const asCsv = (chart) => {
    const quoted = (value) => {
      const plain = value === null || value === undefined ? "" : String(value);
      // A spreadsheet takes text that begins with one of these for a formula.
      const text = typeof value === "string" && /^[=+@\t\r-]/.test(value) ? `'${plain}` : plain;
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const names = chart.columns.map((column) => column.name);
    const lines = rowsOf(chart).map((row) => names.map((name) => quoted(row[name])).join(","));
    return `${[names.map(quoted).join(","), ...lines].join("\r\n")}\r\n`;
  };

  const figureOf = (chart) => document.getElementById(`figure-${chart.name}`);
  const titleOf = (chart) => document.getElementById(`figure-${chart.name}-title`).firstChild.textContent;
  const factsOf = (chart) =>
    [...figureOf(chart).querySelectorAll("dl.facts > div")].map((each) => ({
      term: each.querySelector("dt").textContent, text: each.querySelector("dd").textContent.trim(),
    }));
  const factOf = (chart, term) => factsOf(chart).find((each) => each.term === term)?.text ?? "";
  const panelsOf = (chart) => drawn.filter((entry) => entry.chart === chart && !entry.place.closest(".panel").hidden);

  const asMetadata = (chart) => JSON.stringify({
    title: titleOf(chart),
    caption: figureOf(chart).querySelector(".caption").textContent,
    citation: factOf(chart, "Cite as"),
    query: factOf(chart, "Ask it yourself"),
    view: chart.view,
    facts: factsOf(chart),
    titles: page.titles,
    chosen: Object.fromEntries(new URLSearchParams(location.search)),
    rows: rowsOf(chart),
    panels: panelsOf(chart).map((entry) => ({ label: entry.panel.label, vega: specOf(entry, false) })),
  }, null, 1);

  const svgElement = (tag, attributes, text = null) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== null) made.textContent = text;
    return made;
  };
  const words = (text, x, y, size, weight = 400) =>
    svgElement("text", { x, y, "font-size": size, "font-weight": weight, "font-family": "system-ui, sans-serif", fill: "#1B2027" }, text);

  const wrapped = (text, most) => text.split(" ").reduce((lines, word) => {
    const longer = [lines.pop(), word].filter(Boolean).join(" ");
    return longer.length <= most ? [...lines, longer] : [...lines, longer.slice(0, -word.length - 1), word];
  }, [""]);

  // Panels stand in rows as wide as the page's, always in the light scheme.
  const asPicture = async (chart) => {
    const whole = svgElement("svg", { xmlns: SVG, role: "img", "aria-label": titleOf(chart) });
    let [x, y, rowHeight, width] = [MARGIN, MARGIN + HEAD, 0, 480];
    for (const entry of panelsOf(chart)) {
      const host = document.createElement("div");
      const view = await render(host, { ...entry }, false);
      const drawing = host.querySelector("svg");
      const [wide, high] = ["width", "height"].map((name) => Number(drawing.getAttribute(name)));
      if (x > MARGIN && x + wide > MOST_WIDTH) [x, y, rowHeight] = [MARGIN, y + rowHeight + MARGIN, 0];
      whole.append(words(entry.panel.label, x, y + 14, 13, 650));
      drawing.setAttribute("x", x);
      drawing.setAttribute("y", y + LABEL);
      whole.append(drawing);
      view.finalize();
      [x, rowHeight, width] = [x + wide + MARGIN, Math.max(rowHeight, high + LABEL), Math.max(width, x + wide + MARGIN)];
    }
    const foot = wrapped(factOf(chart, "Cite as"), width * LETTERS_PER_PIXEL);
    const height = y + rowHeight + MARGIN + (foot.length + 1) * LINE;
    whole.prepend(svgElement("rect", { width, height, fill: "#FFFFFF" }), words(titleOf(chart), MARGIN, MARGIN + 12, 17, 700));
    whole.append(...foot.map((text, place) => words(text, MARGIN, height - (foot.length - place) * LINE, 9)));
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) whole.setAttribute(name, value);
    return new XMLSerializer().serializeToString(whole);
  };

  const asPng = async (chart) => {
    const address = URL.createObjectURL(new Blob([await asPicture(chart)], { type: "image/svg+xml" }));
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = element("canvas", null, { width: image.width * PNG_SCALE, height: image.height * PNG_SCALE });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(address);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  };

  // One file without a script: the picture, and every line that must stand below it.
  const asEmbedding = async (chart) => {
    const figure = element("figure", null);
    const caption = element("figcaption", null);
    caption.append(element("p", figureOf(chart).querySelector(".caption").textContent));
    for (const { term, text } of factsOf(chart)) caption.append(element("p", `${term}: ${text}`));
    figure.innerHTML = await asPicture(chart);
    figure.append(caption);
    const head = element("title", titleOf(chart)).outerHTML;
    const style = "svg{max-width:100%;height:auto}figure{margin:0}p{font:13px/1.5 system-ui,sans-serif;margin:.4em 0}";
    return `<!doctype html><html lang="en-GB"><meta charset="utf-8">${head}<style>${style}</style>${figure.outerHTML}</html>\n`;
  };

  const FORMS = {
    csv: { make: asCsv, type: "text/csv;charset=utf-8" },
    png: { make: asPng, type: "image/png" },
    svg: { make: asPicture, type: "image/svg+xml" },
    json: { make: asMetadata, type: "application/json" },
    html: { make: asEmbedding, type: "text/html;charset=utf-8" },
  };

  const take = async (chart, ending) => {
    const made = await FORMS[ending].make(chart);
    const link = element("a", null, { download: `${chart.name}.${ending}` });
    link.href = URL.createObjectURL(made instanceof Blob ? made : new Blob([made], { type: FORMS[ending].type }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  for (const button of document.querySelectorAll("button[data-take]")) {
    button.addEventListener("click", () => take(charts.get(button.closest(".figure").id.replace("figure-", "")), button.dataset.take));
  }
}
observatory.draw();
