import type { WeightDefinition } from '../layers/definition';
import { elements } from '../layers/sizes';
import type { Generator } from '../random/generator';

/**
 * Start values of a weight, drawn as torch.nn.init draws them (PyTorch 2, float32 on the CPU). For a bias the fans are those of the
 * layer's weight. 'kaiming' assumes ReLU (gain √2), 'xavier' gain 1; zeros and ones draw nothing.
 */
export function drawWeight(weight: WeightDefinition, generator: Generator): Float32Array {
  const { fanIn, fanOut } = weight;
  const count = elements(weight.dims);
  const uniform = (bound: number) => generator.uniform(count, -bound, bound);
  const normal = (deviation: number) => generator.randn(count).map((value) => value * Math.fround(deviation));
  switch (weight.initialiser) {
    case 'pytorch-uniform':
      return uniform(weight.dims.length > 1 ? linearWeightBound(fanIn) : 1 / Math.sqrt(fanIn));
    case 'zeros':
      return new Float32Array(count);
    case 'ones':
      return new Float32Array(count).fill(1);
    case 'normal':
      return generator.randn(count);
    case 'xavier-uniform':
      return uniform(Math.sqrt(3) * Math.sqrt(2 / (fanIn + fanOut)));
    case 'xavier-normal':
      return normal(Math.sqrt(2 / (fanIn + fanOut)));
    case 'kaiming-uniform':
      return uniform(Math.sqrt(3) * (Math.SQRT2 / Math.sqrt(fanIn)));
    case 'kaiming-normal':
      return normal(Math.SQRT2 / Math.sqrt(fanIn));
  }
}

/** 1/√fanIn, with the roundings of nn.Linear's kaiming_uniform_(a = √5), on which the last bit depends. */
function linearWeightBound(fanIn: number): number {
  const gain = Math.sqrt(2 / (1 + Math.sqrt(5) ** 2));
  return Math.sqrt(3) * (gain / Math.sqrt(fanIn));
}
