import type { ComputedOn } from '../../shared/api/computed-on';
import { type ErrorRecord, LabError } from '../../shared/errors';
import type { Precision } from '../../shared/training/precision';
import type { AnsweringCard } from '../engine/native';
import type { LabContext } from './context';
import type { ChosenDevice } from './devices';
import type { TrainedOn } from './experiment-files';

/**
 * Where questions about a trained network are computed: on the card it was trained on, in the same precision, so that the answers are those of
 * training, bit for bit; on the processor, in float32, where it was trained there, or once that card is not to be had.
 */
export class TrainedDevice {
  private reason: ErrorRecord | null = null;

  private constructor(
    private readonly context: Pick<LabContext, 'compute' | 'devices'>,
    private readonly trained: TrainedOn | null,
    private chosen: ChosenDevice,
  ) {}

  /** Null: it was not trained. */
  static async find(
    context: Pick<LabContext, 'compute' | 'devices'>,
    trained: TrainedOn | null,
  ): Promise<TrainedDevice> {
    const found = new TrainedDevice(context, trained, await context.devices.processor(askedFor(trained)));
    if (trained === null) return found;
    try {
      found.chosen = (await context.devices.like(trained.device, trained.precision)) ?? found.chosen;
    } catch (error) {
      if (!(await found.giveUp(error))) throw error;
    }
    return found;
  }

  /** Null: the processor. */
  get card(): AnsweringCard | null {
    const [card] = this.chosen.cards;
    return card ? { ...card, precision: this.trained?.precision ?? 'float32' } : null;
  }

  get computedOn(): ComputedOn {
    return {
      device: this.chosen.description,
      precision: this.card?.precision ?? 'float32',
      trained: this.trained?.device ?? null,
      reason: this.reason,
    };
  }

  /** Once more on the processor where the card fails. */
  async use<Result>(task: (card: AnsweringCard | null) => Promise<Result>): Promise<Result> {
    try {
      return await task(this.card);
    } catch (error) {
      if (!(await this.giveUp(error))) throw error;
      return task(this.card);
    }
  }

  /** Goes over to the processor for good where an error is the card's, or that of a process that its driver may have taken along. */
  async giveUp(error: unknown): Promise<boolean> {
    if (!(error instanceof LabError)) return false;
    const died = error.code === 'engine.call-lost' && this.card !== null;
    if (!died && !error.code.startsWith('device.')) return false;
    // A process whose card has failed computes nothing there any more.
    if (error.code === 'device.failed') await this.context.compute.close();
    this.reason ??= error.toRecord();
    this.chosen = await this.context.devices.processor(askedFor(this.trained));
    return true;
  }
}

function askedFor(trained: TrainedOn | null): Precision {
  return trained?.asked ?? 'float32';
}
