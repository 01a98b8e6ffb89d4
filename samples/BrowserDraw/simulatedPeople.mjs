// Simulated people who draw invented characters: lines, arcs, rings, waves, corners and zigzags. Everything random comes from a generator.
import { normal, transform } from "./variation.mjs";

/** @param {number} seed @returns {() => number} numbers from 0 to 1, always the same (Mulberry32) */
export function generator(seed) {
  return () => {
    seed = seed + 0x6D2B79F5 | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

const curve = (point, from, to) => Array.from({ length: 25 }, (_, i) => point(from + (to - from) * i / 24));
const onCircle = angle => [Math.cos(angle), Math.sin(angle)];
const shapes = [
  () => [[-1.2, 0], [1.2, 0]],
  bend => curve(onCircle, 0, Math.PI * (0.5 + bend)),
  () => curve(onCircle, 0, 2 * Math.PI),
  bend => curve(x => [x, 0.5 * Math.sin(2.6 * (1 + bend) * x)], -1.2, 1.2),
  bend => [[-1, -1], [-1, 1], [2 * bend - 0.6, 1]],
  () => [[-1, -0.8], [1, -0.8], [-1, 0.8], [1, 0.8]],
];

/** A character: one to three strokes, each a shape with a place, a size and a direction. */
export function invent(random) {
  return Array.from({ length: 1 + Math.floor(3 * random()) }, () => ({
    shape: shapes[Math.floor(shapes.length * random())], bend: random(), x: random() - 0.5, y: random() - 0.5, size: 0.25 + 0.35 * random(),
    turn: Math.PI / 4 * Math.floor(8 * random()),
  }));
}

/** A person's manner of drawing, and how unsteady it is. */
export function person(random) {
  return { slant: 0.2 * normal(random), turn: 0.12 * normal(random), stretch: 0.15 * normal(random), unsteadiness: 0.6 + 0.8 * random() };
}

/** A drawing of a character by a person. @returns {{x: number, y: number}[][]} strokes */
export function draw(character, { slant, turn, stretch, unsteadiness }, random) {
  const about = (value, deviation) => value + deviation * unsteadiness * normal(random);
  const whole = transform(about(turn, 0.1), about(slant, 0.08), Math.exp(about(stretch, 0.1)));
  return character.map(stroke => {
    const [x, y, size] = [about(stroke.x, 0.06), about(stroke.y, 0.06), stroke.size * Math.exp(about(0, 0.15))];
    const part = transform(about(stroke.turn, 0.12), 0, Math.exp(about(0, 0.12)));
    return stroke.shape(stroke.bend).map(part).map(([right, down]) => whole([about(x + size * right, 0.025), about(y + size * down, 0.025)]))
      .map(([right, down]) => ({ x: 140 + 90 * right, y: 140 + 90 * down }));
  });
}
