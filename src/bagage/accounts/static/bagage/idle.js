// A desk left alone closes by itself: the page goes, not only the session. Typing counts as being there.
(function () {
  "use strict";
  var frame = document.querySelector("[data-idle]");
  if (!frame) { return; }
  var limit = Number(frame.dataset.idle) * 60000;
  var last = Date.now();
  var told = Date.now();

  function here() {
    last = Date.now();
    // The server only sees requests: tell it now and then that someone types.
    if (last - told > Math.min(limit / 3, 240000)) {
      told = last;
      if (window.fetch) { fetch(frame.dataset.here, { credentials: "same-origin", cache: "no-store", redirect: "manual" }).catch(function () {}); }
    }
  }

  function check() {
    // Half a minute later than the server, so that it agrees.
    if (Date.now() - last > limit + 30000) { location.replace(location.pathname + location.search); }
  }

  ["click", "keydown", "touchstart", "input"].forEach(function (name) { document.addEventListener(name, here, { passive: true }); });
  document.addEventListener("visibilitychange", check);
  setInterval(check, Math.min(limit / 4, 20000));
})();
