// Sources weighed by the reader: one weighted share of the two, how far the sources are apart, kept in the address.
{
  const figure = document.getElementById("figure-weights");
  const rows = [...(figure?.querySelectorAll("tbody tr") ?? [])].map((row) => ({
    source: row.dataset.source, logOdds: Number(row.dataset.logOdds), input: row.querySelector("input"),
  }));
  const shareOf = (logOdds) => 1 / (1 + Math.exp(-logOdds));
  const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`;
  const weightOf = ({ input }) => (input.validity.valid ? input.valueAsNumber || 0 : 0);

  const tell = () => {
    const weighed = rows.map((row) => ({ ...row, weight: weightOf(row) })).filter(({ weight }) => weight > 0);
    const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
    const mean = weighed.reduce((sum, { weight, logOdds }) => sum + weight * logOdds, 0) / total;
    const spread = Math.sqrt(weighed.reduce((sum, { weight, logOdds }) => sum + weight * (logOdds - mean) ** 2, 0) / total);
    const sides = weighed.map(({ logOdds }) => shareOf(logOdds));
    figure.querySelector("output").textContent = total
      ? `By your weights ${percent(shareOf(mean))} of the two (log-odds ${mean.toFixed(2)}), over ${weighed.length} of ${rows.length} sources. `
        + `They are apart by ${spread.toFixed(2)} in log-odds (weighted standard deviation), from ${percent(Math.min(...sides))} to ${percent(Math.max(...sides))}.`
      : "Give at least one source a weight above 0.";
  };

  const change = () => {
    tell();
    observatory.keepInAddress({ weights: rows.filter(({ input }) => input.value !== "1").map((row) => `${row.source}:${weightOf(row)}`).join(",") });
  };

  if (rows.length) {
    const kept = new Map((new URLSearchParams(location.search).get("weights") ?? "").split(",").map((each) => each.split(":")));
    for (const { source, input } of rows) {
      if (kept.has(source)) input.value = kept.get(source);
      input.addEventListener("input", change);
    }
    figure.querySelector("button").addEventListener("click", () => {
      for (const { input } of rows) input.value = "1";
      change();
    });
    tell();
    figure.hidden = false;
  }
}
