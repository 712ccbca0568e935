import { computed, onScopeDispose, reactive, ref, shallowRef, triggerRef, watch } from 'vue';
import type { Drawing, NetworkSource, Suggestion, ValueView, VariableInfo } from '../../../shared/api/scratchpad';
import { LabError, toLabError } from '../../../shared/errors';
import type { RecordedGraph } from '../../../shared/recorded-graph/recorded-graph';
import { lab } from '../../client';
import { useProjectStore } from '../../stores/project';
import { makeCell, withOutputs, type Cell } from './cell';
import { useNotebookFile } from './use-notebook-file';

/** Survives a reload of the page: the notebook is taken up again, with its variables. */
const openKey = 'deltalab.scratchpad';

/** The cells of the open project, and the process that runs them. */
export function useNotebook() {
  const project = useProjectStore();
  const cells = shallowRef<Cell[]>([]);
  const variables = shallowRef<VariableInfo[]>([]);
  /** The variables are gone, and why. */
  const lost = shallowRef<LabError | null>(null);
  /** A cell of before the page was loaded anew is still running. */
  const orphan = ref(false);
  /** The cells of the project are there. */
  const ready = ref(false);
  const removed = shallowRef<{ cell: Cell; index: number } | null>(null);
  const waiting: Cell[] = [];
  let handle: string | null = null;
  let opening: Promise<string> | null = null;
  let left = false;
  let runs = 0;
  let restarting: Promise<unknown> = Promise.resolve();
  /** The running cell has been handed to its process: from then on that can stop it. */
  let handedOver: Promise<void> = Promise.resolve();

  const running = computed(() => cells.value.some(({ state }) => state !== 'idle') || orphan.value);
  const file = useNotebookFile(cells, () => running.value);
  const { save } = file;

  async function load(): Promise<void> {
    await file.load();
    ready.value = true;
    const id = sessionStorage.getItem(openKey);
    if (id !== null) await open(id).catch(() => undefined);
  }

  /** One at a time: a cell and a suggestion that both ask for the first handle mean the same notebook. */
  function open(id: string | null = handle): Promise<string> {
    opening ??= openOnce(id).finally(() => (opening = null));
    return opening;
  }

  async function openOnce(id: string | null): Promise<string> {
    const opened = await lab.call('scratchpad.open', { scratchpad: id, project: project.project?.id ?? null });
    // Numbers of runs begin anew with the variables.
    if (opened.scratchpad !== id) runs = 0;
    if (left) return opened.scratchpad;
    handle = opened.scratchpad;
    sessionStorage.setItem(openKey, handle);
    if (opened.running !== null && !cells.value.some((cell) => cell.id === opened.running)) void awaitOrphan();
    else variables.value = opened.variables;
    return handle;
  }

  /** Its answer went to a page that is gone: it is over when the variables can be read again. */
  async function awaitOrphan(): Promise<void> {
    if (orphan.value) return;
    orphan.value = true;
    while (orphan.value && handle !== null) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await refresh().then(
        () => (orphan.value = false),
        (error: unknown) => {
          if (toLabError(error).code !== 'scratchpad.busy') orphan.value = false;
        },
      );
    }
  }

  /** A notebook that is still being opened is closed as soon as it is there. */
  async function leave(last: Promise<string | null>): Promise<void> {
    left = true;
    const id = await last;
    if (id !== null) await lab.call('scratchpad.close', { scratchpad: id });
  }

  async function refresh(): Promise<void> {
    if (handle !== null) variables.value = await lab.call('scratchpad.variables', { scratchpad: handle });
  }

  /** Runs a cell when those before it have ended; after one that fails the rest is left alone. */
  async function run(...asked: Cell[]): Promise<void> {
    const busy = waiting.length > 0 || cells.value.some(({ state }) => state === 'running');
    for (const cell of asked) {
      if (cell.state !== 'idle') continue;
      cell.state = 'waiting';
      waiting.push(cell);
    }
    triggerRef(cells);
    if (busy) return;
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      if (!(await execute(cell))) dropWaiting();
    }
  }

  function dropWaiting(): void {
    for (const cell of waiting.splice(0)) cell.state = 'idle';
  }

  async function execute(cell: Cell): Promise<boolean> {
    Object.assign(cell, { state: 'running', outputs: [], outcome: null, failure: null, ran: cell.code });
    lost.value = null;
    let hasHandedOver = (): void => undefined;
    handedOver = new Promise((resolve) => (hasHandedOver = resolve));
    try {
      // What is asked for at once after a restart belongs to the new beginning.
      await restarting;
      // A cell that asks for the data or the network of the project means what is on the page. A failure to save is shown there.
      await project.flush().catch(() => undefined);
      const outcome = await ask((scratchpad) => {
        const answer = lab.call('scratchpad.run', { scratchpad, cell: cell.id, code: cell.code });
        hasHandedOver();
        return answer;
      });
      cell.outcome = outcome;
      cell.count = runs += 1;
      if (outcome.status === 'lost') forgetRuns();
      return outcome.status === 'done';
    } catch (error) {
      cell.failure = toLabError(error);
      return false;
    } finally {
      hasHandedOver();
      cell.state = 'idle';
      triggerRef(cells);
      await refresh().catch(() => undefined);
    }
  }

  /** With the notebook's handle, opened where it is not; one that the lab has closed meanwhile is opened anew. */
  async function ask<Answer>(call: (scratchpad: string) => Promise<Answer>): Promise<Answer> {
    const id = handle ?? (await open());
    try {
      return await call(id);
    } catch (error) {
      if (toLabError(error).code !== 'scratchpad.not-open') throw error;
      return call(handle !== null && handle !== id ? handle : await open(null));
    }
  }

  async function stop(): Promise<void> {
    dropWaiting();
    triggerRef(cells);
    await handedOver;
    if (handle !== null) await lab.call('scratchpad.stop', { scratchpad: handle }).catch(() => undefined);
  }

  /** Forgets all variables; a running cell is ended. */
  async function restart(): Promise<void> {
    dropWaiting();
    triggerRef(cells);
    if (handle !== null)
      restarting = lab.call('scratchpad.reset', { scratchpad: handle }).catch((error: unknown) => {
        if (toLabError(error).code !== 'scratchpad.not-open') lost.value = toLabError(error);
      });
    await restarting;
    orphan.value = false;
    variables.value = [];
    forgetRuns();
  }

  function forgetRuns(): void {
    runs = 0;
    for (const cell of cells.value) cell.count = null;
  }

  async function complete(code: string, line: number, column: number): Promise<Suggestion[]> {
    return ask((scratchpad) => lab.call('scratchpad.complete', { scratchpad, code, line, column }));
  }

  /** The numbers of a variable as a picture; null: it holds none. */
  function view(name: string, as: ValueView): Promise<Drawing | null> {
    return ask((scratchpad) => lab.call('scratchpad.view', { scratchpad, name, as }));
  }

  /** How the value of a variable was computed. */
  function graph(name: string): Promise<RecordedGraph> {
    return ask((scratchpad) => lab.call('scratchpad.graph', { scratchpad, name }));
  }

  /** What has to be asked before a variable is opened as a network. */
  function networkSource(name: string): Promise<NetworkSource> {
    return ask((scratchpad) => lab.call('scratchpad.networkSource', { scratchpad, name }));
  }

  /** With the handle of the notebook, for those who make a network of a variable. */
  function withHandle<Answer>(call: (scratchpad: string) => Promise<Answer>): Promise<Answer> {
    return ask(call);
  }

  function edit(cell: Cell, code: string): void {
    cell.code = code;
    save();
  }

  function insert(index: number, codes: readonly string[] = ['']): Cell[] {
    const made = codes.map((code) => makeCell(code));
    cells.value = cells.value.toSpliced(index, 0, ...made);
    save();
    return made;
  }

  /** Before something else is put in the place of cells without text. */
  function clear(): void {
    cells.value = [];
  }

  function remove(cell: Cell): void {
    const index = cells.value.indexOf(cell);
    if (index < 0 || cell.state !== 'idle') return;
    removed.value = { cell, index };
    cells.value = cells.value.toSpliced(index, 1);
    if (cells.value.length === 0) cells.value = [makeCell()];
    save();
  }

  function restore(): void {
    if (!removed.value) return;
    const { cell, index } = removed.value;
    cells.value = cells.value.toSpliced(Math.min(index, cells.value.length), 0, cell);
    removed.value = null;
    save();
  }

  function move(cell: Cell, by: -1 | 1): void {
    const index = cells.value.indexOf(cell);
    const to = index + by;
    if (index < 0 || to < 0 || to >= cells.value.length) return;
    cells.value = cells.value.toSpliced(index, 1).toSpliced(to, 0, cell);
    save();
  }

  const listeners = [
    lab.on('scratchpad.output', ({ scratchpad, cell: id, pieces }) => {
      const cell = scratchpad === handle ? cells.value.find((one) => one.id === id) : undefined;
      if (cell) cell.outputs = withOutputs(cell.outputs, pieces);
    }),
    lab.on('scratchpad.died', ({ scratchpad, error }) => {
      if (scratchpad !== handle) return;
      lost.value = LabError.fromRecord(error);
      variables.value = [];
      forgetRuns();
    }),
  ];
  // Another connection is another holder: the notebook would be closed behind its back.
  watch(lab.connection, (state) => {
    if (state === 'connected' && handle !== null) void open().catch(() => undefined);
  });
  onScopeDispose(() => {
    for (const end of listeners) end();
    orphan.value = false;
    void leave(opening ?? Promise.resolve(handle)).catch(() => undefined);
    handle = null;
    sessionStorage.removeItem(openKey);
  });
  void load();

  return reactive({
    cells,
    variables,
    lost,
    fileError: file.error,
    conflict: file.conflict,
    keepMine: file.keepMine,
    takeTheirs: file.takeTheirs,
    orphan,
    removed,
    running,
    ready,
    run,
    stop,
    restart,
    complete,
    view,
    graph,
    networkSource,
    withHandle,
    edit,
    insert,
    clear,
    remove,
    restore,
    move,
  });
}

export type Notebook = ReturnType<typeof useNotebook>;
