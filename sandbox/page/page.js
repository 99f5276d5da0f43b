// The page over /sandbox. It holds no state of its own: after each change it asks again.
"use strict";

const at = (id) => document.getElementById(id);
const state = { world: null, member: null, channel: null, command: null };

// Everything that people and bots wrote goes in as text, never as markup.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

async function ask(path) {
  const answer = await fetch("/sandbox" + path);
  return answer.json();
}

async function tell(path, body, method = "POST") {
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/sandbox" + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  const told = text && answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : {};
  at("notice").textContent = answer.ok ? "" : told.error || text;
  return answer.ok ? told : null;
}

const act = (what, body) => tell(`/members/${encodeURIComponent(state.member)}/${what}`, body);

// An act, and then a look at what came of it until there is something.
async function actAndFollow(what, body) {
  const done = await act(what, body);
  if (!done) return;
  for (let tries = 0; tries < 80; tries += 1) {
    const response = await ask("/interactions/" + done.id);
    if (response.kind === "modal") return openModal(response.modal);
    if (response.kind === "failed") {
      at("notice").textContent = "The application did not respond.";
      return;
    }
    if (response.kind !== "waiting") return;
    await new Promise((resume) => setTimeout(resume, 60));
  }
}

function time(ms) {
  return new Date(ms).toLocaleTimeString();
}

function rich(text) {
  const names = new Map(state.world.people.map((person) => [person.id, "@" + person.name]));
  for (const guild of state.world.guilds) for (const role of guild.roles) names.set(role.id, "@" + role.name);
  for (const channel of state.world.channels) names.set(channel.id, "#" + channel.name);
  return text
    .replace(/<(?:@[!&]?|#)(\d+)>/g, (whole, id) => names.get(id) || whole)
    .replace(/<t:(\d+)(?::[tTdDfFsSR])?>/g, (_, seconds) => new Date(seconds * 1000).toLocaleString());
}

function embedView(embed) {
  const box = make("div", { class: "embed" });
  if (embed.author) box.append(make("div", { class: "small" }, embed.author.name));
  if (embed.title) box.append(make("strong", {}, rich(embed.title)));
  if (embed.description) box.append(make("div", { class: "text" }, rich(embed.description)));
  const list = make("dl");
  for (const field of embed.fields || []) list.append(make("dt", {}, rich(field.name)), make("dd", {}, rich(field.value)));
  box.append(list);
  if (embed.image) box.append(make("img", { src: new URL(embed.image.url).pathname, alt: "" }));
  if (embed.footer) box.append(make("div", { class: "small" }, rich(embed.footer.text)));
  return box;
}

function componentView(message, item) {
  if (item.type === 2 && item.url) {
    return make("a", { href: item.url, rel: "noreferrer", target: "_blank" }, item.label || item.url);
  }
  if (item.type === 2) {
    const press = () => actAndFollow("clicks", { message: message.id, button: item.custom_id });
    return make("button", { type: "button", class: "style-" + item.style, disabled: item.disabled === true, onclick: press },
      (item.emoji?.name ? item.emoji.name + " " : "") + (item.label || ""));
  }
  const choices = {
    3: () => item.options.map((option) => [option.value, option.label]),
    5: () => state.world.people.map((person) => [person.name, person.name]),
    6: () => state.world.guilds.flatMap((guild) => guild.roles.map((role) => [role.name, role.name])),
    7: () => state.world.people.map((person) => [person.name, person.name]),
    8: () => state.world.channels.map((channel) => [channel.name, channel.name]),
  }[item.type]();
  const many = (item.max_values || 1) > 1;
  const select = make("select", { multiple: many, disabled: item.disabled === true, "aria-label": item.placeholder || item.custom_id });
  if (!many) select.append(make("option", { value: "" }, item.placeholder || "Choose"));
  for (const [value, label] of choices) select.append(make("option", { value }, label));
  select.addEventListener("change", () => {
    const chosen = [...select.selectedOptions].map((option) => option.value).filter(Boolean);
    if (chosen.length) actAndFollow("chooses", { message: message.id, select: item.custom_id, choices: chosen });
  });
  return select;
}

function messageView(message) {
  const notes = [
    time(message.created_ms), message.edited_ms && "edited", message.pinned && "pinned",
    message.ephemeral_for && `only ${message.ephemeral_for} sees this`,
    message.pings.length && "pinged " + message.pings.map((ping) => ping.member).join(", "),
  ].filter(Boolean).join(" · ");
  const notices = { 6: "pinned a message", 18: "opened a thread: ", 21: "(start of the thread)" };
  const body = message.loading ? "thinking …" : (notices[message.kind] || "") + rich(message.content);
  const item = make("li", { class: message.ephemeral_for ? "only" : null },
    make("span", { class: "who" }, message.author), " ", make("span", { class: "small" }, notes),
    make("div", { class: "text" }, body), ...message.embeds.map(embedView));
  for (const file of message.attachments) {
    item.append(make("div", {}, make("a", { href: new URL(file.url).pathname, download: file.filename }, `${file.filename} (${file.size} bytes)`)));
  }
  for (const row of message.components) {
    item.append(make("div", { class: "row" }, ...row.components.map((part) => componentView(message, part))));
  }
  for (const [emoji, names] of message.reactions) item.append(make("span", { class: "small" }, `${emoji} ${names.length} `));
  const menus = state.world.commands.filter((command) => command.kind === 3);
  if (menus.length && !message.ephemeral_for) {
    const uses = (name) => () => actAndFollow("uses", { command: name, message: message.id });
    item.append(make("details", { class: "small" }, make("summary", {}, "Apps"),
      ...menus.map((menu) => make("button", { type: "button", onclick: uses(menu.name) }, menu.name))));
  }
  if (message.thread) {
    item.append(make("button", { type: "button", onclick: () => goTo(message.thread) }, "Open thread"));
  }
  return item;
}

function openModal(modal) {
  const form = at("form");
  form.replaceChildren(make("h2", {}, modal.title));
  const boxes = modal.inputs.map((input) => {
    const box = make(input.style === 2 ? "textarea" : "input", {
      name: input.custom_id, maxlength: input.max_length, placeholder: input.placeholder, required: input.required !== false,
    });
    box.value = input.value || "";
    form.append(make("label", {}, input.label, box));
    return box;
  });
  form.append(make("div", { class: "row" }, make("button", { value: "send" }, "Submit"),
    make("button", { type: "button", onclick: () => at("modal").close() }, "Cancel")));
  form.onsubmit = () => actAndFollow("fills-in", {
    interaction: modal.interaction, fields: boxes.map((box) => ({ name: box.name, value: box.value })),
  });
  at("modal").showModal();
}

// Leaves of a command: the command itself or its subcommands, with the words to type.
function leaves(command) {
  const walk = (words, options) => {
    const nested = options.filter((option) => option.type <= 2);
    if (!nested.length) return [{ words, options }];
    return nested.flatMap((option) => walk([...words, option.name], option.options || []));
  };
  return walk(["/" + command.name], command.options || []);
}

function offerOptions() {
  const typed = at("text").value.trim();
  const all = state.world.commands.filter((command) => command.kind === 1).flatMap(leaves);
  const found = all.find((leaf) => leaf.words.join(" ") === typed);
  at("names").replaceChildren(...all.map((leaf) => make("option", { value: leaf.words.join(" ") })));
  const before = state.command?.words.join(" ");
  state.command = found || null;
  if (found && before === typed) return;
  at("options").hidden = !found || !found.options.length;
  at("options").replaceChildren(...(found?.options || []).map(optionView));
}

function optionView(option) {
  const name = option.name + (option.required ? " *" : "");
  const attributes = { name: option.name, required: option.required === true, title: option.description };
  if (option.type === 11) return make("label", {}, name, make("input", { ...attributes, type: "file" }));
  const fixed = option.choices?.length ? option.choices.map((choice) => choice.name) : option.type === 5 ? ["true", "false"] : null;
  if (fixed) {
    return make("label", {}, name, make("select", attributes, make("option", { value: "" }, "–"), ...fixed.map((value) => make("option", {}, value))));
  }
  const list = make("datalist", { id: "for-" + option.name });
  const box = make("input", { ...attributes, list: list.id, autocomplete: "off" });
  if (option.type === 6) list.append(...state.world.people.map((person) => make("option", { value: person.name })));
  if (option.type === 7) list.append(...state.world.channels.map((channel) => make("option", { value: channel.name })));
  if (option.autocomplete) box.addEventListener("input", () => suggest(option.name, list));
  return make("label", {}, name, box, list);
}

async function suggest(focused, list) {
  const body = { command: state.command.words.join(" "), channel: state.channel, options: await filled(focused), focused };
  const done = await act("types", body);
  for (let tries = 0; done && tries < 20; tries += 1) {
    const response = await ask("/interactions/" + done.id);
    if (response.kind === "choices") {
      list.replaceChildren(...response.choices.map((choice) => make("option", { value: choice.value }, choice.name)));
      return;
    }
    if (response.kind !== "waiting") return;
    await new Promise((resume) => setTimeout(resume, 40));
  }
}

async function filled(focused) {
  const options = [];
  for (const box of at("options").querySelectorAll("input, select")) {
    if (box.type === "file" && box.files[0]) {
      const bytes = new Uint8Array(await box.files[0].arrayBuffer());
      const content = btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
      options.push({ name: box.name, file: { filename: box.files[0].name, content } });
    } else if (box.type !== "file" && (box.value || box.name === focused)) {
      options.push({ name: box.name, value: box.value });
    }
  }
  return options;
}

async function send(event) {
  event.preventDefault();
  const typed = at("text").value.trim();
  if (state.command) {
    if (!at("options").reportValidity()) return;
    await actAndFollow("types", { command: typed, channel: state.channel, options: await filled() });
  } else if (typed.startsWith("/")) {
    at("notice").textContent = "There is no such command for you here.";
    return;
  } else if (typed) {
    await act("writes", { channel: state.channel, content: typed });
  }
  if (!at("notice").textContent) {
    at("text").value = "";
    offerOptions();
  }
}

// What there is to switch, as the sandbox lists it.
async function showSwitches() {
  const filled = (value) => {
    if (value === "{channel}") return state.channel;
    if (value === "{member}") return state.member;
    if (value === "{message}") return prompt("The id of the message");
    return value;
  };
  const press = ({ method, path, body }) => () => {
    const asked = body && Object.fromEntries(Object.entries(body).map(([name, value]) => [name, filled(value)]));
    tell(path, asked, method);
  };
  const groups = Map.groupBy(await ask("/switches"), (one) => one.group);
  at("switches").replaceChildren(...[...groups].map(([group, switches]) => make("details", { open: group.startsWith("All") },
    make("summary", {}, group), ...switches.map((one) => make("button", { type: "button", onclick: press(one) }, one.label)))));
}

function goTo(channel) {
  state.channel = channel;
  refresh();
}

function showFaults() {
  const { rest, gateway } = state.world.faults;
  const usual = { welcome: "normal", interactions: "normal" };
  const odd = Object.entries(gateway).filter(([name, value]) => value && value !== usual[name]);
  const words = [...rest.map((fault) => "REST: " + fault.effect.kind.replaceAll("_", " ")),
    ...odd.map(([name, value]) => `gateway: ${name}${value === true ? "" : " " + value}`)];
  at("active").textContent = words.length ? "Switched on: " + words.join(", ") : "Nothing is switched on.";
}

function showChannels() {
  const threads = (id) => state.world.channels.filter((channel) => channel.parent === id && !channel.archived);
  const entry = (channel, inner) => make("li", { class: inner ? "thread" : null }, make("button", {
    type: "button", "aria-current": channel.id === state.channel, onclick: () => goTo(channel.id),
  }, (inner ? "↳ " : "# ") + (channel.name || "direct messages")));
  const top = state.world.channels.filter((channel) => !channel.parent);
  at("channels").replaceChildren(...top.flatMap((channel) => [entry(channel, false), ...threads(channel.id).map((thread) => entry(thread, true))]));
}

async function refresh() {
  state.world = await ask("/world" + (state.member ? "?as=" + encodeURIComponent(state.member) : ""));
  const world = state.world;
  const people = world.people.filter((person) => !person.bot);
  if (!state.member) {
    state.member = people[people.length > 1 ? 1 : 0].name;
    return refresh();
  }
  if (!world.channels.some((channel) => channel.id === state.channel)) {
    state.channel = world.channels.find((channel) => channel.kind === "text")?.id || world.channels[0]?.id;
  }
  at("guild").textContent = world.guilds.map((guild) => guild.name).join(", ");
  at("member").replaceChildren(...people.map((person) => make("option", { value: person.name, selected: person.name === state.member },
    person.name + (person.roles.length ? ` (${person.roles.join(", ")})` : ""))));
  at("bot").textContent = `${world.bot.name}: ${world.bot.connected ? "● connected" : "○ away"}`;
  showChannels();
  showFaults();
  if (!state.channel) return;
  const [view, pings, requests] = await Promise.all([
    ask(`/channels/${state.channel}?as=${encodeURIComponent(state.member)}`),
    ask("/pings?as=" + encodeURIComponent(state.member)), ask("/requests"),
  ]);
  at("channel").textContent = "# " + (view.channel.name || "direct messages") + (view.channel.archived ? " (archived)" : "");
  const list = at("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const posts = view.channel.kind === "forum" ? view.threads.map((thread) =>
    make("li", {}, make("button", { type: "button", onclick: () => goTo(thread.id) }, thread.name), " ", thread.tags.join(", "))) : [];
  list.replaceChildren(...posts, ...view.messages.map(messageView));
  if (atEnd) list.scrollTop = list.scrollHeight;
  at("pings").textContent = `${pings.filter((ping) => !ping.by_edit).length} pings`;
  at("pings").title = pings.map((ping) => `#${ping.channel}: ${ping.reason}`).join("\n");
  at("requests").replaceChildren(...requests.slice(-25).reverse().map((one) =>
    make("li", {}, `${one.status || "no answer"} ${one.method} ${one.path.replace("/api/v10", "")}`)));
  offerOptions();
}

// Many changes at once become one look.
let asked = false;
function refreshSoon() {
  if (asked) return;
  asked = true;
  setTimeout(() => { asked = false; refresh(); }, 80);
}

at("line").addEventListener("submit", send);
at("options").addEventListener("submit", send);
at("text").addEventListener("input", offerOptions);
at("member").addEventListener("change", () => { state.member = at("member").value; refresh(); });
showSwitches();
refresh().then(() => {
  for (const panel of state.world.panels) {
    at("panels").append(make("h2", {}, panel.title), make("iframe", { src: panel.path, title: panel.title }));
  }
  new EventSource("/sandbox/events").addEventListener("change", refreshSoon);
});
