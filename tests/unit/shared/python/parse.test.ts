import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../../../../shared/python/parse';
import { analyseScopes } from '../../../../shared/python/scopes';

const places = (text: string): [number, string][] =>
  parse(text).problems.map(({ position, message }) => [position.line, message]);

test('every mistake of a text is found, and what lies between is read', () => {
  const text = ['x = = 1', 'y = 2', 'def f(a)', '    return a', 'print(a b)', 'z = 3'].join('\n');
  expect(places(text)).toEqual([
    [1, 'invalid syntax'],
    [3, "expected ':'"],
    [5, 'invalid syntax. Perhaps you forgot a comma?'],
  ]);
  expect(parse(text).module.body.map(({ kind }) => kind)).toEqual(['assign', 'assign']);
});

test('a bracket that is still being typed does not swallow the statements below', () => {
  expect(places('x = f(1,\n\ndef g():\n    return 1\n')).toEqual([[1, "'(' was never closed"]]);
});

test('a mistake inside a block leaves the block', () => {
  const text = 'def f():\n    x = (\n    return 1\ny = $\n';
  expect(places(text).map(([line]) => line)).toEqual([2, 4]);
});

test('at most twenty mistakes are told', () => {
  expect(parse('= 1\n'.repeat(100)).problems).toHaveLength(20);
});

test('no text at all makes the parser throw or hang', () => {
  const piece = fc.constantFrom(
    ...[
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ':',
      ',',
      '.',
      '=',
      '==',
      ' ',
      '\n',
      '\n    ',
      '\t',
      'if',
      'else',
      'for',
      'in',
      'def',
      'f',
    ],
    ...[
      'class',
      'lambda',
      'yield',
      'x',
      '1',
      '0x',
      '1.5e',
      '"',
      "'",
      "f'",
      '"""',
      "f'{",
      '!r',
      '\\',
      '#',
      '@',
      '*',
      '**',
      '->',
    ],
    ...[
      'try',
      'except',
      'finally',
      'with',
      'as',
      'import',
      'from',
      'global',
      'nonlocal',
      'not',
      'is',
      '𝒳',
      '\0',
      '\r',
      ';',
      ':=',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const { module, problems } = parse(pieces.join(''));
      if (problems.length === 0) analyseScopes(module);
      for (const { position } of problems) {
        expect(position.line).toBeGreaterThan(0);
        expect(position.column).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 3000 },
  );
});
