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

  // htmx replaces parts of a page.
  document.addEventListener("htmx:after:swap", () => localTimes(document));
  document.addEventListener("DOMContentLoaded", () => localTimes(document));
  if (document.readyState !== "loading") localTimes(document);
})();
