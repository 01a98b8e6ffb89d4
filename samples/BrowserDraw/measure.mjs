// node measure.mjs LEARNER [FIRST [LAST [CHARACTERS]]]: what practice does for simulated people, with these seeds (1 to 12). Each of them
// draws so many characters (6) four times each, and practises. Prints accuracies before and after: means over the people, and the standard
// error of the change.
import { readFile } from "node:fs/promises";
import * as ort from "../NodeJs/node_modules/onnxruntime-web/dist/ort.node.min.mjs";
import { Learner } from "../NodeJs/fewShot.mjs";
import { Improver } from "../NodeJs/improve.mjs";
import { toPixels } from "./pixels.mjs";
import { practise } from "./practice.mjs";
import { draw, generator, invent, person } from "./simulatedPeople.mjs";

const DRAWINGS = 4, OTHERS = 5, TASKS = 60;
const [path, first = 1, last = 12, characters = 6] = process.argv.slice(2);
if (!path) {
  console.error("usage: node measure.mjs LEARNER [FIRST [LAST [CHARACTERS]]]");
  process.exit(2);
}
ort.env.wasm.numThreads = 1;
const file = await readFile(path);
const learner = await Learner.load(ort, file);
const side = Math.sqrt(learner.features);
const times = (count, create) => Array.from({ length: count }, create);
const measured = [];
for (let seed = Number(first); seed <= Number(last); seed++) measured.push(...await measure(generator(seed)));

for (const name of new Set(measured.map(row => row.name))) {
  const rows = measured.filter(row => row.name === name);
  const mean = of => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const [before, after] = [mean(row => row.before), mean(row => row.after)];
  const error = Math.sqrt(mean(row => (row.after - row.before - (after - before)) ** 2) / (rows.length - 1));
  const percent = share => (100 * share).toFixed(1);
  console.log(`${name}: ${percent(before)} % before, ${percent(after)} % after (change ${percent(after - before)} ± ${percent(error)})`);
}

async function measure(random) {
  const drawings = (ofThese, hand, each) => ofThese.flatMap((character, i) => times(each, () => {
    const strokes = draw(character, hand, random);
    return { strokes, features: toPixels(strokes, side), label: `character ${i}` };
  }));
  const task = (ofThese, hand) => ({ support: drawings(ofThese, hand, 1), query: drawings(ofThese, hand, 4) });
  const others = () => times(OTHERS, () => invent(random));
  const hand = person(random);
  const own = times(Number(characters), () => invent(random));
  const practised = drawings(own, hand, DRAWINGS);
  const tasks = {
    "own characters, from the drawings practised on": [{ support: practised, query: drawings(own, hand, 40) }],
    "own characters, from one new drawing of each": times(TASKS, () => task(own, hand)),
    "five other characters of the same person, from one drawing of each": times(TASKS, () => task(others(), hand)),
    "five characters of other people, from one drawing of each": times(TASKS, () => task(others(), person(random))),
  };

  const improver = await Improver.load(ort, file);
  await practise(improver, practised, side, () => true, random);
  const improved = await Learner.load(ort, await improver.file());
  const rows = [];
  for (const [name, ofName] of Object.entries(tasks))
    rows.push({ name, before: await accuracy(learner, ofName), after: await accuracy(improved, ofName) });
  await improver.release();
  await improved.session.release();
  return rows;
}

async function accuracy(learner, tasks) {
  let [right, all] = [0, 0];
  for (const { support, query } of tasks) {
    const predictions = await learner.classify(support, query.map(row => row.features));
    right += predictions.filter((prediction, i) => prediction.label === query[i].label).length;
    all += query.length;
  }
  return right / all;
}
