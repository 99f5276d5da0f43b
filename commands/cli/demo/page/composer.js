// The line at the bottom: text, or a command with its options, by mouse or by keys alone.
//
// 1. "/" opens the list of commands; what is typed narrows it.
// 2. A chosen command shows its needed options as fields, the others as buttons that add them.
// 3. An option with suggestions asks the bot while one types.
import { at, listKeys, make } from "./dom.js";
import { act, actAndFollow, ask, me, world } from "./api.js";
import { follow, say } from "./main.js";
import { write } from "./messages.js";

let chosen = null;

// The leaves of a command: itself, or its subcommands.
function leaves(command) {
  const walk = (words, options, description) => {
    const nested = options.filter((option) => option.type <= 2);
    if (!nested.length) return [{ name: words.join(" "), options, description }];
    return nested.flatMap((option) => walk([...words, option.name], option.options || [], option.description));
  };
  return walk([command.name], command.options || [], command.description);
}

const commands = () => world.commands.filter((command) => command.kind === 1).flatMap(leaves);

function offer() {
  const text = at("text").value;
  const typed = text.startsWith("/") ? text.slice(1).toLowerCase() : null;
  const found = typed == null ? [] : commands().filter((leaf) => leaf.name.startsWith(typed) || typed.startsWith(leaf.name + " "));
  at("picker").replaceChildren(...found.map((leaf, place) => make("li", {
    role: "option", id: "pick" + place, "aria-selected": String(place === 0), "data-name": leaf.name,
    onmousedown: (event) => { event.preventDefault(); choose(leaf.name); },
  }, make("b", {}, "/" + leaf.name), make("span", { class: "soft" }, leaf.description || ""))));
  at("picker").hidden = !found.length;
  at("text").setAttribute("aria-expanded", String(!at("picker").hidden));
}

// Chooses a command; what was typed behind its name goes into its first option.
function choose(name) {
  const leaf = commands().find((one) => one.name === name);
  const rest = at("text").value.slice(name.length + 1).trim();
  chosen = leaf;
  at("picker").hidden = true;
  at("text").hidden = true;
  at("command").hidden = false;
  at("leave").hidden = false;
  const optional = leaf.options.filter((option) => !option.required);
  at("command").replaceChildren(make("b", {}, "/" + leaf.name), ...leaf.options.filter((option) => option.required).map(field),
    ...optional.map(adder));
  if (rest && leaf.options.length) {
    if (!leaf.options[0].required) at("command").querySelector(".more")?.click();
    const box = at("command").querySelector("input, select");
    if (box) box.value = rest;
  }
  (at("command").querySelector("input, select") || at("send")).focus();
}

export function leave() {
  chosen = null;
  at("command").hidden = true;
  at("leave").hidden = true;
  at("text").hidden = false;
  at("text").value = "";
  at("text").focus();
}

function adder(option) {
  const button = make("button", { type: "button", class: "more", title: option.description }, "+ " + option.name);
  button.addEventListener("click", () => {
    const added = field(option);
    button.replaceWith(added);
    added.querySelector("input, select")?.focus();
  });
  return button;
}

function field(option) {
  const attributes = { name: option.name, required: option.required === true, title: option.description, "aria-label": `${option.name}: ${option.description || ""}` };
  const wrap = (...parts) => make("span", { class: "option" }, make("span", {}, option.name), ...parts);
  if (option.type === 11) return wrap(make("input", { ...attributes, type: "file" }));
  const fixed = option.choices?.length ? option.choices.map((choice) => choice.name) : option.type === 5 ? ["true", "false"] : null;
  const lists = { 6: () => world.people.map((one) => one.name), 7: () => world.channels.map((one) => one.name).filter(Boolean), 8: () => world.guilds.flatMap((guild) => guild.roles.map((one) => one.name)) };
  const offered = fixed || lists[option.type]?.();
  if (offered) return wrap(make("select", attributes, make("option", { value: "" }, "–"), ...offered.map((value) => make("option", {}, value))));
  const box = make("input", { ...attributes, autocomplete: "off", inputmode: option.type === 4 || option.type === 10 ? "decimal" : null });
  return option.autocomplete ? wrap(suggesting(option, box)) : wrap(box);
}

// A box below which the bot's suggestions stand.
function suggesting(option, box) {
  const list = make("ul", { class: "choices", role: "listbox", "aria-label": "Suggestions for " + option.name });
  list.hidden = true;
  const take = (item) => { box.value = item.dataset.value; list.hidden = true; };
  const keys = listKeys(list, take);
  const show = (choices) => {
    list.replaceChildren(...choices.map((choice, place) => make("li", {
      role: "option", "aria-selected": String(place === 0), "data-value": choice.value,
      onmousedown: (event) => { event.preventDefault(); take(event.currentTarget); },
    }, choice.name)));
    list.hidden = !choices.length;
  };
  const suggest = async () => show(await suggestions(option.name).catch(() => []));
  box.addEventListener("input", suggest);
  box.addEventListener("focus", suggest);
  box.addEventListener("blur", () => { list.hidden = true; });
  box.addEventListener("keydown", (event) => keys(event) && event.stopPropagation());
  return make("span", {}, box, list);
}

async function suggestions(focused) {
  const done = await act("types", { command: chosen.name, channel: me.channel, options: await filled(focused), focused });
  for (let tries = 0; tries < 40; tries += 1) {
    const response = await ask("/sandbox/interactions/" + done.id);
    if (response.kind === "choices") return response.choices;
    if (response.kind !== "waiting") return [];
    await new Promise((resume) => setTimeout(resume, 40));
  }
  return [];
}

async function filled(focused) {
  const options = [];
  for (const box of at("command").querySelectorAll("input, select")) {
    if (box.type === "file" && box.files[0]) {
      const bytes = new Uint8Array(await box.files[0].arrayBuffer());
      const content = btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
      options.push({ name: box.name, file: { filename: box.files[0].name, content } });
    } else if (box.type !== "file" && (box.value || box.name === focused)) options.push({ name: box.name, value: box.value });
  }
  return options;
}

async function sent(event) {
  event.preventDefault();
  if (!at("picker").hidden) return choose(at("picker").querySelector('[aria-selected="true"]')?.dataset.name || at("picker").firstChild.dataset.name);
  if (chosen) {
    const [name, options] = [chosen.name, await filled()];
    leave();
    return follow(() => actAndFollow("types", { command: name, channel: me.channel, options }));
  }
  const text = at("text").value.trim();
  if (text.startsWith("/")) return say("There is no such command for you here.");
  at("text").value = "";
  if (text) await write(text);
}

export function begin() {
  const keys = listKeys(at("picker"), (item) => choose(item.dataset.name));
  at("text").addEventListener("input", offer);
  at("text").addEventListener("keydown", keys);
  at("text").addEventListener("blur", () => { at("picker").hidden = true; });
  at("line").addEventListener("submit", sent);
  at("leave").addEventListener("click", leave);
  at("line").addEventListener("keydown", (event) => { if (chosen && event.key === "Escape") leave(); });
}
