// Asks before a page is left whose answers are not saved yet: what is typed is not lost by a slip.
(() => {
  const form = document.getElementById("answers");
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
