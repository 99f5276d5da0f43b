// Drives the page of `watchpost demo` as a person does, in a real browser, and takes the pictures of the documentation.
//   node .ci/browser.mjs PAGE STATUS FOLDER      (playwright-core is found below FOLDER)
import { createRequire } from "node:module";
import path from "node:path";

const [page_address, status_address, folder] = process.argv.slice(2);
const { chromium } = createRequire(path.resolve(folder, "package.json"))("playwright-core");
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
const objections = [];
page.on("pageerror", (error) => objections.push(`the page's script fails: ${error.message}`));
page.on("console", (line) => {
  const missing = line.text().startsWith("Failed to load resource");
  if (line.type() === "error" && !missing) objections.push(`the console says: ${line.text()}`);
});
// A browser asks for a favicon by itself; everything else must be there.
page.on("response", (answer) => {
  if (answer.status() >= 400 && !answer.url().endsWith("/favicon.ico")) objections.push(`${answer.status()} ${answer.url()}`);
});

const shows = async (words) => {
  try { await page.getByText(words).first().waitFor({ timeout: 30000 }); }
  catch { objections.push(`“${words}” is not shown`); }
};
const types = async (line) => { await page.fill("#text", line); await page.press("#text", "Enter"); };

await page.goto(page_address);
await shows("connected");
await fetch(new URL("/mail/faults/certificate-expired/on", page_address), { method: "POST", redirect: "manual" });
await types("/check");
await page.waitForTimeout(300);
const send = page.locator("#options button").first();
if (await send.isVisible()) await send.click();
await shows("certificate-expired");
await page.screenshot({ path: path.join(folder, "demo.png") });

await page.goto(status_address);
await shows("The last 90 days");
await page.screenshot({ path: path.join(folder, "status.png") });
await page.goto(new URL("/mail/", page_address).href);
await shows("certificate-expired");
await page.screenshot({ path: path.join(folder, "mail.png") });
await browser.close();
for (const objection of objections) console.log(objection);
console.log(objections.length ? "" : "the browser shows the demo, the status page and the mail service");
process.exit(objections.length ? 1 : 0);
