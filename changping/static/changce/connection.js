// Says so calmly when the network is gone, the service cannot answer or takes long, and offers to try again.
// Words come from the page, so that they are in the reader's language.
(() => {
  const SLOW = 6000, FIRST_WAIT = 3000, LONGEST_WAIT = 60000;
  const box = document.getElementById("connection");
  const again = box.querySelector("button");
  const waiting = new Map();
  let failed = null, wait = FIRST_WAIT, later = 0;

  const say = (state) => {
    for (const said of box.querySelectorAll("[data-state]")) said.hidden = said.dataset.state !== state;
    again.hidden = !failed || state === "slow" || state === "";
    box.classList.toggle("connection-shown", state !== "");
  };

  const repeat = () => {
    clearTimeout(later);
    const asked = failed;
    failed = null;
    say("");
    if (asked && document.contains(asked.elt)) htmx.ajax(asked.verb, asked.path, { source: asked.elt, event: asked.event });
  };

  const fail = (event, state) => {
    const { requestConfig } = event.detail;
    failed = { elt: event.detail.elt, verb: requestConfig.verb, path: requestConfig.path, event: requestConfig.triggeringEvent };
    say(navigator.onLine ? state : "offline");
    // What a page asks by itself it also asks again by itself, less and less often.
    if (requestConfig.verb === "get" && !requestConfig.triggeringEvent) {
      later = setTimeout(repeat, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  };

  const ended = (key) => { clearTimeout(waiting.get(key)); waiting.delete(key); };
  const begun = (key) => { ended(key); waiting.set(key, setTimeout(() => say("slow"), SLOW)); };

  document.addEventListener("htmx:beforeRequest", (event) => begun(event.detail.xhr));
  document.addEventListener("htmx:afterRequest", (event) => {
    ended(event.detail.xhr);
    if (event.detail.successful) { failed = null; wait = FIRST_WAIT; say(navigator.onLine ? "" : "offline"); }
  });
  document.addEventListener("htmx:sendError", (event) => fail(event, "offline"));
  document.addEventListener("htmx:timeout", (event) => fail(event, "failed"));
  document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status >= 500) fail(event, "failed"); });

  // A form that is sent without a network would be replaced by the browser's own page, with all that was typed.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (!navigator.onLine) { event.preventDefault(); say("unsent"); return; }
    begun("page");
    // A form that is answered with a file leaves the page where it is: it is not at work for ever.
    setTimeout(() => { if (waiting.has("page")) { ended("page"); say(""); } }, LONGEST_WAIT / 2);
  });
  window.addEventListener("offline", () => say("offline"));
  window.addEventListener("online", () => (failed ? repeat() : say("")));
  window.addEventListener("pageshow", () => { ended("page"); if (navigator.onLine) say(""); });
  again.addEventListener("click", repeat);
})();
