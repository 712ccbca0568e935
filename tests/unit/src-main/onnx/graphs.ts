import type { Graph } from '../../../../shared/network/graph';

/** 3 → 4 → 2 with a LeakyRelu whose alpha is whole, a Reshape and a frozen constant: what the encoder has to keep apart. */
export function smallGraph(): Graph {
  const values = (count: number, start: number): Float32Array =>
    Float32Array.from({ length: count }, (_, index) => Math.fround((start + index) / 10));
  return {
    name: 'network',
    nodes: [
      { name: 'flat', opType: 'Reshape', inputs: ['input', 'flat.shape'], outputs: ['flat'], attributes: {} },
      {
        name: 'first',
        opType: 'Gemm',
        inputs: ['flat', 'first.weight', 'first.bias'],
        outputs: ['first'],
        attributes: { transB: 1, beta: 1, alpha: 1 },
      },
      { name: 'leak', opType: 'LeakyRelu', inputs: ['first'], outputs: ['leak'], attributes: { alpha: 1 } },
      { name: 'shift', opType: 'Add', inputs: ['leak', 'shift.by'], outputs: ['shift'], attributes: {} },
      {
        name: 'second',
        opType: 'Gemm',
        inputs: ['shift', 'second.weight'],
        outputs: ['output'],
        attributes: { transB: 1 },
      },
    ],
    initializers: [
      { name: 'flat.shape', dims: [2], data: new BigInt64Array([0n, -1n]) },
      { name: 'first.weight', dims: [4, 3], data: values(12, -6) },
      { name: 'first.bias', dims: [4], data: values(4, 1) },
      { name: 'shift.by', dims: [], data: new Float32Array([0.5]), frozen: true },
      { name: 'second.weight', dims: [2, 4], data: values(8, -3) },
    ],
    inputs: [{ name: 'input', dims: [-1, 3] }],
    outputs: [{ name: 'output', dims: [-1, 2] }],
  };
}
