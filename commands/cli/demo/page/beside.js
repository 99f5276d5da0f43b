// What stands beside the chat: the tour, the mail service with its faults, the status page, what was received, and how
// Discord itself can misbehave.
import { at, make, put } from "./dom.js";
import { ask, me, now, send, world } from "./api.js";
import { follow, say } from "./main.js";
import * as tour from "./tour.js";

const PANELS = [
  ["tour", "Tour", tour.panel], ["mail", "Mail service", mail], ["status", "Status page", status],
  ["received", "Received", received], ["discord", "Discord", discord],
];
const GROUPS = { First: "Break it", Names: "Names (DNS)", Tls: "Certificates and TLS", Greeting: "First words of a server", Recipients: "Recipients", Login: "Logging in", Storage: "Disk and mailboxes", Delivery: "Delivery", Outbound: "Mail that goes out", Hostile: "Hostile answers" };
let open = "tour";
let faults = null;
let frame = null;

export function begin() {
  at("tabs").append(...PANELS.map(([name, title]) => make("button", {
    type: "button", role: "tab", id: "tab-" + name, "aria-controls": "panel-" + name, onclick: () => show(name), onkeydown: moved,
  }, title)));
  at("panels").append(...PANELS.map(([name]) => make("div", { role: "tabpanel", id: "panel-" + name, "aria-labelledby": "tab-" + name, tabindex: "0" })));
  show(open);
}

// Arrow keys go from tab to tab, as in every tab list.
function moved(event) {
  const place = PANELS.findIndex(([name]) => name === open);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  show(PANELS[(place + step + PANELS.length) % PANELS.length][0]);
  at("tab-" + open).focus();
}

export function show(name) {
  open = name;
  for (const [one] of PANELS) {
    at("tab-" + one).setAttribute("aria-selected", String(one === name));
    at("tab-" + one).tabIndex = one === name ? 0 : -1;
    at("panel-" + one).hidden = one !== name;
  }
  refresh();
}

export async function refresh() {
  await tour.step();
  const [name, , draw] = PANELS.find(([one]) => one === open);
  await draw(at("panel-" + name)).catch((error) => say(error.message));
}

const SERVICES = { mx: "SMTP 25", submission: "587", submissions: "465", imap: "IMAP 143", imaps: "993", pop3: "POP3 110", pop3s: "995", sieve: "Sieve 4190", dns: "DNS 53", https: "HTTPS 443" };

async function mail(panel) {
  const seen = await ask("/mail/status.json");
  faults ||= await ask("/mail/faults.json");
  const on = new Set(seen.faults.map((one) => one.name));
  const drawn = make("div", {}, make("h2", {}, `Mail service of ${seen.domain}`), map(seen), broken(seen));
  const groups = [...Map.groupBy(faults, (one) => one.group)].map(([group, list]) => ({
    key: group, mark: list.filter((one) => on.has(one.name)).map((one) => one.name).join(),
    build: () => make("details", { open: group === "First" || list.some((one) => on.has(one.name)) }, make("summary", {}, GROUPS[group] || group),
      ...list.map((one) => toggle(one, on.has(one.name)))),
  }));
  if (!panel.lastChild?.classList?.contains("groups")) panel.replaceChildren(drawn, make("div", { class: "groups" }));
  else if (panel.firstChild.textContent !== drawn.textContent) panel.firstChild.replaceWith(drawn);
  put(panel.lastChild, groups);
}

// The way of a mail, from outside to the programs that people read with.
function map(seen) {
  const of = (host) => seen.listeners.filter((one) => one.host === host);
  const box = (host, words, ...more) => {
    const ports = of(host);
    return ports.length ? make("div", { class: "host" }, make("b", {}, ports[0].host_name), make("span", { class: "soft" }, " " + words), make("div", { class: "ports" }, ...services(ports)), ...more) : null;
  };
  const arrow = (words) => make("p", { class: "way soft" }, words);
  return make("div", { class: "map" }, box("outside", "somebody else's server"), arrow("↓ comes in · goes out ↑"),
    box("backup", "takes mail in when the first cannot"), box("mail", "the mail server", gauge(seen), mailboxes(seen)), arrow("↕ phones and mail programs: 587, 465, 993"));
}

function gauge({ queue }) {
  const oldest = queue.oldest_age_ms == null ? "" : `, the oldest for ${Math.max(1, Math.round(queue.oldest_age_ms / 60000))} min`;
  return make("p", { class: "gauge" }, "Queue ", make("meter", { min: 0, max: 20, high: 5, value: Math.min(queue.length, 20), "aria-label": "Mails that wait" }), ` ${queue.length} waiting${oldest}`);
}

function mailboxes({ mailboxes: all, domain }) {
  const mails = (one) => one.folders.reduce((sum, [, number]) => sum + number, 0);
  return make("p", { class: "soft" }, "Mailboxes: " + all.filter((one) => one.address.endsWith("@" + domain)).map((one) => `${one.address.split("@")[0]} ${mails(one)}`).join(" · "));
}

// What is broken now, to be mended with one press.
function broken(seen) {
  if (!seen.faults.length) return make("p", { class: "well" }, "✓ Nothing is broken. Switch something on below, and look at #ops.");
  return make("div", { class: "ill" }, make("b", {}, `✗ Broken now: ${seen.faults.length}`), make("ul", {}, ...seen.faults.map((one) => make("li", {}, one.name))),
    make("div", { class: "row" }, make("button", { type: "button", onclick: () => follow(mendAll) }, "Mend everything")));
}

function services(ports) {
  return [...Map.groupBy(ports, (port) => port.service)].map(([service, all]) => {
    const closed = all.filter((port) => !port.open).length;
    const words = SERVICES[service] || service;
    return make("span", { class: "port" + (closed ? " closed" : "") }, closed ? `✗ ${words}${closed < all.length ? " (partly)" : ""}` : `✓ ${words}`);
  });
}

function toggle(fault, on) {
  return make("button", { type: "button", class: "switch", role: "switch", "aria-checked": String(on), onclick: () => follow(() => turn(fault.name, !on)) },
    make("span", {}, fault.name), make("span", { class: "soft" }, fault.seen));
}

export const turn = async (name, on) => { await send(`/mail/faults/${name}/${on ? "on" : "off"}`); await refresh(); };
const mendAll = async () => {
  for (const one of (await ask("/mail/status.json")).faults) await send(`/mail/faults/${one.name}/off`);
  await refresh();
};

async function status(panel) {
  if (!frame) {
    frame = make("iframe", { src: "/demo/status/", title: "The status page that users read" });
    panel.replaceChildren(make("p", {}, make("a", { href: (await ask("/demo/about.json")).status_page, target: "_blank", rel: "noopener" }, "Open it in a tab of its own")), frame);
  } else if (now() - Number(frame.dataset.at || 0) > 4000) {
    frame.dataset.at = now();
    frame.src = "/demo/status/";
  }
}

// What is new in a list of things that only grows.
const unchanged = (panel, mark) => panel.dataset.mark === mark || !(panel.dataset.mark = mark);

async function received(panel) {
  const all = await ask("/demo/received.json");
  if (unchanged(panel, String(all.length) + all.at(-1)?.at_ms)) return;
  panel.replaceChildren(make("h2", {}, "What arrived outside Discord"),
    make("p", { class: "soft" }, "Updates also leave Discord: as mail over a relay at another provider, and to a partner's portal, which checks the signature."),
    ...(all.length ? all.toReversed().map((one) => one.how === "mail" ? letter(one) : hook(one)) : [make("p", {}, "Nothing yet. The first update to stakeholders brings something.")]));
}

const hook = (one) => make("article", { class: "got" }, make("div", { class: "soft" }, `${moment(one)} · ${one.how} · ${one.signature}`), make("b", {}, one.title), make("p", {}, one.text));

// A mail as a mail program shows it: subject, from whom to whom, and the text with its lines.
function letter(one) {
  const head = [["From", one.from], ["To", one.to]].filter(([, value]) => value);
  return make("article", { class: "got letter" }, make("div", { class: "soft" }, `${moment(one)} · ✉ mail · ${one.signature}`), make("b", {}, one.title),
    make("dl", {}, ...head.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])), make("pre", { tabindex: "0" }, one.text));
}

const moment = (one) => new Date(one.at_ms).toLocaleTimeString();

let switches = null;

async function discord(panel) {
  if (!switches) {
    switches = await ask("/sandbox/switches");
    const press = (one) => () => follow(async () => {
      const filled = one.body && Object.fromEntries(Object.entries(one.body).map(([name, value]) => [name, { "{channel}": me.channel, "{member}": me.name }[value] ?? value]));
      await send("/sandbox" + one.path, filled, one.method);
    });
    const usable = switches.filter((one) => !JSON.stringify(one.body || {}).includes("{message}"));
    const groups = [...Map.groupBy(usable, (one) => one.group)].map(([group, list]) => make("details", { open: group.startsWith("All") },
      make("summary", {}, group), make("div", { class: "row" }, ...list.map((one) => make("button", { type: "button", onclick: press(one) }, one.label)))));
    panel.replaceChildren(make("h2", {}, "Discord misbehaves"), make("p", { class: "soft" }), ...groups);
  }
  panel.querySelector("p").textContent = `${world.requests.length ?? world.requests} requests of the bot, ${world.violations.length ?? world.violations} against Discord's rules.`;
}
