// Land only, no borders, the Pacific in the middle of the right half so that the busiest lanes stay in one piece.
// Connections are great circles in the colour and pattern of their mode, warehouses are points; what is under way
// is drawn where it should be by its timetable, in the shape of its mode.
const { colour, keepDrawn } = await import(document.querySelector("script[data-palette]").dataset.palette);

const RADIANS = Math.PI / 180;
const STEPS = 64;
const WEST = -30;
const VIEW = [[-22, 70], [318, -42]];
const SHAPES = { air: "triangle", sea: "circle", rail: "rect", ferry: "diamond", road: "roundRect" };
const MOVE_MS = 15_000;
const ASK_MS = 60_000;
const PATTERNS = { air: "dashed", sea: "solid", rail: "solid", ferry: "dotted", road: "solid" };

// Longitudes run from 30° W eastwards all the way round.
function east(lon) {
  return lon < WEST ? lon + 360 : lon;
}

// The point at a share of the great circle between two places.
function between([lon1, lat1], [lon2, lat2], share) {
  const [a, b, c, d] = [lon1, lat1, lon2, lat2].map((degrees) => degrees * RADIANS);
  const arc = 2 * Math.asin(Math.sqrt(Math.sin((d - b) / 2) ** 2 + Math.cos(b) * Math.cos(d) * Math.sin((c - a) / 2) ** 2));
  if (arc < 1e-6) return [east(lon1), lat1];
  const p = Math.sin((1 - share) * arc) / Math.sin(arc);
  const q = Math.sin(share * arc) / Math.sin(arc);
  const x = p * Math.cos(b) * Math.cos(a) + q * Math.cos(d) * Math.cos(c);
  const y = p * Math.cos(b) * Math.sin(a) + q * Math.cos(d) * Math.sin(c);
  const z = p * Math.sin(b) + q * Math.sin(d);
  return [east(Math.atan2(y, x) / RADIANS), Math.atan2(z, Math.hypot(x, y)) / RADIANS];
}

function greatCircle(start, end) {
  if (Math.hypot(start[0] - end[0], start[1] - end[1]) < 1e-4) return [];
  const parts = [[]];
  for (let step = 0; step <= STEPS; step += 1) {
    const point = between(start, end, step / STEPS);
    const last = parts.at(-1).at(-1);
    if (last && Math.abs(last[0] - point[0]) > 180) parts.push([]);
    parts.at(-1).push(point);
  }
  return parts.filter((part) => part.length > 1);
}

// A ring that jumps over the edge of its own map is put together again, then moved to our side of the world.
function movedRing(ring) {
  let turn = 0;
  const whole = ring.map(([lon, lat], index) => {
    const step = index ? lon - ring[index - 1][0] : 0;
    if (step > 180) turn -= 360;
    if (step < -180) turn += 360;
    return [lon + turn, lat];
  });
  const middle = (Math.min(...whole.map((p) => p[0])) + Math.max(...whole.map((p) => p[0]))) / 2;
  const shift = middle < WEST ? 360 : 0;
  return whole.map(([lon, lat]) => [lon + shift, lat]);
}

function landFeatures(topology) {
  const collection = window.topojson.feature(topology, topology.objects.land);
  const polygons = collection.features.flatMap(({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates));
  const inhabited = polygons.filter(([outer]) => outer.some(([, lat]) => lat > -60));
  const geometry = { type: "MultiPolygon", coordinates: inhabited.map((rings) => rings.map(movedRing)) };
  return { type: "FeatureCollection", features: [{ type: "Feature", properties: { name: "land" }, geometry }] };
}

function legSeries(legs, mode) {
  return {
    type: "lines", coordinateSystem: "geo", polyline: true,
    lineStyle: { color: colour(mode), width: 1.4, opacity: 0.7, type: PATTERNS[mode] ?? "solid" },
    data: legs.filter((leg) => leg.mode === mode).flatMap((leg) => greatCircle(leg.from, leg.to)
      .map((coords) => ({ coords, name: `${leg.label}: ${leg.name}`, value: leg.count }))),
  };
}

// Where it is now: at its first call before it leaves, at its last once it should have arrived.
function place(vehicle) {
  const [leaves, arrives] = [Date.parse(vehicle.leaves), Date.parse(vehicle.arrives)];
  return between(vehicle.from, vehicle.to, Math.min(1, Math.max(0, (Date.now() - leaves) / (arrives - leaves))));
}

function vehicleSeries(vehicles) {
  return [...new Set(vehicles.map((one) => one.mode))].map((mode) => ({
    type: "scatter", coordinateSystem: "geo", id: `under-way-${mode}`, symbol: SHAPES[mode] ?? "pin", symbolSize: mode === "road" ? [11, 7] : 10, z: 6,
    itemStyle: { color: colour(mode), borderColor: colour("paper"), borderWidth: 1.5 },
    data: vehicles.filter((one) => one.mode === mode).map((one) => ({ name: one.name, value: place(one) })),
  }));
}

// The live map shows the world; any other one what is on it, with room around.
function viewOf(data, element) {
  const places = [...data.points.map((point) => [east(point.at[0]), point.at[1]]), ...data.legs.flatMap((leg) => greatCircle(leg.from, leg.to).flat())];
  if (element.dataset.live || !places.length) return VIEW;
  const [lons, lats] = [places.map(([lon]) => lon), places.map(([, lat]) => lat)];
  const middle = [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
  const wide = Math.max(24, (Math.max(...lons) - Math.min(...lons)) / 2 + 8);
  const high = Math.max(14, (Math.max(...lats) - Math.min(...lats)) / 2 + 6);
  if (wide > 140) return VIEW;
  return [[middle[0] - wide, Math.min(80, middle[1] + high)], [middle[0] + wide, Math.max(-58, middle[1] - high)]];
}

function draw(chart, data, element) {
  const modes = [...new Set(data.legs.map((leg) => leg.mode))];
  chart.setOption({
    animation: false,
    tooltip: {
      renderMode: "richText", confine: true,
      formatter: ({ name, data: row, seriesType }) => (seriesType === "lines" ? `${name}\n${row.value} ${element.dataset.departures}` : name),
    },
    geo: {
      map: "land", roam: "move", left: 0, right: 0, top: 0, bottom: 0, silent: true, boundingCoords: viewOf(data, element),
      itemStyle: { areaColor: colour("land"), borderColor: colour("land"), borderWidth: 0.5 },
    },
    series: [
      ...modes.map((mode) => legSeries(data.legs, mode)),
      {
        type: "scatter", coordinateSystem: "geo", symbolSize: 8, z: 5,
        itemStyle: { color: colour("point"), borderColor: colour("paper"), borderWidth: 1 },
        data: data.points.map((point) => ({ name: `${point.name} (${point.code})`, value: [east(point.at[0]), point.at[1]] })),
      },
      ...vehicleSeries(data.vehicles ?? []),
    ],
  }, true);
}

// Moves what is under way, and asks now and then what there is; what cannot be asked stays as it was.
function keepMoving(chart, element, state) {
  const moving = setInterval(() => {
    if (!element.isConnected) clearInterval(moving);
    else chart.setOption({ series: vehicleSeries(state.data.vehicles) });
  }, MOVE_MS);
  const asking = setInterval(async () => {
    if (!element.isConnected) return clearInterval(asking);
    if (document.hidden) return undefined;
    try {
      const answer = await fetch(element.dataset.live);
      if (!answer.ok || answer.redirected) return undefined;
      state.data = await answer.json();
      draw(chart, state.data, element);
    } catch { /* The next time, perhaps. */ }
    return undefined;
  }, ASK_MS);
}

let land = null;

async function show() {
  const element = document.getElementById("map");
  if (!element || element.dataset.drawn) return;
  element.dataset.drawn = "yes";
  land ??= fetch(element.dataset.land).then((answer) => answer.json());
  window.echarts.registerMap("land", landFeatures(await land));
  const state = { data: JSON.parse(document.getElementById("map-data").textContent) };
  keepDrawn(element, (chart) => {
    state.chart = chart;
    draw(chart, state.data, element);
  });
  if (element.dataset.live) keepMoving(state.chart, element, state);
}

show();
document.body.addEventListener("htmx:afterSettle", show);
