// The guided tour: a whole outage, step by step. It looks at what is there, so that every step can also be done by hand,
// and it can be left at any moment.
import { at, make } from "./dom.js";
import { act, actAndFollow, ask, channel, me, send, world } from "./api.js";
import { follow, goTo } from "./main.js";
import { turn } from "./beside.js";

const FAULT = "certificate-expired";
const named = (name) => world.channels.find((one) => one.name === name)?.id;
const thread = () => world.channels.filter((one) => one.kind.endsWith("thread") && one.name.startsWith("INC-")).at(-1)?.id;

// The newest message of a channel that fits, as the person sees it.
async function newest(id, fits) {
  if (!id) return null;
  return (await channel(id)).messages.filter(fits).at(-1) || null;
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
    text: "[Start], then [Done]: Watchpost sends real mail and looks whether it arrives, before anybody is told that it works: three rounds in a minute and a half here, ten minutes otherwise. It goes back to the search by itself where it does not.",
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
    text: "/timeline shows everything that was recorded; with a format it comes as a file, for the review meeting.",
    label: "/timeline", act: () => type("timeline", []),
    done: async () => Boolean(await newest(thread(), (message) => message.answers?.[0].startsWith("/timeline") || message.answers?.[0].startsWith("timeline"))),
  },
];

let place = 0;
let stopped = false;
let looking = false;

// Goes on as soon as what the step asks for is there.
export async function step() {
  if (stopped || looking || place >= STEPS.length || !world) return;
  looking = true;
  try { while (place < STEPS.length && await STEPS[place].done()) place += 1; } catch { /* asked again at the next change */ }
  looking = false;
}

function carryOut(one) {
  return follow(async () => {
    const told = await one.act();
    if (place >= 3 && thread() && me.channel !== thread()) goTo(thread());
    return told;
  });
}

export async function panel(box) {
  const shown = STEPS.map((one, number) => make("li", { class: number < place ? "done" : number === place ? "now" : null, "aria-current": number === place ? "step" : null },
    make("b", {}, `${number + 1}. ${one.name}`), make("p", {}, one.text),
    make("div", { class: "row" }, make("button", { type: "button", class: "style-1", id: number === place ? "tour-act" : null, onclick: () => carryOut(one) }, one.label),
      make("button", { type: "button", onclick: () => { place += 1; panel(box); } }, "Skip"))));
  const ended = make("p", {}, place >= STEPS.length ? "That was a whole outage. Break something else: “Mail service” has over a hundred faults." : "The tour is stopped. Everything works without it.");
  const over = stopped || place >= STEPS.length;
  const mark = `${place} ${stopped}`;
  if (box.dataset.mark === mark) return;
  box.dataset.mark = mark;
  box.replaceChildren(make("h2", {}, "A whole outage in five minutes"),
    ...(over ? [ended, make("div", { class: "row" }, make("button", { type: "button", onclick: () => { place = 0; stopped = false; panel(box); } }, "Begin again"))]
      : [make("ol", { class: "steps" }, ...shown), make("div", { class: "row" }, later(), make("button", { type: "button", onclick: () => { stopped = true; panel(box); } }, "Stop the tour"))]));
}

// The demo's clock is its own: what is due in ten minutes can be seen now.
const later = () => make("button", { type: "button", onclick: () => follow(() => send("/demo/later", { minutes: 10 })) }, "Ten minutes later");

export const begin = () => at("panel-tour") && panel(at("panel-tour"));
