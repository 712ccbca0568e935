import type { LossName } from '../../shared/training/settings';
import type { Graph } from '../../shared/network/graph';
import type { EngineLauncher } from '../engine/launcher';
import type { AnsweringCard, EngineBuild, EngineOperator, Tensor } from '../engine/native';
import type { EngineCallName, EngineInput, EngineOutput } from '../engine/protocol';
import { EngineSupervisor } from '../engine/supervisor';

/** Rows of one forward call: bounds the memory of activations, and the size of a message. */
const chunkRows = 2048;
const idleMilliseconds = 60_000;

interface Warm {
  supervisor: EngineSupervisor;
  build: Promise<EngineBuild>;
}

/**
 * Short computations outside training: inference, gradients, what the engine is. One engine process, started when first needed
 * and ended when nothing was asked for a minute.
 */
export class Compute {
  private warm: Warm | null = null;
  private idle: NodeJS.Timeout | null = null;
  private active = 0;

  constructor(private readonly launch: EngineLauncher) {}

  info(): Promise<EngineBuild> {
    return this.use(async ({ build }) => build);
  }

  /** Anything else that an engine process answers. What it keeps between calls is gone when the process was idle for long. */
  call<Name extends EngineCallName>(name: Name, input: EngineInput<Name>): Promise<EngineOutput<Name>> {
    return this.use(({ supervisor }) => supervisor.call(name, input));
  }

  /** What the engine has kernels for. */
  operators(): Promise<EngineOperator[]> {
    return this.use(({ supervisor }) => supervisor.call('operators', null));
  }

  infer(graph: Graph, inputs: Record<string, Tensor>, threads = 0): Promise<Record<string, Tensor>> {
    return this.use(({ supervisor }) => supervisor.call('infer', { graph, inputs, threads }));
  }

  gradients(
    graph: Graph,
    inputs: Record<string, Tensor>,
    target: Tensor,
    loss: LossName,
    threads = 0,
  ): Promise<{ loss: number; gradients: Record<string, Tensor> }> {
    return this.use(({ supervisor }) => supervisor.call('gradients', { graph, inputs, target, loss, threads }));
  }

  /** The one output of a graph with one input, flattened per row, for any number of rows. */
  async outputs(
    graph: Graph,
    inputs: Float32Array,
    count: number,
    device: AnsweringCard | null = null,
  ): Promise<Float32Array> {
    const [input] = graph.inputs;
    const [output] = graph.outputs;
    if (!input || !output) throw new Error(`the graph ${graph.name} has no input or no output`);
    const shape = input.dims.slice(1);
    const width = shape.reduce((product, size) => product * size, 1);
    return this.session(graph, device, async (run) => {
      const parts: Float32Array[] = [];
      for (let from = 0; from < count; from += chunkRows) {
        const rows = Math.min(chunkRows, count - from);
        const data = inputs.slice(from * width, (from + rows) * width);
        const result = await run({ [input.name]: { dims: [rows, ...shape], data } });
        const values = result[output.name]?.data;
        if (!(values && 'BYTES_PER_ELEMENT' in values) || values.BYTES_PER_ELEMENT !== 4)
          throw new Error(`the output ${output.name} is no float tensor`);
        parts.push(values as Float32Array);
      }
      return concatenate(parts);
    });
  }

  /** Runs a graph as often as the task wants; it is sent and laid out once. */
  session<Result>(
    graph: Graph,
    device: AnsweringCard | null,
    task: (run: (inputs: Record<string, Tensor>) => Promise<Record<string, Tensor>>) => Promise<Result>,
  ): Promise<Result> {
    return this.use(async ({ supervisor }) => {
      const session = await supervisor.call('openSession', { graph, device });
      try {
        return await task((inputs) => supervisor.call('runSession', { session, inputs }));
      } finally {
        // A process that has died has no sessions any more.
        await supervisor.call('closeSession', session).catch(() => undefined);
      }
    });
  }

  async close(): Promise<void> {
    if (this.idle) clearTimeout(this.idle);
    const { warm } = this;
    this.warm = null;
    await warm?.supervisor.stop();
  }

  private async use<Result>(task: (warm: Warm) => Promise<Result>): Promise<Result> {
    if (this.idle) clearTimeout(this.idle);
    this.active++;
    try {
      const warm = this.warm ?? this.start();
      await warm.build;
      return await task(warm);
    } finally {
      if (--this.active === 0 && this.warm) {
        this.idle = setTimeout(() => void this.close(), idleMilliseconds);
        this.idle.unref();
      }
    }
  }

  private start(): Warm {
    const supervisor = new EngineSupervisor(this.launch, { onDeath: () => this.forget(supervisor) });
    const warm: Warm = { supervisor, build: supervisor.start() };
    this.warm = warm;
    warm.build.catch(() => this.forget(supervisor));
    return warm;
  }

  private forget(supervisor: EngineSupervisor): void {
    if (this.warm?.supervisor === supervisor) this.warm = null;
  }
}

function concatenate(parts: Float32Array[]): Float32Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const all = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
