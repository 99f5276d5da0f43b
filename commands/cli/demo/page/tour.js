// The guided tour: a whole outage, step by step. It looks at what is there, so that every step can also be done by hand,
// and it can be left at any moment.
import { at, make } from "./dom.js";
import { act, actAndFollow, ask, channel, me, send, world } from "./api.js";
import { closeDrawers, follow, goTo } from "./main.js";
import { turn } from "./beside.js";

const FAULT = "certificate-expired";

// Where one is: it outlives a look at another page, so that a tour that was stopped goes on where it was. `since` is the
// last message before it began: of a second tour the first one's messages count no more.
const kept = JSON.parse(sessionStorage.getItem("tour") || "null") || { place: 0, stopped: false, since: "0" };
const keep = (changes) => sessionStorage.setItem("tour", JSON.stringify(Object.assign(kept, changes)));
const isNew = (id) => BigInt(id) > BigInt(kept.since);
const newestId = () => world.channels.map((one) => one.last_message || "0").reduce((last, id) => (BigInt(id) > BigInt(last) ? id : last), "0");

const named = (name) => world.channels.find((one) => one.name === name)?.id;
const thread = () => world.channels.filter((one) => one.kind.endsWith("thread") && one.name.startsWith("INC-") && isNew(one.id)).at(-1)?.id;

// The newest message of a channel that fits, as the person sees it.
async function newest(id, fits) {
  if (!id) return null;
  return (await channel(id)).messages.filter((message) => isNew(message.id) && fits(message)).at(-1) || null;
}

const buttons = (message) => message.components.flatMap((row) => row.components).filter((part) => part.type === 2 && !part.disabled);
const has = (label) => (message) => buttons(message).some((part) => part.label === label);
const says = (words) => (message) => JSON.stringify([message.content, message.embeds]).includes(words);

async function press(label) {
  for (const id of [thread(), named("ops")]) {
    const message = await newest(id, has(label));
    if (!message) continue;
    const button = buttons(message).find((part) => part.label === label);
    return actAndFollow("clicks", { message: message.id, button: button.custom_id });
  }
  throw new Error(`There is no button “${label}” at the moment.`);
}

const type = (command, options, place = thread() || named("ops")) => actAndFollow("types", { command, channel: place, options });

// Presses a button that opens a form, and sends the form in with these fields beside what stands in it already.
async function fill(label, fields) {
  const { kind, modal } = await press(label);
  if (kind !== "modal") return;
  const values = modal.inputs.map((input) => ({ name: input.custom_id, value: fields(input) ?? input.value ?? "" }));
  await actAndFollow("fills-in", { interaction: modal.interaction, fields: values });
}

// The form shows all texts; [Send] lets them out.
async function tellAll() {
  const words = { impact: "Phones and mail programs cannot send", instead: "Use webmail" };
  await fill("Tell stakeholders", (input) => words[input.custom_id] ?? null);
  for (let tries = 0; tries < 40 && !(await newest(thread(), has("Send"))); tries += 1) await new Promise((resume) => setTimeout(resume, 100));
  return press("Send");
}

const answered = (message, command) => message.answers?.[0].replace("/", "").startsWith(command) && !message.loading;

const broken = async () => (await ask("/mail/status.json")).faults.some((one) => one.name === FAULT);

const STEPS = [
  {
    name: "Break the certificate",
    text: "It is night at Example Organisation. You are ana, who is on call. The certificate of the mail server expires: switch the fault on, here or in “Mail service”.",
    label: "Break it", act: () => turn(FAULT, true), done: broken,
  },
  {
    name: "What the bot says",
    text: "Watchpost checks the service by itself and says what it sees in #ops within a minute or two. Who does not want to wait types /check.",
    label: "/check", act: () => type("check", [], named("ops")),
    done: async () => Boolean(await newest(named("ops"), says("expired"))),
  },
  {
    name: "Declare an incident",
    text: "One line is enough: /incident and what is wrong, for whom. It gets a thread with a card. (Watchpost may have proposed it already.)",
    label: "/incident Phones cannot send", act: () => type("incident", [{ name: "text", value: "Phones cannot send" }], named("ops")),
    done: async () => Boolean(thread()),
  },
  {
    name: "Take it",
    text: "Open the thread and press [I have it]: from now on nobody else is called.",
    label: "I have it", act: () => press("I have it"),
    done: async () => Boolean(thread() && await newest(thread(), has("Tell stakeholders")) && !(await newest(thread(), has("I have it")))),
  },
  {
    name: "Send the first update",
    text: "[Tell stakeholders] asks for the facts once; users, management and partners each get their own words. Look at #mail-status, #management and “Status page”.",
    label: "Tell stakeholders", act: tellAll,
    done: async () => Boolean(await newest(named("mail-status"), (message) => message.by_app)),
  },
  {
    name: "Say what you will do",
    text: "/fix and one line. Low risk needs nobody else; a risky one would ask a second person.",
    label: "/fix renew certificate, reload", act: () => type("fix", [{ name: "text", value: "renew certificate, reload" }]),
    done: async () => Boolean(await newest(thread(), (message) => has("Start")(message) || has("Done")(message))),
  },
  {
    name: "Mend it",
    text: "Somebody renews the certificate: switch the fault off.",
    label: "Mend it", act: () => turn(FAULT, false), done: async () => !(await broken()),
  },
  {
    name: "Prove it",
    text: "[Start], then [Done]: Watchpost sends real mail and looks whether it arrives, before anybody is told that it works: three rounds in a minute and a half here, ten minutes otherwise; [Clock × 10] shortens that too. It goes back to the search by itself where it does not.",
    label: "Done", act: async () => { if (await newest(thread(), has("Start"))) await press("Start"); await press("Done"); },
    done: async () => Boolean(await newest(thread(), (message) => says("Proved: mail works")(message) || has("Reopen")(message))),
  },
  {
    name: "Close it",
    text: "[Close] is refused as long as the proof is not green: it names what is missing. Then everybody hears the last word.",
    label: "Close", act: () => fill("Close", (input) => input.required === false ? null : input.value || "The certificate was renewed."),
    done: async () => Boolean(thread() && await newest(thread(), has("Reopen"))),
  },
  {
    name: "Pull the timeline",
    text: "/timeline shows everything that was recorded, in order, with the proof of every message; with a format it comes as a file.",
    label: "/timeline", act: () => type("timeline", []),
    done: async () => Boolean(await newest(thread(), (message) => answered(message, "timeline"))),
  },
  {
    name: "Look back",
    text: "/review is the page for the meeting: what happened in a picture, every clock by its name, three questions, and what is to be done so that it does not happen again.",
    label: "/review", act: () => type("review", []),
    done: async () => Boolean(await newest(thread(), (message) => answered(message, "review"))),
  },
];

let looking = false;

// Goes on as soon as what the step asks for is there.
export async function step() {
  if (kept.stopped || looking || kept.place >= STEPS.length || !world) return;
  looking = true;
  try { while (kept.place < STEPS.length && await STEPS[kept.place].done()) keep({ place: kept.place + 1 }); } catch { /* asked again at the next change */ }
  looking = false;
}

function carryOut(one) {
  closeDrawers();
  return follow(async () => {
    const told = await one.act();
    if (kept.place >= 3 && thread() && me.channel !== thread()) goTo(thread());
    return told;
  });
}

const choice = (words, onclick, more = {}) => make("button", { type: "button", onclick, ...more }, words);

function item(one, number, box) {
  const now = number === kept.place;
  const skip = () => { keep({ place: kept.place + 1 }); panel(box); };
  return make("li", { class: number < kept.place ? "done" : now ? "now" : null, "aria-current": now ? "step" : null }, make("b", {}, `${number + 1}. ${one.name}`),
    ...(now ? [make("p", {}, one.text), make("div", { class: "row" }, choice(one.label, () => carryOut(one), { class: "style-1", id: "tour-act" }), choice("Skip", skip))] : []));
}

export async function panel(box) {
  const { place, stopped } = kept;
  const mark = `${place} ${stopped} ${faster}`;
  if (box.dataset.mark === mark) return;
  box.dataset.mark = mark;
  const again = () => { keep({ place: 0, stopped: false, since: newestId() }); panel(box); };
  const stop = (whether) => () => { keep({ stopped: whether }); panel(box); };
  const over = place >= STEPS.length;
  const words = over ? "That was a whole outage. Break something else: “Mail service” has over a hundred faults. Or be somebody else: above, “You are”." : "The tour is stopped. Everything works without it.";
  const list = over || stopped ? make("p", {}, words) : make("ol", { class: "steps" }, ...STEPS.map((one, number) => item(one, number, box)));
  const ways = over ? [choice("Begin again", again)] : stopped ? [choice("Go on", stop(false), { class: "style-1" }), choice("Begin again", again)] : [choice("Stop the tour", stop(true))];
  box.replaceChildren(make("h2", {}, "A whole outage in five minutes"), list, make("div", { class: "row" }, ...ways),
    make("h3", {}, "The demo's clock"), make("div", { class: "row" }, choice("Ten minutes later", () => follow(() => send("/demo/later", { minutes: 10 }))),
      choice("Clock × 10", () => { faster = !faster; panel(box); }, { "aria-pressed": String(faster) })));
}

// The demo's clock is its own: it can go ten times as fast as the wall's.
let faster = false;
setInterval(() => { if (faster) send("/demo/later", { seconds: 9 }).catch(() => { faster = false; }); }, 1000);
