import { randomUUID } from 'node:crypto';
import type { InspectRun, InspectSample, InspectSummary } from '../../../shared/api/inspect';
import { LabError } from '../../../shared/errors';
import {
  inspectedLayers,
  watchedValues,
  type GradientPlace,
  type InspectedLayer,
} from '../../../shared/inspect/layers';
import type { WatchedValue } from '../../../shared/inspect/taps';
import { elements } from '../../../shared/layers/sizes';
import type { SplitName } from '../../../shared/project/data';
import type { RecordedGraph } from '../../../shared/recorded-graph/recorded-graph';
import type { InspectTensor, Read, Reading } from '../../engine/inspect/messages';
import type { EngineCallName, EngineInput, EngineOutput } from '../../engine/protocol';
import type { Compute } from '../compute';
import { sampleTensors } from './sample';
import type { Judged } from './samples';
import { inputFields, targetField, type Specimen } from './source';

export const gradientAt = ({ value, reader }: GradientPlace): InspectTensor =>
  reader ? { of: 'reader-gradient', name: value, reader } : { of: 'value-gradient', name: value };

/** Codes of errors that a new engine process may mend. */
const lostProcess: ReadonlySet<string> = new Set(['inspect.closed', 'engine.call-lost']);

/** One network under the microscope: knows its layers, and asks the engine process, which has the tensors. */
export class Inspection {
  readonly id = randomUUID();
  readonly layers: InspectedLayer[];
  /** Dimensions by initializer. */
  readonly weights: ReadonlyMap<string, number[]>;
  /** d, and the run they belong to; null before the first. */
  desired: number[] | null = null;
  private readonly watched: WatchedValue[];
  /** What is known of whole splits; see samples.ts. */
  readonly judged = new Map<SplitName, Promise<Judged>>();
  private telling: Promise<void> | null = null;
  private lastRun: Omit<EngineInput<'inspectRun'>, 'id'> | null = null;

  constructor(
    readonly project: string,
    readonly specimen: Specimen,
    private readonly compute: Compute,
    indices: ReadonlyMap<string, readonly number[]>,
  ) {
    const { network, graph, data } = specimen;
    this.layers = inspectedLayers(network, graph, data.inputShape);
    this.watched = watchedValues(network, graph, data.inputShape, indices);
    this.weights = new Map(graph.initializers.map(({ name, dims }) => [name, dims]));
  }

  summary(): InspectSummary {
    const { data, loss, learningRate, plainStep, optimizer, at, graph } = this.specimen;
    const { training, validation, test } = data.splits;
    return {
      inspection: this.id,
      layers: this.layers,
      parameters: this.trained().reduce((sum, { size }) => sum + size, 0),
      loss,
      learningRate,
      plainStep,
      optimizer,
      at,
      splits: { training: training.count, validation: validation.count, test: test.count },
      inputs: (graph.inputs[0]?.dims.length ?? 0) > 2 ? null : inputFields(data.preprocessing),
      target: targetField(data.preprocessing),
    };
  }

  async run(sample: InspectSample): Promise<InspectRun> {
    const { data, loss } = this.specimen;
    const { input, target, desired, row } = sampleTensors(data, loss, sample);
    const run = { input, target, edits: sample.weights };
    const { loss: value } = await this.ask('inspectRun', { ...run, id: this.id });
    this.lastRun = run;
    this.desired = desired;
    const { output, largest } = await this.survey();
    return { loss: value, computedOn: this.specimen.device.computedOn, row, output, target: desired, largest };
  }

  /** Answers of the network as it was opened to some samples of a split, one row each. */
  outputs(split: SplitName, from: number, count: number): Promise<Float32Array> {
    const { data, graph, device } = this.specimen;
    const size = elements(data.inputShape);
    const inputs = data.splits[split].inputs.subarray(from * size, (from + count) * size);
    return device.use((card) => this.compute.outputs(graph, inputs, count, card));
  }

  async read(reads: Read[]): Promise<Reading[]> {
    if (reads.length === 0) return [];
    return this.ask('inspectRead', { id: this.id, reads });
  }

  async recordedGraph(): Promise<RecordedGraph> {
    const recorded = await this.ask('inspectGraph', this.id);
    const used = new Set(recorded.nodes.map(({ group }) => group));
    const layers = new Map(this.specimen.network.layers.map((layer) => [layer.id, layer]));
    const groups = [...used].flatMap((id) => {
      const layer = id === null ? undefined : layers.get(id);
      return layer ? [{ id: layer.id, kind: layer.kind, name: layer.name ?? null }] : [];
    });
    return { ...recorded, groups };
  }

  /** Once more on the processor where the card of the network fails. */
  async ask<Name extends EngineCallName>(call: Name, input: EngineInput<Name>): Promise<EngineOutput<Name>> {
    try {
      return await this.askThere(call, input);
    } catch (error) {
      if (!(await this.specimen.device.giveUp(error))) throw error;
      await this.tellOnce();
      return this.askThere(call, input);
    }
  }

  /**
   * Asks an engine process that may have been ended meanwhile, because nothing was asked for a minute, or that dies over the question: a new
   * one is told everything again and asked once more.
   */
  private async askThere<Name extends EngineCallName>(
    call: Name,
    input: EngineInput<Name>,
  ): Promise<EngineOutput<Name>> {
    try {
      return await this.compute.call(call, input);
    } catch (error) {
      if (!(error instanceof LabError) || !lostProcess.has(error.code)) throw error;
      await this.tellOnce();
      return this.compute.call(call, input);
    }
  }

  async close(): Promise<void> {
    await this.compute.call('inspectClose', this.id);
  }

  /** Weights that training changes, with how many numbers each has. */
  trained(): { name: string; size: number }[] {
    return this.specimen.graph.initializers.flatMap(({ name, data, frozen }) =>
      data instanceof Float32Array && !frozen ? [{ name, size: data.length }] : [],
    );
  }

  /** Several questions may find it gone at the same time. */
  private tellOnce(): Promise<void> {
    this.telling ??= this.tell().finally(() => (this.telling = null));
    return this.telling;
  }

  private async tell(): Promise<void> {
    const { graph, loss, lossOptions, device } = this.specimen;
    const plan = { graph, watched: this.watched, loss, lossOptions, device: device.card };
    await this.compute.call('inspectOpen', { ...plan, id: this.id });
    if (this.lastRun) await this.compute.call('inspectRun', { ...this.lastRun, id: this.id });
  }

  /** The answer, and the largest sizes of everything. */
  private async survey(): Promise<Pick<InspectRun, 'output' | 'largest'>> {
    const quantities = {
      value: this.layers.map(({ v }): InspectTensor => ({ of: 'value', name: v })),
      delta: this.layers.map(({ delta }) => gradientAt(delta)),
      weight: this.trained().map(({ name }): InspectTensor => ({ of: 'weight', name })),
      gradient: this.trained().map(({ name }): InspectTensor => ({ of: 'weight-gradient', name })),
    };
    const tensors = Object.values(quantities).flat();
    const answer = this.layers.find(({ isOutput }) => isOutput)?.v ?? '';
    const [own, ...readings] = await this.read([
      { tensor: { of: 'value', name: answer }, whole: true },
      ...tensors.map((tensor) => ({ tensor })),
    ]);
    const largest = { value: 0, delta: 0, weight: 0, gradient: 0 };
    let at = 0;
    for (const name of ['value', 'delta', 'weight', 'gradient'] as const)
      for (let each = 0; each < quantities[name].length; each++, at++)
        largest[name] = Math.max(largest[name], readings[at]?.largest ?? 0);
    return { output: Array.from(own?.whole ?? []), largest };
  }
}
