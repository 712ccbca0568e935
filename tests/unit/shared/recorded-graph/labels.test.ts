import { expect, test } from 'vitest';
import { boxLines, linkLabels, nodeTitle, summaryText } from '../../../../shared/recorded-graph/labels';
import type { RecordedNode } from '../../../../shared/recorded-graph/recorded-graph';
import type { Direction } from '../../../../shared/recorded-graph/visible';
import { edge, lectureGraph, node } from './graphs';
import { plainWords } from './words';

const { number } = plainWords;
const numbers = (...values: number[]) => ({ kind: 'numbers' as const, numbers: values });
const texts = (shown: RecordedNode, direction: Direction): string[] =>
  boxLines({ id: 'n', node: shown, layer: null, inside: null, branch: null }, direction, plainWords).map(
    ({ text }) => text,
  );

test('numbers: one, a few, the range of many', () => {
  expect(summaryText(numbers(7), number)).toBe('7');
  expect(summaryText(numbers(1, 2.5, -3), number)).toBe('[1, 2.5, -3]');
  expect(summaryText(numbers(1, 2, NaN, 4), number)).toBe('1 … 4');
  expect(summaryText(numbers(NaN, NaN, NaN, NaN), number)).toBe('NaN');
  const many = { kind: 'statistics' as const, minimum: -2, maximum: 3, mean: 0, norm: 9 };
  expect(summaryText(many, number)).toBe('-2 … 3');
  expect(summaryText({ ...many, minimum: 3 }, number)).toBe('3');
});

test('titles: names, what ran, a number by itself', () => {
  expect(lectureGraph.nodes.map((one) => nodeTitle(one, plainWords))).toEqual(['b', 'c', 'Add', '2', 'Add', 'a = Mul']);
});

test('a box tells what belongs to its direction', () => {
  const made = node('n', {
    name: 'loss',
    operator: 'ReduceMean',
    value: 3,
    gradFunction: 'MeanBackward0',
    requiresGrad: true,
  });
  const shown = { ...made, outputs: made.outputs.map((one) => ({ ...one, shape: [1], gradient: numbers(1) })) };
  expect(texts(shown, 'forward')).toEqual(['loss = ReduceMean', '[1]', '3']);
  expect(texts(shown, 'backward')).toEqual(['loss = ReduceMean', 'MeanBackward0', '[1]', '∂ 1']);
  expect(texts(shown, 'both')).toEqual(['loss = ReduceMean', 'MeanBackward0', '[1]', '3', '∂ 1']);
  expect(texts(node('two', { kind: 'constant', value: 2 }), 'both')).toEqual(['2']);
});

test('a link tells the shape that goes forward and the gradient that comes back', () => {
  const made = node('x', { kind: 'leaf', name: 'x' });
  const source = { ...made, outputs: made.outputs.map((one) => ({ ...one, shape: [80, 1] })) };
  const link = {
    from: 'x',
    to: 'y',
    edges: [{ ...edge('x', 'y'), requiresGrad: true, gradient: numbers(0.5) }],
    requiresGrad: true,
  };
  expect(linkLabels(link, source, 'both', plainWords)).toEqual({ forward: '[80, 1]', backward: '∂ 0.5' });
  expect(linkLabels(link, source, 'forward', plainWords).backward).toBeNull();
  expect(linkLabels(link, source, 'backward', plainWords).forward).toBeNull();
});
