import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import type { DeviceInfo } from '../../shared/api/contract';
import type { CardMemory } from '../../shared/api/experiments';
import { LabError, type ErrorDetails } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import { hasPrecision, precisionNames, roundsFrom, type Precision } from '../../shared/training/precision';
import { allCards, cardId, type TrainingSettings } from '../../shared/training/settings';
import type { EngineLauncher } from '../engine/launcher';
import type { CardPlan, NativeCard } from '../engine/native';
import { deviceLibrary } from '../engine/native-files';
import { defaultLimits, EngineSupervisor } from '../engine/supervisor';
import type { HostOutput } from '../scratchpad/host-calls';
import type { Compute } from './compute';

/** Multiply-adds of a step below which the processor is done before a card has begun: samples × trained weights × lanes. */
const worthACard = 2 ** 24;

/** How old what is said of free memory may be: a look takes a process with a driver. */
const freshMilliseconds = 30_000;

export interface ChosenDevice {
  /** "cpu (avx512)", "cuda:0 (name of the card)", "cuda:0+1 (name ×2), TF32": what an experiment was trained on, and how. */
  description: string;
  /** None: the processor. */
  cards: CardPlan[];
}

type Wanted = Pick<TrainingSettings, 'device' | 'precision'>;

/** What training can run on, and which of it a run takes. */
export class Devices {
  private cards: Promise<DeviceInfo[]> | null = null;
  /** When cards were looked at last; 0: something has happened to them since. */
  private lookedAt = 0;
  private probe: EngineSupervisor | null = null;

  constructor(
    private readonly launch: EngineLauncher,
    private readonly compute: Compute,
    private readonly probeMilliseconds = 10_000,
  ) {}

  /** Looks anew. */
  async list(): Promise<DeviceInfo[]> {
    this.cards = this.findCards();
    const build = await this.compute.info();
    const processor: DeviceInfo = {
      id: 'cpu',
      name: cpus()[0]?.model.trim() || 'CPU',
      detail: `${build.processors} threads, ${build.instructionSet}`,
      card: null,
      usable: true,
      reason: null,
    };
    return [processor, ...(await this.cards)];
  }

  /** Refuses a card that cannot be used, or not so; the driver may have been mended since the last look. */
  async assertUsable({ device, precision }: Wanted): Promise<void> {
    if (device === 'cpu' && precision !== 'float32')
      throw new LabError('device.precision', { device, precision, reason: 'processor' });
    if (device === 'auto' || device === 'cpu') return;
    const id = cardId(device);
    if (!(await this.find(id)).every(({ usable }) => usable)) this.cards = null;
    refuseUnusable(id, await this.find(id));
    for (const card of await this.find(id)) assertPrecision(card, precision);
  }

  /** For a run with these settings of a graph with `rows` training samples. Never another device than the one asked for. */
  async choose(settings: TrainingSettings, graph: Graph, rows: number): Promise<ChosenDevice> {
    const { device, precision } = settings;
    if (device === 'cpu' || (device === 'auto' && stepCost(settings, graph, rows) < worthACard))
      return this.processor(precision);
    const auto = device === 'auto';
    const cards = auto
      ? await this.first(precision)
      : (await this.find(cardId(device))).slice(0, settings.lanes.length);
    if (cards.length === 0) return this.processor(precision);
    refuseUnusable(cardId(device), cards);
    for (const card of cards) assertPrecision(card, precision);
    const library = deviceLibrary();
    const missing = await this.compute.call('missingOperators', { graph, library });
    const id = idOf(cards);
    if (missing.length === 0)
      return { description: describe(`${id} (${namesOf(cards)})`, precision), cards: plansFor(id) };
    if (auto) return this.processor(precision);
    throw new LabError('device.operator', {
      device: id,
      node: missing.map(({ node }) => node),
      operator: [...new Set(missing.map(({ opType }) => opType))],
    });
  }

  /** The cards of a ChosenDevice's description, to go on there; one may be gone since the last look. */
  async again(description: string, precision: Precision): Promise<CardPlan[]> {
    const plans = plansFor(description);
    if (plans.length > 0) this.cards = null;
    for (const { card } of plans) await this.assertUsable({ device: `cuda:${card}`, precision });
    return plans;
  }

  /**
   * The card for a network that was trained on a ChosenDevice of this description, in this precision; of several the first. Null: the processor.
   * Throws 'device.unavailable' where its card is gone, 'device.precision' where there is now one in its place that does not multiply so.
   */
  async like(description: string, precision: Precision): Promise<ChosenDevice | null> {
    const [plan] = plansFor(description);
    if (!plan) return null;
    const id = `cuda:${plan.card}`;
    await this.assertUsable({ device: id, precision });
    const names = namesOf(await this.find(id));
    return { description: describe(`${id} (${names})`, precision), cards: [plan] };
  }

  /** Every card that can be used, as it was found last. */
  async usable(): Promise<HostOutput<'cards'>> {
    const cards = await this.known();
    return cards.flatMap(({ id, name, card, usable }) =>
      usable && card
        ? plansFor(id).map((plan) => ({ plan, name, memoryTotal: card.memoryTotal, capability: card.capability }))
        : [],
    );
  }

  /** Of cards that can be used, what is free of their memory now, or was a moment ago. */
  async memory(plans: readonly CardPlan[]): Promise<Omit<CardMemory, 'needed'>[]> {
    if (Date.now() - this.lookedAt > freshMilliseconds) this.cards = null;
    const cards = await this.known();
    return plans.map((plan) => {
      const id = `cuda:${plan.card}`;
      const { name, card } = cards.find((each) => each.id === id) ?? unknown(id, cards.length);
      return { id, name, free: card?.memoryFree ?? 0, total: card?.memoryTotal ?? 0 };
    });
  }

  /** A training has taken memory of cards, or given it back. */
  changed(): void {
    this.lookedAt = 0;
  }

  async close(): Promise<void> {
    await this.probe?.stop();
  }

  /** In float32; says so where something else was asked for. */
  async processor(wanted: Precision): Promise<ChosenDevice> {
    const { instructionSet } = await this.compute.info();
    const description = `cpu (${instructionSet})`;
    return {
      description: wanted === 'float32' ? description : `${description}, ${precisionNames.float32}`,
      cards: [],
    };
  }

  /** The first usable card, of those that multiply so where there are any; or none. */
  private async first(precision: Precision): Promise<DeviceInfo[]> {
    const usable = (await this.known()).filter((card) => card.usable);
    const able = usable.filter(({ card }) => card && hasPrecision(card.capability, precision));
    return [...able, ...usable].slice(0, 1);
  }

  private known(): Promise<DeviceInfo[]> {
    return (this.cards ??= this.findCards());
  }

  /** A card, or all that can be used; where there is none, one that says why. */
  private async find(id: string): Promise<DeviceInfo[]> {
    const cards = await this.known();
    const usable = cards.filter((card) => card.usable);
    if (id === allCards && usable.length > 0) return usable;
    const card = id === allCards ? cards[0] : cards.find((each) => each.id === id || each.id === nameless.id);
    return [card ?? unknown(id, cards.length)];
  }

  private async findCards(): Promise<DeviceInfo[]> {
    this.lookedAt = Date.now();
    // There is no driver of NVIDIA's for macOS.
    if (process.platform === 'darwin') return [];
    try {
      const library = deviceLibrary();
      if (!existsSync(library)) throw unavailable('cuda', { reason: 'library-absent', path: library });
      return (await this.ask(library)).map(toDevice);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      return [{ ...nameless, reason: unavailable('cuda', reasonOf(error)).toRecord() }];
    }
  }

  /** In a process of its own: a driver that crashes or hangs takes nothing with it. */
  private async ask(library: string): Promise<NativeCard[]> {
    const probe = new EngineSupervisor(this.launch, {}, { ...defaultLimits, heartbeat: this.probeMilliseconds });
    this.probe = probe;
    try {
      await probe.start();
      return await probe.call('cards', { library });
    } finally {
      await probe.stop();
    }
  }
}

const nameless: Omit<DeviceInfo, 'reason'> = { id: 'cuda', name: 'NVIDIA GPU', detail: '', card: null, usable: false };

function toDevice({ name, problem, ...card }: NativeCard, index: number): DeviceInfo {
  const id = `cuda:${index}`;
  const reason = problem && unavailable(id, problem).toRecord();
  return { id, name: name || nameless.name, detail: '', card, usable: !problem, reason };
}

function unknown(id: string, count: number): DeviceInfo {
  return { ...nameless, id, reason: unavailable(id, { reason: 'no-such-card', count }).toRecord() };
}

function refuseUnusable(device: string, cards: DeviceInfo[]): void {
  const refused = cards.find(({ usable }) => !usable);
  if (refused) throw unavailable(device, refused.reason?.details ?? {});
}

function unavailable(device: string, details: ErrorDetails): LabError {
  return new LabError('device.unavailable', { ...details, device });
}

/** Of a refusal, or of the death of the process that was asked. */
function reasonOf({ code, details }: LabError): ErrorDetails {
  return code === 'device.unavailable' ? details : { reason: 'probe-failed', cause: code, ...details };
}

function describe(device: string, precision: Precision): string {
  return precision === 'float32' ? device : `${device}, ${precisionNames[precision]}`;
}

function assertPrecision({ id, card }: DeviceInfo, precision: Precision): void {
  if (!card || hasPrecision(card.capability, precision)) return;
  const details = { reason: 'card-too-old', capability: card.capability, needed: roundsFrom };
  throw new LabError('device.precision', { device: id, precision, ...details });
}

/** Of cards together: "cuda:0", "cuda:0+1". */
function idOf(cards: DeviceInfo[]): string {
  return `cuda:${cards.map(({ id }) => id.slice('cuda:'.length)).join('+')}`;
}

/** Of idOf, and of a description that begins with it; none of the processor. */
function plansFor(description: string): CardPlan[] {
  const numbers = /^cuda:([\d+]+)/.exec(description)?.[1]?.split('+') ?? [];
  return numbers.map((card) => ({ library: deviceLibrary(), card: Number(card) }));
}

/** "NVIDIA H100 ×2, NVIDIA A100". */
function namesOf(cards: DeviceInfo[]): string {
  const names = [...new Set(cards.map(({ name }) => name))].map((name) => {
    const count = cards.filter((card) => card.name === name).length;
    return count > 1 ? `${name} ×${count}` : name;
  });
  return names.join(', ');
}

/** Multiply-adds of a dense network's step, to which a convolution adds many more. */
function stepCost({ batch, batchSize, lanes }: TrainingSettings, { initializers }: Graph, rows: number): number {
  const trained = initializers.filter(({ data, frozen }) => !frozen && data instanceof Float32Array);
  const weights = trained.reduce((total, { dims }) => total + dims.reduce((product, size) => product * size, 1), 0);
  const samples = { online: 1, full: rows, 'mini-batch': Math.min(batchSize, rows) }[batch];
  return samples * weights * lanes.length;
}
