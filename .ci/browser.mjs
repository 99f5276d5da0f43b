// Drives the page of `watchpost demo` as a person does, in a real browser: the whole tour, the keyboard, several people, a
// phone, the dark scheme, an accessibility checker; then the status page, the review as a file and the page for the night.
// Takes the pictures of the documentation.
//   node .ci/browser.mjs PAGE STATUS FOLDER      (playwright-core, axe-core and marked are found below FOLDER)
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PHONE, accessible, browser, demo_address, everywhere, fits, folder, objections, open, picture, require, shows, status_address } from "./browser-lib.mjs";

const connected = (page) => page.locator("#bot", { hasText: "● connected" }).waitFor({ state: "attached", timeout: 30000 });
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

// What the page weighs and when something is seen: five first visits, under the page's own policy.
async function weigh() {
  const paints = [];
  let bytes = 0;
  for (let visit = 0; visit < 5; visit += 1) {
    const page = await open(demo_address, { bypassCSP: false });
    await connected(page);
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime));
    bytes = await page.evaluate(() => performance.getEntriesByType("resource")
      .filter((one) => new URL(one.name).pathname.startsWith("/demo/") && /\.(js|css|svg)$/.test(new URL(one.name).pathname))
      .reduce((sum, one) => sum + one.decodedBodySize, 0) + performance.getEntriesByType("navigation")[0].decodedBodySize);
    await page.context().close();
  }
  console.log(`the page: ${Math.round(bytes / 1024)} KiB, first paint after ${Math.round(median(paints))} ms (median of 5)`);
  if (bytes > 100 * 1024) objections.push(`the page has ${bytes} bytes`);
}

// Goes with the Tab key to an element, as who has no mouse does.
async function tabTo(page, id) {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.evaluate(() => document.activeElement?.id) === id) return true;
    await page.keyboard.press("Tab");
  }
  objections.push(`#${id} cannot be reached with the Tab key`);
  return false;
}

// The keyboard alone: a command is chosen by arrow keys, sent by Enter and answered; Escape leaves; tabs go by arrows.
async function keyboard(page) {
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await tabTo(page, "text");
  await page.keyboard.type("/");
  await page.locator("#picker li").first().waitFor();
  await page.waitForTimeout(200);
  await picture(page, "demo-picker");
  await accessible(page, "the picker");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  if (await page.locator("#picker").isVisible()) objections.push("Escape does not close the picker");
  await page.fill("#text", "");
  await page.keyboard.type("/inc");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  if (!(await page.locator("#text").isVisible())) objections.push("Escape does not leave a command");
  await page.keyboard.type("/help");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await shows(page, "ana used /help");
  await page.getByRole("button", { name: "Dismiss message" }).press("Enter");
  await page.getByText("ana used /help").waitFor({ state: "detached", timeout: 5000 }).catch(() => objections.push("a message cannot be dismissed"));
  await tabTo(page, "tab-tour");
  await page.keyboard.press("ArrowRight");
  if (await page.evaluate(() => document.activeElement?.id) !== "tab-mail") objections.push("arrow keys do not go from tab to tab");
  await page.keyboard.press("ArrowLeft");
}

// An option with suggestions asks the bot while one types.
async function suggestions(page) {
  await page.fill("#text", "");
  await page.focus("#text");
  await page.keyboard.type("/check");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "+ service" }).click();
  await page.locator(".choices li").first().waitFor({ timeout: 5000 }).catch(() => objections.push("/check suggests no service"));
  await picture(page, "demo-suggestions");
  await accessible(page, "an option with suggestions");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
}

// A form opens, can be read by everybody, and is left without a trace.
async function form(page) {
  await page.locator("#channels button", { hasText: "INC-" }).first().click();
  await page.locator("#messages").getByRole("button", { name: "Tell stakeholders" }).last().click();
  await page.locator("#modal[open]").waitFor({ timeout: 5000 }).catch(() => objections.push("[Tell stakeholders] opens no form"));
  await picture(page, "demo-form");
  await accessible(page, "a form");
  await page.keyboard.press("Escape");
  if (await page.locator("#modal[open]").count()) objections.push("Escape does not leave a form");
}

// Somebody else sees and may do something else.
async function people(page) {
  await page.selectOption("#member", "uli");
  await page.focus("#text");
  await page.keyboard.type("/incident");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await shows(page, "uli used /incident");
  await page.locator("#messages li.message", { hasText: "uli used /incident" }).filter({ hasNotText: "thinking" }).waitFor({ timeout: 10000 }).catch(() => objections.push("uli gets no answer"));
  await picture(page, "demo-uli");
  await page.selectOption("#member", "ana");
  await page.getByText("uli used /incident").waitFor({ state: "detached", timeout: 5000 }).catch(() => objections.push("ana sees what only uli may see"));
}

const step = (page) => page.locator(".steps li.now b").textContent({ timeout: 1000 }).catch(() => null);
const number = (text) => (text ? parseInt(text, 10) : Infinity);
let begun = 0;

// Follows the tour until it stands at step `last`, or is over.
async function tour(page, last = Infinity) {
  begun ||= Date.now();
  for (let now = await step(page); now && number(now) < last; now = await step(page)) {
    if (Date.now() - begun > 290000) { objections.push(`the tour stands at “${now}” after five minutes`); break; }
    const button = page.locator("#tour-act");
    if (await button.isEnabled().catch(() => false)) await button.click().catch(() => {});
    const over = Date.now() + 15000;
    while (Date.now() < over && number(await step(page)) === number(now)) await page.waitForTimeout(250);
    await page.evaluate(() => document.getElementById("modal").close?.());
    const next = await step(page);
    if (number(next) !== number(now)) console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${now}`);
  }
}

// Stopped, looked at again later, and taken up where it was.
async function stopAndGoOn(page) {
  const before = await step(page);
  await page.getByRole("button", { name: "Stop the tour" }).click();
  await shows(page, "The tour is stopped.");
  await page.reload();
  await shows(page, "The tour is stopped.");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.locator(".steps li.now").waitFor();
  if (await step(page) !== before) objections.push(`the tour goes on at “${await step(page)}”, not at “${before}”`);
}

// Types a command as somebody, and takes a picture of what that person sees.
async function portrait(page, command, options, { person = "ana", name = command.split(" ")[0], until = null } = {}) {
  const said = await page.evaluate(async ([command, options, person]) => {
    const api = await import("/demo/api.js");
    const main = await import("/demo/main.js");
    api.me.name = person;
    await api.look();
    const thread = api.world.channels.filter((one) => one.kind.endsWith("thread") && one.name.startsWith("INC-")).at(-1);
    const place = (person === "ana" && thread) || api.world.channels.find((one) => one.name === (person === "uli" ? "mail-status" : "ops"));
    main.goTo(place.id);
    try { return await api.actAndFollow("types", { command, channel: place.id, options }); } catch (error) { return { kind: "!" + error.message }; }
  }, [command, Object.entries(options).map(([name, value]) => ({ name, value })), person]);
  if (said.kind.startsWith("!")) return objections.push(`/${command}: ${said.kind.slice(1)}`);
  const last = page.locator("#messages > li.message").filter({ hasText: `${person} used /${command.split(" ")[0]}` }).last();
  await last.filter({ hasNotText: "thinking …" }).waitFor({ timeout: 20000 }).catch(() => objections.push(`/${command} is not answered`));
  if (until) await last.filter({ hasText: until }).waitFor({ timeout: 30000 }).catch(() => objections.push(`/${command} never shows “${until}”`));
  await page.waitForTimeout(1000);
  if (await last.count()) await picture(page, name, last, 620);
}

// While it is broken, as one meets them; and when it is over.
async function portraitsOfAnOutage(page) {
  await portrait(page, "report", { symptom: "cannot send", client: "phone" }, { person: "uli" });
  await portrait(page, "explain", { text: "454 4.7.0 TLS not available due to local problem" }, { person: "uli" });
  await portrait(page, "help", {});
  await portrait(page, "check", {}, { until: "Likely cause" });
  await portrait(page, "incident", {});
  await portrait(page, "log", { text: "the renewal timer has been failing since 12 October", kind: "finding: something that was found out" });
  await portrait(page, "update", {});
  await portrait(page, "fix", { text: "renew certificate, reload" });
}

async function portraitsAfterwards(page) {
  await portrait(page, "timeline", {});
  await portrait(page, "review", {});
  await portrait(page, "watch history", {});
  await portrait(page, "admin doctor", {}, { person: "pia", until: "look at it" });
}

// The file that goes to people without Discord.
async function exported(page) {
  const html = await page.evaluate(async () => {
    const api = await import("/demo/api.js");
    api.me.name = "ana";
    await api.look();
    const thread = api.world.channels.filter((one) => one.kind.endsWith("thread")).at(-1);
    await api.actAndFollow("types", { command: "timeline", channel: thread.id, options: [{ name: "format", value: "HTML file" }] });
    for (let tries = 0; tries < 100; tries += 1) {
      const file = (await api.channel(thread.id)).messages.flatMap((one) => one.attachments).find((one) => one.filename.endsWith(".html"));
      if (file) return (await fetch(new URL(file.url, location.href).pathname)).text();
      await new Promise((resume) => setTimeout(resume, 100));
    }
    return null;
  });
  if (!html) return objections.push("there is no HTML file of the incident");
  const file = path.resolve(folder, "incident.html");
  writeFileSync(file, html);
  await everywhere("file://" + file, "the review as a file", (page) => page.locator("h1").first().waitFor());
}

// The page for the night is one sheet of paper, in letters of ten points.
async function night() {
  const { marked } = require("marked");
  const style = "body{font:10pt/1.36 system-ui,sans-serif}h1{font-size:14pt;margin:0 0 4pt}h2{font-size:11pt;margin:7pt 0 2pt}p,ul,ol,table{margin:2pt 0}li{margin:1pt 0}td,th{border:1px solid #888;padding:2pt 5pt;text-align:left}table{border-collapse:collapse;width:100%}";
  const page = await open("about:blank");
  await page.setContent(`<!doctype html><html lang="en"><title>Night</title><style>${style}</style>${marked.parse(readFileSync("docs/night.md", "utf8"))}`);
  for (const format of ["Letter", "A4"]) {
    const file = await page.pdf({ format, margin: { top: "12mm", bottom: "12mm", left: "15mm", right: "15mm" } });
    writeFileSync(path.join(folder, "night.pdf"), file);
    const pages = file.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    console.log(`docs/night.md prints on ${pages} page(s) of ${format}`);
    if (pages !== 1) objections.push(`docs/night.md takes ${pages} pages of ${format}`);
  }
}

await weigh();
const page = await open(demo_address);
await connected(page);
await keyboard(page);
await suggestions(page);
await people(page);
await tour(page, 2);
await page.getByRole("tab", { name: "Mail service" }).click();
await shows(page, "✗ Broken now: 1");
await picture(page, "demo-broken");
await accessible(page, "the mail service while it is broken");
await page.getByRole("tab", { name: "Tour" }).click();
await tour(page, 5);
await form(page);
await stopAndGoOn(page);
await page.waitForTimeout(800);
await picture(page, "demo");
await tour(page, 6);
const narrow = await open(demo_address, { viewport: { width: 1080, height: 1500 } });
await connected(narrow);
const paused = Date.now();
await portraitsOfAnOutage(narrow);
await everywhere(status_address, "status broken", (page) => shows(page, "Phones and mail programs cannot send"));
begun += Date.now() - paused;
await tour(page);
console.log(`the tour took ${Math.round((Date.now() - begun) / 1000)} s`);
await portraitsAfterwards(narrow);
await exported(narrow);
await accessible(page, "the demo");
// What must be read there at the end: a mail and a signed message of the last word.
const SHOWN = { Received: ["✉ mail", "signature is right"], "Mail service": ["✓ Nothing is broken."] };
for (const tab of ["Mail service", "Status page", "Received", "Discord"]) {
  await page.getByRole("tab", { name: tab }).click();
  await page.waitForTimeout(700);
  for (const words of SHOWN[tab] || []) await shows(page, words);
  await picture(page, "demo-" + tab.toLowerCase().replace(" ", "-"));
  await accessible(page, `the demo, ${tab}`);
}
await everywhere(demo_address, "the demo", async (page) => { await connected(page); await page.waitForTimeout(800); });
const phone = await open(demo_address, PHONE);
await connected(phone);
for (const drawer of ["places", "beside"]) {
  await phone.locator("#open-" + drawer).click();
  await phone.waitForTimeout(400);
  await picture(phone, "demo-phone-" + drawer);
  await accessible(phone, `the demo on a phone, ${drawer}`);
  await fits(phone, `the demo on a phone, ${drawer}`);
  await phone.locator("#open-" + drawer).click();
}
await everywhere(status_address, "status", (page) => shows(page, "The last 90 days"));
await night();
await browser.close();
for (const objection of new Set(objections)) console.log(objection);
console.log(objections.length ? "" : "the browser shows the demo, its tour to the end, the status page, the review as a file, and the night on one page");
process.exit(objections.length ? 1 : 0);
