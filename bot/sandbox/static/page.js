// The page follows the local Slack: it fetches itself anew when something moved and morphs what differs.
(() => {
  "use strict";
  const client = () => document.getElementById("client");
  const offline = document.getElementById("offline");

  // -- what a refresh leaves alone: equal parts, kept forms, what is open, what was typed into a form -------------------
  const TYPED = new Set(["value", "checked", "selected"]);
  Object.assign(Idiomorph.defaults.callbacks, {
    beforeNodeMorphed: (old, fresh) =>
      !(old.isEqualNode(fresh) || (old.id && old.id === fresh.id && old.dataset && "keep" in old.dataset)),
    beforeAttributeUpdated: (name, node) => !(name === "open" || (node.form && TYPED.has(name))),
  });

  // -- refresh ------------------------------------------------------------------------------------------------------------
  let busy = false;
  let again = false;
  async function refresh() {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again) {
        again = false;
        const here = location.href;
        const answer = await fetch(here);
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (here !== location.href) continue;
        if (answer.ok) morph(fresh);
        else location.reload();
      }
    } catch {
      offline.hidden = false;
    } finally {
      busy = false;
    }
  }

  function morph(fresh) {
    const low = new Set([...document.querySelectorAll("[data-scroll]")].filter(isLow));
    document.title = fresh.title;
    Idiomorph.morph(client(), document.adoptNode(fresh.getElementById("client")));
    htmx.process(client());
    settle(low);
  }

  // -- after the page came or changed: newest message, drafts, modal --------------------------------------------------------
  const seen = new WeakSet();
  let sent = false;
  let opener = null;
  const placed = new WeakMap();
  const fromEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight;
  const isLow = (log) => fromEnd(log) < 120 || placed.get(log) === log.scrollTop;

  // The newest message, whole; of one taller than the window, its beginning.
  function toEnd(log) {
    const last = [...log.querySelectorAll("article")].pop();
    log.scrollTop = last && last.offsetHeight > log.clientHeight ? last.offsetTop : log.scrollHeight;
    placed.set(log, log.scrollTop);
  }

  function settle(low) {
    for (const log of document.querySelectorAll("[data-scroll]")) {
      if (!seen.has(log) || low.has(log) || sent) toEnd(log);
      seen.add(log);
    }
    sent = false;
    for (const box of document.querySelectorAll("[data-draft]")) {
      if (!seen.has(box)) box.value = sessionStorage.getItem(draftKey(box)) ?? "";
      seen.add(box);
    }
    showModal();
  }

  function showModal() {
    const modal = client().querySelector("dialog.modal");
    if (modal && !modal.open) {
      opener ??= document.activeElement;
      modal.showModal();
      modal.querySelector(".modal-body :is(input, select, textarea, button)")?.focus();
    }
    const wrong = modal?.querySelector("[aria-invalid]");
    if (wrong && !seen.has(wrong)) {
      wrong.scrollIntoView({ block: "center" });
      (wrong.matches("fieldset") ? wrong.querySelector("input") : wrong)?.focus();
      seen.add(wrong);
    }
    if (!modal && opener) {
      if (opener.isConnected) opener.focus();
      opener = null;
    }
  }

  // A picture that loads late must not push the newest message out of sight.
  document.addEventListener("load", (event) => {
    const log = event.target.closest?.("[data-scroll]");
    if (log && (isLow(log) || fromEnd(log) < 120 + event.target.height)) toEnd(log);
  }, true);

  // -- moving about without losing the place ----------------------------------------------------------------------------------
  function go(url) {
    history.pushState(null, "", url);
    refresh();
  }
  // Where a link leads within this window: a channel, a tab, or what a permalink names, seen as the same person.
  function inside(link) {
    if (link?.matches("[data-stay]")) return link.href;
    const named = link?.origin === location.origin && link.pathname.match(/^\/archives\/(\w+)\/p(\d+)(\d{6})$/);
    if (!named) return null;
    const thread = new URL(link.href).searchParams.get("thread_ts") ?? `${named[2]}.${named[3]}`;
    return `/client/${document.body.dataset.person}/${named[1]}?thread=${encodeURIComponent(thread)}`;
  }
  document.addEventListener("click", (event) => {
    const url = inside(event.target.closest("a"));
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (url && plain) {
      event.preventDefault();
      const sidebar = document.getElementById("sidebar");
      if (sidebar.matches(":popover-open")) sidebar.hidePopover();
      go(url);
    }
    if (event.target.closest(".menu-item")) event.target.closest("[popover]")?.hidePopover();
  });
  addEventListener("popstate", refresh);

  // -- acts ---------------------------------------------------------------------------------------------------------------------
  document.addEventListener("moved", refresh);
  document.addEventListener("sent", (event) => {
    sent = true;
    const box = event.target.querySelector?.("[data-draft]");
    if (box) {
      box.value = "";
      sessionStorage.removeItem(draftKey(box));
      hint(box);
    }
    if (event.detail.thread) go(`${location.pathname}?thread=${event.detail.thread}`);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("hx-post") && event.target.method !== "dialog") event.preventDefault();
  });
  document.addEventListener("htmx:sendError", () => { offline.hidden = false; });
  document.addEventListener("htmx:responseError", () => { offline.hidden = false; });

  document.addEventListener("cancel", (event) => {
    const close = event.target.querySelector?.("[data-close]");
    if (close) {
      event.preventDefault();
      close.click();
    }
  }, true);

  document.addEventListener("htmx:confirm", (event) => {
    const asks = event.detail.elt.dataset;
    if (asks.confirmTitle === undefined) return;
    event.preventDefault();
    const part = (name) => document.getElementById(`confirm${name}`);
    part("-title").textContent = asks.confirmTitle;
    part("-text").textContent = asks.confirmText;
    part("-yes").textContent = asks.confirmYes;
    part("-no").textContent = asks.confirmNo;
    part("-yes").classList.toggle("asks-danger", asks.confirmStyle === "danger");
    part("").returnValue = "no";
    part("").addEventListener("close", () => part("").returnValue === "yes" && event.detail.issueRequest(true), { once: true });
    part("").showModal();
  });

  // -- the composer: drafts, Enter, hints ------------------------------------------------------------------------------------------
  const draftKey = (box) => `draft ${box.dataset.draft} ${box.id}`;

  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-draft]");
    if (!box) return;
    sessionStorage.setItem(draftKey(box), box.value);
    hint(box);
  });
  function hint(box) {
    const hints = box.form.querySelector("[data-hints]");
    if (!hints) return;
    const typed = box.value.split(" ")[0];
    let any = false;
    for (const button of hints.querySelectorAll("[data-command]")) {
      const fits = box.value.startsWith("/") && button.dataset.command.startsWith(typed);
      button.parentElement.hidden = !fits;
      any ||= fits;
    }
    hints.hidden = !any;
  }
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest("[data-draft]");
    if (!box) return;
    const first = box.form.querySelector("[data-hints]:not([hidden]) li:not([hidden]) [data-command]");
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      box.form.requestSubmit();
    } else if (event.key === "Tab" && !event.shiftKey && first && !box.value.includes(" ")) {
      event.preventDefault();
      complete(box, first);
    } else if (event.key === "Escape" && first) {
      first.closest("[data-hints]").hidden = true;
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-command]");
    if (button) complete(button.closest("form").querySelector("[data-draft]"), button);
  });
  function complete(box, button) {
    box.value = `${button.dataset.command} `;
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // -- the stream ------------------------------------------------------------------------------------------------------------------------
  // A browser opens six connections to one server at most, so a tab that nobody sees gives its own back.
  let stream = null;
  function follow() {
    stream?.close();
    stream = null;
    if (document.hidden) return;
    stream = new EventSource(document.body.dataset.stream);
    stream.onmessage = () => {
      offline.hidden = true;
      refresh();
    };
    stream.onerror = () => { offline.hidden = false; };
  }
  document.addEventListener("visibilitychange", follow);

  follow();
  settle(new Set());
})();
