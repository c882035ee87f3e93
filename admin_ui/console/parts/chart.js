// Sign-ins and failures of the last day, hour by hour: a drawing for the eye, a table for everybody.
import { html } from "../../vendor/lit.js";
import { clockTime } from "../format.js";
import { n, rightToLeft, t } from "../i18n.js";
import { View } from "../view.js";

const HEIGHT = 220;
// Name, colour, and how wide a bar is: the failures stand in front of the sign-ins.
const SERIES = [
  ["opened", "--accent", 0.7],
  ["failed", "--danger", 0.3],
];

class Chart extends View {
  static properties = { day: { attribute: false } };

  connectedCallback() {
    super.connectedCallback();
    const sized = new ResizeObserver(() => this.#size());
    sized.observe(this);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.listen(dark, "change", () => this.#draw());
    this.leaving.push(
      () => sized.disconnect(),
      () => this.plot?.destroy(),
    );
  }

  updated(changed) {
    if (changed.has("day")) this.#draw();
  }

  get #hours() {
    const start = Date.parse(this.day.from) / 1000;
    return this.day.opened.map((_, index) => start + index * this.day.intervalSeconds);
  }

  async #draw() {
    const { default: Plot } = await import("../../vendor/uplot.js"); // only this page pays for it
    const place = this.querySelector(".plot");
    if (!place || !this.day) return;
    const colour = (name) => getComputedStyle(this).getPropertyValue(name).trim();
    const styled = (name) => resolved(this, colour(name));
    const [ink, line] = [styled("--ink-3"), styled("--line")];
    const font = `12px ${getComputedStyle(this).fontFamily}`;
    const half = this.day.intervalSeconds / 2; // so that the first bar and the last are whole
    const axis = { stroke: ink, font, ticks: { show: false }, grid: { stroke: line, width: 1 } };
    this.plot?.destroy();
    this.plot = new Plot(
      {
        width: place.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, dir: rightToLeft ? -1 : 1, range: (_, low, high) => [low - half, high + half] },
          y: { range: (_, low, high) => [0, Math.max(high * 1.1, 4)] },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 32, incrs: [6 * 3600], values: (_, at) => at.map(clockTime) },
          {
            ...axis,
            side: rightToLeft ? 1 : 3,
            size: 44,
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5],
            values: (_, at) => at.map(n),
          },
        ],
        series: [
          {},
          ...SERIES.map(([, name, share]) => ({
            fill: styled(name),
            width: 0,
            points: { show: false },
            paths: Plot.paths.bars({ size: [share], radius: 0.2 }),
          })),
        ],
      },
      [this.#hours, ...SERIES.map(([name]) => this.day[name])],
      place,
    );
  }

  #size() {
    const width = this.querySelector(".plot")?.clientWidth;
    if (this.plot && width && width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT });
  }

  render() {
    return html`<p class="legend" aria-hidden="true">
        ${SERIES.map(([name]) => html`<span class="key ${name}">${t(`chart.${name}`)}</span>`)}
      </p>
      <div class="plot" aria-hidden="true"></div>
      <div class="hidden">
        <table>
          <caption>
            ${t("overview.chart")}
          </caption>
          <thead>
            <tr>
              <th scope="col">${t("chart.hour")}</th>
              ${SERIES.map(([name]) => html`<th scope="col">${t(`chart.${name}`)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${this.#hours.map(
              (hour, index) =>
                html`<tr>
                  <th scope="row">${clockTime(hour)}</th>
                  ${SERIES.map(([name]) => html`<td>${n(this.day[name][index])}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }
}

/** A colour as a canvas understands it: `light-dark()` is only resolved by the page. */
function resolved(element, value) {
  const probe = element.ownerDocument.createElement("i");
  probe.style.color = value;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

customElements.define("sc-chart", Chart);
