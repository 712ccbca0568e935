import { Worker } from 'node:worker_threads';
import type {
  CellOutcome,
  CellOutput,
  Drawing,
  NetworkSource,
  Suggestion,
  ValueView,
  VariableInfo,
} from '../../shared/api/scratchpad';
import { LabError, type ErrorDetails } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import type { RecordedGraph } from '../../shared/recorded-graph/recorded-graph';
import { openHostLine, type HostEnd } from './host-line';
import type {
  GraphAnswer,
  KernelData,
  KernelReply,
  KernelRequest,
  NetworkAnswer,
  NetworkSourceAnswer,
  Refused,
} from './kernel-messages';
import type { NetworkChoice } from './torch/network/open';

/** After that a cell that was asked to stop is ended by force: it is in code that asks nobody. */
const patienceMilliseconds = 2000;
const heapMegabytes = 3000;
/** A thousand calls inside calls, each of several functions of the interpreter. */
const stackMegabytes = 48;

const notThere: GraphAnswer = { refused: 'no-variable', nodes: 0 };
const noVariables: Refused = { refused: { code: 'scratchpad.not-open', details: {} } };
const emptyAnswers = {
  variables: [],
  complete: [],
  graph: notThere,
  view: null,
  networkSource: noVariables,
  network: noVariables,
};

type Request = KernelRequest extends infer One ? (One extends KernelRequest ? Omit<One, 'id'> : never) : never;
type Lost = Extract<CellOutcome, { status: 'lost' }>;

/** The thread of a notebook, seen from the main thread of its process: started when first needed, and anew after it was ended. */
export class KernelThread {
  private worker: Worker | null = null;
  private readonly stopFlag = new Int32Array(new SharedArrayBuffer(4));
  private readonly pending = new Map<number, { call: Request['call']; resolve(value: unknown): void }>();
  private nextId = 1;
  /** The cell that runs: what ends it when the thread is lost, or a card it computed on failed. */
  private running: ((lost: Lost | LabError) => void) | null = null;

  constructor(
    /** The built kernel-worker.ts. */
    private readonly entry: string,
    private readonly listeners: {
      output(pieces: CellOutput[]): void;
      /** What a cell asks for while it runs. */
      askHost: HostEnd;
    },
  ) {}

  async run(code: string): Promise<CellOutcome> {
    if (this.running) throw new LabError('scratchpad.busy');
    Atomics.store(this.stopFlag, 0, 0);
    const lost = new Promise<CellOutcome>((resolve, reject) => {
      this.running = (how) => (how instanceof LabError ? reject(how) : resolve(how));
    });
    try {
      return await Promise.race([this.ask({ call: 'run', code }) as Promise<CellOutcome>, lost]);
    } finally {
      this.running = null;
    }
  }

  /** Ends the running cell: at its next step, or by force. */
  stop(): void {
    const { running, worker } = this;
    if (!running) return;
    Atomics.store(this.stopFlag, 0, 1);
    const timer = setTimeout(() => {
      if (this.running === running && this.worker === worker)
        this.end({ status: 'lost', reason: 'stopped', detail: '' });
    }, patienceMilliseconds);
    timer.unref();
  }

  /** Forgets all variables; a running cell is ended. */
  reset(): void {
    this.end({ status: 'lost', reason: 'stopped', detail: '' });
  }

  async variables(): Promise<VariableInfo[]> {
    return this.worker ? ((await this.ask({ call: 'variables' })) as VariableInfo[]) : [];
  }

  async graph(name: string): Promise<RecordedGraph> {
    if (this.running) throw new LabError('scratchpad.busy');
    const answer: GraphAnswer = this.worker ? ((await this.ask({ call: 'graph', name })) as GraphAnswer) : notThere;
    if ('graph' in answer) return answer.graph;
    throw new LabError(`scratchpad.graph-${answer.refused}`, { name, nodes: answer.nodes });
  }

  async view(name: string, as: ValueView): Promise<Drawing | null> {
    if (this.running) throw new LabError('scratchpad.busy');
    return this.worker ? ((await this.ask({ call: 'view', name, as })) as Drawing | null) : null;
  }

  async networkSource(name: string): Promise<NetworkSource> {
    return (await this.orRefused<NetworkSourceAnswer>(name, { call: 'networkSource', name })).source;
  }

  async network(name: string, choice: NetworkChoice): Promise<Graph> {
    return (await this.orRefused<NetworkAnswer>(name, { call: 'network', name, choice })).graph;
  }

  private async orRefused<Given extends object>(name: string, request: Request): Promise<Exclude<Given, Refused>> {
    if (this.running) throw new LabError('scratchpad.busy');
    if (!this.worker) throw new LabError('scratchpad.network-no-variable', { name });
    const answer = (await this.ask(request)) as Given | Refused;
    if ('refused' in answer) throw new LabError(answer.refused.code, answer.refused.details);
    return answer as Exclude<Given, Refused>;
  }

  /** Nothing while a cell runs: the answer would come too late. */
  async complete(code: string, line: number, column: number): Promise<Suggestion[]> {
    if (this.running) return [];
    return (await this.ask({ call: 'complete', code, line, column })) as Suggestion[];
  }

  private ask(request: Request): Promise<unknown> {
    const id = this.nextId++;
    const worker = this.worker ?? this.start();
    return new Promise((resolve) => {
      this.pending.set(id, { call: request.call, resolve });
      worker.postMessage({ ...request, id });
    });
  }

  private start(): Worker {
    const host = openHostLine(this.listeners.askHost);
    const workerData: KernelData = { stop: this.stopFlag.buffer as SharedArrayBuffer, host };
    const worker = new Worker(this.entry, {
      workerData,
      transferList: [host.port],
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, stackSizeMb: stackMegabytes },
    });
    this.worker = worker;
    worker.on('message', (reply: KernelReply) => {
      if (reply.kind === 'output') {
        this.listeners.output(reply.pieces);
      } else {
        this.pending.get(reply.id)?.resolve(reply.value);
        this.pending.delete(reply.id);
      }
    });
    worker.on('error', (error: Error & { code?: string; details?: ErrorDetails }) => {
      if (error.code === 'device.failed') {
        if (this.worker === worker) this.end(new LabError('device.failed', error.details));
        return;
      }
      const reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crashed';
      if (this.worker === worker) this.end({ status: 'lost', reason, detail: error.message });
    });
    return worker;
  }

  private end(lost: Lost | LabError): void {
    void this.worker?.terminate();
    this.worker = null;
    // What was asked for beside the cell is empty now.
    for (const { call, resolve } of this.pending.values()) if (call !== 'run') resolve(emptyAnswers[call]);
    this.pending.clear();
    this.running?.(lost);
  }
}
