// Draws the overview's plots, and draws them anew when there is something new. The tables beside
// them say the same.
(() => {
  "use strict";

  const language = document.documentElement.lang;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(language, { day: "2-digit", month: "2-digit" });
  const whole = new Intl.DateTimeFormat(language, {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const HEIGHT = 240;
  // So long after something happened its figures are written down.
  const LAG = 6_000;
  const EVERY = 20_000;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Which columns a plot shows, and in which colours.
  const LINES = {
    deliveries: [
      { label: "delivered", colour: "--good", take: (one) => one.delivered },
      { label: "failed", colour: "--bad", take: (one) => one.failed.map((count, at) => count + one.unknown[at]) },
    ],
    latency: [
      { label: "p50", colour: "--good", take: (one) => one.latency_ms.p50 },
      { label: "p95", colour: "--wait", take: (one) => one.latency_ms.p95 },
      { label: "p99", colour: "--bad", take: (one) => one.latency_ms.p99 },
    ],
  };

  class Plot {
    constructor(place) {
      this.place = place;
      this.lines = LINES[place.dataset.plot];
      this.drawn = null;
      this.data = null;
      place.hidden = false;
      const section = place.closest(".plotted");
      if (section) section.hidden = false;
    }

    async load() {
      const answer = await fetch(this.place.dataset.from, { headers: { accept: "application/json" } });
      if (!answer.ok || !answer.headers.get("content-type")?.startsWith("application/json")) return;
      const report = await answer.json();
      const one = report.series[0];
      this.data = [report.times, ...this.lines.map((line) => line.take(one))];
      if (this.drawn) this.drawn.setData(this.data); else this.draw(report.step);
    }

    draw(step) {
      this.step = step ?? this.step;
      this.drawn?.destroy();
      const stroke = colour("--soft");
      const grid = { stroke: colour("--line"), width: 1 };
      const few = this.data[0].length <= 60 && this.place.dataset.plot === "deliveries";
      const unit = this.place.dataset.plot === "latency" ? "\u00a0ms" : "";
      const moment = this.step === "day" ? day : hour;
      const series = this.lines.map((line) => ({
        label: this.place.dataset[line.label],
        stroke: colour(line.colour),
        fill: few ? colour(`${line.colour}-back`) : undefined,
        width: 2,
        paths: few ? uPlot.paths.bars({ size: [0.8, 40] }) : undefined,
        // A time alone between others in which nothing happened has no line.
        points: { show: unit !== "", size: 4 },
        value: (_, value) => (value == null ? "–" : number.format(value) + unit),
      }));
      this.drawn = new uPlot({
        width: this.width(),
        height: HEIGHT,
        series: [
          { label: this.place.dataset.time, value: (_, at) => (at == null ? "–" : whole.format(at * 1_000)) },
          ...series,
        ],
        scales: { y: { range: (_, _least, most) => [0, Math.max(most ?? 0, 1) * 1.05] } },
        axes: [
          { stroke, grid, values: (_, at) => at.map((one) => moment.format(one * 1_000)) },
          { stroke, grid, size: 64, values: (_, at) => at.map((one) => number.format(one) + unit) },
        ],
        cursor: { drag: { x: false, y: false } },
      }, this.data, this.place);
    }

    width() {
      const style = getComputedStyle(this.place);
      return this.place.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    }
  }

  function start() {
    const plots = [...document.querySelectorAll("[data-plot]")].map((place) => new Plot(place));
    // An answer that does not come is asked for again soon.
    const load = () => plots.forEach((plot) => plot.load().catch(() => {}));
    load();
    let soon = 0;
    for (const news of ["deliveries", "events"]) {
      document.getElementById("live")?.addEventListener(news, () => {
        clearTimeout(soon);
        soon = setTimeout(load, LAG);
      });
    }
    setInterval(() => { if (!document.hidden) load(); }, EVERY);
    const sized = new ResizeObserver(() => {
      for (const plot of plots) plot.drawn?.setSize({ width: plot.width(), height: HEIGHT });
    });
    plots.forEach((plot) => sized.observe(plot.place));
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const plot of plots) if (plot.data) plot.draw();
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
