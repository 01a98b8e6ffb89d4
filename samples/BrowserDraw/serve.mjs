// node serve.mjs LEARNER [port]: serves the page with that learner file, to this machine only, and prints its address.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const types = { ".html": "text/html", ".css": "text/css", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** @returns {Promise<{address: string, close: () => void}>} */
export function serve(learner, port = 0) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    const file = path.endsWith("/learner.onnx") ? learner : join(root, path.endsWith("/") ? join(path, "index.html") : path);
    try {
      const content = await readFile(file);
      response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise(resolve => server.listen(port, "127.0.0.1", () => resolve({
    address: `http://127.0.0.1:${server.address().port}/BrowserDraw/`,
    close: () => { server.close(); server.closeAllConnections(); },
  })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv[2]) {
    console.error("usage: node serve.mjs LEARNER [port]");
    process.exit(2);
  }
  console.log((await serve(process.argv[2], Number(process.argv[3] ?? 8080))).address);
}
