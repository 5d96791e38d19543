// What pages do beside htmx: times in the visitor's zone, and asking before what cannot be
// undone. Everything works without it.
(() => {
  "use strict";

  const language = document.documentElement.lang;
  const format = new Intl.DateTimeFormat(language, {
    year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
    hourCycle: "h23",
  });

  function localTimes(root) {
    for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      time.title = time.textContent;
      time.textContent = format.format(moment);
    }
  }

  document.addEventListener("submit", (event) => {
    const asked = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (asked && !window.confirm(asked)) event.preventDefault();
  });

  // A form that is filled in by choosing, and sent by it. The button is for those without script.
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.dataset.sendOn === "change") form.requestSubmit();
  });

  // Of alternatives only the one that is picked is shown, and asked for.
  function pick(select) {
    const frame = select.closest("[data-pick]");
    for (const branch of frame.querySelectorAll(":scope > [data-branch]")) {
      branch.hidden = branch.disabled = branch.dataset.branch !== select.value;
    }
  }

  function picks(root) {
    for (const frame of root.querySelectorAll("[data-pick]")) pick(frame.querySelector("select"));
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick] > .field > select")) pick(event.target);
  });

  // Another row of names and values.
  document.addEventListener("click", (event) => {
    if (!event.target.matches("[data-add-row]")) return;
    const rows = event.target.closest("[data-rows]").querySelectorAll(".row");
    const row = rows[rows.length - 1].cloneNode(true);
    for (const input of row.querySelectorAll("input")) input.value = "";
    rows[rows.length - 1].after(row);
    row.querySelector("input").focus();
  });

  function prepare() {
    document.documentElement.classList.add("scripted");
    localTimes(document);
    picks(document);
    copying(document);
  }
  // Buttons that copy what stands in a field. Without script they are not seen.
  function copying(root) {
    for (const button of root.querySelectorAll("button[data-copy][hidden]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const field = document.getElementById(button.dataset.copy);
        field.select();
        try {
          await navigator.clipboard.writeText(field.value);
          button.textContent = button.dataset.copied;
        } catch {
          // Not allowed here: it is selected, to be copied by hand.
        }
      });
    }
  }

  // htmx replaces parts of a page.
  document.addEventListener("htmx:after:swap", () => localTimes(document));
  document.addEventListener("DOMContentLoaded", prepare);
  if (document.readyState !== "loading") prepare();
})();
