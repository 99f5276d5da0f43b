// What the browser step needs of Chromium: pages that object to their own mistakes, an accessibility checker, pictures.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

export const [page_address, status_address, folder] = process.argv.slice(2);
export const require = createRequire(path.resolve(folder, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const pictures = path.join(folder, "pictures");
mkdirSync(pictures, { recursive: true });

export const demo_address = new URL("/demo/", page_address).href;
export const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
});
export const objections = [];
// A service that is asked while it is broken answers so: that is no fault of the page.
const expected = [/\/favicon\.ico$/, /\/demo\/status\/$/];
export const PHONE = { viewport: { width: 390, height: 800 }, hasTouch: true };

export async function open(address, options = {}) {
  // The checker is put in from outside: the page's own policy would not let it in.
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, locale: "en-GB", timezoneId: "Europe/Berlin", bypassCSP: true, ...options });
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

// A picture of the page, or of one message in it, as small as it is still sharp; `most` cuts off what is taller.
export async function picture(page, name, part = null, most = 2000) {
  let box = { x: 0, y: 0, ...page.viewportSize() };
  if (part) {
    await part.evaluate((element) => element.scrollIntoView({ block: "start" }));
    const [inner, outer] = [await part.boundingBox(), await page.locator("#messages").boundingBox()];
    const [top, bottom] = [Math.max(inner.y, outer.y), Math.min(inner.y + inner.height, outer.y + outer.height)];
    box = { x: inner.x, y: top, width: inner.width, height: Math.min(bottom - top, most) };
  }
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality: 75, clip: { ...box, scale: 1 } });
  writeFileSync(path.join(pictures, name + ".webp"), Buffer.from(data, "base64"));
}

export async function shows(page, words) {
  try { await page.getByText(words).first().waitFor({ timeout: 30000 }); }
  catch { objections.push(`“${words}” is not shown`); }
}

export async function accessible(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  for (const one of found.violations) {
    objections.push(`${what}: ${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => node.target.join(" ") + ": " + node.failureSummary?.split("\n")[1]?.trim()).join("; ")}`);
  }
}

export async function fits(page, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  if (wide) objections.push(`${what} is wider than its window`);
}

// The same page in the light, in the dark, and on a phone.
export async function everywhere(address, what, ready) {
  for (const [how, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["on a phone", PHONE]]) {
    const page = await open(address, options);
    await ready(page);
    await accessible(page, `${what}, ${how}`);
    await fits(page, `${what}, ${how}`);
    await picture(page, `${what.replaceAll(" ", "-")}-${how.replaceAll(" ", "-")}`);
    await page.context().close();
  }
}
