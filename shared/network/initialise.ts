import type { Initialisation } from '../layers/definition';
import { elements } from '../layers/sizes';
import type { Generator } from '../random/generator';

/**
 * Start values of a weight, drawn as torch.nn.init draws them (PyTorch 2, float32 on the CPU). For a bias the fans are those of the
 * layer's weight. 'kaiming' assumes ReLU (gain √2), 'xavier' gain 1; zeros, ones and constants draw nothing.
 */
export function drawWeight(weight: Initialisation & { dims: readonly number[] }, generator: Generator): Float32Array {
  const { fanIn, fanOut, settings = {} } = weight;
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
    case 'constant':
      return new Float32Array(count).fill(settings.value ?? 0);
    case 'uniform':
      return generator.uniform(count, settings.low ?? -1, settings.high ?? 1);
    case 'normal':
      return normal(settings.deviation ?? 1);
    case 'xavier-uniform':
      return uniform(Math.sqrt(3) * Math.sqrt(2 / (fanIn + fanOut)));
    case 'xavier-normal':
      return normal(Math.sqrt(2 / (fanIn + fanOut)));
    case 'kaiming-uniform':
      return uniform(Math.sqrt(3) * (Math.SQRT2 / Math.sqrt(fanIn)));
    case 'kaiming-normal':
      return normal(Math.SQRT2 / Math.sqrt(fanIn));
    case 'orthogonal': {
      const rows = weight.dims[0] ?? 1;
      return orthogonal(generator.randn(count), rows, count / rows, settings.gain ?? 1);
    }
  }
}

/** 1/√fanIn, with the roundings of nn.Linear's kaiming_uniform_(a = √5), on which the last bit depends. */
function linearWeightBound(fanIn: number): number {
  const gain = Math.sqrt(2 / (1 + Math.sqrt(5) ** 2));
  return Math.sqrt(3) * (gain / Math.sqrt(fanIn));
}

/**
 * torch.nn.init.orthogonal_: Q of the QR decomposition of a normal matrix [rows, columns], its signs such that R has a positive
 * diagonal; of a wide matrix that of its transpose. That Q is unique, so Gram-Schmidt in double (twice: once loses digits) gives
 * PyTorch's up to rounding.
 */
function orthogonal(normal: Float32Array, rows: number, columns: number, gain: number): Float32Array {
  const wide = rows < columns;
  const count = wide ? rows : columns;
  const length = wide ? columns : rows;
  // Vector k is column k of the tall matrix; each is laid out in one piece.
  const vectors = Array.from({ length: count }, (_, k) =>
    Float64Array.from({ length }, (_unused, i) => normal[wide ? k * columns + i : i * columns + k] ?? 0),
  );
  vectors.forEach((vector, k) => {
    for (let pass = 0; pass < 2; pass++) for (let j = 0; j < k; j++) subtractProjection(vector, vectors[j] ?? vector);
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < length; i++) vector[i] = (vector[i] ?? 0) / norm;
  });
  const result = new Float32Array(rows * columns);
  vectors.forEach((vector, k) => {
    vector.forEach((value, i) => (result[wide ? k * columns + i : i * columns + k] = gain * value));
  });
  return result;
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  const share = dot(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - share * (unit[i] ?? 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
