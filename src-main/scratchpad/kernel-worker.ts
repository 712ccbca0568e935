import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { loadAddon } from '../engine/addon';
import { Kernel } from './kernel';
import type { KernelData, KernelReply, KernelRequest } from './kernel-messages';
import { HostLine } from './host-line';
import { OutputBuffer } from './output-buffer';
import { createTorch } from './torch/torch';

/** Entry of the thread that runs a notebook's cells. While one runs nothing else is answered; the main thread of the process is. */
if (!parentPort) throw new Error('this file runs in a worker thread');
const port = parentPort;
const post = (reply: KernelReply): void => port.postMessage(reply);

// A measurement of memory means something only after a collection.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
const collectGarbage = (young = false): void => (young ? collect({ type: 'minor' }) : collect());

const { stop, host } = workerData as KernelData;
const output = new OutputBuffer((pieces) => post({ kind: 'output', pieces }));
const kernel = new Kernel({
  torch: createTorch(loadAddon(), { host: new HostLine(host), collectGarbage }),
  output: (piece) => output.add(piece),
  onCheck: () => output.flushIfDue(),
  stopFlag: new Int32Array(stop),
  measure: () => {
    collectGarbage();
    const { used_heap_size, external_memory } = getHeapStatistics();
    return used_heap_size + external_memory;
  },
});

port.on('message', (request: KernelRequest) => {
  const { id } = request;
  switch (request.call) {
    case 'run': {
      const value = kernel.run(request.code);
      output.flush();
      post({ kind: 'answer', id, value });
      return;
    }
    case 'variables':
      post({ kind: 'answer', id, value: kernel.variables() });
      return;
    case 'graph':
      post({ kind: 'answer', id, value: kernel.graph(request.name) });
      return;
    case 'view':
      post({ kind: 'answer', id, value: kernel.view(request.name, request.as) });
      return;
    case 'networkSource':
      post({ kind: 'answer', id, value: kernel.networkSource(request.name) });
      return;
    case 'network':
      post({ kind: 'answer', id, value: kernel.network(request.name, request.choice) });
      return;
    case 'complete':
      post({ kind: 'answer', id, value: kernel.complete(request.code, request.line, request.column) });
      return;
  }
});
