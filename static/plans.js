/* Progressive enhancement of the split grid: what is left to divide, as one types. */
(function () {
  "use strict";
  function places(text) { var at = text.indexOf("."); return at < 0 ? 0 : text.length - at - 1; }
  /* exact: six decimals as whole numbers */
  function units(text) {
    var plain = text.replace(/[,，\s]/g, "");
    if (plain === "") { return BigInt(0); }
    if (!/^\d+(\.\d{1,6})?$/.test(plain)) { return null; }
    return BigInt(plain.replace(".", "") + "000000".slice(places(plain)));
  }
  function shown(value) {
    var text = value.toString().padStart(7, "0");
    return (text.slice(0, -6).replace(/\B(?=(\d{3})+$)/g, ",") + "." + text.slice(-6)).replace(/\.?0+$/, "");
  }
  function update(form, line) {
    var out = form.querySelector('[data-left="' + line + '"]');
    if (!out || out.hasAttribute("data-ratio")) { return; }
    var left = units(out.getAttribute("data-target")), wrong = false;
    form.querySelectorAll('input[data-line="' + line + '"]').forEach(function (input) {
      var value = units(input.value);
      if (value === null) { wrong = true; } else { left -= value; }
    });
    var even = !wrong && left === BigInt(0);
    out.className = "badge badge--" + (even ? "green" : "red");
    out.textContent = wrong ? "有数要改" : even ? "已分平" : left > 0 ? "差 " + shown(left) : "超 " + shown(-left);
  }
  document.addEventListener("input", function (event) {
    var form = event.target.closest && event.target.closest("form[data-split]");
    var line = event.target.getAttribute("data-line");
    if (form && line) { update(form, line); }
  });
}());
