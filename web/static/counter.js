// The counter page's only script. Everything works without it; with it the page lives: it follows the daemon's events,
// turns grey when the daemon is lost, listens to the keypad, and makes heard what needs a person.
"use strict";

const $ = (id) => document.getElementById(id);
const page = document.body.dataset.page;
const paired = !!$("no");

// ---- Following the daemon ----

const quiet = 2500; // ms without a sign of life before asking
const hiddenQuiet = 10000; // the same while nobody sees the page
const patience = 1500; // ms that an answer may take
let seen = Date.now(); // of the last sign of life
let source = null;
let asking = false;
let again = false;
let lost = false;
let lostAt = 0;

function alive(how) {
  seen = Date.now();
  const pulse = $("pulse");
  pulse.hidden = false;
  pulse.classList.toggle("poll", how === "poll");
  pulse.querySelector(".word").textContent = how === "poll" ? pulse.dataset.pollWord : pulse.dataset.liveWord;
  if (lost) {
    lost = false;
    $("lost").hidden = true;
    document.body.classList.remove("stale");
    for (const b of document.querySelectorAll("[data-off]")) { b.disabled = false; delete b.dataset.off; }
  }
}

function dead() {
  if (lost) return;
  lost = true;
  lostAt = Date.now();
  const at = new Date(seen);
  $("seen").textContent = at.toLocaleTimeString("en-GB");
  $("lost").hidden = false;
  $("pulse").hidden = true;
  document.body.classList.add("stale");
  for (const b of document.querySelectorAll("main button, .ask button")) if (!b.disabled) { b.disabled = true; b.dataset.off = ""; }
}

// refresh fetches this page again and takes over its living parts, where they changed.
async function refresh(how) {
  if (asking) { again = true; return; }
  asking = true;
  try {
    do {
      again = false;
      // A page that only says something, as the answer to a form does, is not asked for again: what lives on it stands at the counter too.
      const own = page !== "notice" && !("posted" in document.body.dataset);
      const answer = await fetch(own ? location.href : "/", { headers: { "X-Refresh": "1" }, signal: AbortSignal.timeout(patience) });
      if (!answer.ok && answer.status !== 404 && answer.status !== 403) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const there = fresh.body.dataset.page;
      if (own ? there !== page : there === "unpaired") { location.reload(); return; } // another page now: not paired any more, or gone
      alive(how);
      take(fresh);
    } while (again);
  } catch {
    dead();
  } finally {
    asking = false;
  }
}

const was = new Map(); // each living part as the daemon last sent it

function take(fresh) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (!now || now.outerHTML === was.get(old.id)) continue;
    if (old.contains(document.activeElement) && document.activeElement.matches("input:not([type=hidden]), select")) continue;
    const opened = [...old.querySelectorAll("details")].map((d) => d.open);
    if (opened.includes(true) && [...old.querySelectorAll("input:not([type=hidden])")].some((i) => i.value !== i.defaultValue)) continue;
    const focus = old.contains(document.activeElement) ? document.activeElement.id : "";
    was.set(old.id, now.outerHTML);
    old.replaceWith(document.adoptNode(now));
    for (const [i, d] of now.querySelectorAll("details").entries()) d.open = opened[i] || false;
    if (focus && $(focus)) $(focus).focus();
  }
  for (const img of document.querySelectorAll("img[data-reload]")) img.src = img.src.split("?")[0] + "?" + Date.now();
  listen();
}

function follow() {
  if (source) source.close();
  source = new EventSource("/v1/events");
  source.addEventListener("beat", () => alive("live"));
  source.onopen = () => refresh("live");
  source.onerror = () => { if (!document.hidden) refresh("poll"); };
  for (const kind of ["accepted", "answered", "rejected", "copy", "batch", "reversal", "conflict", "alarm", "late_proof", "person", "printers"])
    source.addEventListener(kind, () => refresh("live"));
}

// A browser allows few open streams to one address: a page that nobody sees gives its own back, and asks now and then, so that it can
// still be heard.
function watch() {
  if (document.hidden) { if (source) source.close(); source = null; return; }
  follow();
  if (Date.now() - seen > quiet) refresh("poll"); // nobody has asked meanwhile: what is shown may be old
}

if (paired) {
  for (const part of document.querySelectorAll("[data-live]")) was.set(part.id, part.outerHTML);
  watch();
  document.addEventListener("visibilitychange", watch);
  setInterval(() => {
    if (document.hidden) {
      if (Date.now() - seen > hiddenQuiet) refresh("poll");
      return;
    }
    if (Date.now() - seen > quiet || lost) refresh("poll");
    if (source && source.readyState === EventSource.CLOSED) follow();
  }, 500);
}

// ---- Forms: one click, one request ----

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (lost || form.dataset.sent) { e.preventDefault(); return; }
  if (form.method !== "post") return;
  form.dataset.sent = "1";
  if (e.submitter) e.submitter.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; if (e.submitter) delete e.submitter.dataset.sent; }, 5000);
});

// ---- Sound ----

// What needs a person is a set: each member sounds when it is new, and again until it is over or somebody presses "heard". Nothing that
// is open keeps another silent.

const repeat = 20000; // ms between two sounds of what nobody has heard
const lostQuiet = 10000; // ms without the daemon before that sounds too: it may only be starting anew
const tones = { reversal: [6, 0.12, 1175], question: [3, 0.2, 880], printer: [2, 0.6, 660] }; // times, seconds, Hz; the worst first
const toneOf = (kind) => kind === "lost" ? "reversal" : tones[kind] ? kind : "question";

// stored is a table that other pages of this browser share; without storage it lasts as long as the page.
function stored(storage, name) {
  let own = {};
  return {
    get: () => { try { return JSON.parse(storage().getItem(name)) || {}; } catch { return own; } },
    set: (table) => {
      own = Object.fromEntries(Object.entries(table).slice(-300));
      try { storage().setItem(name, JSON.stringify(own)); } catch { /* it lasts as long as the page */ }
    },
  };
}

const sounded = stored(() => sessionStorage, "sounded"); // when each member last sounded in this tab
const hushed = stored(() => localStorage, "hushed"); // members that somebody has heard, in this browser
const title = document.title;
let audio = null;
let mute = false; // this browser has no sound at all

// sounding tells whether the browser lets the page be heard.
const sounding = () => !!audio && (!audio.state || audio.state === "running");

// sounds asks the browser for sound; most allow it only after a person did something on the page.
function sounds() {
  try {
    if (!audio) { audio = new AudioContext(); audio.onstatechange = listen; }
    if (!sounding()) Promise.resolve(audio.resume()).then(listen, listen);
  } catch { mute = true; }
}

// beep sounds from a moment of the audio clock on, and gives the moment when it has ended.
function beep(from, [times, length, pitch]) {
  for (let i = 0; i < times; i++) {
    const tone = audio.createOscillator(), loud = audio.createGain(), at = from + i * (length + 0.15);
    tone.frequency.value = pitch;
    loud.gain.value = 0.25;
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length);
  }
  return from + times * (length + 0.15) + 0.3;
}

// members are what needs a person now, by the last page that came.
function members() {
  const list = [...document.querySelectorAll("#alarms [data-alarm]")].map((e) => ({ key: e.dataset.key, tone: toneOf(e.dataset.alarm) }));
  if (lost && Date.now() - lostAt > lostQuiet) list.push({ key: "contact:" + lostAt, tone: "printer" });
  return list;
}

// listen makes heard what is new or was not heard, and shows whether it can be.
function listen() {
  if (!paired) return;
  const now = Date.now(), quietly = hushed.get(), all = members();
  const loud = all.filter((m) => !(m.key in quietly));
  if (sounding() && loud.length) {
    const before = sounded.get();
    const due = loud.filter((m) => !(now - before[m.key] < repeat));
    if (due.length) {
      let from = audio.currentTime;
      for (const kind of Object.keys(tones)) if (due.some((m) => m.tone === kind)) from = beep(from, tones[kind]);
      for (const m of due) { delete before[m.key]; before[m.key] = now; }
      sounded.set(before);
    }
  }
  const shown = $("alarm-sound"), blocked = !mute && !sounding();
  $("unblock").hidden = !blocked;
  $("nosound").hidden = !mute;
  if ($("sound")) $("sound").hidden = !sounding();
  $("hush").hidden = loud.length === 0 || blocked;
  $("hushed").hidden = all.length === 0 || loud.length > 0;
  $("hushed").textContent = shown.dataset.word + all.length;
  shown.hidden = !(blocked || mute || all.length);
  shown.classList.toggle("rings", loud.length > 0);
  document.title = loud.length ? "(" + loud.length + ") " + title : title;
}

// hush notes that somebody has heard what is open now. What comes later sounds.
function hush() {
  const table = hushed.get();
  for (const m of members()) { delete table[m.key]; table[m.key] = Date.now(); }
  hushed.set(table);
  listen();
}

if (paired) {
  $("unblock").addEventListener("click", sounds);
  $("hush").addEventListener("click", hush);
  document.addEventListener("pointerdown", sounds);
  document.addEventListener("keydown", sounds);
  addEventListener("storage", listen);
  setInterval(listen, 1000);
  sounds();
}

// ---- Keypad ----

const digitOf = (e) => /^Numpad[0-9]$/.test(e.code) ? e.code[6] : /^[0-9]$/.test(e.key) ? e.key : "";
const signOf = (e) => ({ NumpadAdd: "+", NumpadMultiply: "*", NumpadSubtract: "-" })[e.code] || ("+*-".includes(e.key) ? e.key : "");

// armed is when Enter may print: once the slip has been on the screen for a moment, so that the second Enter of a scanner
// or a bouncing key prints nothing unseen.
let armed = Infinity;
let disarmed = false; // a person can still press the button

// toPrint is the button that Enter presses, if this slip was opened to be printed.
const toPrint = () => disarmed ? null : document.querySelector("#print[data-armed]");

// inView tells whether the slip's number, amount and button can be seen.
function inView() {
  const tops = [document.querySelector(".facts h1"), document.querySelector(".facts .amount"), document.querySelector("#print .verb")];
  return tops.every((e) => e && e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().bottom <= innerHeight);
}

const mayPrint = () => Date.now() >= armed && inView();

function arm() {
  if (!toPrint()) return;
  const pictures = [...document.querySelectorAll("img.paper")];
  Promise.all(pictures.map((p) => p.complete ? 0 : new Promise((done) => { p.onload = done; p.onerror = done; }))).then(() => {
    if (!inView()) $("main").scrollIntoView();
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
  });
}

// look arms the slip when it comes into view.
function look() {
  if (!toPrint() || !inView()) { armed = Infinity; return; }
  if (armed !== Infinity) return;
  armed = Date.now() + 600;
  setTimeout(() => { if (document.activeElement === document.body && toPrint() && mayPrint()) toPrint().focus({ preventScroll: true }); }, 600);
}

// disarm makes the button one like others: who wants it goes there.
function disarm(e) {
  disarmed = true;
  if (document.activeElement === $("print")) { e.preventDefault(); $("print").blur(); }
}

function put(field, digit) {
  field.focus();
  if (field.value.length >= field.maxLength && field.maxLength > 0) return;
  if (field.selectionStart === null) field.value += digit;
  else field.setRangeText(digit, field.selectionStart, field.selectionEnd, "end");
}

document.addEventListener("keydown", (e) => {
  if (!paired || e.ctrlKey || e.altKey || e.metaKey) return;
  const at = document.activeElement;
  const no = $("no");
  const free = !at || at === document.body || at === no || at.matches("button, a, main, summary");
  const digit = digitOf(e);
  if (digit) {
    if (free) { e.preventDefault(); if (at !== no && no.value.length === 6) no.value = ""; put(no, digit); }
    else if (e.key !== digit && at.matches("input:not([type=radio])")) { e.preventDefault(); put(at, digit); } // NumLock is off
    return;
  }
  if (e.code === "NumpadDecimal" && e.key !== "." && !free && at.matches("input:not([type=radio])")) { e.preventDefault(); put(at, "."); return; }
  const sign = signOf(e);
  if (sign && (free || at.matches("input") && e.code.startsWith("Numpad") && (untouched(at) || at.id === "q" && sign === "*"))) {
    e.preventDefault();
    if (lost) return;
    if (sign === "+") location.assign("/voucher?last=1");
    if (sign === "*") { $("q").focus(); $("q").select(); }
    if (sign === "-") { if (page === "counter") { no.value = ""; no.focus(); } else location.assign("/"); }
    return;
  }
  if (e.key === "Enter") enter(e, at, no);
  else if (free && toPrint() && (e.key.length === 1 || e.key === "Process")) disarm(e); // somebody types, or a scanner: this was not for the slip
});

// untouched tells whether the next key would begin a field anew: it is empty, or all of it is selected.
const untouched = (field) => field.value === "" || field.selectionStart === 0 && field.selectionEnd === field.value.length;

function enter(e, at, no) {
  if (e.repeat) { e.preventDefault(); return; }
  if (no.value !== "" && at === $("print")) { // a number was typed: look at that one first
    e.preventDefault();
    no.form.requestSubmit();
    return;
  }
  const print = toPrint();
  if (print && at === print && !mayPrint()) {
    e.preventDefault(); // too soon to have been seen
    return;
  }
  if ((at === no || at === document.body) && no.value === "") {
    e.preventDefault();
    if (print && mayPrint() && !print.disabled && !lost) print.click();
  }
}

if (paired) {
  listen();
  arm();
  if (page === "counter" && document.activeElement === document.body) $("no").focus({ preventScroll: true });
}
