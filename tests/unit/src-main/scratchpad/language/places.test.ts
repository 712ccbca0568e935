import { describe, expect, test } from 'vitest';
import { run } from './run';

/** Where an error is shown: line from 1, columns from 0, the end behind the last character. */
describe('the place of an error', () => {
  test.each([
    ['1 + "a"', 'TypeError', [1, 0, 1, 7]],
    ['x = 5\ny = x.foo', 'AttributeError', [2, 4, 2, 9]],
    ['a = [1]\nprint(a[0] + a[7])', 'IndexError', [2, 13, 2, 17]],
    ['d = {}\nd["k"]', 'KeyError', [2, 0, 2, 6]],
    ['for i in 5: pass', 'TypeError', [1, 9, 1, 10]],
    ['print(len(5))', 'TypeError', [1, 6, 1, 12]],
    ['x = unknown + 1', 'NameError', [1, 4, 1, 11]],
    ['a, b = 1, 2, 3', 'ValueError', [1, 0, 1, 4]],
    ['if 1:\n    assert 2 == 3', 'AssertionError', [2, 4, 2, 17]],
    ['raise ValueError("x")', 'ValueError', [1, 0, 1, 21]],
    ['x = (1 +\n     "a")', 'TypeError', [1, 5, 2, 8]],
    ['f"{1 / 0}"', 'ZeroDivisionError', [1, 3, 1, 8]],
    ['import os', 'ModuleNotFoundError', [1, 7, 1, 9]],
    ['[x / 0 for x in [1]]', 'ZeroDivisionError', [1, 1, 1, 6]],
    ['with 5: pass', 'TypeError', [1, 5, 1, 6]],
    ['del nothing', 'NameError', [1, 4, 1, 11]],
    ['x = 08', 'SyntaxError', [1, 4, 1, 6]],
    ['print("a"\nx = 1', 'SyntaxError', [1, 5, 1, 6]],
    ['x = = 1', 'SyntaxError', [1, 4, 1, 5]],
    ['print(a b)', 'SyntaxError', [1, 6, 1, 9]],
    ['привет = 1\nпривет.x', 'AttributeError', [2, 0, 2, 8]],
  ])('%s', (source, kind, [line, column, endLine, endColumn]) => {
    expect(run(source).error).toMatchObject({ kind, position: { line, column, endLine, endColumn } });
  });

  test('an error in a function tells the calls that led there', () => {
    const program = 'def f(x):\n    return 1 / x\ndef g():\n    return f(0)\n\ng()';
    const { error } = run(program);
    expect(error).toMatchObject({ kind: 'ZeroDivisionError', position: { line: 2, column: 11 } });
    expect(error?.traceback.map(({ name, position }) => [name, position.line])).toEqual([
      ['g', 6],
      ['f', 4],
    ]);
  });

  test('an error raised again keeps its place', () => {
    const program = 'try:\n    1 / 0\nexcept ZeroDivisionError:\n    x = 5\n    raise';
    expect(run(program).error?.position).toMatchObject({ line: 2 });
  });

  test('an error of a function that an earlier cell defined', () => {
    const { error } = run(['def f():\n    return 1 / 0', '\nf()']);
    expect(error?.traceback).toMatchObject([{ name: 'f', position: { line: 2 } }]);
  });
});

describe('hints', () => {
  test.each([
    ['lenght = 5\nlenhgt', 'did you mean lenght?'],
    ['pritn(1)', 'did you mean print?'],
    ['[].apend(1)', 'did you mean append?'],
    ['open("x")', 'there are no files here; data come from torch, numpy, or the project'],
    ['np.zeros(3)', 'write import numpy as np first'],
    ['torch.ones(2)', 'write import torch first'],
    ['a && b', 'write and'],
    ['a || b', 'write or'],
    ['x = “a”', 'write " or \' around a text'],
    ['x = (1, 2', 'write the ) that belongs to it'],
    ['if 1:\npass', 'indent the next line by four spaces'],
    ['if 1:\n\tx = 1\n        y = 2', 'indent with spaces only, four for each level'],
    ['class A(list): pass', 'keep the list in an attribute of the class'],
    ['def f():\n    return (yield 1) + 1', 'assign what yield gives to a name first'],
  ])('%s', (source, hint) => {
    expect(run(source).error?.hint).toBe(hint);
  });
});

describe('what this Python leaves out says so', () => {
  test.each([
    ['x = 1j', 'complex numbers are not supported here'],
    ["x = b'a'", 'bytes are not supported here; leave out the b'],
    ['async def f(): pass', 'asynchronous code is not supported here'],
    ['match x:\n    case 1: pass', 'match is not supported here; use if and elif'],
    ['from . import x', 'relative imports are not supported here: there are no files'],
    ['try: pass\nexcept* ValueError: pass', 'except* is not supported here; write except'],
    ['class A(B, metaclass=C): pass', 'keyword arguments of a class are not supported here'],
    ['class A: pass\nclass B: pass\nclass C(A, B): pass', 'more than one base class is not supported here'],
    ['(-8) ** 0.5', 'a negative number to a fractional power is a complex number, and those are not supported here'],
    ["'\\N{BULLET}'", 'characters by name are not supported here; write the character itself or its \\u number'],
  ])('%s', (source, message) => {
    expect(run(source).error?.message).toContain(message);
  });

  test('arguments of built-in functions are counted as those of others are', () => {
    expect(run('len()').error?.message).toBe("len() missing 1 required positional argument: 'obj'");
    expect(run('len([1], [2])').error?.message).toBe('len() takes 1 positional argument but 2 were given');
    expect(run('print(1, foo=2)').error?.message).toBe("print() got an unexpected keyword argument 'foo'");
  });
});

test('cells share variables, also those of functions', () => {
  expect(run(['x = 1', 'def f(): return x', 'x = 2', 'f()']).result).toBe('2');
  expect(run(['def f(): return later', 'later = 3', 'f()']).result).toBe('3');
});

test('only the last line is shown, and None is not', () => {
  expect(run('1\n2\n3').result).toBe('3');
  expect(run('None').result).toBeNull();
  expect(run('x = 5').result).toBeNull();
  expect(run('').result).toBeNull();
  expect(run('5;').result).toBe('5');
});
