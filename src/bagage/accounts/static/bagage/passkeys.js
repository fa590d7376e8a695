// Passkeys: asks the browser for one and sends what it answers. Without it, the password stays.
(function () {
  "use strict";
  var json = window.webauthnJSON;
  // A passkey belongs to a name, not to the number of a machine.
  var possible = Boolean(json && window.PublicKeyCredential && window.isSecureContext && !/^[\d.]+$|:/.test(location.hostname));

  function send(form, credential) {
    form.querySelector("[name=credential]").value = JSON.stringify(credential);
    form.submit();
  }

  function options(form) {
    if (form.dataset.options) { return Promise.resolve(JSON.parse(form.dataset.options)); }
    return fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } })
      .then(function (response) {
        if (!response.ok) { throw new Error(response.status); }
        return response.json();
      }).then(function (data) { return data.request_options; });
  }

  function create(form) {
    return options(form).then(function (asked) {
      var alone = form.querySelector("[name=passwordless]");
      var choice = asked.publicKey.authenticatorSelection || (asked.publicKey.authenticatorSelection = {});
      if (alone) {
        choice.residentKey = alone.checked ? "required" : "discouraged";
        choice.requireResidentKey = alone.checked;
        if (alone.checked) { choice.userVerification = "required"; }
      }
      return json.create(asked);
    });
  }

  Array.prototype.forEach.call(document.querySelectorAll("form[data-passkey]"), function (form) {
    var making = form.dataset.passkey === "create";
    var missing = document.querySelector("[data-passkey-missing]");
    if (!possible) {
      if (missing) { missing.hidden = false; }
      return;
    }
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      event.stopImmediatePropagation();
      (making ? create(form) : options(form).then(function (asked) { return json.get(asked); })).then(
        function (credential) { send(form, credential); },
        function (error) {
          if (error && error.name === "NotAllowedError") { return; } // she changed her mind
          if (window.bagage) { window.bagage.toast(form.dataset.failed, "danger"); }
        }
      );
    }, true);
  });
})();
