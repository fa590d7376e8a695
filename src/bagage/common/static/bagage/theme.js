// Before the page is painted: the colours this person chose on this device, else those of the device.
(function () {
  "use strict";
  var choice = null;
  try { choice = localStorage.getItem("bagage-theme"); } catch (error) { /* storage is refused: keep the device's */ }
  if (choice === "light" || choice === "dark") {
    document.documentElement.setAttribute("data-bs-theme", choice);
  }
})();
