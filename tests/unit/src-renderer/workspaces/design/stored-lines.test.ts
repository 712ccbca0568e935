import { expect, it } from 'vitest';
import { storedLines } from '../../../../../src-renderer/workspaces/design/stored-lines';

it('gives every attribute of an operator a line', () => {
  expect(storedLines('{"direction":"bidirectional","hidden_size":5,"perm":[1,0,2]}')).toEqual([
    { name: 'direction', value: 'bidirectional' },
    { name: 'hidden_size', value: '5' },
    { name: 'perm', value: '1, 0, 2' },
  ]);
});

it('shows shapes in brackets, and what is left out as a dash', () => {
  expect(
    storedLines(
      '{"inputs":[0,"","r"],"shapes":[[6,3]],"outputs":[[5],null],"stored":[],"w":[{"name":"r","dims":[2]}]}',
    ),
  ).toEqual([
    { name: 'inputs', value: '0, –, r' },
    { name: 'shapes', value: '[6, 3]' },
    { name: 'outputs', value: '[5], –' },
    { name: 'stored', value: '–' },
    { name: 'w', value: 'name r dims [2]' },
  ]);
});

it('knows no lines in a word, in spoilt JSON; none in empty braces', () => {
  expect(storedLines('LSTM')).toBeNull();
  expect(storedLines('{"axis":')).toBeNull();
  expect(storedLines('{}')).toEqual([]);
});
