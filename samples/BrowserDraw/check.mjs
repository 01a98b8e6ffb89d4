// node check.mjs LEARNER [screenshot.png]: opens the page's demonstration in headless Chromium and reads what it says.
import { spawnSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "./serve.mjs";

const [learner, screenshot] = process.argv.slice(2);
const browser = ["chromium", "chromium-browser", "google-chrome"].find(name => spawnSync(name, ["--version"]).status === 0);
if (!browser) {
  console.log("skipped: no chromium or chrome is installed");
  process.exit(77);
}
const server = await serve(learner);
const profile = mkdtempSync(join(tmpdir(), "browser-draw-"));
try {
  const flags = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", `--user-data-dir=${profile}`,
    "--window-size=900,760", "--virtual-time-budget=30000",
  ];
  const page = await run([...flags, "--dump-dom", `${server.address}?demo`]);
  if (screenshot) await run([...flags, `--screenshot=${screenshot}`, `${server.address}?demo`]);
  const result = /(\d+) of 30 new drawings recognised/.exec(page);
  console.log(result?.[0] ?? `the page says: ${/<output[^]*<\/output>/.exec(page)?.[0] ?? page}`);
  process.exitCode = result && Number(result[1]) >= 27 ? 0 : 1;
} finally {
  server.close();
  rmSync(profile, { recursive: true, force: true });
}

function run(flags) {
  return new Promise((resolve, reject) => {
    let output = "";
    const child = spawn(browser, flags, { stdio: ["ignore", "pipe", "ignore"], timeout: 120_000 });
    child.stdout.on("data", data => output += data);
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}
