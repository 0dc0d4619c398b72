// Every number is a door: what it is, n and base, interval, the query, the rows it stands among, source, licence, age.
{
  const { charts, element, rowsOf, shown, titled, whenOf } = observatory;
  const MOST_ROWS = 40;
  const dialog = document.getElementById("door");

  const literal = (value) => (typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : value === null ? "null" : String(value));
  const queryOf = (view, where) => {
    const conditions = Object.entries(where).map(([name, value]) => `${name} ${value === null ? "is" : "="} ${literal(value)}`);
    return `observatory query "from ${view}${conditions.length ? ` where ${conditions.join(" and ")}` : ""}"`;
  };

  const fits = (row, where) => Object.entries(where).every(([name, value]) => row[name] === value);
  const holderOf = (view, where, name) =>
    charts.get(name) ?? [...charts.values()].find((chart) => chart.view === view && rowsOf(chart).some((row) => fits(row, where)));

  const line = (term, content) => {
    const made = element("div", null);
    const told = element("dd", typeof content === "string" ? content : null);
    if (typeof content !== "string") told.append(content);
    made.append(element("dt", term), told);
    return made;
  };

  const commentOf = (view) => {
    const entry = [...document.querySelectorAll("#dictionary summary")].find((each) => each.firstChild.textContent === view);
    return entry?.querySelector("span").textContent ?? "";
  };

  // What stands below the chart of the series, and of that series alone.
  const groundsOf = (chart, seriesId) =>
    [...document.querySelectorAll(`#figure-${chart.name} > .facts > div, #figure-${chart.name} > .definition .facts > div`)]
      .filter((each) => !each.dataset.series || !seriesId || each.dataset.series === seriesId)
      .filter((each) => !/^(Ask it yourself|Cite as|Defined in)$/.test(each.querySelector("dt").textContent))
      .map((each) => each.cloneNode(true));

  const figureLines = function* (row) {
    if (row.share !== null && row.share !== undefined) yield line("Share", shown("share", row.share));
    if (row.n !== null && row.n !== undefined) yield line("n and base", row.base ? `${shown("n", row.n)} of ${shown("n", row.base)}` : `${shown("n", row.n)}; no honest base exists`);
    if (row.interval_low !== null && row.interval_low !== undefined) yield line("95 % interval", `${shown("share", row.interval_low)} to ${shown("share", row.interval_high)}`);
    if (row.interval_method) yield line("How the interval is made", row.interval_method);
    if (row.period_start) yield line("When", `${whenOf(row)}${row.is_preliminary ? ", preliminary" : ""}`);
    if (row.as_of) yield line("As of", row.as_of);
  };

  const tableOf = (rows, own) => {
    const names = Object.keys(rows[0]).filter((name) => rows.some((row) => row[name] !== null));
    const table = element("table", null);
    table.append(element("thead", null), element("tbody", null));
    const head = element("tr", null);
    for (const name of names) head.append(element("th", name, { scope: "col" }));
    table.tHead.append(head);
    for (const row of rows) {
      const made = element("tr", null, own && fits(row, own) ? { "aria-current": "true" } : {});
      for (const name of names) made.append(element("td", name === "framework" ? titled(row[name]) : shown(name, row[name])));
      table.tBodies[0].append(made);
    }
    return table;
  };

  // The line of the page that the number stands in, where no chart holds its row.
  const cellsOf = (origin) => {
    const row = origin.closest("tr");
    const heads = row?.closest("table").tHead?.rows[0].cells;
    if (!heads) return [];
    return [...row.cells].map((cell, place) => line(heads[place].textContent, cell.textContent.trim())).filter((each) => each.lastChild.textContent);
  };

  // A few of the rows that the figure counts, how many there are, and the question that gives them all.
  const behindOf = (own) => {
    const kept = observatory.page.behind[own.series_id];
    if (!kept) return null;
    const [start, end] = [own.period_start, own.period_end].map((day) => Number(day.slice(0, 4)));
    const { framework, population, year, period } = kept.by;
    const rows = rowsOf(kept).filter((row) =>
      String(row[framework]).split(", ").includes(own.framework) && (!population || row[population] === own.population)
      && (!period || row[period] === own.period_start) && (!year || (row[year] >= start && row[year] <= end)));
    const count = rows.reduce((sum, row) => sum + row.alike_count, 0);
    for (const row of rows) delete row.alike_count;
    const isList = framework === "families";
    const where = { ...kept.where, ...(isList ? {} : { [framework]: own.framework }), ...(population ? { [population]: own.population } : {}), ...(period ? { [period]: own.period_start } : {}) };
    const years = `${isList ? ` and '${own.framework}' = any(families)` : ""}${year ? ` and ${year} between ${start} and ${end}` : ""}`;
    return { rows, count, view: kept.view, query: queryOf(kept.view, where).replace(/"$/, `${years}"`) };
  };

  const open = (origin, { view, where, chartName, label }) => {
    const chart = holderOf(view, where, chartName);
    const { framework, ...among } = where;
    const around = chart ? rowsOf(chart).filter((row) => fits(row, chartName ? { framework } : among)) : [];
    const own = chartName ? null : around.find((row) => fits(row, where));
    const facts = element("dl", null, { class: "facts" });
    facts.append(...(own && framework ? figureLines(own) : chart && !chartName ? [] : cellsOf(origin)));
    if (chart) facts.append(...groundsOf(chart, where.series_id));
    const comment = commentOf(view);
    if (comment) facts.append(line("Defined in", `The view ${view}. ${comment}`));
    facts.append(line("Ask it yourself", element("code", queryOf(view, where), { class: "query", tabindex: "0" })));
    if (chart) facts.append(line("Its chart", element("a", document.getElementById(`figure-${chart.name}-title`).firstChild.textContent, { href: `#figure-${chart.name}` })));
    const body = dialog.querySelector(".body");
    body.replaceChildren(facts);
    const addRows = (title, rows, count) => {
      const place = element("div", null, { class: "scroll tall", tabindex: "0", role: "region", "aria-label": title });
      place.append(tableOf(rows.slice(0, MOST_ROWS), where));
      body.append(element("h3", `${title}: ${Math.min(rows.length, MOST_ROWS)} of ${count}`), place);
    };
    if (around.length) addRows("Rows it stands among", around, around.length);
    const behind = own?.period_end && framework ? behindOf(own) : null;
    if (behind?.count) {
      addRows(`Rows that it counts, from the view ${behind.view}`, behind.rows, shown("n", behind.count));
      body.append(element("code", behind.query, { class: "query", tabindex: "0" }));
    }
    dialog.querySelector("h2").textContent = label;
    dialog.showModal();
    dialog.scrollTop = 0;
  };

  document.addEventListener("click", (event) => {
    const door = event.target.closest?.(".door");
    if (!door) return;
    const where = JSON.parse(door.dataset.where);
    const of = [where.framework ? titled(where.framework) : "", where.population === "all" ? "" : where.population].filter(Boolean).join(", ");
    open(door, { view: door.dataset.view, where, chartName: door.dataset.chart, label: door.dataset.label ?? `${of ? `${of}: ` : ""}${door.textContent.trim()}` });
  });
  document.addEventListener("figure", (event) => {
    const chart = charts.get(event.target.closest("[data-chart]").dataset.chart);
    const names = ["series_id", "population", "economy", "period_start", "framework", "case_name", "size", "mode", "machine_id"];
    const plain = rowsOf(chart).find((row) => ["framework", "population", "economy", "case_name", "size", "mode"].every((name) => row[name] === event.detail[name])
      && (!row.period_end || row.period_end === event.detail.period_end)) ?? event.detail;
    const where = Object.fromEntries(names.filter((name) => name in plain).map((name) => [name, plain[name]]));
    open(event.target, { view: chart.view, where, label: [titled(where.framework), where.population ?? where.case_name].filter(Boolean).join(", ") });
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("button.close, a[href^='#']")) dialog.close();
  });
}
