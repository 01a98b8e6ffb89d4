// Few-shot learning with a learner file and onnxruntime-web: in Node.js, and in a browser (samples/BrowserDraw uses this file too).
import { readMetadata } from "./onnxFile.mjs";
import { count, inputsOf, labelledRows, matrix, sharedClasses } from "./rows.mjs";

/** A learner file: an ONNX model whose graph is the learning algorithm. */
export class Learner {
  /**
   * @param ort the module onnxruntime-web
   * @param {Uint8Array} file the content of learner.onnx
   */
  static async load(ort, file) {
    const metadata = readMetadata(file);
    if (!metadata["mlnetmeta.version"]) throw new Error("The file is no learner: it has no metadata property 'mlnetmeta.version'.");
    const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
    return new Learner(ort, session, metadata);
  }

  constructor(ort, session, metadata) {
    this.ort = ort;
    this.session = session;
    /** Numbers in a row of features. */
    this.features = Number(metadata["mlnetmeta.features"]);
    /** Inner steps of an adaptation, as meta-trained. */
    this.steps = Number(metadata["mlnetmeta.steps"]);
    /** Regression: the share of targets that prediction intervals were fitted to hold; null where there are none. */
    this.intervalCoverage = "mlnetmeta.interval_coverage" in metadata ? Number(metadata["mlnetmeta.interval_coverage"]) : null;
    /** Whether an `Improver` of improve.mjs accepts its file. */
    this.isImprovable = "mlnetmeta.improvement" in metadata;
    /** The classes that all tasks of this learner share; null when every task has classes of its own, or values to predict. */
    this.classes = sharedClasses(metadata);
  }

  /**
   * Learns a classification task and scores rows with what was learned. Both happen in one run: a learner file takes the labelled rows
   * and the rows to score together, and an adaptation takes milliseconds.
   * @param {{features: number[], label: string}[]} support labelled rows, of at least two classes; of a learner with shared classes any rows
   * of those
   * @param {number[][]} queries rows to score
   * @param {number} [steps] inner steps; the trained number when left out
   * @returns {Promise<{label: string, scores: Object<string, number>}[]>} for each row the likeliest class, and the probability of each
   */
  async classify(support, queries, steps = this.steps) {
    const classes = this.classes ?? [...new Set(support.map(row => row.label))];
    if (classes.length < 2) throw new Error("The support rows need at least two classes.");
    const [scores] = await this.#run(support, classes, queries, steps, ["scores"]);
    return queries.map((_, row) => {
      const values = scores.slice(row * classes.length, (row + 1) * classes.length);
      const best = values.indexOf(Math.max(...values));
      return { label: classes[best], scores: Object.fromEntries(classes.map((name, i) => [name, values[i]])) };
    });
  }

  /**
   * Learns a regression task and predicts.
   * @param {{features: number[], targets: number[]}[]} support rows with their targets
   * @param {number[][]} queries rows to predict
   * @param {number} [steps] inner steps; the trained number when left out
   * @returns {Promise<{values: number[], lower: number[]?, upper: number[]?}[]>} the predicted values of each row, and the bounds of their
   * prediction intervals where the learner has them (its coverage is in `intervalCoverage`)
   */
  async predict(support, queries, steps = this.steps) {
    const outputs = support[0].targets.length;
    const names = this.intervalCoverage === null ? ["scores"] : ["scores", "half_widths"];
    const [values, halfWidths] = await this.#run(support, null, queries, steps, names);
    return queries.map((_, row) => {
      const of = all => all.slice(row * outputs, (row + 1) * outputs);
      if (!halfWidths) return { values: of(values) };
      return {
        values: of(values), lower: of(values.map((value, i) => value - halfWidths[i])), upper: of(values.map((value, i) => value + halfWidths[i])),
      };
    });
  }

  async #run(support, classes, queries, steps, names) {
    const results = await this.session.run(inputsOf(this.session, {
      ...labelledRows(this.ort, "support", support, this.features, classes),
      query_features: matrix(this.ort, queries, this.features),
      steps: count(this.ort, steps),
    }), names);
    return names.map(name => Array.from(results[name].data));
  }
}
