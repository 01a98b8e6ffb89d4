// node improve-once.mjs LEARNER TASK.json OUT.onnx: takes one meta-step on one task, and writes the next revision of the learner.
// TASK.json: { "support": [{ "features": [...], "label": "A" }, ...], "query": [...] }, in a regression with "targets": [...] in place of
// "label"; its "learningRate" is that of the meta-training when left out. Prints JSON with the evaluation loss before the step, the gradient
// of the slow parameters, and the new revision.
import { readFile, writeFile } from "node:fs/promises";
import * as ort from "onnxruntime-web";
import { Improver } from "./improve.mjs";

const [learner, task, output] = process.argv.slice(2);
if (!output) {
  console.error("usage: node improve-once.mjs LEARNER TASK.json OUT.onnx");
  process.exit(2);
}
ort.env.wasm.numThreads = 1;
try {
  const improver = await Improver.load(ort, await readFile(learner));
  const { support, query, learningRate } = JSON.parse(await readFile(task, "utf8"));
  const { gradient, loss } = await improver.contribute(support, query);
  await improver.step([gradient], { learningRate });
  await writeFile(output, await improver.file());
  console.log(JSON.stringify({ loss, gradient: Array.from(gradient), revision: improver.revision }));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
