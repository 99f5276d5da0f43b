// The stand-in Discord's own paths, and those of the demo.

export const me = { name: null, channel: null };
export let world = null;
let ahead = 0;
const listeners = [];

async function answer(path, request) {
  const got = await fetch(path, request);
  const text = await got.text();
  const told = text && got.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text;
  if (!got.ok) throw new Error(told.error || told || `The answer is ${got.status}.`);
  return told;
}

export const ask = (path) => answer(path);
export const send = (path, body, method = "POST") =>
  answer(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) });

const as = () => "as=" + encodeURIComponent(me.name || "");

export async function look() {
  world = await ask("/sandbox/world?" + (me.name ? as() : ""));
  ahead = world.now_ms - Date.now();
  return world;
}

// The time of the demo: its clock may be ahead of the browser's.
export const now = () => Date.now() + ahead;

export const channel = (id, limit = 80) => ask(`/sandbox/channels/${id}?${as()}&limit=${limit}`);
export const pings = () => ask("/sandbox/pings?" + as());
export const act = (what, body, name = me.name) => send(`/sandbox/members/${encodeURIComponent(name)}/${what}`, body);

const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

// An act, and what came of it as soon as the bot has answered.
export async function actAndFollow(what, body, name = me.name) {
  const done = await act(what, body, name);
  for (let tries = 0; tries < 120; tries += 1) {
    const response = await ask("/sandbox/interactions/" + done.id);
    if (response.kind === "failed") throw new Error("The application did not respond.");
    if (response.kind !== "waiting") return response;
    await pause(60);
  }
  throw new Error("The application did not respond.");
}

export const onChange = (listener) => listeners.push(listener);

// Many changes at once become one look.
let asked = false;
export function changed() {
  if (asked) return;
  asked = true;
  setTimeout(() => { asked = false; for (const listener of listeners) listener(); }, 80);
}

export function listen() {
  new EventSource("/sandbox/events").addEventListener("change", changed);
}
