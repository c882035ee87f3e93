// Draws the panels of deploy/grafana/sidecar.json from what Prometheus answered to their queries.
// Grafana itself is not at hand where the pictures are made.

const COLOURS = ["#56a64b", "#f2cc0c", "#3274d9", "#e02f44", "#ff780a", "#8f3bb8", "#37872d", "#1f60c4", "#c4162a"];
const NAMED = { green: "#56a64b", orange: "#ff780a", red: "#e02f44" };

export function draw(grid, panels) {
  for (const panel of panels) {
    const { x, y, w, h } = panel.gridPos;
    const place = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
    if (panel.type === "row") {
      const title = element("h1", panel.title);
      title.style.gridArea = place;
      grid.append(title);
      continue;
    }
    const section = element("section");
    section.style.gridArea = place;
    section.append(element("h2", panel.title));
    grid.append(section);
    if (panel.type === "stat") section.append(stat(panel));
    else chart(section, panel);
  }
}

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function stat(panel) {
  const { unit, thresholds, mappings, decimals } = panel.fieldConfig.defaults;
  const value = panel.series.length ? panel.series[0].points.at(-1)[1] : null;
  const said = mappings[0]?.options[String(value)]?.text;
  const box = element("div", said ?? shown(value, unit, decimals ?? 0));
  box.className = "stat";
  const step = thresholds.steps.filter((one) => one.value === null || value >= one.value).at(-1);
  box.style.background = NAMED[step.color];
  return box;
}

function shown(value, unit, decimals) {
  if (value === null || Number.isNaN(value)) return "no data";
  if (unit === "percentunit") return `${(value * 100).toFixed(decimals)} %`;
  if (unit === "s") {
    if (value >= 1) return `${Number(value.toFixed(1))} s`;
    return value >= 1e-3 ? `${Number((value * 1e3).toFixed(1))} ms` : `${Math.round(value * 1e6)} µs`;
  }
  return Number(value.toFixed(Math.max(decimals, value % 1 ? 1 : 0))).toString();
}

function chart(section, panel) {
  const { unit, custom } = panel.fieldConfig.defaults;
  const drawn = panel.series.filter((one) => one.points.some(([, value]) => value > 0));
  const instants = [...new Set(panel.series.flatMap((one) => one.points.map(([at]) => at)))].sort((a, b) => a - b);
  const stacked = custom.stacking.mode === "normal";
  const base = instants.map(() => 0);
  const columns = drawn.map((one) => {
    const values = new Map(one.points);
    return instants.map((at, index) => {
      const value = values.get(at);
      if (!stacked) return Number.isNaN(value) ? null : (value ?? null);
      base[index] += value || 0;
      return base[index];
    });
  });
  const holder = element("div");
  section.append(holder);
  const series = drawn.map((one, index) => {
    const colour = COLOURS[index % COLOURS.length];
    return { label: one.name, stroke: colour, width: 1, points: { show: false }, fill: stacked ? `${colour}55` : undefined };
  });
  if (stacked) { columns.reverse(); series.reverse(); }
  new window.uPlot({
    width: section.clientWidth - 16,
    height: section.clientHeight - 52,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
    axes: [
      { size: 30, font: "10px sans-serif", grid: { stroke: "#eee" }, values: (_, all) => all.map((at) => new Date(at * 1000).toISOString().slice(11, 19)), space: 80 },
      { size: 52, font: "10px sans-serif", grid: { stroke: "#eee" }, values: (_, all) => all.map((value) => shown(value, unit, 0)), space: 26 },
    ],
    series: [{}, ...series],
  }, [instants, ...columns], holder);
  const legend = element("div");
  legend.className = "legend";
  drawn.forEach((one, index) => {
    const item = element("span", one.name);
    const mark = element("i");
    mark.style.background = COLOURS[index % COLOURS.length];
    item.prepend(mark);
    legend.append(item);
  });
  section.append(legend);
}
