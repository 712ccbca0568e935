import { describe, expect, test } from 'vitest';
import { run } from './run';

/** Programs that want to hang the app, fill the memory or reach what is not theirs: all end soon, with an error that says why. */

const limits = { steps: 2_000_000, milliseconds: 3000, memory: 2 ** 24, output: 10_000 };

describe('programs that never end', () => {
  test.each([
    ['while True: pass', 'StepLimit'],
    ['while True:\n  try:\n    pass\n  except: pass', 'StepLimit'],
    ['def f():\n  while True:\n    try: yield 1\n    finally: pass\nfor x in f(): pass', 'StepLimit'],
    ['while True:\n  try:\n    while True: pass\n  except BaseException: pass', 'StepLimit'],
    ['try:\n  while True: pass\nfinally:\n  while True: pass', 'StepLimit'],
    ['def f():\n  try: return f()\n  finally: f()\nf()', 'TimeLimit'],
    ['sum(range(10 ** 15))', 'StepLimit'],
    ['max(x for x in range(10 ** 12))', 'StepLimit'],
    ['all(True for _ in iter(int, 1))', 'TypeError'],
    ['a, b = (x for x in range(10 ** 12) if x < 1)', 'StepLimit'],
    ['10 ** 12 in (x for x in range(10 ** 13))', 'StepLimit'],
    ['class A:\n  def __getitem__(self, i): return 1\nfor x in A(): pass', 'StepLimit'],
    ['class A:\n  def __iter__(self): return self\n  def __next__(self): return 1\nlist(A())', 'MemoryError'],
    ['x = [1]\nfor i in x: x.append(i)', 'MemoryError'],
    ['sorted([1, 2, 3], key=lambda x: [0 for _ in iter([0] * 3) for _ in range(10 ** 9)])', 'MemoryError'],
    ['while True: print("x" * 100)', 'OutputLimit'],
    ['print("x" * 100_000)', 'OutputLimit'],
    ['pow(3, 10 ** 1000000, 7)', 'StepLimit'],
  ])('%s', (source, kind) => {
    const { error } = run(source, limits);
    expect(error?.kind).toBe(kind);
  });

  test('the time is limited as well', () => {
    const started = performance.now();
    const { error } = run('while True: pass', { milliseconds: 100 });
    expect(error).toMatchObject({ kind: 'TimeLimit', message: 'the cell was ended after 0 s' });
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('deep recursion', () => {
  test.each([
    'def f(): return f()\nf()',
    'f = lambda: f()\nf()',
    'class A:\n  def __repr__(self): return repr(self)\nrepr(A())',
    'class A:\n  def __getattr__(self, n): return self.x\nA().y',
    'class A:\n  def __eq__(self, o): return self == o\nA() == A()',
    'class A:\n  def __init__(self): A()\nA()',
    'def g(): yield from g()\nlist(g())',
    'x = []\nfor i in range(100000): x = [x]\nrepr(x)',
    'x = []\nfor i in range(100000): x = [x]\nx == [x]',
    'd = {}\nfor i in range(100000): d = {"d": d}\nstr(d)',
    'a, b = [], []\na.append(b); b.append(a)\na == b',
  ])('%s', (source) => {
    expect(run(source).error?.kind).toBe('RecursionError');
  });

  test('it can be caught, and the program goes on', () => {
    const program = 'def f(): return f()\ntry: f()\nexcept RecursionError as e: print(e)\n1 + 1';
    expect(run(program)).toMatchObject({ printed: 'maximum recursion depth exceeded\n', result: '2' });
  });

  test.each([
    ['('.repeat(1000), 'too many nested parentheses or blocks'],
    [`${'['.repeat(150)}${']'.repeat(150)}`, 'too many nested parentheses or blocks'],
    [`${'-'.repeat(20_000)}1`, 'too many nested parentheses or blocks'],
    [`${'not '.repeat(20_000)}1`, 'too many nested parentheses or blocks'],
    [`${'lambda: '.repeat(5000)}1`, 'too many nested parentheses or blocks'],
    [Array.from({ length: 110 }, (_, i) => `${' '.repeat(i)}if 1:`).join('\n'), 'too many levels of indentation'],
    [`x = ${'1 + '.repeat(20_000)}1`, 'the expression is too long; split it'],
    [`f${'()'.repeat(20_000)}`, 'the expression is too long; split it'],
    [`f${'.a'.repeat(20_000)}`, 'the expression is too long; split it'],
  ])('in the text: %#', (source, message) => {
    expect(run(source).error).toMatchObject({ message });
  });
});

describe('bombs', () => {
  test.each([
    "'a' * 10 ** 9",
    '[0] * 10 ** 9',
    '(1, 2) * 10 ** 9',
    '10 ** 10 ** 10',
    '2 ** 10 ** 8',
    '1 << 10 ** 9',
    'x = 2\nwhile True: x = x * x',
    'x = "a"\nwhile True: x += x',
    'x = [1]\nwhile True: x += x',
    'x = (1,)\nwhile True: x = x + x',
    'list(range(10 ** 12))',
    '[i for i in range(10 ** 12)]',
    '{i for i in range(10 ** 12)}',
    '{i: i for i in range(10 ** 12)}',
    'tuple(range(10 ** 12))',
    '[*range(10 ** 12)]',
    'x = []\nwhile True: x.append(1)',
    'd = {}\ni = 0\nwhile True:\n  d[i] = i\n  i += 1',
    "'ab'.replace('', 'x' * 10 ** 7) * 3",
    "','.join(['a' * 1000] * 100000)",
    "'a'.ljust(10 ** 9)",
    "'a'.zfill(10 ** 9)",
    "'a'.center(10 ** 10)",
    "'{:>99999}'.format(1) * 10000",
    "f'{1:99999}' * 10000",
    'x = [0] * 1000\nfor _ in range(5): x = [x] * 1000\nrepr(x)',
    'class A: pass\na = A()\ni = 0\nwhile True:\n  setattr(a, f"x{i}", i)\n  i += 1',
    'x = None\nwhile True: x = (x, [x])',
  ])('%s', (source) => {
    expect(run(source, { memory: 2 ** 24, milliseconds: 20_000 }).error?.kind).toBe('MemoryError');
  });

  test.each([
    ["'{:>999999999}'.format(1)", 'Too many decimal digits in format string'],
    ["f'{1.5:.999999999f}'", 'Too many decimal digits in format string'],
    ['str(10 ** 5000)', 'Exceeds the limit (4300 digits) for integer string conversion'],
    ['int("9" * 5000)', 'Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits'],
    ["'{0:{0:{0:{0}}}}'.format(1)", 'Max string recursion exceeded'],
  ])('%s', (source, message) => {
    expect(run(source).error).toMatchObject({ kind: 'ValueError', message });
  });

  test('a number of more digits in the text itself', () => {
    expect(run('9'.repeat(5000)).error).toMatchObject({ kind: 'SyntaxError' });
  });

  test('an endless text is refused before it is read', () => {
    expect(run('#'.repeat(1_000_001)).error?.message).toBe('the cell is longer than 1000000 characters');
  });
});

describe('ways out of the sandbox', () => {
  test.each([
    ['().__class__.__bases__', 'AttributeError'],
    ['().__class__.__mro__', 'AttributeError'],
    ['().__class__.__subclasses__()', 'AttributeError'],
    ['(lambda: 0).__globals__', 'AttributeError'],
    ['(lambda: 0).__code__', 'AttributeError'],
    ['len.constructor', 'AttributeError'],
    ['[].constructor', 'AttributeError'],
    ['"".__proto__', 'AttributeError'],
    ['{}.__proto__', 'AttributeError'],
    ['(5).toString()', 'AttributeError'],
    ['[].push(1)', 'AttributeError'],
    ['[].items', 'AttributeError'],
    ['{}.hasOwnProperty("a")', 'AttributeError'],
    ['(lambda: 0).code', 'AttributeError'],
    ['print.body', 'AttributeError'],
    ['print.signature', 'AttributeError'],
    ['(x for x in []).iterator', 'AttributeError'],
    ['getattr(print, "body")', 'AttributeError'],
    ['getattr([], "constructor")', 'AttributeError'],
    ["'{0.constructor}'.format(1)", 'AttributeError'],
    ["'{0.__class__.__init__.__globals__}'.format(print)", 'AttributeError'],
    ['class A: pass\nA.prototype', 'AttributeError'],
    ['class A: pass\nA().native', 'AttributeError'],
    ['class A: pass\nA().attributes', 'AttributeError'],
    ['ValueError("x").stack', 'AttributeError'],
    ['try: 1/0\nexcept Exception as e: e.exception', 'AttributeError'],
    ['int.foo = 1', 'TypeError'],
    ['int.__init__ = print', 'TypeError'],
    ['len.x = 1', 'AttributeError'],
    ['class A(int): pass', 'TypeError'],
    ['class A(type): pass', 'TypeError'],
    ['type("A", (), {})', 'TypeError'],
    ['eval("1")', 'NameError'],
    ['exec("1")', 'NameError'],
    ['compile("1", "a", "eval")', 'NameError'],
    ['open("/etc/passwd")', 'NameError'],
    ['__import__("os")', 'NameError'],
    ['__builtins__', 'NameError'],
    ['globals()', 'NameError'],
    ['input()', 'NameError'],
    ['globalThis', 'NameError'],
    ['process', 'NameError'],
    ['require("fs")', 'NameError'],
    ['this', 'NameError'],
    ['arguments', 'NameError'],
    ['undefined', 'NameError'],
    ['import os', 'ModuleNotFoundError'],
    ['import sys', 'ModuleNotFoundError'],
    ['import constructor', 'ModuleNotFoundError'],
    ['from __proto__ import x', 'ModuleNotFoundError'],
    ['print(1, file=5)', 'ValueError'],
  ])('%s', (source, kind) => {
    expect(run(source).error?.kind).toBe(kind);
  });

  test("JavaScript's words and properties are names like any other", () => {
    const names = (
      'constructor __proto__ prototype toString valueOf hasOwnProperty this arguments undefined NaN Infinity function var ' +
      'let const new delete typeof void null true false switch case default do instanceof export enum eval static public ' +
      'interface package implements protected private process globalThis window require module exports Object then'
    ).split(' ');
    for (const name of names) {
      const program = [
        `${name} = 5`,
        `def f(${name}): return ${name} + 1`,
        `class A:\n  ${name} = 1`,
        `a = A(); a.${name} = 2; d = {'${name}': 3}; d['${name}'] += 1`,
        `def g():\n  ${name} = 7\n  return lambda: ${name}`,
        `${name}, f(1), A.${name}, a.${name}, d, g()(), f(${name}=8), '{${name}}'.format(${name}=9)`,
      ].join('\n');
      expect(run(program).result).toBe(`(5, 2, 1, 2, {'${name}': 4}, 7, 9, '9')`);
    }
  });

  test('a __proto__ that is set changes nothing but itself', () => {
    const program = [
      'class A: pass',
      'a = A(); a.__proto__ = {"polluted": 1}; A.__proto__ = 5',
      'd = {}; d["__proto__"] = {"polluted": 1}; d["constructor"] = 1',
      'hasattr(A(), "polluted"), {}.get("polluted"), d.get("polluted"), len(d)',
    ].join('\n');
    expect(run(program).result).toBe('(False, None, None, 2)');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

test('after any of this the same notebook works', () => {
  const cells = ['def f(): return f()\nf()', 'while True: pass', "x = 'a' * 10 ** 9", 'x = 41', 'x + 1'];
  expect(run(cells, { milliseconds: 200 }).result).toBe('42');
});
