"use strict";
// What a walker does on the phone: choose a place, type its code, ask the laptop to measure. A request gets its id here and is kept in this browser
// until the laptop has told how it ended: asked again after a lost connection or a reload, it is the same measurement and not a second one.
const WORDS = JSON.parse(document.body.dataset.words);
const KEPT = "campusproof-visit";
const AGAIN_MS = 1500;
const element = (id) => document.getElementById(id);
const say = (name, about = {}) => Object.entries(about).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), WORDS[name] || name);
let surveys = [];
let chosen = "";
let last = "";

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (octet) => octet.toString(16).padStart(2, "0")).join("");
}

function kept() {
  return JSON.parse(localStorage.getItem(KEPT) || "null");
}

function keep(visit) {
  if (visit) localStorage.setItem(KEPT, JSON.stringify(visit));
  else localStorage.removeItem(KEPT);
}

async function ask(path, body) {
  const about = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json", "x-campusproof": "1" }, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(path, { ...about, signal: AbortSignal.timeout(8000) });
  } catch {
    element("lost").hidden = false;
    return null;
  }
  element("lost").hidden = true;
  if (answer.status === 401) location.reload();
  return { ok: answer.ok, status: answer.status, told: await answer.json().catch(() => ({})) };
}

function survey() {
  return surveys.find((one) => one.scan === chosen) || surveys[0];
}

function stop() {
  const one = survey();
  return one && one.stops.find((each) => each.place === element("place").value);
}

async function refresh() {
  const answer = await ask(`/api/walk?after=${encodeURIComponent(last)}`);
  if (!answer || !answer.ok) return;
  const before = survey() ? survey().next : "";
  surveys = answer.told.surveys;
  element("complete").hidden = surveys.length > 0 || !answer.told.walked;
  element("nothing").hidden = surveys.length > 0 || answer.told.walked;
  element("here").hidden = surveys.length === 0;
  element("unsent").textContent = answer.told.unsent ? say("unsent", { count: answer.told.unsent }) : "";
  draw(before);
}

function draw(before) {
  const one = survey();
  if (!one) return;
  chosen = one.scan;
  element("surveys").replaceChildren(...(surveys.length > 1 ? [picker()] : []));
  element("again").hidden = !one.again;
  element("progress").textContent = say("progress", one);
  element("bar").value = one.total ? one.done / one.total : 0;
  element("roam").hidden = !one.roams;
  const select = element("place");
  const wanted = kept() ? kept().place : select.value && select.dataset.scan === one.scan && one.next === before ? select.value : one.next;
  select.dataset.scan = one.scan;
  select.replaceChildren(...one.stops.map((each) => new Option(`${each.place} · ${say(each.state)}`, each.place, false, each.place === wanted)));
  element("stops").replaceChildren(...one.stops.map(line));
  drawPoint();
}

function picker() {
  const select = document.createElement("select");
  select.replaceChildren(...surveys.map((each) => new Option(`${each.again ? say("again") : say("title")} · ${say("progress", each)}`, each.scan, false, each.scan === chosen)));
  select.addEventListener("change", () => { chosen = select.value; draw(""); });
  return select;
}

function line(each) {
  const item = document.createElement("li");
  item.className = each.state;
  const name = document.createElement("span");
  name.textContent = each.points > 1 ? `${each.place} (${Object.keys(each.sealed).length}/${each.points})` : each.place;
  const state = document.createElement("b");
  state.textContent = say(each.state);
  item.append(name, state);
  return item;
}

function drawPoint() {
  const here = stop();
  element("point").textContent = here ? say("point", { point: here.next, points: here.points }) : "";
}

function told(visit) {
  const summary = visit.summary || {};
  const about = { dbm: summary.best_mbm === null || summary.best_mbm === undefined ? "" : Math.round(summary.best_mbm / 100), count: summary.heard, detail: summary.detail || "" };
  if (visit.state === "lost") return say("lost");
  if (visit.state === "refused") return say("refused", about);
  if (!visit.place) return say("walked");
  return say(summary.hint === "nothing" ? "nothing_heard" : summary.hint, about);
}

function busy(is) {
  element("measure").disabled = is;
  element("walk").disabled = is;
  element("place").disabled = is;
  element("code").disabled = is;
  element("drop").hidden = !is;
  element("cancel").hidden = !is;
}

async function follow(visit) {
  busy(true);
  let accepted = false;
  for (;;) {
    if (!kept()) break;
    const answer = accepted ? await ask(`/api/measure/${visit.id}`) : await ask("/api/measure", visit);
    if (answer && answer.ok) {
      accepted = true;
      const now = answer.told;
      if (now.state !== "measuring") {
        keep(null);
        last = visit.place || last;
        element("state").textContent = `${visit.place ? `${visit.place}: ` : ""}${told(now)}`;
        if (now.state === "sealed") element("code").value = "";
        break;
      }
      element("state").textContent = now.progress.scans ? `${say("measuring")} ${say("scans", now.progress)}` : say("measuring");
    } else if (answer && answer.status !== 401) {
      keep(null);
      element("state").textContent = say(answer.told.code || "bad_request");
      break;
    } else {
      element("state").textContent = say("connecting");
    }
    await new Promise((ready) => setTimeout(ready, AGAIN_MS));
  }
  busy(false);
  await refresh();
}

element("place").addEventListener("change", drawPoint);
element("measure").addEventListener("click", () => {
  const here = stop();
  if (!here) return;
  const visit = { id: newId(), scan: survey().scan, place: here.place, point: here.next, code: element("code").value };
  keep(visit);
  follow(visit);
});
element("walk").addEventListener("click", () => {
  const visit = { id: newId(), scan: survey().scan, place: "", point: 0, code: "" };
  keep(visit);
  follow(visit);
});
element("drop").addEventListener("click", async () => {
  await ask("/api/cancel", {});
  keep(null);
  element("state").textContent = "";
});
element("cancel").addEventListener("click", () => element("drop").click());

refresh().then(() => { if (kept()) follow(kept()); });
setInterval(() => { if (!kept()) refresh(); }, 5000);
