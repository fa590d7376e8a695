// What a page does beyond HTML: toasts, drafts, one sending a press, printing, colours. Every page works without it.
(function () {
  "use strict";

  var body = document.body;
  var words = (document.getElementById("words") || { dataset: {} }).dataset;
  var toasts = document.getElementById("toasts");
  var SPRITE = null;

  function each(selector, root, act) {
    Array.prototype.forEach.call((root || document).querySelectorAll(selector), act);
  }

  // ---------- toasts ----------
  function icon(name) {
    if (SPRITE === null) {
      var use = document.querySelector("svg.i use");
      SPRITE = use ? use.getAttribute("href").split("#")[0] : "";
    }
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    var shape = document.createElementNS("http://www.w3.org/2000/svg", "use");
    shape.setAttribute("href", SPRITE + "#i-" + name);
    svg.appendChild(shape);
    return svg;
  }

  function toast(message, level, action) {
    if (!toasts || !message) { return; }
    var bad = level === "danger" || level === "error" || level === "warning";
    var box = document.createElement("div");
    box.className = "toast show" + (bad ? " bad" : "");
    box.appendChild(icon(bad ? "circle-alert" : "circle-check"));
    var text = document.createElement("span");
    text.textContent = message;
    box.appendChild(text);
    var button = document.createElement("button");
    button.type = "button";
    button.className = "push";
    button.textContent = action ? action.label : words.close;
    button.addEventListener("click", function () {
      box.remove();
      if (action) { action.act(); }
    });
    box.appendChild(button);
    // The same trouble told twice is told once, with the newest way out of it.
    each(".toast > span", toasts, function (other) { if (other.textContent === message) { other.parentNode.remove(); } });
    while (toasts.children.length > 2) { toasts.firstChild.remove(); }
    toasts.appendChild(box);
    // A refusal stays until it is read; what went well leaves by itself.
    if (!bad) { setTimeout(function () { box.remove(); }, 8000); }
  }

  // A view answers with the header HX-Trigger: {"toast": {"message": "…", "level": "success"}}.
  body.addEventListener("toast", function (event) {
    var detail = event.detail || {};
    toast(detail.message || detail.value, detail.level);
  });

  // ---------- htmx: what went wrong ----------
  body.addEventListener("htmx:sendError", function (event) {
    var form = event.detail.elt && event.detail.elt.closest ? event.detail.elt.closest("form") : null;
    // Without a draft, what was touched lives in this page alone.
    toast(form && !form.dataset.keep ? words.offlineHere : words.offline, "danger");
  });
  body.addEventListener("htmx:timeout", function () { toast(words.slow, "danger"); });
  body.addEventListener("htmx:responseError", function (event) {
    var xhr = event.detail.xhr;
    if ((xhr.getResponseHeader("HX-Trigger") || "").indexOf('"toast"') >= 0) { return; }
    toast(xhr.status === 403 ? words.forbidden : xhr.status === 404 ? words.missing : words.error, "danger");
  });
  // The session ended meanwhile: the answer is the sign-in page. Go there, never paste it into the page.
  body.addEventListener("htmx:beforeSwap", function (event) {
    var answer = event.detail.xhr.responseText || "";
    if (/<body[^>]* data-door/.test(answer)) {
      event.detail.shouldSwap = false;
      keepAll();
      location.assign(event.detail.xhr.responseURL || location.href);
    }
  });

  // ---------- drafts: what is typed is kept in this tab, for this person ----------
  var DRAFT = "bagage-draft:";
  var DAY = 12 * 3600 * 1000;
  var me = body.dataset.user || "";
  var store = null;
  try { store = window.sessionStorage; store.getItem(DRAFT); } catch (error) { store = null; }

  var HERE = location.href.split("#")[0];

  // Whether this page is what the server answered to a form of that page: reached from there, and not by going back.
  // When the network broke while it was sent, no page is: the draft stays, and its key makes a second sending harmless.
  function isAnswerTo(from) {
    var gone = (performance.getEntriesByType && performance.getEntriesByType("navigation")[0] || {}).type;
    return document.referrer.split("#")[0] === from && gone !== "back_forward";
  }

  function draftKey(form) { return DRAFT + location.pathname + ":" + form.dataset.keep; }

  function controls(form) {
    return Array.prototype.filter.call(form.elements, function (element) {
      return element.name && !element.disabled && ["hidden", "password", "file", "submit", "button", "reset", "image"]
        .indexOf(element.type) < 0 && !element.hasAttribute("data-no-keep");
    });
  }

  function readForm(form) {
    return controls(form).map(function (element) {
      if (element.type === "checkbox" || element.type === "radio") {
        return [element.name, element.value, element.checked ? 1 : 0];
      }
      if (element.multiple) {
        return [element.name, Array.prototype.map.call(element.selectedOptions, function (one) { return one.value; }), 2];
      }
      return [element.name, element.value, 3];
    });
  }

  function fillForm(form, kept) {
    var changed = false;
    controls(form).forEach(function (element, index) {
      var row = kept[index];
      if (!row || row[0] !== element.name) { return; }
      if (row[2] === 3) {
        if (element.value !== row[1]) { element.value = row[1]; changed = true; }
      } else if (row[2] === 2) {
        each("option", element, function (one) { one.selected = row[1].indexOf(one.value) >= 0; });
        changed = true;
      } else if (element.value === row[1] && element.checked !== Boolean(row[2])) {
        element.checked = Boolean(row[2]);
        changed = true;
      }
    });
    return changed;
  }

  function keep(form, sent) {
    if (!store) { return; }
    try {
      store.setItem(draftKey(form), JSON.stringify({ user: me, at: Date.now(), sent: Boolean(sent), from: HERE, rows: readForm(form) }));
    } catch (error) { /* the tab's store is full: the browser still holds the form */ }
  }

  function keepAll() {
    each("form[data-keep][data-touched]", document, function (form) { keep(form, false); });
  }

  function forget(key) { if (store) { store.removeItem(key); } }

  function forgetAll() {
    clearTimeout(waiting);
    each("form[data-touched]", document, function (form) { form.removeAttribute("data-touched"); });
    if (!store) { return; }
    Object.keys(store).forEach(function (key) { if (key.indexOf(DRAFT) === 0) { store.removeItem(key); } });
  }

  function failed(form) {
    return Boolean(form && (form.hasAttribute("data-failed") || form.querySelector(".is-invalid, .errors, [aria-invalid]")));
  }

  function announce(form, key) {
    var box = document.createElement("div");
    box.className = "alert alert-info mb-4 draft-note";
    box.setAttribute("role", "status");
    box.appendChild(icon("rotate-ccw"));
    var text = document.createElement("div");
    text.textContent = words.restored + " ";
    var button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = words.discard;
    button.addEventListener("click", function () {
      forget(key);
      form.reset();
      form.removeAttribute("data-touched");
      box.remove();
    });
    text.appendChild(button);
    box.appendChild(text);
    form.insertBefore(box, form.firstChild);
  }

  function settleDrafts() {
    if (!store) { return; }
    var forms = {};
    each("form[data-keep]", document, function (form) { forms[draftKey(form)] = form; });
    Object.keys(store).forEach(function (key) {
      if (key.indexOf(DRAFT) !== 0) { return; }
      var draft;
      try { draft = JSON.parse(store.getItem(key)); } catch (error) { forget(key); return; }
      // Another person on the same desk never inherits a draft.
      if (!draft || Date.now() - draft.at > DAY || (me && draft.user && draft.user !== me)) { forget(key); return; }
      var form = forms[key];
      if (draft.sent) {
        var lost = !isAnswerTo(draft.from) || failed(form) || body.hasAttribute("data-error") || (draft.user && !me);
        if (!lost) { forget(key); return; }
        draft.sent = false;
        store.setItem(key, JSON.stringify(draft));
      }
      // When the server gave the form back with errors, it gave the values back too.
      if (form && draft.user === me && !failed(form) && fillForm(form, draft.rows)) {
        form.setAttribute("data-touched", "");
        announce(form, key);
        noteChange();
        // After htmx has begun, which listens to it too.
        setTimeout(function () { form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true })); }, 150);
      }
    });
  }

  var waiting = null;
  function noteTyping(event) {
    var form = event.target.form || (event.target.closest && event.target.closest("form"));
    if (!form || !form.dataset || !form.dataset.keep) { return; }
    form.setAttribute("data-touched", "");
    clearTimeout(waiting);
    waiting = setTimeout(function () { keep(form, false); }, 300);
  }
  document.addEventListener("input", noteTyping);
  document.addEventListener("change", noteTyping);
  window.addEventListener("pagehide", function () {
    each("form[data-keep][data-touched]:not([data-sending])", document, function (form) { keep(form, false); });
  });

  // ---------- sending: once a press, and only when the server can be reached ----------
  var PING = words.ping || "/ping";

  function release(form) {
    form.removeAttribute("data-sending");
    each("[aria-disabled=true]", form, function (button) { button.removeAttribute("aria-disabled"); });
    if (form.id) { each('[form="' + form.id + '"][aria-disabled=true]', document, function (button) { button.removeAttribute("aria-disabled"); }); }
  }

  function reachable() {
    if (!window.fetch || !window.AbortController) { return Promise.resolve(""); }
    var abort = new AbortController();
    var timer = setTimeout(function () { abort.abort(); }, 12000);
    return fetch(PING, { method: "GET", cache: "no-store", credentials: "omit", signal: abort.signal }).then(
      function () { clearTimeout(timer); return ""; },
      function (error) { clearTimeout(timer); return error && error.name === "AbortError" ? "slow" : "offline"; }
    );
  }

  // A part of the form may still be renewed from what was just answered (the nearest permanences): it is sent with it.
  var changedAt = 0;
  function noteChange() { changedAt = Date.now(); }
  document.addEventListener("change", noteChange);
  document.addEventListener("draft:restored", noteChange);
  function whenQuiet(form, until, act) {
    var renews = form.querySelector("[hx-trigger*=change]") && Date.now() - changedAt < 250;
    if ((renews || form.querySelector(".htmx-request")) && Date.now() < until) {
      setTimeout(function () { whenQuiet(form, until, act); }, 40);
    } else { act(); }
  }

  // The button that was pressed, or the one that stands in its place once the part of the form around it was renewed.
  function standing(form, button) {
    if (!button || button.form === form) { return button || undefined; }
    return Array.prototype.filter.call(form.elements, function (other) {
      return other.type === "submit" && other.name === button.name && other.value === button.value
        && other.getAttribute("formaction") === button.getAttribute("formaction");
    })[0];
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || (form.method || "get").toLowerCase() !== "post") { return; }
    if (form.hasAttribute("data-sign-out") || /\/logout\/$/.test(form.getAttribute("action") || "")) { forgetAll(); }
    if (form.hasAttribute("data-sending")) {
      if (form.dataset.sending !== "ready") { event.preventDefault(); }
      return;
    }
    form.setAttribute("data-sending", "");
    var button = event.submitter;
    if (button) { button.setAttribute("aria-disabled", "true"); }
    if (!form.dataset.keep) {
      // A form that downloads something leaves the page where it is.
      setTimeout(function () { release(form); }, 10000);
      return;
    }
    event.preventDefault();
    clearTimeout(waiting);
    keep(form, false);
    reachable().then(function (trouble) {
      if (trouble) {
        release(form);
        toast(words[trouble], "danger", { label: words.retry, act: function () { form.requestSubmit(standing(form, button)); } });
        return;
      }
      whenQuiet(form, Date.now() + 6000, function () {
        keep(form, true);
        form.dataset.sending = "ready";
        if (form.requestSubmit) { form.requestSubmit(standing(form, button)); } else { form.submit(); }
        form.dataset.sending = "";
        setTimeout(function () { release(form); }, 15000);
      });
    });
  });
  // A form that htmx sends is stopped by htmx itself; hold a second press there too.
  body.addEventListener("htmx:beforeRequest", function (event) {
    var form = event.detail.elt;
    if (form.tagName !== "FORM" || event.detail.requestConfig.verb === "get") { return; }
    if (form.hasAttribute("data-sending")) { event.preventDefault(); return; }
    form.setAttribute("data-sending", "");
    if (form.dataset.keep) { keep(form, false); }
  });
  body.addEventListener("htmx:afterRequest", function (event) {
    var form = event.detail.elt;
    if (form.tagName !== "FORM") { return; }
    release(form);
    if (form.dataset.keep && event.detail.successful && event.detail.requestConfig.verb !== "get") {
      form.removeAttribute("data-touched");
      forget(draftKey(form));
    }
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { each("form[data-sending]", document, release); }
  });

  // ---------- small gestures ----------
  document.addEventListener("click", function (event) {
    var target = event.target.closest ? event.target.closest("[data-print], [data-back]") : null;
    if (!target) { return; }
    event.preventDefault();
    if (target.hasAttribute("data-print")) { window.print(); } else { history.back(); }
  });
  document.addEventListener("change", function (event) {
    var form = event.target.closest ? event.target.closest("form[data-auto]") : null;
    if (form && event.target.type !== "search" && event.target.type !== "text") { form.requestSubmit(); }
  });

  function chooseTheme(choice) {
    try {
      if (choice === "auto") { localStorage.removeItem("bagage-theme"); } else { localStorage.setItem("bagage-theme", choice); }
    } catch (error) { /* kept for this page only */ }
    if (choice === "auto") { document.documentElement.removeAttribute("data-bs-theme"); }
    else { document.documentElement.setAttribute("data-bs-theme", choice); }
  }
  each("[data-theme-choice]", document, function (box) {
    var select = box.querySelector("select");
    select.value = document.documentElement.getAttribute("data-bs-theme") || "auto";
    select.addEventListener("change", function () { chooseTheme(select.value); });
    box.hidden = false;
  });

  // A page that came back with errors starts where they are told.
  var errors = document.querySelector('main form[method="post"] .errors, main .errors[data-alone]');
  if (errors) { errors.focus(); }

  settleDrafts();
  window.bagage = { toast: toast };
})();
