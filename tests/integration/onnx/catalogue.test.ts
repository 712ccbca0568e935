import { describe, expect, it } from 'vitest';
import { layerDefinitions } from '../../../shared/layers';
import { compileNetwork } from '../../../shared/network/compile';
import type { Graph } from '../../../shared/network/graph';
import { encodeModel, runModel } from '../../../src-main/onnx';
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

describe('every layer of the catalogue, exported', () => {
  it.each(samples.map((sample) => [title(sample), sample] as const))(
    '%s: onnxruntime gives its shape',
    async (_title, sample) => {
      const bytes = encodeModel(graphOf(sample));
      for (const batch of [1, 7]) {
        const dims = [batch, ...(sample.inputs[0] ?? [])];
        const count = dims.reduce((product, size) => product * size, 1);
        // Whole numbers from 0 to 3, which a logarithm, a root and an embedding can be asked about.
        const data = Float32Array.from({ length: count }, (_, index) => (index * 7) % 4);
        const { output } = await runModel(bytes, { input: { dims, data } });
        expect(output?.dims).toEqual([batch, ...sample.output]);
      }
    },
  );
});
