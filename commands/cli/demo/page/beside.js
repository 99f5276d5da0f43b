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
  const hosts = Map.groupBy(seen.listeners, (one) => one.host_name);
  const on = new Set(seen.faults.map((one) => one.name));
  const drawn = make("div", {}, make("h2", {}, `Mail service of ${seen.domain}`), make("div", { class: "map" }, ...[...hosts].map(([host, ports]) =>
    make("div", { class: "host" }, make("b", {}, host), make("div", { class: "ports" }, ...services(ports))))),
    make("p", { class: "soft" }, `Queue: ${seen.queue.length} waiting. ${on.size ? "On: " + [...on].join(", ") : "Nothing is broken."}`),
    make("div", { class: "row" }, make("button", { type: "button", disabled: !on.size, onclick: () => follow(mendAll) }, "Mend everything")));
  const groups = [...Map.groupBy(faults, (one) => one.group)].map(([group, list]) => ({
    key: group, mark: list.filter((one) => on.has(one.name)).map((one) => one.name).join(),
    build: () => make("details", { open: group === "First" || list.some((one) => on.has(one.name)) }, make("summary", {}, group === "First" ? "Break it" : group),
      ...list.map((one) => toggle(one, on.has(one.name)))),
  }));
  if (!panel.lastChild?.classList?.contains("groups")) panel.replaceChildren(drawn, make("div", { class: "groups" }));
  else panel.firstChild.replaceWith(drawn);
  put(panel.lastChild, groups);
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

async function received(panel) {
  const all = await ask("/demo/received.json");
  panel.replaceChildren(make("h2", {}, "What arrived outside Discord"),
    make("p", { class: "soft" }, "A webhook of the demo's partner portal takes the updates to partners and checks their signature."),
    ...all.toReversed().map((one) => make("div", { class: "got" }, make("div", { class: "soft" }, `${new Date(one.at_ms).toLocaleTimeString()} · ${one.how} · ${one.signature}`),
      make("b", {}, one.title), make("p", {}, one.text))));
  if (!all.length) panel.append(make("p", {}, "Nothing yet."));
}

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
