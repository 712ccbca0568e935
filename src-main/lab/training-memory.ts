import type { CardMemory } from '../../shared/api/experiments';
import { layerDefinition } from '../../shared/layers';
import type { NetworkDocument } from '../../shared/network/document';
import type { ProjectDocument } from '../../shared/project/document';
import type { LabContext } from './context';
import { networkWeights } from './network-weights';
import { outlinePlan, outlineTraining } from './plan';
import type { ProjectSession } from './session';

/** What a start of the document would take of the cards it would choose; neither data nor weights are made for it. */
export async function trainingMemory(
  { datasets, devices, compute }: LabContext,
  session: ProjectSession,
  document: ProjectDocument,
): Promise<CardMemory[]> {
  const { training, network } = document;
  if (training.device === 'cpu') return [];
  await devices.assertUsable(training);
  const summary = await datasets.use(session, document.data, async (dataset) => dataset.summary);
  const weights = hasStoredValues(network) ? await networkWeights(session.path, network) : undefined;
  const outline = outlineTraining(document, summary, weights);
  const { cards } = await devices.choose(training, outline.graph, summary.splits.training);
  if (cards.length === 0) return [];
  const needed = await compute.call('trainingMemory', outlinePlan(training, outline, summary, cards));
  const there = await devices.memory(cards);
  return there.map((card, index) => ({ ...card, needed: needed[index] ?? 0 }));
}

/** Whether there are constants of an imported model, which shapes may depend on. */
function hasStoredValues({ layers }: NetworkDocument): boolean {
  return layers.some(({ kind }) => layerDefinition(kind)?.stored);
}
