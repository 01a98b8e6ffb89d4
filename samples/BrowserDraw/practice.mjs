// Meta-trains a learner further on the drawings of one person, in tasks made of these drawings.
import { split } from "../NodeJs/improve.mjs";
import { toPixels } from "./pixels.mjs";
import { normal, transform } from "./variation.mjs";

const STEPS = 160, TASKS_PER_STEP = 4, EVALUATIONS = 12;
const RATE = 0.1; // of the rate of the meta-training, because the learner has converged
const VARIATION = 0.1, SHIFT = 4; // of drawings from task to task: standard deviations of their shape, and of a stroke's place in points

/** Why the drawings are too few, or null. @param {{label: string}[]} drawings */
export function tooFew(drawings) {
  const labels = drawings.map(drawing => drawing.label);
  const classes = [...new Set(labels)].filter(label => labels.indexOf(label) !== labels.lastIndexOf(label));
  return classes.length >= 2 ? null : "Practice needs at least two drawings of two characters each.";
}

/**
 * @param {import("../NodeJs/improve.mjs").Improver} improver
 * @param {{strokes: {x: number, y: number}[][], label: string}[]} drawings
 * @param {number} side of the images
 * @param {(step: number, steps: number) => boolean} proceed called after every step; false stops
 * @param {() => number} [random] from 0 to 1
 * @returns {Promise<{before: number, after: number}?>} the mean evaluation losses on tasks with one support drawing of each character; null
 * when it was stopped
 */
export async function practise(improver, drawings, side, proceed, random = Math.random) {
  const rows = vary => drawings.map(({ strokes, label }) => ({ features: toPixels(vary(strokes), side), label }));
  const tasks = Array.from({ length: EVALUATIONS }, () => split(rows(strokes => strokes), 1, random));
  const before = await evaluate();
  for (let step = 1; step <= STEPS; step++) {
    const gradients = [];
    for (let task = 0; task < TASKS_PER_STEP; task++) {
      gradients.push((await improver.contributeSplits(rows(strokes => redraw(strokes, random)), { splits: 1, random })).gradient);
      await pause();
    }
    await improver.step(gradients, { learningRate: RATE * improver.learningRate });
    if (!proceed(step, STEPS)) return null;
  }
  return { before, after: await evaluate() };

  async function evaluate() {
    let sum = 0;
    for (const { support, query } of tasks) {
      sum += (await improver.contribute(support, query)).loss;
      await pause();
    }
    return sum / EVALUATIONS;
  }
}

/** Lets a browser answer its user. */
function pause() {
  return new Promise(resolve => setTimeout(resolve));
}

/** The same drawing, turned, slanted and stretched a little, with its strokes shifted. */
function redraw(strokes, random) {
  const about = (value, deviation) => value + deviation * normal(random);
  const whole = transform(about(0, VARIATION), about(0, VARIATION), Math.exp(about(0, VARIATION)));
  return strokes.map(stroke => {
    const [right, down] = [about(0, SHIFT), about(0, SHIFT)];
    return stroke.map(({ x, y }) => whole([x + right, y + down])).map(([x, y]) => ({ x, y }));
  });
}
