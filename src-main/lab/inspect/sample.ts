import type { InspectSample } from '../../../shared/api/inspect';
import { LabError } from '../../../shared/errors';
import { elements } from '../../../shared/layers/sizes';
import { targetsFor } from '../../../shared/training/evaluate';
import { losses, outputsForClasses, type LossName } from '../../../shared/training/losses';
import type { PreparedData } from '../../data/dataset';
import type { Tensor } from '../../engine/native';

export interface SampleTensors {
  input: Tensor;
  /** As the loss wants it. */
  target: Tensor;
  /** One number per output. */
  desired: number[];
  /** The imported row. */
  row: number;
}

/** A sample of the data with what was changed by hand, as a batch of one. */
export function sampleTensors(
  { inputShape, targetShape, splits }: PreparedData,
  loss: LossName,
  { split, index, inputs: edits, target: given }: InspectSample,
): SampleTensors {
  const { inputs, targets, count, rows } = splits[split];
  if (index >= count) throw new LabError('inspect.row', { row: index + 1, count });
  const size = elements(inputShape);
  const values = inputs.slice(index * size, (index + 1) * size);
  for (const { index: place, value } of edits) {
    if (place >= size) throw new LabError('inspect.input-size', { got: place + 1, wanted: size });
    values[place] = value;
  }
  const classes = targets instanceof BigInt64Array;
  const wanted = elements(targetShape);
  const own = classes ? targets.slice(index, index + 1) : row(targets, index, wanted);
  const target = given === null ? own : setByHand(given, wanted, classes);
  const width = classes ? outputsForClasses(loss, wanted) : wanted;
  return {
    input: { dims: [1, ...inputShape], data: values },
    target:
      losses[loss].targets === 'classes'
        ? { dims: [1], data: target }
        : { dims: [1, ...(classes ? [width] : targetShape)], data: targetsFor(loss, target, width) },
    desired: Array.from(targetsFor(width === wanted ? 'mse' : loss, target, width), Number),
    row: rows[index] ?? index,
  };
}

function row(values: Float32Array, index: number, width: number): Float32Array {
  return values.slice(index * width, (index + 1) * width);
}

function setByHand(given: number | number[], width: number, classes: boolean): Float32Array | BigInt64Array {
  if (typeof given === 'number') {
    if (!classes || given >= width) throw new LabError('inspect.target-size', { got: given + 1, wanted: width });
    return BigInt64Array.of(BigInt(given));
  }
  if (classes || given.length !== width)
    throw new LabError('inspect.target-size', { got: given.length, wanted: width });
  return Float32Array.from(given);
}
