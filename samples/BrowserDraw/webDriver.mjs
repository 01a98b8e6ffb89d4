// As much of the WebDriver protocol (https://www.w3.org/TR/webdriver2/) as it takes to draw with a mouse and press buttons.
import { spawn } from "node:child_process";

export class Browser {
  #driver;
  #session;

  /** @param {string[]} args flags of Chromium @param {string} downloads the folder of downloads */
  static async start(args, downloads) {
    const browser = new Browser();
    browser.#driver = spawn("chromedriver", ["--port=0"], { stdio: ["ignore", "pipe", "ignore"] });
    const port = await new Promise((resolve, reject) => {
      browser.#driver.stdout.on("data", data => { const told = /successfully on port (\d+)/.exec(data); if (told) resolve(told[1]); });
      browser.#driver.on("error", reject);
      browser.#driver.on("close", () => reject(new Error("chromedriver ended")));
    });
    browser.#session = `http://127.0.0.1:${port}`;
    const options = { args, prefs: { "download.default_directory": downloads } };
    try {
      const { sessionId } = await browser.#post("/session", { capabilities: { alwaysMatch: { "goog:chromeOptions": options } } });
      browser.#session += `/session/${sessionId}`;
      return browser;
    } catch (error) {
      browser.#driver.kill();
      throw error;
    }
  }

  open(url) { return this.#post("/url", { url }); }

  /** What a script returns: the body of a function. */
  run(script) { return this.#post("/execute/sync", { script, args: [] }); }

  /** Waits until a script returns something. */
  async until(script, seconds = 60) {
    for (const end = Date.now() + 1000 * seconds; Date.now() < end; await new Promise(resolve => setTimeout(resolve, 50))) {
      const value = await this.run(script);
      if (value) return value;
    }
    throw new Error(`Waited ${seconds} seconds for: ${script}`);
  }

  /** Presses the button at a place of the window, as a person would. */
  click(x, y) { return this.draw([[{ x, y }]]); }

  /** Moves the mouse along strokes with its button down. */
  draw(strokes) {
    const move = ({ x, y }) => ({ type: "pointerMove", duration: 0, x: Math.round(x), y: Math.round(y) });
    const actions = strokes.flatMap(([first, ...others]) =>
      [move(first), { type: "pointerDown", button: 0 }, ...others.map(move), { type: "pointerUp", button: 0 }]);
    return this.#post("/actions", { actions: [{ type: "pointer", id: "mouse", parameters: { pointerType: "mouse" }, actions }] });
  }

  /** @returns {Promise<Buffer>} the window as PNG */
  async screenshot() { return Buffer.from(await this.#request("GET", "/screenshot"), "base64"); }

  async close() {
    try { await this.#request("DELETE", ""); } finally { this.#driver.kill(); }
  }

  #post(path, body) { return this.#request("POST", path, body); }

  async #request(method, path, body) {
    const response = await fetch(this.#session + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.message}`);
    return value;
  }
}
