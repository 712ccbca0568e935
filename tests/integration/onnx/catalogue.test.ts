import { describe, expect, it } from 'vitest';
import { layerDefinition, layerDefinitions } from '../../../shared/layers';
import { elements } from '../../../shared/layers/sizes';
import { compileNetwork } from '../../../shared/network/compile';
import type { Graph } from '../../../shared/network/graph';
import { encodeModel, runModel } from '../../../src-main/onnx';
import { engine } from '../../unit/src-main/engine/native-fixtures';
import { layer, network } from '../../unit/shared/network/builders';
import { samplesOf, type Sample } from '../../unit/shared/layers/samples';

const samples = [...layerDefinitions.values()].filter(({ role }) => role === undefined).flatMap(samplesOf);
const title = ({ kind, given, inputs }: Sample) => `${kind} ${JSON.stringify(given)} on ${inputs[0]?.join(' × ')}`;

/** The layer between input and output; all of its ports read the input. */
function graphOf({ kind, given, inputs }: Sample): Graph {
  const layers = [layer('input'), layer('it', kind, given), layer('output')];
  const edges = inputs.map((_, port) => `input>it.${port}`).join(' ');
  return compileNetwork(network(layers, `${edges} it>output`), { inputShape: inputs[0] ?? [], seed: 1 });
}

/** Whole numbers from 0 to 3, which a logarithm, a root and an embedding can be asked about, and where a maximum has ties. */
function inputOf({ inputs }: Sample, batch: number) {
  const dims = [batch, ...(inputs[0] ?? [])];
  return { dims, data: Float32Array.from({ length: elements(dims) }, (_, index) => (index * 7) % 4) };
}

// A step can't be trained through, so the engine has no operators for it.
const trainable = samples.filter(({ kind }) => layerDefinition(kind)?.differentiable !== false);
const known = new Set(engine.operators().map(({ opType }) => opType));
const lacks = (sample: Sample) => graphOf(sample).nodes.find(({ opType }) => !known.has(opType))?.opType;

describe('every layer of the catalogue, exported', () => {
  it('uses operators the engine has', () => {
    expect(new Set(trainable.flatMap((sample) => lacks(sample) ?? []))).toEqual(new Set());
  });

  it.each(samples.map((sample) => [title(sample), sample] as const))(
    '%s: onnxruntime gives its shape, and the engine’s answer',
    async (_title, sample) => {
      const graph = graphOf(sample);
      const bytes = encodeModel(graph);
      for (const batch of [1, 7]) {
        const input = inputOf(sample, batch);
        const { output } = await runModel(bytes, { input });
        expect(output?.dims).toEqual([batch, ...sample.output]);
        if (!trainable.includes(sample) || lacks(sample) !== undefined) continue;
        const answer = engine.infer(graph, { input }).output!;
        expect(answer.dims).toEqual(output?.dims);
        output?.data.forEach((value, index) => {
          const [wanted, got] = [Number(value), Number(answer.data[index])];
          if (!Object.is(wanted, got))
            expect(Math.abs(wanted - got)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(wanted)));
        });
      }
    },
  );
});
