// node check.mjs LEARNER [screenshot.png]: a person at the page, in headless Chromium. Draws a ring, a cross and a zigzag three times each with the
// mouse, says which is which, presses Learn, draws others, and compares what the page says. If the learner is improvable, the person then
// presses Practise, draws others again, saves the learner, and opens the page with the saved one. Ends with 77 where there is no browser.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { readMetadata } from "../NodeJs/onnxFile.mjs";
import { demoClasses, drawDemo } from "./demo.mjs";
import { serve } from "./serve.mjs";
import { Browser } from "./webDriver.mjs";

const SHOTS = 3, NEW = 12, ENOUGH = 11, PRACTICE_SECONDS = 300;
const [learner, screenshot] = process.argv.slice(2);
if (spawnSync("chromedriver", ["--version"]).status !== 0) {
  console.log("skipped: chromedriver is not installed");
  process.exit(77);
}
const server = await serve(learner);
const profile = mkdtempSync(join(tmpdir(), "browser-draw-"));
const saved = join(profile, "learner.onnx");
const savedServer = await serve(saved);
const browser = await Browser.start([
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", `--user-data-dir=${profile}`, "--window-size=900,900",
], profile);
try {
  await learn(server);
  await recognise("new drawings");
  if (await browser.run("return !document.getElementById('practice').hidden")) await practise();
  if (screenshot) writeFileSync(screenshot, await browser.screenshot());
} finally {
  await browser.close();
  server.close();
  savedServer.close();
  rmSync(profile, { recursive: true, force: true });
}

async function learn({ address }) {
  await browser.open(address);
  await said("Draw the first character");
  for (let shot = 0; shot < SHOTS; shot++) {
    for (const name of demoClasses) {
      await draw(name);
      await press(`This is ${name}`);
    }
  }
  await press("Learn");
  console.log(await said("Learned from"));
}

async function recognise(what) {
  let right = 0;
  for (let i = 0; i < NEW; i++) {
    const name = demoClasses[i % demoClasses.length];
    await press("Clear");
    await browser.run("document.getElementById('result').replaceChildren()");
    await draw(name);
    if ((await said("This is ")).startsWith(`This is ${name}`)) right++;
  }
  console.log(`${right} of ${NEW} ${what} recognised`);
  if (right < ENOUGH) process.exitCode = 1;
}

async function practise() {
  await press("Practise");
  await press("Stop");
  await said("Stopped");
  await press("Practise");
  console.log(await said("Practised on", PRACTICE_SECONDS));
  await recognise("new drawings after practice");
  await press("Save learner");
  for (let wait = 0; !existsSync(saved) && wait < 200; wait++) await setTimeout(50);
  const revision = file => JSON.parse(readMetadata(readFileSync(file))["mlnetmeta.improvement"]).revision;
  console.log(`saved: revision ${revision(saved)}, made of revision ${revision(learner)}`);
  if (!(revision(saved) > revision(learner))) process.exitCode = 1;
  await learn(savedServer);
  await recognise("new drawings with the saved learner");
}

/** The page's answer, once it begins so. */
function said(beginning, seconds) {
  return browser.until(
    `const text = document.getElementById("result").textContent; return text.startsWith("${beginning}") ? text : null`, seconds);
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
