import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import type {
  InspectRun,
  InspectSample,
  InspectSource,
  InspectSummary,
  LayerPicture,
  NeuronPlace,
  NeuronView,
  WeightPlace,
  WeightView,
} from '../../../shared/api/inspect';
import { type LabError, toLabError } from '../../../shared/errors';
import { inspectSteps, knownDeltas } from '../../../shared/inspect/stages';
import { lab } from '../../client';
import { useProjectStore } from '../../stores/project';

export type Selection = { kind: 'neuron'; place: NeuronPlace } | { kind: 'weight'; weight: WeightPlace };

/** Neurons of a wide layer that are drawn one by one. */
const mostNeurons = 8;

const firstSample: InspectSample = { split: 'training', index: 0, inputs: [], target: null, weights: [] };

/** The network under the microscope: what is open, which sample, how far the algorithm has got, what is selected. */
export function useInspection() {
  const project = useProjectStore();
  const source = shallowRef<InspectSource>({ kind: 'design' });
  const sample = shallowRef<InspectSample>(firstSample);
  /** Null: the lane's own. */
  const ownRate = ref<number | null>(null);
  const summary = shallowRef<InspectSummary | null>(null);
  const run = shallowRef<InspectRun | null>(null);
  const pictures = shallowRef<LayerPicture[]>([]);
  const selection = shallowRef<Selection | null>(null);
  const neuron = shallowRef<NeuronView | null>(null);
  const weight = shallowRef<WeightView | null>(null);
  const error = shallowRef<LabError | null>(null);
  const busy = ref(false);
  const at = ref(0);

  /** The design as text, without where its layers stand; and the one that was opened last. */
  const design = computed(() => {
    const { network, data, training } = project.document ?? {};
    return JSON.stringify([network, data, training], (key, value: unknown) => (key === 'position' ? undefined : value));
  });
  const openedDesign = ref('');
  const outdated = computed(
    () => summary.value !== null && source.value.kind === 'design' && design.value !== openedDesign.value,
  );

  const steps = computed(() => (summary.value ? inspectSteps(summary.value.layers) : []));
  const step = computed(() => steps.value[at.value] ?? null);
  const known = computed(() => knownDeltas(steps.value, at.value));
  const rate = computed(() => ownRate.value ?? summary.value?.learningRate ?? 0);
  const edited = computed(
    () =>
      ownRate.value !== null ||
      sample.value.inputs.length > 0 ||
      sample.value.weights.length > 0 ||
      sample.value.target !== null,
  );

  /** Answers that come when something newer was asked are dropped. */
  let asked = 0;
  async function ask(work: (current: () => boolean) => Promise<void>): Promise<void> {
    const own = (asked += 1);
    busy.value = true;
    try {
      await work(() => own === asked);
      if (own === asked) error.value = null;
    } catch (cause) {
      if (own === asked) error.value = toLabError(cause);
    } finally {
      if (own === asked) busy.value = false;
    }
  }

  async function close(): Promise<void> {
    const open = summary.value?.inspection;
    summary.value = null;
    if (open) await lab.call('inspect.close', { inspection: open }).catch(() => undefined);
  }

  async function open(wanted: InspectSource = source.value): Promise<void> {
    const owner = project.project?.id;
    if (!owner) return;
    source.value = wanted;
    await ask(async (current) => {
      openedDesign.value = design.value;
      await project.flush();
      const opened = await lab.call('inspect.open', { project: owner, source: wanted });
      if (!current()) {
        await lab.call('inspect.close', { inspection: opened.inspection });
        return;
      }
      await close();
      // What was set by hand belongs to the weights that were there; the sample and the place in the algorithm are kept.
      const { split, index, inputs, target } = sample.value;
      const count = opened.splits[split];
      sample.value = { split, index: Math.min(index, Math.max(0, count - 1)), inputs, target, weights: [] };
      at.value = Math.min(at.value, inspectSteps(opened.layers).length - 1);
      if (!fits(opened, selection.value)) selection.value = null;
      summary.value = opened;
      await compute(opened.inspection, current);
    });
  }

  async function compute(inspection: string, current: () => boolean): Promise<void> {
    const ran = await lab.call('inspect.run', { inspection, sample: sample.value });
    if (!current()) return;
    await look(inspection, current);
    if (current()) run.value = ran;
  }

  /** The drawing, and what is selected in it. */
  async function look(inspection: string, current: () => boolean): Promise<void> {
    const chosen = selection.value;
    // Asked for together, except that which neurons a weight joins is known only from its answer.
    const place = chosen?.kind === 'neuron' ? chosen.place : null;
    const seen =
      chosen?.kind === 'weight' ? await lab.call('inspect.weight', { inspection, weight: chosen.weight }) : null;
    const ends = [place, seen?.source, seen?.neuron].flatMap((end) => (end ? [end] : []));
    const pinned = ends.map(({ layer, neuron: own }) => ({ layer, neuron: own }));
    const picture = lab.call('inspect.picture', { inspection, most: mostNeurons, pinned });
    // It is waited for below; should the neuron fail first, that is the error to show.
    picture.catch(() => undefined);
    const found = place && (await lab.call('inspect.neuron', { inspection, place }));
    if (!current()) return;
    neuron.value = found;
    weight.value = seen;
    const drawn = await picture;
    if (current()) pictures.value = drawn;
  }

  function change(to: Partial<InspectSample>): void {
    sample.value = { ...sample.value, ...to };
    const open = summary.value;
    if (open) void ask((current) => compute(open.inspection, current));
  }

  function select(chosen: Selection | null): void {
    selection.value = chosen;
    const open = summary.value;
    if (open) void ask((current) => look(open.inspection, current));
  }

  function setWeight(place: WeightPlace, value: number): void {
    const others = sample.value.weights.filter(({ name, index }) => name !== place.name || index !== place.index);
    change({ weights: [...others, { ...place, value }] });
  }

  function setInput(index: number, value: number): void {
    const others = sample.value.inputs.filter((edit) => edit.index !== index);
    change({ inputs: [...others, { index, value }] });
  }

  function setRate(value: number | null): void {
    ownRate.value = value;
  }

  function undoEdits(): void {
    ownRate.value = null;
    change({ inputs: [], target: null, weights: [] });
  }

  function go(to: number): void {
    at.value = Math.max(0, Math.min(steps.value.length - 1, to));
  }

  watch(
    () => project.project?.id,
    () => {
      summary.value = null;
      run.value = null;
      pictures.value = [];
      selection.value = null;
      sample.value = firstSample;
      source.value = { kind: 'design' };
      error.value = null;
      at.value = 0;
    },
  );
  onScopeDispose(() => void close());

  return {
    source,
    sample,
    ownRate,
    rate,
    summary,
    run,
    pictures,
    selection,
    neuron,
    weight,
    error,
    busy,
    at,
    steps,
    step,
    known,
    edited,
    outdated,
    open,
    change,
    select,
    setWeight,
    setInput,
    setRate,
    undoEdits,
    go,
  };
}
export type InspectionState = ReturnType<typeof useInspection>;

function fits({ layers }: InspectSummary, selection: Selection | null): boolean {
  if (!selection) return true;
  if (selection.kind === 'neuron') {
    const layer = layers[selection.place.layer];
    return layer !== undefined && selection.place.neuron < layer.shape.reduce((size, side) => size * side, 1);
  }
  const { name } = selection.weight;
  return layers.some(({ product }) => product?.weight === name || product?.bias === name);
}
