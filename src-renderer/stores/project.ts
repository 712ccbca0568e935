import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { CallInput, ImportReport, OpenProject } from '../../shared/api/contract';
import { type LabError, toLabError } from '../../shared/errors';
import type { ProjectDocument } from '../../shared/project/document';
import { lab } from '../client';
import { afterRedo, afterUndo, emptyHistory, withEdit } from './undo';

const saveAfter = 400;

/** The open project: its document, undo, and saving by itself. */
export const useProjectStore = defineStore('project', () => {
  const project = shallowRef<Pick<OpenProject, 'id' | 'path' | 'readOnly'> | null>(null);
  /** Replaced by every edit, never changed in place. */
  const document = shallowRef<Readonly<ProjectDocument> | null>(null);
  const history = shallowRef(emptyHistory);
  const saveState = ref<'saved' | 'saving' | 'failed'>('saved');
  const saveError = shallowRef<LabError | null>(null);
  const readOnly = computed(() => project.value?.readOnly ?? null);
  const undoLabel = computed(() => history.value.undo.at(-1)?.label ?? null);
  const redoLabel = computed(() => history.value.redo.at(-1)?.label ?? null);

  /** Save what pages keep beside the document. */
  const savers = new Set<() => Promise<void>>();
  let revision = 0;
  /** The document as the host has it. */
  let saved: ProjectDocument | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let saving: Promise<void> | null = null;

  function show(opened: OpenProject): void {
    project.value = { id: opened.id, path: opened.path, readOnly: opened.readOnly };
    document.value = opened.document;
    saved = opened.document;
    revision = opened.revision;
    history.value = emptyHistory;
    saveState.value = 'saved';
    saveError.value = null;
  }

  async function open(path: string): Promise<void> {
    const opened = await lab.call('projects.open', { path });
    await leave();
    show(opened);
  }

  async function create(input: CallInput<'projects.create'>): Promise<void> {
    const opened = await lab.call('projects.create', input);
    await leave();
    show(opened);
  }

  /** A new project from an ONNX file; says how many layers it has, and how many nodes are none. */
  async function importModel(input: CallInput<'models.import'>): Promise<ImportReport> {
    const { project: opened, report } = await lab.call('models.import', input);
    await leave();
    show(opened);
    return report;
  }

  /** A new project of a network from a notebook. */
  async function openNetwork(input: CallInput<'scratchpad.openNetwork'>): Promise<ImportReport> {
    const { project: opened, report } = await lab.call('scratchpad.openNetwork', input);
    await leave();
    show(opened);
    return report;
  }

  /** Puts a network from a notebook in the place of the project's own; one step that can be undone. */
  async function replaceNetwork(
    input: Omit<CallInput<'scratchpad.replaceNetwork'>, 'project' | 'revision'>,
  ): Promise<ImportReport | null> {
    await flush();
    if (!project.value) return null;
    const answer = await lab.call('scratchpad.replaceNetwork', { ...input, project: project.value.id, revision });
    adopt(answer, 'scratchpad.network.undo');
    return answer.report;
  }

  /** Saves and lets go of the project. Stays open, and throws, when it can't be saved. */
  async function close(): Promise<void> {
    await leave();
    project.value = null;
    document.value = null;
    saved = null;
    history.value = emptyHistory;
  }

  async function leave(): Promise<void> {
    const leaving = project.value;
    if (!leaving) return;
    await flush();
    for (const save of savers) await save();
    await lab.call('projects.close', { project: leaving.id });
  }

  /** `save` is awaited before the project is let go of; when it rejects, the project stays open. Returns what ends that. */
  function saveBeforeLeaving(save: () => Promise<void>): () => void {
    savers.add(save);
    return () => savers.delete(save);
  }

  function edit(label: string, change: (draft: ProjectDocument) => void, options: { merge?: string } = {}): void {
    const before = document.value;
    if (!before || readOnly.value) return;
    // Documents are JSON; a copy by text also drops Vue's proxies, should a component put one in.
    const text = JSON.stringify(before);
    const draft = JSON.parse(text) as ProjectDocument;
    change(draft);
    const changed = JSON.stringify(draft);
    if (changed === text) return;
    const after = JSON.parse(changed) as ProjectDocument;
    history.value = withEdit(history.value, { label, before, after, merge: options.merge ?? null, at: Date.now() });
    document.value = after;
    saveSoon();
  }

  /** Takes over a document that the host changed (and saved) itself, as one step that can be undone. */
  function adopt(changed: { document: ProjectDocument; revision: number }, label: string): void {
    const before = document.value;
    if (!before) return;
    const entry = { label, before, after: changed.document, merge: null, at: Date.now() };
    history.value = withEdit(history.value, entry);
    document.value = changed.document;
    saved = changed.document;
    revision = changed.revision;
    saveState.value = 'saved';
    saveError.value = null;
  }

  function undo(): void {
    const step = afterUndo(history.value);
    if (step && !readOnly.value) move(step);
  }

  function redo(): void {
    const step = afterRedo(history.value);
    if (step && !readOnly.value) move(step);
  }

  function move(step: { history: typeof emptyHistory; document: ProjectDocument }): void {
    history.value = step.history;
    document.value = step.document;
    saveSoon();
  }

  function saveSoon(): void {
    saveState.value = 'saving';
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      // The failure is kept in saveError, where the top bar shows it.
      flush().catch(() => undefined);
    }, saveAfter);
  }

  /** Saves now what is not saved yet; rejects with the reason when that fails. Nothing is lost: the page keeps the document. */
  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    while (saving) await saving.catch(() => undefined);
    if (!project.value) return;
    if (document.value === saved) {
      // Undone back to what is on disk.
      saveState.value = 'saved';
      saveError.value = null;
      return;
    }
    saving = save(project.value.id);
    try {
      await saving;
    } finally {
      saving = null;
    }
    if (document.value !== saved && saveState.value !== 'failed') await flush();
  }

  async function save(id: string): Promise<void> {
    const sent = document.value;
    if (!sent) return;
    saveState.value = 'saving';
    try {
      const answer = await lab.call('projects.update', { project: id, revision, document: sent });
      revision = answer.revision;
      saved = sent;
      saveError.value = null;
      if (document.value === sent) saveState.value = 'saved';
    } catch (error) {
      saveState.value = 'failed';
      saveError.value = toLabError(error);
      throw saveError.value;
    }
  }

  /** Gives up what could not be saved and shows the project as it is on disk. */
  async function reload(): Promise<void> {
    const current = project.value;
    if (!current) return;
    // Let go first: an open project would be answered from the host's memory, a read-only one would stay so.
    await lab.call('projects.close', { project: current.id });
    show(await lab.call('projects.open', { path: current.path }));
  }

  /** Fetches what another window of the same lab saved. */
  async function follow(): Promise<void> {
    const current = project.value;
    if (!current) return;
    const opened = await lab.call('projects.open', { path: current.path });
    // Opened twice now; the host counts.
    await lab.call('projects.close', { project: opened.id });
    if (document.value === saved && opened.revision > revision) adopt(opened, 'frame.project.otherWindow');
  }

  // Another window of the same lab saved: this one follows, unless it has changes of its own.
  lab.on('project.saved', (event) => {
    if (event.project !== project.value?.id || saving || event.revision <= revision) return;
    // Should it fail, the next save is refused as stale and says so.
    if (document.value === saved) follow().catch(() => undefined);
  });

  /** The host let go of what the lost connection held: opens the project again and saves what is unsaved. */
  async function resume(): Promise<void> {
    const current = project.value;
    if (!current) return;
    const opened = await lab.call('projects.open', { path: current.path });
    project.value = { id: opened.id, path: opened.path, readOnly: opened.readOnly };
    // Opened afresh the host counts from one again; where its document is another, the save is refused as stale and says so.
    if (JSON.stringify(opened.document) === JSON.stringify(saved)) revision = opened.revision;
    else if (document.value === saved) adopt(opened, 'frame.project.otherWindow');
    await flush();
  }

  watch(lab.connection, (state, before) => {
    // A failure to save is kept in saveError; a connection lost again starts this again.
    if (state === 'connected' && before === 'lost') resume().catch(() => undefined);
  });

  return {
    project,
    document,
    readOnly,
    saveState,
    saveError,
    undoLabel,
    redoLabel,
    open,
    create,
    importModel,
    openNetwork,
    replaceNetwork,
    close,
    edit,
    adopt,
    undo,
    redo,
    flush,
    saveBeforeLeaving,
    reload,
  };
});
