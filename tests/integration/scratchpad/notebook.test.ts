import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CellOutput } from '../../../shared/api/scratchpad';
import { LabError } from '../../../shared/errors';
import { testLab, waitFor, type TestLab } from '../support/lab';

let lab: TestLab;
const pids: number[] = [];

beforeAll(async () => {
  lab = await testLab({ onLaunch: (pid) => pids.push(pid) });
});
afterAll(() => lab.close());

async function open(): Promise<{ id: string; run: (code: string, cell?: string) => ReturnType<typeof runIn> }> {
  const { scratchpad } = await lab.lab.call('scratchpad.open', {});
  return { id: scratchpad, run: (code, cell = 'a') => runIn(scratchpad, cell, code) };
}

const runIn = (scratchpad: string, cell: string, code: string) =>
  lab.lab.call('scratchpad.run', { scratchpad, cell, code });

function printed(scratchpad: string, cell: string): string {
  return lab.events
    .filter(({ event }) => event === 'scratchpad.output')
    .map(({ payload }) => payload as { scratchpad: string; cell: string; pieces: CellOutput[] })
    .filter((output) => output.scratchpad === scratchpad && output.cell === cell)
    .flatMap(({ pieces }) => pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')))
    .join('');
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('cells share variables; the last line is shown', async () => {
  const { id, run } = await open();
  expect(await run('x = 6\nprint("hello")')).toMatchObject({ status: 'done', value: null });
  expect(await run('def f(n): return n * 7\nf(x)')).toMatchObject({ status: 'done', value: '42' });
  expect(printed(id, 'a')).toBe('hello\n');
  expect(await lab.lab.call('scratchpad.variables', { scratchpad: id })).toEqual([
    { name: 'x', type: 'int', shape: null, device: null, text: '6', network: false },
    { name: 'f', type: 'function', shape: null, device: null, text: '<function f>', network: false },
  ]);
});

test('output comes while the cell runs, in order and whole', async () => {
  const { id, run } = await open();
  const ended = run('print("first")\nfor i in range(3000): print(i)\nwhile True: pass', 'b');
  await waitFor(
    lab,
    'scratchpad.output',
    ({ scratchpad, cell }) => scratchpad === id && cell === 'b' && printed(id, 'b').endsWith('2999\n'),
  );
  await lab.lab.call('scratchpad.stop', { scratchpad: id });
  expect(await ended).toMatchObject({ status: 'failed', error: { kind: 'Stopped', range: { line: 3 } } });
  expect(printed(id, 'b')).toBe(`first\n${Array.from({ length: 3000 }, (_, i) => `${i}\n`).join('')}`);
});

test('stop ends `while True: pass` within 100 ms, and the variables are kept', async () => {
  const { id, run } = await open();
  await run('kept = 5');
  const ended = run('while True:\n    try: pass\n    finally: pass');
  await pause(200);
  const asked = performance.now();
  await lab.lab.call('scratchpad.stop', { scratchpad: id });
  const outcome = await ended;
  expect(performance.now() - asked).toBeLessThan(100);
  expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'Stopped' } });
  expect(await run('kept')).toMatchObject({ value: '5' });
});

test('one cell at a time', async () => {
  const { id, run } = await open();
  const ended = run('while True: pass');
  await pause(100);
  await expect(run('1')).rejects.toThrow(new LabError('scratchpad.busy').message);
  await lab.lab.call('scratchpad.stop', { scratchpad: id });
  await ended;
});

test('a killed process is reported in words, and the next cell starts anew', async () => {
  const { id, run } = await open();
  await run('x = 1');
  const pid = pids.at(-1) as number;
  const ended = run('while True: pass');
  const caught = ended.catch((error: unknown) => error);
  await pause(200);
  process.kill(pid, 'SIGKILL');
  const error = await caught;
  expect(error).toBeInstanceOf(LabError);
  expect(error).toMatchObject({
    code: 'scratchpad.died',
    details: { cause: 'signal', signal: 'SIGKILL' },
    message: expect.stringContaining('SIGKILL') as string,
  });
  await waitFor(lab, 'scratchpad.died', ({ scratchpad }) => scratchpad === id);
  expect(await run('x')).toMatchObject({ status: 'failed', error: { kind: 'NameError' } });
  expect(await run('1 + 1')).toMatchObject({ value: '2' });
});

test('errors tell kind, message, place and the calls that led there', async () => {
  const { run } = await open();
  expect(await run('def f(a):\n    return a + "x"\n\nf(1)')).toMatchObject({
    status: 'failed',
    error: {
      kind: 'TypeError',
      message: "unsupported operand type(s) for +: 'int' and 'str'",
      range: { line: 2, column: 12, endLine: 2, endColumn: 19 },
      traceback: [{ name: 'f', line: 4 }],
    },
  });
});

test('a thousand calls inside calls fit, more are refused', async () => {
  const { run } = await open();
  const program = 'def f(n): return 0 if n == 0 else 1 + f(n - 1)\n';
  expect(await run(`${program}f(990)`)).toMatchObject({ value: '990' });
  expect(await run(`${program}f(2000)`)).toMatchObject({ error: { kind: 'RecursionError' } });
});

test('a program that takes too much memory ends with an error; afterwards the notebook works', async () => {
  const { run } = await open();
  expect(await run('x = []\nwhile True: x.append([0] * 10_000_000)')).toMatchObject({
    status: 'failed',
    error: { kind: 'MemoryError' },
  });
  expect(await run('x = None\n[i for i in range(3)]')).toMatchObject({ value: '[0, 1, 2]' });
});

test('what is thrown away does not count as memory', async () => {
  const { run } = await open();
  expect(await run('for i in range(20): x = [0] * 5_000_000\nlen(x)')).toMatchObject({ value: '5000000' });
});

test('tensors of the engine, with their shapes among the variables', async () => {
  const { id, run } = await open();
  const program = [
    'import torch',
    'x = 2 * torch.ones(2, 2)',
    'x.requires_grad_()',
    'z = 2 * x * x + 5 * x',
    'z.backward(torch.ones(2, 2))',
    'print(z.detach())',
    'x.grad',
  ].join('\n');
  expect(await run(program, 'torch')).toMatchObject({ value: 'tensor([[13., 13.],\n        [13., 13.]])' });
  expect(printed(id, 'torch')).toBe('tensor([[18., 18.],\n        [18., 18.]])\n');
  const variables = await lab.lab.call('scratchpad.variables', { scratchpad: id });
  expect(variables.map(({ name, type, shape }) => [name, type, shape])).toEqual([
    ['x', 'Tensor', [2, 2]],
    ['z', 'Tensor', [2, 2]],
  ]);
});

test('reset forgets the variables', async () => {
  const { id, run } = await open();
  await run('x = 1');
  await lab.lab.call('scratchpad.reset', { scratchpad: id });
  expect(await lab.lab.call('scratchpad.variables', { scratchpad: id })).toEqual([]);
  expect(await run('x')).toMatchObject({ error: { kind: 'NameError' } });
});

test('suggestions at a place', async () => {
  const { id, run } = await open();
  await run('class Net:\n    def forward(self, x): return x\nnet = Net()\nnet.size = 3');
  const complete = (code: string) =>
    lab.lab.call('scratchpad.complete', { scratchpad: id, code, line: 1, column: code.length });
  expect((await complete('net.')).map(({ name }) => name)).toEqual(['forward', 'size']);
  expect(await complete('net.f')).toMatchObject([{ name: 'forward', kind: 'function', signature: 'self, x' }]);
  expect((await complete('enum')).map(({ name }) => name)).toEqual(['enumerate']);
  expect(await complete('"net.')).toEqual([]);
});

test('a notebook is taken up again by its id, and closed for good', async () => {
  const { id, run } = await open();
  await run('x = 1');
  expect(await lab.lab.call('scratchpad.open', { scratchpad: id })).toMatchObject({
    scratchpad: id,
    running: null,
    variables: [{ name: 'x' }],
  });
  await lab.lab.call('scratchpad.close', { scratchpad: id });
  await expect(run('x')).rejects.toMatchObject({ code: 'scratchpad.not-open' });
});
