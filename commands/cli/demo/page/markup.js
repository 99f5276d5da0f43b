// Discord's markup as elements: bold, italics, lists, quotes, code, mentions and moments. Never by innerHTML.
import { make } from "./dom.js";
import { now, world } from "./api.js";

const INLINE = [
  [/^\\([^\w\s])/, (found) => found[1]],
  [/^``([^]+?)``|^`([^`]+)`/, (found) => make("code", {}, found[1] || found[2])],
  [/^\*\*\*([^]+?)\*\*\*/, (found) => make("strong", {}, make("em", {}, ...inline(found[1])))],
  [/^\*\*([^]+?)\*\*/, (found) => make("strong", {}, ...inline(found[1]))],
  [/^__([^]+?)__/, (found) => make("u", {}, ...inline(found[1]))],
  [/^~~([^]+?)~~/, (found) => make("s", {}, ...inline(found[1]))],
  [/^\*([^\s*][^*]*)\*|^_([^\s_][^_]*)_(?!\w)/, (found) => make("em", {}, ...inline(found[1] || found[2]))],
  [/^<t:(-?\d+)(?::([tTdDfFsSR]))?>/, (found) => moment(Number(found[1]) * 1000, found[2] || "f")],
  [/^<(@[!&]?|#)(\d+)>/, (found) => make("span", { class: "mention" }, called(found[2]) || found[0])],
  [/^<\/([\w -]+):\d+>/, (found) => make("span", { class: "mention" }, "/" + found[1])],
  [/^\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/, (found) => link(found[2], found[1])],
  [/^<(https?:\/\/[^\s>]+)>|^(https?:\/\/[^\s<]+[^\s<.,:;"')\]])/, (found) => link(found[1] || found[2])],
];

const link = (address, words = address) => make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, words);

function called(id) {
  const person = world.people.find((one) => one.id === id);
  if (person) return "@" + person.name;
  for (const guild of world.guilds) {
    const role = guild.roles.find((one) => one.id === id);
    if (role) return "@" + role.name;
  }
  const channel = world.channels.find((one) => one.id === id);
  return channel && "#" + channel.name;
}

export function inline(text) {
  const parts = [];
  let plain = "";
  while (text) {
    const rule = INLINE.map(([form, build]) => [form.exec(text), build]).find(([found]) => found);
    if (!rule) { plain += text[0]; text = text.slice(1); continue; }
    if (plain) parts.push(plain);
    plain = "";
    parts.push(rule[1](rule[0]));
    text = text.slice(rule[0][0].length);
  }
  return plain ? [...parts, plain] : parts;
}

// A whole text: code blocks first, then line by line.
export function markup(text) {
  const box = make("div", { class: "text" });
  text.split(/```(?:\w*\n)?([^]*?)```/).forEach((piece, place) => {
    if (place % 2) box.append(make("pre", { tabindex: "0" }, make("code", {}, piece.replace(/\n$/, ""))));
    else if (piece.trim()) lines(box, piece.replace(/^\n|\n$/g, ""));
  });
  return box;
}

function lines(box, text) {
  let list = null;
  for (const line of text.split("\n")) {
    const found = /^(#{1,3}|-#|>|[-*]|\d+\.) (.*)$/.exec(line);
    const [, sign, rest] = found || [];
    const kind = /^[-*]$/.test(sign) ? "ul" : /^\d/.test(sign || "") ? "ol" : null;
    if (kind) {
      if (list?.tagName.toLowerCase() !== kind) box.append(list = make(kind, kind === "ol" ? { start: parseInt(sign, 10) } : {}));
      list.append(make("li", {}, ...inline(rest)));
      continue;
    }
    list = null;
    if (sign === ">") box.append(make("blockquote", {}, ...inline(rest)));
    else if (sign === "-#") box.append(make("div", { class: "soft" }, ...inline(rest)));
    else if (sign) box.append(make(sign.length === 1 ? "h3" : "h4", {}, ...inline(rest)));
    else box.append(make("div", { class: "line" }, ...inline(line)));
  }
}

const FORMS = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" }, S: { dateStyle: "short", timeStyle: "medium" },
};

// `<t:…>` in the reader's own zone and language; the relative form goes on counting.
export function moment(ms, form) {
  const date = new Date(ms);
  const element = make("time", { datetime: date.toISOString(), title: date.toLocaleString() });
  element.textContent = form === "R" ? relative(ms) : new Intl.DateTimeFormat(undefined, FORMS[form]).format(date);
  if (form === "R") element.dataset.relative = ms;
  return element;
}

const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

function relative(ms) {
  const seconds = Math.round((ms - now()) / 1000);
  const [unit, length] = UNITS.find(([, one]) => Math.abs(seconds) >= one) || UNITS[5];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.trunc(seconds / length), unit);
}

export function tick() {
  for (const element of document.querySelectorAll("time[data-relative]")) element.textContent = relative(Number(element.dataset.relative));
}
