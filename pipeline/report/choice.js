// The reader's choice: two to five frameworks, a span of years, a population. Charts, keys and one table follow it,
// and the page's address keeps it.
{
  const { charts, choice, drawn, element, page, redraw, rowsOf, shown, titled, whenOf } = observatory;
  const MOST_FRAMEWORKS = 5;
  const LEAST_FRAMEWORKS = 2;
  const MOST_POPULATIONS = 3;
  const FIRST_MARKS = 3;
  const section = document.getElementById("choose");
  const form = section.querySelector(".filters");
  const ofAdoption = [...charts.values()].filter((chart) => chart.view === "adoption");
  const yearOf = (day) => Number(day.slice(0, 4));

  const valuesOf = (name) => new Set(ofAdoption.flatMap((chart) => {
    const column = chart.columns.find((each) => each.name === name);
    return column.of ?? ("all" in column ? [column.all] : column.each);
  }));

  const kept = new URLSearchParams(location.search);
  const chosen = {
    frameworks: (kept.get("frameworks") ?? "").split(",").filter((name) => name in page.titles).slice(0, MOST_FRAMEWORKS),
    from: Number(kept.get("from")) || null,
    to: Number(kept.get("to")) || null,
    population: kept.get("population") ?? "",
  };
  const hasEnough = () => chosen.frameworks.length >= LEAST_FRAMEWORKS;
  const isChosen = () => hasEnough() || chosen.from || chosen.to || chosen.population;

  // A row without a column is not asked about it: a measurement has no population.
  const keeps = (row) => {
    if (hasEnough() && row.framework && !chosen.frameworks.includes(row.framework)) return false;
    if (chosen.population && row.population !== undefined && row.population !== chosen.population) return false;
    if (!row.period_start) return true;
    return (!chosen.from || yearOf(row.period_end ?? row.period_start) >= chosen.from) && (!chosen.to || yearOf(row.period_start) <= chosen.to);
  };

  const doorOf = (row, text) => element("button", text, {
    type: "button", class: "door", "data-view": "adoption",
    "data-where": JSON.stringify({ series_id: row.series_id, population: row.population, period_start: row.period_start, framework: row.framework }),
  });

  const cellOf = (row) => {
    const cell = element("td", row ? null : "—", { class: "number" });
    if (!row) return cell;
    const isShare = row.share !== null;
    cell.append(doorOf(row, isShare ? shown("share", row.share) : shown("n", row.n)));
    const interval = isShare && row.interval_low !== null ? `${shown("share", row.interval_low)} to ${shown("share", row.interval_high)}` : "";
    const counted = isShare && row.base !== null ? `${shown("n", row.n)} of ${shown("n", row.base)}` : "";
    cell.append(element("small", [interval, counted].filter(Boolean).join("; ")));
    return cell;
  };

  // The newest period of each population in which at least two of the chosen frameworks have a figure.
  const newestOf = (chart) => {
    const found = new Map();
    for (const row of rowsOf(chart)) {
      if (!chosen.frameworks.includes(row.framework) || !keeps(row)) continue;
      const key = `${row.series_id}\n${row.population}\n${row.period_start}`;
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(row);
    }
    const newest = new Map();
    for (const rows of found.values()) {
      const key = `${rows[0].series_id}\n${rows[0].population}`;
      if (rows.length < LEAST_FRAMEWORKS) continue;
      if (!newest.has(key) || newest.get(key)[0].period_start < rows[0].period_start) newest.set(key, rows);
    }
    const size = (rows) => Math.max(...rows.map((row) => row.base ?? row.n));
    return [...newest.values()].sort((one, other) => size(other) - size(one)).slice(0, MOST_POPULATIONS);
  };

  const compare = () => {
    const place = section.querySelector(".compared");
    place.replaceChildren();
    section.querySelector("output").textContent = hasEnough() ? "" : `Choose ${LEAST_FRAMEWORKS} to ${MOST_FRAMEWORKS} frameworks.`;
    if (!hasEnough()) return;
    const table = element("table", null);
    table.append(element("caption", "Newest period of each series in which at least two of them have a figure; at most three populations of a series, largest base first"), element("thead", null), element("tbody", null));
    const head = element("tr", null);
    for (const name of ["Series and population", "Period", ...chosen.frameworks.map(titled)]) head.append(element("th", name, { scope: "col" }));
    table.tHead.append(head);
    for (const chart of ofAdoption) {
      const title = document.getElementById(`figure-${chart.name}-title`).firstChild.textContent;
      for (const rows of newestOf(chart)) {
        const line = element("tr", null);
        const name = element("th", null, { scope: "row" });
        name.append(element("a", title, { href: `#figure-${chart.name}` }), element("small", rows[0].population));
        line.append(name, element("td", whenOf(rows[0])));
        for (const framework of chosen.frameworks) line.append(cellOf(rows.find((row) => row.framework === framework)));
        table.tBodies[0].append(line);
      }
    }
    if (!table.tBodies[0].rows.length) place.append(element("p", "No series holds two of them for this span and population.", { class: "absent" }));
    else place.append(table);
  };

  // The small pictures show the first frameworks, or those chosen, and name the chosen ones that they lack.
  const followInPictures = () => {
    for (const picture of document.querySelectorAll(".pictures > li")) {
      const marks = [...picture.querySelectorAll("dl > div")];
      marks.forEach((each, place) => {
        each.hidden = hasEnough() ? !chosen.frameworks.includes(each.dataset.framework) : place >= FIRST_MARKS;
      });
      const held = new Set(marks.map((each) => each.dataset.framework));
      const lacking = hasEnough() ? chosen.frameworks.filter((name) => !held.has(name)).map(titled) : [];
      picture.querySelector(".lacking")?.remove();
      if (lacking.length) picture.append(element("p", `No figure here for ${lacking.join(", ")}.`, { class: "muted lacking" }));
    }
  };

  // Panels and figures without a row of the choice step aside, and are counted.
  const follow = () => {
    choice.keeps = keeps;
    const years = [...valuesOf("period_start")].map(yearOf);
    choice.span = chosen.from || chosen.to ? [chosen.from ?? Math.min(...years), chosen.to ?? Math.max(...years)] : null;
    const holding = new Set();
    for (const { chart, panel, place } of drawn) {
      const holds = rowsOf(chart, panel.first, panel.end).some(keeps);
      if (holds) holding.add(chart.name);
      place.closest(".panel").hidden = !holds;
    }
    for (const name of charts.keys()) document.getElementById(`figure-${name}`).hidden = !holding.has(name);
    for (const row of document.querySelectorAll(".key tbody tr, .legend li, .newest")) {
      const door = row.querySelector(".door");
      const where = door ? JSON.parse(door.dataset.where) : { framework: row.dataset.framework };
      row.hidden = !keeps(where);
    }
    followInPictures();
    const strip = document.getElementById("chosen");
    strip.hidden = !isChosen();
    strip.querySelector("span").textContent = [
      hasEnough() ? chosen.frameworks.map(titled).join(", ") : "", chosen.population,
      chosen.from || chosen.to ? `${chosen.from ?? "…"} to ${chosen.to ?? "…"}` : "",
      `${holding.size} of ${charts.size} charts hold it`, "sentences and verdicts speak of all",
    ].filter(Boolean).join(" · ");
  };

  const put = () => {
    observatory.keepInAddress({ frameworks: chosen.frameworks.join(","), from: chosen.from, to: chosen.to, population: chosen.population });
    for (const box of form.querySelectorAll("input[type=checkbox]")) {
      box.checked = chosen.frameworks.includes(box.value);
      box.disabled = !box.checked && chosen.frameworks.length >= MOST_FRAMEWORKS;
    }
    for (const name of ["from", "to", "population"]) form.querySelector(`[name=${name}]`).value = chosen[name] ?? "";
    compare();
    follow();
  };

  const change = (values) => {
    Object.assign(chosen, values);
    put();
    redraw();
  };

  const addControls = () => {
    const counts = new Map();
    for (const chart of ofAdoption) {
      for (const name of new Set(rowsOf(chart).map((row) => row.framework))) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const boxes = form.querySelector("fieldset");
    const named = [...counts].filter(([name, count]) => count > 2 && name in page.titles).sort((one, other) => other[1] - one[1]);
    for (const [name] of named) {
      const label = element("label", null);
      label.append(element("input", null, { type: "checkbox", value: name }), titled(name));
      boxes.append(label);
    }
    const fill = (name, values) => {
      const select = form.querySelector(`[name=${name}]`);
      for (const value of values) select.append(element("option", value));
      select.addEventListener("input", () => {
        change({ [name]: name === "population" ? select.value : Number(select.value) || null });
      });
    };
    const years = [...new Set([...valuesOf("period_start")].map(yearOf))].sort();
    fill("from", years);
    fill("to", years);
    fill("population", [...valuesOf("population")].sort());
    boxes.addEventListener("input", () => {
      change({ frameworks: [...boxes.querySelectorAll(":checked")].map((box) => box.value) });
    });
    document.getElementById("chosen").querySelector("button").addEventListener("click", () => {
      change({ frameworks: [], from: null, to: null, population: "" });
    });
    section.hidden = false;
  };

  // The first drawing takes the choice of the address at once; without one the controls can wait until all is drawn.
  observatory.begin = async (drawing) => {
    if (!ofAdoption.length) return;
    if (!isChosen()) await drawing;
    addControls();
    if (isChosen()) put();
    else compare();
  };
}
