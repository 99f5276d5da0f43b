// The page of the demo. It holds no state but who one is and where one looks: after each change it asks again.
import { at, make, put } from "./dom.js";
import { actAndFollow, ask, channel, changed, listen, look, me, onChange, pings, world } from "./api.js";
import { isDismissed, message, openModal } from "./messages.js";
import { tick } from "./markup.js";
import * as composer from "./composer.js";
import * as beside from "./beside.js";

const read = new Map();
// As many messages of a channel are asked for.
const LOOKED_AT = 80;

export function say(words) {
  at("notice").textContent = words;
}

// Carries out what somebody asked for, and shows the form or the words that come back.
export async function follow(act) {
  say("");
  try {
    const response = await act();
    if (response?.kind === "modal") openModal(response.modal);
    changed();
    return response;
  } catch (error) {
    say(error.message);
    return null;
  }
}

export function goTo(id) {
  me.channel = id;
  closeDrawers();
  changed();
}

function showPlaces() {
  const seen = world.channels.filter((one) => one.kind !== "category");
  const threads = (id) => seen.filter((one) => one.parent === id && !one.archived && one.kind.includes("thread"));
  const entry = (one, inner) => {
    const unread = one.id !== me.channel && Number(one.last_message || 0) > Number(read.get(one.id) || 0);
    const name = one.kind === "dm" ? "@ " + one.people?.filter((name) => name !== me.name).join(", ") : (inner ? "↳ " : "# ") + one.name;
    return {
      key: one.id, mark: `${name} ${unread} ${one.id === me.channel}`,
      build: () => make("li", { class: [inner && "thread", unread && "unread"].filter(Boolean).join(" ") },
        make("button", { type: "button", "aria-current": String(one.id === me.channel), onclick: () => goTo(one.id) }, name)),
    };
  };
  const top = seen.filter((one) => !one.kind.includes("thread"));
  put(at("channels"), top.flatMap((one) => [entry(one, false), ...threads(one.id).map((thread) => entry(thread, true))]));
}

function showPeople() {
  const people = world.people.filter((one) => !one.bot);
  const mark = people.map((one) => one.name + one.roles).join() + me.name;
  if (at("member").dataset.mark === mark) return;
  at("member").dataset.mark = mark;
  at("member").replaceChildren(...people.map((one) => make("option", { value: one.name, selected: one.name === me.name },
    one.name + (one.roles.length ? ` (${one.roles.join(", ")})` : ""))));
}

async function showChannel() {
  const view = await channel(me.channel, LOOKED_AT);
  read.set(me.channel, view.messages.at(-1)?.id || world.channels.find((one) => one.id === me.channel)?.last_message);
  at("channel").textContent = (view.channel.kind === "dm" ? "@ " : "# ") + (view.channel.name || "direct messages") + (view.channel.archived ? " (archived)" : "");
  at("topic").textContent = view.channel.topic || "";
  const pinned = view.messages.filter((one) => one.pinned);
  at("pins").hidden = !pinned.length;
  at("pins").textContent = `${pinned.length} pinned`;
  at("pins").onclick = () => sheet("Pinned messages", pinned.map(message));
  const list = at("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60 || list.dataset.channel !== me.channel;
  list.dataset.channel = me.channel;
  const posts = view.channel.kind !== "forum" ? [] : view.threads.map((thread) => ({
    key: thread.id, mark: thread.name, build: () => make("li", {}, make("button", { type: "button", onclick: () => goTo(thread.id) }, thread.name)),
  }));
  const menus = world.commands.filter((command) => command.kind === 3).length;
  put(list, [...beginning(view), ...posts, ...view.messages.filter((one) => !isDismissed(one)).map((one) => ({ key: one.id, mark: JSON.stringify(one) + menus + me.name, build: () => message(one) }))]);
  list.dataset.end = atEnd;
  if (atEnd) list.scrollTop = list.scrollHeight;
}

// A picture that arrives late pushes nothing out of sight.
at("messages").addEventListener("load", () => { if (at("messages").dataset.end === "true") at("messages").scrollTop = at("messages").scrollHeight; }, true);

// What stands at the top of a channel whose first message is in sight.
function beginning(view) {
  const inner = view.channel.kind.includes("thread");
  if (inner || view.channel.kind === "forum" || view.messages.length >= LOOKED_AT) return [];
  const empty = view.messages.length ? "" : " Nobody has written here yet.";
  const hint = empty && view.channel.name === "ops" ? " Type / to see what Watchpost can do, or begin the tour." : "";
  const words = `This is the beginning of ${view.channel.kind === "dm" ? "your direct messages" : "#" + view.channel.name}.${empty}${hint}`;
  return [{ key: "beginning", mark: words, build: () => make("li", { class: "beginning" }, make("b", {}, (view.channel.kind === "dm" ? "@ " : "# ") + (view.channel.name || "direct messages")), make("p", { class: "soft" }, words)) }];
}

async function showPings() {
  const all = (await pings()).filter((ping) => !ping.by_edit);
  at("pings").textContent = `${all.length} ${all.length === 1 ? "ping" : "pings"}`;
  at("pings").onclick = () => sheet(`What pinged ${me.name}`, all.length ? all.map((ping) => make("li", {}, `#${ping.channel}: ${ping.reason.replaceAll("_", " ")}${ping.silent ? ", silently" : ""}`)) : [make("li", {}, "Nothing yet.")]);
}

function sheet(title, items) {
  at("sheet").replaceChildren(make("h2", { id: "sheet-title" }, title), make("ul", {}, ...items),
    make("div", { class: "row" }, make("button", { type: "button", onclick: () => at("sheet").close() }, "Close")));
  at("sheet").showModal();
}

let running = false;
let again = false;

// One look at a time; what changes meanwhile is looked at afterwards.
async function refresh() {
  if (running) { again = true; return; }
  running = true;
  try {
    await look();
    const people = world.people.filter((one) => !one.bot);
    if (!people.some((one) => one.name === me.name)) {
      me.name = (people.find((one) => one.name === "ana") || people[0]).name;
      await look();
    }
    if (!world.channels.some((one) => one.id === me.channel)) me.channel = (world.channels.find((one) => one.name === "ops") || world.channels.find((one) => one.kind === "text")).id;
    at("guild").textContent = world.guilds.map((guild) => guild.name).join(", ");
    at("bot").textContent = `${world.bot.name} ${world.bot.connected ? "● connected" : "○ away"}`;
    showPeople();
    showPlaces();
    await Promise.all([showChannel(), showPings(), beside.refresh()]);
  } catch (error) {
    say(error.message);
  }
  running = false;
  if (again) { again = false; changed(); }
}

// On a phone the channels and the tour lie over the chat; what comes of a step is to be seen.
export function closeDrawers() {
  for (const target of ["places", "beside"]) {
    at(target).classList.remove("open");
    at("open-" + target).setAttribute("aria-expanded", "false");
  }
}

function drawer(button, target) {
  at(button).addEventListener("click", () => {
    const open = at(target).classList.toggle("open");
    at(button).setAttribute("aria-expanded", String(open));
  });
}

at("member").addEventListener("change", () => { me.name = at("member").value; composer.leave(); changed(); });
drawer("open-places", "places");
drawer("open-beside", "beside");
onChange(refresh);
composer.begin();
beside.begin();
setInterval(tick, 5000);
setInterval(beside.refresh, 3000);
refresh().then(listen);
export { actAndFollow, ask };
