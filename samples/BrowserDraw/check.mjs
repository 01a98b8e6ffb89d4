// node check.mjs LEARNER [screenshot.png]: a person at the page, in headless Chromium. Draws a ring, a cross and a zigzag three times each with the
// mouse, says which is which, presses Learn, draws others, and compares what the page says. Ends with 77 where there is no browser.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoClasses, drawDemo } from "./demo.mjs";
import { serve } from "./serve.mjs";
import { Browser } from "./webDriver.mjs";

const SHOTS = 3, NEW = 12, ENOUGH = 11;
const [learner, screenshot] = process.argv.slice(2);
if (spawnSync("chromedriver", ["--version"]).status !== 0) {
  console.log("skipped: chromedriver is not installed");
  process.exit(77);
}
const server = await serve(learner);
const profile = mkdtempSync(join(tmpdir(), "browser-draw-"));
const browser = await Browser.start([
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", `--user-data-dir=${profile}`, "--window-size=900,760",
]);
try {
  await browser.open(server.address);
  await said("Draw the first character");
  for (let shot = 0; shot < SHOTS; shot++) {
    for (const name of demoClasses) {
      await draw(name);
      await press(`This is ${name}`);
    }
  }
  await press("Learn");
  console.log(await said("Learned from"));
  let right = 0;
  for (let i = 0; i < NEW; i++) {
    const name = demoClasses[i % demoClasses.length];
    await press("Clear");
    await browser.run("document.getElementById('result').replaceChildren()");
    await draw(name);
    if ((await said("This is ")).startsWith(`This is ${name}`)) right++;
  }
  if (screenshot) writeFileSync(screenshot, await browser.screenshot());
  console.log(`${right} of ${NEW} new drawings recognised`);
  process.exitCode = right >= ENOUGH ? 0 : 1;
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}

/** The page's answer, once it begins so. */
function said(beginning) {
  return browser.until(`const text = document.getElementById("result").textContent; return text.startsWith("${beginning}") ? text : null`);
}

async function draw(name) {
  const pad = await browser.run("const box = document.getElementById('pad').getBoundingClientRect(); return { x: box.x, y: box.y }");
  await browser.draw(drawDemo(name).map(stroke => stroke.map(({ x, y }) => ({ x: pad.x + x, y: pad.y + y }))));
}

async function press(text) {
  const place = await browser.run(`const box = [...document.querySelectorAll("button")].find(button => button.textContent === "${text}")
    .getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 }`);
  await browser.click(place.x, place.y);
}
