// The counter page's only script. Everything works without it; with it the page lives: it follows the daemon's events,
// turns grey when the daemon is lost, listens to the keypad, and beeps when a person is needed.
"use strict";

const $ = (id) => document.getElementById(id);
const page = document.body.dataset.page;
const paired = !!$("no");

// ---- Following the daemon ----

const quiet = 2500; // ms without a sign of life before asking
const patience = 1500; // ms that an answer may take
let seen = Date.now(); // of the last sign of life
let source = null;
let asking = false;
let again = false;
let lost = false;

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
      // The page that answers a form has nothing that lives: there it is enough that the daemon answers.
      const living = document.querySelector("[data-live]");
      const answer = await fetch(living ? location.href : "/healthz", { headers: { "X-Refresh": "1" }, signal: AbortSignal.timeout(patience) });
      if (!answer.ok && answer.status !== 404 && answer.status !== 403) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (living && fresh.body.dataset.page !== page) { location.reload(); return; } // another page now: not paired any more, or gone
      alive(how);
      if (living) take(fresh);
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
    if (old.querySelector("details[open]")) continue;
    const focus = old.contains(document.activeElement) ? document.activeElement.id : "";
    was.set(old.id, now.outerHTML);
    old.replaceWith(document.adoptNode(now));
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

// A browser allows few open streams to one address: a page that nobody sees gives its own back.
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
    if (document.hidden) return;
    if (Date.now() - seen > quiet || lost) refresh("poll");
    if (source && source.readyState === EventSource.CLOSED) follow();
  }, 500);
}

// ---- Forms: one click, one request ----

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.id === "shift") { shift(); return; }
  if (lost || form.dataset.sent) { e.preventDefault(); return; }
  if (form.method !== "post") return;
  form.dataset.sent = "1";
  if (e.submitter) e.submitter.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; if (e.submitter) delete e.submitter.dataset.sent; }, 5000);
});

// ---- Sound ----

let audio = null;

// shift begins sounds: browsers allow them only after a person did something.
function shift() { localStorage.setItem("sound", $("operator") ? "on" : "off"); }

function sounds() {
  if (localStorage.getItem("sound") !== "on" || audio) return;
  audio = new AudioContext();
  audio.resume();
  if ($("sound")) $("sound").hidden = false;
}

function beep(times, length) {
  if (!audio) return;
  for (let i = 0; i < times; i++) {
    const tone = audio.createOscillator(), loud = audio.createGain(), from = audio.currentTime + i * (length + 0.15);
    tone.frequency.value = 880;
    loud.gain.value = 0.25;
    tone.connect(loud).connect(audio.destination);
    tone.start(from);
    tone.stop(from + length);
  }
}

let heard = "";

// listen beeps when something new needs a person: two long ones for the printer, three short ones for a question.
function listen() {
  const now = $("alarm") ? $("alarm").dataset.alarm : "";
  if (now && now !== heard) { if (now === "printer") beep(2, 0.6); else beep(3, 0.2); }
  heard = now;
}

document.addEventListener("pointerdown", sounds);
document.addEventListener("keydown", sounds);

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
