/* The map beside the list, and "around me". The page says the same without it. */
(() => {
  "use strict";
  const near = document.getElementById("pub-near");
  if (near && navigator.geolocation) {
    near.hidden = false;
    near.addEventListener("click", () => {
      near.disabled = true;
      navigator.geolocation.getCurrentPosition(
        (found) => {
          const form = near.form;
          const point = document.createElement("input");
          point.type = "hidden";
          point.name = "near";
          // About a hundred metres: enough to find a place, not a door.
          point.value = `${found.coords.latitude.toFixed(3)},${found.coords.longitude.toFixed(3)}`;
          form.append(point);
          form.elements.place.value = "";
          form.submit();
        },
        () => {
          near.disabled = false;
          const said = document.createElement("p");
          said.setAttribute("role", "alert");
          said.textContent = near.dataset.wrong;
          near.after(said);
        },
        { timeout: 8000, maximumAge: 300000 },
      );
    });
  }
  const box = document.getElementById("leaf");
  const data = document.getElementById("leaf-data");
  if (!box || !data || !window.L) return;
  const { pins, point, tiles, credit } = JSON.parse(data.textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const map = L.map(box, { zoomControl: false, scrollWheelZoom: false, attributionControl: Boolean(credit) });
  map.attributionControl?.setPrefix(false);
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  if (tiles) L.tileLayer(tiles, { maxZoom: 19, attribution: credit }).addTo(map);
  fetch(box.dataset.outlines)
    .then((answer) => answer.json())
    .then((outlines) =>
      L.geoJSON(outlines, {
        interactive: false,
        style: { color: colour("--bag-edge"), weight: 1, fill: !tiles, fillColor: colour("--bag-sheet"), fillOpacity: 0.6 },
      })
        .addTo(map)
        .bringToBack(),
    )
    .catch(() => {});
  const bounds = [];
  for (const pin of pins) {
    const icon = L.divIcon({ className: `leaf-pin ${pin.css}`, html: pin.number, iconSize: [30, 30] });
    // The list beside is the way in for the keyboard: pins that overlap are none.
    L.marker(pin.at, { icon, title: pin.name, alt: "", keyboard: false })
      .addTo(map)
      .on("click", () => {
        const row = document.getElementById(`place-${pin.number}`);
        row?.querySelector("a")?.focus();
        row?.scrollIntoView({ block: "center" });
      });
    bounds.push(pin.at);
  }
  if (point) {
    L.marker(point, {
      icon: L.divIcon({ className: "leaf-here", iconSize: [18, 18] }),
      title: box.dataset.here,
      keyboard: false,
      interactive: false,
    }).addTo(map);
    bounds.push(point);
  }
  map.fitBounds(bounds, { padding: [28, 28], maxZoom: 15 });
})();
