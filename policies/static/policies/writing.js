// The pages of a draft's parts: asks before unsaved words are left, and says when an answer did not come.
// Everything on the pages also works without this script.
(() => {
  let changed = false;
  const form = () => document.getElementById("part");
  const tell = (isLost) => { document.getElementById("lost").hidden = !isLost; };

  document.addEventListener("input", (event) => { if (form().contains(event.target)) { changed = true; tell(false); } });
  document.addEventListener("submit", () => { changed = false; form().removeAttribute("data-unsaved"); });
  window.addEventListener("beforeunload", (event) => {
    if (changed || form().hasAttribute("data-unsaved")) event.preventDefault();
  });

  // An answer from another address is a page to sign in: it is not put into ours.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (new URL(event.detail.xhr.responseURL).pathname === window.location.pathname) return;
    event.detail.shouldSwap = false;
    tell(true);
  });
  document.addEventListener("htmx:responseError", () => tell(true));
  document.addEventListener("htmx:sendError", () => tell(true));
})();
