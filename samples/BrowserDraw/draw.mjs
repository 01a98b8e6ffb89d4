import * as ort from "../NodeJs/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";
import { Learner } from "../NodeJs/fewShot.mjs";
import { Improver } from "../NodeJs/improve.mjs";
import { demoClasses, drawDemo } from "./demo.mjs";
import { toPixels } from "./pixels.mjs";
import { practise, tooFew } from "./practice.mjs";

const CLASSES = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const PAUSE = 600; // milliseconds without the pen after which a drawing is finished
const element = id => document.getElementById(id);
const pad = element("pad");
const context = pad.getContext("2d");

let learner;
let file; // of the learner
let practice = null; // that is going on: whether it was stopped
let side; // of the square images that the learner takes
let strokes = [];
let answered = false; // whether the drawing on the pad has been recognised: the next stroke begins another one a moment later
let pause; // before a drawing is recognised: it may have several strokes
let support = [];
let learned = null; // the support rows when Learn was pressed: a learner file learns and scores in one run, so each drawing is a run of a few ms

for (let i = 0; i < 3; i++) addClass();
element("another").onclick = addClass;
element("clear").onclick = clear;
element("learn").onclick = learn;
element("restart").onclick = restart;
element("demo").onclick = demo;
element("practise").onclick = () => practice ? practice.stopped = true : improve();
element("save").onclick = save;
pad.onpointerdown = event => { clearTimeout(pause); if (answered) clear(); pad.setPointerCapture(event.pointerId); strokes.push([]); addPoint(event); };
pad.onpointermove = event => event.buttons && strokes.length > 0 && addPoint(event);
pad.onpointerup = () => { clearTimeout(pause); pause = setTimeout(recognise, PAUSE); };

try {
  ort.env.wasm.numThreads = 1;
  const answer = await fetch("learner.onnx");
  if (!answer.ok) throw new Error("There is no learner.onnx: start the page by serve.mjs, which takes one.");
  file = new Uint8Array(await answer.arrayBuffer());
  learner = await Learner.load(ort, file);
  side = Math.sqrt(learner.features);
  if (!Number.isInteger(side) || learner.classes) throw new Error("This page needs a learner of square images, with classes of its own in every task.");
  element("practice").hidden = !learner.isImprovable;
  showExamples();
  say("Draw the first character.");
  if (location.search === "?demo") await demo();
} catch (error) {
  say(error.message);
}

function addPoint(event) {
  const box = pad.getBoundingClientRect();
  strokes.at(-1).push({ x: (event.clientX - box.left) * pad.width / box.width, y: (event.clientY - box.top) * pad.height / box.height });
  paint();
}

function paint() {
  context.clearRect(0, 0, pad.width, pad.height);
  [context.lineWidth, context.lineCap, context.lineJoin] = [10, "round", "round"];
  for (const stroke of strokes) {
    context.beginPath();
    for (const { x, y } of stroke) context.lineTo(x, y);
    context.stroke();
  }
}

function clear() {
  clearTimeout(pause);
  [strokes, answered] = [[], false];
  paint();
}

function restart() {
  [support, learned] = [[], null];
  if (practice) practice.stopped = true;
  clear();
  showExamples();
  say("Draw the first character.");
}

function addClass() {
  const name = CLASSES[element("classes").children.length];
  const button = document.createElement("button");
  button.textContent = `This is ${name}`;
  button.onclick = () => addExample(name);
  element("classes").append(button);
  element("another").disabled = name === CLASSES.at(-1);
}

function addExample(label) {
  if (strokes.length === 0) return say("Draw something first.");
  support.push({ strokes, features: toPixels(strokes, side), label });
  clear();
  showExamples();
}

function showExamples() {
  element("examples").replaceChildren(...CLASSES.filter(name => support.some(row => row.label === name)).map(name => {
    const line = document.createElement("div");
    line.append(`${name}: `, ...support.filter(row => row.label === name).map(row => picture(row.features)));
    return line;
  }));
  element("learn").disabled = new Set(support.map(row => row.label)).size < 2;
  if (practice) return;
  element("practise").disabled = tooFew(support) !== null;
  element("progress").textContent = tooFew(support)
    ?? "Meta-trains the learner on your drawings. It gets better at your characters. If they are few, it gets a little worse at others.";
}

function picture(pixels) {
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const image = new ImageData(side, side);
  pixels.forEach((ink, i) => image.data.set([0, 0, 0, 255 * ink], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

async function learn() {
  learned = [...support];
  clear();
  const start = performance.now();
  const predictions = await learner.classify(learned, learned.map(row => row.features));
  const milliseconds = (performance.now() - start).toFixed(0);
  const right = predictions.filter((prediction, i) => prediction.label === learned[i].label).length;
  say(`Learned from ${learned.length} drawings in ${milliseconds} ms, and recognises ${right} of them. Draw another one.`);
}

/** Meta-trains the learner further on the drawings. Stopped before its end, it leaves the learner as it was. */
async function improve() {
  const drawings = [...support];
  practice = { stopped: false };
  element("practise").textContent = "Stop";
  let improver;
  try {
    improver = await Improver.load(ort, file);
    const losses = await practise(improver, drawings, side, (step, steps) => {
      element("progress").textContent = `Step ${step} of ${steps}`;
      return !practice.stopped;
    });
    if (!losses) return say("Stopped. The learner is as it was.");
    const improved = await improver.file();
    [learner, file, learned] = [await Learner.load(ort, improved), improved, drawings];
    element("save").disabled = false;
    say(`Practised on ${drawings.length} drawings: the loss after one drawing of each character was ${losses.before.toFixed(3)}, and is `
      + `${losses.after.toFixed(3)} now. Draw another one.`);
  } catch (error) {
    say(error.message);
  } finally {
    await improver?.release();
    practice = null;
    element("practise").textContent = "Practise";
    showExamples();
  }
}

function save() {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([file])), download: "learner.onnx" });
  link.click();
  URL.revokeObjectURL(link.href);
}

async function recognise() {
  if (!learned || strokes.length === 0) return;
  answered = true;
  const start = performance.now();
  const [prediction] = await learner.classify(learned, [toPixels(strokes, side)]);
  const bars = Object.entries(prediction.scores).map(([name, score]) => {
    const bar = Object.assign(document.createElement("div"), { className: "bar" });
    bar.style.width = `${100 * score}%`;
    const line = document.createElement("div");
    line.append(`${name} ${(100 * score).toFixed(1)} %`, bar);
    return line;
  });
  say(`This is ${prediction.label}`, ...bars, `(${(performance.now() - start).toFixed(0)} ms to learn and recognise)`);
  return prediction.label;
}

function say(...content) {
  element("result").replaceChildren(...content);
}

/** Draws, learns and recognises by itself, and says how many of thirty new drawings it recognised. */
async function demo() {
  restart();
  for (let shot = 0; shot < 3; shot++) {
    for (const name of demoClasses) {
      strokes = drawDemo(name);
      addExample(name);
    }
  }
  await learn();
  let right = 0;
  for (let i = 0; i < 30; i++) {
    const name = demoClasses[i % demoClasses.length];
    clear();
    strokes = drawDemo(name);
    paint();
    if (await recognise() === name) right++;
  }
  element("result").append(document.createElement("br"), `${right} of 30 new drawings recognised`);
}
