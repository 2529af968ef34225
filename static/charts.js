/* The county map: the same content stands in the table beside it. */
(function () {
  "use strict";
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
        data.push({ name: place.name, value: place.words, itemStyle: { areaColor: FILL[place.colour] }, words: place.words });
      });
      box.classList.add("is-live");
      echarts.registerMap("city", map);
      var chart = echarts.init(box, null, { renderer: "svg" });
      chart.setOption({
        animation: false,
        tooltip: { renderMode: "richText", formatter: function (p) { return p.name + "：" + ((p.data && p.data.words) || ""); } },
        series: [{ type: "map", map: "city", selectedMode: false, data: data, emphasis: { disabled: true },
          label: { show: true, formatter: function (p) { return p.name + "\n" + ((p.data && p.data.words) || ""); }, color: "#1a1f26", fontSize: 13 },
          itemStyle: { borderColor: "#ffffff", areaColor: "#eef0f3" } }]
      });
      window.addEventListener("resize", function () { chart.resize(); });
    }).catch(function () { /* the table says the same */ });
  }
  document.addEventListener("DOMContentLoaded", function () {
    Array.prototype.forEach.call(document.querySelectorAll("[data-map]"), function (box) { if (window.echarts) { draw(box); } });
  });
})();
