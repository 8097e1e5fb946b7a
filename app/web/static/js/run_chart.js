// Best plan and proven bound of a run over time; drawn anew whenever the live block was swapped.
const { colour, keepDrawn } = await import(document.querySelector("script[data-palette]").dataset.palette);

const element = document.getElementById("run-chart");
const words = element.dataset;

function points() {
  return JSON.parse(document.getElementById("chart-data").textContent);
}

function line(name, column, paint, dashed) {
  const data = points().filter((row) => row[column] !== null).map((row) => [row[0], row[column] / 100]);
  // A single value makes no line: a bound that was first known at the end is a dot.
  return {
    name, type: "line", step: "end", showSymbol: data.length === 1, symbolSize: 9, data,
    lineStyle: { width: 2.5, color: paint, type: dashed ? "dashed" : "solid" }, itemStyle: { color: paint },
  };
}

function draw(chart) {
  const ink = colour("ink-soft");
  const axis = { axisLabel: { color: ink }, axisLine: { lineStyle: { color: ink } }, splitLine: { lineStyle: { color: colour("line") } } };
  const compact = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumSignificantDigits: 4 });
  const costs = points().flatMap((row) => [row[1], row[2]]).filter((cost) => cost !== null).map((cost) => cost / 100);
  // Ticks closer than the four digits of a label would all read the same.
  const finest = 10 ** Math.floor(Math.log10(Math.max(1000, ...costs) / 1000));
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 64, right: 24, top: 36, bottom: 40 },
    legend: { top: 0, textStyle: { color: ink } },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "value", name: words.seconds, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: ink }, ...axis },
    yAxis: { type: "value", scale: true, minInterval: finest, ...axis, axisLabel: { color: ink, formatter: (value) => compact.format(value) } },
    series: [line(words.best, 1, colour("sea"), false), line(words.bound, 2, colour("rail"), true)],
  });
}

const redraw = keepDrawn(element, draw);
document.body.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "run" || document.getElementById("run")) redraw(); });
