import { columnsOf, type InspectedLayer } from './layers';

/** The five stages of the algorithm (LECTURE L6). */
export const stageNames = ['outputs', 'output-deltas', 'hidden-deltas', 'corrections', 'new-weights'] as const;
export type StageName = (typeof stageNames)[number];

/** One press of the button: a stage, and of the hidden deltas one column of layers. */
export interface InspectStep {
  stage: StageName;
  /** Positions of the layers whose δ appears now; empty for the stages that concern all of them. */
  layers: number[];
}

/** Front to back for the outputs, back to front for the deltas, then all weights at once: nothing is corrected before the last δ is known. */
export function inspectSteps(layers: readonly InspectedLayer[]): InspectStep[] {
  const columns = columnsOf(layers);
  const outputs = layers.flatMap(({ isOutput }, index) => (isOutput ? [index] : []));
  const hidden = layers.flatMap(({ role, isOutput }, index) => (role !== 'input' && !isOutput ? [index] : []));
  const backwards = [...new Set(hidden.map((index) => columns[index] ?? 0))].sort((a, b) => b - a);
  return [
    { stage: 'outputs', layers: [] },
    { stage: 'output-deltas', layers: outputs },
    ...backwards.map((column): InspectStep => ({
      stage: 'hidden-deltas',
      layers: hidden.filter((index) => columns[index] === column),
    })),
    { stage: 'corrections', layers: [] },
    { stage: 'new-weights', layers: [] },
  ];
}

/** Layers whose δ is known at this step. */
export function knownDeltas(steps: readonly InspectStep[], at: number): ReadonlySet<number> {
  return new Set(steps.slice(0, at + 1).flatMap(({ layers }) => layers));
}
