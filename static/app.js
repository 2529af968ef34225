/* Progressive enhancement only: every page works without this file. */
(function () {
  "use strict";
  function each(list, fn) { Array.prototype.forEach.call(list, fn); }
  function ready(fn) { if (document.readyState !== "loading") { fn(); } else { document.addEventListener("DOMContentLoaded", fn); } }

  /* the summary of mistakes gets the focus; the title says so */
  function focusErrors() {
    var box = document.getElementById("errors");
    if (!box) { return; }
    document.title = "要改：" + document.title;
    box.focus();
  }

  /* drafts: kept in this browser at once, and on the server a moment later */
  function draftKey(form) { return "draft:" + (form.getAttribute("data-draft") || location.pathname + location.search); }
  function typed(form) {
    var data = {};
    each(form.elements, function (el) {
      if (el.name && /^(text|textarea|number|date|select-one)$/.test(el.type) && !el.disabled) { data[el.name] = el.value; }
    });
    return data;
  }
  function keep(form) {
    try { localStorage.setItem(draftKey(form), JSON.stringify({ at: Date.now(), data: typed(form) })); } catch (e) { /* full or forbidden: the server copy remains */ }
  }
  /* what was sent is forgotten only when the next page says that it arrived: a session may have expired */
  function sent(form) { try { sessionStorage.setItem("sent", draftKey(form)); } catch (e) { /* kept a week */ } }
  function arrived() {
    var key;
    try { key = sessionStorage.getItem("sent"); } catch (e) { return; }
    if (key && document.referrer.indexOf("/login") < 0 && document.querySelector(".note--green")) { try { localStorage.removeItem(key); sessionStorage.removeItem("sent"); } catch (e) { /* kept a week */ } }
  }
  function offer(form) {
    var kept, raw;
    try { raw = localStorage.getItem(draftKey(form)); kept = raw && JSON.parse(raw); } catch (e) { return; }
    if (!kept || Date.now() - kept.at > 7 * 864e5) { return; }
    var now = typed(form), differs = Object.keys(kept.data).some(function (k) { return k in now && now[k] !== kept.data[k] && kept.data[k]; });
    if (!differs) { return; }
    var note = document.createElement("div");
    note.className = "note note--blue"; note.setAttribute("role", "status");
    var p = document.createElement("p"); p.textContent = "本机存有未报送的内容。";
    var button = document.createElement("button"); button.type = "button"; button.className = "link"; button.textContent = "恢复到表中";
    button.addEventListener("click", function () {
      each(form.elements, function (el) { if (el.name in kept.data && !el.disabled && el.type !== "hidden") { el.value = kept.data[el.name]; } });
      note.remove(); keep(form); schedule(form);
    });
    p.appendChild(button); note.appendChild(document.createElement("span")); note.appendChild(p);
    form.insertBefore(note, form.firstChild);
  }
  var timers = new WeakMap(), unsaved = new Set();
  function say(form, text) { var out = form.querySelector("[data-saved]"); if (out) { out.textContent = text; } }
  function schedule(form) {
    var url = form.getAttribute("data-autosave");
    if (!url) { return; }
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(function () { autosave(form, url); }, 1500));
  }
  function autosave(form, url) {
    var body = new FormData(form);
    body.delete("files");
    unsaved.delete(form);
    fetch(url, { method: "POST", body: body, credentials: "same-origin", headers: { "X-Requested-With": "fetch" } }).then(function (answer) {
      var type = answer.headers.get("Content-Type") || "";
      if (type.indexOf("json") < 0) { say(form, "登录已过期，内容已存在本机，请重新登录后继续。"); return; }
      return answer.json().then(function (data) {
        if (!answer.ok) { say(form, data.detail || "有内容要改，已存在本机。"); return; }
        if (form.elements.revision) { form.elements.revision.value = data.revision; }
        if (form.elements.entry && !form.elements.entry.value) { form.elements.entry.value = data.entry; form.action = data.url; history.replaceState(null, "", data.url); }
        say(form, "草稿已自动保存 " + data.saved); document.dispatchEvent(new Event("draft:saved"));
      });
    }).catch(function () { unsaved.add(form); say(form, "没有网络，草稿存在本机，连上后自动补存。"); });
  }
  function drafts() {
    each(document.querySelectorAll("form[data-draft]"), function (form) {
      offer(form);
      form.addEventListener("input", function () { keep(form); schedule(form); });
      form.addEventListener("submit", function () { clearTimeout(timers.get(form)); keep(form); sent(form); });
    });
  }

  window.addEventListener("online", function () { unsaved.forEach(function (form) { autosave(form, form.getAttribute("data-autosave")); }); });

  /* two minutes before the session ends: a way to stay; the draft is safe anyway */
  function idle() {
    var minutes = Number(document.body.getAttribute("data-idle")), url = document.body.getAttribute("data-alive");
    if (!minutes || !url) { return; }
    var from = Date.now(), box = null, before = document.activeElement;
    function close() { if (box) { box.remove(); box = null; if (before && before.focus) { before.focus(); } } }
    function ask() {
      if (box || Date.now() - from < Math.max(minutes - 2, minutes / 2) * 6e4) { return; }
      before = document.activeElement;
      box = document.createElement("div"); box.className = "toast"; box.setAttribute("role", "alertdialog"); box.setAttribute("aria-label", "快要自动退出");
      var text = document.createElement("p"); text.textContent = "很久没有操作，两分钟后自动退出；草稿不会丢。";
      var stay = document.createElement("button"); stay.type = "button"; stay.className = "btn btn--2"; stay.textContent = "继续填";
      stay.addEventListener("click", function () {
        fetch(url, { credentials: "same-origin", redirect: "manual" }).then(function (answer) {
          if (answer.status === 204) { from = Date.now(); close(); } else { text.textContent = "已经退出。内容存在本机，重新登录后接着填。"; stay.remove(); }
        }).catch(function () { text.textContent = "没有网络，草稿存在本机。"; });
      });
      box.appendChild(text); box.appendChild(stay); document.body.appendChild(box); stay.focus();
    }
    setInterval(ask, 15e3);
    document.addEventListener("submit", function () { from = Date.now(); });
    document.addEventListener("htmx:afterRequest", function () { from = Date.now(); });
    document.addEventListener("draft:saved", function () { from = Date.now(); });
  }

  /* what works only with script is shown only by script */
  function reveal() { each(document.querySelectorAll("[data-js]"), function (el) { el.hidden = false; }); }

  /* upload one by one with a number, while one goes on writing */
  function uploads() {
    each(document.querySelectorAll("input[type=file][data-upload]"), function (input) {
      input.addEventListener("change", function () {
        var url = input.getAttribute("data-upload"), list = document.getElementById(input.getAttribute("data-list"));
        if (!url || !list) { return; }
        var files = Array.prototype.slice.call(input.files), left = files.length;
        files.forEach(function (file) {
          var row = document.createElement("li"), mark = document.createElement("span"), name = document.createElement("span"), bar = document.createElement("progress"), line = document.createElement("span");
          name.textContent = file.name; bar.max = 100; bar.value = 0; bar.setAttribute("aria-label", "上传进度"); line.className = "src";
          name.appendChild(bar); name.appendChild(line); row.appendChild(mark); row.appendChild(name); list.appendChild(row);
          var body = new FormData(); body.append("file", file); body.append("csrfmiddlewaretoken", input.form.elements.csrfmiddlewaretoken.value);
          var request = new XMLHttpRequest(); request.open("POST", url);
          request.upload.onprogress = function (e) { if (e.lengthComputable) { bar.value = Math.round(e.loaded / e.total * 100); line.textContent = "正在上传 " + bar.value + "%，可以先写别的"; } };
          request.onloadend = function () {
            var answer = {}; try { answer = JSON.parse(request.responseText); } catch (e) { answer = {}; }
            bar.remove(); line.textContent = request.status === 200 ? (answer.note || "已上传") : (answer.detail || "没有传上，请重试");
            left -= 1; if (!left) { input.value = ""; }
          };
          request.send(body);
        });
      });
    });
  }

  /* review lists: j and k move, x marks */
  function keys() {
    var rows = document.querySelectorAll("[data-row]");
    if (!rows.length) { return; }
    var at = -1;
    document.addEventListener("keydown", function (e) {
      if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) && e.target.type !== "checkbox" && e.target.type !== "radio") { return; }
      if (e.key === "j" || e.key === "k") {
        at = Math.max(0, Math.min(rows.length - 1, at + (e.key === "j" ? 1 : -1)));
        var target = rows[at].querySelector("a, input, button"); if (target) { target.focus(); }
      } else if (at >= 0 && (e.key === "p" || e.key === "r")) {
        var choice = rows[at].querySelector(e.key === "p" ? "[data-pass]" : "[data-return]");
        if (choice) { e.preventDefault(); if (/^(checkbox|radio)$/.test(choice.type)) { choice.checked = true; choice.dispatchEvent(new Event("change", { bubbles: true })); } else { choice.focus(); } }
      }
    });
  }

  /* canned remarks go into the field beside them */
  function canned() {
    document.addEventListener("click", function (e) {
      var button = e.target.closest && e.target.closest("[data-fill]");
      if (!button) { return; }
      var field = document.getElementById(button.getAttribute("data-fill"));
      if (field) { field.value = (field.value ? field.value + " " : "") + button.textContent.trim(); field.focus(); }
    });
  }
  function all() {
    each(document.querySelectorAll("[data-all]"), function (box) {
      box.addEventListener("change", function () { each(document.querySelectorAll("input[name=" + box.getAttribute("data-all") + "]"), function (one) { one.checked = box.checked; }); });
    });
  }
  function prints() { each(document.querySelectorAll("[data-print]"), function (b) { b.addEventListener("click", function () { window.print(); }); }); }
  /* the territory one looks at is part of the address: a link that is passed on keeps its meaning */
  function territory() {
    var code = document.body.getAttribute("data-territory"), url = new URL(location.href);
    if (!code || url.searchParams.get("territory") === code) { return; }
    url.searchParams.set("territory", code);
    history.replaceState(history.state, "", url);
  }

  ready(function () { territory(); reveal(); idle(); focusErrors(); arrived(); drafts(); uploads(); keys(); canned(); all(); prints(); });
})();
