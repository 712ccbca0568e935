import { dataSchema, type DataRecipe, type GeneratorName } from '../../../shared/project/data';

type GeneratedRecipe = Extract<DataRecipe, { kind: 'generated' }>;

/** Noise and size that show each problem well; a person changes them afterwards. */
const starts: Record<GeneratorName, { count: number; noise: number }> = {
  'lecture-regression': { count: 100, noise: 0.1 },
  xor: { count: 200, noise: 0.15 },
  'two-spirals': { count: 400, noise: 0.05 },
  circles: { count: 300, noise: 0.08 },
  blobs: { count: 300, noise: 0.3 },
  'noisy-sine': { count: 200, noise: 0.1 },
};

export function generatorStart(generator: GeneratorName): { generator: GeneratorName; count: number; noise: number } {
  return { generator, ...starts[generator] };
}

/** Another problem with the seed and the split kept where the new one can have them. */
export function switchGenerator(before: GeneratedRecipe, generator: GeneratorName): GeneratedRecipe {
  const split =
    generator === 'lecture-regression'
      ? { kind: 'generated' as const }
      : before.split.kind === 'ratio'
        ? before.split
        : undefined;
  const next = { kind: 'generated', ...generatorStart(generator), seed: before.seed, scale: before.scale, split };
  return dataSchema.parse(next) as GeneratedRecipe;
}
