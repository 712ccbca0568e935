import { expect, test } from 'vitest';
import type { Preprocessing } from '../../../../shared/project/preprocessing';
import { readMetadata, writeMetadata } from '../../../../src-main/onnx/metadata';

const preprocessing: Preprocessing = {
  format: 1,
  input: {
    kind: 'columns',
    columns: [
      { encoding: 'number', column: 'x', date: false, offset: 1, scale: 2, blank: 1 },
      { encoding: 'one-hot', column: 'colour', values: ['red', 'зелёный'] },
    ],
  },
  target: { kind: 'classes', column: 'kind', classes: ['a', 'b'] },
};

test('what is written is read back', () => {
  const metadata = {
    project: 'Ирисы',
    preprocessing,
    classes: ['a', 'b'],
    scalesItself: false,
    givesProbabilities: true,
  };
  expect(readMetadata(writeMetadata(metadata), 'm.onnx')).toEqual(metadata);
});

test('a file of another program has no metadata of ours', () => {
  expect(readMetadata({ author: 'somebody' }, 'm.onnx')).toEqual({
    project: null,
    preprocessing: null,
    classes: null,
    scalesItself: false,
    givesProbabilities: false,
  });
});

test.each([
  ['no JSON', { 'deltalab.preprocessing': '{' }, 'deltalab.preprocessing'],
  ['a newer format', { 'deltalab.preprocessing': '{"format":2}' }, 'deltalab.preprocessing.format'],
  ['classes that are no texts', { 'deltalab.classes': '[1]' }, 'deltalab.classes.0'],
])('%s is refused, with the file and the place', (_, texts, place) => {
  expect(() => readMetadata(texts as Record<string, string>, 'm.onnx')).toThrow(`m.onnx`);
  expect(() => readMetadata(texts as Record<string, string>, 'm.onnx')).toThrow(place);
});
