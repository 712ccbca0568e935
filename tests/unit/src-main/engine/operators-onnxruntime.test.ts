import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../../shared/network/graph';
import type { Tensor } from '../../../../src-main/engine/native';
import { encodeModel } from '../../../../src-main/onnx/encode';
import { runModel } from '../../../../src-main/onnx/run';
import { difference, engine } from './native-fixtures';

// What is exported computes what was trained: every operator of the engine's table, at every sample it is tried with, as an ONNX file in
// an independent runtime. A new operator needs nothing here.

const tolerance = 1e-5;

/** Where onnxruntime cannot be asked; anything else must agree. */
const exceptions: { opTypes: string[]; reason: string; holds(sample: Graph): boolean }[] = [
  {
    opTypes: ['GlobalAveragePool', 'GlobalMaxPool'],
    reason: 'onnxruntime pools up to three dimensions',
    holds: ({ initializers }) => (initializers[0]?.dims.length ?? 0) > 5,
  },
  {
    opTypes: ['Mod'],
    reason: 'onnxruntime takes floats with fmod = 1 only',
    holds: ({ nodes }) => nodes[0]?.attributes.fmod !== 1,
  },
  {
    opTypes: ['AveragePool', 'MaxPool'],
    reason:
      'onnxruntime forgets the dilation when it works out SAME padding, and returns fewer values than the standard says',
    holds: ({ nodes }) =>
      String(nodes[0]?.attributes.auto_pad).startsWith('SAME') && 'dilations' in (nodes[0]?.attributes ?? {}),
  },
];

/** Further outputs that ONNX types as int64; a file of ours has float outputs only. */
const integerOutputs: Record<string, number[]> = { MaxPool: [1] };

/** Operators whose one output is a truth value or a whole number. */
const otherTypes: ReadonlySet<string> = new Set([
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Xor', 'Not', 'ArgMax', 'ArgMin'],
]);

function withFloatOutputs(sample: Graph): Graph {
  if (otherTypes.has(sample.nodes[0]?.opType ?? '')) {
    const [output] = sample.outputs;
    const cast = {
      name: 'cast',
      opType: 'Cast',
      inputs: [output?.name ?? ''],
      outputs: ['as-float'],
      attributes: { to: 1 },
    };
    return { ...sample, nodes: [...sample.nodes, cast], outputs: [{ name: 'as-float', dims: [] }] };
  }
  const nodes = sample.nodes.map((node) => ({
    ...node,
    outputs: node.outputs.filter((_, i) => !integerOutputs[node.opType]?.includes(i)),
  }));
  return { ...sample, nodes, outputs: sample.outputs.filter(({ name }) => nodes[0]?.outputs.includes(name)) };
}

/** Weights and values become inputs of the file, so that the runtime cannot fold the node away before it runs it. */
function withInputs(whole: Graph): { graph: Graph; inputs: Record<string, Tensor> } {
  const sample = withFloatOutputs(whole);
  const given = sample.initializers.filter(({ frozen }) => !frozen);
  return {
    graph: {
      ...sample,
      initializers: sample.initializers.filter(({ frozen }) => frozen),
      inputs: given.map(({ name, dims }) => ({ name, dims })),
      outputs: sample.outputs,
    },
    inputs: Object.fromEntries(given.map(({ name, dims, data }) => [name, { dims, data }])),
  };
}

/** Outputs get the shapes the engine found: a file names them. */
function named(graph: Graph, outputs: Record<string, Tensor>): Graph {
  return { ...graph, outputs: graph.outputs.map(({ name }) => ({ name, dims: outputs[name]?.dims ?? [] })) };
}

async function compare(sample: Graph): Promise<number> {
  const { graph, inputs } = withInputs(sample);
  const ours = engine.infer(graph, inputs);
  const theirs = await runModel(encodeModel(named(graph, ours)), inputs);
  return Math.max(
    ...Object.entries(theirs).map(([name, expected]) => {
      expect(ours[name]?.dims).toEqual(expected.dims);
      return difference(Array.from(ours[name]?.data ?? [], Number), Array.from(expected.data, Number));
    }),
  );
}

describe('an exported operator in onnxruntime equals the engine', () => {
  const cases = engine
    .operators()
    .flatMap(({ opType }) =>
      [1, 7].flatMap((batch) =>
        engine
          .operatorSamples(opType, batch)
          .map((sample, i) => [`${opType}, batch ${batch}, sample ${i}`, sample] as const),
      ),
    );

  it.each(cases)('%s', async (_, sample) => {
    const opType = sample.nodes[0]?.opType ?? '';
    if (exceptions.some(({ opTypes, holds }) => opTypes.includes(opType) && holds(sample))) {
      // The exception is needed: the day onnxruntime agrees, this says so.
      await expect(compare(sample).then((worst) => expect(worst).toBeLessThan(tolerance))).rejects.toThrow();
      return;
    }
    expect(await compare(sample)).toBeLessThan(tolerance);
  });

  it('and a wrong one is noticed', async () => {
    const sample = engine.operatorSamples('Tanh', 7)[0];
    if (!sample) throw new Error('there is no sample of Tanh');
    const { graph, inputs } = withInputs(sample);
    const ours = engine.infer(graph, inputs);
    const other = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, opType: 'Sigmoid' })) };
    const theirs = await runModel(encodeModel(named(other, ours)), inputs);
    const [mine, wrong] = [ours.output0, theirs.output0];
    expect(difference(Array.from(mine?.data ?? [], Number), Array.from(wrong?.data ?? [], Number))).toBeGreaterThan(
      tolerance,
    );
  });
});
