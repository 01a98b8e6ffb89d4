// Meta-trains an improvable learner file further with onnxruntime-web: in Node.js, and in a browser (samples/BrowserDraw uses this file too).
// docs/improving.md says what a contribution is, docs/meta-training-graph.md describes the graphs.
import { readMetadata, revise } from "./onnxFile.mjs";
import { count, inputsOf, labelledRows, sharedClasses } from "./rows.mjs";

const IMPROVEMENT = "mlnetmeta.improvement";

/** A learner that is being improved: its slow parameters θ, and the state of the meta-optimiser. */
export class Improver {
  /**
   * @param ort the module onnxruntime-web
   * @param {Uint8Array} file the content of an improvable learner file
   */
  static async load(ort, file) {
    const metadata = readMetadata(file);
    if (!metadata[IMPROVEMENT]) throw new Error("The file is no learner that was meta-trained with the option Improvable.");
    const improvement = JSON.parse(metadata[IMPROVEMENT]);
    const sessions = {};
    for (const graph of ["contribution", "optimizer", "consolidation"])
      sessions[graph] = await ort.InferenceSession.create(fromBase64(improvement[graph]), { executionProviders: ["wasm"] });
    return new Improver(ort, file, metadata, improvement, sessions);
  }

  #ort; #file; #improvement; #sessions; #theta; #state; #features; #steps; #classes; #isRegression;

  constructor(ort, file, metadata, improvement, sessions) {
    [this.#ort, this.#file, this.#improvement, this.#sessions] = [ort, file, improvement, sessions];
    /** How often θ has been improved since the meta-training. */
    this.revision = improvement.revision;
    /** The meta-learning rate of the meta-training, before its schedule. */
    this.learningRate = improvement.learningRate;
    this.#features = Number(metadata["mlnetmeta.features"]);
    this.#steps = Math.max(Number(metadata["mlnetmeta.steps"]), 1);
    this.#classes = sharedClasses(metadata);
    this.#isRegression = metadata["mlnetmeta.task"] === "Regression";
    this.#theta = this.#vector(new Float32Array(fromBase64(improvement.theta).buffer));
    this.#state = improvement.state.map(({ length, initial }) =>
      new ort.Tensor("float32", new Float32Array(length ?? 1).fill(initial), length === null ? [] : [length]));
  }

  /**
   * What one task adds to a meta-step.
   * @param {{features: number[], label?: string, targets?: number[]}[]} support rows to learn the task from
   * @param {{features: number[], label?: string, targets?: number[]}[]} query other rows of the task, to evaluate what was learned
   * @returns {Promise<{gradient: Float32Array, loss: number}>} the gradient of θ, and the evaluation loss
   */
  async contribute(support, query) {
    const classes = this.#isRegression ? null : this.#classes ?? [...new Set(support.map(row => row.label))];
    if (classes?.length < 2) throw new Error("The support rows need at least two classes.");
    const { contribution } = this.#sessions;
    const results = await contribution.run(inputsOf(contribution, {
      theta: this.#theta,
      ...labelledRows(this.#ort, "support", support, this.#features, classes),
      ...labelledRows(this.#ort, "query", query, this.#features, classes),
      free_steps: count(this.#ort, this.#steps),
      nudged_steps: count(this.#ort, this.#improvement.nudgedSteps),
    }), ["gradient", "evaluation_loss"]);
    const [gradient, loss] = [results.gradient.data, results.evaluation_loss.data[0]];
    if (!Number.isFinite(loss) || !gradient.every(Number.isFinite)) throw new Error("The learner diverged on this task.");
    return { gradient, loss };
  }

  /**
   * The mean contribution of random splits of a task's rows into support and query rows, as ContributionOptions has them by default.
   * @param {{features: number[], label?: string, targets?: number[]}[]} rows of one task
   * @param {{splits?: number, random?: () => number}} [options]
   */
  async contributeSplits(rows, { splits = 4, random = Math.random } = {}) {
    const [fewest, most] = this.#isRegression ? [3, 20] : [1, 10];
    const parts = [];
    for (let i = 0; i < splits; i++) {
      const { support, query } = split(rows, fewest + Math.floor(random() * (most - fewest + 1)), random);
      if (query.length === 0) throw new Error("The task has too few rows to be split: at least one label needs two rows.");
      parts.push(await this.contribute(support, query));
    }
    return { gradient: mean(parts.map(part => part.gradient)), loss: parts.reduce((sum, part) => sum + part.loss, 0) / splits };
  }

  /**
   * One step of the meta-optimiser.
   * @param {Float32Array[]} gradients one of each task
   * @param {{learningRate?: number}} [options] the rate of the meta-training when left out; a tenth of it suits a learner that has converged
   */
  async step(gradients, { learningRate = this.learningRate } = {}) {
    const results = await this.#sessions.optimizer.run({
      theta: this.#theta,
      gradient: this.#vector(mean(gradients)),
      learning_rate: new this.#ort.Tensor("float32", Float32Array.of(learningRate), []),
      ...Object.fromEntries(this.#state.map((value, i) => [`state.${i}`, value])),
    });
    if (!results.next_theta.data.every(Number.isFinite))
      throw new Error("The step would make θ infinite, and was not taken. Choose a lower learning rate.");
    this.#theta = results.next_theta;
    this.#state = this.#state.map((_, i) => results[`next_state.${i}`]);
    this.revision++;
  }

  /** The file of the current revision. Calibrated probabilities and interval widths are those of the meta-training. */
  async file() {
    const results = await this.#sessions.consolidation.run({ theta: this.#theta });
    const constants = Object.entries(results).map(([name, { data }]) => [name.slice("consolidated.".length), data]);
    const improvement = { ...this.#improvement, revision: this.revision, theta: toBase64(this.#theta.data) };
    return revise(this.#file, Object.fromEntries(constants), { [IMPROVEMENT]: JSON.stringify(improvement) });
  }

  /** Frees the memory of the graphs. */
  async release() {
    for (const session of Object.values(this.#sessions)) await session.release();
  }

  #vector(numbers) {
    return new this.#ort.Tensor("float32", numbers, [numbers.length]);
  }
}

/**
 * Splits the rows of a task at random: so many support rows of each class, or of a regression. Where there are fewer rows, all but one are
 * support rows; a single one is a support row.
 * @returns {{support: object[], query: object[]}}
 */
export function split(rows, supportRows, random = Math.random) {
  const [support, query] = [[], []];
  for (const label of new Set(rows.map(row => row.label))) {
    const ofClass = shuffle(rows.filter(row => row.label === label), random);
    const taken = Math.min(supportRows, Math.max(ofClass.length - 1, 1));
    support.push(...ofClass.slice(0, taken));
    query.push(...ofClass.slice(taken));
  }
  return { support, query };
}

/** Fisher and Yates. */
function shuffle(items, random) {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}

function mean(vectors) {
  return vectors[0].map((_, i) => vectors.reduce((sum, vector) => sum + vector[i], 0) / vectors.length);
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}

function toBase64(numbers) {
  return btoa(Array.from(new Uint8Array(Float32Array.from(numbers).buffer), byte => String.fromCharCode(byte)).join(""));
}
