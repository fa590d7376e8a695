// The pad on which she signs with her finger, and the terms read aloud. Without it: on paper, or before a witness.
(function () {
  "use strict";

  var form = document.querySelector("form.hand");
  if (!form) { return; }

  // ---------- the pad ----------
  var pad = form.querySelector(".pad > svg");
  var ink = form.querySelector(".pad-ink");
  var kept = form.querySelector("[name=signature]");
  var WIDTH = 400, HEIGHT = 130, LONGEST = 19000;
  var last = null;

  function within(value, most) { return Math.max(0, Math.min(most, Math.round(value))); }

  function point(event) {
    var box = pad.getBoundingClientRect();
    return [
      within((event.clientX - box.left) * WIDTH / box.width, WIDTH),
      within((event.clientY - box.top) * HEIGHT / box.height, HEIGHT)
    ];
  }

  function draw(path) {
    kept.value = path;
    ink.setAttribute("d", path);
  }

  function chosen(value) { return form.querySelector("[name=consent][value=" + value + "]"); }

  if (pad && ink && kept && window.PointerEvent) {
    form.classList.add("can-draw");
    if (form.hasAttribute("data-fresh") && chosen("screen")) { chosen("screen").checked = true; }
    pad.addEventListener("pointerdown", function (event) {
      if (!event.isPrimary || kept.value.length > LONGEST) { return; }
      event.preventDefault();
      pad.setPointerCapture(event.pointerId);
      last = point(event);
      draw(kept.value + "M" + last[0] + " " + last[1]);
    });
    pad.addEventListener("pointermove", function (event) {
      if (!last || !event.isPrimary || kept.value.length > LONGEST) { return; }
      var here = point(event);
      if (Math.abs(here[0] - last[0]) + Math.abs(here[1] - last[1]) < 2) { return; }
      last = here;
      draw(kept.value + "L" + here[0] + " " + here[1]);
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      pad.addEventListener(name, function () { last = null; });
    });
    form.querySelector("[data-again]").addEventListener("click", function () { draw(""); });
  }

  // ---------- read aloud, by a voice of this very device: nothing leaves it ----------
  var button = document.querySelector("[data-listen]");
  var speech = window.speechSynthesis;
  var language = button ? button.dataset.listen : "";

  function voice() {
    return (speech.getVoices() || []).filter(function (one) {
      return one.localService && one.lang.toLowerCase().indexOf(language) === 0;
    })[0];
  }

  function offer() { if (voice()) { button.hidden = false; } }

  if (button && speech && window.SpeechSynthesisUtterance) {
    offer();
    speech.addEventListener && speech.addEventListener("voiceschanged", offer);
    button.addEventListener("click", function () {
      if (speech.speaking) { speech.cancel(); return; }
      Array.prototype.forEach.call(document.querySelectorAll(".terms-list p"), function (line) {
        var said = new SpeechSynthesisUtterance(line.textContent.replace(/\s+/g, " ").replace(/\.(\S)/g, ". $1"));
        said.voice = voice();
        said.lang = said.voice.lang;
        said.rate = 0.9;
        speech.speak(said);
      });
    });
    window.addEventListener("pagehide", function () { speech.cancel(); });
  }
})();
