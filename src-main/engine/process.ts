import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toErrorRecord, LabError } from '../../shared/errors';
import type { HostAnswer } from '../scratchpad/host-calls';
import { KernelThread } from '../scratchpad/kernel-thread';
import { loadAddon } from './addon';
import type { NativeEngine, NativeSession } from './native';
import {
  commandSchema,
  engineCalls,
  toFailure,
  type EngineCallName,
  type EngineFailure,
  type EngineInput,
  type EngineOutput,
  type Report,
} from './protocol';
import { inspectAnswers } from './inspect/answers';
import { Training } from './training';

/**
 * Entry of an engine process: loads the addon, answers calls, trains. Started by child_process.fork or by Electron's
 * utilityProcess; the two differ only in how messages travel.
 */
interface Port {
  send(report: Report): void;
  onMessage(listener: (message: unknown) => void): void;
}

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const heartbeatMilliseconds = 1000;

type Answers = {
  [Name in EngineCallName]: (input: EngineInput<Name>) => EngineOutput<Name> | Promise<EngineOutput<Name>>;
};

function connect(): Port {
  const parentPort = (process as NodeJS.Process & { parentPort?: ParentPort }).parentPort;
  if (parentPort) {
    return {
      send: (report) => parentPort.postMessage(report),
      onMessage: (listener) => parentPort.on('message', (event) => listener(event.data)),
    };
  }
  // Without the host there is nobody to train for.
  process.on('disconnect', () => process.exit(0));
  return {
    send: (report) => void (process.connected && process.send?.(report)),
    onMessage: (listener) => void process.on('message', listener),
  };
}

function serve(native: NativeEngine, port: Port): void {
  let training: Training | null = null;
  const sessions = new Map<number, NativeSession>();
  let lastSession = 0;
  const opened = (): Training => {
    if (!training) throw new Error('no training is open in this process');
    return training;
  };

  const asked = new Map<number, (answer: HostAnswer) => void>();
  let lastAsked = 0;
  const notebook = new KernelThread(join(dirname(fileURLToPath(import.meta.url)), 'kernel.js'), {
    output: (pieces) => port.send({ kind: 'cell-output', pieces }),
    askHost: (call, input) =>
      new Promise((resolve) => {
        const id = (lastAsked += 1);
        asked.set(id, resolve);
        port.send({ kind: 'host-call', id, call, input });
      }),
  });

  const answers: Answers = {
    open: (input) => {
      if (training) throw new Error('a training is already open in this process');
      const created = new Training(native, input, (report) => port.send(report));
      training = created;
      created.loop().catch((error: unknown) => port.send({ kind: 'broken', error: describe(error) }));
      return null;
    },
    run: () => opened().command(() => (opened().run(), null)),
    pause: () => opened().command(() => (opened().pause(), null)),
    step: ({ unit, count }) => opened().command(() => (opened().step(unit, count), null)),
    setSpeed: (speed) => opened().command(() => (opened().setSpeed(speed), null)),
    setLearningRate: ({ lane, learningRate }) =>
      opened().command(() => (opened().trainer.setLearningRate(lane, learningRate), null)),
    stop: () => opened().command(() => (opened().stop(), null)),
    checkpointWritten: () => {
      opened().checkpointWritten();
      return null;
    },
    predict: ({ lane, inputs, count }) => opened().command(() => opened().trainer.predict(lane, inputs, count)),
    weights: (lane) =>
      opened().command(() => ({
        last: opened().trainer.weights(lane),
        best: opened().trainer.bestWeights(lane),
      })),
    operators: () => native.operators(),
    cards: ({ library }) => native.cards(library),
    missingOperators: ({ graph, library }) => native.missingOperators(graph, library),
    trainingMemory: (plan) => native.trainingMemory(plan),
    openSession: ({ graph, ...options }) => {
      sessions.set((lastSession += 1), native.createSession(graph, options));
      return lastSession;
    },
    runSession: ({ session, inputs }) => {
      const found = sessions.get(session);
      if (!found) throw new Error(`there is no session ${session} in this process`);
      return found.run(inputs);
    },
    closeSession: (session) => {
      sessions.get(session)?.dispose();
      sessions.delete(session);
      return null;
    },
    infer: ({ graph, inputs, threads }) => native.infer(graph, inputs, { threads }),
    gradients: ({ graph, inputs, target, loss, threads }) => native.gradients(graph, inputs, target, loss, { threads }),
    ...inspectAnswers(native),
    runCell: ({ code }) => notebook.run(code),
    answerCell: ({ id, answer }) => {
      asked.get(id)?.(answer);
      asked.delete(id);
      return null;
    },
    stopCell: () => (notebook.stop(), null),
    resetNotebook: () => (notebook.reset(), null),
    listVariables: () => notebook.variables(),
    recordedGraph: ({ name }) => notebook.graph(name),
    viewVariable: ({ name, as }) => notebook.view(name, as),
    networkSource: ({ name }) => notebook.networkSource(name),
    networkGraph: ({ name, ...choice }) => notebook.network(name, choice),
    suggest: ({ code, line, column }) => notebook.complete(code, line, column),
  };

  port.onMessage((message) => {
    const command = commandSchema.parse(message);
    if (command.kind === 'exit') process.exit(0);
    void answer(command.id, command.call, command.input);
  });

  async function answer<Name extends EngineCallName>(id: number, call: Name, input: unknown): Promise<void> {
    try {
      const parsed = engineCalls[call].input.parse(input) as EngineInput<Name>;
      port.send({ kind: 'answer', id, ok: true, value: await answers[call](parsed) });
    } catch (error) {
      const failure = describe(error);
      port.send({ kind: 'refusal', id, error: failure });
      // Nothing can be asked of the card any more: the training on it is over.
      if (failure.code === 'device.failed' && training) port.send({ kind: 'broken', error: failure });
    }
  }

  setInterval(() => {
    port.send({ kind: 'heartbeat', step: training ? training.trainer.progress().step : null });
  }, heartbeatMilliseconds);
  port.send({ kind: 'ready', build: native.info() });
}

function describe(error: unknown): EngineFailure {
  if (!(error instanceof LabError)) return toFailure(error);
  const { code, message, details } = toErrorRecord(error);
  return toFailure(Object.assign(new Error(message), { code, details }));
}

// Ctrl+C in a terminal reaches the whole group; the host decides what it means and tells us.
process.on('SIGINT', () => undefined);

const port = connect();
let native: NativeEngine | null = null;
try {
  native = loadAddon();
} catch (error) {
  // Ends when the host has heard why.
  port.onMessage(() => process.exit(1));
  port.send({ kind: 'failed-to-start', error: describe(error) });
}
if (native) serve(native, port);
