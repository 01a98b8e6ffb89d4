// Drawings of a ring, a cross and a zigzag by an unsteady hand.
const wobble = () => 12 * (Math.random() - 0.5);
const line = points => points.map(([x, y]) => ({ x: 140 + 90 * x + wobble(), y: 140 + 90 * y + wobble() }));

const shapes = {
  A: () => [line(Array.from({ length: 25 }, (_, i) => [Math.cos(i * Math.PI / 12), Math.sin(i * Math.PI / 12)]))],
  B: () => [line([[-1, -1], [0, 0], [1, 1]]), line([[1, -1], [0, 0], [-1, 1]])],
  C: () => [line([[-1, -0.9], [1, -0.9], [-1, 0.9], [1, 0.9]])],
};

export const demoClasses = Object.keys(shapes);

export const drawDemo = name => shapes[name]();
