/* The county map and the plots: the same content stands in the table beside each. */
(function () {
  "use strict";
  var TONES = { action: "#17375e", grey: "#5e6874", green: "#2f8f5b", blue: "#6ea3d8", yellow: "#e3b341", red: "#c9585a" };
  var INK = { red: "#a3161a", yellow: "#704700", blue: "#0a549c", green: "#17613a" };
  var FILL = { red: "#dd8a8b", yellow: "#f0d08a", blue: "#a8c9e9", green: "#cfe6d8" };
  var OLD = { "371523": "371503" }; /* the boundary file is older than 茌平区's code */
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
        data.push({ name: place.name, value: place.words, itemStyle: { areaColor: FILL[place.colour] }, words: place.words, tone: place.colour, url: place.url });
      });
      box.classList.add("is-live");
      echarts.registerMap("city", map);
      var chart = echarts.init(box, null, { renderer: "svg" });
      var phone = window.matchMedia("(max-width: 47.99em)").matches, size = phone ? 11 : 13;
      var rich = { b: { fontWeight: "bold", fontSize: size, lineHeight: size + 5, color: "#1a1f26" } };
      Object.keys(INK).forEach(function (key) { rich[key] = { color: INK[key], fontSize: size, lineHeight: size + 5 }; });
      chart.setOption({
        animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        series: [{ type: "map", map: "city", selectedMode: false, data: data, aspectScale: 0.82, layoutCenter: ["50%", "50%"], layoutSize: "97%",
          itemStyle: { borderColor: "#ffffff", borderWidth: 2, areaColor: "#eef0f3" },
          emphasis: { itemStyle: { areaColor: "inherit", borderColor: "#1a1f26" }, label: { color: "#1a1f26" } },
          label: { show: true, color: "#1a1f26", fontSize: size, backgroundColor: "rgba(255,255,255,.92)", borderRadius: 3, padding: phone ? [1, 4] : [2, 6], rich: rich,
            formatter: function (p) { return "{b|" + p.name + "}\n{" + ((p.data && p.data.tone) || "b") + "|" + ((p.data && p.data.words) || "") + "}"; } } }]
      });
      chart.on("click", function (p) { if (p.data && p.data.url) { location.href = p.data.url; } });
      window.addEventListener("resize", function () { chart.resize(); });
    }).catch(function () { /* the table says the same */ });
  }
  /* lines, bars, stacked bars; numbers come as text so that nothing is rounded on the way */
  function plot(box) {
    var given = JSON.parse(document.getElementById(box.getAttribute("data-plot")).textContent);
    var phone = window.matchMedia("(max-width: 47.99em)").matches, isLine = given.kind === "line";
    box.classList.add("is-live");
    var chart = echarts.init(box, null, { renderer: "svg" });
    chart.setOption({
      animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: isLine ? 96 : 8, top: isLine ? 16 : 40, bottom: 4, containLabel: true },
      legend: isLine ? undefined : { top: 0, left: 0, itemWidth: 14, itemHeight: 14, selectedMode: false, textStyle: { color: "#1a1f26", fontSize: 14 } },
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: function (v) { return v === null || v === undefined ? "—" : v + given.unit; } },
      xAxis: { type: "category", data: given.labels, boundaryGap: !isLine, axisTick: { show: false }, axisLine: { lineStyle: { color: "#7b8692" } }, axisLabel: { color: "#4a5460", interval: phone ? "auto" : 0 } },
      yAxis: { type: "value", axisLabel: { color: "#4a5460" }, splitLine: { lineStyle: { color: "#dfe3e8" } } },
      series: given.series.map(function (one) {
        return { name: one.name, type: isLine ? "line" : "bar", stack: given.kind === "stacked" ? "all" : undefined, barMaxWidth: 32, symbol: "none", connectNulls: false,
          data: one.values.map(function (v) { return v === null ? null : Number(v); }),
          itemStyle: { color: TONES[one.tone] }, lineStyle: { color: TONES[one.tone], width: 2.5, type: one.dashed ? "dashed" : "solid" },
          endLabel: isLine ? { show: true, formatter: one.name, color: TONES[one.tone], fontSize: 13 } : undefined, emphasis: { disabled: true } };
      })
    });
    window.addEventListener("resize", function () { chart.resize(); });
  }
  document.addEventListener("DOMContentLoaded", function () {
    Array.prototype.forEach.call(document.querySelectorAll("[data-map]"), function (box) { if (window.echarts) { draw(box); } });
    Array.prototype.forEach.call(document.querySelectorAll("[data-plot]"), function (box) { if (window.echarts) { plot(box); } });
  });
})();
