// Few-shot learning with a learner file and onnxruntime-web: in Node.js, and in a browser (samples/BrowserDraw uses this file too).
import { readMetadata } from "./metadata.mjs";

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
    /** The classes that all tasks of this learner share; null when every task has classes of its own, or values to predict. */
    this.classes = ["Shared", "Binary"].includes(metadata["mlnetmeta.labels"]) ? JSON.parse(metadata["mlnetmeta.classes"]) : null;
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
    const unknown = support.find(row => !classes.includes(row.label));
    if (unknown) throw new Error(`The learner knows the classes ${classes.join(", ")}, not '${unknown.label}'.`);
    const labels = BigInt64Array.from(support, row => BigInt(classes.indexOf(row.label)));
    const [scores] = await this.#run(support, this.#tensor("int64", labels, [support.length]), queries, steps, ["scores"]);
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
    const targets = Float32Array.from(support.flatMap(row => row.targets));
    const labels = this.#tensor("float32", targets, [support.length, outputs]);
    const names = this.intervalCoverage === null ? ["scores"] : ["scores", "half_widths"];
    const [values, halfWidths] = await this.#run(support, labels, queries, steps, names);
    return queries.map((_, row) => {
      const of = all => all.slice(row * outputs, (row + 1) * outputs);
      if (!halfWidths) return { values: of(values) };
      return {
        values: of(values), lower: of(values.map((value, i) => value - halfWidths[i])), upper: of(values.map((value, i) => value + halfWidths[i])),
      };
    });
  }

  async #run(support, labels, queries, steps, names) {
    const features = this.features;
    const matrix = rows => this.#tensor("float32", Float32Array.from(rows.flat()), [rows.length, features]);
    if ([...support.map(row => row.features), ...queries].some(row => row.length !== features || !row.every(Number.isFinite)))
      throw new Error(`Every row needs ${features} finite numbers.`);
    const feeds = {
      support_features: matrix(support.map(row => row.features)),
      support_labels: labels,
      query_features: matrix(queries),
      steps: this.#tensor("int64", BigInt64Array.of(BigInt(steps)), []),
    };
    // A learner that was meta-trained with example weights takes them here too; rows weigh the same in this sample.
    if (this.session.inputNames.includes("support_weights"))
      feeds.support_weights = this.#tensor("float32", new Float32Array(support.length).fill(1), [support.length]);
    const results = await this.session.run(feeds, names);
    return names.map(name => Array.from(results[name].data));
  }

  #tensor(type, data, dims) {
    return new this.ort.Tensor(type, data, dims);
  }
}
