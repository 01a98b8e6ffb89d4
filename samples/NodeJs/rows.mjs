// Rows as tensors, as learner files and the graphs that improve them take them.

/** @param {number[][]} rows @param {number} features numbers in a row */
export function matrix(ort, rows, features) {
  if (rows.some(row => row.length !== features || !row.every(Number.isFinite))) throw new Error(`Every row needs ${features} finite numbers.`);
  return new ort.Tensor("float32", Float32Array.from(rows.flat()), [rows.length, features]);
}

/**
 * The inputs PREFIX_features, PREFIX_labels and PREFIX_weights. Rows weigh the same in these samples.
 * @param {{features: number[], label?: string, targets?: number[]}[]} rows with labels, or with targets in a regression
 * @param {string[]?} classes in the order of their numbers; null in a regression
 */
export function labelledRows(ort, prefix, rows, features, classes) {
  const unknown = classes && rows.find(row => !classes.includes(row.label));
  if (unknown) throw new Error(`The classes are ${classes.join(", ")}, and '${unknown.label}' is none of them.`);
  return {
    [`${prefix}_features`]: matrix(ort, rows.map(row => row.features), features),
    [`${prefix}_labels`]: classes
      ? new ort.Tensor("int64", BigInt64Array.from(rows, row => BigInt(classes.indexOf(row.label))), [rows.length])
      : new ort.Tensor("float32", Float32Array.from(rows.flatMap(row => row.targets)), [rows.length, rows[0].targets.length]),
    [`${prefix}_weights`]: new ort.Tensor("float32", new Float32Array(rows.length).fill(1), [rows.length]),
  };
}

export function count(ort, number) {
  return new ort.Tensor("int64", BigInt64Array.of(BigInt(number)), []);
}

/** Of these inputs the ones that a graph has: only learners that were meta-trained with example weights take weights. */
export function inputsOf(session, inputs) {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => session.inputNames.includes(name)));
}

/** The classes that all tasks of a learner share; null when every task has classes of its own, or values to predict. */
export function sharedClasses(metadata) {
  return ["Shared", "Binary"].includes(metadata["mlnetmeta.labels"]) ? JSON.parse(metadata["mlnetmeta.classes"]) : null;
}
