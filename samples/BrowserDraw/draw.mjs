import * as ort from "../NodeJs/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";
import { Learner } from "../NodeJs/fewShot.mjs";
import { demoClasses, drawDemo } from "./demo.mjs";
import { SIDE, toPixels } from "./pixels.mjs";

const CLASSES = ["A", "B", "C"];
const element = id => document.getElementById(id);
const pad = element("pad");
const context = pad.getContext("2d");

let learner;
let strokes = [];
let support = [];
let learned = null; // the support rows when Learn was pressed

for (const name of CLASSES) {
  const button = document.createElement("button");
  button.textContent = `This is ${name}`;
  button.onclick = () => addExample(name);
  element("classes").append(button);
}
element("clear").onclick = clear;
element("learn").onclick = learn;
element("restart").onclick = () => { [support, learned] = [[], null]; clear(); showExamples(); say("Draw the first character."); };
element("demo").onclick = demo;
pad.onpointerdown = event => { pad.setPointerCapture(event.pointerId); strokes.push([]); addPoint(event); };
pad.onpointermove = event => event.buttons && strokes.length > 0 && addPoint(event);
pad.onpointerup = recognise;

try {
  ort.env.wasm.numThreads = 1;
  const answer = await fetch("learner.onnx");
  if (!answer.ok) throw new Error("There is no learner.onnx beside this page; README.md says how to make one.");
  learner = await Learner.load(ort, new Uint8Array(await answer.arrayBuffer()));
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
  strokes = [];
  paint();
}

function addExample(label) {
  if (strokes.length === 0) return say("Draw something first.");
  support.push({ features: toPixels(strokes), label });
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
}

function picture(pixels) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const image = new ImageData(SIDE, SIDE);
  pixels.forEach((ink, i) => image.data.set([0, 0, 0, 255 * ink], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function learn() {
  learned = [...support];
  clear();
  say(`Learned from ${learned.length} drawings. Draw another one.`);
}

async function recognise() {
  if (!learned || strokes.length === 0) return;
  const start = performance.now();
  const [prediction] = await learner.classify(learned, [toPixels(strokes)]);
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
  element("restart").click();
  for (let shot = 0; shot < 3; shot++) {
    for (const name of demoClasses) {
      strokes = drawDemo(name);
      addExample(name);
    }
  }
  learn();
  let right = 0;
  for (let i = 0; i < 30; i++) {
    const name = demoClasses[i % demoClasses.length];
    strokes = drawDemo(name);
    paint();
    if (await recognise() === name) right++;
  }
  element("result").append(document.createElement("br"), `${right} of 30 new drawings recognised`);
}
