// What onnxruntime-web does not do with an ONNX file: tell its metadata properties, and replace those and constants. An ONNX file is a
// protobuf message: a sequence of fields, each a key (field number and kind) and a value.
const GRAPH = 7, METADATA = 14; // of the model
const KEY = 1, VALUE = 2; // of a metadata property
const INITIALIZER = 5; // of the graph: a tensor
const FLOAT_DATA = 4, NAME = 8, RAW_DATA = 9; // of a tensor: its numbers are in one of the two, as the same bytes
const CHECKSUM = "mlnetmeta.checksum";

/** @param {Uint8Array} file @returns {Object<string, string>} */
export function readMetadata(file) {
  const properties = [...fields(file)].filter(field => field.number === METADATA).map(field => texts(field.content));
  return Object.fromEntries(properties.map(property => [property[KEY], property[VALUE] ?? ""]));
}

/**
 * A learner file with other constants and properties, and with the checksum of what it then holds.
 * @param {Uint8Array} file
 * @param {Object<string, Float32Array>} constants by the names of the graph's initializers; all others are kept
 * @param {Object<string, string>} properties by their keys; all others are kept
 * @returns {Promise<Uint8Array>}
 */
export async function revise(file, constants, properties) {
  const missing = new Set(Object.keys(constants));
  const content = edit(file, {
    [GRAPH]: graph => edit(graph, { [INITIALIZER]: reviseConstant }),
    [METADATA]: reviseProperty,
  });
  if (missing.size > 0) throw new Error(`The file is damaged: it has no constant '${[...missing][0]}' of the expected length.`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return join([content, encode(METADATA, property(CHECKSUM, Array.from(digest, byte => byte.toString(16).padStart(2, "0")).join("")))]);

  function reviseConstant(tensor) {
    const name = texts(tensor, NAME)[NAME];
    if (!Object.hasOwn(constants, name)) return tensor;
    const numbers = new Uint8Array(new Float32Array(constants[name]).buffer);
    const replace = old => {
      if (old.length === numbers.length) missing.delete(name);
      return numbers;
    };
    return edit(tensor, { [FLOAT_DATA]: replace, [RAW_DATA]: replace });
  }

  function reviseProperty(entry) {
    const key = texts(entry)[KEY];
    if (key === CHECKSUM) return null;
    return Object.hasOwn(properties, key) ? property(key, properties[key]) : entry;
  }
}

/** The message with the content of some fields changed, by their numbers; null leaves a field out. */
function edit(message, changes) {
  return join([...fields(message)].flatMap(({ number, content, whole }) => {
    if (!content || !changes[number]) return [whole];
    const changed = changes[number](content);
    return changed === content ? [whole] : changed ? [encode(number, changed)] : [];
  }));
}

/** The text fields of a message by their numbers, or only one of them. */
function texts(message, only) {
  const decode = bytes => new TextDecoder().decode(bytes);
  return Object.fromEntries([...fields(message)].filter(({ number, content }) => content && (!only || number === only))
    .map(({ number, content }) => [number, decode(content)]));
}

function property(key, value) {
  return join([encode(KEY, new TextEncoder().encode(key)), encode(VALUE, new TextEncoder().encode(value))]);
}

/** A field that has bytes for a value. */
function encode(number, content) {
  const varint = value => value < 128 ? [value] : [value % 128 + 128, ...varint(Math.floor(value / 128))];
  return join([Uint8Array.from([...varint(8 * number + 2), ...varint(content.length)]), content]);
}

function join(parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

/** The fields of a message: number, all bytes, and the content where the value is bytes. */
function* fields(bytes) {
  let place = 0;
  while (place < bytes.length) {
    const start = place;
    const key = varint();
    const kind = key % 8;
    let content;
    if (kind === 0) varint();
    else if (kind === 1) place += 8;
    else if (kind === 5) place += 4;
    else if (kind === 2) {
      const length = varint();
      content = bytes.subarray(place, place += length);
    } else throw new Error("The file is damaged, or is no ONNX model.");
    if (place > bytes.length) throw new Error("The file is damaged, or is no ONNX model.");
    yield { number: Math.floor(key / 8), content, whole: bytes.subarray(start, place) };
  }

  function varint() {
    let value = 0, scale = 1;
    while (place < bytes.length) {
      const byte = bytes[place++];
      value += (byte % 128) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new Error("The file is damaged, or is no ONNX model.");
  }
}
