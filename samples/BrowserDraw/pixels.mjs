// From strokes to the learner's features: side x side pixels, row by row, ink 1 on paper 0. The drawing is moved and scaled to fill the
// square, as the images must have been in meta-training (samples/Shared/Strokes does the same).
const MARGIN = 1;

/** @param {{x: number, y: number}[][]} strokes @param {number} side @returns {number[]} side * side numbers from 0 to 1 */
export function toPixels(strokes, side) {
  const points = strokes.flat();
  const [left, top] = [Math.min(...points.map(p => p.x)), Math.min(...points.map(p => p.y))];
  const size = Math.max(Math.max(...points.map(p => p.x)) - left, Math.max(...points.map(p => p.y)) - top, 1);
  const scale = (side - 1 - 2 * MARGIN) / size;
  const pixels = new Array(side * side).fill(0);
  for (const stroke of strokes) {
    for (let i = 0; i < stroke.length; i++) {
      const [from, to] = [stroke[Math.max(i - 1, 0)], stroke[i]];
      const steps = Math.max(1, Math.ceil(2 * scale * Math.hypot(to.x - from.x, to.y - from.y)));
      for (let s = 0; s <= steps; s++)
        ink(MARGIN + scale * (from.x + (to.x - from.x) * s / steps - left), MARGIN + scale * (from.y + (to.y - from.y) * s / steps - top));
    }
  }
  return pixels;

  // A soft dot: the four pixels around the point share its ink.
  function ink(x, y) {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
      const [c, r] = [column + dx, row + dy];
      if (c < side && r < side)
        pixels[r * side + c] = Math.max(pixels[r * side + c], (1 - Math.abs(x - c)) * (1 - Math.abs(y - r)));
    }
  }
}
