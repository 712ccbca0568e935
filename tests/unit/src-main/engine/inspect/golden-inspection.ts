import { inspectedLayers, watchedValues } from '../../../../../shared/inspect/layers';
import { losses } from '../../../../../shared/training/losses';
import { Inspection } from '../../../../../src-main/engine/inspect/inspection';
import type { InspectTensor } from '../../../../../src-main/engine/inspect/messages';
import type { AnsweringCard, Tensor } from '../../../../../src-main/engine/native';
import { goldenDocuments, goldenGraph, type InspectGolden } from '../../../../golden/inspect/networks';
import { engine, lane } from '../native-fixtures';

/** A network of PyTorch under the microscope. `device`: null is the processor. */
export function inspect(golden: InspectGolden, device: AnsweringCard | null = null) {
  const graph = goldenGraph(golden);
  const network = goldenDocuments[golden.name] ?? { layers: [], edges: [] };
  const shape = golden.input.dims.slice(1);
  const inspection = new Inspection(engine, {
    graph,
    watched: watchedValues(network, graph, shape, new Map()),
    loss: golden.loss,
    lossOptions: {},
    device,
  });
  const run = (edits: Parameters<Inspection['run']>[2] = []) =>
    inspection.run({ dims: golden.input.dims, data: Float32Array.from(golden.input.data) }, targetOf(golden), edits);
  const whole = (tensor: InspectTensor) => inspection.read([{ tensor, whole: true }])[0]?.whole ?? new Float32Array(0);
  return { graph, inspection, run, whole, layers: inspectedLayers(network, graph, shape) };
}

export function targetOf({ loss, target: { dims, data } }: InspectGolden): Tensor {
  if (losses[loss].targets === 'classes') return { dims, data: BigInt64Array.from(data, BigInt) };
  return { dims, data: Float32Array.from(data) };
}

/** Loss and weights of one step of the trainer on this sample. */
export async function oneStep(golden: InspectGolden, device: AnsweringCard | null = null) {
  const inputs = Float32Array.from(golden.input.data);
  const trainer = engine.createTrainer({
    graph: goldenGraph(golden),
    lanes: [lane(golden.rate)],
    loss: golden.loss,
    training: { inputs, targets: targetOf(golden).data, count: 1 },
    validation: null,
    batchSize: 1,
    shuffle: false,
    seed: 1,
    epochs: 2,
    targetLoss: null,
    divergenceFactor: 1e9,
    threads: 1,
    metrics: [],
    devices: device ? [device] : [],
    precision: device?.precision,
  });
  const { batchLoss } = await trainer.advance({ steps: 1 });
  const weights = trainer.weights(0);
  trainer.dispose();
  return { loss: batchLoss[0], weights };
}
