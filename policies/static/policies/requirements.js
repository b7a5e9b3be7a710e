// The editor of requirements: completes the names of facts, asks before unsaved rows are left, keeps what is typed
// while an answer is on its way. Everything on the page also works without this script.
(() => {
  const PAUSE = 150;
  let typedAt = 0;
  let askedAt = 0;
  let changed = false;

  const editor = () => document.getElementById("editor");
  const isUnsaved = () => changed || (editor() && editor().hasAttribute("data-unsaved"));

  document.addEventListener("input", (event) => {
    if (!editor() || !editor().contains(event.target)) return;
    typedAt = performance.now();
    changed = true;
    document.getElementById("lost").hidden = true;
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "editor") { changed = false; event.target.removeAttribute("data-unsaved"); }
  });
  window.addEventListener("beforeunload", (event) => { if (isUnsaved()) event.preventDefault(); });

  // Asks for the editor anew, with what stands in its fields now.
  const refresh = () => document.querySelector('#editor button[value="refresh"]').click();

  // An answer that is not the editor (a page to sign in, say), or that is older than what was typed since, stays out;
  // and none takes an open list of facts away from under somebody's fingers: the editor is asked for anew after it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target && event.detail.target.id === "editor") askedAt = performance.now();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    const isOurs = event.detail.xhr.responseURL.split("?")[0].endsWith(event.detail.pathInfo.requestPath.split("?")[0]);
    if (!isOurs) { event.detail.shouldSwap = false; lost(); return; }
    if (target.id !== "editor") return;
    if (open) { event.detail.shouldSwap = false; isBehind = true; return; }
    if (typedAt > askedAt) { event.detail.shouldSwap = false; refresh(); }
  });
  const lost = () => { document.getElementById("lost").hidden = false; };
  document.addEventListener("htmx:responseError", lost);
  document.addEventListener("htmx:sendError", lost);

  // A combobox after the ARIA pattern: the list belongs to the input, arrows move, Enter takes, Escape closes.
  let open = null;
  let isBehind = false;

  const shut = () => {
    if (!open) return;
    open.list.remove();
    if (open.input.tagName === "INPUT") open.input.setAttribute("aria-expanded", "false");
    open.input.removeAttribute("aria-activedescendant");
    open = null;
  };

  const close = () => {
    shut();
    if (isBehind) { isBehind = false; refresh(); }
  };

  const mark = (at) => {
    const options = [...open.list.children];
    if (!options.length) return;
    open.at = (at + options.length) % options.length;
    options.forEach((option, place) => option.setAttribute("aria-selected", place === open.at ? "true" : "false"));
    open.input.setAttribute("aria-activedescendant", options[open.at].id);
    options[open.at].scrollIntoView({ block: "nearest" });
  };

  // The word before the cursor; none inside quotation marks, where choices stand.
  const wordAt = (input) => {
    const before = input.value.slice(0, input.selectionStart);
    if (input.dataset.completes !== "word") return input.value;
    if ((before.split('"').length - 1) % 2) return "";
    const found = before.match(/[\p{L}_][\p{L}\p{N}_]*$/u);
    return found ? found[0] : "";
  };

  const take = (option) => {
    const { input } = open;
    if (input.dataset.completes === "word") {
      const end = input.selectionStart;
      input.setRangeText(option.dataset.name, end - wordAt(input).length, end, "end");
      close();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    input.value = option.dataset.name;
    typedAt = performance.now();
    isBehind = false;
    shut();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const show = async (input) => {
    const word = wordAt(input);
    if (!word && input.dataset.completes === "word") { close(); return; }
    const answer = await fetch(`${input.dataset.facts}?q=${encodeURIComponent(word.slice(0, 100))}`);
    if (!answer.ok || answer.redirected || document.activeElement !== input || wordAt(input) !== word) return;
    shut();
    const list = document.createElement("ul");
    list.className = "req-options";
    list.id = "fact-options";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.labels[0].textContent);
    list.innerHTML = await answer.text();
    if (!list.children.length || document.activeElement !== input) return;
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) take(option);
    });
    input.after(list);
    if (input.tagName === "INPUT") input.setAttribute("aria-expanded", "true");
    open = { input, list, at: -1 };
    if (input.dataset.completes !== "word" && word) mark(0);
  };

  let timer = 0;
  const later = (input) => { clearTimeout(timer); timer = setTimeout(() => show(input), PAUSE); };

  const prepare = (root) => {
    if (open && !open.input.isConnected) open = null;
    root.querySelectorAll("[data-facts]").forEach((input) => {
      // The list of the browser would open over ours.
      input.removeAttribute("list");
      input.setAttribute("aria-controls", "fact-options");
      input.setAttribute("aria-autocomplete", "list");
      // A box of several lines cannot be a combobox by its role; it completes words all the same.
      if (input.tagName === "INPUT") { input.setAttribute("role", "combobox"); input.setAttribute("aria-expanded", "false"); }
      input.addEventListener("input", () => later(input));
      input.addEventListener("blur", close);
      input.addEventListener("keydown", (event) => {
        if (event.isComposing) return;
        if (event.key === "ArrowDown" && !open && input.tagName === "INPUT") { event.preventDefault(); show(input); }
        if (!open) return;
        if (event.key === "ArrowDown") { event.preventDefault(); mark(open.at + 1); }
        if (event.key === "ArrowUp") { event.preventDefault(); mark(open.at - 1); }
        if (event.key === "Escape") { event.preventDefault(); close(); }
        if ((event.key === "Enter" || event.key === "Tab") && open.at >= 0) {
          if (event.key === "Enter") event.preventDefault();
          take(open.list.children[open.at]);
        }
      });
    });
  };
  document.addEventListener("DOMContentLoaded", () => prepare(document));
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.querySelectorAll) prepare(event.target); });
})();
