/**
 * Charts drawn from tables that stand in the page: `.chart[data-chart]` around a table.
 *
 * `columns`: one series, the row marked `data-series`, over the table's columns.
 * `rows`: a series a column, stacked, over the table's rows. Its headers get the colour.
 */

import uPlot from "uplot";

const HEIGHT = 224;
const COLOURS = ["--ink", "--accent", "--line-strong"];

interface Series {
  name: string;
  values: number[];
}

interface Source {
  labels: string[];
  series: Series[];
  headers: HTMLElement[];
}

/** Draw every chart of the page, and again when its place or the colours change. */
export function drawCharts(): void {
  const found = [...document.querySelectorAll<HTMLElement>(".chart[data-chart]")].map(prepare);
  const redraw = (): void => found.forEach((draw) => draw());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("keydown", dismiss);
}

/** Escape takes away what a `?` tells (WCAG 2.2, 1.4.13). */
function dismiss(event: KeyboardEvent): void {
  const focused = document.activeElement;
  if (event.key === "Escape" && focused instanceof HTMLElement && focused.closest(".definition")) {
    focused.blur();
  }
}

function prepare(chart: HTMLElement): () => void {
  const source = read(chart);
  const place = document.createElement("div");
  place.className = "plot";
  place.setAttribute("aria-hidden", "true");
  chart.prepend(place);
  source.headers.forEach((header, index) => header.classList.add("series", `series-${index}`));
  let plot: uPlot | undefined;
  const draw = (): void => {
    plot?.destroy();
    plot = new uPlot(options(source, place.clientWidth), stacked(source), place);
  };
  new ResizeObserver(() => {
    if (plot?.width !== place.clientWidth) draw();
  }).observe(place);
  return draw;
}

function read(chart: HTMLElement): Source {
  const rows = [...chart.querySelectorAll("tbody tr")];
  const columns = [...chart.querySelectorAll<HTMLElement>("thead th:not([data-no-chart])")].slice(1);
  if (chart.dataset["chart"] === "columns") {
    const total = chart.querySelector("[data-series]");
    const values = [...(total?.querySelectorAll("td") ?? [])].slice(0, columns.length).map(number);
    return { labels: columns.map(text), series: [{ name: text(total?.firstElementChild), values }], headers: [] };
  }
  return {
    labels: rows.map((row) => text(row.firstElementChild)),
    series: columns.map((column, index) => ({
      name: text(column),
      values: rows.map((row) => number(row.children[index + 1])),
    })),
    headers: columns,
  };
}

function text(element: Element | null | undefined): string {
  return element?.textContent?.trim() ?? "";
}

function number(element: Element | undefined): number {
  return Number(text(element).replaceAll(",", "")) || 0;
}

/** Each series on top of those after it, the tallest first: later ones are drawn over it. */
function stacked({ labels, series }: Source): uPlot.AlignedData {
  const sums = series.map((_, from) =>
    labels.map((_, at) => series.slice(from).reduce((sum, each) => sum + (each.values[at] ?? 0), 0)),
  );
  return [labels.map((_, at) => at), ...sums];
}

function options({ labels, series }: Source, width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: colour("--ink-soft"), font, ticks: { show: false } };
  const every = Math.ceil(labels.length / Math.max(1, Math.floor(width / 72)));
  const bars = uPlot.paths.bars?.({ size: [0.62, 56], radius: 0.08 });
  return {
    width,
    height: HEIGHT,
    cursor: { show: false },
    legend: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: false, range: [-0.5, labels.length - 0.5] },
      y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        splits: () => labels.map((_, at) => at),
        values: (_, splits) => splits.map((at) => (at % every === 0 ? (labels[at] ?? "") : "")),
      },
      {
        ...axis,
        size: 40,
        grid: { stroke: colour("--line"), width: 1 },
        values: (_, splits) => splits.map((at) => (Number.isInteger(at) ? String(at) : "")),
      },
    ],
    series: [
      {},
      ...series.map((each, index) => {
        const filled = colour(COLOURS[index % COLOURS.length] ?? "--ink");
        return { label: each.name, fill: filled, width: 0, ...(bars ? { paths: bars } : {}), points: { show: false } };
      }),
    ],
  };
}
