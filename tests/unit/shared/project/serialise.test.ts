import { describe, expect, it } from 'vitest';
import { projectSchema } from '../../../../shared/project/document';
import { parseProject, stringifyProject } from '../../../../shared/project/serialise';

const document = projectSchema.parse({
  format: 1,
  name: 'net',
  data: { kind: 'none' },
  network: {
    layers: [{ id: 'linear', kind: 'linear', parameters: { units: 3, bias: true }, position: { x: 0, y: 1 } }],
    edges: [],
  },
  training: {},
});

describe('stringifyProject', () => {
  it('writes equal documents as equal texts, whatever the order of their keys', () => {
    const shuffled = {
      training: Object.fromEntries(Object.entries(document.training).reverse()),
      network: { edges: [], layers: [{ ...document.network.layers[0]!, parameters: { bias: true, units: 3 } }] },
      data: document.data,
      name: 'net',
      format: 1,
    } as unknown as typeof document;
    expect(stringifyProject(shuffled)).toBe(stringifyProject(document));
    expect(parseProject(stringifyProject(document), 'p').document).toEqual(document);
  });
});

describe('parseProject', () => {
  it('brings an older format up step by step, and says which it was', () => {
    const old = JSON.stringify({ ...document, format: 0, name: undefined, title: 'net' });
    const steps = { 0: ({ title, ...rest }: Record<string, unknown>) => ({ ...rest, name: title }) };
    expect(parseProject(old, 'p', steps)).toEqual({ document, migratedFrom: 0 });
  });
  it('refuses an older format that has no step', () => {
    expect(() => parseProject(JSON.stringify({ ...document, format: -1 }), 'p')).toThrow('never released');
  });
  it('names the path of the first bad value', () => {
    const bad = structuredClone(document) as unknown as { training: { lanes: { learningRate: number }[] } };
    bad.training.lanes[1]!.learningRate = -1;
    expect(() => parseProject(JSON.stringify(bad), '/p/project.json')).toThrow(
      expect.objectContaining({
        code: 'project.invalid',
        details: expect.objectContaining({
          path: '/p/project.json',
          field: 'training.lanes.1.learningRate',
        }) as unknown,
      }),
    );
  });
  it('reads a file with a byte order mark', () => {
    expect(parseProject(`\uFEFF${stringifyProject(document)}`, 'p').migratedFrom).toBeNull();
  });
});
