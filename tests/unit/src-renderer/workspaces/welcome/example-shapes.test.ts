import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatorNames } from '../../../../../shared/project/data';
import { exampleShape } from '../../../../../src-renderer/workspaces/welcome/example-shapes';

const examples = readdirSync('examples', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

describe('drawings of the welcome page', () => {
  it('exist for every example and every generated set', () => {
    expect(examples.length).toBeGreaterThan(5);
    const without = [...examples, ...generatorNames].filter((name) => exampleShape(name) === null);
    expect(without).toEqual([]);
  });

  it.each([...new Set([...examples, ...generatorNames])])(
    '%s stays within its frame and is the same each time',
    (name) => {
      const shape = exampleShape(name)!;
      expect(exampleShape(name)).toEqual(shape);
      const values = shape.kind === 'pixels' ? shape.images.flat() : shape.points.flatMap(({ x, y }) => [x, y]);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values)).toBeLessThanOrEqual(1);
      if (shape.kind === 'pixels') expect(shape.images.every((image) => image.length === shape.side ** 2)).toBe(true);
      else expect(new Set(shape.points.map(({ group }) => group)).size).toBeLessThanOrEqual(3);
    },
  );

  it('is null for what it does not know', () => {
    expect(exampleShape('nonsense')).toBeNull();
  });
});
