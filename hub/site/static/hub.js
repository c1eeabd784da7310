"use strict";
// The list of shops is exchanged every five seconds while somebody looks at it; a form is sent once.
const live = document.getElementById("live");
const stale = document.getElementById("stale");

async function refresh() {
  if (document.hidden || live.contains(document.activeElement)) return;
  try {
    const answer = await fetch("/rows?" + new URLSearchParams({ q: live.dataset.q, show: live.dataset.show }), { signal: AbortSignal.timeout(8000) });
    if (!answer.ok) throw new Error(answer.statusText);
    const text = await answer.text();
    if (!live.contains(document.activeElement)) live.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
}

if (live) setInterval(refresh, 5000);

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => setTimeout(() => { for (const b of form.querySelectorAll("button")) b.disabled = true; }));
}
