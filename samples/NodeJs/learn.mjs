// node learn.mjs FOLDER: learns the task of FOLDER/task.json with FOLDER/learner.onnx, and compares the scores with those of .NET in it.
// The folder is written by: dotnet run -c Release --project samples/LearnerEverywhere -- FOLDER [learner.onnx]
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as ort from "onnxruntime-web";
import { Learner } from "./fewShot.mjs";

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node learn.mjs FOLDER   (with learner.onnx and task.json inside)");
  process.exit(2);
}
ort.env.wasm.numThreads = 1;
const learner = await Learner.load(ort, await readFile(join(folder, "learner.onnx")));
const task = JSON.parse(await readFile(join(folder, "task.json"), "utf8"));

const start = performance.now();
// The scores of each row by name: probabilities of classes, or values and the bounds of their intervals.
const predictions = task.support[0].targets
  ? (await learner.predict(task.support, task.queries)).map(named)
  : (await learner.classify(task.support, task.queries)).map(prediction => prediction.scores);
const milliseconds = performance.now() - start;

const tolerance = 1e-4;
let worst = 0;
predictions.forEach((prediction, row) => {
  for (const [name, score] of Object.entries(task.scores[row]))
    worst = Math.max(worst, Math.abs(score - prediction[name]));
});
console.log(`${task.support[0].targets ? "targets" : learner.classes ? "shared classes" : "own classes"}: ${task.support.length} rows learned and ${predictions.length} scored in ${milliseconds.toFixed(1)} ms`);
console.log(`largest difference from .NET's scores: ${worst.toExponential(1)}`);
if (!(worst <= tolerance)) {
  console.error(`more than ${tolerance}`);
  process.exit(1);
}

function named({ values, lower = [], upper = [] }) {
  const all = { Score: values, LowerBound: lower, UpperBound: upper };
  return Object.fromEntries(Object.entries(all).flatMap(([name, numbers]) => numbers.map((number, i) => [`${name} ${i}`, number])));
}
