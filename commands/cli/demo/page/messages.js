// One message as people see it: who, when, text, blocks, files, buttons and menus.
import { make } from "./dom.js";
import { act, actAndFollow, changed, me, world } from "./api.js";
import { inline, markup } from "./markup.js";
import { follow, say, goTo } from "./main.js";

// What Discord writes itself: a line with a sign, and no more.
const NOTICES = { 6: ["⚲", " pinned a message to this channel. "], 18: ["↳", " started a thread: "], 21: ["↳", " began this thread. "] };
// What only one person sees can be put away by that person, and is gone with the page anyway.
const dismissed = new Set();

const clock = (ms) => new Date(ms).toLocaleTimeString(undefined, { timeStyle: "short" });

// A face for everybody: the first letter, in one of six colours that stays the same.
const face = (one) => make("span", { class: one.by_app ? "face bot" : "face tint" + [...one.author].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6, "aria-hidden": "true" },
  one.by_app ? "" : one.author[0].toUpperCase());

const notice = (one) => make("li", { class: "notice", id: "m" + one.id },
  make("span", { "aria-hidden": "true" }, NOTICES[one.kind][0]), make("p", {}, make("b", {}, one.author), NOTICES[one.kind][1], one.content || "", " ", make("span", { class: "soft" }, clock(one.created_ms))));

export const isDismissed = (one) => dismissed.has(one.id);

const local = (address) => new URL(address, location.href).pathname;

export function message(one) {
  if (NOTICES[one.kind]) return notice(one);
  const pinged = one.pings.some((ping) => ping.member === me.name && !ping.by_edit);
  const item = make("li", { class: ["message", one.ephemeral_for && "only", pinged && "pinged"].filter(Boolean).join(" "), id: "m" + one.id });
  if (one.answers) item.append(make("div", { class: "answered" }, one.answers[0] ? `${one.answers[1]} used ${one.answers[0]}` : `${one.answers[1]} pressed a button`));
  const notes = [one.edited_ms && "edited", one.pinned && "pinned"].filter(Boolean).join(" · ");
  item.append(face(one), make("div", { class: "by" }, make("span", { class: "name" }, one.author), one.by_app && make("span", { class: "app" }, "APP"),
    make("span", { class: "soft", title: new Date(one.created_ms).toLocaleString() }, clock(one.created_ms)), make("span", { class: "soft" }, notes)));
  if (one.loading) item.append(make("p", { class: "soft" }, "thinking …"));
  else if (one.content) item.append(markup(one.content));
  item.append(...one.embeds.map(embed));
  for (const file of one.attachments) item.append(attachment(file));
  for (const row of one.components) item.append(make("div", { class: "row" }, ...row.components.map((part) => component(one, part))));
  if (one.reactions.length) item.append(make("div", { class: "row" }, ...one.reactions.map(([emoji, names]) => make("span", { title: names.join(", ") }, `${emoji} ${names.length}`))));
  if (one.thread) item.append(make("div", { class: "row" }, make("button", { type: "button", onclick: () => goTo(one.thread) }, "Open thread")));
  if (one.ephemeral_for) {
    const dismiss = () => { dismissed.add(one.id); changed(); };
    item.append(make("div", { class: "soft foot" }, "Only you can see this · ", make("button", { type: "button", class: "link", onclick: dismiss }, "Dismiss message")));
  }
  const menus = world.commands.filter((command) => command.kind === 3);
  if (menus.length && !one.ephemeral_for && !one.loading) {
    const use = (name) => () => follow(() => actAndFollow("uses", { command: name, message: one.id }));
    item.append(make("details", { class: "menus" }, make("summary", { "aria-label": `Apps for the message of ${one.author}` }, "Apps"),
      make("div", {}, ...menus.map((menu) => make("button", { type: "button", onclick: use(menu.name) }, menu.name)))));
  }
  return item;
}

function embed(one) {
  const box = make("div", { class: "embed" });
  if (one.color) box.style.borderLeftColor = "#" + one.color.toString(16).padStart(6, "0");
  if (one.author) box.append(make("div", { class: "soft" }, one.author.name));
  if (one.title) box.append(make("div", { class: "title" }, ...inline(one.title)));
  if (one.description) box.append(markup(one.description));
  if (one.fields?.length) {
    box.append(make("dl", { class: "fields" }, ...one.fields.map((field) =>
      make("div", { class: field.inline ? "short" : null }, make("dt", {}, ...inline(field.name)), make("dd", {}, markup(field.value))))));
  }
  if (one.image) box.append(make("img", { src: picture(one.image), alt: one.image.description || one.title || "Picture" }));
  if (one.footer) box.append(make("div", { class: "soft foot" }, one.footer.text));
  return box;
}

const picture = (image) => local(image.proxy_url || image.url);

function attachment(file) {
  const size = file.size < 2048 ? `${file.size} bytes` : `${Math.round(file.size / 1024)} KiB`;
  const link = make("a", { href: local(file.url), download: file.filename }, `${file.filename} (${size})`);
  if (!file.content_type?.startsWith("image/")) return make("div", {}, link);
  return make("div", { class: "embed" }, make("img", { src: local(file.url), alt: file.description || file.filename }), link);
}

function component(one, part) {
  if (part.type === 2 && part.url) return make("a", { href: part.url, target: "_blank", rel: "noopener noreferrer" }, part.label || part.url);
  if (part.type === 2) {
    const press = () => follow(() => actAndFollow("clicks", { message: one.id, button: part.custom_id }));
    const emoji = part.emoji?.name ? part.emoji.name + " " : "";
    return make("button", { type: "button", class: "style-" + part.style, disabled: part.disabled === true, onclick: press }, emoji + (part.label || ""));
  }
  return select(one, part);
}

function choicesOf(part) {
  const people = () => world.people.map((person) => [person.name, person.name]);
  const roles = () => world.guilds.flatMap((guild) => guild.roles.map((role) => [role.name, role.name]));
  const all = {
    3: () => part.options.map((option) => [option.value, option.description ? `${option.label}: ${option.description}` : option.label]),
    5: people, 6: roles, 7: people,
    8: () => world.channels.filter((channel) => channel.name).map((channel) => [channel.name, channel.name]),
  };
  return (all[part.type] || (() => []))();
}

function select(one, part) {
  const words = part.placeholder || "Choose";
  const many = (part.max_values || 1) > 1;
  const box = make("select", { multiple: many, disabled: part.disabled === true, "aria-label": words });
  if (!many) box.append(make("option", { value: "" }, words));
  box.append(...choicesOf(part).map(([value, label]) => make("option", { value }, label)));
  const choose = () => {
    const choices = [...box.selectedOptions].map((option) => option.value).filter(Boolean);
    if (choices.length) follow(() => actAndFollow("chooses", { message: one.id, select: part.custom_id, choices }));
  };
  if (!many) box.addEventListener("change", choose);
  return many ? make("span", {}, box, make("button", { type: "button", onclick: choose }, "Choose")) : box;
}

// Everything that a modal asks for, in a dialog that keeps the focus inside.
export function openModal(modal) {
  const dialog = document.getElementById("modal");
  const form = document.getElementById("form");
  const boxes = modal.inputs.map((input) => {
    const box = make(input.style === 2 ? "textarea" : "input", {
      name: input.custom_id, maxlength: input.max_length, minlength: input.min_length, placeholder: input.placeholder, required: input.required !== false,
    });
    box.value = input.value || "";
    return [input, box];
  });
  form.replaceChildren(make("h2", { id: "modal-title" }, modal.title),
    ...boxes.map(([input, box]) => make("label", {}, input.label + (input.required === false ? "" : " *"), box)),
    make("div", { class: "row" }, make("button", { value: "send", class: "style-1" }, "Submit"),
      make("button", { type: "button", onclick: () => dialog.close() }, "Cancel")));
  form.onsubmit = () => follow(() => actAndFollow("fills-in", {
    interaction: modal.interaction, fields: boxes.map(([, box]) => ({ name: box.name, value: box.value })),
  }));
  dialog.showModal();
}

export async function write(content) {
  try { await act("writes", { channel: me.channel, content }); } catch (error) { say(error.message); }
}
