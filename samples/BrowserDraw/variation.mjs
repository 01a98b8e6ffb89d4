// How drawings vary.

/** A normal random number. @param {() => number} random from 0 to 1 */
export function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A function of points that slants, stretches and turns them. @returns {([x, y]: number[]) => number[]} */
export function transform(turn, slant, stretch) {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return ([x, y]) => {
    const [right, down] = [stretch * (x + slant * y), y / stretch];
    return [cos * right - sin * down, sin * right + cos * down];
  };
}
