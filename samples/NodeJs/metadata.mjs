// The metadata properties of an ONNX file, which onnxruntime-web does not tell. An ONNX file is a protobuf message: a sequence of
// fields, each a key (field number and kind) and a value. Field 14 of the model are the properties, each a message of key (1) and value (2).
const METADATA = 14, KEY = 1, VALUE = 2;

/** @param {Uint8Array} file @returns {Object<string, string>} */
export function readMetadata(file) {
  const properties = {};
  for (const [field, content] of fields(file)) {
    if (field !== METADATA) continue;
    const parts = Object.fromEntries([...fields(content)].map(([number, bytes]) => [number, new TextDecoder().decode(bytes)]));
    properties[parts[KEY]] = parts[VALUE] ?? "";
  }
  return properties;
}

/** The fields that have bytes for a value: [number, bytes]. */
function* fields(bytes) {
  let place = 0;
  while (place < bytes.length) {
    const key = varint();
    const kind = key % 8;
    if (kind === 0) varint();
    else if (kind === 1) place += 8;
    else if (kind === 5) place += 4;
    else if (kind === 2) {
      const length = varint();
      if (place + length > bytes.length) throw new Error("The file is damaged, or is no ONNX model.");
      yield [Math.floor(key / 8), bytes.subarray(place, place += length)];
    } else throw new Error("The file is damaged, or is no ONNX model.");
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
