/* The county map and the plots: the same content stands in the table beside each. */
(function () {
  "use strict";
  var TONES = { action: "#17375e", grey: "#5e6874", green: "#2f8f5b", blue: "#6ea3d8", yellow: "#e3b341", red: "#c9585a" };
  var INK = { red: "#a3161a", yellow: "#704700", blue: "#0a549c", green: "#17613a" };
  var FILL = { red: "#dd8a8b", yellow: "#f0d08a", blue: "#a8c9e9", green: "#cfe6d8" };
  /* patterns beside the colours, for whoever does not tell them apart and for black and white print */
  var DECAL = {
    red: { symbol: "rect", symbolSize: 1, color: "rgba(122,13,17,.55)", dashArrayX: [1, 0], dashArrayY: [1.5, 6], rotation: Math.PI / 4 },
    yellow: { symbol: "circle", symbolSize: .55, color: "rgba(82,52,0,.6)", dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0] },
    blue: { symbol: "rect", symbolSize: 1, color: "rgba(10,84,156,.4)", dashArrayX: [1, 0], dashArrayY: [1, 7], rotation: 0 },
    grey: { symbol: "rect", symbolSize: 1, color: "rgba(255,255,255,.6)", dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: -Math.PI / 4 }
  };
  var charts = {}, narrow = window.matchMedia("(max-width: 47.99em)");
  var OLD = { "371523": "371503" }; /* the boundary file is older than 茌平区's code */
  /* a box without width or height (folded away, a window pulled shut) cannot be drawn into: it waits until it has both */
  function sized(box) { return box.clientWidth > 24 && box.clientHeight > 24; }
  function follow(box, option) {
    var chart = null;
    function fit() {
      if (!sized(box)) { return; }
      if (chart) { chart.resize(); return; }
      chart = echarts.init(box, null, { renderer: "svg" });
      chart.setOption(option); charts[box.id] = { chart: chart, option: option };
      box.dispatchEvent(new CustomEvent("drawn", { detail: chart }));
    }
    window.addEventListener("resize", fit);
    if (window.ResizeObserver) { new ResizeObserver(fit).observe(box); }
    return fit;
  }
  function centroid(feature) {
    var best = null, size = 0;
    var polygons = feature.geometry.type === "Polygon" ? [feature.geometry.coordinates] : feature.geometry.coordinates;
    polygons.forEach(function (polygon) {
      var ring = polygon[0], area = 0, x = 0, y = 0;
      for (var i = 0; i < ring.length - 1; i += 1) {
        var cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
        area += cross; x += (ring[i][0] + ring[i + 1][0]) * cross; y += (ring[i][1] + ring[i + 1][1]) * cross;
      }
      if (Math.abs(area) > size) { size = Math.abs(area); best = [x / (3 * area), y / (3 * area)]; }
    });
    return best;
  }
  function draw(box) {
    var values = JSON.parse(document.getElementById(box.getAttribute("data-values")).textContent);
    fetch(box.getAttribute("data-map"), { credentials: "same-origin" }).then(function (r) { return r.json(); }).then(function (map) {
      var byCode = {};
      values.forEach(function (v) { byCode[v.code] = v; });
      var data = [];
      map.features.forEach(function (f) {
        var code = String(f.properties.id || f.properties.adcode || f.id || "").slice(0, 6);
        var place = byCode[OLD[code] || code];
        if (!place) { return; }
        f.properties.name = place.name; f.properties.cp = centroid(f);
        data.push({ name: place.name, value: place.words, itemStyle: { areaColor: FILL[place.colour] || "#eef0f3", decal: DECAL[place.colour] }, words: place.words, tone: place.colour, url: place.url });
      });
      box.classList.add("is-live");
      echarts.registerMap("city", map);
      var phone = narrow.matches, size = phone ? 11 : 13;
      var rich = { b: { fontWeight: "bold", fontSize: size, lineHeight: size + 5, color: "#1a1f26" } };
      Object.keys(INK).forEach(function (key) { rich[key] = { color: INK[key], fontSize: size, lineHeight: size + 5 }; });
      var option = {
        animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        series: [{ type: "map", map: "city", selectedMode: false, data: data, aspectScale: 0.82, layoutCenter: ["50%", "50%"], layoutSize: "97%",
          itemStyle: { borderColor: "#ffffff", borderWidth: 2, areaColor: "#eef0f3" },
          emphasis: { itemStyle: { areaColor: "inherit", borderColor: "#1a1f26" }, label: { color: "#1a1f26" } },
          label: { show: true, color: "#1a1f26", fontSize: size, backgroundColor: "rgba(255,255,255,.92)", borderRadius: 3, padding: phone ? [1, 4] : [2, 6], rich: rich,
            formatter: function (p) { return "{b|" + p.name + "}\n{" + ((p.data && p.data.tone) || "b") + "|" + ((p.data && p.data.words) || "") + "}"; } } }]
      };
      box.addEventListener("drawn", function (e) {
        e.detail.on("click", function (p) { if (p.data && p.data.url) { location.href = p.data.url; } });
      });
      follow(box, option)();
    }).catch(function () { /* the table says the same */ });
  }
  /* lines, bars, stacked bars; numbers come as text so that nothing is rounded on the way */
  function plot(box) {
    if (box.classList.contains("is-live")) { return; }
    var given = JSON.parse(box.getAttribute("data-plot"));
    var phone = narrow.matches, isLine = given.kind === "line";
    box.classList.add("is-live");
    var option = {
      animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: isLine ? 96 : 8, top: isLine ? 16 : 40, bottom: 4, containLabel: true },
      legend: isLine ? undefined : { top: 0, left: 0, itemWidth: 14, itemHeight: 14, selectedMode: false, textStyle: { color: "#1a1f26", fontSize: 14 } },
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: function (v) { return v === null || v === undefined ? "—" : v + given.unit; } },
      xAxis: { type: "category", data: given.labels, boundaryGap: !isLine, axisTick: { show: false }, axisLine: { lineStyle: { color: "#7b8692" } }, axisLabel: { color: "#4a5460", interval: phone || given.labels.length > 14 ? "auto" : 0 } },
      yAxis: { type: "value", axisLabel: { color: "#4a5460" }, splitLine: { lineStyle: { color: "#dfe3e8" } } },
      series: given.series.map(function (one) {
        /* a line that ends before the axis does is named at its last point: ECharts cannot at a gap */
        var last = one.values.length - 1;
        while (isLine && last >= 0 && one.values[last] === null) { last -= 1; }
        var short = isLine && last < one.values.length - 1;
        return { name: one.name, type: isLine ? "line" : "bar", stack: given.kind === "stacked" ? "all" : undefined, barMaxWidth: 32, symbol: "none", connectNulls: false,
          data: one.values.map(function (v, at) {
            var value = v === null ? null : Number(v);
            return short && at === last ? { value: value, symbol: "circle", symbolSize: 6, label: { show: true, position: "top", formatter: one.name, color: TONES[one.tone], fontSize: 13 } } : value;
          }),
          itemStyle: { color: TONES[one.tone], decal: isLine ? undefined : DECAL[one.tone] }, lineStyle: { color: TONES[one.tone], width: 2.5, type: one.dashed ? "dashed" : "solid" },
          endLabel: isLine && !short ? { show: true, formatter: one.name, color: TONES[one.tone], fontSize: 13 } : undefined, emphasis: { disabled: true } };
      })
    };
    if (given.links && given.links.length) {
      box.addEventListener("drawn", function (ready) {
        var chart = ready.detail;
        chart.getZr().on("click", function (e) {
          var at = chart.containPixel("grid", [e.offsetX, e.offsetY]) ? chart.convertFromPixel({ seriesIndex: 0 }, [e.offsetX, e.offsetY]) : null;
          if (at && given.links[at[0]]) { location.href = given.links[at[0]]; }
        });
      });
    }
    follow(box, option)();
  }
  /* a plot as a picture: drawn again on a canvas, with its title and the day above it */
  function save(canvas, name) {
    var link = document.createElement("a");
    link.href = canvas.toDataURL("image/png"); link.download = name + ".png";
    document.body.appendChild(link); link.click(); link.remove();
  }
  /* above it what it shows and of when, below it where the numbers come from */
  function framed(canvas, name, about) {
    var out = document.createElement("canvas"), pen = out.getContext("2d"), head = 72, foot = 52;
    var font = getComputedStyle(document.body).fontFamily;
    out.width = canvas.width; out.height = canvas.height + head + foot;
    pen.fillStyle = "#ffffff"; pen.fillRect(0, 0, out.width, out.height);
    pen.fillStyle = "#1a1f26"; pen.font = "bold 32px " + font; pen.fillText(name, 16, 44, out.width - 32);
    pen.drawImage(canvas, 0, head);
    pen.fillStyle = "#4a5460"; pen.font = "24px " + font; pen.fillText(about || "", 16, out.height - 18, out.width - 32);
    save(out, name);
  }
  function asPicture(id, name, about) {
    var known = charts[id];
    if (!known) { return; }
    var box = document.createElement("div"), width = known.chart.getWidth(), height = known.chart.getHeight();
    var chart = echarts.init(box, null, { renderer: "canvas", width: width, height: height, devicePixelRatio: 2 });
    chart.setOption(known.option);
    framed(chart.getRenderedCanvas({ pixelRatio: 2, backgroundColor: "#ffffff" }), name, about);
    chart.dispose();
  }
  function wordsOf(cell) {
    var copy = cell.cloneNode(true);
    Array.prototype.forEach.call(copy.querySelectorAll(".vh"), function (hidden) { hidden.remove(); });
    return copy.textContent.replace(/\s+/g, " ").trim();
  }
  /* a table that a phone shows as cards is drawn as the table that it is, whatever the screen */
  function gridAsPicture(table, name, about) {
    var scale = 2, high = 34, family = getComputedStyle(table).fontFamily, widths = [];
    var canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    pen.font = "14px " + family;
    var grid = Array.prototype.map.call(table.rows, function (row) {
      return Array.prototype.map.call(row.cells, function (cell, at) {
        var words = wordsOf(cell);
        widths[at] = Math.max(widths[at] || 56, Math.min(260, pen.measureText(words).width + 20));
        return { words: words, right: cell.classList.contains("num"), head: cell.parentNode.parentNode.tagName === "THEAD", state: cell.querySelector(".st") };
      });
    });
    canvas.width = Math.ceil(widths.reduce(function (a, b) { return a + b; }, 0) * scale); canvas.height = grid.length * high * scale;
    pen.scale(scale, scale); pen.fillStyle = "#ffffff"; pen.fillRect(0, 0, canvas.width, canvas.height);
    grid.forEach(function (row, line) {
      var x = 0;
      row.forEach(function (cell, at) {
        if (cell.head) { pen.fillStyle = "#f4f6f8"; pen.fillRect(x, line * high, widths[at], high); }
        pen.strokeStyle = "#cdd3da"; pen.strokeRect(x, line * high, widths[at], high);
        pen.fillStyle = cell.state ? getComputedStyle(cell.state).color : "#1a1f26";
        pen.font = (cell.head ? "bold " : "") + "14px " + family; pen.textBaseline = "middle"; pen.textAlign = cell.right ? "right" : "left";
        pen.fillText(cell.words, cell.right ? x + widths[at] - 8 : x + 8, line * high + high / 2, widths[at] - 16);
        x += widths[at];
      });
    });
    framed(canvas, name, about);
  }
  /* a table as a picture: cell by cell, with the words and the ground that it shows */
  function tableAsPicture(table, name, about) {
    var scale = 2, frame = table.getBoundingClientRect(), canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    canvas.width = Math.ceil(table.scrollWidth * scale); canvas.height = Math.ceil(frame.height * scale);
    pen.scale(scale, scale); pen.fillStyle = "#ffffff"; pen.fillRect(0, 0, canvas.width, canvas.height);
    Array.prototype.forEach.call(table.querySelectorAll("th, td"), function (cell) {
      var at = cell.getBoundingClientRect(), look = getComputedStyle(cell), x = at.left - frame.left, y = at.top - frame.top;
      pen.fillStyle = look.backgroundColor; pen.fillRect(x, y, at.width, at.height);
      pen.strokeStyle = "#cdd3da"; pen.strokeRect(x, y, at.width, at.height);
      var state = cell.querySelector(".st"), words = wordsOf(cell);
      pen.fillStyle = state ? getComputedStyle(state).color : "#1a1f26"; pen.font = "13px " + look.fontFamily; pen.textBaseline = "middle";
      pen.fillText(words, x + 4, y + at.height / 2, at.width - 8);
    });
    framed(canvas, name, about);
  }
  document.addEventListener("click", function (e) {
    var button = e.target.closest && e.target.closest("[data-png], [data-png-table]");
    if (!button) { return; }
    var name = button.getAttribute("data-name"), about = button.getAttribute("data-about"), id = button.getAttribute("data-png-table");
    var table = id && document.getElementById(id);
    if (!table) { asPicture(button.getAttribute("data-png"), name, about); return; }
    if (table.classList.contains("cards")) { gridAsPicture(table, name, about); } else { tableAsPicture(table, name, about); }
  });
  function start(root) {
    if (!window.echarts) { return; }
    Array.prototype.forEach.call(root.querySelectorAll("[data-map]"), draw);
    Array.prototype.forEach.call(root.querySelectorAll("[data-plot]"), plot);
  }
  document.addEventListener("DOMContentLoaded", function () { start(document); });
  document.addEventListener("htmx:afterSettle", function (e) {
    Array.prototype.forEach.call(e.target.querySelectorAll("[data-js]"), function (el) { el.hidden = false; });
    start(e.target);
  });
  /* printing: what lies folded behind a plot is shown on paper */
  function folds(open) { Array.prototype.forEach.call(document.querySelectorAll("details.plot-data, details.map-list"), function (el) { el.open = open; }); }
  window.addEventListener("beforeprint", function () { folds(true); window.dispatchEvent(new Event("resize")); });
  window.addEventListener("afterprint", function () { folds(false); });
})();
