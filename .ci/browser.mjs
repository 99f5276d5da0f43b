// Drives the page of `watchpost demo` as a person does, in a real browser: the whole tour, the keyboard, a phone, the dark
// scheme, an accessibility checker. Takes the pictures of the documentation.
//   node .ci/browser.mjs PAGE STATUS FOLDER      (playwright-core and axe-core are found below FOLDER)
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";

const [page_address, status_address, folder] = process.argv.slice(2);
const require = createRequire(path.resolve(folder, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const demo_address = new URL("/demo/", page_address).href;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
});
const objections = [];
// A service that is asked while it is broken answers so: that is no fault of the page.
const expected = [/\/favicon\.ico$/, /\/demo\/status\/$/];

async function open(address, options = {}) {
  // The checker is put in from outside: the page's own policy would not let it in.
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, bypassCSP: true, ...options });
  const page = await context.newPage();
  page.on("pageerror", (error) => objections.push(`the page's script fails: ${error.message}`));
  page.on("console", (line) => {
    if (line.type() === "error" && !line.text().startsWith("Failed to load resource")) objections.push(`the console says: ${line.text()}`);
  });
  page.on("response", (answer) => {
    if (answer.status() >= 400 && !expected.some((one) => one.test(answer.url()))) objections.push(`${answer.status()} ${answer.url()}`);
  });
  await page.goto(address);
  return page;
}

const picture = (page, name) => page.screenshot({ path: path.join(folder, name + ".png") });
const shows = async (page, words) => {
  try { await page.getByText(words).first().waitFor({ timeout: 30000 }); }
  catch { objections.push(`“${words}” is not shown`); }
};

async function accessible(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  for (const one of found.violations) {
    objections.push(`${what}: ${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => node.target.join(" ") + ": " + node.failureSummary?.split("\n")[1]?.trim()).join("; ")}`);
  }
}

// What the page weighs and when something is seen.
async function weigh(page) {
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  const bytes = await page.evaluate(() => performance.getEntriesByType("resource")
    .filter((one) => new URL(one.name).pathname.startsWith("/demo/") && /\.(js|css|svg)$/.test(new URL(one.name).pathname))
    .reduce((sum, one) => sum + one.decodedBodySize, 0) + performance.getEntriesByType("navigation")[0].decodedBodySize);
  console.log(`the page: ${Math.round(bytes / 1024)} KiB, first paint after ${Math.round(paint)} ms`);
  if (bytes > 200 * 1024) objections.push(`the page has ${bytes} bytes`);
}

// The keyboard alone: a command by arrow keys, its option typed, Escape leaves.
async function keyboard(page) {
  await page.focus("#text");
  await page.keyboard.type("/inc");
  await page.locator("#picker li").first().waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  if (!(await page.locator("#text").isVisible())) objections.push("Escape does not leave a command");
}

async function tour(page) {
  const begun = Date.now();
  const step = () => page.locator(".steps li.now b").textContent({ timeout: 1000 }).catch(() => null);
  const number = (text) => (text ? parseInt(text, 10) : Infinity);
  for (let now = await step(); now; now = await step()) {
    if (Date.now() - begun > 290000) { objections.push(`the tour stands at “${now}” after five minutes`); break; }
    const button = page.locator("#tour-act");
    if (await button.isEnabled().catch(() => false)) await button.click().catch(() => {});
    const over = Date.now() + 15000;
    while (Date.now() < over && number(await step()) === number(now)) await page.waitForTimeout(250);
    await page.evaluate(() => document.getElementById("modal").close?.());
    const next = await step();
    if (number(next) !== number(now)) console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${now}`);
    if (number(next) === 4) await picture(page, "demo");
    if (number(next) === 9) await picture(page, "demo-proof");
  }
  console.log(`the tour took ${Math.round((Date.now() - begun) / 1000)} s`);
}

const page = await open(demo_address);
await shows(page, "● connected");
await weigh(page);
await keyboard(page);
await tour(page);
await page.waitForTimeout(800);
await picture(page, "demo-end");
await accessible(page, "the demo");
for (const tab of ["Mail service", "Status page", "Received", "Discord"]) {
  await page.getByRole("tab", { name: tab }).click();
  await page.waitForTimeout(700);
  await picture(page, "demo-" + tab.toLowerCase().replace(" ", "-"));
  await accessible(page, `the demo, ${tab}`);
}
const dark = await open(demo_address, { colorScheme: "dark" });
await shows(dark, "● connected");
await dark.waitForTimeout(800);
await picture(dark, "demo-dark");
await accessible(dark, "the demo in the dark scheme");
const phone = await open(demo_address, { viewport: { width: 390, height: 800 }, hasTouch: true });
await phone.waitForTimeout(1500);
await picture(phone, "demo-phone");
const wide = await phone.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
if (wide) objections.push("the demo is wider than a phone");

const status = await open(status_address);
await shows(status, "The last 90 days");
await picture(status, "status");
await accessible(status, "the status page");
await browser.close();
for (const objection of new Set(objections)) console.log(objection);
console.log(objections.length ? "" : "the browser shows the demo, its tour to the end, and the status page");
process.exit(objections.length ? 1 : 0);
